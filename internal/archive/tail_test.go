package archive

import (
	"testing"
	"time"

	"weir/internal/archive/sample"
)

// TestTail: rows wait in memory since the first of them came, until they are sealed; a restart knows when that was.
func TestTail(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	began := now
	opts := Options{EpochAge: 24 * time.Hour, Now: func() time.Time { return now }}
	a := open(t, dir, opts)
	check := func(what string, want Tail) {
		t.Helper()
		if got := a.Tail(); got.Rows != want.Rows || !got.Began.Equal(want.Began) || !got.Sealed.Equal(want.Sealed) {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	check("an empty archive", Tail{})
	docs := sample.Docs(6, 30)
	add(t, a, rowsOf(docs[:10], 0))
	now = now.Add(time.Minute)
	add(t, a, rowsOf(docs[10:30], 10))
	check("rows in memory", Tail{Rows: 30, Began: began})
	now = now.Add(time.Minute)
	seal(t, a)
	check("sealed", Tail{Sealed: now})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a = open(t, dir, opts)
	check("after a restart", Tail{Sealed: now})
	began = now.Add(time.Hour)
	sealed := now
	now = began
	add(t, a, []Row{{Consumed: rowsOf(docs[:1], 30)[0].Consumed, Account: "syslog/192.0.2.1"}})
	check("a duplicate waits too", Tail{Began: began, Sealed: sealed})
}
