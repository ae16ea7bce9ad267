package exceptions

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/match"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

const entry = "- rule: ssh-brute-force\n  when: source.ip == \"192.0.2.9\"\n  owner: kim\n  reason: our scanner\n  until: 2026-12-31\n"

func say(l *List) string {
	var b strings.Builder
	for _, f := range l.Faults {
		word := "error"
		if f.Warn {
			word = "warning"
		}
		fmt.Fprintf(&b, "%s %s %s: %s\n", strings.TrimPrefix(f.Where, "e.yaml:"), word, f.Code, f.What)
	}
	return b.String()
}

func TestParse(t *testing.T) {
	t.Parallel()
	l := Parse("e.yaml", []byte("# ours\n"+entry+"- {rule: 'web-*', when: user.name == \"svc\", owner: lee, reason: job, until: '2026-06-30T18:00:00+09:00'}\n"), nil, now)
	if len(l.Items) != 2 || len(l.Faults) != 0 || l.Refused || l.Hash == "" {
		t.Fatalf("%+v %s", l, say(l))
	}
	x, y := l.Items[0], l.Items[1]
	if x.Rule != "ssh-brute-force" || x.When != `source.ip == "192.0.2.9"` || x.Owner != "kim" || x.Reason != "our scanner" || x.File != "e.yaml" || x.Line != 2 || x.ID == "" || x.ID == y.ID {
		t.Errorf("%+v", x)
	}
	if x.Until.Format(time.RFC3339) != "2027-01-01T00:00:00Z" || !y.Until.Equal(time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC)) {
		t.Error(x.Until, y.Until)
	}
	for at, want := range map[string]bool{"2026-12-31T23:59:59.999Z": true, "2027-01-01T00:00:00Z": false, "2020-01-01T00:00:00Z": true} {
		when, _ := time.Parse(time.RFC3339, at)
		if x.Live(when) != want {
			t.Error(at)
		}
	}
	for id, want := range map[string]string{"ssh-brute-force": "x", "web-scan": "y", "ssh": "", "web-": "y"} {
		got := ""
		if x.Fits(id) {
			got += "x"
		}
		if y.Fits(id) {
			got += "y"
		}
		if got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	for _, empty := range []string{"", "# nothing\n", "---\n"} {
		if l := Parse("e.yaml", []byte(empty), nil, now); len(l.Items) != 0 || len(l.Faults) != 0 || l.Hash != "" || l.Refused {
			t.Errorf("%q: %s", empty, say(l))
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	with := func(key, value string) string {
		var b strings.Builder
		for line := range strings.Lines(entry) {
			if lead, _, ok := strings.Cut(line, key+":"); ok && strings.Trim(lead, "- ") == "" {
				line = lead + key + ": " + value + "\n"
			}
			b.WriteString(line)
		}
		return b.String()
	}
	for _, tc := range []struct {
		name, doc string
		items     int
		want      string
	}{
		{"no list", "rule: x\n", 0, "1:1 error rule-syntax: the file is a list: each entry begins with a dash\n"},
		{"no entry", "- x\n", 0, "1:3 error exception-invalid: an exception needs keys\n"},
		{"no owner", strings.Replace(entry, "  owner: kim\n", "", 1), 0, "1:3 error exception-invalid: the exception has no `owner`\n"},
		{"nothing at all", "- {}\n", 0, "1:3 error exception-invalid: the exception has no `rule`\n1:3 error exception-invalid: the exception has no `when`\n1:3 error exception-invalid: the exception has no `owner`\n" +
			"1:3 error exception-invalid: the exception has no `reason`\n1:3 error exception-invalid: the exception has no `until`\n"},
		{"an empty owner", with("owner", "''"), 0, "3:10 error rule-value: `owner` needs a text\n"},
		{"a key that is none", entry + "  note: x\n", 0, "6:3 error rule-unknown-key: unknown key `note` in an exception\n"},
		{"no condition", with("when", "source.ip = 1"), 0, "2:19 error rule-expr: did not expect `=` here\n"},
		{"a list for a condition", with("when", "[a]"), 0, "2:9 error exception-invalid: `when` needs a condition\n"},
		{"a field that nobody fills", with("when", "user.nmae == \"x\""), 1, "2:9 warning rule-unknown-field: no format fills the field `user.nmae`\n"},
		{"a list that is not there", with("when", "in_list(source.ip, \"no-such\")"), 0, "2:9 error rule-unknown-list:"},
		{"no day", with("until", "soon"), 0, "5:10 error exception-invalid: `until` needs a day\n"},
		{"a day that is none", with("until", "2026-02-30"), 0, "5:10 error exception-invalid: `until` needs a day\n"},
		{"for ever", with("until", "9999-12-31"), 0, "5:10 error exception-invalid: `until` is in the year 10000\n"},
		{"for long", with("until", "2027-03-01"), 1, "5:10 warning exception-far: the exception holds for more than 400 days\n"},
		{"400 days", with("until", "2027-02-04"), 1, ""},
		{"over", with("until", "2025-12-31"), 1, "5:10 warning exception-expired: the exception is over: it does nothing for events of now\n"},
		{"no pattern", with("rule", "'a['"), 0, "1:9 error exception-invalid: `a[` is no pattern\n"},
		{"twice", entry + entry, 1, "6:3 warning exception-invalid: the exception is there twice\n"},
		{"a mistake beside one that is right", strings.Replace(entry, "kim", "''", 1) + entry, 1, "3:10 error rule-value: `owner` needs a text\n"},
		{"anchors", "- &a {rule: x}\n", 0, "1:3 error rule-syntax: anchors and aliases are not used in rule files\n"},
		{"no YAML", "- [\n", 0, "1:3 error rule-syntax:"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := Parse("e.yaml", []byte(tc.doc), match.Lists{}, now)
			if got := say(l); len(l.Items) != tc.items || got != tc.want && (strings.HasSuffix(tc.want, "\n") || tc.want == "" || !strings.HasPrefix(got, tc.want)) {
				t.Errorf("%d exceptions\n%s", len(l.Items), got)
			}
			if l.Refused != strings.Contains(say(l), " error ") {
				t.Error("refused:", l.Refused)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "exceptions.yaml")
	if l := Load(name, nil, now); len(l.Items)+len(l.Faults) != 0 || l.Refused {
		t.Errorf("no file: %s", say(l))
	}
	if err := os.WriteFile(name, []byte(entry), 0o600); err != nil {
		t.Fatal(err)
	}
	if l := Load(name, nil, now); len(l.Items) != 1 || l.Items[0].File != name {
		t.Errorf("%+v", l)
	}
	if l := Load(t.TempDir(), nil, now); !l.Refused || len(l.Faults) != 1 || l.Faults[0].Code != "exception-unreadable" {
		t.Errorf("a folder: %s", say(l))
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	old := Parse("e.yaml", []byte(entry), nil, now)
	fresh := strings.Replace(entry, "192.0.2.9", "192.0.2.8", 1)
	for _, tc := range []struct {
		name, doc string
		want      int
	}{
		{"a mistake", "- {}\n", 1}, {"a mistake and another", "- {}\n" + fresh, 2}, {"a mistake and the same", "- {}\n" + entry, 1}, {"another", fresh, 1}, {"nothing", "", 0},
	} {
		now := Parse("e.yaml", []byte(tc.doc), nil, now)
		kept := now.Keep(old)
		if len(kept.Items) != tc.want || len(now.Items) > tc.want || (kept.Hash == "") != (tc.want == 0) {
			t.Errorf("%s: %d", tc.name, len(kept.Items))
		}
	}
	if (*List)(nil).Keep(old) != nil || old.Keep(nil) != old {
		t.Error("nothing was kept or lost")
	}
}

// TestHash: what exceptions do, whatever their order and texts.
func TestHash(t *testing.T) {
	t.Parallel()
	other := strings.Replace(entry, "ssh-brute-force", "b", 1)
	hash := func(doc string) string { return Parse("e.yaml", []byte(doc), nil, now).Hash }
	if hash(entry+other) != hash(other+entry) || hash(entry) != hash(strings.Replace(entry, "kim", "lee", 1)) {
		t.Error("order or owner count")
	}
	for _, changed := range []string{strings.Replace(entry, "2.9", "2.8", 1), strings.Replace(entry, "12-31", "12-30", 1), strings.Replace(entry, "ssh-", "ssh", 1)} {
		if hash(changed) == hash(entry) {
			t.Error(changed)
		}
	}
}

func TestDoubts(t *testing.T) {
	t.Parallel()
	l := Parse("e.yaml", []byte(entry+strings.Replace(entry, "ssh-brute-force", "no-*", 1)), nil, now)
	if got := l.Doubts([]string{"ssh-brute-force", "other"}); len(got) != 1 || !got[0].Warn || got[0].Where != "e.yaml:6" {
		t.Errorf("%v", got)
	}
	if (*List)(nil).Doubts(nil) != nil {
		t.Error("no list says something")
	}
}

// FuzzParse: whatever the bytes are, what is returned is whole, and a mistake is told.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{entry, "- {}\n- x\n", "a: b", "- rule: 'a['\n  when: |\n    a\n    == 1\n", "- &a {rule: *a}\n", "---\n- 1\n---\n- {until: 2026-12-31}\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		l := Parse("e.yaml", doc, nil, now)
		ids := map[string]bool{}
		for _, x := range l.Items {
			if x.Rule == "" || x.When == "" || x.Owner == "" || x.Reason == "" || x.Until.IsZero() || x.Line < 1 || ids[x.ID] {
				t.Fatalf("%+v", x)
			}
			ids[x.ID] = true
			if _, err := match.Compile(x.When); err != nil {
				t.Fatalf("%s: %v", x.When, err)
			}
		}
		if (l.Hash == "") != (len(l.Items) == 0) {
			t.Fatalf("%+v", l)
		}
		for _, e := range l.Faults {
			if e.Code == "" || e.What == "" || e.Where == "" {
				t.Fatalf("%+v", e)
			}
		}
	})
}
