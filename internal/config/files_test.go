package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pair writes a certificate and its key.
func pair(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestCheckFiles(t *testing.T) {
	dir := t.TempDir()
	cert, key := pair(t, dir, "fw")
	_, otherKey := pair(t, dir, "other")
	file := filepath.Join(dir, "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tls := func(cert, key string) []Override {
		return []Override{{"inputs.syslog.tls.cert", cert, "--cert"}, {"inputs.syslog.tls.key", key, "--key"}}
	}
	for name, x := range map[string]struct {
		set       []Override
		code, why string
	}{
		"nothing named":      {},
		"matching pair":      {set: tls(cert, key)},
		"not a pair":         {tls(cert, otherKey), "certificate-bad", "private key does not match"},
		"no such key":        {tls(cert, key+"x"), "certificate-bad", "no such file"},
		"client ca":          {set: []Override{{"inputs.syslog.tls.client_ca", cert, "--ca"}}},
		"client ca no pem":   {[]Override{{"inputs.syslog.tls.client_ca", file, "--ca"}}, "certificate-bad", "no PEM certificate"},
		"client ca missing":  {[]Override{{"inputs.syslog.tls.client_ca", file + "x", "--ca"}}, "certificate-bad", "no such file"},
		"data is a file":     {[]Override{{"data", file, "--data"}}, "data-unusable", "a regular file"},
		"data is not there":  {set: []Override{{"data", file + "x", "--data"}}},
		"data is the folder": {set: []Override{{"data", dir, "--data"}}},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Load("", nil, x.set...)
			if err != nil {
				t.Fatal(err)
			}
			list := l.CheckFiles()
			if x.code == "" {
				if len(list) > 0 {
					t.Errorf("got %v", list)
				}
				return
			}
			if len(list) != 1 || list[0].Code != x.code || !strings.Contains(list[0].Why, x.why) || list[0].Where != x.set[0].By {
				t.Errorf("got %+v", list)
			}
		})
	}
}

// TestCheckFiles_all: everything that is wrong with the files is said in one run, each with its own place.
func TestCheckFiles_all(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := write(t, "data: "+file+"\ninputs:\n  syslog:\n    tls:\n      cert: no.crt\n      key: no.key\n      client_ca: no.ca\n")
	l, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	var where []string
	for _, e := range l.CheckFiles() {
		where = append(where, strings.TrimPrefix(e.Where, path))
	}
	if got := strings.Join(where, " "); got != ":5:13 :7:18 :1:7" {
		t.Errorf("places %s", got)
	}
}
