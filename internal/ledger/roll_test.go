package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"weir/internal/ledger"
)

// said is a record by which processes know of each other.
func said(hop, instance string, start uint32, at time.Time, id string, stages ...string) ledger.Record {
	return ledger.Record{Hop: hop, Instance: instance, Start: start, At: at, ID: id, Stages: stages}
}

func TestFold_Missing(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	gone := said(ledger.HopHere, "b", 1, now, "", "normalise")
	gone.Clean = true
	for _, tc := range []struct {
		name string
		recs []ledger.Record
		want string
	}{
		{"nobody runs", nil, "[]"},
		{"two run the stage", []ledger.Record{said(ledger.HopHere, "a", 1, now, "", "normalise"), said(ledger.HopHere, "b", 1, now, "", "archive", "normalise")}, "[a/1 b/1]"},
		{"one has answered", []ledger.Record{said(ledger.HopHere, "a", 1, now, "", "normalise"), said(ledger.HopHere, "b", 1, now, "", "normalise"), said(ledger.HopAnswer, "a", 1, now, "q1")}, "[b/1]"},
		{"one has answered another question", []ledger.Record{said(ledger.HopHere, "a", 1, now, "", "normalise"), said(ledger.HopAnswer, "a", 1, now, "q0")}, "[a/1]"},
		{"one runs another stage", []ledger.Record{said(ledger.HopHere, "a", 1, now, "", "archive")}, "[]"},
		{"one has ended", []ledger.Record{said(ledger.HopHere, "b", 1, now, "", "normalise"), gone}, "[]"},
		{"one was killed a while ago", []ledger.Record{said(ledger.HopHere, "a", 1, now.Add(-time.Minute), "", "normalise")}, "[]"},
		{"one was killed and started again", []ledger.Record{said(ledger.HopHere, "a", 1, now, "", "normalise"), said(ledger.HopHere, "a", 2, now, "", "normalise")}, "[a/2]"},
		{"a question changes nothing", []ledger.Record{said(ledger.HopAsk, "a", 1, now, "q1", "normalise")}, "[]"},
	} {
		if got := fmt.Sprint(fold(t, tc.recs...).Missing("q1", []string{"normalise"}, now, 30*time.Second)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestFold_OtherProcesses: what other processes said is counted while they run, and no longer than that.
func TestFold_OtherProcesses(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	in := func(start uint32, at time.Time, received, waiting int64) ledger.Record {
		return ledger.Record{Hop: ledger.HopIngest, Instance: "a", Start: start, At: at, Waiting: waiting, Sources: map[string]*ledger.Counts{src: {Received: received}}}
	}
	rows := func(name string, n, read int64) ledger.Record {
		return ledger.Record{Hop: ledger.HopArchive, Instance: name, At: now, Read: map[string]int64{"weir.events/0": read}, Sources: map[string]*ledger.Counts{src: {Stored: n}}}
	}
	st := ledger.State{Now: now, Live: 30 * time.Second, Self: "me/1"}

	f := fold(t, in(1, now, 10, 4), rows("x", 2, 9), rows("x", 6, 10), rows("y", 5, 3))
	if n := f.Door(st); n != 4 {
		t.Errorf("%d wait at the door of a process that runs", n)
	}
	stored, read := f.Remote("y")
	if stored[src] != 6 || read["weir.events/0"] != 10 {
		t.Errorf("the last word of the other archive: %v, %v", stored, read)
	}
	if stored, _ = f.Remote(""); stored[src] != 11 {
		t.Errorf("both archives: %v", stored)
	}
	st.WaitingRaw = 4
	if b := f.Balance(st); b.Rows[0].Received != 10 || len(b.Unclean) != 0 {
		t.Errorf("a process that runs: %+v", b)
	}
	for name, f := range map[string]*ledger.Fold{
		"silent for a minute": fold(t, in(1, now.Add(-time.Minute), 10, 4)),
		"started again":       fold(t, in(1, now, 10, 4), in(2, now, 0, 0)),
	} {
		if n := f.Door(st); n != 0 {
			t.Errorf("%s: %d wait at the door of a process that is gone", name, n)
		}
		if b := f.Balance(ledger.State{Now: now, Live: 30 * time.Second}); len(b.Unclean) != 1 {
			t.Errorf("%s: %+v", name, b.Unclean)
		}
	}
}

// TestBalance_NormaliseAheadOfIngest: the counts of another process may be older than what normalise says of its records.
func TestBalance_NormaliseAheadOfIngest(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	rec := ingest(1, false, ledger.Counts{Received: 10})
	rec.At = now
	f := fold(t, rec, stretch("a/1", 0, 14))
	b := f.Balance(ledger.State{Now: now, Live: 30 * time.Second, Stored: map[string]int64{src: 14}})
	if !b.OK || b.Rows[0].Received != 14 || len(b.Unclean) != 0 {
		t.Errorf("%+v", b)
	}
}
