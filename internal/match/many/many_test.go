package many_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"weir/internal/match/many"
)

var kinds = []struct {
	name  string
	make  func([]string) func(string) bool
	plain func(s, v string) bool
}{
	{"equal", many.Equal, func(s, v string) bool { return s == v }},
	{"prefix", many.Prefix, strings.HasPrefix},
	{"suffix", many.Suffix, strings.HasSuffix},
	{"contains", many.Contains, strings.Contains},
}

// word makes a short text of few letters, so that values and texts meet.
func word(r *rand.Rand, most int) string {
	const letters = `ab\/.é` + "\xff"
	var b strings.Builder
	for range r.IntN(most + 1) {
		b.WriteByte(letters[r.IntN(len(letters))])
	}
	return b.String()
}

// TestAgreesWithTryingEach compares all of them, for few values and for many, with one after the other.
func TestAgreesWithTryingEach(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 3000 {
		values := make([]string, r.IntN(50))
		least := r.IntN(5) // without it the empty text would be among most lists, and in every text
		for i := range values {
			values[i] = word(r, 8) + strings.Repeat("b", least)
		}
		for _, k := range kinds {
			holds := k.make(values)
			for range 10 {
				s, want := word(r, 30), false
				for _, v := range values {
					want = want || k.plain(s, v)
				}
				if got := holds(s); got != want {
					t.Fatalf("round %d: %s of %q in %q: %v", round, k.name, s, values, got)
				}
			}
		}
	}
}

func TestEdges(t *testing.T) {
	t.Parallel()
	drivers := make([]string, 2000)
	for i := range drivers {
		drivers[i] = fmt.Sprintf(`\driver%d.sys`, i)
	}
	hashes := make([]string, 2000)
	for i := range hashes {
		hashes[i] = fmt.Sprintf("sha256=%064x", i*i)
	}
	short := strings.Split("a bb ccc dddd e ff ggg hhhh i jj kkk l m n o p q r s t u v w", " ")
	for _, tc := range []struct {
		name   string
		holds  func(string) bool
		s      string
		answer bool
	}{
		{"a name", many.Suffix(drivers), `c:\windows\driver1999.sys`, true},
		{"only the end of a name", many.Suffix(drivers), `c:\windows\xdriver1999.sys`, false},
		{"the name alone", many.Suffix(drivers), `\driver0.sys`, true},
		{"a name without its separator", many.Suffix(drivers), `driver0.sys`, false},
		{"another separator", many.Suffix(drivers), `/driver0.sys`, false},
		{"no text", many.Suffix(drivers), ``, false},
		{"a path of two parts", many.Suffix(append(drivers, `\temp\x.sys`)), `c:\temp\x.sys`, true},
		{"an ending without separator", many.Suffix(append(drivers, `.tmp`)), `c:\y.tmp`, true},
		{"everything ends with nothing", many.Suffix(append(drivers, ``)), `c:\y.tmp`, true},
		{"a hash among many", many.Contains(hashes), "md5=x,sha256=" + fmt.Sprintf("%064x", 1234*1234) + ",imphash=y", true},
		{"no such hash", many.Contains(hashes), "md5=x,sha256=" + strings.Repeat("f", 64), false},
		{"a hash that is cut off", many.Contains(hashes), ("sha256=" + fmt.Sprintf("%064x", 0))[:60], false},
		{"a letter", many.Contains(short), "xxa", true},
		{"four letters", many.Contains(short), "xhhhh", true},
		{"three of four", many.Contains(short), "xhhhx", false},
		{"nothing of nothing", many.Contains(short), "", false},
		{"nothing is in everything", many.Contains(append(short, "")), "", true},
		{"one of a set", many.Equal(drivers), drivers[77], true},
		{"none of a set", many.Equal(drivers), drivers[77] + "x", false},
		{"longer than all of a set", many.Equal(drivers), strings.Repeat("x", 1000), false},
		{"a beginning", many.Prefix(hashes), hashes[3] + "x", true},
		{"less than a beginning", many.Prefix(hashes), hashes[3][:20], false},
		{"no values", many.Equal(nil), "", false},
		{"no values to contain", many.Contains(nil), "x", false},
	} {
		if got := tc.holds(tc.s); got != tc.answer {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

// TestKeepsItsValues: what is done to the list later changes nothing.
func TestKeepsItsValues(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 30} {
		for _, k := range kinds {
			values := make([]string, n)
			for i := range values {
				values[i] = fmt.Sprint("value", i)
			}
			holds := k.make(values)
			clear(values)
			if !holds("value1") || holds("") {
				t.Errorf("%s of %d values changes with its list", k.name, n)
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	values := make([]string, 500)
	for i := range values {
		values[i] = fmt.Sprintf(`\some\path\program%d.exe`, i)
	}
	for _, k := range kinds {
		holds := k.make(values)
		if n := testing.AllocsPerRun(100, func() { holds(`c:\windows\some\path\program499.exe --flag`) }); n != 0 {
			t.Errorf("%s: %v allocations", k.name, n)
		}
	}
}

// FuzzContains compares with trying each.
func FuzzContains(f *testing.F) {
	f.Add("one two three four five six seven eight nine ten", "xxseven")
	f.Add("a ab abc abcd abcde b bc bcd c cd d e f g h i j kl mn", "abcd")
	f.Fuzz(func(t *testing.T, list, s string) {
		values := strings.Split(list, " ")
		for _, k := range kinds {
			want := false
			for _, v := range values {
				want = want || k.plain(s, v)
			}
			if k.make(values)(s) != want {
				t.Fatalf("%s of %q in %q: want %v", k.name, s, values, want)
			}
		}
	})
}

func BenchmarkMany(b *testing.B) {
	all := make([]string, 2000)
	for i := range all {
		all[i] = fmt.Sprintf(`\driver%d.sys`, i)
	}
	for _, n := range []int{8, 16, 20, 2000} {
		benchmarkMany(b, all[:n])
	}
}

func benchmarkMany(b *testing.B, values []string) {
	for _, k := range kinds {
		b.Run(fmt.Sprint(k.name, " of ", len(values)), func(b *testing.B) {
			holds, s := k.make(values), `c:\windows\system32\some\folder\that\is\usual\notepad.exe /a /b "c:\users\someone\documents\file.txt"`
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				if holds(s) {
					b.Fatal("found")
				}
			}
		})
	}
}
