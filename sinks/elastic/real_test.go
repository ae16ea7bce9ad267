package elastic

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/config/unit"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/testkit/realelastic"
	"weir/processors/parse"
	"weir/sinks/elastic/template"
)

const realIndex = "logs-weir.standard-2026.11.21"

// TestReal holds the sink to one server, each case on indices that it begins without.
func TestReal(t *testing.T) {
	server := realelastic.Start(t)
	for _, tc := range []struct {
		name string
		run  func(*testing.T, *realelastic.Server)
	}{
		{"each document once, and the template is ours", eachOnce},
		{"what was there already is a conflict, and one that differs is found", conflicts},
		{"a storm of clashing types leaves the mapping as it is", storm},
		{"a read-only index is waited for", readOnly},
		{"a strict mapping sends documents to the dead letters", strictMapping},
		{"a document that is no JSON does not hold up the others", poison},
		{"429 for some seconds", tooMany},
		{"the server is killed and comes back", killed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server.Do(t, "DELETE", "/logs-weir.*-*?expand_wildcards=all", "")
			for _, class := range []string{"standard"} { // wildcards are forbidden for deletion by default
				server.Do(t, "DELETE", "/logs-weir."+class+"-2026.11.21", "")
			}
			tc.run(t, server)
		})
	}
}

func eachOnce(t *testing.T, server *realelastic.Server) {
	k := newKafka(t)
	s, log := newSink(t, k, server.URLs)
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := recs(0, 5000)
	if err := feed(t, s, all[:2000], all[2000:]); err != nil {
		t.Fatal(err, log)
	}
	if n := server.Count(t, "logs-weir.standard"); n != 5000 {
		t.Errorf("%d documents by the alias, want 5000\n%s", n, log)
	}
	p := k.balance(t, 0, 1)
	if c := p.Sources()["syslog/192.0.2.1"]; c == nil || c.Indexed != 5000 || p.Taken() != 5000 {
		t.Errorf("the ledger says %+v up to %d", c, p.Taken())
	}
	if got, want := mappingOf(t, server), ourMapping(t); !reflect.DeepEqual(got, want) {
		t.Errorf("the mapping is not ours: %d bytes, want %d", len(fmt.Sprint(got)), len(fmt.Sprint(want)))
	}
	// A second sink finds the templates as they are.
	s2, log2 := newSink(t, k, server.URLs)
	if err := s2.Check(t.Context()); err != nil || strings.Contains(log2.String(), "wrote a template") {
		t.Errorf("templates were written again: %v\n%s", err, log2)
	}
}

// mappingOf returns the fields of the index as the server has them.
func mappingOf(t *testing.T, server *realelastic.Server) map[string]any {
	t.Helper()
	_, m := server.Do(t, "GET", "/"+realIndex+"/_mapping", "")
	index, ok := m[realIndex].(map[string]any)
	if !ok {
		t.Fatalf("no mapping: %v", m)
	}
	return flat(index["mappings"].(map[string]any)["properties"].(map[string]any), "", map[string]any{})
}

// flat lists the types of fields by path.
func flat(props map[string]any, prefix string, into map[string]any) map[string]any {
	for name, v := range props {
		m := v.(map[string]any)
		if below, ok := m["properties"].(map[string]any); ok {
			flat(below, prefix+name+".", into)
			continue
		}
		into[prefix+name] = m["type"]
	}
	return into
}

func ourMapping(t *testing.T) map[string]any {
	t.Helper()
	m, err := template.Mappings(template.Server{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	if err := json.Unmarshal(b, &plain); err != nil {
		t.Fatal(err)
	}
	return flat(plain["properties"].(map[string]any), "", map[string]any{})
}

func conflicts(t *testing.T, server *realelastic.Server) {
	k := newKafka(t)
	all := recs(0, 300)
	first, _ := newSink(t, k, server.URLs)
	if err := feed(t, first, all[:200]); err != nil {
		t.Fatal(err)
	}
	// A sink without the position of the first meets the same documents, one of them changed.
	all[7].Value = doc("ing/1/7", "standard", "2026-11-21", "another message")
	s, log := newSink(t, k, server.URLs, func(o *Options) { o.Group = "other" })
	if err := feed(t, s, all[:1], all[1:7], all[7:8], all[8:]); err != nil {
		t.Fatal(err, log)
	}
	if st := s.Stats(); st.Conflicts != 200 || st.Indexed != 100 {
		t.Errorf("%+v, want 200 conflicts and 100 indexed", st)
	}
	if n := server.Count(t, realIndex); n != 300 {
		t.Errorf("%d documents, want 300", n)
	}
	// Of a request one document is compared, so the changed one is sent again by itself.
	s3, log3 := newSink(t, k, server.URLs, func(o *Options) { o.Group = "third" })
	if err := feed(t, s3, all[7:8]); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return s3.Stats().Differing == 1 })
	if !strings.Contains(log3.String(), "elastic-differs") {
		t.Errorf("nothing was said: %s", log3)
	}
}

// waitFor waits until a condition holds.
func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the condition never came true")
		}
	}
}

// stormLines are 10,000 log lines of JSON whose known fields have values of every type, with 20,000 distinct keys beside.
func stormLines() [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	fields := []string{"source.ip", "source.port", "source", "event.severity", "event", "process.pid", "host.ip", "user.name", "user", "@timestamp", "event.created",
		"destination.geo.location", "network.bytes", "tags", "labels", "http.response.status_code", "dns.answers", "message", "url.full", "file.size", "process.args", "log.level", "error"}
	values := []func() any{
		func() any { return r.IntN(1 << 30) }, func() any { return -r.Float64() * 1e300 }, func() any { return "text" }, func() any { return true }, func() any { return nil },
		func() any { return []any{1, "a", true} }, func() any { return map[string]any{"a": 1, "b": map[string]any{"c": "d"}} }, func() any { return "192.0.2.7" },
		func() any { return []any{map[string]any{"x": 1}, "y"} }, func() any { return "2026-11-21T10:00:00Z" }, func() any { return strings.Repeat("long ", 9000) }, func() any { return "" },
	}
	out := make([][]byte, 10_000)
	for i := range out {
		m := map[string]any{fmt.Sprintf("key_%d", 2*i): i, fmt.Sprintf("key.%d", 2*i+1): map[string]any{"deep": i}}
		for range 4 {
			m[fields[r.IntN(len(fields))]] = values[r.IntN(len(values))]()
		}
		b, err := json.Marshal(m)
		if err != nil {
			panic(err)
		}
		out[i] = append([]byte("<134>Nov 21 10:00:00 app01 json: "), b...)
	}
	return out
}

func storm(t *testing.T, server *realelastic.Server) {
	p, err := parse.New(parse.Options{DefaultZone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	k := newKafka(t)
	s, log := newSink(t, k, server.URLs)
	if err := feed(t, s, recs(20_000, 1)); err != nil { // makes the index
		t.Fatal(err, log)
	}
	before := mappingOf(t, server)
	var all []*kgo.Record
	var e event.Event
	now := time.Date(2026, 11, 21, 10, 0, 5, 0, time.UTC)
	for i, line := range stormLines() {
		raw := record.Raw{Value: line, Received: now, Input: "syslog", Proto: "tcp", ID: fmt.Sprintf("storm/1/%d", i)}
		if err := p.Parse(&raw, &e, func(e *event.Event) error {
			e.SetStr(event.EventID, raw.ID)
			e.SetStr(event.WeirClass, "standard")
			all = append(all, &kgo.Record{Topic: events, Offset: int64(30_000 + i), Value: e.AppendJSON(nil), Timestamp: now})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := feed(t, s, all[:len(all)/2], all[len(all)/2:]); err != nil {
		t.Fatal(err, log)
	}
	if st := s.Stats(); st.Refused != 0 || st.Indexed != 10_001 {
		t.Errorf("%+v of %d documents\n%.2000s", st, len(all), log)
	}
	if n := server.Count(t, realIndex); n != 10_001 {
		t.Errorf("%d documents, want 10001", n)
	}
	if after := mappingOf(t, server); !reflect.DeepEqual(before, after) {
		t.Errorf("the mapping has %d fields, had %d", len(after), len(before))
	}
}

// feedLater feeds in the background.
func feedLater(t *testing.T, s *Sink, batches ...[]*kgo.Record) chan error {
	t.Helper()
	out := make(chan error, 1)
	go func() { out <- feed(t, s, batches...) }()
	return out
}

func readOnly(t *testing.T, server *realelastic.Server) {
	k := newKafka(t)
	s, log := newSink(t, k, server.URLs)
	all := recs(0, 500)
	if err := feed(t, s, all[:100]); err != nil {
		t.Fatal(err, log)
	}
	server.Do(t, "PUT", "/"+realIndex+"/_settings", `{"index.blocks.read_only":true}`)
	done := feedLater(t, s, all[100:])
	waitFor(t, func() bool { return strings.Contains(log.String(), "elastic-index") })
	if n := strings.Count(log.String(), "elastic-index"); n != 1 || len(s.Stats().Held) != 1 {
		t.Errorf("it was said %d times, held by %q", n, s.Stats().Held)
	}
	server.Do(t, "PUT", "/"+realIndex+"/_settings", `{"index.blocks.read_only":null}`)
	if err := <-done; err != nil {
		t.Fatal(err, log)
	}
	if n := server.Count(t, realIndex); n != 500 || s.Stats().Refused != 0 || len(s.Stats().Held) != 0 {
		t.Errorf("%d documents, %+v", n, s.Stats())
	}
}

func strictMapping(t *testing.T, server *realelastic.Server) {
	k := newKafka(t)
	server.Do(t, "PUT", "/"+realIndex, `{"mappings":{"dynamic":"strict","properties":{"by_hand":{"type":"long"}}}}`)
	s, log := newSink(t, k, server.URLs)
	all := recs(0, 15)
	for i, r := range all[5:] {
		r.Value = []byte(strings.Replace(string(r.Value), `"message":`, []string{`"extra":`, `"more":`}[i%2], 1))
	}
	if err := feed(t, s, all); err != nil {
		t.Fatal(err, log)
	}
	dead := k.read(t, letters, 10)
	if len(dead) != 10 || s.Stats().Refused != 10 {
		t.Errorf("%d dead letters, %+v", len(dead), s.Stats())
	}
	for _, want := range []string{"because of the field extra", "because of the field more"} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("%q stands %d times in\n%s", want, strings.Count(log.String(), want), log)
		}
	}
	if c := k.balance(t, 0, 1).Sources()["syslog/192.0.2.1"]; c.Dead[reasonRefused] != 10 || c.Stored() != 5 {
		t.Errorf("the ledger says %+v", c)
	}
}

func poison(t *testing.T, server *realelastic.Server) {
	k := newKafka(t)
	s, log := newSink(t, k, server.URLs)
	all := recs(0, 50)
	all[10].Value = []byte(`{"event":{"id":"x"},"message":"cut`)
	all[20].Value = []byte("{\"message\":\n\n\"two lines\"}")
	all[30].Value = []byte(`"a text"`)
	all[40].Value = []byte(`{"create":{"_id":"evil"}}` + "\n" + `{"message":"a document of its own?"}`)
	if err := feed(t, s, all); err != nil {
		t.Fatal(err, log)
	}
	if st := s.Stats(); st.Refused != 3 || st.Indexed != 47 || server.Count(t, realIndex) != 47 {
		t.Errorf("%+v, %d documents\n%s", st, server.Count(t, realIndex), log)
	}
}

// proxyTo is a proxy before a server that answers 429 as long as busy says so.
func proxyTo(t *testing.T, server *realelastic.Server, busy *atomic.Bool) string {
	t.Helper()
	u, err := url.Parse(server.URLs[0])
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if busy.Load() && strings.HasSuffix(r.URL.Path, "_bulk") {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p.URL
}

func tooMany(t *testing.T, server *realelastic.Server) {
	k := newKafka(t)
	var busy atomic.Bool
	busy.Store(true)
	s, log := newSink(t, k, []string{proxyTo(t, server, &busy)})
	all := recs(0, 8000)
	done := feedLater(t, s, all[:4000], all[4000:])
	waitFor(t, func() bool { return strings.Contains(log.String(), "elastic-busy") })
	time.Sleep(2 * time.Second)
	busy.Store(false)
	if err := <-done; err != nil {
		t.Fatal(err, log)
	}
	if n := server.Count(t, realIndex); n != 8000 || s.Stats().Indexed != 8000 || s.Stats().Conflicts != 0 {
		t.Errorf("%d documents, %+v", n, s.Stats())
	}
}

func killed(t *testing.T, server *realelastic.Server) {
	k := newKafka(t)
	s, log := newSink(t, k, server.URLs)
	var batches [][]*kgo.Record
	all := recs(0, 20_000)
	for from := 0; from < len(all); from += 1000 {
		batches = append(batches, all[from:from+1000])
	}
	// The second half comes after the kill, which takes a while to begin: however slow it is, something is left to send.
	done, dead := make(chan error, 1), make(chan struct{})
	go func() { done <- feedHalting(t, s, len(batches)/2, dead, batches...) }()
	waitFor(t, func() bool { return s.Stats().Indexed > 2000 })
	server.Run(t, "kill")
	close(dead)
	waitFor(t, func() bool { return strings.Contains(log.String(), "elastic-unreachable") })
	server.Run(t, "start")
	if err := <-done; err != nil {
		t.Fatal(err, log)
	}
	st := s.Stats()
	if n := server.Count(t, realIndex); n != 20_000 || st.Indexed+st.Conflicts != 20_000 || st.Refused != 0 {
		t.Errorf("%d documents, %+v", n, st)
	}
	t.Logf("%+v", st)
}

func TestReal_Security(t *testing.T) {
	server := realelastic.Start(t, "--secure")
	key, err := os.ReadFile(filepath.Join(server.Dir, "api_key"))
	if err != nil {
		t.Fatal(err)
	}
	k := newKafka(t)
	ca := filepath.Join(server.Dir, "tls", "ca.pem")
	all := recs(0, 400)
	for i, tc := range []struct {
		name   string
		change func(*Options)
		code   string
	}{
		{"an API key", func(o *Options) { o.Config.APIKey = unit.Secret(strings.TrimSpace(string(key))) }, ""},
		{"a user", func(o *Options) { o.Config.User, o.Config.Password = "elastic", "weir-secret" }, ""},
		{"a wrong password", func(o *Options) { o.Config.User, o.Config.Password = "elastic", "guessed" }, "elastic-rights"},
		{"a wrong key", func(o *Options) { o.Config.APIKey = "d3Jvbmc6a2V5" }, "elastic-rights"},
		{"nobody", func(*Options) {}, "elastic-rights"},
		{"without the CA", func(o *Options) { o.Config.CA = "" }, "elastic-unreachable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, log := newSink(t, k, server.URLs, func(o *Options) { o.Config.CA, o.Group = ca, tc.name; tc.change(o) })
			if err := s.Check(t.Context()); fault.Code(err) != tc.code {
				t.Fatalf("%v, want %q", err, tc.code)
			}
			if strings.Contains(log.String(), "guessed") || strings.Contains(log.String(), string(key)) {
				t.Errorf("a secret stands in the log: %s", log)
			}
			if tc.code != "" {
				return
			}
			if err := feed(t, s, all[200*i:200*i+200]); err != nil {
				t.Fatal(err, log)
			}
		})
	}
	if n := server.Count(t, realIndex); n != 400 {
		t.Errorf("%d documents, want 400", n)
	}
}
