package convert

import (
	"strings"
	"testing"

	"weir/rules"
)

// TestWaysToWrite: the same rule in the ways that YAML has for it comes to the same correlation.
func TestWaysToWrite(t *testing.T) {
	t.Parallel()
	plain := "title: T\nid: fab0ddf0-b8a9-4d70-91ce-a20547209afb\nlevel: high\nlogsource: {category: firewall}\ndetection:\n  s: {action: denied}\n  timeframe: 1m\n  condition: s | count() by src_ip > 5\n"
	for name, doc := range map[string]string{
		"plain":                 plain,
		"windows line ends":     strings.ReplaceAll(plain, "\n", "\r\n"),
		"no line end":           strings.TrimSuffix(plain, "\n"),
		"a byte order mark":     "\ufeff" + plain,
		"after a separator":     "---\n" + plain,
		"comments everywhere":   "# head\n" + strings.ReplaceAll(plain, "\n", " # c\n") + "# tail\n",
		"indented by four":      strings.ReplaceAll(plain, "\n  ", "\n    "),
		"another order":         "detection:\n  condition: s | count() by src_ip > 5\n  timeframe: 1m\n  s: {action: denied}\nlogsource: {category: firewall}\nlevel: high\nid: fab0ddf0-b8a9-4d70-91ce-a20547209afb\ntitle: T\n",
		"in one line":           "title: T\nid: fab0ddf0-b8a9-4d70-91ce-a20547209afb\nlevel: high\nlogsource: {category: firewall}\ndetection: {s: {action: denied}, timeframe: 1m, condition: s | count() by src_ip > 5}\n",
		"all in brackets":       "{title: T, id: fab0ddf0-b8a9-4d70-91ce-a20547209afb, level: high, logsource: {category: firewall}, detection: {s: {action: denied}, timeframe: 1m, condition: s | count() by src_ip > 5}}\n",
		"a key beside another":  strings.Replace(plain, "detection:\n  s:", "detection:\n  other: &x {a: b}\n  s:", 1),
		"a condition of blocks": strings.Replace(plain, "condition: s | count() by src_ip > 5", "condition: >-\n    s\n    | count()\n    by src_ip > 5", 1),
	} {
		r := File("f.yml", []byte(doc), Options{})
		if r.Converted != 1 {
			// What is written in one line cannot be cut into lines: that is said, and nothing else happens.
			if !strings.Contains(name, "in one line") && !strings.Contains(name, "brackets") || len(r.Faults) != 1 || !strings.Contains(r.Faults[0].What, "one line") || r.Text != nil {
				t.Errorf("%s: %v", name, r.Faults)
			}
			continue
		}
		list, faults := rules.Parse("f.yml", r.Text, rules.Options{})
		if rules.HasErrors(faults) || len(list) != 2 {
			t.Errorf("%s: %v\n%s", name, faults, r.Text)
			continue
		}
		x := list[1]
		if x.ID != "fab0ddf0-b8a9-4d70-91ce-a20547209afb" || x.Level != rules.High || x.Title != "T" || x.Correlate.By[0] != "source.ip" || x.Correlate.Within.Minutes() != 1 || x.When[0].Expr != `ieq(event.action, "denied")` && !strings.Contains(x.When[0].Expr, "denied") {
			t.Errorf("%s: %+v\n%s", name, x, r.Text)
		}
	}
}

// TestTitlesAndStatus: what is written anew is text that YAML reads as it was.
func TestTitlesAndStatus(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Plain": "Plain (one event)", "'With: colon'": "With: colon (one event)", `"It's"`: "It's (one event)", "'# hash'": "# hash (one event)", "A #hash": "A (one event)", `"a\x1b[2J\u202eb"`: "a\x1b[2J\u202eb (one event)", "'  '": "(one event)", "'[x'": "[x (one event)",
	} {
		doc := "title: " + title + "\nid: a\nstatus: stable\nlevel: low\ndetection:\n  s: {a: b}\n  timeframe: 1m\n  condition: s | count() > 5\n"
		r := File("f.yml", []byte(doc), Options{})
		list, faults := rules.Parse("f.yml", r.Text, rules.Options{})
		if len(list) != 2 || list[0].Title != want || list[0].Status != "stable" || list[1].Status != "stable" {
			t.Errorf("%s: %v\n%s", title, faults, r.Text)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{"a/b/Net Scan-1.yml": "net_scan_1_event", "x.yaml": "x_event", `C:\rules\win.yml`: "win_event", "1.yml": "rule_1_event", "---.yml": "rule__event", "한글.yml": "rule__event"} {
		if got := nameOf(file, 0); got != want {
			t.Errorf("%s: %s", file, got)
		}
	}
	if nameOf("a.yml", 2) != "a_3_event" {
		t.Error(nameOf("a.yml", 2))
	}
	if a, b := idOf("x", "y"), idOf("x", "z"); a == b || len(a) != 36 || a[14] != '8' || !strings.ContainsRune("89ab", rune(a[19])) || idOf("x", "y") != a {
		t.Error(a, b)
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"a": "a", "1 of sel*": "1 of sel*", "not a": "not a", "(a or b)": "(a or b)", "": "''", "a: b": "'a: b'", "a #b": "'a #b'", "a#b": "a#b", "*a": "'*a'", "it's": "it's", "'x": "'''x'", "a:": "'a:'", " a": "' a'"} {
		if got := quoted(s); got != want {
			t.Errorf("%q: %s", s, got)
		}
	}
	for s, want := range map[string]string{"src_ip": "src_ip", "cs-bytes": "cs-bytes", "id.orig_h": "id.orig_h", "1a": "'1a'", "a b": "'a b'", "it's": "'it''s'"} {
		if got := scalar(s); got != want {
			t.Errorf("%q: %s", s, got)
		}
	}
}
