package policy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
	"weir/internal/retention"
	"weir/internal/testkit"
)

// seoul is the zone of most tests: no change of clocks, nine hours from UTC.
func seoul(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		testkit.Skip(t, "machine", err.Error())
	}
	return z
}

// parse reads both files and fails the test on an error.
func parse(t testing.TB, classes, systems string) *Policy {
	t.Helper()
	p, faults := Parse(Options{Classes: "classes.yaml", Systems: "systems.yaml", Zone: seoul(t)}, []byte(classes), []byte(systems))
	if p == nil {
		t.Fatal(list(faults))
	}
	return p
}

// list is faults in one line each.
func list(l fault.List) string {
	var b strings.Builder
	for _, f := range l {
		b.WriteString(f.Code + " " + f.Error() + " | " + f.Why + " | " + f.Do + "\n")
	}
	return b.String()
}

// TestShipped holds the shipped classes against what is known of the laws: nothing is claimed that was not read.
func TestShipped(t *testing.T) {
	p := parse(t, "", "")
	type row struct{ keep, article, checked, status string }
	for name, want := range map[string]row{
		"kr-pipa-access-1y": {"1 year", "8(1)", "2026-11-21", "read"},
		"kr-pipa-access-2y": {"2 years", "8(1) proviso", "2026-11-21", "read"},
		"kr-pipa-rights-3y": {"3 years", "5(3)", "2026-11-21", "read"},
		"kr-legacy-2023-5y": {"5 years", "4(3)", "never", "memory"},
		"pci-10.5.1":        {"12 months", "10.5.1", "never", "memory"},
		"kr-efinance-5y":    {"5 years", "22", "never", "secondary"},
		"standard":          {"90 days", "", "", ""},
		"internal":          {"7 days", "", "", ""},
		"audit":             {"1 year", "", "", ""},
		"alerts":            {"1 year", "", "", ""},
		"deadletters":       {"1 year", "", "", ""},
		"default":           {"forever", "", "", ""},
	} {
		c := p.Class(name, time.Now())
		if c == nil {
			t.Errorf("%s is not there", name)
			continue
		}
		if got := (row{c.Keep.String(), c.Article, c.Checked, string(c.Status)}); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		if c.Title.En == "" || c.Title.Ko == "" || c.Law.En != "" && (c.Law.Ko == "" || c.Applies.Ko == "" || c.Note.Ko == "") {
			t.Errorf("%s is not said in both languages: %+v", name, c)
		}
	}
	if n := len(p.Names()); n != 12 {
		t.Errorf("%d classes: %v", n, p.Names())
	}
	if laws := p.Laws(time.Now()); len(laws) != 6 || laws[0].Checked != "2026-11-21" || laws[0].Review != "monthly" {
		t.Errorf("%+v", laws)
	}
}

// TestOverlay: an entry of the file says only what is different, and what it does not say is as weir ships it.
func TestOverlay(t *testing.T) {
	p := parse(t, `
- name: kr-pipa-rights-3y
  keep_at_least: 5y
- name: crm
  title: {en: CRM, ko: 고객관리}
  keep_at_least: 18mo
  delete_by: 2 years
  review: quarterly
  original: drop
  law: {en: Contract, ko: 계약}
  article: "7"
  when: event.module == "crm"
`, "")
	c := p.Class("kr-pipa-rights-3y", time.Now())
	if c.Keep.String() != "5 years" || c.Article != "5(3)" || c.Checked != "2026-11-21" || c.When != `event.dataset == "access_rights.log"` || c.Shipped || c.Shorter {
		t.Errorf("%+v", c)
	}
	c = p.Class("crm", time.Now())
	if c.Keep.String() != "18 months" || c.DeleteBy.String() != "2 years" || c.Status != Memory || c.Checked != Never || c.Title.In("ko") != "고객관리" || c.Title.In("en") != "CRM" {
		t.Errorf("%+v", c)
	}
	if o := p.Originals(); len(o) != 1 || o["crm"] != "drop" {
		t.Errorf("%v", o)
	}
	if got := strings.Join(p.Names()[:3], " "); got != "kr-pipa-rights-3y crm kr-pipa-access-1y" {
		t.Errorf("%s", got)
	}
}

// TestMistakes: each has its line and column, a code, and what to do; the nearest name where there is one.
func TestMistakes(t *testing.T) {
	for _, tc := range []struct{ name, classes, systems, want string }{
		{"unknown key", "- name: a\n  keep_at_lest: 3d\n", "", "class-file classes.yaml:2:3: unknown key `keep_at_lest` in a class |  | did you mean `keep_at_least`?"},
		{"no name", "- when: event.kind == 'event'\n", "", "class-file classes.yaml:1:3: the class has no `name`"},
		{"a name that is no folder", "- name: ../x\n", "", "class-file classes.yaml:1:9: \"../x\" is no name of a class"},
		{"a name with two points", "- name: a..b\n", "", "is no name of a class"},
		{"twice", "- {name: a, when: event.kind == 'event'}\n- {name: a, when: event.kind == 'alert'}\n", "", "classes.yaml:2:3: the class a is there twice: the first is in line 1"},
		{"variants that meet", "- {name: a, valid_to: 2026-01-01}\n- {name: a, valid_from: 2026-01-01}\n", "", "the class a is there twice"},
		{"condition", "- name: a\n  when: event.kind ==\n", "", "class-file classes.yaml:2:"},
		{"period", "- {name: a, keep_at_least: 3m}\n", "", "`keep_at_least` cannot be `3m` |  | write 90 days, 12 months, 1 year, or forever"},
		{"no days", "- {name: a, keep_at_least: 0d}\n", "", "`keep_at_least` cannot be `0d`"},
		{"deleted too early", "- {name: a, keep_at_least: 1y, delete_by: 364d}\n", "", "the class a is to be deleted before it may be: keep_at_least is 1 year, delete_by 364 days"},
		{"deleted though kept for ever", "- {name: a, delete_by: 1y}\n", "", "the class a is to be deleted before it may be"},
		{"status", "- {name: a, status: raed}\n", "", "`status` cannot be `raed` |  | did you mean `read`?"},
		{"checked", "- {name: a, checked: yesterday}\n", "", "`checked` cannot be `yesterday`"},
		{"days", "- {name: a, valid_from: 2026-02-01, valid_to: 2026-01-31}\n", "", "the class a ends before it begins"},
		{"no day", "- {name: a, valid_from: 2026-02-30}\n", "", "`valid_from` cannot be `2026-02-30`"},
		{"no list", "name: a\n", "", "classes.yaml:1:"},
		{"two documents", "- {name: a}\n---\n- {name: b}\n", "", "a second document begins here"},
		{"anchors", "- &x {name: a}\n", "", "anchors and aliases are not used here"},
		{"a key twice", "- name: a\n  name: a\n", "", "the key `name` is there twice"},
		{"systems: unknown key", "", "systems:\n  - name: crm\n    subject: 3\n", "systems-file systems.yaml:3:5: unknown key `subject` in a system |  | did you mean `subjects`?"},
		{"systems: number", "", "systems:\n  - {name: crm, subjects: many}\n", "`subjects` cannot be `many`"},
		{"systems: class", "", "systems:\n  - {name: crm, class: kr-pipa-access-3y}\n", "the system crm names the class kr-pipa-access-3y, which there is not"},
		{"systems: twice", "", "systems:\n  - {name: crm}\n  - {name: hr, aliases: [CRM]}\n", "the system CRM is there twice: the first is in line 2"},
		{"systems: hours", "", "systems:\n  - {name: crm, hours: nine to five}\n", "`hours` cannot be read"},
		{"systems: zone", "", "systems:\n  - {name: crm, zone: Asia/Soul}\n", "there is no time zone `Asia/Soul`"},
		{"systems: country", "", "systems:\n  - {name: crm, countries: [KOR]}\n", "`countries` has `KOR`"},
		{"systems: address", "", "systems:\n  - {name: crm, addresses: [10.0.0.0/33]}\n", "`addresses` has `10.0.0.0/33`"},
		{"systems: query", "", "systems:\n  - {name: crm, events: \"host.name: (a\"}\n", "`events` is no query"},
		{"systems: cycle", "", "review: {cycle: weekly}\nsystems: []\n", "`cycle` cannot be `weekly`"},
		{"systems: no mapping", "", "- name: crm\n", "the file is a list of keys and values"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, faults := Parse(Options{Classes: "classes.yaml", Systems: "systems.yaml"}, []byte(tc.classes), []byte(tc.systems))
			if p != nil || !strings.Contains(list(faults), tc.want) {
				t.Errorf("policy %v, faults:\n%swant %s", p != nil, list(faults), tc.want)
			}
			for _, f := range faults {
				if !f.Warn && (f.Exit != fault.ExitUsage || f.Code != "class-file" && f.Code != "systems-file") {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// TestDoubts: what is doubtful is said, and the policy goes on.
func TestDoubts(t *testing.T) {
	for _, tc := range []struct{ name, classes, systems, want string }{
		{"shorter than the law", "- {name: kr-pipa-access-1y, keep_at_least: 364d}\n", "", "the class kr-pipa-access-1y is kept for 364 days, which is shorter than what weir ships"},
		{"for ever", "- {name: a, when: event.kind == 'event'}\n", "", "the class a has no keep_at_least: its records are kept for ever"},
		{"nothing chooses it", "- {name: a, keep_at_least: 1y}\n", "", "nothing chooses the class a by itself"},
		{"unknown field", "- {name: a, keep_at_least: 1y, when: 'user.nmae == \"x\"'}\n", "", "user.nmae"},
		{"no reviewer", "", "systems:\n  - {name: crm}\n", "nobody reviews the system crm"},
		{"the owner alone", "", "systems:\n  - {name: crm, owner: kim, reviewers: [Kim]}\n", "the system crm is reviewed by its owner alone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, faults := Parse(Options{Classes: "classes.yaml", Systems: "systems.yaml"}, []byte(tc.classes), []byte(tc.systems))
			if p == nil || len(faults) == 0 || !strings.Contains(list(faults), tc.want) {
				t.Fatalf("policy %v, faults:\n%swant %s", p != nil, list(faults), tc.want)
			}
			for _, f := range faults {
				if !f.Warn || f.Code != "retention-doubt" {
					t.Errorf("%+v", f)
				}
			}
		})
	}
	if _, faults := Parse(Options{}, []byte("- {name: a, keep_at_least: forever, when: event.kind == 'event'}\n"), nil); len(faults) > 0 {
		t.Errorf("who says for ever is doubted: %s", list(faults))
	}
	if c := parse(t, "- {name: kr-pipa-access-1y, keep_at_least: 364d}\n", "").Class("kr-pipa-access-1y", time.Now()); !c.Shorter {
		t.Error("nobody remembers that it is shorter")
	}
}

// TestSystems: from what a system holds follows for how long its access records are kept.
func TestSystems(t *testing.T) {
	p := parse(t, "", `
review: {cycle: quarterly, grace_days: 20}
systems:
  - name: crm
    aliases: [CRM-2, 고객관리]
    title: {en: Customers, ko: 고객관리시스템}
    owner: lee
    reviewers: [kim, park]
    subjects: 49,999
    events: "host.name: crm-1"
    shared_accounts: [crmadmin]
    hours: Mon-Fri 09:00-18:00
    zone: Asia/Seoul
    countries: [kr]
    addresses: [10.0.0.0/8, "2001:db8::1"]
  - {name: shop, subjects: 50_000, reviewers: [kim]}
  - {name: hr, unique_identifiers: true, sensitive: true, reviewers: [kim]}
  - {name: tel, telecom: true, reviewers: [kim]}
  - {name: old, class: kr-legacy-2023-5y, subjects: 9999999, reviewers: [kim]}
`)
	want := map[string]string{"crm": "kr-pipa-access-1y ", "shop": "kr-pipa-access-2y subjects", "hr": "kr-pipa-access-2y unique-identifiers,sensitive",
		"tel": "kr-pipa-access-2y telecom", "old": "kr-legacy-2023-5y class"}
	for _, s := range p.Systems() {
		if got := s.Class + " " + strings.Join(s.Because, ","); got != want[s.Name] {
			t.Errorf("%s: %s, want %s", s.Name, got, want[s.Name])
		}
		delete(want, s.Name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	s := p.Systems()[0]
	if !s.Named("crm-2") || !s.Named("CRM") || s.Named("crm-3") || s.Countries[0] != "KR" || len(s.Addresses) != 2 || s.Hours.Empty() || s.Events != "host.name: crm-1" ||
		s.SharedAccounts[0] != "crmadmin" || s.Title.In("ko") != "고객관리시스템" {
		t.Errorf("%+v", s)
	}
	if cycle, grace := p.Review(); cycle != "quarterly" || grace != 20 {
		t.Errorf("%s, %d days", cycle, grace)
	}
	if cycle, grace := parse(t, "", "").Review(); cycle != "monthly" || grace != 15 {
		t.Errorf("%s, %d days", cycle, grace)
	}
}

// TestVersion: what decides how long something is kept changes the version, and nothing else does.
func TestVersion(t *testing.T) {
	base := parse(t, "- {name: a, keep_at_least: 1y, when: event.kind == 'event'}\n", "systems:\n  - {name: crm, reviewers: [kim, lee]}\n")
	same := parse(t, "# a note\n- name: a\n  when: event.kind == 'event'\n  keep_at_least: 1 year\n", "systems:\n  - name: crm\n    owner: park\n    reviewers: [choi, lee]\n")
	if base.Version() != same.Version() || len(base.Version()) != 64 {
		t.Errorf("%s\n%s", base.Text(), same.Text())
	}
	for name, p := range map[string]*Policy{
		"a longer period": parse(t, "- {name: a, keep_at_least: 2y, when: event.kind == 'event'}\n", "systems:\n  - {name: crm, reviewers: [kim, lee]}\n"),
		"another when":    parse(t, "- {name: a, keep_at_least: 1y, when: event.kind == 'alert'}\n", "systems:\n  - {name: crm, reviewers: [kim, lee]}\n"),
		"a larger system": parse(t, "- {name: a, keep_at_least: 1y, when: event.kind == 'event'}\n", "systems:\n  - {name: crm, telecom: true, reviewers: [kim, lee]}\n"),
		"no classes":      parse(t, "", "systems:\n  - {name: crm, reviewers: [kim, lee]}\n"),
	} {
		if p.Version() == base.Version() {
			t.Errorf("%s: the same version", name)
		}
	}
	utc, _ := Parse(Options{}, nil, nil)
	if utc.Version() == parse(t, "", "").Version() {
		t.Error("another zone: the same version")
	}
	if strings.Contains(string(base.Text()), "kim") {
		t.Errorf("names of people are in the text that is kept for ever:\n%s", base.Text())
	}
}

// TestStore: a file that is wrong keeps the policy that there is, one that is right takes its place.
func TestStore(t *testing.T) {
	dir := t.TempDir()
	o := Options{Classes: filepath.Join(dir, "classes.yaml"), Systems: filepath.Join(dir, "privacy", "systems.yaml")}
	s, _, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	first := s.Current()
	var seen []string
	s.Watch(func(p *Policy) { seen = append(seen, p.Version()) })
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(o.Classes, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("- name: [\n")
	if changed, _, err := s.Reload(); changed || fault.Code(err) != "class-file" || s.Current() != first {
		t.Errorf("changed %v, %v", changed, err)
	}
	write("- {name: a, keep_at_least: 1y, when: event.kind == 'event'}\n")
	if changed, warn, err := s.Reload(); !changed || err != nil || len(warn) > 0 || s.Current().Class("a", time.Now()) == nil {
		t.Errorf("changed %v, %v %v", changed, err, warn)
	}
	if changed, _, err := s.Reload(); changed || err != nil {
		t.Errorf("the same file again: changed %v, %v", changed, err)
	}
	if err := os.Remove(o.Classes); err != nil {
		t.Fatal(err)
	}
	if changed, _, err := s.Reload(); !changed || err != nil || s.Current().Version() != first.Version() {
		t.Errorf("without the file: changed %v, %v", changed, err)
	}
	if len(seen) != 2 || seen[1] != first.Version() || len(s.Paths()) != 2 {
		t.Errorf("%v %v", seen, s.Paths())
	}
	write("- name: [\n")
	if _, faults, err := Open(o); err == nil || len(faults) == 0 {
		t.Error("a store was opened with a mistake in its file")
	}
}

// TestText: a text that is missing in a language is said in the other.
func TestText(t *testing.T) {
	for _, tc := range []struct{ en, ko, lang, want string }{{"a", "가", "ko", "가"}, {"a", "가", "en", "a"}, {"a", "", "ko", "a"}, {"", "가", "en", "가"}} {
		if got := (retention.Text{En: tc.en, Ko: tc.ko}).In(tc.lang); got != tc.want {
			t.Errorf("%+v: %s", tc, got)
		}
	}
}

// FuzzParse: whatever the bytes are, there is a policy or a fault with a place, and a policy's own text gives the same again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"- {name: a, when: event.kind == 'event'}", "- name: a\n  title: {en: x, ko: 가}\n  keep_at_least: 1y\n  delete_by: 2 years\n  valid_from: 2024-02-29\n",
		"systems:\n  - {name: crm, subjects: 50_000, match: event.module == 'crm', hours: Mon 09:00-10:00}\nreview: {cycle: yearly}\n", "- &x", "---\n---\n", "- name: \"\\u0000\"\n", "- name: a\n  when: '1 +'\n"} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, doc []byte, classes bool) {
		var a, b []byte
		if classes {
			a = doc
		} else {
			b = doc
		}
		o := Options{Classes: "classes.yaml", Systems: "systems.yaml"}
		p, faults := Parse(o, a, b)
		if p == nil {
			if len(faults) == 0 || faults[0].Where == "" || faults[0].What == "" || faults[0].Warn {
				t.Fatalf("nothing is said about %q: %s", doc, list(faults))
			}
			return
		}
		again, _ := Parse(o, a, b)
		if again == nil || again.Version() != p.Version() {
			t.Fatalf("%q: read twice, it is two policies", doc)
		}
		for _, name := range p.Names() {
			keep, gone, _ := p.Due(name, "2024-02-29")
			if !gone.IsZero() && gone.Before(keep) {
				t.Fatalf("%s is to be gone %s, before %s", name, gone, keep)
			}
		}
	})
}
