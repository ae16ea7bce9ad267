package correlate

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"weir/internal/signal"
	"weir/processors/correlate/fold"
)

// A signal may be used again by who gave it, and a sender's long texts are cut.
func TestNewMatch(t *testing.T) {
	en := New(Options{})
	c := &cond{place: 3, step: 1}
	long := strings.Repeat("김", 2000)
	for _, form := range []string{"map", "packed"} {
		s := &signal.Signal{EventID: "e", Src: "s/0/1/0", Values: map[string]string{"a": "b", "long": long}}
		if form == "packed" {
			s = &signal.Signal{EventID: "e", Src: "s/0/1/0", Packed: string(s.Pack(nil))}
		}
		m := en.newMatch(s, 7, c)
		delete(s.Values, "a")
		a, _ := signal.Get(m.Shown, "a")
		cut, _ := signal.Get(m.Shown, "long")
		if m.T != 7 || m.Cond != 3 || m.Step != 1 || m.ID != "e" || m.Src != "s/0/1/0" || a != "b" || len(cut) > fold.MaxValue || len(cut) < fold.MaxValue/2 || fold.IsWarm(m) {
			t.Errorf("%s: %+v", form, m)
		}
		s.Warm = true
		if m := en.newMatch(s, 7, c); !fold.IsWarm(m) {
			t.Errorf("%s: it is not of the past", form)
		}
	}
	if m := en.newMatch(&signal.Signal{}, 0, c); m.Shown != "" {
		t.Errorf("without values: %q", m.Shown)
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]float64{"5": 5, "-1.5": -1.5, "1e3": 1000} {
		if got, ok := number(text); !ok || got != want {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "x", "NaN", "Inf", "-inf", "1e400", "5 ", "1,000", "1_000", "0x10", "0x10p0", "٣٠٠", "３００", "삼백"} {
		if got, ok := number(text); ok || !math.IsNaN(got) && !math.IsInf(got, 0) && got != 0 {
			t.Errorf("%q is the number %v", text, got)
		}
	}
}

// Values that begin alike and are long are two.
func TestDistinguished(t *testing.T) {
	long := strings.Repeat("x", 5000)
	of := func(values ...string) string {
		return distinguished(len(values), func(i int) string { return values[i] })
	}
	seen := map[string]bool{}
	for _, values := range [][]string{{"a"}, {"b"}, {long}, {long + "y"}, {"a", "b"}, {"ab", ""}, {"", "ab"}, {"a", long}, {"a", long + "z"}, {""}} {
		v := of(values...)
		if (v == "") != strings.Contains(fmt.Sprintf("%q", values), `""`) {
			t.Errorf("%d values: %q", len(values), v)
		}
		if v != "" && seen[v] {
			t.Errorf("%d values are like others", len(values))
		}
		seen[v] = true
		if len(v) > 2*wholeValue+10 {
			t.Errorf("%d bytes", len(v))
		}
	}
}

// A worker is a source topic and partition, whatever record of it is named.
func TestWorkerOf(t *testing.T) {
	for src, want := range map[string]string{
		"weir.raw.syslog/3/1204/0": "weir.raw.syslog/3",
		"weir.raw.syslog/3/0/17":   "weir.raw.syslog/3",
		"a/b/3/1/0":                "a/b/3",
		"odd":                      "odd",
		"":                         "",
	} {
		if got := workerOf(src); got != want {
			t.Errorf("%q: %q, want %q", src, got, want)
		}
	}
}
