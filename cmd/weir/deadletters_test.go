package main

import (
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/control/redo"
)

func TestDeadLetters(t *testing.T) {
	b := &fake{letters: []control.DeadLetter{{ID: "d1", Time: clock(16, 50, 0), Stage: "normalise", Reason: "header", Detail: "no text", Source: "syslog/192.0.2.1", Raw: []byte("\x00\xffx"), Revision: 3, State: "redriven"}}}
	out, msg, _ := shell{b: b, terminal: 100}.run(t, "deadletters", "list", "--stage", "normalise", "--input", "syslog", "--dataset", "a.b", "--query", "c: d")
	same(t, "list", out, ""+
		"TIME +09:00   ID  STAGE      REASON  SOURCE            DETAIL   RECORD\n"+
		"16:50:00.000  d1  normalise  header  syslog/192.0.2.1  no text  \\x00\\xffx\n")
	same(t, "list summary", msg, "1 dead letter. Next: weir deadletters show d1\n")
	if r := b.asked.(control.DeadLettersRequest); r.Stage != "normalise" || r.Size != 100 || r.Input != "syslog" || r.Dataset != "a.b" || r.Query != "c: d" || r.All {
		t.Errorf("asked %+v", r)
	}
	out, _, _ = shell{b: b, terminal: 100}.run(t, "deadletters", "list", "--all")
	same(t, "list --all", out, ""+
		"TIME +09:00   ID  STAGE      REASON  SOURCE            STATE     DETAIL   RECORD\n"+
		"16:50:00.000  d1  normalise  header  syslog/192.0.2.1  redriven  no text  \\x00\\xffx\n")
	if r := b.asked.(control.DeadLettersRequest); !r.All {
		t.Errorf("asked %+v", r)
	}
	out, _, _ = shell{b: b, terminal: 100}.run(t, "deadletters", "show", "d1")
	if !strings.Contains(out, "reason   header\n") || !strings.Contains(out, "state    redriven\ntries    3\n") || !strings.HasSuffix(out, "record   \\x00\\xffx\n") {
		t.Errorf("show: %s", out)
	}
	out, _, _ = shell{b: b}.run(t, "deadletters", "list", "--json")
	if !strings.Contains(out, `"raw":"AP94"`) {
		t.Errorf("--json: %s", out)
	}
	b.letters = nil
	if _, msg, code := (shell{b: b}).run(t, "deadletters", "show", "zz"); code != 2 || !strings.HasPrefix(msg, "error[deadletter-unknown]") {
		t.Errorf("exit %d, %s", code, msg)
	}
	b.letters = []control.DeadLetter{{ID: "d1"}, {ID: "d2"}}
	if _, msg, code := (shell{b: b}).run(t, "deadletters", "show", "d"); code != 2 || !strings.HasPrefix(msg, "error[id-ambiguous]") {
		t.Errorf("exit %d, %s", code, msg)
	}
}

func TestDeadLetters_Count(t *testing.T) {
	b := &fake{}
	for i, reason := range []string{"b", "a", "a", "c", "a", "b"} {
		b.letters = append(b.letters, control.DeadLetter{ID: "d", Time: clock(16, 50-i, 0), Stage: "normalise", Reason: reason})
	}
	b.letters = append(b.letters, control.DeadLetter{Time: clock(16, 0, 0), Stage: "elastic", Reason: "a"})
	out, msg, _ := shell{b: b, terminal: 100}.run(t, "deadletters", "list", "--count", "--reason", "x")
	same(t, "count", out, ""+
		"REASON  STAGE      COUNT  LAST +09:00\n"+
		"a       normalise      3  16:49:00.000\n"+
		"b       normalise      2  16:50:00.000\n"+
		"c       normalise      1  16:47:00.000\n"+
		"a       elastic        1  16:00:00.000\n")
	same(t, "count summary", msg, "7 dead letters. Next: weir deadletters redrive --reason a --dry-run\n")
	if r := b.asked.(control.DeadLettersRequest); r.Size != 0 || r.Reason != "x" {
		t.Errorf("asked %+v", r)
	}
	out, _, _ = shell{b: b}.run(t, "deadletters", "list", "--count", "--json")
	if !strings.HasPrefix(out, `{"stage":"normalise","reason":"a","count":3,"last":"2026-11-21T07:49:00.000Z"}`+"\n") || strings.Count(out, "\n") != 4 {
		t.Errorf("--json: %s", out)
	}
	b.letters = nil
	if out, msg, code := (shell{b: b}).run(t, "deadletters", "list", "--count"); code != 0 || out != "" || !strings.Contains(msg, "no dead letters") {
		t.Errorf("none: %q %q %d", out, msg, code)
	}
}

func TestRedrive(t *testing.T) {
	b := &fake{redone: redo.Summary{Run: "r1", Tried: 12, Stored: 9, Filtered: 1, Skipped: 3, SkippedBy: map[string]int64{redo.SkippedRedriven: 3}},
		letters: []control.DeadLetter{{ID: "ing/1/7"}}}
	b.redone.Fail("parser-panic", 1)
	b.redone.Fail("as before", 2)
	out, msg, code := shell{b: b, terminal: 100}.run(t, "deadletters", "redrive", "--reason", "parser-panic", "--input", "syslog", "--source", "syslog/192", "--as", "x.y", "--from", "-1d")
	same(t, "redrive", out, "12 redriven, 9 stored, 3 failed (as before 2, parser-panic 1), 1 filtered, 3 skipped (redriven already 3)\n")
	same(t, "what next", msg, "Next: weir search 'weir.revised.run: r1'\n")
	r := b.asked.(redo.Request)
	if code != 1 || !r.Redrive || r.Reason != "parser-panic" || r.Input != "syslog" || r.Source != "syslog/192" || r.As != "x.y" || r.DryRun || !r.From.Equal(now.Add(-24*time.Hour)) {
		t.Errorf("exit %d, asked %+v", code, r)
	}
	b.redone.FailedBy, b.redone.Failed = nil, 0
	if _, _, code := (shell{b: b}).run(t, "deadletters", "redrive", "ing/1"); code != 0 || b.asked.(redo.Request).ID != "ing/1/7" {
		t.Errorf("exit %d, a shortened id is asked for as %+v", code, b.asked)
	}
	if out, _, code := (shell{b: b}).run(t, "deadletters", "redrive", "--all", "--json"); code != 0 || !strings.Contains(out, `"run":"r1","tried":12,"stored":9`) {
		t.Errorf("exit %d, --json: %s", code, out)
	}
	if _, msg, code := (shell{b: b}).run(t, "deadletters", "redrive", "--dry-run"); code != 2 || !strings.Contains(msg, "--all") {
		t.Errorf("without saying which: exit %d, %s", code, msg)
	}
}
