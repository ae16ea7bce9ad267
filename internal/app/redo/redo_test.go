package redo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/control/redo"
	"weir/internal/query"
	"weir/internal/record"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// store makes an archive of documents, each a second after the one before it.
func store(t *testing.T, docs ...string) *archive.Archive {
	t.Helper()
	a, err := archive.Open(t.TempDir(), archive.Options{Writer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	rows := make([]archive.Row, len(docs))
	for i, d := range docs {
		var e event.Event
		if err := e.Decode([]byte(d)); err != nil {
			t.Fatal(d, err)
		}
		if !e.Has(event.Timestamp) {
			e.Set(event.Timestamp, event.At(noon.Add(time.Duration(i)*time.Second)))
		}
		rows[i] = archive.Row{Doc: e.AppendJSON(nil), Account: "x", Consumed: record.Pos{Topic: "t", Offset: int64(i)}}
	}
	if err := a.Append(t.Context(), rows, nil); err != nil {
		t.Fatal(err)
	}
	return a
}

// ev is a stored event, letter a dead letter; more are further members of weir.
func ev(id, dataset, more string) string {
	return fmt.Sprintf(`{"event":{"dataset":%q,"id":%q,"original":"o %s"},"weir":{"input":"syslog"%s}}`, dataset, id, id, more)
}

func letter(id, reason, detail, more string) string {
	return fmt.Sprintf(`{"error":{"message":%q},"event":{"dataset":"weir.deadletter","id":%q,"original":"o"},"log":{"source":{"address":"192.0.2.1"}},"weir":{"deadletter":{"reason":%q,"stage":"normalise"},"input":"syslog"%s}}`, detail, id, reason, more)
}

const second = `,"revision":2,"revised":{"at":["2026-11-21T12:00:00Z"],"by":"redrive"}`

func TestWalk(t *testing.T) {
	docs := []string{
		letter("d/1/1", "parser-panic", "x.y: boom", ""), ev("d/1/1", "x.y", second), // redriven
		letter("d/1/2", "parser-panic", "x.y: boom", ""), letter("d/1/3", "event-too-large", "too large", ""),
		strings.Replace(letter("d/1/4", "gone", "z", ""), `"stage":"normalise"`, `"stage":"elastic"`, 1),
		ev("e/1/1", "x.y", ""), ev("e/1/2", "z.w", ""), `{"event":{"dataset":"x.y","id":"e/1/3"},"weir":{"input":"syslog"}}`,
		`{"event":{"dataset":"weir.audit","id":"e/1/4","original":"o"},"weir":{"input":"audit"}}`, `{"event":{"dataset":"alert","id":"e/1/5"}}`,
	}
	ar := store(t, docs...)
	for _, tc := range []struct {
		name    string
		r       redo.Request
		want    string // ids
		total   int64
		skipped string
	}{
		{"all open dead letters", redo.Request{Redrive: true}, "[d/1/2 d/1/3]", 3, "map[a dead letter of a later stage: its event is stored:1 redriven already:1]"},
		{"of one reason", redo.Request{Redrive: true, Reason: "event-too-large"}, "[d/1/3]", 1, "map[]"},
		{"of one dataset", redo.Request{Redrive: true, Dataset: "x.y"}, "[d/1/2]", 1, "map[redriven already:1]"},
		{"one that was redriven", redo.Request{Redrive: true, ID: "d/1/1"}, "[]", 0, "map[redriven already:1]"},
		{"of a source", redo.Request{Redrive: true, Source: "syslog/192.0.2.2"}, "[]", 0, "map[]"},
		{"by KQL", redo.Request{Redrive: true, Query: "error.message: large"}, "[d/1/3]", 1, "map[]"},
		{"events", redo.Request{}, "[d/1/1 e/1/1 e/1/2]", 4, "map[no original is kept:1]"},
		{"of one dataset", redo.Request{Dataset: "z.w"}, "[e/1/2]", 1, "map[]"},
		{"by KQL, with an or", redo.Request{Query: `event.id: "e/1/1" or event.id: "e/1/4"`}, "[e/1/1]", 1, "map[]"},
		{"in a time", redo.Request{From: noon.Add(6 * time.Second), To: noon.Add(7 * time.Second)}, "[e/1/2]", 1, "map[]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var ids []string
			began := int64(-1)
			tc.r.As = "as.this"
			sel, err := Walk(t.Context(), ar, tc.r, func(s *Selection) { began = s.Total }, func(f *Found) error {
				ids = append(ids, f.Order.ID)
				if f.Order.As != "as.this" || len(f.Original) == 0 || len(f.Doc) == 0 || f.At.IsZero() {
					t.Errorf("%+v", f)
				}
				return nil
			})
			if got := fmt.Sprint(ids); err != nil || got != tc.want || began != tc.total || sel.Total != tc.total || fmt.Sprint(sel.Skipped) != tc.skipped {
				t.Errorf("%s of %d, skipped %v (%v); want %s of %d, %s", got, began, sel.Skipped, err, tc.want, tc.total, tc.skipped)
			}
		})
	}
}

// TestWalk_Ends: with its context, with an error of who takes the originals, and with a query that is none.
func TestWalk_Ends(t *testing.T) {
	ar := store(t, ev("e/1/1", "x.y", ""), ev("e/1/2", "x.y", ""))
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	_, err := Walk(ctx, ar, redo.Request{}, func(*Selection) {}, func(*Found) error { n++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%d originals, %v", n, err)
	}
	full := errors.New("full")
	if _, err := Walk(t.Context(), ar, redo.Request{}, func(*Selection) {}, func(*Found) error { return full }); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	for _, r := range []redo.Request{{Query: "a and"}, {Query: "a) or (b"}, {Redrive: true, Query: "a) or (b"}} {
		if _, err := Walk(t.Context(), ar, r, func(*Selection) {}, nil); err == nil {
			t.Errorf("%+v was taken", r)
		}
	}
}

// TestWalk_AsItWas: what the new readings add meanwhile is not met.
func TestWalk_AsItWas(t *testing.T) {
	ar := store(t, ev("e/1/1", "x.y", ""))
	n := 0
	_, err := Walk(t.Context(), ar, redo.Request{}, func(*Selection) {}, func(*Found) error {
		n++
		var e event.Event
		if err := e.Decode([]byte(ev("e/1/1", "x.y", second))); err != nil {
			return err
		}
		e.Set(event.Timestamp, event.At(noon.Add(time.Hour)))
		return ar.Append(t.Context(), []archive.Row{{Doc: e.AppendJSON(nil), Account: "x", Consumed: record.Pos{Topic: "t", Offset: 100 + int64(n)}}}, nil)
	})
	if err != nil || n != 1 {
		t.Errorf("%d originals (%v)", n, err)
	}
}

func TestQuery_Parses(t *testing.T) {
	for _, r := range []redo.Request{{}, {Query: "a or b", Dataset: `x"y`}, {Redrive: true, Reason: `"`, Input: `\`}} {
		kql, err := Query(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := query.Parse(kql); err != nil {
			t.Errorf("%s: %v", kql, err)
		}
	}
}

func TestChanges(t *testing.T) {
	const before = `{"event":{"dataset":"x.y","ingested":"2026-11-21T12:00:00.000Z","kind":"event"},"message":"a","tags":["b"],"weir":{"data":{"k":"v","old":"1"},"revision":1}}`
	const after = `{"event":{"dataset":"z.w","ingested":"2026-11-21T13:00:00.000Z","kind":"event"},"tags":["b","c"],"user":{"name":"kim"},"weir":{"data":{"k":"w"},"revision":2}}`
	var d Differ
	want := "[{event.dataset x.y z.w} {message a } {tags [\"b\"] [\"b\",\"c\"]} {user.name  kim} {weir.data.k v w} {weir.data.old 1 }]"
	if got := fmt.Sprint(d.Changes([]byte(before), []byte(after))); got != want || d.Dataset() != "z.w" {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := d.Changes([]byte(before), []byte(before)); len(got) != 0 {
		t.Errorf("of itself: %v", got)
	}
	if got := d.Changes(nil, []byte(`{"message":"a"}`)); len(got) != 1 || got[0].Before != "" {
		t.Errorf("of nothing: %v", got)
	}
	if got := d.Changes([]byte("{"), []byte("{")); len(got) != 0 {
		t.Errorf("of what is no document: %v", got)
	}
}
