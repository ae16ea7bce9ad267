package anchor

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"time"

	"github.com/digitorus/timestamp"
)

// maxStamp bounds what a time-stamp server may answer.
const maxStamp = 256 << 10

// StampEnd is the end of the name of a stamp, which is beside the checkpoint that it is of.
const StampEnd = ".tsr"

// stamper gets stamps of RFC 3161 from a server.
type stamper struct {
	url    string
	roots  *x509.CertPool // nil: any certificate that the stamp brings
	client *http.Client
}

// where is the server without what may be a secret.
func (s *stamper) where() string {
	u, err := url.Parse(s.url)
	if err != nil {
		return "the time-stamp server"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// stamp asks for a stamp of b and checks it. It returns the server's whole answer, as openssl ts reads it.
func (s *stamper) stamp(ctx context.Context, b []byte) (answer []byte, at time.Time, err error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, at, fmt.Errorf("making a nonce: %w", err)
	}
	// The nonce keeps an old answer from passing for a new one; the certificates are needed to check without asking anyone.
	ask, err := timestamp.CreateRequest(bytes.NewReader(b), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true, Nonce: nonce})
	if err != nil {
		return nil, at, fmt.Errorf("making a time-stamp request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(ask))
	if err != nil {
		return nil, at, fmt.Errorf("asking for a time stamp: %w", bare(err))
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, at, fmt.Errorf("asking for a time stamp: %w", bare(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, at, fmt.Errorf("the time-stamp server answered %d", resp.StatusCode)
	}
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxStamp+1))
	if err != nil {
		return nil, at, fmt.Errorf("reading a time stamp: %w", err)
	}
	// Checked before it is kept: a stamp that nobody can verify later is worse than none, since nobody would miss it.
	ts, err := CheckStamp(answer, b, s.roots)
	if err != nil {
		return nil, at, err
	}
	if ts.Nonce == nil || ts.Nonce.Cmp(nonce) != 0 {
		return nil, at, errors.New("the stamp is one for another request")
	}
	return answer, ts.Time, nil
}

// bare takes the address out of an error of the HTTP client: it may have a password in it.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// Stamp is what a time stamp says.
type Stamp struct {
	Time  time.Time
	By    string // subject of the certificate
	Nonce *big.Int
}

// CheckStamp checks an answer of a time-stamp server over b: its signature, and with roots that its certificates are made
// for time stamps and lead there.
func CheckStamp(answer, b []byte, roots *x509.CertPool) (s Stamp, err error) {
	if len(answer) > maxStamp {
		return s, fmt.Errorf("a time stamp of more than %d bytes", maxStamp)
	}
	ts, err := timestamp.ParseResponse(answer)
	if err != nil {
		return s, fmt.Errorf("reading a time stamp: %w", err)
	}
	sum := sha256.Sum256(b)
	switch {
	case ts.HashAlgorithm != crypto.SHA256 || !bytes.Equal(ts.HashedMessage, sum[:]):
		return s, errors.New("the stamp is one of something else")
	case len(ts.Certificates) == 0:
		// Without them the library does not check the signature.
		return s, errors.New("the stamp has no certificate, so it cannot be checked")
	}
	signer := ts.Certificates[0]
	for _, c := range ts.Certificates {
		if !c.IsCA {
			signer = c
		}
	}
	s = Stamp{Time: ts.Time, By: signer.Subject.String(), Nonce: ts.Nonce}
	return s, checkCertificates(ts, roots)
}

// checkCertificates wants every certificate of the stamp to lead to a root: which of them signed is known to the library
// alone, and it is one of these.
func checkCertificates(ts *timestamp.Timestamp, roots *x509.CertPool) error {
	if roots == nil {
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range ts.Certificates {
		between.AddCert(c)
	}
	signers := 0
	for _, c := range ts.Certificates {
		use := x509.ExtKeyUsageAny
		if !c.IsCA {
			use = x509.ExtKeyUsageTimeStamping
			signers++
		}
		if _, err := c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: ts.Time, KeyUsages: []x509.ExtKeyUsage{use}}); err != nil {
			return fmt.Errorf("the certificate of %s, which came with the time stamp, is not trusted: %w", c.Subject, err)
		}
	}
	if signers == 0 {
		return errors.New("the time stamp came with certificates of authorities only")
	}
	return nil
}
