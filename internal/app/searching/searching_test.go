package searching_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/app/auditing"
	"weir/internal/app/searching"
	"weir/internal/archive"
	"weir/internal/archive/sample"
	"weir/internal/control/question"
	asked "weir/internal/control/searching"
	"weir/internal/fault"
	"weir/internal/record"
)

// served is an archive with documents, half of them sealed, and what was recorded of the questions about it.
type served struct {
	question.Table
	looks []auditing.Look
	docs  [][]byte
}

func serve(t *testing.T, n int) *served {
	t.Helper()
	a, err := archive.Open(t.TempDir(), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	s := &served{docs: sample.Docs(7, n)}
	for half := range 2 {
		var rows []archive.Row
		for i := half * n / 2; i < (half+1)*n/2; i++ {
			rows = append(rows, archive.Row{Doc: s.docs[i], Account: "syslog/192.0.2.1", Consumed: record.Pos{Topic: "weir.events", Offset: int64(i)}, Source: record.Pos{Topic: "weir.raw.syslog", Offset: int64(i)}})
		}
		if err := a.Append(t.Context(), rows, func(error) {}); err != nil {
			t.Fatal(err)
		}
		if half == 0 {
			if err := a.Seal(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.Table = searching.Questions(searching.Deps{Archive: func() (*archive.Archive, error) { return a, nil }, Data: t.TempDir(),
		Note: func(_ context.Context, l auditing.Look) { s.looks = append(s.looks, l) }})
	return s
}

func TestPage_AllOfThem(t *testing.T) {
	s := serve(t, 600)
	seen := map[string]bool{}
	req := asked.PageRequest{Size: 170, Sort: "source.ip", CountBy: []string{"event.outcome", "user.name"}, CountSize: 3, Buckets: 10}
	for n := 0; ; n++ {
		var got int
		p, err := question.Ask[asked.Page](t.Context(), s, asked.AskPage, req, func(doc []byte) error {
			var e event.Event
			if err := e.Decode(doc); err != nil {
				return err
			}
			seen[strings.Clone(e.Str(event.EventID))] = true
			got++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 && (p.Hits != 600 || len(p.Groups) != 3 || !p.Exact || len(p.Buckets) == 0) || n > 0 && (p.Hits != -1 || p.Groups != nil) || got != p.Shown {
			t.Errorf("page %d: %+v", n, p)
		}
		if req.After = p.Next; p.Next == "" {
			break
		}
	}
	if len(seen) != 600 || len(s.looks) != 4 || s.looks[0].Action != "search" || s.looks[0].Hits != 600 {
		t.Errorf("%d events, looks %+v", len(seen), s.looks)
	}
	req.After, req.Size = "", 5
	first, err := question.Ask[asked.Page](t.Context(), s, asked.AskPage, req, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.After, req.Counts = first.Next, true
	if p, err := question.Ask[asked.Page](t.Context(), s, asked.AskPage, req, nil); err != nil || p.Hits != 600 || len(p.Groups) != 3 {
		t.Errorf("counts asked for again: %+v (%v)", p, err)
	}
}

func TestPage_RefusesWhatCannotBeHad(t *testing.T) {
	s := serve(t, 20)
	now := time.Now()
	for name, c := range map[string]struct {
		r    asked.PageRequest
		code string
	}{
		"KQL":         {asked.PageRequest{Scope: asked.Scope{Query: "a: ("}}, "kql-syntax"},
		"size":        {asked.PageRequest{Size: asked.MaxSize + 1}, "search-request"},
		"below zero":  {asked.PageRequest{Size: -1}, "search-request"},
		"four fields": {asked.PageRequest{CountBy: []string{"a", "b", "c", "d"}}, "search-request"},
		"one twice":   {asked.PageRequest{CountBy: []string{"a", "a"}}, "search-request"},
		"no name":     {asked.PageRequest{CountBy: []string{""}}, "search-request"},
		"no time":     {asked.PageRequest{Scope: asked.Scope{From: now, To: now}}, "search-request"},
		"cursor":      {asked.PageRequest{Size: 1, After: "x"}, "bad-cursor"},
	} {
		t.Run(name, func(t *testing.T) {
			s.looks = nil
			_, err := question.Ask[asked.Page](t.Context(), s, asked.AskPage, c.r, nil)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != c.code || f.Exit != fault.ExitUsage {
				t.Errorf("got %v", err)
			}
			if len(s.looks) != 1 || s.looks[0].Err == nil {
				t.Errorf("recorded %+v", s.looks)
			}
		})
	}
}

func TestPage_WarnsOfNamesThatNobodyKnows(t *testing.T) {
	s := serve(t, 20)
	p, err := question.Ask[asked.Page](t.Context(), s, asked.AskPage, asked.PageRequest{Scope: asked.Scope{Query: "user.nmae: root"}}, nil)
	if err != nil || len(p.Warn) != 1 || p.Warn[0].Code != "kql-unknown-field" || p.Warn[0].Fault().Do != "did you mean `user.name`?" {
		t.Errorf("%+v (%v)", p, err)
	}
}

func TestFields(t *testing.T) {
	s := serve(t, 400)
	f, err := question.Ask[asked.Fields](t.Context(), s, asked.AskFields, asked.FieldsRequest{Values: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]asked.Field{}
	for _, r := range f.Rows {
		by[r.Name] = r
	}
	if f.Events != 400 || by["@timestamp"].Events != 400 || by["source.ip"].Type != "ip" || by["source.port"].Type != "long" || len(by["user.name"].Values) != 2 || by["message"].Values != nil {
		t.Errorf("%+v", f.Rows)
	}
	if len(s.looks) != 1 || s.looks[0].Action != "search-fields" {
		t.Errorf("%+v", s.looks)
	}
	f, err = question.Ask[asked.Fields](t.Context(), s, asked.AskFields, asked.FieldsRequest{Sample: 50, Only: []string{"user"}}, nil)
	if err != nil || f.Events != 50 || !f.Sampled || !slices.ContainsFunc(f.Rows, func(r asked.Field) bool { return r.Name == "user.name" }) || slices.ContainsFunc(f.Rows, func(r asked.Field) bool { return r.Name == "source.ip" }) {
		t.Errorf("%+v (%v)", f, err)
	}
}

func TestExport_EveryDocumentAsItIsStored(t *testing.T) {
	s := serve(t, 500)
	var got []string
	x, err := question.Ask[asked.Exported](t.Context(), s, asked.AskExport, asked.ExportRequest{Format: "ndjson", Into: "x.ndjson"}, func(doc []byte) error {
		got = append(got, string(doc))
		return nil
	})
	if err != nil || x.Events != 500 {
		t.Fatalf("%+v (%v)", x, err)
	}
	want := map[string]bool{}
	for _, d := range s.docs {
		want[string(d)] = true
	}
	for _, d := range got {
		if !want[d] {
			t.Fatalf("this was never stored: %s", d)
		}
	}
	if l := s.looks[len(s.looks)-1]; l.Action != "export" || l.Hits != 500 || l.Reason != "ndjson into x.ndjson" {
		t.Errorf("recorded %+v", l)
	}
	// A reader that goes away ends it, and that is recorded with how far it came.
	n := 0
	_, err = question.Ask[asked.Exported](t.Context(), s, asked.AskExport, asked.ExportRequest{}, func([]byte) error {
		if n++; n == 10 {
			return errors.New("gone")
		}
		return nil
	})
	if l := s.looks[len(s.looks)-1]; err == nil || l.Err == nil || l.Hits != 9 {
		t.Errorf("%v, recorded %+v", err, l)
	}
	// Of a key below an open field the whole field comes, and nothing else.
	_, err = question.Ask[asked.Exported](t.Context(), s, asked.AskExport, asked.ExportRequest{Fields: []string{"@timestamp", "labels.env"}}, func(doc []byte) error {
		var m map[string]json.RawMessage
		if err := json.Unmarshal(doc, &m); err != nil || m["@timestamp"] == nil || m["user"] != nil {
			return fmt.Errorf("got %s", doc)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestExport_EndsWithItsContext(t *testing.T) {
	s := serve(t, 300)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	_, err := question.Ask[asked.Exported](ctx, s, asked.AskExport, asked.ExportRequest{}, func([]byte) error {
		n++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || n > 1 {
		t.Errorf("%d documents, %v", n, err)
	}
}

func TestSaved(t *testing.T) {
	s := serve(t, 10)
	in := asked.SaveRequest{Saved: asked.Saved{Name: "mine", Query: "user.name: kim"}}
	if _, err := question.Ask[asked.Saved](t.Context(), s, asked.AskSave, in, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := question.Ask[asked.Saved](t.Context(), s, asked.AskSave, in, nil); err == nil {
		t.Error("the same name twice")
	}
	list, err := question.Ask[asked.SavedList](t.Context(), s, asked.AskSaved, asked.SavedRequest{}, nil)
	if err != nil || len(list.Rows) != 11 {
		t.Errorf("%d searches (%v)", len(list.Rows), err)
	}
	one, err := question.Ask[asked.SavedList](t.Context(), s, asked.AskSaved, asked.SavedRequest{Name: "mine"}, nil)
	if err != nil || len(one.Rows) != 1 || one.Rows[0].Query != "user.name: kim" || one.Rows[0].Shipped {
		t.Errorf("%+v (%v)", one, err)
	}
	if _, err := question.Ask[asked.SavedList](t.Context(), s, asked.AskSaved, asked.SavedRequest{Name: "nobody"}, nil); err == nil {
		t.Error("a search that is not there")
	}
}
