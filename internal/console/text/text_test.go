package text

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
)

// What templates and code ask for: {{t $l "…"}}, {{plural $l n "…" "…"}}, .T("…").
var (
	inTemplate = regexp.MustCompile(`\bt \$?\.?[\w.$]+ "((?:[^"\\]|\\.)*)"`)
	inPlural   = regexp.MustCompile(`\bplural \$?\.?[\w.$]+ (?:\([^)]*\)|[\w.$]+) "([^"]*)" "([^"]*)"`)
	inCode     = regexp.MustCompile(`\.T\("((?:[^"\\]|\\.)*)"`)
	inLabels   = regexp.MustCompile(`\{[^{}]*"(last [^"]+|everything)"\}`)
	inTabs     = regexp.MustCompile(`\{"(?:fields|raw|why)", "(\w+)"\}`)
	marker     = regexp.MustCompile(`%(\[\d\])?s`)
)

// sentences are all that the console says, by where.
func sentences(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		list := []*regexp.Regexp{inTemplate, inPlural}
		if strings.HasSuffix(path, ".go") {
			list = []*regexp.Regexp{inCode, inLabels, inTabs}
		}
		for _, re := range list {
			for _, m := range re.FindAllStringSubmatch(string(b), -1) {
				for _, key := range m[1:] {
					out[key] = path
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestKorean_whole: every sentence that a page says has a Korean form, and none is kept that no page says.
func TestKorean_whole(t *testing.T) {
	said := sentences(t)
	if len(said) < 300 {
		t.Fatalf("%d sentences found: the search for them is broken", len(said))
	}
	for key, where := range said {
		if !Has(key) {
			t.Errorf("%s says %q, which has no Korean form", where, key)
		}
	}
	for key := range korean {
		if _, ok := said[key]; !ok && !strings.HasPrefix(key, "%s ") {
			t.Errorf("no page says %q", key)
		}
	}
}

// TestKorean_form: a translation has the places of its sentence, and is Korean.
func TestKorean_form(t *testing.T) {
	check := func(en, ko string) {
		if a, b := len(marker.FindAllString(en, -1)), len(marker.FindAllString(ko, -1)); a != b {
			t.Errorf("%q has %d places, %q %d", en, a, ko, b)
		}
		if !strings.ContainsFunc(ko, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }) && !strings.HasPrefix(en, "%s") {
			t.Errorf("%q is not Korean", ko)
		}
	}
	for en, ko := range korean {
		check(en, ko)
	}
	for _, both := range labels {
		check(both[0], both[1])
	}
}

func TestT(t *testing.T) {
	for _, c := range []struct {
		lang Lang
		key  string
		args []any
		want string
	}{
		{En, "Search", nil, "Search"}, {Ko, "Search", nil, "검색"}, {En, "true_positive", nil, "true positive"}, {Ko, "true_positive", nil, "정탐"},
		{Ko, "%s of %s used", []any{"6.4 s", "10 min"}, "10 min 중 6.4 s 사용"}, {En, "%s of %s used", []any{"6.4 s", "10 min"}, "6.4 s of 10 min used"},
		{Ko, "a word of nobody", nil, "a word of nobody"}, {Ko, "count of-tomorrow", nil, "of-tomorrow"}, {En, "reason missing", nil, "missing"}, {En, "100%", nil, "100%"},
	} {
		if got := c.lang.T(c.key, c.args...); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.lang, c.key, got, c.want)
		}
	}
}

func TestPlural(t *testing.T) {
	for _, c := range []struct {
		lang Lang
		n    int64
		want string
	}{{En, 0, "0 events"}, {En, 1, "1 event"}, {En, 1234, "1,234 events"}, {Ko, 1, "이벤트 1건"}} {
		if got := c.lang.Plural(c.n, "%s event", "%s events"); got != c.want {
			t.Errorf("%d: %q, want %q", c.n, got, c.want)
		}
	}
	if got := En.Plural(1, "once", "%s times"); got != "once" {
		t.Errorf("a form without a number: %q", got)
	}
}

func TestAccepted(t *testing.T) {
	for header, want := range map[string]Lang{"": En, "ko": Ko, "ko-KR,ko;q=0.9,en;q=0.8": Ko, "de-DE,en;q=0.5,ko;q=0.4": En, "fr": En, "en-US,ko": En, ";;,": En} {
		if got := Accepted(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
	if Parse("de") != "" || Parse("ko") != Ko {
		t.Error("Parse takes what it must not, or refuses what it must")
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		lang Lang
		at   time.Time
		want string
	}{
		{En, time.Time{}, "-"}, {En, now, "now"}, {En, now.Add(-59 * time.Second), "59 s ago"}, {Ko, now.Add(-2 * time.Minute), "2분 전"}, {En, now.Add(3 * time.Hour), "in 3 h"}, {En, now.Add(-72 * time.Hour), "3 d ago"},
	} {
		if got := c.lang.Ago(c.at, now); got != c.want {
			t.Errorf("%v: %q, want %q", c.at, got, c.want)
		}
	}
}

func TestClock(t *testing.T) {
	zone := time.FixedZone("", 9*3600)
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, zone)
	for want, at := range map[string]time.Time{"11:59:59.500": now.Add(-500 * time.Millisecond), "11-20 12:00:00.000": now.AddDate(0, 0, -1), "2025-11-21 12:00:00.000": now.AddDate(-1, 0, 0), "-": {}} {
		if got := Clock(at, now, zone); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Second(now.UTC(), now, zone); got != "12:00:00" {
		t.Errorf("seconds: %q", got)
	}
}

// FuzzCut: what is shown is harmless, never longer than was asked for in characters of the text, and whole where it fits.
func FuzzCut(f *testing.F) {
	f.Add("<b>hi", 3)
	f.Add("a\u202eb\x1b[31m", 10)
	f.Add("김민수\xff", 2)
	f.Fuzz(func(t *testing.T, s string, most int) {
		if most < 0 {
			return
		}
		short, cut := Cut(s, most)
		if strings.ContainsAny(short, "\x1b\u202e\u2066\x00") {
			t.Fatalf("%q shows what moves text: %q", s, short)
		}
		if n := len([]rune(s)); cut != (n > most) {
			t.Fatalf("%q of %d: cut %v", s, n, cut)
		}
	})
}
