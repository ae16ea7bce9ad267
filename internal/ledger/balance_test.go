package ledger_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"weir/internal/ledger"
)

// bySource is what normalise says of some sources of one start, with as many events as records.
func bySource(to int64, counts map[string]int64) ledger.Record {
	r := ledger.Record{Hop: ledger.HopNormalise, Topic: "weir.raw.syslog", To: to, Starts: map[string]map[string]*ledger.Counts{"a/1": {}}}
	for s, n := range counts {
		r.Starts["a/1"][s] = &ledger.Counts{Received: n, Events: n}
	}
	return r
}

// TestBalance_DifferencesDoNotHideOneAnother: a source that lost five and one that has five too many are both in the row
// of the others, whose own difference is none.
func TestBalance_DifferencesDoNotHideOneAnother(t *testing.T) {
	rec := ledger.Record{Hop: ledger.HopIngest, Instance: "a", Start: 1, Sources: map[string]*ledger.Counts{
		"s/big": {Received: 1000}, "s/lost": {Received: 20}, "s/more": {Received: 20},
	}}
	f := fold(t, rec, bySource(1040, map[string]int64{"s/big": 1000, "s/lost": 20, "s/more": 20}))
	st := ledger.State{Self: "a/1", Stored: map[string]int64{"s/big": 1000, "s/lost": 15, "s/more": 25}, Max: 1}
	b := f.Balance(st)
	if len(b.Rows) != 2 || b.Rows[1].Source != ledger.Other || b.Rows[1].Difference != 0 {
		t.Fatalf("rows %+v", b.Rows)
	}
	if b.OK {
		t.Error("two differences that cancel out pass as none")
	}
	st.Max = 0
	if b = f.Balance(st); len(b.Rows) != 3 || b.OK {
		t.Errorf("kept apart: %d rows, OK %t", len(b.Rows), b.OK)
	}
	st.Stored = map[string]int64{"s/big": 1000, "s/lost": 20, "s/more": 20}
	if st.Max = 1; !f.Balance(st).OK {
		t.Error("nothing is wrong, and it does not balance")
	}
}

// TestBalance_InFlightIsShared: what waits explains no more records than there are, whichever sources want it.
func TestBalance_InFlightIsShared(t *testing.T) {
	rec := ledger.Record{Hop: ledger.HopIngest, Instance: "a", Start: 1, Sources: map[string]*ledger.Counts{"s/1": {Received: 4}, "s/2": {Received: 4}}}
	for _, tc := range []struct {
		waiting, inFlight, difference int64
	}{{8, 8, 0}, {9, 8, 0}, {5, 5, 3}, {0, 0, 8}} {
		b := fold(t, rec).Balance(ledger.State{Self: "a/1", WaitingRaw: tc.waiting})
		var inFlight, difference int64
		for _, r := range b.Rows {
			inFlight += r.InFlight
			difference += r.Difference
		}
		if inFlight != tc.inFlight || difference != tc.difference || b.OK != (tc.difference == 0) {
			t.Errorf("%d wait: %d in flight, %d missing, OK %t", tc.waiting, inFlight, difference, b.OK)
		}
	}
}

// TestBalance_ForeignRecords were written into the raw topic by another client: they count, and nobody stopped uncleanly.
func TestBalance_ForeignRecords(t *testing.T) {
	r := ledger.Record{Hop: ledger.HopNormalise, Topic: "weir.raw.syslog", To: 5, Starts: map[string]map[string]*ledger.Counts{ledger.StartKey("", 0): {src: {Received: 5, Events: 5}}}}
	b := fold(t, r).Balance(ledger.State{Self: "a/1", Stored: map[string]int64{src: 5}})
	if !b.OK || len(b.Unclean) != 0 || b.Rows[0].Received != 5 {
		t.Errorf("%+v", b)
	}
}

// TestBalance_SeveralStarts adds up, names each unclean stop in order, and sums what the kernel dropped.
func TestBalance_SeveralStarts(t *testing.T) {
	starts := []ledger.Record{
		ingest(3, false, ledger.Counts{Received: 3}), ingest(1, true, ledger.Counts{Received: 1, Bytes: 10, First: time.Unix(10, 0), Last: time.Unix(20, 0)}),
		ingest(2, false, ledger.Counts{Received: 2, Bytes: 20, First: time.Unix(5, 0), Last: time.Unix(15, 0)}),
	}
	for i := range starts {
		starts[i].Kernel = map[string]int64{"syslog": int64(i + 1)}
	}
	b := fold(t, append(starts, stretch("a/1", 0, 1), stretch("a/2", 1, 3), stretch("a/3", 3, 6))...).Balance(ledger.State{Self: "a/4", Stored: map[string]int64{src: 6}})
	r := b.Rows[0]
	if !b.OK || r.Received != 6 || r.Bytes != 30 || !r.First.Equal(time.Unix(5, 0)) || !r.Last.Equal(time.Unix(20, 0)) || b.Kernel != 6 {
		t.Errorf("%+v, kernel %d", r, b.Kernel)
	}
	var unclean []string
	for _, u := range b.Unclean {
		unclean = append(unclean, fmt.Sprintf("%s %d %d", u.Start, u.Found, u.Most))
	}
	if !slices.Equal(unclean, []string{"a/2 0 0", "a/3 0 0"}) {
		t.Errorf("unclean %q", unclean)
	}
}

// TestBalance_Reasons keeps apart why records were refused or dead, also where sources are folded.
func TestBalance_Reasons(t *testing.T) {
	rec := ledger.Record{Hop: ledger.HopIngest, Instance: "a", Start: 1, Sources: map[string]*ledger.Counts{
		"s/1": {Received: 9, Refused: map[string]int64{"rate": 2, "size": 1}}, "s/2": {Received: 4, Refused: map[string]int64{"rate": 1}},
	}}
	made := ledger.Record{Hop: ledger.HopNormalise, Topic: "r", To: 9, Starts: map[string]map[string]*ledger.Counts{"a/1": {
		"s/1": {Received: 6, Dead: map[string]int64{"unreadable": 6}}, "s/2": {Received: 3, Dead: map[string]int64{"parser-panic": 3}},
	}}}
	for limit, want := range map[int]string{
		0: "map[rate:2 size:1] map[unreadable:6] map[rate:1] map[parser-panic:3] ",
		1: "map[rate:2 size:1] map[unreadable:6] map[rate:1] map[parser-panic:3] ", // the second row is that of the others
	} {
		got := ""
		for _, r := range fold(t, rec, made).Balance(ledger.State{Self: "a/1", Max: limit}).Rows {
			got += fmt.Sprint(r.RefusedBy, " ", r.DeadBy, " ")
			if r.Difference != 0 {
				t.Errorf("limit %d: %+v", limit, r)
			}
		}
		if got != want {
			t.Errorf("limit %d: got %s", limit, got)
		}
	}
}

// TestBalance_ChangesNothing: asking twice gives the same answer.
func TestBalance_ChangesNothing(t *testing.T) {
	f := fold(t, ingest(1, false, ledger.Counts{Received: 10, Refused: map[string]int64{"rate": 1}}), stretch("a/1", 0, 6))
	st := ledger.State{Self: "a/1", Stored: map[string]int64{src: 6}, WaitingRaw: 3, Max: 5}
	first := fmt.Sprintf("%+v", f.Balance(st))
	if again := fmt.Sprintf("%+v", f.Balance(st)); again != first {
		t.Errorf("first %s\nthen  %s", first, again)
	}
}
