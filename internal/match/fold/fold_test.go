package fold

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestString(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"lower", "c:\\windows\\system32\\cmd.exe", "c:\\windows\\system32\\cmd.exe"},
		{"mixed", "C:\\Windows\\System32\\CMD.EXE /C Echo", "c:\\windows\\system32\\cmd.exe /c echo"},
		{"the neighbours of the letters", "@AZ[`az{0!~\x7f\x00", "@az[`az{0!~\x7f\x00"},
		{"eight", "ABCDEFGH", "abcdefgh"},
		{"seven and nine", "ABCDEFG abcdefghI", "abcdefg abcdefghi"},
		{"kelvin", "\u212aelvin", "kelvin"},
		{"long s", "me\u017f\u017fage", "message"},
		{"dashes stay", "\u2013enc \u2014X", "\u2013enc \u2014x"},
		{"umlaut", "\u00fcBER \u00dcber", "\u00dcber \u00dcber"},
		{"Korean", "\ud55c\uae00 ABC \uc774\ub984", "\ud55c\uae00 abc \uc774\ub984"},
		{"broken bytes", "a\xffB\xc3", "a\ufffdb\ufffd"},
		{"long ASCII after another letter", "\u00e9" + strings.Repeat("Ab", 40), "\u00c9" + strings.Repeat("ab", 40)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := String(tt.in); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if got := string(Append([]byte("X"), tt.in)); got != "X"+tt.want {
				t.Errorf("appended: %q", got)
			}
		})
	}
}

// TestRune_Circles checks the promise of the package for every rune there is: all that fold to one another have one fold.
func TestRune_Circles(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		want := Rune(r)
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			if Rune(f) != want {
				t.Fatalf("%U folds to %U, %U to %U", r, want, f, Rune(f))
			}
		}
		if want != r && !strings.EqualFold(string(want), string(r)) {
			t.Fatalf("%U folds to the stranger %U", r, want)
		}
	}
	if Rune('K') != 'k' || Rune(0x212a) != 'k' || Rune(utf8.RuneError) != utf8.RuneError {
		t.Error("the well-known ones")
	}
}

func TestString_DoesNotCopyWhatIsFolded(t *testing.T) {
	s := strings.Repeat("lower-case text 0123 ", 20)
	if n := testing.AllocsPerRun(100, func() { _ = String(s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// alphabet makes random texts meet each other: letters whose folds are in ASCII, in another length, or broken.
var alphabet = []string{"a", "A", "k", "K", "\u212a", "s", "S", "\u017f", "\u00e9", "\u00c9", "\u2c65", "\u023a", "\u03c3", "\u03c2", "\u03a3", "\ud55c", "\uff21", "\uff41", "\xff", "\xc3", "\ufffd", "-", " ", "\U00010400", "\U00010428"}

func randomText(rnd *rand.Rand, most int) string {
	var b strings.Builder
	for range rnd.IntN(most + 1) {
		b.WriteString(alphabet[rnd.IntN(len(alphabet))])
	}
	return b.String()
}

func TestString_AsEqualFold(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	equal := 0
	for range 200_000 {
		a, b := randomText(rnd, 4), randomText(rnd, 4)
		want := strings.EqualFold(a, b)
		if got := String(a) == String(b); got != want {
			t.Fatalf("%q and %q: %v, want %v", a, b, got, want)
		}
		if want {
			equal++
		}
	}
	if equal < 1000 {
		t.Errorf("only %d were equal: the test says little", equal)
	}
}

// FuzzString checks that folding agrees with strings.EqualFold, that folding twice changes nothing, and that a fold is
// UTF-8.
func FuzzString(f *testing.F) {
	for _, s := range alphabet {
		f.Add(s+"abcdefgh"+s, "ABCDEFGH"+s)
	}
	f.Add("\u212aELVIN me\u017fsage", "kelvin MESSAGE")
	f.Fuzz(func(t *testing.T, a, b string) {
		fa, fb := String(a), String(b)
		if (fa == fb) != strings.EqualFold(a, b) {
			t.Errorf("%q, %q: folds %q, %q", a, b, fa, fb)
		}
		if String(fa) != fa || !utf8.ValidString(fa) || !strings.EqualFold(a, fa) {
			t.Errorf("%q: fold %q", a, fa)
		}
		// Searching folds by bytes finds what is there, wherever it begins.
		if !strings.Contains(String(b+a+b), fa) && utf8.ValidString(a) && utf8.ValidString(b) {
			t.Errorf("%q is not found behind %q", a, b)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, bm := range []struct{ name, s string }{
		{"ascii", strings.Repeat("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -NoP ", 2)},
		{"latin", strings.Repeat("C:\\Benutzer\\M\u00fcller\\\u00d6ffentlich\\Gr\u00f6\u00dfe.exe ", 3)},
		{"korean", strings.Repeat("\ud55c\uae00 \uc0ac\uc6a9\uc790 \ub85c\uadf8\uc778 \uc2e4\ud328 User ", 4)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			buf := make([]byte, 0, 1024)
			b.SetBytes(int64(len(bm.s)))
			b.ReportAllocs()
			for b.Loop() {
				buf = Append(buf[:0], bm.s)
			}
		})
	}
}
