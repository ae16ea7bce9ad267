package rulecmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const oldForm = "title: Scan\nid: fab0ddf0-b8a9-4d70-91ce-a20547209afb\nlevel: medium\nlogsource: {category: firewall}\ndetection:\n  s: {action: denied}\n  timeframe: 1m\n  condition: s | count(dst_port) by src_ip > 10\n"

func TestRulesConvert(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old, timeless, plain := write("scan.yml", oldForm), write("timeless.yml", strings.Replace(oldForm, "  timeframe: 1m\n", "", 1)), write("plain.yml", strings.Replace(oldForm, " | count(dst_port) by src_ip > 10", "", 1))
	s := ruleWorld(0)
	out, msg, code := s.run(t, "convert", old, plain)
	if code != 0 || strings.Count(out, "---\n") != 1 || !strings.Contains(out, "type: value_count\n") || msg != "1 rule converted, 0 could not be\n" {
		t.Errorf("exit %d\n%s\n%s", code, out, msg)
	}
	out, msg, code = s.run(t, "convert", timeless)
	if code != 1 || out != "" || !strings.Contains(msg, "the rule has no timeframe") || !strings.Contains(msg, "0 rules converted, 1 could not be\n") {
		t.Errorf("exit %d\n%s\n%s", code, out, msg)
	}
	out, _, code = s.run(t, "convert", "--timespan", "2h", timeless, old)
	if code != 0 || strings.Count(out, "correlation:\n") != 2 || strings.Count(out, "---\n") != 3 || !strings.Contains(out, "timespan: 2h\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
	out, _, code = s.run(t, "convert", "--json", old, timeless)
	if code != 1 || !strings.Contains(out, `"converted":1,"text":"title: Scan (one event)`) || !strings.Contains(out, `"loads":true,"errors":[]}`) || !strings.Contains(out, `"errors":["the rule has no timeframe"]`) {
		t.Errorf("exit %d\n%s", code, out)
	}
	out, _, code = s.run(t, "convert", "--write", old, plain)
	now, err := os.ReadFile(old)
	info, _ := os.Stat(old)
	if code != 0 || out != "" || err != nil || !strings.Contains(string(now), "correlation:\n") || info.Mode().Perm() != 0o640 {
		t.Errorf("exit %d %v %v\n%s", code, info.Mode(), err, now)
	}
	if same, _ := os.ReadFile(plain); string(same) != strings.Replace(oldForm, " | count(dst_port) by src_ip > 10", "", 1) {
		t.Errorf("a file of another form was written: %s", same)
	}
	if list, _ := os.ReadDir(dir); len(list) != 3 {
		t.Errorf("%v", list)
	}
	// A terminal gets no letters that steer it; a pipe gets the file as it is.
	hostile := write("hostile.yml", strings.Replace(oldForm, "title: Scan", "title: Scan\u202e", 1))
	for terminal, raw := range map[int]bool{0: true, 100: false} {
		s.terminal = terminal
		if out, _, _ := s.run(t, "convert", hostile); strings.Contains(out, "\u202e") != raw || !strings.Contains(out, "correlation:\n    type") {
			t.Errorf("on a terminal of %d columns: %q", terminal, out)
		}
	}
	s.terminal = 0
	for args, want := range map[string]int{"convert": 2, "convert --timespan soon x": 2, "convert " + filepath.Join(dir, "none.yml"): 3} {
		if _, msg, code := s.run(t, strings.Fields(args)...); code != want || msg == "" {
			t.Errorf("%s: exit %d, %s", args, code, msg)
		}
	}
}
