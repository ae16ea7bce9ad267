package rules

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/rules/yamlfile"
)

// show prints faults as a person sees them, with the caret.
func show(faults fault.List) string {
	var b strings.Builder
	for _, e := range faults {
		word := "error"
		if e.Warn {
			word = "warning"
		}
		fmt.Fprintf(&b, "%s: %s[%s]: %s\n", e.Where, word, e.Code, e.What)
		if e.Mark > 0 {
			fmt.Fprintf(&b, "%s\n%s%s\n", e.Text, strings.Repeat(" ", e.Mark-1), strings.Repeat("^", e.Width))
		}
		if e.Why != "" {
			fmt.Fprintf(&b, "why %s\n", e.Why)
		}
		if e.Do != "" {
			fmt.Fprintf(&b, "do %s\n", e.Do)
		}
	}
	return b.String()
}

// TestMistakes compares whole messages with their carets: they are what the loader is for.
func TestMistakes(t *testing.T) {
	t.Parallel()
	with := func(more string) string { return small + more }
	replace := func(old, new string) string { return strings.Replace(small, old, new, 1) }
	tests := []struct{ name, file, want string }{
		{
			"unknown key",
			with("withn: 5m\n"),
			"f.yaml:5:1: error[rule-unknown-key]: unknown key `withn`\n" +
				"withn: 5m\n" +
				"^^^^^\n" +
				"do there are: ",
		},
		{
			"unknown key with a near one",
			with("tagz: [a]\n"),
			"f.yaml:5:1: error[rule-unknown-key]: unknown key `tagz`\n" +
				"tagz: [a]\n" +
				"^^^^\n" +
				"do did you mean `tags`?\n",
		},
		{
			"unknown key inside",
			with("correlate:\n  count: {at_least: 5}\n  withn: 5m\n  within: 5m\n"),
			"f.yaml:7:3: error[rule-unknown-key]: unknown key `withn` in correlate\n" +
				"  withn: 5m\n" +
				"  ^^^^^\n" +
				"do did you mean `within`?\n",
		},
		{
			"key twice",
			with("title: B\n"),
			"f.yaml:5:1: error[rule-duplicate-key]: the key `title` is there twice\n" +
				"title: B\n" +
				"^^^^^\n" +
				"why the first is in line 2\n" +
				"do remove one of them\n",
		},
		{
			"no id",
			replace("id: a\n", ""),
			"f.yaml:1:1: error[rule-missing-key]: the rule has no `id`\n" +
				"title: A\n" +
				"^\n" +
				"do add `id: my-rule`\n",
		},
		{
			"bad id",
			replace("id: a", "id: My Rule"),
			"f.yaml:1:5: error[rule-value]: `My Rule` cannot be an id\n" +
				"id: My Rule\n" +
				"    ^^^^^^^\n" +
				"do write small letters, digits and -, such as `ssh-brute-force`\n",
		},
		{
			"empty title",
			replace("title: A", "title:"),
			"f.yaml:2:7: error[rule-value]: `title` needs a text\n",
		},
		{
			"bad level",
			replace("low", "hihg"),
			"f.yaml:3:8: error[rule-value]: `level` cannot be `hihg`\n" +
				"level: hihg\n" +
				"       ^^^^\n" +
				"do did you mean `high`?\n",
		},
		{
			"bad version",
			with("version: v2\n"),
			"f.yaml:5:10: error[rule-value]: `version` needs a whole number from 1 to 1000000\n" +
				"version: v2\n" +
				"         ^^\n",
		},

		{
			"expression",
			"id: a\ntitle: A\nlevel: low\nwhen: user.name = \"x\"\n",
			"f.yaml:4:17: error[rule-expr]: did not expect `=` here\n" +
				"when: user.name = \"x\"\n" +
				"                ^\n" +
				"do write == to compare\n",
		},
		{
			"named expression after Korean",
			"id: a\ntitle: A\nlevel: low\nwhen: {로그인: 'user.name == ''김'' AND true'}\ncorrelate: {count: {at_least: 2}, within: 1m}\n",
			"f.yaml:4:33: error[rule-expr]: did not expect `AND` here\n" +
				"when: {로그인: 'user.name == ''김'' AND true'}\n" +
				"                                ^^^\n" +
				"do write and\n",
		},
		{
			"expression in double quotes",
			"id: a\ntitle: A\nlevel: low\nwhen: \"user.name == \\\"김\\\" AND true\"\n",
			"f.yaml:4:27: error[rule-expr]: did not expect `AND` here\n" +
				"when: \"user.name == \\\"김\\\" AND true\"\n" +
				"                          ^^^\n" +
				"do write and\n",
		},
		{
			"expression in a literal block",
			"id: a\ntitle: A\nlevel: low\nwhen: |\n\n  user.name == \"김\"\n    and user.id = \"y\"\n",
			"f.yaml:7:17: error[rule-expr]: did not expect `=` here\n" +
				"    and user.id = \"y\"\n" +
				"                ^\n" +
				"do write == to compare\n",
		},
		{
			"expression in a folded block",
			"id: a\ntitle: A\nlevel: low\nwhen:\n  event: >-\n    user.name == \"x\"\n\n    and user.id = \"y\"\n",
			"f.yaml:8:17: error[rule-expr]: did not expect `=` here\n" +
				"    and user.id = \"y\"\n" +
				"                ^\n" +
				"do write == to compare\n",
		},
		{
			"expression over plain lines",
			"id: a\ntitle: A\nlevel: low\nwhen: user.name == \"x\"\n  and user.id = \"y\"\n",
			"f.yaml:5:15: error[rule-expr]: did not expect `=` here\n" +
				"  and user.id = \"y\"\n" +
				"              ^\n" +
				"do write == to compare\n",
		},
		{
			"unknown field",
			replace("user.name", "user.nmae"),
			"f.yaml:4:7: warning[rule-unknown-field]: no format fills the field `user.nmae`\n" +
				"when: user.nmae == \"x\"\n" +
				"      ^^^^^^^^^\n" +
				"why the rule runs but cannot match on it\n" +
				"do did you mean `user.name`?\n",
		},
		{
			"unknown function",
			replace(`user.name == "x"`, `icontans(user.name, "x")`),
			"f.yaml:4:7: error[rule-expr]: unknown function `icontans`\n" +
				"when: icontans(user.name, \"x\")\n" +
				"      ^^^^^^^^\n" +
				"do did you mean `icontains`?\n",
		},
		{
			"unknown list",
			replace(`user.name == "x"`, `in_list(user.name, "vips")`),
			"f.yaml:4:7: error[rule-unknown-list]: there is no list `vips`\n" +
				"when: in_list(user.name, \"vips\")\n" +
				"      ^^^^^^^^^^^^^^^^^^^^^^^^^\n" +
				"do add vips.txt to the folder of lists, one value a line\n",
		},
		{
			"two conditions and no correlate",
			"id: a\ntitle: A\nlevel: low\nwhen:\n  one: user.name == \"x\"\n  two: user.name == \"y\"\n",
			"f.yaml:6:8: error[rule-value]: the rule has several conditions and nothing that combines them\n" +
				"  two: user.name == \"y\"\n" +
				"       ^\n" +
				"do join them with `or` into one, or add `correlate:`\n",
		},
		{
			"condition without expression",
			"id: a\ntitle: A\nlevel: low\nwhen:\n  one: [a]\n",
			"f.yaml:5:8: error[rule-value]: the condition `one` is no expression\n",
		},
		{
			"exclamation mark",
			replace(`when: user`, `when: !user`),
			"f.yaml:4:7: error[rule-syntax]: `!` begins a YAML tag\n" +
				"when: !user.name == \"x\"\n" +
				"      ^^^^^^^^^^\n" +
				"do put a text that begins with it in quotes\n",
		},
		{
			"colon in a text",
			replace("title: A", "title: A: b"),
			"f.yaml:2:8: error[rule-syntax]: mapping value is not allowed in this context\n" +
				"title: A: b\n" +
				"       ^\n" +
				"do put a text with `: ` in it in quotes, or below a `|`\n",
		},

		{
			"unknown condition",
			with("correlate: {count: {when: evnt, at_least: 5}, within: 5m}\n"),
			"f.yaml:5:27: error[rule-unknown-condition]: there is no condition `evnt`\n" +
				"correlate: {count: {when: evnt, at_least: 5}, within: 5m}\n" +
				"                          ^^^^\n" +
				"do did you mean `event`?\n",
		},
		{
			"other kind",
			with("correlate: {distimct: {of: user.name, at_least: 5}, within: 5m}\n"),
			"f.yaml:5:13: error[rule-unknown-key]: unknown key `distimct` in correlate\n" +
				"correlate: {distimct: {of: user.name, at_least: 5}, within: 5m}\n" +
				"            ^^^^^^^^\n" +
				"do did you mean `distinct`?\n",
		},
		{
			"no kind",
			with("correlate: {within: 5m}\n"),
			"f.yaml:5:12: error[rule-missing-key]: `correlate` does not say what is counted\n",
		},
		{
			"no within",
			with("correlate: {count: {at_least: 5}}\n"),
			"f.yaml:5:12: error[rule-missing-key]: `correlate` has no `within`\n",
		},
		{
			"no at_least",
			with("correlate: {count: {when: event}, within: 5m}\n"),
			"f.yaml:5:20: error[rule-missing-key]: `count` has no `at_least`\n",
		},
		{
			"both kinds",
			with("correlate: {count: {at_least: 5}, sequence: [{when: event}, {when: event}], within: 5m}\n"),
			"f.yaml:5:45: error[rule-value]: `correlate` has both `count` and `sequence`\n",
		},
		{
			"sequence of one",
			with("correlate: {sequence: [{when: event}], within: 5m}\n"),
			"f.yaml:5:23: error[rule-value]: `sequence` needs 2 to 16 steps\n",
		},
		{
			"bad duration",
			with("correlate: {count: {at_least: 5}, within: soon}\n"),
			"f.yaml:5:43: error[rule-value]: `within` needs a duration\n" +
				"correlate: {count: {at_least: 5}, within: soon}\n" +
				"                                          ^^^^\n" +
				"do write 30s, 10m, 2h or 1d\n",
		},
		{
			"long duration",
			with("fold: {for: 401d}\n"),
			"f.yaml:5:13: error[rule-value]: `for` must be longer than nothing and at most 400d\n",
		},
		{
			"group twice",
			with("fold: {by: [source.ip, source.ip]}\n"),
			"f.yaml:5:24: error[rule-value]: `by` names source.ip twice\n",
		},
		{
			"unknown group",
			with("fold: {by: [sorce.ip]}\n"),
			"f.yaml:5:13: warning[rule-unknown-field]: no format fills the field `sorce.ip`\n" +
				"fold: {by: [sorce.ip]}\n" +
				"            ^^^^^^^^\n",
		},
		{
			"fold by another field",
			with("fold: {by: [host.name]}\ncorrelate: {count: {at_least: 5}, by: [source.ip], within: 5m}\n"),
			"f.yaml:5:1: error[rule-value]: `fold` names host.name, by which `correlate` does not group\n" +
				"fold: {by: [host.name]}\n" +
				"^^^^\n",
		},
		{
			"unused condition",
			"id: a\ntitle: A\nlevel: low\nwhen: {one: user.name == \"x\", two: user.name == \"y\"}\ncorrelate: {count: {when: one, at_least: 2}, within: 5m}\n",
			"f.yaml:4:36: warning[rule-unused-condition]: no step uses the condition `two`\n",
		},
		{
			"unknown field in a text",
			with("explain: \"김 {{sorce.ip}}\"\n"),
			"f.yaml:5:13: warning[rule-unknown-field]: no format fills the field `sorce.ip`\n" +
				"explain: \"김 {{sorce.ip}}\"\n" +
				"            ^^^^^^^^^^^^\n",
		},
		{
			"open reference",
			with("explain: \"a {{source.ip\"\n"),
			"f.yaml:5:13: error[rule-value]: a reference is empty or is not closed\n",
		},

		{
			"test without expect",
			with("tests: [{name: a, events: [b]}]\n"),
			"f.yaml:5:9: error[rule-missing-key]: the test expects nothing\n",
		},
		{
			"test without events",
			with("tests: [{name: a, expect: {alerts: 1}}]\n"),
			"f.yaml:5:9: error[rule-missing-key]: the test has no events\n",
		},
		{
			"test with a wrong key",
			with("tests: [{name: a, event: [], expect: {alerts: 1}}]\n"),
			"f.yaml:5:19: error[rule-unknown-key]: unknown key `event` in a test\n",
		},
		{
			"event number",
			with("tests: [{name: a, events: [b], expect: {alerts: 1, events: [2]}}]\n"),
			"f.yaml:5:9: error[rule-value]: the test expects event 2 of 1\n",
		},
		{
			"key twice in a document",
			with("tests: [{name: a, events: [{user.name: b, user.name: c}], expect: {alerts: 1}}]\n"),
			"f.yaml:5:43: error[rule-value]: the key `user.name` is there twice\n",
		},

		{
			"alias",
			with("tags: &a [b]\nreferences: *a\n"),
			"f.yaml:5:7: error[rule-syntax]: anchors and aliases are not used in rule files\n",
		},
		{
			"merge",
			with("<<: {a: b}\n"),
			"f.yaml:5:1: error[rule-syntax]: anchors and aliases are not used in rule files\n",
		},
		{
			"a list in braces",
			"id: a\ntitle: A\nlevel: low\nwhen: {a: user.name in [\"x\"] and true}\n",
			"f.yaml:4:24: error[rule-syntax]: ',' or '}' must be specified\n",
		},
		{
			"not closed",
			with("tags: [a\n"),
			"f.yaml:5:7: error[rule-syntax]: ",
		},
		{
			"no mapping",
			"- a\n- b\n",
			"f.yaml:1:1: error[rule-syntax]: a rule is a list of keys and values\n" +
				"- a\n" +
				"^\n" +
				"do begin with id: NAME\n",
		},
		{
			"brackets",
			with("tags: " + strings.Repeat("[", 40) + "\n"),
			"f.yaml:5:39: error[rule-syntax]: the file is nested deeper than 32\n",
		},
		{
			"dashes",
			with("tags:\n " + strings.Repeat("- ", 40) + "\n"),
			"f.yaml:6:66: error[rule-syntax]: the file is nested deeper than 32\n",
		},
		{
			"no text",
			with("tags: [\x00]\n"),
			"f.yaml:5:8: error[rule-syntax]: the file is not plain UTF-8 text\n",
		},
		{
			"not UTF-8",
			with("author: \xff\n"),
			"f.yaml:5:9: error[rule-syntax]: the file is not plain UTF-8 text\n" +
				"author: \ufffd\n",
		},
		{
			"second document",
			small + "--- {a: b}\n",
			"f.yaml:5:5: error[rule-syntax]: a second document begins here\n",
		},
		{
			"nothing that YAML reads",
			"!!!!!",
			"f.yaml:1:1: error[rule-syntax]: no rule can be read here\n" +
				"!!!!!\n" +
				"^\n" +
				"do begin with id: NAME\n",
		},
		{
			"too many keys",
			strings.Repeat("a: b\n", 10_000+1),
			"f.yaml:10001:2: error[rule-too-large]: the file has more than 10000 keys\n",
		},
		{
			"too large",
			small + strings.Repeat("#", yamlfile.MaxSize),
			"f.yaml: error[rule-too-large]: the file is larger than 1 MiB\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, faults := Parse("f.yaml", []byte(tt.file), Options{})
			if got := show(faults); !strings.HasPrefix(got, tt.want) {
				t.Fatalf("got\n%s\nwant\n%s", got, tt.want)
			}
			if refused := HasErrors(faults); (len(list) == 0) != refused {
				t.Errorf("%d rules, refused %v", len(list), refused)
			}
		})
	}
}

// TestBrokenAmongGood checks that one mistake costs one rule.
func TestBrokenAmongGood(t *testing.T) {
	t.Parallel()
	file := small + "---\r\nid: b\r\ntitle: [\r\n--- # the third\n" + strings.Replace(small, "id: a", "id: c", 1) + "---\n# nothing\n---\n" + strings.Replace(small, "id: a", "id: d\nbad: 1", 1)
	list, faults := Parse("f.yaml", []byte(file), Options{})
	var ids []string
	for _, r := range list {
		ids = append(ids, fmt.Sprint(r.ID, ":", r.Line, ":", r.When[0].Line))
	}
	if got := strings.Join(ids, " "); got != "a:1:4 c:9:12" {
		t.Error(got, show(faults))
	}
	if len(faults) != 2 || !strings.HasPrefix(faults[0].Where, "f.yaml:7:") || faults[1].Where != "f.yaml:17:1" {
		t.Error(show(faults))
	}
}

// FuzzParse checks that whatever the bytes are, the loader comes back; that every rule it accepts compiles and has what
// the engines rely on; and that every fault points into the file.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(small + "---\n" + small))
	f.Add([]byte("id: a\ntitle: \"a\\u0041\"\nlevel: low\nwhen: |2\n   user.name == 1\n"))
	f.Add([]byte("when: {a: b, ? c : d}\nfold: {by: *x, for: !!str 1}\n"))
	f.Add([]byte("tests:\n- events: [[[]]]\n  expect: {groups: [{a: {}}]}\n"))
	f.Add([]byte("id: 'it''s'\nexplain: >+\n  {{a}\n\n\ntitle: 'a\n\n b'"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		list, faults := Parse("f.yaml", doc, Options{})
		for _, r := range list {
			if r.ID == "" || r.Title == "" || r.Level == "" || r.Hash == "" || len(r.When) == 0 || len(r.Fold.By) == 0 && r.Correlate == nil || r.Fold.For <= 0 || r.Line < 1 {
				t.Fatalf("%+v", r)
			}
			for _, c := range r.When {
				if _, err := match.Compile(c.Expr); err != nil {
					t.Fatalf("accepted %q: %v", c.Expr, err)
				}
			}
			if c := r.Correlate; c != nil {
				if len(c.Steps) == 0 || c.Within <= 0 {
					t.Fatalf("%+v", c)
				}
				for _, s := range c.Steps {
					if s.AtLeast < 1 || s.When == "" {
						t.Fatalf("%+v", c)
					}
				}
			}
		}
		if len(faults) > yamlfile.MaxFaults {
			t.Fatalf("%d faults", len(faults))
		}
		for _, e := range faults {
			if e.Code == "" || e.What == "" || !strings.HasPrefix(e.Where, "f.yaml") {
				t.Fatalf("%+v", e)
			}
			if e.Mark > 0 && (e.Width < 1 || e.Mark > utf8.RuneCountInString(e.Text)+1) {
				t.Fatalf("the caret is beside the line: %+v", e)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(whole)))
	for b.Loop() {
		if _, faults := Parse("a.yaml", []byte(whole), Options{}); len(faults) != 0 {
			b.Fatal(faults)
		}
	}
}
