package agent

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"weir/internal/match/fold"
)

func TestLongestList(t *testing.T) {
	for _, tt := range []struct {
		name, expr, flags string
		want              []string
	}{
		{"a list", `(a|b|c)/(\d+)`, "", []string{"a", "b", "c"}},
		{"the longest", `(a|b)x(c|d|e)`, "", []string{"c", "d", "e"}},
		{"without catching", `(?i)^.{0,100}(?:bot|^java)`, "(?i)", []string{"bot", "^java"}},
		{"lists in a list", `(a(?:x|y)|b)`, "", []string{"a(?:x|y)", "b"}},
		{"need not be there", `(a|b|c)?x(d|e)`, "", []string{"d", "e"}},
		{"as often as one likes", `(a|b)*`, "", nil},
		{"or something else", `(a|b|c)|d`, "", nil},
		{"letters that mean something else", `(a\||[|)\]]|b\))`, "", []string{`a\|`, `[|)\]]`, `b\)`}},
		{"none", `abc`, "", nil},
		{"not closed", `(a|b`, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if list, flags := longestList(tt.expr); !slices.Equal(list, tt.want) || list != nil && flags != tt.flags {
				t.Errorf("%q %q", list, flags)
			}
		})
	}
}

// TestAnyName: of uap-core the longest lists have a predicate, and none misses a text that its pattern matches: each name of
// a list, where it can be written down, is tried.
func TestAnyName(t *testing.T) {
	d, err := load()
	if err != nil {
		t.Fatal(err)
	}
	lists, tried := 0, 0
	for _, all := range [][]pattern{d.Agents, d.Systems, d.Devices} {
		for i := range all {
			p := &all[i]
			if p.anyName == nil {
				continue
			}
			lists++
			re := regexp.MustCompile(p.expr)
			names, _ := longestList(p.expr)
			for _, name := range names {
				plain := strings.NewReplacer(`\.`, ".", `\-`, "-", "^", "", `\b`, "", `\`, "").Replace(name)
				for _, text := range []string{plain, plain + "/1.2.3", "x; " + plain + " Build", "(" + strings.ToUpper(plain) + ")/4.5"} {
					if re.MatchString(text) {
						tried++
						if !p.may(text, fold.String(text)) {
							t.Errorf("%q is passed over by %.60s", text, p.expr)
						}
					}
				}
			}
		}
	}
	if lists < 10 || tried < 500 {
		t.Errorf("%d lists, %d names", lists, tried)
	}
	for _, expr := range []string{"(" + strings.Repeat("ab|", 30) + "abc)", "(" + strings.Repeat("abc|", 30) + ".*)", "(abc|abd)"} {
		if anyName(expr) != nil {
			t.Errorf("%s must not be decided by names", expr)
		}
	}
}

// FuzzClient: every text has an answer, the same each time, with a name of the device and of the program.
func FuzzClient(f *testing.F) {
	for _, s := range []string{chrome, firefox, iphone, galaxy, "", "\xff", strings.Repeat("(", 100)} {
		f.Add(s)
	}
	d, err := load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = s[:min(len(s), maxText)]
		a, b := d.client(s), d.client(s)
		if *a != *b || a.name == "" || a.device == "" || a.osFull != "" && (a.osName == "" || a.osVersion == "") {
			t.Errorf("%+v, %+v", a, b)
		}
	})
}
