package syslog

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/config"
	"weir/internal/fault"
)

// authority is a CA of a test.
type authority struct {
	file string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newCA(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(file, encode("CERTIFICATE", der), 0o600); err != nil {
		t.Fatal(err)
	}
	return &authority{file, cert, key}
}

func (a *authority) issue(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func tlsSource(dir string, c config.SyslogTLS) *Source {
	return &Source{cfg: config.Syslog{TLS: c}, opts: Options{Dir: dir, Config: "inputs.syslog"}, log: slog.New(slog.DiscardHandler)}
}

func TestOwnCertificate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there")
	now := time.Now()
	first, err := tlsSource(dir, config.SyslogTLS{}).loadTLS(now)
	if err != nil {
		t.Fatal(err)
	}
	leaf := first.Certificates[0].Leaf
	host, _ := os.Hostname()
	for _, name := range []string{"localhost", "127.0.0.1", "::1", host} {
		if err := leaf.VerifyHostname(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "localhost"}); err != nil {
		t.Errorf("the certificate as its own CA: %v", err)
	}
	if years := leaf.NotAfter.Sub(now).Hours() / 24 / 365; years < 9.9 || years > 10.1 {
		t.Errorf("holds for %.1f years", years)
	}
	if first.MinVersion != tls.VersionTLS12 || first.ClientAuth != tls.NoClientCert {
		t.Errorf("version %x, client certificates %v", first.MinVersion, first.ClientAuth)
	}
	info, err := os.Stat(filepath.Join(dir, ownKey))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key: %v, %v", info.Mode(), err)
	}
	again, err := tlsSource(dir, config.SyslogTLS{}).loadTLS(now.AddDate(1, 0, 0))
	if err != nil || !again.Certificates[0].Leaf.Equal(leaf) {
		t.Errorf("the second start made another certificate: %v", err)
	}
	late, err := tlsSource(dir, config.SyslogTLS{}).loadTLS(now.AddDate(11, 0, 0))
	if err != nil || late.Certificates[0].Leaf.Equal(leaf) {
		t.Errorf("an expired certificate is still used: %v", err)
	}
}

func TestLoadTLS_Failure(t *testing.T) {
	dir := t.TempDir()
	save := func(name string, text []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	certA, keyA, _, err := makeOwn(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, keyB, _, err := makeOwn(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, key, other := save("fw.crt", certA), save("fw.key", keyA), save("other.key", keyB)
	text := save("text", []byte("hello"))
	locked := save("locked.key", encode("PRIVATE KEY", []byte("not a key")))
	for _, tt := range []struct {
		name      string
		cfg       config.SyslogTLS
		where     string
		what, why string
	}{
		{"pair of two", config.SyslogTLS{Cert: cert, Key: other}, "inputs.syslog.tls.cert", "key and certificate do not belong together", "has another public key than other.key"},
		{"no certificate file", config.SyslogTLS{Cert: dir + "/none", Key: key}, "inputs.syslog.tls.cert", "the certificate cannot be read", dir + "/none does not exist"},
		{"no key file", config.SyslogTLS{Cert: cert, Key: dir + "/none"}, "inputs.syslog.tls.key", "the key cannot be read", dir + "/none does not exist"},
		{"certificate is text", config.SyslogTLS{Cert: text, Key: key}, "inputs.syslog.tls.cert", "the certificate cannot be read", text + " holds no certificate in PEM form"},
		{"key is text", config.SyslogTLS{Cert: cert, Key: text}, "inputs.syslog.tls.key", "the key cannot be read", text + " holds no key in PEM form"},
		{"key with a password", config.SyslogTLS{Cert: cert, Key: locked}, "inputs.syslog.tls.cert", "key and certificate do not belong together", locked + " holds no key that weir can use without a password"},
		{"no CA file", config.SyslogTLS{Cert: cert, Key: key, ClientCA: dir + "/none"}, "inputs.syslog.tls.client_ca", "the CA of the clients cannot be read", dir + "/none does not exist"},
		{"CA is text", config.SyslogTLS{Cert: cert, Key: key, ClientCA: text}, "inputs.syslog.tls.client_ca", "the CA of the clients cannot be read", text + " holds no certificate in PEM form"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tlsSource(dir, tt.cfg).loadTLS(time.Now())
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "certificate-bad" || f.Exit != fault.ExitUsage || f.Do == "" {
				t.Fatalf("%#v", err)
			}
			if f.Where != tt.where || f.What != tt.what || !strings.Contains(f.Why, tt.why) {
				t.Errorf("where %q\nwhat %q\nwhy %q", f.Where, f.What, f.Why)
			}
		})
	}
	t.Run("own pair damaged", func(t *testing.T) {
		own := t.TempDir()
		if _, err := tlsSource(own, config.SyslogTLS{}).loadTLS(time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(own, ownKey), keyB, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := tlsSource(own, config.SyslogTLS{}).loadTLS(time.Now())
		if f, ok := errors.AsType[*fault.Error](err); !ok || !strings.HasPrefix(f.Do, "remove both files") {
			t.Errorf("%#v", err)
		}
	})
}
