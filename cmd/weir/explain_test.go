package main

import (
	"encoding/json"
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestExplain(t *testing.T) {
	out, _, code := shell{terminal: 100}.run(t, "explain", "port-in-use")
	if code != 0 || !strings.HasPrefix(out, "port-in-use: a port is taken\n\n  why ") || !strings.HasSuffix(out, "exit code 3\n") {
		t.Errorf("exit %d, %s", code, out)
	}
	out, _, _ = shell{}.run(t, "explain")
	if !strings.Contains(out, "\nport-in-use\t3\ta port is taken\n") {
		t.Errorf("all: %s", out)
	}
}

func TestExplain_Kinds(t *testing.T) {
	out, _, _ := shell{terminal: 100}.run(t, "explain", "kql-unknown-field")
	if !strings.HasSuffix(out, "  exit   a warning: work goes on\n") {
		t.Errorf("a warning: %s", out)
	}
	out, _, _ = shell{}.run(t, "explain", "port-in-use", "--json")
	var m fault.Meaning
	if err := json.Unmarshal([]byte(out), &m); err != nil || m.Code != "port-in-use" || m.Exit != 3 || m.Do == "" {
		t.Errorf("--json: %s, %v", out, err)
	}
	out, _, _ = shell{}.run(t, "explain", "--json")
	if strings.Count(out, "\n") != len(fault.Meanings()) {
		t.Errorf("%d lines of %d codes", strings.Count(out, "\n"), len(fault.Meanings()))
	}
	if _, msg, code := (shell{}).run(t, "explain", "banana"); code != 2 || !strings.Contains(msg, "do     all codes: weir explain") {
		t.Errorf("far from any: exit %d, %s", code, msg)
	}
}

// TestMeanings_Commands: what `weir explain` tells one to type is a command with flags that exist.
func TestMeanings_Commands(t *testing.T) {
	n := 0
	for _, m := range fault.Meanings() {
		for _, part := range strings.FieldsFunc(m.Do, func(r rune) bool { return r == ';' || r == ',' || r == ':' || r == '(' }) {
			rest, ok := strings.CutPrefix(strings.TrimSpace(part), "weir ")
			if !ok {
				continue
			}
			words := strings.Fields(rest)
			if words[0] == "makes" || words[0] == "help" { // prose; the topics have a test of their own
				continue
			}
			n++
			_, root := tree(t)
			at, args, err := root.Find(words)
			if err != nil || at == root {
				t.Errorf("%s: %q is no command", m.Code, part)
				continue
			}
			var flags []string
			for _, w := range args {
				if strings.HasPrefix(w, "--") {
					flags = append(flags, w)
				}
			}
			if err := at.ParseFlags(flags); err != nil && !strings.Contains(err.Error(), "needs an argument") {
				t.Errorf("%s: %q: %v", m.Code, part, err)
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d commands found", n)
	}
}
