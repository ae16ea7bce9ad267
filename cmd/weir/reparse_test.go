package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/control/redo"
	"weir/internal/fault"
)

func TestReparse(t *testing.T) {
	b := &fake{redone: redo.Summary{Run: "r1", Tried: 1200, Stored: 1000, Unchanged: 200}, lines: []redo.Line{{Progress: &redo.Progress{Done: 500, Total: 1200, At: clock(16, 50, 0)}}}}
	out, msg, code := shell{b: b, terminal: 100}.run(t, "reparse", "event.dataset: plain", "--from", "-7d", "--dataset", "plain", "--as", "x.y")
	same(t, "reparse", out, "1,200 reparsed, 1,000 revised, 200 unchanged, 0 failed, 0 skipped\n")
	same(t, "what next", msg, "Next: weir search 'weir.revised.run: r1'\n")
	if r := b.asked.(redo.Request); code != 0 || r.Redrive || r.Query != "event.dataset: plain" || r.Dataset != "plain" || r.As != "x.y" || !r.From.Equal(now.Add(-7*24*time.Hour)) || !r.To.Equal(now) {
		t.Errorf("exit %d, asked %+v", code, r)
	}
	b.redone.Stopped = true
	if _, msg, code := (shell{b: b, terminal: 100}).run(t, "reparse", "*", "--from", "-1h"); code != 0 || !strings.Contains(msg, "the same command goes on") && !strings.Contains(msg, "The same command goes on") {
		t.Errorf("stopped: exit %d, %s", code, msg)
	}
	for _, args := range [][]string{{"reparse"}, {"reparse", "*"}, {"reparse", "a", "b", "--from", "-1h"}, {"reparse", "*", "--from", "-1h", "--to", "-2h"}} {
		if _, msg, code := (shell{b: b}).run(t, args...); code != 2 {
			t.Errorf("%v: exit %d, %s", args, code, msg)
		}
	}
	b.err = &fault.Error{Code: "not-running", What: "no weir runs", Exit: fault.ExitMissing}
	if _, msg, code := (shell{b: b}).run(t, "reparse", "*", "--from", "-1h"); code != 3 || !strings.Contains(msg, "not-running") {
		t.Errorf("nobody there: exit %d, %s", code, msg)
	}
}

func TestReparse_DryRun(t *testing.T) {
	e := &redo.Example{ID: "ing/1/7", Time: clock(16, 50, 0), Dataset: "x.y", Changes: []redo.Change{
		{Field: "event.dataset", Before: "plain", After: "x.y"}, {Field: "message", Before: "gone"}, {Field: "user.name", After: "김\x1b[2J민수"}}}
	b := &fake{redone: redo.Summary{Run: "r1", Tried: 2, Stored: 1, DryRun: true}, lines: []redo.Line{{Example: e}, {Example: &redo.Example{ID: "ing/1/8", Time: clock(16, 51, 0), Failed: "parser-panic: x"}}}}
	b.redone.Fail("parser-panic", 1)
	out, msg, code := shell{b: b, terminal: 100}.run(t, "reparse", "*", "--from", "-1h", "--dry-run", "--examples", "2")
	same(t, "dry run", out, ""+
		"16:50:00.000  ing/1/7  x.y\n"+
		"  event.dataset  plain -> x.y\n"+
		"  message        - gone\n"+
		"  user.name      + 김\\x1b[2J민수\n"+
		"16:51:00.000  ing/1/8  fails: parser-panic: x\n"+
		"2 tried without writing, 1 revised, 0 unchanged, 1 failed (parser-panic 1), 0 skipped\n")
	if r := b.asked.(redo.Request); code != 1 || msg != "" || !r.DryRun || r.Examples != 2 {
		t.Errorf("exit %d, %q, asked %+v", code, msg, r)
	}
	for i := range 20 {
		e.Changes = append(e.Changes, redo.Change{Field: fmt.Sprint("f", i), After: "x"})
	}
	if out, _, _ := (shell{b: b, terminal: 100}).run(t, "reparse", "*", "--from", "-1h", "--dry-run"); !strings.Contains(out, "  ... 11 more; all of them: --json\n") {
		t.Errorf("many changes: %s", out)
	}
	out, _, _ = shell{b: b}.run(t, "reparse", "*", "--from", "-1h", "--dry-run", "--json")
	if lines := strings.Split(out, "\n"); len(lines) != 4 || !strings.Contains(lines[0], `{"field":"event.dataset","before":"plain","after":"x.y"}`) || !strings.Contains(lines[2], `"dry_run":true`) {
		t.Errorf("--json: %s", out)
	}
}

func TestSearch_AllRevisions(t *testing.T) {
	b := &fake{}
	shell{b: b}.run(t, "search", "a", "--all-revisions")
	if !b.asked.(control.SearchRequest).Revisions {
		t.Errorf("asked %+v", b.asked)
	}
	shell{b: b}.run(t, "search", "a")
	if b.asked.(control.SearchRequest).Revisions {
		t.Errorf("asked %+v", b.asked)
	}
}
