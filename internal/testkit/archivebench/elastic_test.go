package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// stand is a server that answers like Elasticsearch, for the process of this test.
type stand struct {
	calls []string
	docs  int
	sizes []string
	fail  string // part of a path that is answered with an error
}

func (s *stand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.calls = append(s.calls, r.Method+" "+r.URL.Path)
	switch {
	case s.fail != "" && strings.Contains(r.URL.Path, s.fail):
		http.Error(w, `{"error":"no"}`, http.StatusInternalServerError)
	case strings.HasSuffix(r.URL.Path, "/_bulk"):
		s.docs += strings.Count(string(body), "{\"create\":{}}\n")
		_, _ = io.WriteString(w, `{"errors":false}`)
	case strings.HasSuffix(r.URL.Path, "/_stats/store"):
		size := s.sizes[0]
		s.sizes = s.sizes[1:]
		_, _ = io.WriteString(w, `{"_all":{"primaries":{"store":{"size_in_bytes":`+size+`}}}}`)
	case strings.HasPrefix(r.URL.Path, "/_nodes"):
		_ = json.NewEncoder(w).Encode(map[string]any{"nodes": map[string]any{"x": map[string]any{"process": map[string]int{"id": os.Getpid()}}}})
	case strings.HasSuffix(r.URL.Path, "/_search"):
		_, _ = io.WriteString(w, `{"hits":{"total":{"value":42},"hits":[{}]}}`)
	default:
		_, _ = io.WriteString(w, `{}`)
	}
}

// manyEvents gives n events.
func manyEvents(n int) feed {
	return func(_ context.Context, each func([]byte) error) error {
		for range n {
			if err := each([]byte(`{"message":"m"}`)); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestElastic(t *testing.T) {
	s := &stand{sizes: []string{"5000000", "4000000"}}
	srv := httptest.NewServer(s)
	defer srv.Close()
	e, err := newElastic(t.Context(), srv.URL+"/")
	if err != nil {
		t.Fatal(err)
	}
	e.sizeAge = 0
	in, err := e.ingest(t.Context(), manyEvents(bulkEvents+1))
	if err != nil {
		t.Fatal(err)
	}
	if in.n != bulkEvents+1 || s.docs != in.n || in.bytes != 5000000 || in.merged != 4000000 {
		t.Errorf("got %+v of %d documents", in, s.docs)
	}
	var a answer
	if err := e.ask(t.Context(), questions[0], span{}, &a); err != nil || a.hits != 42 || len(a.took) != 1 {
		t.Errorf("got %+v, %v", a, err)
	}
	all := strings.Join(s.calls, "\n")
	for _, want := range []string{"DELETE /archivebench\nPUT /archivebench\n", "_flush\nPOST /archivebench/_refresh\n", "_forcemerge\n"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not called:\n%s", want, all)
		}
	}
}

func TestElastic_Refused(t *testing.T) {
	for _, where := range []string{"_nodes", "_bulk", "_forcemerge", "_search"} {
		t.Run(where, func(t *testing.T) {
			srv := httptest.NewServer(&stand{sizes: []string{"1", "1"}, fail: where})
			defer srv.Close()
			e, err := newElastic(t.Context(), srv.URL)
			if err == nil {
				e.sizeAge = 0
				_, err = e.ingest(t.Context(), manyEvents(1))
			}
			if err == nil {
				err = e.ask(t.Context(), questions[0], span{}, &answer{})
			}
			if err == nil || !strings.Contains(err.Error(), "500") {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := newElastic(t.Context(), "http://127.0.0.1:1"); err == nil {
		t.Error("a server that is not there answers")
	}
}

func TestQuestion_body(t *testing.T) {
	day := spans(time.Date(2026, 9, 15, 3, 0, 0, 0, time.UTC))[0]
	if day.from != time.Date(2026, 9, 18, 0, 0, 0, 0, time.UTC) || day.to.Sub(day.from) != 24*time.Hour {
		t.Errorf("the day is %v", day)
	}
	for _, q := range questions {
		if q.filter == "" {
			continue
		}
		for _, over := range []span{day, {}} {
			body := q.body(over)
			if !json.Valid([]byte(body)) {
				t.Errorf("%s: no JSON: %s", q.name, body)
			}
			if ranged := strings.Contains(body, `"range"`); ranged == over.from.IsZero() {
				t.Errorf("%s: wrong span: %s", q.name, body)
			}
			if strings.Count(body, "track_total_hits") != 1 {
				t.Errorf("%s: hits are not counted as weir counts them: %s", q.name, body)
			}
		}
	}
}
