package kibana

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log" //nolint:depguard // net/http takes no other
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestNewClient_Failure(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none.pem")
	broken := filepath.Join(t.TempDir(), "broken.pem")
	if err := os.WriteFile(broken, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		server Server
		code   string
		do     string
	}{
		{"no scheme", Server{URL: "kibana:5601"}, "usage", "http://host:5601"},
		{"no host", Server{URL: "http://"}, "usage", "http://host:5601"},
		{"another scheme", Server{URL: "ftp://kibana"}, "usage", "http://host:5601"},
		{"a password in it", Server{URL: "http://elastic:s3cret@kibana:5601"}, "usage", "--password env:NAME"},
		{"no CA", Server{URL: "https://kibana:5601", CA: none}, "certificate-bad", "--ca"},
		{"no certificate in the CA", Server{URL: "https://kibana:5601", CA: broken}, "certificate-bad", "--ca"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newClient(tt.server)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != tt.code || f.Exit != fault.ExitUsage || !strings.Contains(f.Do, tt.do) {
				t.Errorf("%+v", f)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the password is shown: %v", err)
			}
		})
	}
}

// TestUnreachable: whoever cannot connect learns which of address, port, TLS and CA is wrong.
func TestUnreachable(t *testing.T) {
	secure := httptest.NewUnstartedServer(newStandIn(t).handler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes fail here on purpose
	secure.StartTLS()
	defer secure.Close()
	plain := newStandIn(t)
	gone := httptest.NewServer(nil)
	gone.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		server Server
		why    string
		do     string
	}{
		{"nobody there", Server{URL: gone.URL}, "connection refused", "start Kibana"},
		{"unknown CA", Server{URL: secure.URL}, "a CA that this system does not know", "--ca"},
		{"another name", Server{URL: strings.Replace(secure.URL, "127.0.0.1", "localhost", 1), CA: ca}, "for another name", "--url"},
		{"no TLS", Server{URL: strings.Replace(plain.URL, "http://", "https://", 1)}, "does not speak TLS", "http://"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Import(t.Context(), tt.server, nil, false)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "kibana-unreachable" || f.Exit != fault.ExitMissing || !strings.Contains(f.Why, tt.why) || !strings.Contains(f.Do, tt.do) {
				t.Errorf("%+v", f)
			}
		})
	}
	if r, err := Import(t.Context(), Server{URL: secure.URL, CA: ca}, objects(t), false); err != nil || r.Imported == 0 {
		t.Errorf("with the CA: %+v, %v", r, err)
	}
}

// TestImport_Interrupted: Ctrl-C is no fault of Kibana's.
func TestImport_Interrupted(t *testing.T) {
	k := newStandIn(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Import(ctx, Server{URL: k.URL}, objects(t), false)
	if !errors.Is(err, context.Canceled) || fault.Code(err) != "" {
		t.Errorf("%v", err)
	}
}
