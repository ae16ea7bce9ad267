package sigma

import (
	"fmt"
	"strings"
	"testing"
)

// TestLenient says how what is not as the specification has it is taken, and that it is told.
func TestLenient(t *testing.T) {
	t.Parallel()
	const body = "detection:\n  a: {User: x}\n  condition: a\n"
	id := "id: 929a690e-bef0-4204-a928-ef5e620d6fcc\n"
	logsource := "logsource: {product: windows}\n"
	whole := func(except string, more string) string {
		all := map[string]string{"title": "title: T\n", "id": id, "level": "level: low\n", "logsource": logsource}
		out := ""
		for _, key := range []string{"title", "id", "level", "logsource"} {
			if key != except {
				out += all[key]
			}
		}
		return out + more + body
	}
	for _, tc := range []struct {
		name, doc string
		// What the rule is: id, title, status, level, log source.
		is string
		// The one warning, none if it is empty.
		says string
	}{
		{"nothing missing", whole("", ""), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low windows/*/*", ""},
		{"no id", whole("id", ""), "a_rule T experimental low windows/*/*", "1:1 the rule has no id: it is called a_rule, as its file is / add `id:` with a UUID of its own"},
		{"a bad id", whole("id", "id: my rule\n"), "a_rule T experimental low windows/*/*", "4:5 `my rule` cannot be an id: the rule is called a_rule, as its file is / write a UUID"},
		{"an id with large letters", whole("id", "id: 929A690E\n"), "929A690E T experimental low windows/*/*", ""},
		{"no title", whole("title", ""), "929a690e-bef0-4204-a928-ef5e620d6fcc a_rule experimental low windows/*/*", "1:1 the rule has no title: it is shown as a_rule / add `title: What it finds`"},
		{"no level", whole("level", ""), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental medium windows/*/*", "1:1 the rule has no level: it is taken for medium / add `level: medium`"},
		{"a level that is almost one", whole("level", "level: hihg\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental medium windows/*/*", "4:8 `level: hihg` is taken for medium / did you mean `high`?"},
		{"a level that is none", whole("level", "level: 5\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental medium windows/*/*", "4:8 `level: 5` is taken for medium / write one of: informational, low, medium, high, critical"},
		{"a level in large letters", whole("level", "level: CRITICAL\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental critical windows/*/*", ""},
		{"deprecated", whole("", "status: deprecated\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T deprecated low windows/*/*", ""},
		{"a bad status", whole("", "status: done\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low windows/*/*", "5:9 `status: done` is taken for experimental / write one of: stable, test, experimental, deprecated, unsupported"},
		{"no log source", whole("logsource", ""), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low */*/*", "1:1 the rule says no log source: it is tried on every event / add `logsource:` with a product and a category or service"},
		{"a log source of one in a list", whole("logsource", "logsource: {product: [Windows]}\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low windows/*/*", ""},
		{"a log source with a list", whole("logsource", "logsource: {product: windows, service: [security, system]}\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low windows/*/*",
			"4:40 `service` is not one word and is left out: the rule is tried on more events / write one word; for several log sources write one rule each"},
		{"a log source with an empty part", whole("logsource", "logsource: {product: windows, service: }\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low windows/*/*", ""},
		{"a log source with a slip", whole("logsource", "logsource: {prodct: windows, service: ssh}\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low */*/ssh", "4:13 the key `prodct` of the log source is not used / did you mean `product`?"},
		{"a log source with more", whole("logsource", "logsource: {product: windows, vendor: x, definition: y}\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low windows/*/*", ""},
		{"an unknown key", whole("", "our_ticket: x\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low windows/*/*", "5:1 the key `our_ticket` is none of Sigma's and is not used / "},
		{"an unknown key that is almost one", whole("", "falsepositive: x\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low windows/*/*", "5:1 the key `falsepositive` is none of Sigma's and is not used / did you mean `falsepositives`?"},
		{"an author that is a mapping", whole("", "author: {name: x}\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low windows/*/*", "5:9 `author` is no text and is not used / write a text"},
		{"a tag that is a mapping", whole("", "tags: [a, {b: c}]\n"), "929a690e-bef0-4204-a928-ef5e620d6fcc T experimental low windows/*/*", "5:11 an entry of `tags` is no text and is not used / write a text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := parse(tc.doc, Options{})
			if len(got.rules) != 1 {
				t.Fatal(show(got.faults))
			}
			r := got.rules[0]
			if is := fmt.Sprint(r.ID, " ", r.Title, " ", r.Status, " ", r.Level, " ", r.LogSource); is != tc.is {
				t.Errorf("got %s, want %s", is, tc.is)
			}
			says := ""
			for _, e := range got.faults {
				says += strings.TrimPrefix(e.Where, "rules/a_rule.yml:") + " " + e.What + " / " + e.Do
			}
			if says != tc.says {
				t.Errorf("got %s\nwant %s", says, tc.says)
			}
		})
	}
}

func TestSeveralAuthors(t *testing.T) {
	t.Parallel()
	got := parse(detection("a: {User: x}", "condition: a")+"author: [One, ' Two ']\ndate: 2026-01-02\nlicense: null\n", Options{})
	if len(got.rules) != 1 || got.rules[0].Author != "One, Two" || got.rules[0].Date != "2026-01-02" || got.rules[0].License != "" {
		t.Error(show(got.faults))
	}
}

func TestIsID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"929a690e-bef0-4204-a928-ef5e620d6fcc": true, "A1.b_c": true, strings.Repeat("a", 100): true,
		"": false, "-a": false, "a b": false, "a/b": false, "../a": false, "é": false, strings.Repeat("a", 101): false,
	} {
		if isID(id) != want {
			t.Error(id)
		}
	}
}

func TestIDsOfFiles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"rules/win_x.yml": "win_x", "Win  Kerberos brute.yaml": "win--kerberos-brute", "-.yml": "rule", "실행.yml": "rule", strings.Repeat("a", 200) + ".yml": strings.Repeat("a", 96),
	} {
		file := New(fileNamed(name), Options{})
		if got := file.idOfFile(); got != want || !isID(got) {
			t.Errorf("%s: %s", name, got)
		}
		file.rules = 2
		if got := file.idOfFile(); got != want+"-3" || !isID(got) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestWord(t *testing.T) {
	t.Parallel()
	if got := word(" Process Creation "); got != "process_creation" {
		t.Error(got)
	}
}
