package restoring

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/event"
	"weir/internal/app/auditing"
	"weir/internal/app/searching"
	"weir/internal/archive"
	"weir/internal/archive/sample"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/testkit/realelastic"
	"weir/sinks/elastic/bulk"
)

// now is a day after the sample events.
var now = sample.Start.Add(24 * time.Hour)

// weir answers from an archive.
type weir struct {
	control.Backend
	question.Table
}

func start(t testing.TB, docs [][]byte) *weir {
	t.Helper()
	a, err := archive.Open(t.TempDir(), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	var rows []archive.Row
	for i, d := range docs {
		p := record.Pos{Topic: "weir.events", Offset: int64(i)}
		rows = append(rows, archive.Row{Doc: d, Account: "syslog/192.0.2.1", Consumed: p, Source: record.Pos{Topic: "weir.raw.syslog", Offset: int64(i)}})
	}
	if err := a.Append(t.Context(), rows, func(error) {}); err != nil {
		t.Fatal(err)
	}
	return &weir{Table: searching.Questions(searching.Deps{Archive: func() (*archive.Archive, error) { return a, nil }, Data: t.TempDir(), Note: func(context.Context, auditing.Look) {}})}
}

// fake is an Elasticsearch that keeps documents by index and id.
type fake struct {
	*httptest.Server
	mu     sync.Mutex
	docs   map[string]json.RawMessage // by index/id
	bulks  int
	refuse func(id string) bool
	after  func(n int) // called after each bulk
}

func elasticsearch(t testing.TB) *fake {
	t.Helper()
	f := &fake{docs: map[string]json.RawMessage{}, refuse: func(string) bool { return false }, after: func(int) {}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/_bulk"):
			f.bulk(t, w, r)
		case strings.HasPrefix(r.URL.Path, "/_nodes"):
			fmt.Fprint(w, `{"nodes":{"a":{"version":"8.19.8","modules":[],"plugins":[]}}}`)
		case r.Method == http.MethodGet:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{}`)
		default:
			fmt.Fprint(w, `{"acknowledged":true}`)
		}
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) bulk(t testing.TB, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	sc := bufio.NewScanner(bytes.NewReader(body))
	sc.Buffer(nil, 32<<20)
	var items []string
	bad := false
	for sc.Scan() {
		var head map[string]struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		}
		if err := json.Unmarshal(sc.Bytes(), &head); err != nil || !sc.Scan() {
			t.Errorf("a bulk request that cannot be read: %v", err)
			break
		}
		for op, h := range head {
			index := h.Index
			if index == "" { // all of one request
				index = strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), "/_bulk")
			}
			key := index + "/" + h.ID
			switch {
			case f.refuse(h.ID):
				bad = true
				items = append(items, `{"create":{"status":400,"error":{"type":"document_parsing_exception","reason":"no"}}}`)
			case f.docs[key] != nil && op == "create":
				bad = true
				items = append(items, `{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"there"}}}`)
			default:
				f.docs[key] = bytes.Clone(sc.Bytes())
				items = append(items, `{"`+op+`":{"status":201}}`)
			}
		}
	}
	f.bulks++
	n := f.bulks
	f.mu.Unlock()
	fmt.Fprintf(w, `{"errors":%t,"items":[%s]}`, bad, strings.Join(items, ","))
	f.after(n)
}

func (f *fake) keys() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.docs))
}

func options(t testing.TB, urls ...string) Options {
	t.Helper()
	c := config.Default().Elastic
	c.URLs, c.Keep, c.Workers = urls, unit.Duration(90*24*time.Hour), 2
	return Options{Elastic: c, From: sample.Start.Add(-time.Hour), To: now, State: filepath.Join(t.TempDir(), "state.json"), Now: func() time.Time { return now }}
}

func TestRun_EachEventOnceInItsIndex(t *testing.T) {
	docs := sample.Docs(3, 2500)
	w, es := start(t, docs), elasticsearch(t)
	o := options(t, es.URL)
	res, err := Run(t.Context(), w, o)
	if err != nil || res.Counts != (Counts{Read: 2500, Indexed: 2500}) || res.Total != 2500 || res.Resumed {
		t.Fatalf("%+v (%v)", res, err)
	}
	for _, d := range docs {
		var e event.Event
		if err := e.Decode(d); err != nil {
			t.Fatal(err)
		}
		class := e.Str(event.WeirClass)
		if class == "" {
			class = "standard"
		}
		key := "logs-weir." + class + "-2026.11.21/" + e.Str(event.EventID)
		if got := es.docs[key]; !bytes.Equal(got, d) {
			t.Fatalf("%s is %s\nthere are %s", key, got, es.keys()[:3])
		}
	}
	if _, err := os.Stat(o.State); err == nil {
		t.Error("the state is left behind")
	}
	if res, err = Run(t.Context(), w, o); err != nil || res.Counts != (Counts{Read: 2500, Present: 2500}) {
		t.Errorf("again: %+v (%v)", res, err)
	}
	o.Into, o.Query = "logs-restored.", "user.name: root"
	if res, err = Run(t.Context(), w, o); err != nil || res.Read != res.Indexed || res.Read != res.Total || res.Read == 0 {
		t.Errorf("elsewhere: %+v (%v)", res, err)
	}
	if keys := es.keys(); !strings.HasPrefix(keys[0], "logs-restored.") {
		t.Errorf("%s", keys[0])
	}
}

// TestRun_GoesOn: runs that end in the middle, at any bulk request, come to the same as one, and the counts add up.
func TestRun_GoesOn(t *testing.T) {
	docs := sample.Docs(4, 6000)
	w, es := start(t, docs), elasticsearch(t)
	o := options(t, es.URL)
	stopped := 0
	for {
		ctx, cancel := context.WithCancel(t.Context())
		first := es.bulks
		es.after = func(n int) {
			if n >= first+2 {
				cancel()
			}
		}
		res, err := Run(ctx, w, o)
		cancel()
		if err == nil {
			if res.Read != 6000 || res.Indexed+res.Present != 6000 || !res.Resumed {
				t.Errorf("%+v", res)
			}
			break
		}
		if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if stopped++; stopped > 50 {
			t.Fatal("it does not get on")
		}
	}
	if n := len(es.keys()); n != 6000 || stopped == 0 {
		t.Errorf("%d documents after %d stops", n, stopped)
	}
}

func TestRun_WhatIsRefusedIsSaid(t *testing.T) {
	w, es := start(t, sample.Docs(5, 300)), elasticsearch(t)
	es.refuse = func(id string) bool { return strings.HasSuffix(id, "7") }
	res, err := Run(t.Context(), w, options(t, es.URL))
	if err != nil || res.Refused != 30 || res.Indexed != 270 || res.Read != 300 || len(res.Reasons) != maxReasons || !strings.Contains(res.Reasons[0], "document_parsing_exception: no") {
		t.Errorf("%+v (%v)", res, err)
	}
}

func TestRun_RefusesWhatCouldNotEndWell(t *testing.T) {
	w := start(t, sample.Docs(1, 10))
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(o *Options)
		code   string
	}{
		"no server":     {func(o *Options) { o.Elastic.URLs = nil }, "elastic-unset"},
		"too old":       {func(o *Options) { o.From = now.AddDate(-1, 0, 0) }, "restore-old"},
		"everything":    {func(o *Options) { o.From = time.Time{} }, "restore-old"},
		"capitals":      {func(o *Options) { o.Into = "Logs" }, "restore-index"},
		"hidden":        {func(o *Options) { o.Into = ".logs" }, "restore-index"},
		"a slash":       {func(o *Options) { o.Into = "a/b" }, "restore-index"},
		"a broken note": {func(o *Options) { o.State = broken }, "restore-state"},
		"KQL":           {func(o *Options) { o.Query = "a: (" }, "kql-syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, "http://127.0.0.1:1")
			c.change(&o)
			_, err := Run(t.Context(), w, o)
			if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != c.code || f.Exit != fault.ExitUsage {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestTracker_StateIsNeverAhead: batches are settled in any order, and the state passes only what is settled.
func TestTracker_StateIsNeverAhead(t *testing.T) {
	o := options(t, "http://127.0.0.1:1")
	fresh, _, err := load(o)
	if err != nil {
		t.Fatal(err)
	}
	tr := newTracker(fresh, o)
	a, b := tr.begin([]int64{1, 2}, []string{"a", "b"}), tr.begin([]int64{2, 2, 3}, []string{"c", "d", "e"})
	tr.settle(b, []int32{0, 1, 2}, outcome(0))
	if tr.state.Through != 0 || tr.state.Counts.Read != 0 {
		t.Errorf("ahead: %+v", tr.state)
	}
	tr.settle(a, []int32{1}, outcome(0))
	tr.settle(a, []int32{0}, outcome(1))
	if tr.state.Through != 3 || fmt.Sprint(tr.state.Done) != "[e]" || tr.state.Counts != (Counts{Read: 5, Indexed: 4, Present: 1}) {
		t.Errorf("%+v", tr.state)
	}
	c := tr.begin([]int64{3, 4}, []string{"f", "g"})
	tr.settle(c, []int32{0}, outcome(0))
	tr.settle(c, []int32{1}, outcome(3)) // given up
	if _, _ = tr.end(true); tr.err() == nil {
		t.Error("given up, and nobody is told")
	}
	st, resumed, err := load(o)
	if err != nil || !resumed || st.Through != 3 || fmt.Sprint(st.Done) != "[e]" {
		t.Fatalf("%+v (%v)", st, err)
	}
	next := newTracker(st, o)
	for _, x := range []struct {
		at   int64
		id   string
		want bool
	}{{2, "zz", true}, {3, "e", true}, {3, "f", false}, {4, "g", false}} {
		if next.settledBefore(x.at, x.id) != x.want {
			t.Errorf("%d %s", x.at, x.id)
		}
	}
}

// TestReal_Restores puts events into a real server, twice and after stops.
func TestReal_Restores(t *testing.T) {
	server := realelastic.Start(t)
	docs := sample.Docs(9, 20_000)
	w := start(t, docs)
	o := options(t, server.URLs...)
	ctx, cancel := context.WithCancel(t.Context())
	o.Progress = func(p Progress) {
		if p.Read > 3000 {
			cancel()
		}
	}
	if _, err := Run(ctx, w, o); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	o.Progress = nil
	res, err := Run(t.Context(), w, o)
	if err != nil || res.Read != 20_000 || res.Indexed+res.Present != 20_000 || res.Refused != 0 {
		t.Fatalf("%+v (%v)", res, err)
	}
	if n := server.Count(t, "logs-weir.*"); n != 20_000 {
		t.Errorf("%d documents", n)
	}
	if res, err = Run(t.Context(), w, o); err != nil || res.Present != 20_000 {
		t.Errorf("again: %+v (%v)", res, err)
	}
	o.Into, o.Query = "logs-restored.", "event.outcome: failure"
	if res, err = Run(t.Context(), w, o); err != nil || res.Indexed != res.Total || res.Total == 0 {
		t.Errorf("elsewhere: %+v (%v)", res, err)
	}
	if n := server.Count(t, "logs-restored.*"); int64(n) != res.Total {
		t.Errorf("%d documents, want %d", n, res.Total)
	}
}

func outcome(k bulk.Kind) bulk.Outcome { return bulk.Outcome{Kind: k} }
