package syslog

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"weir/internal/fault"
)

const (
	ownCert = "syslog.crt"
	ownKey  = "syslog.key"
	// ownYears is how long weir's own certificate holds. Nobody renews the trust in it on a thousand devices.
	ownYears = 10
)

// loadTLS makes the listener's configuration from the files given, or from weir's own certificate.
func (s *Source) loadTLS(now time.Time) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	certFile, keyFile, own := s.cfg.TLS.Cert, s.cfg.TLS.Key, s.cfg.TLS.Cert == ""
	if own {
		certFile, keyFile = filepath.Join(s.opts.Dir, ownCert), filepath.Join(s.opts.Dir, ownKey)
		if err := s.ensureOwn(certFile, keyFile, now); err != nil {
			return nil, err
		}
	}
	cert, bad := s.readPair(certFile, keyFile)
	if bad != nil {
		if own {
			bad.Do = "remove both files: weir makes new ones, and senders have to be given the new certificate"
		}
		return nil, bad
	}
	cfg.Certificates = []tls.Certificate{cert}
	if leaf := cert.Leaf; leaf != nil && now.After(leaf.NotAfter) {
		s.log.Warn("the TLS certificate has expired: senders that check it will not connect", "file", certFile, "until", leaf.NotAfter.Format(time.DateOnly))
	}
	if s.cfg.TLS.ClientCA == "" {
		return cfg, nil
	}
	pool, bad := s.readCA(s.cfg.TLS.ClientCA)
	if bad != nil {
		return nil, bad
	}
	cfg.ClientAuth, cfg.ClientCAs = tls.RequireAndVerifyClientCert, pool
	return cfg, nil
}

// certFault is a fault of a certificate file.
func (s *Source) certFault(key, what, why, do string, cause error) *fault.Error {
	return &fault.Error{Code: "certificate-bad", What: what, Where: s.opts.Config + ".tls." + key, Why: why, Do: do, Exit: fault.ExitUsage, Cause: cause}
}

// readPair reads a certificate and its key, and says which of the two is at fault and why. The standard library knows
// only that something is wrong with the pair.
func (s *Source) readPair(certFile, keyFile string) (tls.Certificate, *fault.Error) {
	const do = "give the matching pair as PEM files, or remove both lines: weir makes its own"
	certPEM, err := os.ReadFile(certFile)
	if err != nil {
		return tls.Certificate{}, s.certFault("cert", "the certificate cannot be read", fileReason(certFile, err), do, err)
	}
	keyPEM, err := os.ReadFile(keyFile)
	if err != nil {
		return tls.Certificate{}, s.certFault("key", "the key cannot be read", fileReason(keyFile, err), do, err)
	}
	leaf, err := firstCert(certPEM)
	if err != nil {
		return tls.Certificate{}, s.certFault("cert", "the certificate cannot be read", certFile+" holds no certificate in PEM form", do, err)
	}
	if block, _ := pem.Decode(keyPEM); block == nil {
		return tls.Certificate{}, s.certFault("key", "the key cannot be read", keyFile+" holds no key in PEM form", do, nil)
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err == nil {
		return pair, nil
	}
	why := fmt.Sprintf("%s (CN=%s, to %s) has another public key than %s", filepath.Base(certFile), leaf.Subject.CommonName, leaf.NotAfter.Format(time.DateOnly), filepath.Base(keyFile))
	if !parsesKey(keyPEM) {
		why = keyFile + " holds no key that weir can use without a password"
	}
	return tls.Certificate{}, s.certFault("cert", "key and certificate do not belong together", why, do, err)
}

// readCA reads the certificates that sign clients' certificates.
func (s *Source) readCA(file string) (*x509.CertPool, *fault.Error) {
	const do = "give the CA's certificate as a PEM file, or remove the line: then no client certificate is asked for"
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, s.certFault("client_ca", "the CA of the clients cannot be read", fileReason(file, err), do, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, s.certFault("client_ca", "the CA of the clients cannot be read", file+" holds no certificate in PEM form", do, nil)
	}
	return pool, nil
}

// fileReason says in the user's words why a file cannot be read.
func fileReason(file string, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return file + " does not exist"
	case errors.Is(err, fs.ErrPermission):
		return file + " is not readable for this user"
	}
	return err.Error()
}

// firstCert returns the first certificate of a PEM file, which is the server's own; its issuers follow.
func firstCert(text []byte) (*x509.Certificate, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
	return nil, errors.New("no certificate")
}

// parsesKey tells whether a key file is good by itself.
func parsesKey(text []byte) bool {
	block, _ := pem.Decode(text)
	if block == nil {
		return false
	}
	_, err8 := x509.ParsePKCS8PrivateKey(block.Bytes)
	_, err1 := x509.ParsePKCS1PrivateKey(block.Bytes)
	_, errEC := x509.ParseECPrivateKey(block.Bytes)
	return err8 == nil || err1 == nil || errEC == nil
}

// ensureOwn makes weir's own certificate where there is none, or where it has expired. One that cannot be read is left
// alone: senders may trust it, and only the user can tell.
func (s *Source) ensureOwn(certFile, keyFile string, now time.Time) error {
	text, err := os.ReadFile(certFile)
	if err == nil {
		leaf, err := firstCert(text)
		if err != nil || now.Before(leaf.NotAfter) {
			return nil //nolint:nilerr // readPair says what is wrong with it
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil // as above
	}
	if err := os.MkdirAll(s.opts.Dir, 0o700); err != nil {
		return fmt.Errorf("making the folder of the certificate: %w", err)
	}
	certPEM, keyPEM, sum, err := makeOwn(now)
	if err != nil {
		return fmt.Errorf("making a certificate: %w", err)
	}
	// The key first: a crash between the two leaves a key without a certificate, and both are made again.
	if err := writeFile(keyFile, keyPEM, 0o600); err != nil {
		return fmt.Errorf("writing the key of the certificate: %w", err)
	}
	if err := writeFile(certFile, certPEM, 0o644); err != nil {
		return fmt.Errorf("writing the certificate: %w", err)
	}
	s.log.Info("made a TLS certificate; give it to senders that check whom they talk to", "file", certFile, "sha256", fmt.Sprintf("%X", sum))
	return nil
}

// writeFile replaces a file at once: a crash leaves the old one or the new one. The mode is that of the new file from
// its first byte on, so a key is never readable for others.
func writeFile(name string, data []byte, mode os.FileMode) error {
	tmp := name + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}

// makeOwn makes a key and a certificate signed by it, for this machine's names. sum is the fingerprint that users
// compare.
func makeOwn(now time.Time) (certPEM, keyPEM []byte, sum [sha256.Size]byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, sum, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, sum, err
	}
	names := []string{"localhost"}
	common := "weir"
	if host, err := os.Hostname(); err == nil && host != "" && host != "localhost" {
		names, common = append(names, host), host
	}
	cert := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: common, Organization: []string{"weir"}}, DNSNames: names,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		// A day back, for senders whose clock is behind.
		NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(ownYears, 0, 0),
		// A CA of itself, so that senders can be given this one file as the CA to trust.
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		return nil, nil, sum, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, sum, err
	}
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", keyDER), sha256.Sum256(der), nil
}

// encode writes one PEM block.
func encode(kind string, der []byte) []byte {
	var b bytes.Buffer
	_ = pem.Encode(&b, &pem.Block{Type: kind, Bytes: der}) // a buffer takes everything
	return b.Bytes()
}
