package threat

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
)

// TestLoadFeeds: what a list of feeds may say, and what is taken for what it leaves out.
func TestLoadFeeds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "feeds.yaml")
	if feeds, err := loadFeeds(path); err != nil || feeds != nil {
		t.Errorf("a list that is not there: %v, %v", feeds, err)
	}
	for _, text := range []string{"", "\n", "# nothing yet\n", "[]\n"} {
		write(t, path, text)
		if feeds, err := loadFeeds(path); err != nil || len(feeds) != 0 {
			t.Errorf("%q: %v, %v", text, feeds, err)
		}
	}
	secret := filepath.Join(filepath.Dir(path), "key")
	write(t, secret, "from a file\n")
	t.Setenv("FEED_KEY", "from outside")
	write(t, path, "- {name: a.b-c_1, url: 'https://a.example/x', format: stix, every: 10m, confidence: 100, header: {K: 'env:FEED_KEY', F: 'file:"+secret+"', P: plain}}\n- {name: b, url: 'http://b.example'}\n")
	feeds, err := loadFeeds(path)
	if err != nil || len(feeds) != 2 {
		t.Fatal(feeds, err)
	}
	if a := feeds[0]; a.every() != 10*time.Minute || a.Format != FormatSTIX || a.Confidence != 100 || a.Header["K"] != "from outside" || strings.TrimSpace(a.Header["F"]) != "from a file" || a.Header["P"] != "plain" {
		t.Errorf("got %+v", a)
	}
	if b := feeds[1]; b.every() != time.Hour || b.Format != "" || b.Confidence != 0 || b.path("dir") != filepath.Join("dir", "b.feed") {
		t.Errorf("got %+v", b)
	}
}

// TestLoadFeeds_Faults: a mistake is told with the file and what to do; a name can never be a path.
func TestLoadFeeds_Faults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "feeds.yaml")
	for name, text := range map[string]string{
		"no YAML": "- {name: a", "a mapping": "name: a", "no name": "- {url: 'http://a.example'}", "a path as name": "- {name: ../../x, url: 'http://a.example'}", "a hidden name": "- {name: .x, url: 'http://a.example'}",
		"a long name": "- {name: " + strings.Repeat("a", 64) + ", url: 'http://a.example'}", "an address without a host": "- {name: a, url: 'http:///x'}", "a file": "- {name: a, url: 'file:///etc/passwd'}",
		"a negative confidence": "- {name: a, url: 'http://a.example', confidence: -1}", "a duration that is none": "- {name: a, url: 'http://a.example', every: often}",
	} {
		write(t, path, text)
		_, err := loadFeeds(path)
		e, ok := err.(*fault.Error) //nolint:errorlint // it is made here
		if !ok || e.Where != path || e.Do == "" || e.Code != "threat-feeds" || e.Exit != fault.ExitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFetch_Refused: what a feed sends instead of indicators never takes the place of what it said before.
func TestFetch_Refused(t *testing.T) {
	answer := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("192.0.2.1\n")) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer server.Close()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "feeds.yaml"), "- {name: a, url: "+server.URL+"}\n")
	s := open(t, Options{Folder: dir})
	if err := s.fetch(context.Background(), s.feeds[0]); err != nil {
		t.Fatal(err)
	}
	for name, fn := range map[string]http.HandlerFunc{
		"a page of HTML": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html><body>log in</body></html>"))
		},
		"gone":       http.NotFound,
		"no content": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"torn off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("192.0.2.9\n"))
		},
		"empty": func(http.ResponseWriter, *http.Request) {},
	} {
		answer = fn
		if err := s.fetch(context.Background(), s.feeds[0]); err == nil {
			t.Errorf("%s: no error", name)
		}
		if len(s.Find("192.0.2.1")) != 1 || len(s.Find("192.0.2.9")) != 0 {
			t.Errorf("%s: what was known before is gone", name)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.fetch(ctx, s.feeds[0]); err == nil {
		t.Error("a fetch that was ended: no error")
	}
	entries, err := os.ReadDir(s.cache())
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder of feeds has %v, %v", entries, err)
	}
}

// TestFetch_Modified: a feed without an ETag is asked by its date.
func TestFetch_Modified(t *testing.T) {
	const date = "Wed, 01 May 2024 00:00:00 GMT"
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked = r.Header.Get("If-Modified-Since"); asked == date {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Last-Modified", date)
		_, _ = w.Write([]byte("evil.example\n"))
	}))
	defer server.Close()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "feeds.yaml"), "- {name: a, url: "+server.URL+"}\n")
	s := open(t, Options{Folder: dir})
	for range 2 {
		if err := s.fetch(context.Background(), s.feeds[0]); err != nil {
			t.Fatal(err)
		}
	}
	if asked != date || len(s.Find("evil.example")) != 1 {
		t.Errorf("asked with %q", asked)
	}
}
