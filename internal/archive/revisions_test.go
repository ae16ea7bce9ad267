package archive

import (
	"fmt"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive/search"
	"weir/internal/query"
)

// revision is a document of an event in a class; earlier revisions are at the times before.
func revision(id string, number int, class string, at time.Time, before ...time.Time) []byte {
	var e event.Event
	e.Set(event.Timestamp, event.At(at))
	e.Set(event.WeirTime, event.At(at))
	e.SetStr(event.EventID, id)
	e.SetStr(event.WeirClass, class)
	e.SetStr(event.Message, fmt.Sprint(id, " revision ", number))
	e.Set(event.WeirRevision, event.Num(int64(number)))
	for _, t := range before {
		e.Append(event.WeirRevisedAt, t.UTC().Format(time.RFC3339Nano))
	}
	if len(before) > 0 {
		e.SetStr(event.WeirRevisedBy, "reparse")
	}
	return e.AppendJSON(nil)
}

// TestRevisions_NewestWherever: the answer is the newest of each event while the revisions wander from memory to files, in
// other classes and on other days than the first, and after the archive was opened again, by a writer and by a reader.
func TestRevisions_NewestWherever(t *testing.T) {
	dir := t.TempDir()
	day := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	next := day.Add(24 * time.Hour)
	a1, b1, c1 := revision("a", 1, "standard", day), revision("b", 1, "standard", day), revision("c", 1, "standard", day)
	a2, b2 := revision("a", 2, "privacy", day, day), revision("b", 2, "standard", next, day)
	a3 := revision("a", 3, "standard", next, day)
	a := open(t, dir, Options{})
	check := func(when string, want ...[]byte) {
		t.Helper()
		t.Log(when)
		same(t, find(t, a, ""), want...)
		same(t, find(t, a, "message: revision"), want...)
	}
	add(t, a, rowsOf([][]byte{a1, b1, c1}, 0))
	check("new, in memory", a1, b1, c1)
	add(t, a, rowsOf([][]byte{a2}, 3))
	check("first and second in memory", a2, b1, c1)
	seal(t, a)
	check("both in files of one epoch", a2, b1, c1)
	add(t, a, rowsOf([][]byte{b2}, 4))
	check("the first in a file, the second in memory", a2, b2, c1)
	seal(t, a)
	check("both in files", a2, b2, c1)
	add(t, a, rowsOf([][]byte{a3}, 5))
	check("the third in memory", a3, b2, c1)
	seal(t, a)
	check("all in files", a3, b2, c1)

	reader, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	same(t, find(t, reader, ""), a3, b2, c1)
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a = open(t, dir, Options{})
	check("opened again", a3, b2, c1)
	add(t, a, rowsOf([][]byte{revision("c", 2, "standard", day, day)}, 6))
	check("revised after that", a3, b2, revision("c", 2, "standard", day, day))

	// Nothing is gone: whoever asks for all has all.
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := a.Search(t.Context(), search.Request{Query: q, Revisions: true}, nil)
	if err != nil || sum.Total != 7 {
		t.Errorf("%d rows in all, want 7 (%v)", sum.Total, err)
	}
	for i, s := range a.segments {
		if (s.Revised != nil) != (s.claims != nil) {
			t.Errorf("segment %d: the manifest says %v", i, s.Revised)
		}
	}
}

// TestRevisions_ReplayHasAll: who brings the archive over to another store wants every revision.
func TestRevisions_ReplayHasAll(t *testing.T) {
	day := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	a := open(t, t.TempDir(), Options{})
	add(t, a, rowsOf([][]byte{revision("a", 1, "standard", day), revision("a", 2, "standard", day, day)}, 0))
	seal(t, a)
	n := 0
	if err := a.Replay(t.Context(), Partition{Topic: "weir.events", ID: 1}, 0, 2, func([]byte) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("%d documents (%v)", n, err)
	}
}

// TestFollow_RevisionsAreNotNew: a tail is about what arrives.
func TestFollow_RevisionsAreNotNew(t *testing.T) {
	day := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	a := open(t, t.TempDir(), Options{})
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	plain, every := a.Follow(q, 10, false), a.Follow(q, 10, true)
	add(t, a, rowsOf([][]byte{revision("a", 1, "standard", day), revision("a", 2, "standard", day, day)}, 0))
	a.Close()
	for f, want := range map[*Follower]int{plain: 1, every: 2} {
		n := 0
		for range f.C {
			n++
		}
		if n != want {
			t.Errorf("%d documents, want %d", n, want)
		}
	}
}
