package fold

import (
	"fmt"
	"testing"

	"weir/internal/alert"
	"weir/processors/correlate/kind"
	"weir/rules"
)

func quiet(by ...string) *rules.Rule {
	r := simple(5)
	r.Fold.By = []string{"host", "user"}
	r.Suppress = &rules.Suppress{By: by, For: seconds(100)}
	return r
}

// After an alert for an entity others are recorded and marked, for as long as it is said; then the next one speaks.
func TestSuppress(t *testing.T) {
	b := newBench(t, quiet("host"))
	for i, h := range []struct {
		second     int
		host, user string
	}{{10, "a", "kim"}, {20, "a", "lee"}, {30, "b", "kim"}, {40, "a", "kim"}, {110, "a", "lee"}, {111, "a", "kim"}, {112, "a", "park"}} {
		b.hit(h.second, fmt.Sprint("e", i), 0, h.host, h.user)
		b.deliver()
	}
	b.idle()
	byID := map[string]*alert.Alert{}
	for _, a := range b.last() {
		byID[a.ID] = a
	}
	got := ""
	for _, a := range b.last() {
		by := "-"
		if s := byID[a.SuppressedBy]; s != nil {
			by = fmt.Sprint(s.First.Unix())
		}
		got += fmt.Sprintf("%d by %s, for %d; ", a.First.Unix(), by, a.Suppressed)
	}
	want := "10 by -, for 3; 20 by 10, for 0; 30 by -, for 0; 40 by 10, for 0; 110 by 10, for 0; 111 by -, for 1; 112 by 111, for 0; "
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// An alert that speaks for others stays as long as it does, though its fold has ended.
func TestSuppress_Outlives(t *testing.T) {
	b := newBench(t, quiet("host"))
	b.hit(10, "a", 0, "a", "kim")
	b.deliver()
	for _, c := range []struct{ cut, left int }{{50, 1}, {110, 1}, {111, 0}} {
		if b.book.Advance(int64(c.cut) * 1e9); b.book.Len() != c.left {
			t.Errorf("at %d: %d left", c.cut, b.book.Len())
		}
	}
	if len(b.book.speakers) != 0 || b.book.Bytes() != 0 {
		t.Errorf("%d still speak, %d bytes", len(b.book.speakers), b.book.Bytes())
	}
	// One that gave the word to another is let go as others are.
	b.hit(200, "b", 0, "a", "kim")
	b.hit(301, "c", 0, "a", "lee")
	b.deliver()
	if b.book.Advance(302e9); b.book.Len() != 1 || len(b.book.speakers) != 1 {
		t.Errorf("%d left, %d speak", b.book.Len(), len(b.book.speakers))
	}
}

// When an alert becomes part of another, that one speaks in its place, and one that it had silenced itself is no other.
func TestSuppress_Merge(t *testing.T) {
	b := newBench(t, quiet("host", "user"))
	b.hit(20, "a", 0, "h", "kim") // speaks
	b.hit(12, "b", 0, "h", "kim") // earlier, apart
	b.hit(28, "c", 0, "h", "kim") // silenced by the first
	b.deliver()
	b.hit(24, "d", 0, "h", "kim") // joins the first and the last
	b.hit(16, "e", 0, "h", "kim") // and all
	b.deliver()
	b.idle()
	got := b.last()
	if len(got) != 1 || got[0].Count != 5 || got[0].Suppressed != 0 || got[0].SuppressedBy != "" {
		t.Fatalf("%d alerts, %+v", len(got), got[0])
	}
	if key, ok := b.book.speaks(b.book.first.alerts[0]); !ok || len(b.book.speakers) != 1 {
		t.Errorf("%q does not speak", key)
	}
	b.book.Advance(kind.Farthest)
	if len(b.book.speakers) != 0 {
		t.Error("who has ended speaks")
	}
}
