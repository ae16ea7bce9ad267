package threat

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/event"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	// A second write within the clock's step must look like another file.
	at := time.Now().Add(time.Duration(len(text)) * time.Second)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// replace puts a file in place of another at once: somebody reads it at any time, and one that is being written is empty
// for a moment.
func replace(t *testing.T, path, text string) {
	t.Helper()
	write(t, path+"~", text)
	if err := os.Rename(path+"~", path); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, o Options) *Store {
	t.Helper()
	o.Log = quiet()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore_Files(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.csv"), "192.0.2.1\n")
	s := open(t, Options{Folder: dir})
	if len(s.Find("192.0.2.1")) != 1 {
		t.Fatal("the file was not read")
	}
	write(t, filepath.Join(dir, "b.txt"), "evil.example\nnonsense\n")
	s.Reload()
	if len(s.Find("x.evil.example")) != 1 || len(s.Find("192.0.2.1")) != 1 {
		t.Error("a new file is beside the old one")
	}
	write(t, filepath.Join(dir, "b.txt"), `{"type":"bundle","objects":[{`)
	s.Reload()
	if len(s.Find("x.evil.example")) != 1 {
		t.Error("a broken file took away what was known")
	}
	var broken Status
	for _, st := range s.Status() {
		if st.Name == "b.txt" {
			broken = st
		}
	}
	if broken.Error == "" || broken.Counts.Taken != 1 {
		t.Errorf("status %+v", broken)
	}
	if err := os.Remove(filepath.Join(dir, "b.txt")); err != nil {
		t.Fatal(err)
	}
	s.Reload()
	if len(s.Find("x.evil.example")) != 0 || len(s.Status()) != 1 {
		t.Error("a file that is gone is still in use")
	}
}

// A start with a broken file uses the others: there is nothing of before to keep.
func TestStore_FirstStart(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.csv"), "192.0.2.1\n")
	write(t, filepath.Join(dir, "b.json"), "{")
	if s := open(t, Options{Folder: dir}); len(s.Find("192.0.2.1")) != 1 {
		t.Error("the good file was not read")
	}
}

// A feed is asked with its ETag, keeps what it said while it is down, and is there after a restart without the network.
func TestStore_Feed(t *testing.T) {
	var down, notModified, asked atomic.Int32
	var body atomic.Value
	body.Store("192.0.2.1\n")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch {
		case down.Load() == 1:
			http.Error(w, "away", http.StatusServiceUnavailable)
		case r.Header.Get("X-Key") != "secret":
			http.Error(w, "who are you", http.StatusForbidden)
		case r.Header.Get("If-None-Match") == `"`+body.Load().(string)+`"`:
			notModified.Add(1)
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", `"`+strings.TrimSpace(body.Load().(string))+`"`)
			_, _ = w.Write([]byte(body.Load().(string)))
		}
	}))
	defer server.Close()
	o := Options{Folder: t.TempDir()}
	t.Setenv("FEED_KEY", "secret")
	write(t, filepath.Join(o.Folder, "feeds.yaml"), "- {name: bad-hosts, url: "+server.URL+", header: {X-Key: 'env:FEED_KEY'}, confidence: 90}\n")
	s := open(t, o)
	feed := s.feeds[0]
	fetch := func() error { return s.fetch(context.Background(), feed) }
	if err := fetch(); err != nil {
		t.Fatal(err)
	}
	found := s.Find("192.0.2.1")
	if len(found) != 1 || found[0].Feed != "bad-hosts" || found[0].Confidence != 90 {
		t.Fatalf("found %+v", found)
	}
	body.Store("192.0.2.1")
	if err := fetch(); err != nil || notModified.Load() != 1 {
		t.Errorf("the ETag was not sent: %v, %d times not modified", err, notModified.Load())
	}
	for name, bad := range map[string]string{"no indicator": "words only\n", "empty": "", "half JSON": `{"Event":`} {
		body.Store(bad)
		if err := fetch(); err == nil || len(s.Find("192.0.2.1")) != 1 {
			t.Errorf("%s: %v, %d found", name, err, len(s.Find("192.0.2.1")))
		}
	}
	down.Store(1)
	err := fetch()
	if err == nil || !strings.Contains(err.Error(), "503") {
		t.Fatalf("error %v", err)
	}
	s.failed(feed, err)
	st := s.Status()
	if len(st) != 1 || st[0].Error == "" || st[0].Fetched.IsZero() || st[0].Counts.Taken != 1 {
		t.Errorf("status %+v", st)
	}
	if again := open(t, o); len(again.Find("192.0.2.1")) != 1 {
		t.Error("after a start without the network nothing is known")
	}
	if left, _ := filepath.Glob(filepath.Join(s.cache(), "*.tmp")); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestStore_Run(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("evil.example\n")) }))
	defer server.Close()
	dir := t.TempDir()
	s := open(t, Options{Folder: dir, Look: 5 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	write(t, filepath.Join(dir, "a.csv"), "192.0.2.1\n")
	write(t, filepath.Join(dir, "feeds.yaml"), "- {name: f, url: "+server.URL+"}\n")
	for deadline := time.Now().Add(time.Minute); len(s.Find("192.0.2.1")) == 0 || len(s.Find("evil.example")) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("neither file nor feed came")
		}
	}
	replace(t, filepath.Join(dir, "feeds.yaml"), "- {name: f, url: nowhere}\n")
	time.Sleep(20 * time.Millisecond)
	if len(s.Find("evil.example")) == 0 {
		t.Error("a list of feeds with a mistake took the old one away")
	}
	replace(t, filepath.Join(dir, "feeds.yaml"), "[] # no feed any more\n")
	for deadline := time.Now().Add(time.Minute); len(s.Find("evil.example")) != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a feed that is not named any more is still used")
		}
	}
	cancel()
	<-done
}

func TestNew_Faults(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"a name with a slash": {"- {name: a/b, url: 'http://a.example'}", "no name of a feed"},
		"no address":          {"- {name: a, url: a.example}", "no http"},
		"another scheme":      {"- {name: a, url: 'ftp://a.example'}", "no http"},
		"an unknown format":   {"- {name: a, url: 'http://a.example', format: xml}", "csv"},
		"a high confidence":   {"- {name: a, url: 'http://a.example', confidence: 101}", "0 to 100"},
		"an unknown key":      {"- {name: a, uri: x}", "uri"},
		"a header of nothing": {"- {name: a, url: 'http://a.example', header: {k: 'env:NOT_THERE_AT_ALL'}}", "header k"},
		"the same twice":      {"- {name: a, url: 'http://a.example'}\n- {name: a, url: 'http://b.example'}", "twice"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "feeds.yaml"), c.text)
		if _, err := New(Options{Folder: dir, Log: quiet()}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStore_Enrich(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.csv"), "type,value,description,confidence\nip,203.0.113.0/24,botnet,85\ndomain,evil.example,,\nsha256,e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855,,10\n")
	s := open(t, Options{Folder: dir})
	var e event.Event
	e.SetStr(event.SourceIP, "203.0.113.9")
	e.SetStr(event.DNSQuestionName, "cdn.EVIL.example")
	e.SetStr(event.FileHashSha256, "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")
	e.SetStr(event.DestinationIP, "10.0.0.1")
	s.Enrich(&e, nil)
	doc := string(e.AppendJSON(nil))
	for _, want := range []string{
		`"type":"ipv4-addr","provider":"a.csv","name":"203.0.113.0/24","description":"botnet","confidence":"High"`,
		`"matched":{"atomic":"203.0.113.9","field":"source.ip","type":"indicator_match_rule"}`,
		`"url":{"domain":"evil.example"}`, `"field":"dns.question.name"`, `"file":{"hash":{"sha256":"e3b0c442`, `"confidence":"Low"`,
	} {
		if !strings.Contains(doc, want) {
			t.Errorf("%s is not in %s", want, doc)
		}
	}
	if n := e.Get(event.ThreatEnrichments).Len(); n != 3 {
		t.Errorf("%d enrichments", n)
	}
	hits, tried := s.Hits()
	if hits != 1 || tried != 1 {
		t.Errorf("%d hits of %d", hits, tried)
	}
	var clean event.Event
	clean.SetStr(event.SourceIP, "10.0.0.2")
	if allocs := testing.AllocsPerRun(100, func() { s.Enrich(&clean, nil) }); allocs != 0 {
		t.Errorf("an event without an indicator costs %v allocations", allocs)
	}
	if clean.Has(event.ThreatEnrichments) {
		t.Error("an event without an indicator got one")
	}
}

func BenchmarkEnrich(b *testing.B) {
	s, err := New(Options{Log: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	s.table.Store(million(b))
	var e event.Event
	e.SetStr(event.SourceIP, "10.1.2.3")
	e.SetStr(event.DestinationIP, "203.0.113.80")
	e.SetStr(event.URLDomain, "www.example.org")
	e.SetStr(event.URLOriginal, "https://www.example.org/a/b?c=d")
	b.ReportAllocs()
	for b.Loop() {
		s.Enrich(&e, nil)
	}
}

// TestStore_Concurrent: events are looked up while files are read anew; each sees the table of before or the one of after, whole.
func TestStore_Concurrent(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.csv"), "192.0.2.1\nevil.example\n")
	s := open(t, Options{Folder: dir})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	for range 2 {
		go func() {
			defer func() { done <- struct{}{} }()
			for ctx.Err() == nil {
				var e event.Event
				e.SetStr(event.SourceIP, "192.0.2.1")
				e.SetStr(event.URLDomain, "evil.example")
				if s.Enrich(&e, nil); e.Get(event.ThreatEnrichments).Len() != 2 {
					t.Errorf("half of a table: %s", e.AppendJSON(nil))
					return
				}
			}
		}()
	}
	for i := range 20 {
		write(t, filepath.Join(dir, "a.csv"), "192.0.2.1\nevil.example\n"+strings.Repeat("198.51.100.1\n", i))
		s.Reload()
		s.Status()
	}
	cancel()
	<-done
	<-done
}

// TestStore_Folders: what is no file of indicators is left alone, and a folder that is not there has none.
func TestStore_Folders(t *testing.T) {
	if s := open(t, Options{Folder: filepath.Join(t.TempDir(), "not there")}); s.Table().Len() != 0 || len(s.Status()) != 0 {
		t.Errorf("of a folder that is not there: %+v", s.Status())
	}
	if s := open(t, Options{}); s.Table().Len() != 0 {
		t.Error("without a folder there are indicators")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"a.csv": "192.0.2.1\n", "b.txt": "192.0.2.2\n", "c.json": `{"Event":{"Attribute":[{"type":"ip-dst","value":"192.0.2.3"}]}}`, "d.md": "192.0.2.4\n", "notes": "192.0.2.5\n", "e.csv.bak": "192.0.2.6\n"} {
		write(t, filepath.Join(dir, name), text)
	}
	if err := os.Mkdir(filepath.Join(dir, "f.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Folder: dir})
	if n := s.Table().Kinds(IP); n != 3 || len(s.Status()) != 3 {
		t.Errorf("%d indicators of %+v", n, s.Status())
	}
	table := s.Table()
	if s.Reload(); s.Table() != table {
		t.Error("a table is made again though nothing has changed")
	}
}
