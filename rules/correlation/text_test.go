package correlation

import (
	"errors"
	"strings"
	"testing"
)

func TestParseText(t *testing.T) {
	t.Parallel()
	names := []string{"login_ok", "login_failed", "scan", "x-1"}
	for text, want := range map[string]string{
		"scan":                                   "scan",
		"scan and login_ok":                      "scan and login_ok",
		"scan AND Not login_ok OR x-1":           "(scan and not login_ok) or x-1",
		"scan and (login_ok or (x-1))":           "scan and (login_ok or x-1)",
		"not not scan":                           "scan",
		"not (scan and x-1)":                     "not scan or not x-1",
		"not (scan or not x-1)":                  "not scan and x-1",
		"scan and (login_ok and x-1)":            "scan and login_ok and x-1",
		"1 of login_*":                           "login_ok or login_failed",
		"any of login_* and scan":                "(login_ok or login_failed) and scan",
		"all of *_*d":                            "login_failed",
		"all of them":                            "login_ok and login_failed and scan and x-1",
		"3 of them":                              "(login_ok and login_failed and scan) or (login_ok and login_failed and x-1) or (login_ok and scan and x-1) or (login_failed and scan and x-1)",
		"1 of scan":                              "scan",
		"(\tscan\n)":                             "scan",
		"":                                       "1 the condition ends where a step is expected",
		"scan and":                               "9 the condition ends where a step is expected",
		"scan login_ok":                          "6 `login_ok` follows without a word that joins it",
		"(scan":                                  "1 this bracket is not closed",
		"(scan login_ok)":                        "7 `login_ok` follows without",
		"scan)":                                  "5 this bracket closes nothing",
		"and scan":                               "1 `and` stands where a step is expected",
		"skan":                                   "1 there is no step `skan`",
		"1 of":                                   "5 `of` is followed by no name",
		"1 of (scan)":                            "6 `of` is followed by no name",
		"0 of them":                              "1 `0 of` does not exist",
		"some of them":                           "1 `some of` does not exist",
		"3 of login*":                            "1 `3 of login*` cannot hold: there are 2",
		"1 of nothing*":                          "6 no step is called `nothing*`",
		strings.Repeat("(", 40) + "scan":         "33 the condition is nested deeper than 32",
		strings.Repeat("scan and ", 150) + "x-1": "1 the condition has more than 200 words",
	} {
		l, err := ParseText(text, names)
		if m, ok := errors.AsType[*Mistake](err); ok {
			at, what, _ := strings.Cut(want, " ")
			if !strings.HasPrefix(m.What, what) || at != itoa(m.At+1) || m.Do == "" || m.Unknown != strings.HasPrefix(m.What, "there is no step") || m.Error() != m.What {
				t.Errorf("%q: %d %s (%s)", text, m.At+1, m.What, m.Do)
			}
			continue
		}
		if l.String() != want {
			t.Errorf("%q: %s", text, l)
		}
	}
}

func itoa(n int) string {
	if n >= 10 {
		return itoa(n/10) + itoa(n%10)
	}
	return string(rune('0' + n))
}

func TestChoose(t *testing.T) {
	t.Parallel()
	parts := func(n int) (out []*Logic) {
		for i := range n {
			out = append(out, &Logic{Step: string(rune('a' + i))})
		}
		return out
	}
	for _, tc := range []struct {
		n, of int
		want  string
	}{
		{1, 1, "a"}, {1, 2, "a or b"}, {2, 2, "a and b"}, {2, 3, "(a and b) or (a and c) or (b and c)"},
	} {
		if got := Choose(tc.n, parts(tc.of)).String(); got != tc.want {
			t.Errorf("%d of %d: %s", tc.n, tc.of, got)
		}
	}
	if l := Choose(8, parts(16)); l != nil {
		t.Error("12,870 ways are too many")
	}
	if l := Choose(5, parts(10)); l == nil || len(l.Or) != 252 {
		t.Error("252 ways are not")
	}
}

// FuzzParseText: what is read holds for the same steps however it is written, and is written so that it reads the same.
func FuzzParseText(f *testing.F) {
	for _, seed := range []string{"a and not (b or c)", "2 of them", "1 of a*", "not not a or b and c", "((a))", "a and", "all of *", "not (not (a or b) and c)"} {
		f.Add(seed)
	}
	names := []string{"a", "b", "c", "ab"}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseText(text, names)
		if m, ok := errors.AsType[*Mistake](err); ok {
			if m.At < 0 || m.At > len(text) || m.What == "" {
				t.Fatalf("%+v", m)
			}
			return
		}
		again, err := ParseText(l.String(), names)
		if err != nil {
			if len(cut(l.String())) > maxWords { // choices are written out
				return
			}
			t.Fatalf("%q became %s: %v", text, l, err)
		}
		if again.String() != l.String() {
			t.Fatalf("%s became %s", l, again)
		}
		table := l.tableOf(names)
		for i := range 1 << len(names) {
			has := func(step string) bool {
				for k, n := range names {
					if n == step {
						return i>>k&1 == 1
					}
				}
				t.Fatalf("%q names %s", text, step)
				return false
			}
			if l.Holds(has) != again.Holds(has) || l.Holds(has) != (table[0]>>i&1 == 1) {
				t.Fatalf("%s for %04b", l, i)
			}
			// The least ways say the same as the whole.
			any := false
			for _, w := range l.waysOf(names) {
				any = any || w.with&^uint32(i) == 0 && w.without&uint32(i) == 0
			}
			if len(l.ways()) <= maxChoices && any != l.Holds(has) {
				t.Fatalf("%s for %04b: the ways %v", l, i, l.waysOf(names))
			}
		}
		l.walk(func(k *Logic) {
			if k.Not != nil && k.Not.Step == "" {
				t.Fatalf("a not above more than a step: %s", l)
			}
		})
	})
}
