// Package realelastic starts real Elasticsearch servers for tests, through deploy/dev/elastic.sh.
package realelastic

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/internal/testkit"
)

// Server is a real one, with one node or more.
type Server struct {
	URLs []string
	// Dir holds its data; with --secure the CA is in tls/ca.pem and an API key in api_key.
	Dir string

	script string
	client *http.Client
	key    string
}

// Start starts a server for one test, or skips the test unless WEIR_ELASTIC is set or WEIR_REQUIRE demands elastic or
// servers. args go to the script.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	if os.Getenv("WEIR_ELASTIC") == "" && !testkit.Required(t, "elastic") && !testkit.Required(t, "servers") {
		t.Skip("needs elastic: a real Elasticsearch is started where WEIR_ELASTIC=1 is set")
	}
	// Another user runs the server: no folder on the way may be private.
	dir, err := os.MkdirTemp("", "weir-elastic-") //nolint:usetesting // t.TempDir is private
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := &Server{Dir: dir, script: filepath.Join(testkit.Root(t), "deploy", "dev", "elastic.sh"), client: http.DefaultClient}
	port := testkit.FreePorts(t)
	t.Cleanup(func() {
		if out, err := exec.Command(s.script, "wipe", "--dir", dir).CombinedOutput(); err != nil {
			t.Errorf("wiping the server: %v\n%s", err, out)
		}
	})
	list := s.Run(t, "start", append([]string{"--port", strconv.Itoa(port), "--heap", "700m"}, args...)...)
	s.URLs = strings.Split(list, ",")
	if strings.HasPrefix(list, "https") {
		s.trust(t)
	}
	return s
}

// trust makes the client know the server's CA and an API key.
func (s *Server) trust(t testing.TB) {
	t.Helper()
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(filepath.Join(s.Dir, "tls", "ca.pem"))
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		t.Fatalf("reading the CA: %v", err)
	}
	s.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	key, err := os.ReadFile(filepath.Join(s.Dir, "api_key"))
	if err != nil {
		t.Fatal(err)
	}
	s.key = strings.TrimSpace(string(key))
}

// Run calls the script: stop, kill, pause, resume, start.
func (s *Server) Run(t testing.TB, command string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(s.script, append([]string{command, "--dir", s.Dir}, args...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out))
}

// Do sends a request to the first node and returns the status and the decoded answer.
func (s *Server) Do(t testing.TB, method, path, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URLs[0]+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if s.key != "" {
		req.Header.Set("Authorization", "ApiKey "+s.key)
	}
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	_ = json.Unmarshal(b, &m) // some answers are lists or empty
	return res.StatusCode, m
}

// patience is how long a server may count only a part: machines that test are slow at times.
const patience = 2 * time.Minute

// Count returns how many documents an index or pattern has, what was written last included. A server that has just come back
// knows its shards one by one; it is asked again until all of them are counted.
func (s *Server) Count(t testing.TB, index string) int {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		s.Do(t, "POST", "/"+index+"/_refresh", "")
		status, m := s.Do(t, "GET", "/"+index+"/_count", "")
		if status == http.StatusNotFound {
			return 0
		}
		shards, _ := m["_shards"].(map[string]any) // an error has none
		n, ok := m["count"].(float64)
		if ok && shards["failed"] == 0.0 {
			return int(n)
		}
		if !ok && status != http.StatusServiceUnavailable || time.Now().After(deadline) {
			t.Fatalf("counting %s: %d %v", index, status, m)
		}
	}
}
