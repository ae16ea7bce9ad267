package bulk

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// direct sends requests to a test server.
type direct struct{ base *url.URL }

func (d direct) Perform(r *http.Request) (*http.Response, error) {
	r.URL.Scheme, r.URL.Host = d.base.Scheme, d.base.Host
	return http.DefaultTransport.RoundTrip(r)
}

// server answers bulk requests by a function of the number of the request and its documents.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	seen  []string // bodies
	paths []string
}

func newServer(t testing.TB, answer func(n int, docs []string) (int, string)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			in = z
		}
		b, err := io.ReadAll(in)
		if err != nil {
			t.Error(err)
			return
		}
		s.mu.Lock()
		s.seen, s.paths = append(s.seen, string(b)), append(s.paths, r.URL.Path)
		n := len(s.seen)
		s.mu.Unlock()
		lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		var docs []string
		for i := 1; i < len(lines); i += 2 {
			docs = append(docs, lines[i])
		}
		status, text := answer(n, docs)
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}))
	t.Cleanup(s.Close)
	return s
}

func newSender(t testing.TB, s *server, change ...func(*Options)) (*Sender, *bytes.Buffer) {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	o := Options{Client: direct{u}, Workers: 2, MaxBytes: 1 << 20, PauseMin: time.Millisecond, PauseMax: 2 * time.Millisecond, Log: slog.New(slog.NewTextHandler(log, nil))}
	for _, c := range change {
		c(&o)
	}
	sender := New(o)
	t.Cleanup(sender.Close)
	return sender, log
}

// docsOf makes documents of one index with the given bodies.
func docsOf(bodies ...string) []Doc {
	out := make([]Doc, len(bodies))
	for i, b := range bodies {
		out[i] = Tidy(Doc{Index: "i-2026.11.21", ID: fmt.Appendf(nil, "id%d", i), JSON: []byte(b)})
	}
	return out
}

// outcomes sends documents and waits for what becomes of each.
func outcomes(t testing.TB, s *Sender, docs []Doc) []Outcome {
	t.Helper()
	out := make([]Outcome, len(docs))
	times := make([]int, len(docs))
	left := len(docs)
	done := make(chan struct{})
	if err := s.Send(t.Context(), docs, func(places []int32, o Outcome) {
		for _, at := range places {
			out[at] = o
			times[at]++
			left--
		}
		if left == 0 {
			close(done)
		}
	}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("some documents were never settled")
	}
	for i, n := range times {
		if n != 1 {
			t.Errorf("document %d was settled %d times", i, n)
		}
	}
	return out
}

// answerOf builds an answer with these statuses; what is no 2xx has an error of the given type.
func answerOf(kind string, statuses ...int) string {
	var b strings.Builder
	failed := false
	for _, s := range statuses {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		if s < 300 {
			fmt.Fprintf(&b, `{"create":{"status":%d}}`, s)
			continue
		}
		failed = true
		fmt.Fprintf(&b, `{"create":{"status":%d,"error":{"type":%q,"reason":"because","caused_by":{"type":"x","reason":"of that"}}}}`, s, kind)
	}
	return fmt.Sprintf(`{"errors":%v,"items":[%s]}`, failed, b.String())
}

// fine answers that all was created.
func fineFor(docs []string) string {
	statuses := make([]int, len(docs))
	for i := range statuses {
		statuses[i] = 201
	}
	return answerOf("", statuses...)
}

func TestSend_Answers(t *testing.T) {
	fineAfter := func(n int, status int, text string) func(int, []string) (int, string) {
		return func(i int, docs []string) (int, string) {
			if i <= n {
				return status, text
			}
			return 200, fineFor(docs)
		}
	}
	for _, tc := range []struct {
		name     string
		answer   func(n int, docs []string) (int, string)
		want     []Kind
		reason   string // in that of the first document
		requests int
		said     string
	}{
		{"all created", fineAfter(0, 0, ""), []Kind{Indexed, Indexed, Indexed}, "", 1, ""},
		{"a conflict is done", func(int, []string) (int, string) {
			return 200, answerOf("version_conflict_engine_exception", 409, 201, 409)
		}, []Kind{Conflict, Indexed, Conflict}, "", 1, ""},
		{"a refusal has the server's words, cause and all", func(int, []string) (int, string) { return 200, answerOf("document_parsing_exception", 400, 201, 201) },
			[]Kind{Refused, Indexed, Indexed}, "because: of that", 1, ""},
		{"only what was not taken is sent again", func(n int, docs []string) (int, string) {
			if n == 1 {
				return 200, answerOf("es_rejected_execution_exception", 201, 429, 503)
			}
			if len(docs) != 2 {
				return 500, ""
			}
			return 200, fineFor(docs)
		}, []Kind{Indexed, Indexed, Indexed}, "", 2, ""},
		{"429 for all", fineAfter(2, 429, `{"error":{"type":"x","reason":"too much"},"status":429}`), []Kind{Indexed, Indexed, Indexed}, "", 3, "elastic-busy"},
		{"503 with a page of a proxy", fineAfter(1, 503, "<html>no"), []Kind{Indexed, Indexed, Indexed}, "", 2, "elastic-busy"},
		{"401", fineAfter(1, 401, `{"error":{"type":"security_exception","reason":"who are you"}}`), []Kind{Indexed, Indexed, Indexed}, "", 2, "elastic-rights"},
		{"403", fineAfter(1, 403, `{"error":{"type":"security_exception","reason":"not you"}}`), []Kind{Indexed, Indexed, Indexed}, "", 2, "elastic-rights"},
		{"404", fineAfter(1, 404, `not here`), []Kind{Indexed, Indexed, Indexed}, "", 2, "elastic-answer"},
		{"an answer about other documents", fineAfter(1, 200, `{"errors":true,"items":[]}`), []Kind{Indexed, Indexed, Indexed}, "", 2, "elastic-answer"},
		{"an answer that is no JSON", fineAfter(1, 200, `<html>welcome`), []Kind{Indexed, Indexed, Indexed}, "", 2, "elastic-answer"},
		{"a block is waited for", fineAfter(1, 200, answerOf("cluster_block_exception", 403, 403, 403)), []Kind{Indexed, Indexed, Indexed}, "", 2, "elastic-index"},
		{"a closed index is waited for", fineAfter(1, 200, answerOf("index_closed_exception", 400, 400, 400)), []Kind{Indexed, Indexed, Indexed}, "", 2, "POST i-2026.11.21/_open"},
		{"no right to the index", fineAfter(1, 200, answerOf("security_exception", 403, 403, 403)), []Kind{Indexed, Indexed, Indexed}, "", 2, "elastic-rights"},
		{"the cluster is full", fineAfter(1, 200, answerOf("validation_exception", 400, 400, 400)), []Kind{Indexed, Indexed, Indexed}, "", 2, "max_shards_per_node"},
		{"an index that may not be made", fineAfter(1, 200, answerOf("index_not_found_exception", 404, 404, 404)), []Kind{Indexed, Indexed, Indexed}, "", 2, "auto_create_index"},
		{"one document spoils the request", func(_ int, docs []string) (int, string) {
			if strings.Contains(strings.Join(docs, ""), "first") {
				return 400, `{"error":{"type":"illegal_argument_exception","reason":"malformed"}}`
			}
			return 200, fineFor(docs)
		}, []Kind{Refused, Indexed, Indexed}, "malformed", 3, ""},
		{"one document is too large", func(_ int, docs []string) (int, string) {
			if strings.Contains(strings.Join(docs, ""), "first") {
				return 413, ""
			}
			return 200, fineFor(docs)
		}, []Kind{Refused, Indexed, Indexed}, "has 13 bytes", 3, ""},
	} {
		for _, gz := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, gzip %v", tc.name, gz), func(t *testing.T) {
				srv := newServer(t, tc.answer)
				s, log := newSender(t, srv, func(o *Options) { o.Gzip = gz })
				got := outcomes(t, s, docsOf(`{"a":"first"}`, `{"a":2}`, `{"a":3}`))
				for i, o := range got {
					if o.Kind != tc.want[i] {
						t.Errorf("document %d: %+v, want kind %d", i, o, tc.want[i])
					}
				}
				if !strings.Contains(got[0].Reason, tc.reason) {
					t.Errorf("reason %q, want %q in it", got[0].Reason, tc.reason)
				}
				s.Close() // the log is complete then
				if len(srv.seen) != tc.requests {
					t.Errorf("%d requests, want %d", len(srv.seen), tc.requests)
				}
				if !strings.Contains(log.String(), tc.said) || tc.said == "" && strings.Contains(log.String(), "level=ERROR") {
					t.Errorf("said %q, want %q in it", log, tc.said)
				}
				if tc.said != "" && (strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), "takes documents again") || len(s.Held()) != 0) {
					t.Errorf("a condition is said once, and once that it is over: %s", log)
				}
			})
		}
	}
}

func TestSend_Body(t *testing.T) {
	srv := newServer(t, func(_ int, docs []string) (int, string) { return 200, fineFor(docs) })
	s, _ := newSender(t, srv)
	docs := []Doc{
		Tidy(Doc{Index: "a-1", ID: []byte("x/1"), JSON: []byte("{\"m\":\n1}")}),
		Tidy(Doc{Index: "b-1", ID: []byte("q\"\\\n"), JSON: []byte(`{"m":2}`)}),
		Tidy(Doc{Index: "a-1", ID: []byte("x/3"), JSON: []byte(`{"m":3}`)}),
	}
	outcomes(t, s, docs)
	want := map[string]string{
		"/a-1/_bulk": "{\"create\":{\"_id\":\"x/1\"}}\n{\"m\": 1}\n{\"create\":{\"_id\":\"x/3\"}}\n{\"m\":3}\n",
		"/b-1/_bulk": "{\"create\":{\"_id\":\"q\\\"\\\\\\u000a\"}}\n{\"m\":2}\n",
	}
	if len(srv.seen) != 2 {
		t.Fatalf("%d requests, want one for each index", len(srv.seen))
	}
	for i, p := range srv.paths {
		if srv.seen[i] != want[p] {
			t.Errorf("%s: %q, want %q", p, srv.seen[i], want[p])
		}
	}
}

func TestSend_GoesSmallerAndSlower(t *testing.T) {
	big := `{"a":"` + strings.Repeat("x", 40<<10) + `"}`
	bodies := make([]string, 16)
	for i := range bodies {
		bodies[i] = big
	}
	largest := 0
	srv := newServer(t, func(n int, docs []string) (int, string) {
		if len(docs) > 4 {
			return 413, "too large"
		}
		largest = max(largest, len(docs))
		return 200, fineFor(docs)
	})
	s, _ := newSender(t, srv)
	for _, o := range outcomes(t, s, docsOf(bodies...)) {
		if o.Kind != Indexed {
			t.Errorf("%+v", o)
		}
	}
	if largest == 0 || largest > 4 || s.Size() >= 1<<20 {
		t.Errorf("the largest request had %d documents, the next may have %d bytes", largest, s.Size())
	}
}

func TestSend_ServerGoneAndBack(t *testing.T) {
	srv := newServer(t, func(_ int, docs []string) (int, string) { return 200, fineFor(docs) })
	u, _ := url.Parse(srv.URL)
	var mu sync.Mutex
	failures, prepared := 3, 0
	s, log := newSender(t, srv, func(o *Options) {
		o.Prepare = func(context.Context, string) error { prepared++; return nil }
		o.Client = doer(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if failures--; failures >= 0 {
				return nil, errors.New("connection refused")
			}
			return direct{u}.Perform(r)
		})
	})
	if o := outcomes(t, s, docsOf(`{}`))[0]; o.Kind != Indexed {
		t.Errorf("%+v", o)
	}
	outcomes(t, s, docsOf(`{}`))
	s.Close()
	if !strings.Contains(log.String(), "elastic-unreachable") {
		t.Errorf("nothing was said: %s", log)
	}
	if prepared != 2 { // it may have come back empty
		t.Errorf("prepared %d times, want once more after it was away", prepared)
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Perform(r *http.Request) (*http.Response, error) { return d(r) }

func TestSend_SilentServer(t *testing.T) {
	srv := newServer(t, func(n int, docs []string) (int, string) {
		if n == 1 {
			time.Sleep(300 * time.Millisecond)
		}
		return 200, fineFor(docs)
	})
	s, log := newSender(t, srv, func(o *Options) {
		o.Timeout = 50 * time.Millisecond
		o.PauseMax = time.Second
		o.PauseMin = 400 * time.Millisecond
	})
	if o := outcomes(t, s, docsOf(`{}`))[0]; o.Kind != Indexed {
		t.Errorf("%+v", o)
	}
	s.Close()
	if !strings.Contains(log.String(), "elastic-unreachable") {
		t.Errorf("nothing was said: %s", log)
	}
}

func TestSend_PrepareComesFirst(t *testing.T) {
	srv := newServer(t, func(_ int, docs []string) (int, string) { return 200, fineFor(docs) })
	calls := 0
	s, log := newSender(t, srv, func(o *Options) {
		o.Prepare = func(context.Context, string) error {
			if calls++; calls == 1 {
				return errors.New("not yet")
			}
			return nil
		}
	})
	outcomes(t, s, docsOf(`{}`))
	outcomes(t, s, docsOf(`{}`))
	s.Close()
	if calls != 2 || !strings.Contains(log.String(), "elastic-template") {
		t.Errorf("prepared %d times: %s", calls, log)
	}
}

func TestClose_GivesUp(t *testing.T) {
	srv := newServer(t, func(int, []string) (int, string) { return 503, "" })
	s, _ := newSender(t, srv, func(o *Options) { o.PauseMin, o.PauseMax = time.Hour, time.Hour; o.Workers = 1 })
	got := make(chan Outcome, 1)
	if err := s.Send(t.Context(), docsOf(`{}`), func(_ []int32, o Outcome) { got <- o }); err != nil {
		t.Fatal(err)
	}
	// The one slot is taken: a second call waits until its context ends.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Send(ctx, docsOf(`{}`), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	s.Close()
	if o := <-got; o.Kind != GivenUp {
		t.Errorf("%+v", o)
	}
	if err := s.Send(t.Context(), docsOf(`{}`), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("%v after Close", err)
	}
}
