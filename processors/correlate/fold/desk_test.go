package fold

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// A revision waits until a second has passed since the last one, not less.
func TestDesk_Revisions(t *testing.T) {
	b := newBench(t, simple(1000))
	for _, c := range []struct {
		second, said int
	}{{10, 1}, {10, 1}, {11, 2}, {11, 2}, {12, 3}, {9, 3}} {
		b.hit(c.second, fmt.Sprint(len(b.out), c.second, b.book.first), 0, "x")
		if b.deliver(); len(b.out) != c.said {
			t.Errorf("at %d: %d revisions, want %d", c.second, len(b.out), c.said)
		}
	}
	if b.desk.Flush(false); len(b.out) != 3 {
		t.Error("a flush says what was said less than a second ago")
	}
	b.clock.Match(13e9)
	if b.desk.Flush(false); len(b.out) != 4 || b.out[3].Count != 6 {
		t.Errorf("%d revisions after a second", len(b.out))
	}
	if b.idle(); len(b.out) != 4 {
		t.Error("something is said twice")
	}
}

// In a storm a thousand revisions a second go out, the others wait for their turn, in order, and none is lost.
func TestDesk_Storm(t *testing.T) {
	var log bytes.Buffer
	b := newBench(t, simple(1000))
	b.desk.log = slog.New(slog.NewTextHandler(&log, nil))
	const alerts = 2500
	for i := range alerts {
		b.hit(10, fmt.Sprint("e", i), 0, fmt.Sprint(i))
		b.deliver()
	}
	if len(b.out) != maxRevisions || b.desk.Held != alerts-maxRevisions || b.desk.Alerts != alerts {
		t.Errorf("%d revisions, %+v", len(b.out), b.desk.Counts)
	}
	for second, want := range []int{2 * maxRevisions, alerts, alerts} {
		b.clock.Match(int64(11+second) * 1e9)
		for range 3 { // many marks in a second
			b.desk.Flush(false)
		}
		if len(b.out) != want {
			t.Errorf("after %d s: %d revisions, want %d", second+1, len(b.out), want)
		}
	}
	for i, a := range b.out {
		if a.Group["ip"] != fmt.Sprint(i) || a.Revision != 1 {
			t.Fatalf("revision %d is of %s", i, a.Group["ip"])
		}
	}
	if n := strings.Count(log.String(), "alert storm"); n != 1 {
		t.Errorf("it is said %d times in a minute", n)
	}
	b.clock.Match(100e9)
	for i := range maxRevisions + 1 {
		b.hit(100, fmt.Sprint("f", i), 0, fmt.Sprint("again", i))
		b.deliver()
	}
	if n := strings.Count(log.String(), "alert storm"); n != 2 {
		t.Errorf("a minute later it is said %d times", n)
	}
}

// What is pushed out in a storm is left unsaid and counted; what ends by itself is said.
func TestDesk_Close(t *testing.T) {
	b := newBench(t, simple(5))
	for i := range maxRevisions + 3 {
		b.hit(10, fmt.Sprint("e", i), 0, fmt.Sprint(i))
		b.deliver()
	}
	for b.book.Len() > 2 {
		b.book.Evict()
	}
	if len(b.out) != maxRevisions || b.desk.Unsaid != 1 {
		t.Errorf("%d revisions, %+v", len(b.out), b.desk.Counts)
	}
	b.book.Advance(100e9)
	if len(b.out) != maxRevisions+2 || b.desk.Unsaid != 1 {
		t.Errorf("at their end: %d revisions, %+v", len(b.out), b.desk.Counts)
	}
	if b.idle(); len(b.desk.queue) != 0 || len(b.out) != maxRevisions+2 {
		t.Errorf("%d wait for ever", len(b.desk.queue))
	}
}

// What a book had to say goes with it.
func TestDesk_Forget(t *testing.T) {
	b := newBench(t, simple(5))
	other := NewBook(b.desk, NewRule(simple(5)))
	for i := range 2 {
		b.hit(10, fmt.Sprint(i), 0, "x")
		other.Hit(&Hit{Match: b.match(10, fmt.Sprint(i), 0), Event: fmt.Sprint(i), Group: key("x")})
		b.deliver()
	}
	b.desk.Forget(func(k *Book) bool { return k == other })
	if b.idle(); len(b.out) != 3 {
		t.Errorf("%d revisions", len(b.out))
	}
}
