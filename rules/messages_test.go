package rules

import "testing"

// TestMessages compares everything that a loader says about a file, with the caret below its line, and how many rules
// run all the same. Each file is a beginning that is right and what follows it.
func TestMessages(t *testing.T) {
	t.Parallel()
	const (
		head = "id: a\ntitle: A\nlevel: low\n"
		two  = head + "when:\n  a: user.name == \"x\"\n  b: user.name == \"y\"\n"
	)
	for _, tc := range []struct {
		name, begin string
		rules       int
		file, want  string
	}{
		{
			"which of two conditions", two, 0,
			"correlate: {count: {at_least: 3}, within: 1m}\n",
			"f.yaml:7:20: error[rule-missing-key]: the rule has 2 conditions: say which one is meant\n" +
				"correlate: {count: {at_least: 3}, within: 1m}\n" +
				"                   ^\n" +
				"do add `when: NAME`\n",
		},
		{
			"two mistakes in one correlate", two, 0,
			"correlate: {sequence: [{when: a}, {whn: b}], within: 401d}\n",
			"f.yaml:7:36: error[rule-unknown-key]: unknown key `whn` in a step\n" +
				"correlate: {sequence: [{when: a}, {whn: b}], within: 401d}\n" +
				"                                   ^^^\n" +
				"do did you mean `when`?\n" +
				"f.yaml:7:54: error[rule-value]: `within` must be longer than nothing and at most 400d\n" +
				"correlate: {sequence: [{when: a}, {whn: b}], within: 401d}\n" +
				"                                                     ^^^^\n",
		},
		{
			"group by a misspelt field", two, 1,
			"correlate: {sequence: [{when: a}, {when: b}], within: 1m, by: [host.naem]}\n",
			"f.yaml:7:64: warning[rule-unknown-field]: no format fills the field `host.naem`\n" +
				"correlate: {sequence: [{when: a}, {when: b}], within: 1m, by: [host.naem]}\n" +
				"                                                               ^^^^^^^^^\n" +
				"why the rule runs but cannot match on it\n" +
				"do did you mean `host.name`?\n",
		},
		{
			"conditions twice", small, 0,
			"when: {a: 'true'}\n",
			"f.yaml:5:1: error[rule-duplicate-key]: the key `when` is there twice\n" +
				"when: {a: 'true'}\n" +
				"^^^^\n" +
				"why the first is in line 4\n" +
				"do remove one of them\n",
		},
		{
			"one condition twice", head, 0,
			"when: {a: 'user.name == \"x\"', a: 'user.id == \"y\"'}\n",
			"f.yaml:4:31: error[rule-duplicate-key]: the condition `a` is there twice\n" +
				"when: {a: 'user.name == \"x\"', a: 'user.id == \"y\"'}\n" +
				"                              ^\n" +
				"do give one of them another name\n",
		},
		{
			"a name of two words", head, 0,
			"when: {\"a b\": 'user.name == \"x\"'}\n",
			"f.yaml:4:8: error[rule-value]: `a b` cannot be the name of a condition\n" +
				"when: {\"a b\": 'user.name == \"x\"'}\n" +
				"       ^^^^^\n" +
				"do write letters, digits and _\n",
		},
		{
			"three references", small, 0,
			"explain: \"in {{user.naem}} and {{}} and {{x\"\n",
			"f.yaml:5:14: warning[rule-unknown-field]: no format fills the field `user.naem`\n" +
				"explain: \"in {{user.naem}} and {{}} and {{x\"\n" +
				"             ^^^^^^^^^^^^^\n" +
				"why the rule runs but cannot match on it\n" +
				"do did you mean `user.name`?\n" +
				"f.yaml:5:32: error[rule-value]: a reference is empty or is not closed\n" +
				"explain: \"in {{user.naem}} and {{}} and {{x\"\n" +
				"                               ^^^^\n" +
				"do write {{source.ip}}\n" +
				"f.yaml:5:41: error[rule-value]: a reference is empty or is not closed\n" +
				"explain: \"in {{user.naem}} and {{}} and {{x\"\n" +
				"                                        ^^^\n" +
				"do write {{source.ip}}\n",
		},
		{
			"a reference in a block", small, 1,
			"explain: |\n" +
				"  one\n" +
				"  두 {{sorce.ip}}\n",
			"f.yaml:7:5: warning[rule-unknown-field]: no format fills the field `sorce.ip`\n" +
				"  두 {{sorce.ip}}\n" +
				"    ^^^^^^^^^^^^\n" +
				"why the rule runs but cannot match on it\n" +
				"do did you mean `source.ip`?\n",
		},
		{
			"an expression in a block, after Korean", head, 0,
			"when: |\n" +
				"  user.name == \"김\"\n" +
				"    and user.id == \"김\" = 1\n",
			"f.yaml:6:24: error[rule-expr]: did not expect `=` here\n" +
				"    and user.id == \"김\" = 1\n" +
				"                       ^\n" +
				"do write == to compare\n",
		},
		{
			"an expression in a folded block", head, 0,
			"when: >-\n" +
				"  user.name == \"x\"\n" +
				"\n" +
				"  and icontans(message, \"y\")\n",
			"f.yaml:7:7: error[rule-expr]: unknown function `icontans`\n" +
				"  and icontans(message, \"y\")\n" +
				"      ^^^^^^^^\n" +
				"do did you mean `icontains`?\n",
		},
		{
			"an expression with escapes", head, 0,
			"when: \"user.name == \\\"x\\\" and\\tuser.id = 1\"\n",
			"f.yaml:4:40: error[rule-expr]: did not expect `=` here\n" +
				"when: \"user.name == \\\"x\\\" and\\tuser.id = 1\"\n" +
				"                                       ^\n" +
				"do write == to compare\n",
		},
		{
			"an expression in single quotes", head, 0,
			"when: 'user.name == ''x'' and user.id = 1'\n",
			"f.yaml:4:39: error[rule-expr]: did not expect `=` here\n" +
				"when: 'user.name == ''x'' and user.id = 1'\n" +
				"                                      ^\n" +
				"do write == to compare\n",
		},
		{
			"a condition that can never hold", head, 1,
			"when: event.code == 5\n",
			"f.yaml:4:7: warning[rule-type]: `event.code` holds texts, 5 is a number\n" +
				"when: event.code == 5\n" +
				"      ^^^^^^^^^^^^^^^\n" +
				"why they are never equal\n" +
				"do write it in quotes: \"5\"\n",
		},
		{
			"every test has its mistake", small, 0,
			"tests:\n" +
				"- events: [x]\n" +
				"  expect: {alerts: 0}\n" +
				"- name: y\n" +
				"  expect: {alerts: 0}\n" +
				"- name: z\n" +
				"  events: [x]\n",
			"f.yaml:6:3: error[rule-missing-key]: the test has no name\n" +
				"- events: [x]\n" +
				"  ^^^^^^\n" +
				"do add `name: what happens`\n" +
				"f.yaml:10:3: error[rule-missing-key]: the test expects nothing\n" +
				"- name: z\n" +
				"  ^^^^\n" +
				"do add `expect: {alerts: 1}`\n",
		},
		{
			"a group of lists", small, 0,
			"tests:\n" +
				"- name: x\n" +
				"  events: [y]\n" +
				"  expect: {alerts: 1, groups: [{source.ip: [a]}]}\n",
			"f.yaml:8:33: error[rule-value]: a group's value is a text\n" +
				"  expect: {alerts: 1, groups: [{source.ip: [a]}]}\n" +
				"                                ^^^^^^^^^\n",
		},
		{
			"three mistakes in fold", small, 0,
			"fold: {by: [source.ip, source.ip], for: soon, every: 5}\n",
			"f.yaml:5:24: error[rule-value]: `by` names source.ip twice\n" +
				"fold: {by: [source.ip, source.ip], for: soon, every: 5}\n" +
				"                       ^^^^^^^^^\n" +
				"do remove one of them\n" +
				"f.yaml:5:41: error[rule-value]: `for` needs a duration\n" +
				"fold: {by: [source.ip, source.ip], for: soon, every: 5}\n" +
				"                                        ^^^^\n" +
				"do write 30s, 10m, 2h or 1d\n" +
				"f.yaml:5:47: error[rule-unknown-key]: unknown key `every` in fold\n" +
				"fold: {by: [source.ip, source.ip], for: soon, every: 5}\n" +
				"                                              ^^^^^\n" +
				"do there are: by, for\n",
		},
		{
			"a tag", small, 0,
			"tags: !!str x\n",
			"f.yaml:5:7: error[rule-syntax]: `!` begins a YAML tag\n" +
				"tags: !!str x\n" +
				"      ^^^^^\n" +
				"do put a text that begins with it in quotes\n",
		},
		{
			"a key of several lines", small, 0,
			"? a\n" +
				": b\n",
			"f.yaml:5:1: error[rule-syntax]: `?` begins a YAML key of several lines\n" +
				"? a\n" +
				"^\n" +
				"do put a text that begins with it in quotes\n",
		},
		{
			"a directive", "", 0,
			"%YAML 1.2\n" +
				"---\n" +
				"id: b\n",
			"f.yaml:1:1: error[rule-syntax]: `%` begins a YAML directive\n" +
				"%YAML 1.2\n" +
				"^\n" +
				"do put a text that begins with it in quotes\n" +
				"f.yaml:3:1: error[rule-missing-key]: the rule has no `title`\n" +
				"id: b\n" +
				"^\n" +
				"do add `title: What it finds`\n" +
				"f.yaml:3:1: error[rule-missing-key]: the rule has no `level`\n" +
				"id: b\n" +
				"^\n" +
				"do add `level: medium`\n" +
				"f.yaml:3:1: error[rule-missing-key]: the rule has no `when`\n" +
				"id: b\n" +
				"^\n" +
				"do add `when: event.outcome == \"failure\"`\n",
		},
		{
			"too deep", small, 0,
			"tags: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
			"f.yaml:5:39: error[rule-syntax]: the file is nested deeper than 32\n" +
				"tags: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n" +
				"                                      ^\n" +
				"do write fewer brackets within brackets\n",
		},
		{
			"no keys", "", 0,
			"just text\n",
			"f.yaml:1:1: error[rule-syntax]: a rule is a list of keys and values\n" +
				"just text\n" +
				"^^^^^^^^^\n" +
				"do begin with id: NAME\n",
		},
		{
			"a tab", "", 0,
			"id: a\n" +
				"\ttitle: x\n",
			"f.yaml:2:1: error[rule-syntax]: a tab stands where YAML wants blanks\n" +
				"\ttitle: x\n" +
				"^\n" +
				"do indent with blanks\n",
		},
		{
			"a text that is not closed", "", 0,
			"a: 'x\n",
			"f.yaml:1:4: error[rule-syntax]: could not find end character of single-quoted text\n" +
				"a: 'x\n" +
				"   ^\n",
		},
		{
			"a list that is not closed", small, 0,
			"tags: [low\n",
			"f.yaml:5:7: error[rule-syntax]: sequence end token ']' not found\n" +
				"tags: [low\n" +
				"      ^\n",
		},
		{
			"no text at all", "", 0,
			"id: a\x00\n",
			"f.yaml:1:6: error[rule-syntax]: the file is not plain UTF-8 text\n" +
				"id: a\x00\n" +
				"     ^\n" +
				"do save it as UTF-8\n",
		},
		{
			"the end of a document", small, 0,
			"...\n" +
				"id: b\n",
			"f.yaml:6:1: error[rule-syntax]: a second document begins here\n" +
				"id: b\n" +
				"^^\n" +
				"do put --- alone on a line between two rules\n",
		},
		{
			"a reserved letter", "", 0,
			"id: @x\n",
			"f.yaml:1:5: error[rule-syntax]: '@' is a reserved character\n" +
				"id: @x\n" +
				"    ^^\n" +
				"do put a text that begins with it in quotes\n",
		},
		{
			"three documents", small, 1,
			"---\n" +
				"id: b\n" +
				"title: B\n" +
				"level: low\n" +
				"when: user.name == \"y\"\n" +
				"titel: x\n" +
				"---\n" +
				"id: c\n",
			"f.yaml:10:1: error[rule-unknown-key]: unknown key `titel`\n" +
				"titel: x\n" +
				"^^^^^\n" +
				"do did you mean `title`?\n" +
				"f.yaml:12:1: error[rule-missing-key]: the rule has no `title`\n" +
				"id: c\n" +
				"^\n" +
				"do add `title: What it finds`\n" +
				"f.yaml:12:1: error[rule-missing-key]: the rule has no `level`\n" +
				"id: c\n" +
				"^\n" +
				"do add `level: medium`\n" +
				"f.yaml:12:1: error[rule-missing-key]: the rule has no `when`\n" +
				"id: c\n" +
				"^\n" +
				"do add `when: event.outcome == \"failure\"`\n",
		},
		{
			"the same id in one file", small, 2,
			"---\n" +
				"id: a\n" +
				"title: A\n" +
				"level: low\n" +
				"when: true\n",
			"f.yaml:9:7: warning[expr-constant]: the condition reads no field\n" +
				"when: true\n" +
				"      ^\n" +
				"why it is the same for every event\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, faults := Parse("f.yaml", []byte(tc.begin+tc.file), Options{})
			if got := show(faults); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
			if len(list) != tc.rules {
				t.Errorf("%d rules run, want %d", len(list), tc.rules)
			}
		})
	}
}
