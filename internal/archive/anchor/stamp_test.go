package anchor

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"weir/internal/testkit"
)

// authority is a time-stamp server of the test, with its certificates.
type authority struct {
	root  *x509.Certificate
	cert  *x509.Certificate
	key   crypto.Signer
	spoil func(ts *timestamp.Timestamp) []byte // makes another answer; nil result: the honest one
	asked int
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		t.Fatal(err)
	}
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	a.root = issue(t, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test root"}, NotBefore: from, NotAfter: to, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, rootKey.Public(), rootKey)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.key = key
	// RFC 3161, 2.3: the one extended usage, and critical.
	a.cert = issue(t, &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "test stamps"}, NotBefore: from, NotAfter: to,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}}}, a.root, key.Public(), rootKey)
	return a
}

// issue signs a certificate.
func issue(t testing.TB, c, by *x509.Certificate, public any, key crypto.Signer) *x509.Certificate {
	t.Helper()
	if by == nil {
		by = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, public, key)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// answer stamps a request.
func (a *authority) answer(body []byte) ([]byte, error) {
	req, err := timestamp.ParseRequest(body)
	if err != nil {
		return nil, err
	}
	ts := &timestamp.Timestamp{HashAlgorithm: req.HashAlgorithm, HashedMessage: req.HashedMessage, Time: time.Now(), Nonce: req.Nonce, AddTSACertificate: req.Certificates,
		Policy: asn1.ObjectIdentifier{1, 2, 3, 4}}
	if a.spoil != nil {
		if b := a.spoil(ts); b != nil {
			return b, nil
		}
	}
	return ts.CreateResponseWithOpts(a.cert, a.key, crypto.SHA256)
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.asked++
	body, err := io.ReadAll(r.Body)
	if err == nil && r.Header.Get("Content-Type") == "application/timestamp-query" {
		body, err = a.answer(body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(body) // the test sees what the client got
}

// roots is a pool of one.
func (a *authority) roots() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.root)
	return p
}

func TestStamp_BesideTheCheckpoint(t *testing.T) {
	a := newAuthority(t)
	srv := httptest.NewServer(a)
	defer srv.Close()
	w := newWorld(t)
	w.grow(10)
	p, stop := w.run(Options{Stamp: srv.URL + "/tsa?key=secret", Roots: a.roots()})
	list, err := p.Publish(t.Context())
	if err != nil || len(list) > 1 {
		t.Fatal(list, err)
	}
	stop()
	dir := filepath.Join(w.archive, "log", Folder)
	names, err := Names(os.DirFS(filepath.Dir(dir)))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	note, err := os.ReadFile(filepath.Join(dir, names[0]))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := os.ReadFile(filepath.Join(dir, names[0]+StampEnd))
	if err != nil {
		t.Fatal(err)
	}
	s, err := CheckStamp(answer, note, a.roots())
	if err != nil || time.Since(s.Time) > time.Hour || s.By != "CN=test stamps" {
		t.Errorf("%+v %v", s, err)
	}
	if got := w.records(); !strings.Contains(got, "stamp tsa "+names[0]+" true") || strings.Contains(got, "secret") {
		t.Errorf("records: %s", got)
	}
	if _, err := CheckStamp(answer, append(note, 'x'), a.roots()); err == nil {
		t.Error("a stamp of something else")
	}
	if _, err := CheckStamp(answer, note, newAuthority(t).roots()); err == nil {
		t.Error("another root")
	}
	if _, err := CheckStamp(answer, note, nil); err != nil {
		t.Errorf("without roots: %v", err)
	}
	for i := range answer { // no byte of what is signed may change; elsewhere an answer may stay valid
		bad := bytes.Clone(answer)
		bad[i] ^= 0x40
		if got, err := CheckStamp(bad, note, a.roots()); err == nil && !got.Time.Equal(s.Time) {
			t.Fatalf("byte %d changed, and the time is %s", i, got.Time)
		}
	}
	opensslAccepts(t, a, dir, names[0])
}

// opensslAccepts checks a stamp with another program.
func opensslAccepts(t *testing.T, a *authority, dir, name string) {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Log("openssl is not here: its opinion of the stamp is not asked")
		return
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "ts", "-verify", "-in", filepath.Join(dir, name+StampEnd), "-data", filepath.Join(dir, name), "-CAfile", ca).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Verification: OK") {
		t.Errorf("openssl: %v %s", err, out)
	}
}

// TestStamp_OfOpenSSL: an answer that openssl made is accepted.
func TestStamp_OfOpenSSL(t *testing.T) {
	path, err := exec.LookPath("openssl")
	if err != nil {
		testkit.Skip(t, "openssl", "it stands in for a time-stamp server")
	}
	a, dir := newAuthority(t), t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	write("cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
	write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw}))
	write("serial", []byte("01\n"))
	write("tsa.conf", fmt.Appendf(nil, "[tsa]\ndefault_tsa=t\n[t]\nserial=%[1]s/serial\ncrypto_device=builtin\nsigner_cert=%[1]s/cert.pem\ncerts=%[1]s/ca.pem\nsigner_key=%[1]s/key.pem\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\nordering=no\ntsa_name=no\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n", dir))
	s := &stamper{url: "http://stamps.test/", roots: a.roots(), client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		write("ask.tsq", body)
		if out, err := exec.Command(path, "ts", "-reply", "-config", filepath.Join(dir, "tsa.conf"), "-section", "t", "-queryfile", filepath.Join(dir, "ask.tsq"), "-out", filepath.Join(dir, "a.tsr")).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("openssl: %w: %s", err, out)
		}
		b, err := os.ReadFile(filepath.Join(dir, "a.tsr"))
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(b))}, err
	})}}
	if _, at, err := s.stamp(t.Context(), []byte("checkpoint")); err != nil || time.Since(at) > time.Hour {
		t.Errorf("%v %v", at, err)
	}
}

// roundTrip is a function that answers requests.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestStamp_Failure(t *testing.T) {
	a := newAuthority(t)
	note := []byte("the checkpoint")
	client := func(h http.Handler) *stamper {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		return &stamper{url: srv.URL + "/?token=secret", roots: a.roots(), client: srv.Client()}
	}
	other := newAuthority(t)
	for name, spoil := range map[string]func(ts *timestamp.Timestamp) []byte{
		"a stamp of something else": func(ts *timestamp.Timestamp) []byte {
			sum := sha256.Sum256([]byte("x"))
			ts.HashedMessage = sum[:]
			return nil
		},
		"another nonce":  func(ts *timestamp.Timestamp) []byte { ts.Nonce = big.NewInt(7); return nil },
		"no nonce":       func(ts *timestamp.Timestamp) []byte { ts.Nonce = nil; return nil },
		"no certificate": func(ts *timestamp.Timestamp) []byte { ts.AddTSACertificate = false; return nil },
		"a strange authority": func(ts *timestamp.Timestamp) []byte {
			b, err := ts.CreateResponseWithOpts(other.cert, other.key, crypto.SHA256)
			if err != nil {
				t.Error(err)
			}
			return b
		},
		"signed by another key": func(ts *timestamp.Timestamp) []byte {
			b, err := ts.CreateResponseWithOpts(a.cert, other.key, crypto.SHA256)
			if err != nil {
				t.Error(err)
			}
			return b
		},
		"refused": func(*timestamp.Timestamp) []byte {
			b, err := timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.TimeNotAvailable)
			if err != nil {
				t.Error(err)
			}
			return b
		},
		"rubbish":  func(*timestamp.Timestamp) []byte { return []byte("<html>") },
		"nothing":  func(*timestamp.Timestamp) []byte { return []byte{} },
		"too much": func(*timestamp.Timestamp) []byte { return make([]byte, maxStamp+10) },
	} {
		t.Run(name, func(t *testing.T) {
			a.spoil = spoil
			defer func() { a.spoil = nil }()
			if _, _, err := client(a).stamp(t.Context(), note); err == nil {
				t.Error("accepted")
			}
		})
	}
	t.Run("not found", func(t *testing.T) {
		if _, _, err := client(http.NotFoundHandler()).stamp(t.Context(), note); err == nil || !strings.Contains(err.Error(), "404") {
			t.Error(err)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		s := &stamper{url: "http://user:secret@127.0.0.1:1/?token=secret", client: http.DefaultClient}
		if _, _, err := s.stamp(t.Context(), note); err == nil || strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
		if got := s.where(); got != "http://127.0.0.1:1/" {
			t.Errorf("where: %s", got)
		}
	})
}

// FuzzCheckStamp: whatever is accepted with roots is a stamp of the text.
func FuzzCheckStamp(f *testing.F) {
	a := newAuthority(f)
	note := []byte("the checkpoint")
	ask, err := timestamp.CreateRequest(bytes.NewReader(note), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true, Nonce: big.NewInt(5)})
	if err != nil {
		f.Fatal(err)
	}
	good, err := a.answer(ask)
	if err != nil {
		f.Fatal(err)
	}
	was, err := CheckStamp(good, note, a.roots())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := CheckStamp(b, note, a.roots()); err == nil && !got.Time.Equal(was.Time) {
			t.Fatalf("accepted with the time %s", got.Time)
		}
	})
}
