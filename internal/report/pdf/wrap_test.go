package pdf

import (
	"slices"
	"strings"
	"testing"
)

// face9 is the regular face.
func face9(t testing.TB) *face {
	t.Helper()
	f, err := letters()
	if err != nil {
		t.Fatal(err)
	}
	return f.regular
}

// TestLines: lines break where a reader of the language would break them.
func TestLines(t *testing.T) {
	f := face9(t)
	for _, c := range []struct {
		name, text string
		width      float64
		want       []string
	}{
		{"nothing", "", 50, []string{""}},
		{"fits", "abc def", 100, []string{"abc def"}},
		{"between words", "the counts below are of the month", 80, []string{"the counts", "below are of the", "month"}},
		{"Korean between words", "접근권한 부여 및 변경 내역", 80, []string{"접근권한 부여 및", "변경 내역"}},
		{"a Korean word that is too long", "개인정보처리시스템접속기록점검", 60, []string{"개인정보처리", "시스템접속기", "록점검"}},
		{"a number stays whole", "count 1,204,331 of 2026-11-03", 70, []string{"count", "1,204,331 of", "2026-11-03"}},
		{"a path at its slashes", "/var/log/weir/archive/class", 60, []string{"/var/log/", "weir/", "archive/class"}},
		{"Hanja anywhere", "個人情報保護法施行令", 50, []string{"個人情報保", "護法施行令"}},
		{"no line begins with a comma", "가나다라마,바사", 46, []string{"가나다라", "마,바사"}},
		{"narrower than a letter", "가나", 1, []string{"가", "나"}},
		{"blanks at the end", "ab   ", 100, []string{"ab"}},
		{"blanks at a break", "aaaa     bbbb", 26, []string{"aaaa", "bbbb"}},
	} {
		if got := f.lines(c.text, 10, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzLines: nothing of a text is lost but blanks at breaks, and no line is wider than there is room, unless it is one
// character.
func FuzzLines(f *testing.F) {
	f.Add("the counts 1,204 below", 60.0)
	f.Add("접근권한 부여·변경·말소 내역(2026년)", 44.0)
	f.Add(strings.Repeat("x", 400), 3.0)
	f.Fuzz(func(t *testing.T, text string, width float64) {
		face := face9(t)
		text = face.legible(text)
		if width < 1 || width > 600 {
			width = 50
		}
		lines := face.lines(text, 9, width)
		if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
			t.Errorf("%q became %q", want, got)
		}
		for _, l := range lines {
			if face.wide(l, 9) > width+0.01 && len([]rune(l)) > 1 {
				t.Errorf("%q is %.1f wide, there is room for %.1f", l, face.wide(l, 9), width)
			}
		}
	})
}

// TestLongest: what a column should not go below.
func TestLongest(t *testing.T) {
	f := face9(t)
	for _, c := range [][2]string{{"a longword b", "longword"}, {"가나다라 마바", "가나다라"}, {"", ""}, {"2026-11-03 14:05", "2026-11-03"}, {strings.Repeat("가나", 9), "가"}, {"/a/" + strings.Repeat("b", 9) + "/cccccc", strings.Repeat("b", 9) + "/"}} {
		if got, want := f.longest(c[0], 10, 70), f.wide(c[1], 10); got != want {
			t.Errorf("%q: %.2f, want %.2f", c[0], got, want)
		}
	}
}
