package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	"weir/internal/testkit/realkafka"
)

// server is a real Kafka or Elasticsearch that a script of deploy/dev runs.
type server struct {
	t      testing.TB
	script string
	dir    string
	addrs  string // as the script prints them, separated by commas
}

// startServer starts a server of deploy/dev on ports that are free, or skips with what is missing. It is wiped at the end.
func startServer(t testing.TB, name string, args ...string) *server {
	t.Helper()
	needE2E(t)
	for _, tool := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(tool); err != nil {
			testkit.Skip(t, "servers", name+" needs "+tool)
		}
	}
	dir, err := os.MkdirTemp("", "weir-"+name) //nolint:usetesting // the server may run as another user
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	port := testkit.FreePorts(t)
	s := &server{t: t, script: filepath.Join(testkit.Root(t), "deploy", "dev", name+".sh"), dir: filepath.Join(dir, "s")}
	t.Cleanup(func() { s.do("wipe"); _ = os.RemoveAll(dir) })
	s.addrs = s.do("start", append([]string{"--port", strconv.Itoa(port)}, args...)...)
	if s.addrs == "" {
		t.FailNow() // do has said why
	}
	if name == "kafka" {
		realkafka.Ready(t, strings.Split(s.addrs, ","))
	}
	return s
}

// do runs a verb of the script and returns the last line that it printed.
func (s *server) do(verb string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command("bash", append([]string{s.script, verb, "--dir", s.dir}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Errorf("%s %s %v: %v\n%s", filepath.Base(s.script), verb, args, err, stderr.Bytes())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// cluster is weir in several processes on real servers. Each process has a data folder of its own; those with the archive
// share its folder.
type cluster struct {
	t       testing.TB
	env     []string
	data    string // with the archive in it, as one process would have it
	prefix  string // of topics
	index   string // prefix of indices
	started []*weir
}

// newCluster makes one with topics and indices of its own. settings are KEY=value pairs of the environment of all.
func newCluster(t testing.TB, kafka, elastic *server, prefix string, settings ...string) *cluster {
	t.Helper()
	c := &cluster{t: t, data: t.TempDir(), prefix: prefix, index: "logs-" + strings.TrimSuffix(prefix, ".") + "."}
	c.env = append([]string{
		"WEIR_BUS_BROKERS=" + kafka.addrs, "WEIR_BUS_PREFIX=" + prefix, "WEIR_BUS_PARTITIONS=2", "WEIR_ARCHIVE_FOLDER=" + filepath.Join(c.data, "archive"),
		"WEIR_INPUTS_SNMPTRAP_ENABLED=false", "WEIR_INPUTS_SYSLOG_ENABLED=false",
	}, settings...)
	if elastic != nil {
		c.env = append(c.env, "WEIR_ELASTIC_URLS="+elastic.addrs, "WEIR_ELASTIC_PREFIX="+c.index)
	}
	return c
}

// process makes a process with the given stages, in a folder of its own unless dir names one.
func (c *cluster) process(stages, dir string, settings ...string) *weir {
	c.t.Helper()
	w := newWeir(c.t, append(c.env, settings...)...)
	if dir != "" {
		w.dir = dir
	}
	w.verb = []string{"run", "--stage", stages}
	c.started = append(c.started, w)
	return w
}

// run starts a process with the given stages.
func (c *cluster) run(stages string, settings ...string) *weir {
	c.t.Helper()
	w := c.process(stages, "", settings...)
	w.start()
	return w
}

// stop ends all processes that run, in the order of their start.
func (c *cluster) stop() {
	c.t.Helper()
	for _, w := range c.started {
		if w.cmd != nil {
			w.stop()
		}
	}
}

// withoutNotes asks for everything but weir's own documents, which follow from no record that was sent: which rules were tried
// on what, its alerts (an unclean stop is one), and what was decided about them.
const withoutNotes = `{"query":{"bool":{"must_not":{"terms":{"event.dataset":["weir.coverage","weir.alert","weir.change"]}}}}}`

// documents returns the ids of all documents in the indices of a prefix that came of a record.
func (s *server) documents(prefix string) map[string]bool {
	s.t.Helper()
	base, _, _ := strings.Cut(s.addrs, ",")
	ids := map[string]bool{}
	var answer struct {
		Scroll string                      `json:"_scroll_id"`
		Shards struct{ Total, Failed int } `json:"_shards"`
		Hits   struct {
			Hits []struct {
				ID string `json:"_id"`
			}
		}
	}
	s.ask("GET", base+"/_cluster/health?wait_for_status=yellow&timeout=60s", "", nil)
	s.ask("POST", base+"/"+prefix+"*/_refresh", "", nil)
	s.ask("POST", base+"/"+prefix+"*/_search?scroll=1m&size=10000&_source=false&sort=_doc", withoutNotes, &answer)
	if answer.Shards.Failed > 0 || answer.Shards.Total == 0 {
		s.t.Errorf("%d of %d shards answer", answer.Shards.Total-answer.Shards.Failed, answer.Shards.Total)
	}
	for len(answer.Hits.Hits) > 0 {
		for _, h := range answer.Hits.Hits {
			ids[h.ID] = true
		}
		scroll := answer.Scroll
		answer.Hits.Hits = nil
		s.ask("POST", base+"/_search/scroll", fmt.Sprintf(`{"scroll":"1m","scroll_id":%q}`, scroll), &answer)
	}
	return ids
}

// indices describes what is there, for a test that failed.
func (s *server) indices(prefix string) string {
	resp, err := http.Get(strings.Split(s.addrs, ",")[0] + "/_cat/indices/" + prefix + "*?v&s=index")
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// ask sends a request and decodes the answer, if to is not nil.
func (s *server) ask(method, url, body string, to any) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(within(s.t, time.Minute), method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 && resp.StatusCode != http.StatusNotFound {
		s.t.Fatalf("%s %s: %s", method, url, resp.Status)
	}
	if to != nil {
		if err := json.NewDecoder(resp.Body).Decode(to); err != nil {
			s.t.Fatal(err)
		}
	}
}
