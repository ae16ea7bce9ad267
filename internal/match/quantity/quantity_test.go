package quantity

import (
	"testing"
	"time"

	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Quantity{
		"5": Whole(5), "-5": Whole(-5), "+5": Whole(5), "007": Whole(7), "5.0": {float: 5}, ".5": {float: .5}, "5.": {float: 5}, "1e3": {float: 1000}, "1E-1": {float: .1},
		"9223372036854775807": Whole(1<<63 - 1), "9223372036854775808": {float: 1 << 63}, "12345678901234567890123": {float: 12345678901234567890123},
	} {
		if got, ok := Read(s); !ok || got != want {
			t.Errorf("%q: %+v %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "-", ".", "e5", "5e", "5e+", "1.2.3", "0x10", "1_000", " 5", "5 ", "inf", "NaN", "٥", "1e999", "--5"} {
		if q, ok := Read(s); ok {
			t.Errorf("%q: %+v", s, q)
		}
		if _, ok := tree.Canonical(s); ok {
			t.Errorf("%q is a number to trees", s)
		}
	}
}

// FuzzRead compares with what trees take for numbers.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"5", "-1.5e3", "0x1", "1.2.3", "+.e", "9007199254740993"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, ok := Read(s)
		n, is := tree.Canonical(s)
		if ok != is {
			t.Fatalf("%q is a number: %v, to trees %v", s, ok, is)
		}
		if again, _ := Read(n); ok && again.Compare(q) != 0 {
			t.Fatalf("%q is %+v, and %q %+v", s, q, n, again)
		}
	})
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"1", "2", -1}, {"2", "1.5", 1}, {"5", "5.0", 0}, {"9007199254740993", "9007199254740992", 1}, {"9007199254740993", "9007199254740992.0", 0}, {"-1e300", "-1", -1}, {"1e3", "1000", 0},
	} {
		a, _ := Read(tc.a)
		b, _ := Read(tc.b)
		if a.Compare(b) != tc.want || b.Compare(a) != -tc.want {
			t.Errorf("%s and %s: %d, %d", tc.a, tc.b, a.Compare(b), b.Compare(a))
		}
	}
	if Real(2.5).Compare(Whole(2)) != 1 {
		t.Error("2.5 is not above 2")
	}
}

func TestReadTime(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"2026-11-21T07:50:08Z": "2026-11-21T07:50:08Z", "2026-11-21T07:50:08.123456789+09:00": "2026-11-20T22:50:08.123456789Z",
		"": "", "2026-11-21": "", "2026-11-21 07:50:08Z": "", "2026-13-21T07:50:08Z": "", "2026-11-21T07:50:08": "", "hello, this is no time at all": "",
	} {
		at, ok := ReadTime(s)
		if ok != (want != "") || ok && at.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: %v %v", s, at, ok)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	at := time.Date(2021, 1, 3, 4, 5, 6, 0, time.UTC)
	for form, want := range map[form.Form]int{form.Minute: 5, form.Hour: 4, form.Day: 3, form.Month: 1, form.Year: 2021, form.Week: 53} {
		if got := Parts[form](at); got != want {
			t.Errorf("form %d: %d, want %d", form, got, want)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Read("4625")
		Read("C:\\Windows\\System32")
	}
}
