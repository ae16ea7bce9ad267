package tools

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/app/apptest"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/rules"
)

// two is an archive with an event that is found and others that are not; the first question is for hits, the second for
// misses.
type two struct {
	archive
	hits, others []string
}

func (b *two) Search(ctx context.Context, r control.SearchRequest, each func([]byte) error) (control.SearchSummary, error) {
	b.docs = b.hits
	if len(b.asked) > 0 {
		b.docs = b.others
	}
	return b.archive.Search(ctx, r, each)
}

const (
	failedDoc = `{"event":{"id":"1","dataset":"system.auth","outcome":"failure","original":"<38>Nov 21 03:12:44 web-1 sshd[811]: Failed password for root from 198.51.100.7 port 50122 ssh2"},` +
		`"process":{"name":"sshd"},"user":{"name":"root"},"host":{"name":"web-1"},"@timestamp":"2026-11-21T03:12:44Z"}`
	otherDoc = `{"event":{"id":"2","dataset":"system.auth","outcome":"failure","original":"<38>Nov 21 03:12:45 web-1 sshd[811]: Failed password for minsu from 198.51.100.7 port 50122 ssh2"},` +
		`"process":{"name":"sshd"},"user":{"name":"minsu"}}`
	farDoc = `{"event":{"id":"3","dataset":"system.auth"},"process":{"name":"cron"}}`
)

func TestNewRule(t *testing.T) {
	cfg := apptest.Data(t, nil)
	b := &two{hits: []string{failedDoc}, others: []string{farDoc, otherDoc}}
	d, err := NewRule(t.Context(), cfg, "root-failed", "process.name: sshd and user.name: root and event.outcome: failure", b)
	if err != nil || d.File != filepath.Join(cfg.Data, "rules", "root-failed.yaml") || d.Hit != "1" || d.Miss != "2" || len(d.Notes) != 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	text, err := os.ReadFile(d.File)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`  process.name == "sshd" and user.name == "root" and event.outcome == "failure"` + "\n", "enabled: false", `raw: "<38>Nov 21 03:12:44 web-1`, `raw: "<38>Nov 21 03:12:45 web-1`, "dataset: system.auth",
		"fold: {by: [host.name, user.name], for: 1h}", "{alerts: 1}", "{alerts: 0}",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	run, err := TestRules(t.Context(), cfg, []string{d.File})
	if err != nil || len(run.Rules) != 1 || len(run.Rules[0].Cases) != 2 || !run.Rules[0].Cases[0].OK || !run.Rules[0].Cases[1].OK {
		t.Errorf("its tests: %+v, %v", run, err)
	}
	if q := b.asked[1].Query; !strings.Contains(q, "not (process.name: sshd") || !strings.Contains(q, `event.dataset: "system.auth"`) || !strings.Contains(q, "weir.alert") {
		t.Errorf("asked for the nearest by %s", q)
	}
	if info, err := os.Stat(d.File); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode: %v, %v", info.Mode(), err)
	}
}

// TestNewRule_documents: an event whose line does not say all that it has becomes a document in the test.
func TestNewRule_documents(t *testing.T) {
	cfg := apptest.Data(t, nil)
	hit := strings.Replace(failedDoc, `"name":"root"`, `"name":"known from elsewhere: \"x\" # y"`, 1)
	d, err := NewRule(t.Context(), cfg, "odd", `user.name: known*`, &two{hits: []string{hit}})
	if err != nil || d.Miss != "" {
		t.Fatal(d, err)
	}
	text, _ := os.ReadFile(d.File)
	if s := string(text); strings.Contains(s, "raw:") || !strings.Contains(s, `user.name: "known from elsewhere: \"x\" # y"`) {
		t.Errorf("got\n%s", s)
	}
	if run, err := TestRules(t.Context(), cfg, []string{d.File}); err != nil || !run.Rules[0].Cases[0].OK {
		t.Errorf("its test: %+v, %v", run, err)
	}
}

// TestNewRule_none: a query that finds nothing yet is a rule without tests.
func TestNewRule_none(t *testing.T) {
	cfg := apptest.Data(t, nil)
	d, err := NewRule(t.Context(), cfg, "future", `message: kilroy`, &two{})
	if err != nil || d.Hit != "" || len(d.Notes) != 1 {
		t.Fatal(d, err)
	}
	text, _ := os.ReadFile(d.File)
	list, faults := rules.Parse(d.File, text, rules.Options{})
	if len(list) != 1 || len(faults) != 0 || len(list[0].Tests) != 0 || !strings.Contains(string(text), "# Note: a text is searched") {
		t.Errorf("%v\n%s", faults, text)
	}
}

// TestNewRule_template: the template is a rule that passes its own tests, and what it shows in comments is one too.
func TestNewRule_template(t *testing.T) {
	cfg := apptest.Data(t, nil)
	d, err := NewRule(t.Context(), cfg, "blank", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	run, err := TestRules(t.Context(), cfg, []string{d.File})
	if err != nil || len(run.Rules) != 1 || len(run.Rules[0].Cases) != 2 || !run.Rules[0].Cases[0].OK || !run.Rules[0].Cases[1].OK {
		t.Errorf("%+v, %v", run, err)
	}
	other := strings.NewReplacer("when: process", "# when: process", "# when:\n", "when:\n", "#   failed", "  failed", "#   login", "  login", "# correlate", "correlate", "#   sequence", "  sequence",
		"#   by", "  by", "#   within", "  within", "# tags", "tags", "host.name, source.ip], for", "source.ip], for").Replace(strings.ReplaceAll(template, "ID", "blank"))
	if _, faults := rules.Parse("t", []byte(other), rules.Options{}); rules.HasErrors(faults) {
		t.Errorf("%v\n%s", faults, other)
	}
}

// TestNewRule_refused: nothing is ever written over, and what cannot be is said before anything is written.
func TestNewRule_refused(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"rules/mine.yaml": "mine", "rules/x/other.yaml": apptest.OneRule})
	for _, c := range []struct{ name, id, kql, code string }{
		{"a file of that name", "mine", "", "rule-exists"},
		{"a rule of that id in another file", "ssh-brute-force", "", "rule-exists"},
		{"no id", "Mine Own", "", "usage"},
		{"a way out of the folder", "../../up", "", "usage"},
		{"a query that no rule can say", "new", "user.name > a", "kql-no-rule"},
		{"a query that is none", "new", "user.name: (", "kql-syntax"},
	} {
		_, err := NewRule(t.Context(), cfg, c.id, c.kql, &two{})
		if fault.Code(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if b, _ := os.ReadFile(filepath.Join(cfg.Data, "rules", "mine.yaml")); string(b) != "mine" {
		t.Errorf("written over: %s", b)
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, "rules", "new.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a rule was left: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(cfg.Data, "rules")); err != nil {
		t.Fatal(err)
	}
	d := Draft{File: filepath.Join(cfg.Data, "plain", "x.yaml")}
	if err := os.WriteFile(filepath.Join(cfg.Data, "plain"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.write("x"); fault.Code(err) != "folder-unusable" {
		t.Errorf("a folder that is a file: %v", err)
	}
}

func TestYamlText(t *testing.T) {
	for in, want := range map[string]string{
		"sshd": "sshd", "system.auth": "system.auth", "true": `"true"`, "No": `"No"`, "5": `"5"`, "": `""`, "a b": `"a b"`, "a: b": `"a: b"`, "x#y": `"x#y"`, `a"b\c`: `"a\"b\\c"`, "a<b&": `"a<b&"`, "-": `"-"`,
	} {
		if got := yamlText(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// FuzzYamlText: what is written is read back as it was, as the value of a key.
func FuzzYamlText(f *testing.F) {
	for _, s := range []string{"sshd", "a: b # c", `"`, "\\x", "{{x}}", "null", "~", "한국", "- a", "\u2028", "1e3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f || r == 0xfffd {
				return -1
			}
			return r
		}, s)
		if s == "" || len(s) > 200 || strings.TrimSpace(s) != s {
			return
		}
		doc := "id: x\ntitle: x\nlevel: low\nwhen: user.name == \"x\"\nauthor: " + yamlText(s) + "\n"
		list, faults := rules.Parse("f", []byte(doc), rules.Options{})
		if len(list) != 1 {
			t.Fatalf("%q: %v", yamlText(s), faults)
		}
		if list[0].Author != s {
			t.Fatalf("%q is read back as %q", s, list[0].Author)
		}
	})
}
