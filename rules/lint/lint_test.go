package lint

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"weir/rules"
)

// linted checks the rules of one file and returns what was found, one line each.
func linted(t *testing.T, doc string, o Options) []Finding {
	t.Helper()
	list, faults := rules.Parse("rules/x.yaml", []byte(doc), rules.Options{})
	if rules.HasErrors(faults) {
		t.Fatal(faults)
	}
	o.Read = func(file string) ([]byte, error) {
		if file != "rules/x.yaml" {
			return nil, errors.New("another file")
		}
		return []byte(doc), nil
	}
	return Check(list, o)
}

// brief is where, the code and what of each finding.
func brief(list []Finding) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Where, f.Code, f.What)
	}
	return b.String()
}

const complete = `id: good
title: Good
level: low
tags: [attack.t1110]
when: process.name == "sshd"
tests:
  - {name: hit, events: [{process.name: sshd}], expect: {alerts: 1}}
  - {name: miss, events: [{process.name: x}], expect: {alerts: 0}}
`

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, doc, want string }{
		{"nothing is wrong", complete, ""},
		{"no tests", strings.Split(complete, "tests:")[0], "rules/x.yaml:1:1 rule-no-test: the rule `good` has no tests\n"},
		{"no miss", strings.Split(complete, "  - {name: miss")[0], "rules/x.yaml:1:1 rule-no-test: no test of the rule `good` expects no alert\n"},
		{"no hit", strings.Replace(complete, "  - {name: hit, events: [{process.name: sshd}], expect: {alerts: 1}}\n", "", 1), "rules/x.yaml:1:1 rule-no-test: no test of the rule `good` expects an alert\n"},
		{"no tag", strings.Replace(complete, "tags: [attack.t1110]\n", "", 1), "rules/x.yaml:1:1 rule-no-tag: the rule `good` has no tag of ATT&CK\n"},
		{"a tag that is none", strings.Replace(complete, "t1110]", "t1110, attack.credential-acess]", 1), "rules/x.yaml:4:22 rule-tag: the tag `attack.credential-acess` means nothing to anybody\n"},
		{"can never hold", strings.Replace(complete, `"sshd"`, `"sshd" and process.name == "sudo"`, 1), "rules/x.yaml:5:51 rule-never: the condition `event` can never hold\n"},
		{"part can never hold", strings.Replace(complete, `"sshd"`, `"sshd" and (user.name == "x" or process.name == "sudo")`, 1), "rules/x.yaml:5:72 rule-never: a part of the condition `event` can never hold\n"},
		{"always holds", strings.Replace(complete, `when: process.name == "sshd"`, `when: exists(user.name) or absent(user.name)`, 1), "rules/x.yaml:5:14 rule-always: the condition `event` holds for every event\n"},
		{"a costly regex", strings.Replace(complete, `process.name == "sshd"`, `re(message, "\\d+[a-z]+x")`, 1), "rules/x.yaml:5:20 rule-costly: a regex of the rule is costly\n"},
		{"long memory", complete + "correlate: {count: {at_least: 5}, by: [source.ip], within: 48h}\n", "rules/x.yaml:9:52 rule-costly: the rule `good` remembers each group for more than a day\n"},
		{"its double", complete + "---\n" + strings.Replace(complete, "id: good", "id: twin", 1), "rules/x.yaml:10:1 rule-shadowed: the rule `twin` finds nothing of its own\n"},
		{"the double of one that is switched off", complete + "enabled: false\n---\n" + strings.Replace(complete, "id: good", "id: twin", 1), ""},
		{"counted ones are no doubles", complete + "correlate: {count: {at_least: 5}, by: [source.ip], within: 1h}\n---\n" + strings.Replace(complete, "id: good", "id: twin", 1), ""},
	} {
		list := linted(t, c.doc, Options{})
		if got := brief(list); got != c.want {
			t.Errorf("%s: got\n%swant\n%s", c.name, got, c.want)
		}
		for _, f := range list {
			if !f.Warn || f.Do == "" || f.Why == "" {
				t.Errorf("%s: %+v", c.name, f)
			}
		}
	}
}

// TestCheck_caret: what a finding points at is what it speaks of.
func TestCheck_caret(t *testing.T) {
	t.Parallel()
	f := linted(t, strings.Replace(complete, `"sshd"`, `"sshd" and process.name == "sudo"`, 1), Options{})[0]
	if r := []rune(f.Text); string(r[f.Mark-1:f.Mark-1+f.Width]) != "sudo" {
		t.Errorf("%q at %d, %d wide", f.Text, f.Mark, f.Width)
	}
}

// TestCheck_unread: a file that cannot be read any more has its findings all the same.
func TestCheck_unread(t *testing.T) {
	t.Parallel()
	list, _ := rules.Parse("gone.yaml", []byte(strings.Replace(complete, `"sshd"`, `"sshd" and process.name == "sudo"`, 1)), rules.Options{})
	for name, read := range map[string]func(string) ([]byte, error){"no way to read": nil, "gone": func(string) ([]byte, error) { return nil, errors.New("gone") }} {
		if got := brief(Check(list, Options{Read: read})); got != "gone.yaml:5:7 rule-never: the condition `event` can never hold\n" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestCheck_produced: fields that no format fills are told once a condition, all of them at the place of the first.
func TestCheck_produced(t *testing.T) {
	t.Parallel()
	doc := strings.Replace(complete, `process.name == "sshd"`, `process.name == "sshd" and (user.name == "x" or host.name == "y" or user.name == "z")`, 1)
	list := linted(t, doc, Options{Produced: func(r *rules.Rule, field string) bool { return r.ID == "good" && field == "process.name" }})
	if got := brief(list); got != "rules/x.yaml:5:35 rule-unproduced-field: no format of weir's fills the fields `user.name`, `host.name`\n" {
		t.Errorf("%s", got)
	}
}

// TestCheck_unfilled: of a Sigma rule it is told in Sigma's names, or that no format makes such events at all.
func TestCheck_unfilled(t *testing.T) {
	t.Parallel()
	doc := `title: T
id: 9fbf5927-5261-4284-a71d-f681029ea574
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\cmd.exe', CommandLine|contains: ' /c '}
  condition: selection
level: low
`
	var asked []string
	for _, c := range []struct {
		names []string
		made  bool
		want  string
	}{
		{nil, true, ""},
		{[]string{"CommandLine"}, true, "rules/x.yaml:5:43 rule-unproduced-field: no format of weir's fills the field `CommandLine`\n"},
		{[]string{"CommandLine", "Image"}, false, "rules/x.yaml:3:1 rule-unproduced-field: no format of weir's makes events of windows/process_creation/*\n"},
	} {
		o := Options{Produced: func(*rules.Rule, string) bool { return false }, Unfilled: func(r *rules.Rule) ([]string, bool) { asked = r.Asks; return c.names, c.made }}
		if got := brief(linted(t, doc, o)); got != c.want {
			t.Errorf("got %swant %s", got, c.want)
		}
	}
	if strings.Join(asked, " ") != "Image CommandLine" {
		t.Errorf("the rule asks for %v", asked)
	}
}

// TestCheck_bounded: one rule with a thousand mistakes is told twenty.
func TestCheck_bounded(t *testing.T) {
	t.Parallel()
	r := &rules.Rule{ID: "many", File: "f", Line: 1, Sigma: true}
	for i := range 1000 {
		r.Tags = append(r.Tags, fmt.Sprintf("attack.no%d", i))
	}
	if n := len(Check([]*rules.Rule{r}, Options{})); n != maxFindings {
		t.Errorf("%d findings", n)
	}
}

// TestCheck_sigma: a Sigma rule needs neither tests nor tags of its own.
func TestCheck_sigma(t *testing.T) {
	t.Parallel()
	doc := `title: T
id: 9fbf5927-5261-4284-a71d-f681029ea574
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\cmd.exe', CommandLine|contains: ' /c '}
  filter: {Image: 'C:\a.exe'}
  condition: selection and not filter
level: low
`
	if got := brief(linted(t, doc, Options{})); got != "" {
		t.Errorf("got %s", got)
	}
	doc = strings.Replace(doc, "condition: selection and not filter", "condition: selection and filter", 1)
	if got := brief(linted(t, doc, Options{})); got != `rules/x.yaml:6:20 rule-never: the condition `+"`event`"+" can never hold\n" {
		t.Errorf("got %s", got)
	}
}
