package backtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/internal/signal"
)

// TestCorrelated: counts and sequences run too, over days, with clocks that are wrong by a time zone.
func TestCorrelated(t *testing.T) {
	t.Parallel()
	const rule = "id: c\ntitle: C\nlevel: low\nwhen:\n  bad: event.outcome == \"failure\"\n  good: event.outcome == \"success\"\n" +
		"correlate: {sequence: [{when: bad, at_least: 3}, {when: good}], by: [user.name], within: 10m}\n"
	var docs [][]byte
	for day := range 5 {
		for i := range 4 {
			docs = append(docs, login(len(docs), time.Duration(day)*24*time.Hour+time.Duration(i)*time.Minute, "kim", "failure", "203.0.113.5"))
		}
		docs = append(docs, login(len(docs), time.Duration(day)*24*time.Hour+5*time.Minute, "kim", "success", "203.0.113.5"))
		docs = append(docs, login(len(docs), time.Duration(day)*24*time.Hour+2*time.Hour, "kim", "success", "203.0.113.5"))
	}
	// This device's clock is nine hours ahead: its time is not believed, and the event belongs to the third day.
	late := login(len(docs), 48*time.Hour+90*time.Second, "kim", "failure", "203.0.113.9")
	docs = append(docs, []byte(strings.Replace(string(late), `"@timestamp":"2026-11-03T08:01:30.000Z"`, `"@timestamp":"2026-11-03T17:01:30.000Z"`, 1)))
	got := try(t, place(t, nil), stored(t, t.TempDir(), docs), file(rule))
	var counts []string
	for _, a := range got.alerts {
		counts = append(counts, fmt.Sprint(a.First.Day(), a.Count, a.Conditions[0].Matched))
	}
	if want := []string{"1 1 4", "2 1 4", "3 1 5", "4 1 4", "5 1 4"}; !slices.Equal(counts, want) || got.sum.Late != 0 {
		t.Errorf("got %v, want %v, %d late", counts, want, got.sum.Late)
	}
}

// TestCame: matches of an epoch are taken as live took them, whatever the order of their times.
func TestCame(t *testing.T) {
	t.Parallel()
	at := func(ms int64, seq uint64, offset int64) found {
		return found{sig: signal.Signal{EventID: fmt.Sprint(ms, seq, offset)}, at: ms, ing: record.Ing{Ingester: "a", Start: 1, Seq: seq}, pos: record.Pos{Topic: "t", Offset: offset}}
	}
	list := []found{at(2, 1, 1), at(1, 9, 9), at(1, 8, 9), at(1, 8, 2), at(0, 99, 99)}
	slices.SortFunc(list, came)
	var got []string
	for _, f := range list {
		got = append(got, f.sig.EventID)
	}
	if want := []string{"0 99 99", "1 8 2", "1 8 9", "1 9 9", "2 1 1"}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// TestLate: the alert is fired by the event that came first, not by the one that is older: so its id is that of live.
func TestLate(t *testing.T) {
	t.Parallel()
	first, second := login(1, time.Hour, "root", "failure", "203.0.113.5"), login(2, 0, "root", "failure", "203.0.113.5")
	for i, doc := range [][]byte{first, second} {
		var e event.Event
		if err := e.Decode(doc); err != nil {
			t.Fatal(err)
		}
		e.Set(event.EventIngested, event.At(start.Add(time.Duration(2+i)*time.Hour)))
		copied := e.AppendJSON(nil)
		if i == 0 {
			first = copied
		} else {
			second = copied
		}
	}
	var docs [][]byte
	for i := range 6 { // three quarters, which are sealed: the two are in one epoch
		docs = append(docs, login(10+i, -time.Hour, "ana", "success", "192.0.2.1"))
	}
	p := place(t, nil)
	got := try(t, p, stored(t, t.TempDir(), append(docs, second, first)), file(failed))
	alone := try(t, p, stored(t, t.TempDir(), append(docs, first)), file(failed))
	if len(got.alerts) != 1 || got.alerts[0].Count != 2 || !got.alerts[0].Created.Equal(start.Add(time.Hour)) || got.alerts[0].ID != alone.alerts[0].ID {
		t.Errorf("%s", brief(got.alerts))
	}
}
