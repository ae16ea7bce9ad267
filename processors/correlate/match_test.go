package correlate

import (
	"cmp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"weir/internal/signal"
)

func TestCompare(t *testing.T) {
	ordered := []*match{
		{t: 1, src: "t/9/9/9", id: "z"},
		{t: 2, src: "a/0/10/0", id: "a"}, // another topic: by name
		{t: 2, src: "t/0/9/0", id: "b"},
		{t: 2, src: "t/0/10/0", id: "a"}, // by number, not by text
		{t: 2, src: "t/0/10/2", id: "a"},
		{t: 2, src: "t/0/10/10", id: "a"},
		{t: 2, src: "t/1/0/0", id: "a"},
		{t: 2, src: "t/1/0/0", id: "b"},
		{t: 3, src: "", id: ""},
	}
	for i, a := range ordered {
		for j, b := range ordered {
			got := compare(a, b)
			if i < j && got >= 0 || i > j && got <= 0 || i == j && got != 0 {
				t.Errorf("%d and %d: %d", i, j, got)
			}
		}
	}
}

func TestBounded(t *testing.T) {
	for _, in := range []string{"", "short", strings.Repeat("a", maxValue), strings.Repeat("김", 1000), strings.Repeat("\xff", 5000)} {
		got := bounded(in)
		if len(got) > maxValue || !strings.HasPrefix(in, strings.TrimSuffix(got, "…")) && utf8.ValidString(in) {
			t.Errorf("%d bytes became %d", len(in), len(got))
		}
	}
}

// Times that no count of nanoseconds holds are kept in order and never overflow.
func TestNanos(t *testing.T) {
	far := []time.Time{{}, time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC), base, time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	for i := 1; i < len(far); i++ {
		if a, b := nanos(far[i-1]), nanos(far[i]); a > b || b > farthest || a < 0 {
			t.Errorf("%s is %d, %s is %d", far[i-1], a, far[i], b)
		}
	}
	if !moment(nanos(base)).Equal(base) {
		t.Error("a usual time changed")
	}
}

// A signal may be used again by who gave it.
func TestNewMatch_keepsNothing(t *testing.T) {
	s := &signal.Signal{EventID: "e", Time: base, Values: map[string]string{"a": "b"}}
	m := newMatch(s, 0)
	s.Values["a"] = "c"
	if m.values["a"] != "b" {
		t.Error("the match shares the map of the signal")
	}
}

// TestCompare_DoorOrder: stamps without fractions leave the order to the front door's numbers, whatever the partition.
func TestCompare_DoorOrder(t *testing.T) {
	at := func(id, src string) *match { return &match{t: 5, id: id, src: src} }
	inOrder := []*match{
		at("aa/1/9", "raw/1/0/0"), at("aa/1/10", "raw/0/0/0"), at("aa/1/10-1", "raw/0/0/1"), at("aa/2/1", "raw/0/9/0"),
		at("ab/1/1", "raw/0/1/0"), at("file:1", "raw/0/2/0"), at("file:0", "raw/0/10/0"),
	}
	for i, a := range inOrder {
		for j, b := range inOrder {
			if got := compare(a, b); got != cmp.Compare(i, j) {
				t.Errorf("%s against %s: %d", a.id, b.id, got)
			}
		}
	}
}
