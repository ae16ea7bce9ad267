package ledger_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/ledger"
	"weir/internal/record"
)

const src = "syslog/192.0.2.1"

var self = record.Ing{Ingester: "a", Start: 1}

func value(t testing.TB, r any) []byte {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// stretch is what normalise says of raw offsets [from, to): every record became an event.
func stretch(start string, from, to int64) ledger.Record {
	n := to - from
	return ledger.Record{Hop: ledger.HopNormalise, Topic: "weir.raw.syslog", From: from, To: to,
		Starts: map[string]map[string]*ledger.Counts{start: {src: {Received: n, Events: n}}}}
}

func ingest(start uint32, clean bool, c ledger.Counts) ledger.Record {
	return ledger.Record{Hop: ledger.HopIngest, Instance: "a", Start: start, Clean: clean, Sources: map[string]*ledger.Counts{src: &c}}
}

func fold(t testing.TB, recs ...ledger.Record) *ledger.Fold {
	t.Helper()
	f := ledger.NewFold()
	for _, r := range recs {
		if err := f.Apply(value(t, r)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestBalance(t *testing.T) {
	for _, tc := range []struct {
		name  string
		recs  []ledger.Record
		state ledger.State
		want  string // received split stored duplicate dead refused filtered inflight difference
		found int64
		most  int64
	}{
		{
			name:  "everything stored",
			recs:  []ledger.Record{ingest(1, false, ledger.Counts{Received: 10}), stretch("a/1", 0, 10)},
			state: ledger.State{Self: "a/1", Stored: map[string]int64{src: 10}},
			want:  "10 0 10 0 0 0 0 0 0",
		},
		{
			name: "split, filtered, dead and refused",
			recs: []ledger.Record{
				ingest(1, false, ledger.Counts{Received: 12, Refused: map[string]int64{"rate": 2}}),
				{Hop: ledger.HopNormalise, Topic: "r", To: 10, Starts: map[string]map[string]*ledger.Counts{"a/1": {src: {Received: 10, Split: 5, Filtered: 3, Dead: map[string]int64{"x": 1}, Events: 11}}}},
			},
			state: ledger.State{Self: "a/1", Stored: map[string]int64{src: 11}},
			want:  "12 5 11 0 1 2 3 0 0",
		},
		{
			name:  "waiting in both topics is in flight",
			recs:  []ledger.Record{ingest(1, false, ledger.Counts{Received: 10}), stretch("a/1", 0, 6)},
			state: ledger.State{Self: "a/1", Stored: map[string]int64{src: 5}, WaitingRaw: 4, WaitingEvents: 1},
			want:  "10 0 5 0 0 0 0 5 0",
		},
		{
			name:  "vanished before the archive: nothing waits, so it is a difference",
			recs:  []ledger.Record{ingest(1, false, ledger.Counts{Received: 10}), stretch("a/1", 0, 10)},
			state: ledger.State{Self: "a/1", Stored: map[string]int64{src: 7}},
			want:  "10 0 7 0 0 0 0 0 3",
		},
		{
			name:  "vanished before normalise although one record waits",
			recs:  []ledger.Record{ingest(1, false, ledger.Counts{Received: 10}), stretch("a/1", 0, 6)},
			state: ledger.State{Self: "a/1", Stored: map[string]int64{src: 6}, WaitingRaw: 1},
			want:  "10 0 6 0 0 0 0 1 3",
		},
		{
			name:  "stored twice",
			recs:  []ledger.Record{ingest(1, false, ledger.Counts{Received: 10}), stretch("a/1", 0, 10)},
			state: ledger.State{Self: "a/1", Stored: map[string]int64{src: 12}},
			want:  "10 0 12 0 0 0 0 0 -2",
		},
		{
			name:  "a stretch that comes again after a crash counts once",
			recs:  []ledger.Record{ingest(1, false, ledger.Counts{Received: 30}), stretch("a/1", 0, 10), stretch("a/1", 10, 20), stretch("a/1", 10, 30)},
			state: ledger.State{Self: "a/1", Stored: map[string]int64{src: 30}},
			want:  "30 0 30 0 0 0 0 0 0",
		},
		{
			name:  "two stretches come again",
			recs:  []ledger.Record{ingest(1, false, ledger.Counts{Received: 30}), stretch("a/1", 0, 10), stretch("a/1", 10, 20), stretch("a/1", 0, 25), stretch("a/1", 25, 30)},
			state: ledger.State{Self: "a/1", Stored: map[string]int64{src: 30}},
			want:  "30 0 30 0 0 0 0 0 0",
		},
		{
			name:  "an unclean stop: the log knows of more than the last count",
			recs:  []ledger.Record{ingest(1, false, ledger.Counts{Received: 10}), stretch("a/1", 0, 14)},
			state: ledger.State{Self: "a/2", Stored: map[string]int64{src: 14}},
			want:  "14 0 14 0 0 0 0 0 0", found: 4,
		},
		{
			name:  "an unclean stop: the last count knows of more than the log",
			recs:  []ledger.Record{ingest(1, false, ledger.Counts{Received: 10, Refused: map[string]int64{"rate": 1}}), stretch("a/1", 0, 6)},
			state: ledger.State{Self: "a/2", Stored: map[string]int64{src: 6}},
			want:  "7 0 6 0 0 1 0 0 0", most: 3,
		},
		{
			name:  "a crash before the first count",
			recs:  []ledger.Record{stretch("a/1", 0, 6)},
			state: ledger.State{Self: "a/2", Stored: map[string]int64{src: 6}},
			want:  "6 0 6 0 0 0 0 0 0", found: 6,
		},
		{
			name:  "a clean stop is held to its count",
			recs:  []ledger.Record{ingest(1, true, ledger.Counts{Received: 10}), stretch("a/1", 0, 6)},
			state: ledger.State{Self: "a/2", Stored: map[string]int64{src: 6}},
			want:  "10 0 6 0 0 0 0 0 4",
		},
		{
			name: "a copy made by a producer's retry is not counted as received",
			recs: []ledger.Record{
				ingest(1, false, ledger.Counts{Received: 10}),
				{Hop: ledger.HopNormalise, Topic: "r", To: 12, Starts: map[string]map[string]*ledger.Counts{"a/1": {src: {Received: 10, Repeated: 2, Events: 10}}}},
			},
			state: ledger.State{Self: "a/1", Stored: map[string]int64{src: 10}},
			want:  "10 0 10 0 0 0 0 0 0",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := fold(t, tc.recs...).Balance(tc.state)
			if len(b.Rows) != 1 || b.Rows[0].Source != src {
				t.Fatalf("rows %+v", b.Rows)
			}
			r := b.Rows[0]
			if got := fmt.Sprint(r.Received, r.Split, r.Stored, r.Duplicate, r.Dead, r.Refused, r.Filtered, r.InFlight, r.Difference); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if b.OK != (r.Difference == 0) {
				t.Errorf("OK is %t with a difference of %d", b.OK, r.Difference)
			}
			var found, most int64
			for _, u := range b.Unclean {
				found += u.Found
				most += u.Most
			}
			if found != tc.found || most != tc.most {
				t.Errorf("unclean: found %d, most %d; want %d and %d", found, most, tc.found, tc.most)
			}
		})
	}
}

func TestManyStretchesCloseInOrder(t *testing.T) {
	f := ledger.NewFold()
	for i := range int64(100) {
		if err := f.Apply(value(t, stretch("a/1", i*10, i*10+10))); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.Taken()["weir.raw.syslog/0"]; got != 1000 {
		t.Errorf("counted up to %d", got)
	}
	if n := len(f.Open["weir.raw.syslog/0"]); n > 16 {
		t.Errorf("%d stretches are kept open", n)
	}
	b := f.Balance(ledger.State{Stored: map[string]int64{src: 1000}})
	if b.Rows[0].Received != 1000 || !b.OK {
		t.Errorf("%+v", b.Rows[0])
	}
}

func TestBookFoldsManySources(t *testing.T) {
	book := ledger.NewBook(self, 3)
	for i := range 10 {
		s := fmt.Sprintf("syslog/192.0.2.%d", i)
		book.Received(s, 2, 100)
		book.Refused(s, "rate", 1)
		book.Published(s, 1)
	}
	book.KernelDrops("syslog", 7)
	r := book.Record(time.Now(), true)
	if len(r.Sources) != 4 || r.Sources[ledger.Other].Received != 14 || r.Sources[ledger.Other].Refused["rate"] != 7 {
		t.Errorf("%d sources, other %+v", len(r.Sources), r.Sources[ledger.Other])
	}
	received, refused, kernel := book.Totals()
	if received != 20 || refused != 10 || kernel != 7 || !r.Clean || r.Kernel["syslog"] != 7 {
		t.Errorf("received %d, refused %d, kernel %d, record %+v", received, refused, kernel, r)
	}
}

func TestManyRowsFoldIntoOther(t *testing.T) {
	f := ledger.NewFold()
	rec := ledger.Record{Hop: ledger.HopIngest, Instance: "a", Start: 1, Sources: map[string]*ledger.Counts{}}
	for i := range 30 {
		rec.Sources[fmt.Sprintf("s/%02d", i)] = &ledger.Counts{Received: int64(i), Refused: map[string]int64{"rate": int64(i)}}
	}
	if err := f.Apply(value(t, rec)); err != nil {
		t.Fatal(err)
	}
	b := f.Balance(ledger.State{Self: "a/1", Max: 10})
	if len(b.Rows) != 11 || b.Rows[10].Source != ledger.Other {
		t.Fatalf("%d rows", len(b.Rows))
	}
	var sum int64
	for _, r := range b.Rows {
		sum += r.Received
	}
	if sum != 29*30/2 || b.Rows[10].Received != 19*20/2 {
		t.Errorf("sum %d, other %d", sum, b.Rows[10].Received)
	}
}

func TestStoreSurvivesARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.json")
	write := func(name string, b []byte) error { return os.WriteFile(name, b, 0o600) }
	open := func() *ledger.Store {
		s, err := ledger.OpenStore(file, write, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	w, err := s.NewWorker(t.Context(), "weir.ledger", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	recs := []*kgo.Record{
		{Offset: 0, Value: value(t, ingest(1, false, ledger.Counts{Received: 10}))},
		{Offset: 1, Value: []byte("not JSON")},
		{Offset: 2, Value: value(t, stretch("a/1", 0, 10))},
	}
	answered := 0
	if err := w.Process(t.Context(), recs, func(err error) {
		if err == nil {
			answered++
		}
	}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if answered != 1 {
		t.Fatalf("the batch was answered %d times", answered)
	}
	s = open()
	if at, ok := s.StartOffset("", 0); !ok || at != 3 {
		t.Errorf("goes on at %d", at)
	}
	if w, err = s.NewWorker(t.Context(), "weir.ledger", 0, 0); err != nil {
		t.Fatal(err)
	}
	if err := w.Process(t.Context(), recs, func(error) {}); err != nil { // read again: counted once
		t.Fatal(err)
	}
	w.Close()
	b := s.Balance(ledger.State{Self: "a/1", Stored: map[string]int64{src: 10}})
	if !b.OK || b.Rows[0].Received != 10 {
		t.Errorf("%+v", b.Rows)
	}
}

func FuzzApply(f *testing.F) {
	f.Add([]byte(`{"hop":"ingest","instance":"a","start":1,"sources":{"s":{"received":3}}}`))
	f.Add([]byte(`{"hop":"normalise","topic":"t","from":5,"to":2,"starts":{"a/1":{"s":null}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		fold := ledger.NewFold()
		if fold.Apply(b) != nil {
			return
		}
		bal := fold.Balance(ledger.State{})
		for _, r := range bal.Rows { // whatever the numbers, the equation of a row is true
			if r.Received+r.Split != r.Stored+r.Duplicate+r.Dead+r.Refused+r.Filtered+r.InFlight+r.Difference {
				t.Errorf("row %+v does not add up", r)
			}
		}
	})
}
