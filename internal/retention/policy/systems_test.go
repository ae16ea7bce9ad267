package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestSystems_Subjects: amounts are read as people write them, and 50,000 is many.
func TestSystems_Subjects(t *testing.T) {
	for text, want := range map[string]struct {
		n     int64
		class string
	}{
		"0": {0, access1y}, "49999": {49_999, access1y}, "49,999": {49_999, access1y}, "50000": {50_000, access2y}, "50,000": {50_000, access2y}, "50_000": {50_000, access2y}, "\"120000\"": {120_000, access2y},
	} {
		p := parse(t, "", "systems:\n  - name: crm\n    reviewers: [kim]\n    subjects: "+text+"\n")
		if s := p.Systems()[0]; s.Subjects != want.n || s.Class != want.class {
			t.Errorf("%s: %d, %s", text, s.Subjects, s.Class)
		}
	}
	for _, text := range []string{"-1", "5e4", "50 000", "10000000001", "1.5", "[1]", "~", "many", "50000x"} {
		p, faults := Parse(Options{Systems: "s"}, nil, []byte("systems:\n  - name: crm\n    subjects: "+text+"\n"))
		if p != nil || !strings.Contains(list(faults), "`subjects` cannot be") {
			t.Errorf("%s: %s", text, list(faults))
		}
	}
}

// TestTexts: a text in two languages is written as in rules, or as one value of two keys; what is laid over another takes its place.
func TestTexts(t *testing.T) {
	for _, c := range []struct{ text, en, ko string }{
		{"title: Customers", "Customers", ""},
		{"title: Customers\n    title.ko: 고객", "Customers", "고객"},
		{"title.ko: 고객\n    title: Customers", "Customers", "고객"},
		{"title.ko: 고객", "", "고객"},
		{"title: {en: Customers, ko: 고객}", "Customers", "고객"},
		{"title: {en: Customers}\n    title.ko: 고객", "Customers", "고객"},
		{"title.ko: 고객\n    title: {en: Customers}", "Customers", "고객"},
	} {
		s := parse(t, "", "systems:\n  - name: crm\n    reviewers: [kim]\n    "+c.text+"\n").Systems()[0]
		if s.Title.En != c.en || s.Title.Ko != c.ko {
			t.Errorf("%s: %+v", c.text, s.Title)
		}
	}
	for _, text := range []string{"title: {en: A, ko: 가}\n    title.ko: 나", "title.ko: 나\n    title: {en: A, ko: 가}"} {
		if p, faults := Parse(Options{Systems: "s"}, nil, []byte("systems:\n  - name: crm\n    reviewers: [kim]\n    "+text+"\n")); p != nil || !strings.Contains(list(faults), "in Korean twice") {
			t.Errorf("%s: %s", text, list(faults))
		}
	}
	// Over a class that weir ships.
	for _, c := range []struct{ text, en, ko string }{{"title: Mine", "Mine", ""}, {"title.ko: 내 것", "Alerts", "내 것"}, {"title: Mine\n  title.ko: 내 것", "Mine", "내 것"}, {"review: monthly", "Alerts", "경보"}} {
		got := parse(t, "- name: alerts\n  "+c.text+"\n", "").Class("alerts", time.Now()).Title
		if got.En != c.en || got.Ko != c.ko {
			t.Errorf("%s: %+v", c.text, got)
		}
	}
}

// TestSystems_Reasons: every reason for two years stands for itself, and the words for them are a contract.
func TestSystems_Reasons(t *testing.T) {
	keys := []string{"subjects: 50000", "unique_identifiers: true", "sensitive: true", "telecom: true"}
	slugs := []string{"subjects", "unique-identifiers", "sensitive", "telecom"}
	for mask := range 1 << len(keys) {
		text := "systems:\n  - name: crm\n    reviewers: [kim]\n"
		var want []string
		for i := range keys {
			if mask&(1<<i) != 0 {
				text += "    " + keys[i] + "\n"
				want = append(want, slugs[i])
			}
		}
		s := parse(t, "", text).Systems()[0]
		class := access1y
		if len(want) > 0 {
			class = access2y
		}
		if s.Class != class || strings.Join(s.Because, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %s because of %v", text, s.Class, s.Because)
		}
	}
}

// TestSystems_Many: a file may have many systems, each with its own class, and what is too many is refused in one sentence.
func TestSystems_Many(t *testing.T) {
	file := func(n int) string {
		var b strings.Builder
		b.WriteString("systems:\n")
		for i := range n {
			fmt.Fprintf(&b, "  - {name: s%d, reviewers: [kim], sensitive: %v}\n", i, i%2 == 1)
		}
		return b.String()
	}
	p := parse(t, "", file(200))
	for i := range 200 {
		want := []string{access1y, access2y}[i%2]
		if got := p.Choose(doc(t, fmt.Sprintf(`{"weir":{"privacy":{"system":"S%d"}}}`, i))); got != want {
			t.Fatalf("s%d: %s, want %s", i, got, want)
		}
	}
	if p, faults := Parse(Options{Systems: "s"}, nil, []byte(file(maxSystems+1))); p != nil || !strings.Contains(list(faults), "more than 1000 systems") {
		t.Errorf("%.200s", list(faults))
	}
}

// TestClasses_Many is the same of classes.
func TestClasses_Many(t *testing.T) {
	var b strings.Builder
	for i := range maxClasses + 1 {
		fmt.Fprintf(&b, "- {name: c%d, keep_at_least: 1 year, when: 'event.module == \"m%d\"'}\n", i, i)
	}
	if p, faults := Parse(Options{Classes: "c"}, []byte(b.String()), nil); p != nil || !strings.Contains(list(faults), "more than 1000 classes") {
		t.Errorf("%.200s", list(faults))
	}
}

// TestLaws: a report prints the law as it stood on the day it is about.
func TestLaws(t *testing.T) {
	p := parse(t, `
- {name: kr-pipa-access-1y, valid_to: 2026-10-30}
- {name: kr-pipa-access-1y, valid_from: 2026-10-31, notice: Notice 2025-9, status: secondary, checked: never, review: quarterly}
`, "")
	find := func(day string) Law {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Laws(at) {
			if l.Class == "kr-pipa-access-1y" {
				return l
			}
		}
		t.Fatalf("%s: no law", day)
		return Law{}
	}
	if l := find("2026-10-30"); l.Checked != "2026-11-21" || l.Status != Read || l.Review != "monthly" || l.Article != "8(1)" || l.Keep != "1 year" {
		t.Errorf("%+v", l)
	}
	if l := find("2026-10-31"); l.Checked != Never || l.Status != Secondary || l.Review != "quarterly" || l.Notice != "Notice 2025-9" || l.Law.Ko == "" {
		t.Errorf("%+v", l)
	}
}

// FuzzPeriod: what is read as a period is written as one and read as the same, and it has an end after its beginning.
func FuzzPeriod(f *testing.F) {
	for _, s := range []string{"90d", "1 year", "12 months", "forever", "3m", "0d", " 2 W ", "९d", "1 1 d", "1000000d", "-1y"} {
		f.Add(s, int64(738_000))
	}
	f.Fuzz(func(t *testing.T, text string, days int64) {
		p, err := parsePeriod(text)
		if err != nil {
			return
		}
		again, err := parsePeriod(p.String())
		if err != nil || again != p {
			t.Fatalf("%q is %s, which is read as %s: %v", text, p, again, err)
		}
		if p.Forever() {
			return
		}
		day := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days%80_000))
		over := afterLast(day, p)
		if !over.After(day) || over.Sub(day) < 28*24*time.Hour && p.unit != 'd' || p.unit == 'd' && over.Sub(day) != time.Duration(p.n+1)*24*time.Hour {
			t.Fatalf("%s of %s is over on %s", p, day, over)
		}
	})
}
