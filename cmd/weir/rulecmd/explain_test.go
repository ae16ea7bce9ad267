package rulecmd

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/app/tools"
	"weir/internal/control"
	"weir/internal/match"
	"weir/internal/trace"
	"weir/rules"
)

// why is an explanation of an event that is half of a rule.
func why() *tools.Explanation {
	return &tools.Explanation{
		Rule: &rules.Rule{ID: "guessed", Title: "Guessed", File: "rules/g.yaml", Correlate: &rules.Correlate{}}, EventID: "a/1/2", Tried: true, Original: "Failed password for root\x1b[2J",
		Record: trace.Record{Position: "weir.raw.syslog/1/8/0", Peer: "192.0.2.1", Received: now, Dataset: "system.auth"},
		Conditions: []tools.ExplainedCondition{
			{Name: "failed", Expr: "x", Held: true, Feeds: "counts", Parts: []trace.Part{{Expr: `icontains(user.name, "oo")`, Field: "user.name", Value: "root", Literal: "oo", Start: 1, End: 3}}},
			{Name: "login", Expr: "y", Of: 2, Misses: []match.Miss{{Expr: `event.outcome == "success"`, Values: []match.Found{{Field: "event.outcome", Value: "failure", Has: true}, {Field: "user.id"}}}}},
		},
		Fields: []tools.FieldOf{{Field: "user.name", Value: "root", Place: trace.Place{From: 20, To: 24, HitFrom: 21, HitTo: 23}, Sigma: []string{"User"}}},
	}
}

// explainWorld explains whatever it is asked, and keeps what that was.
func explainWorld(x *tools.Explanation, asked *tools.ExplainOptions) world {
	s := ruleWorld(100)
	s.backend = struct{ control.Backend }{}
	s.engine.Explain = func(_ context.Context, o tools.ExplainOptions, each func(*tools.Explanation) error) error {
		*asked = o
		if o.Input != nil {
			_, _ = io.Copy(io.Discard, o.Input)
		}
		return each(x)
	}
	return s
}

func TestRulesExplain(t *testing.T) {
	var asked tools.ExplainOptions
	s := explainWorld(why(), &asked)
	out, msg, code := s.run(t, "explain", "guessed", "a/1/2")
	same(t, "stdout", out, ""+
		"takes part   Guessed\n"+
		"Rule        guessed, rules/g.yaml\n"+
		"Event       a/1/2\n"+
		"Source      of no log source that is known: every rule is tried; the rule is for every event\n"+
		"When        ✓ failed held and counts\n"+
		"              icontains(user.name, \"oo\")   user.name = \"root\", hit by \"oo\"\n"+
		"            - login did not hold: it lacks 1 of 2 parts\n"+
		"              needs event.outcome == \"success\"   event.outcome is \"failure\"   user.id is not there\n"+
		"Record      weir.raw.syslog/1/8/0, from 192.0.2.1, received 16:52:30\n"+
		"Parsed      as system.auth\n"+
		"user.name (in the rule User)  bytes 20 to 24 of the record\n"+
		"    Failed password for root\\x1b[2J\n"+
		"                        ~^^~\n")
	if msg != "" || code != 0 || asked.ID != "a/1/2" || asked.Rule != "guessed" || asked.Input != nil || asked.Backend == nil {
		t.Errorf("exit %d, %s, asked %+v", code, msg, asked)
	}
}

func TestRulesExplain_input(t *testing.T) {
	var asked tools.ExplainOptions
	s := explainWorld(why(), &asked)
	s.backend, s.in = nil, "line\n"
	_, msg, code := s.run(t, "explain", "guessed", "-", "--raw", "auto", "--rules", "a.yaml,b", "--logsource", "product=linux")
	if code != 0 || msg != "1 event: the rule holds for 1\n" || asked.Form.Raw != "auto" || asked.LogSource.Product != "linux" || len(asked.Paths) != 2 || asked.ID != "" {
		t.Errorf("exit %d, %s, asked %+v", code, msg, asked)
	}
	file := filepath.Join(t.TempDir(), "events.json")
	if err := os.WriteFile(file, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, code := s.run(t, "explain", "guessed", file, "--winevent"); code != 0 || asked.Input == nil || !asked.Form.WinEvent {
		t.Errorf("a file: exit %d, asked %+v", code, asked)
	}
	for name, args := range map[string]string{"a folder": filepath.Dir(file), "a log source that is none": file + " --logsource x"} {
		if _, _, code := s.run(t, append([]string{"explain", "guessed"}, strings.Fields(args)...)...); code != 2 {
			t.Errorf("%s: exit %d", name, code)
		}
	}
	if _, _, err := openEvents(s.shellFor(t)(), "-"); err != nil {
		t.Error(err)
	}
	sh := s.shellFor(t)()
	sh.InTTY = true
	if _, _, err := openEvents(sh, "-"); err == nil {
		t.Error("- at a terminal waits for the keyboard")
	}
}

func TestRulesExplain_JSON(t *testing.T) {
	var asked tools.ExplainOptions
	x := why()
	x.Conditions = x.Conditions[1:]
	out, _, code := explainWorld(x, &asked).run(t, "explain", "guessed", "a/1/2", "--json")
	var got explained
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if code != 1 || got.Holds || !got.Tried || got.Conditions[0].Lacks[0].Values["event.outcome"] != "failure" || len(got.Conditions[0].Lacks[0].Values) != 1 || got.Fields[0].HitFrom != 21 || got.Record.Peer != "192.0.2.1" {
		t.Errorf("exit %d, %s", code, out)
	}
}
