package show

import (
	"fmt"
	"strings"
	"testing"

	"weir/internal/alert"
	"weir/internal/app/tools"
	"weir/internal/control"
	"weir/internal/term"
	"weir/internal/trace"
	"weir/rules"
)

// explanation is one of a rule with one condition that holds.
func explanation(original string, fields ...tools.FieldOf) *tools.Explanation {
	return &tools.Explanation{Rule: &rules.Rule{ID: "r", Title: "R", File: "r.yaml"}, EventID: "e", Tried: true, Original: original,
		Conditions: []tools.ExplainedCondition{{Name: "event", Held: true}}, Fields: fields}
}

func TestExplanation_verdict(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(x *tools.Explanation)
	}{
		{"holds", "holds   R\n", func(*tools.Explanation) {}},
		{"a step of several", "takes part   R\n", func(x *tools.Explanation) { x.Rule.Correlate = &rules.Correlate{} }},
		{"does not", "does not hold   R\n", func(x *tools.Explanation) { x.Conditions[0].Held = false }},
		{"is for others", "is not tried   R\n", func(x *tools.Explanation) { x.Tried = false }},
	} {
		x := explanation("")
		c.change(x)
		if got := Explanation(&term.Face{}, x); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	x := explanation("")
	x.Source, x.Tried, x.Rule.LogSource = "linux//sshd", false, rules.LogSource{Product: "windows"}
	if got := Explanation(&term.Face{}, x); !strings.Contains(got, "Source      the event is of linux//sshd; the rule is for windows/*/*, so live it is not tried\n") {
		t.Errorf("got %s", got)
	}
}

// TestExplanation_caret: the signs stand below the bytes that they are about, whatever the cells and escapes before them.
func TestExplanation_caret(t *testing.T) {
	for _, c := range []struct {
		name, original, value, hit, want string
	}{
		{"plain", "user root in", "root", "root", "    user root in\n         ^^^^\n"},
		{"a part of the value", "run cmd.exe /c x", "cmd.exe /c", "/c", "    run cmd.exe /c x\n        ~~~~~~~~^^\n"},
		{"Korean before it", "김민수 root", "root", "root", "    김민수 root\n           ^^^^\n"},
		{"Korean itself", "user 김민수 in", "김민수", "민", "    user 김민수 in\n         ~~^^~~\n"},
		{"escaped before it", "a\x1b[2Jroot", "root", "root", "    a\\x1b[2Jroot\n            ^^^^\n"},
		{"escaped in it", "x \x1b[2J y", "\x1b[2J", "\x1b[2J", "    x \\x1b[2J y\n      ^^^^^^^\n"},
		{"far in a long line", strings.Repeat("a", 100) + "root", "root", "root", "    ..." + strings.Repeat("a", 24) + "root\n    " + strings.Repeat(" ", 27) + "^^^^\n"},
		{"not in the middle of a letter", strings.Repeat("한", 20) + "root", "root", "root", "    ..." + strings.Repeat("한", 8) + "root\n    " + strings.Repeat(" ", 19) + "^^^^\n"},
	} {
		from := strings.Index(c.original, c.value)
		hit := from + strings.Index(c.value, c.hit)
		x := explanation(c.original, tools.FieldOf{Field: "f", Value: c.value, Place: trace.Place{From: from, To: from + len(c.value), HitFrom: hit, HitTo: hit + len(c.hit)}})
		got := Explanation(&term.Face{}, x)
		if want := fmt.Sprintf("f  bytes %d to %d of the record\n", from, from+len(c.value)) + c.want; !strings.HasSuffix(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, want)
		}
	}
}

// TestExplanation_width: on a terminal a record of a megabyte makes no line of one: each text in a line is cut.
func TestExplanation_width(t *testing.T) {
	long := strings.Repeat("한 \x1b x ", 20_000)
	x := explanation("start "+long, tools.FieldOf{Field: "f", Value: long, Place: trace.Place{From: 6, To: 6 + len(long), HitFrom: 50_000, HitTo: 90_000}},
		tools.FieldOf{Field: "g", Value: long, Place: trace.Place{From: -1, To: -1}})
	x.Conditions[0].Parts = []trace.Part{{Expr: long, Field: "f", Value: long, Literal: long[:100]}}
	for line := range strings.SplitSeq(Explanation(&term.Face{TTY: true, Width: 100}, x), "\n") {
		if n := term.Cells(line); n > 240 {
			t.Errorf("%d cells: %.100s", n, line)
		}
	}
}

func TestExplanation_derived(t *testing.T) {
	gone := tools.FieldOf{Field: "event.outcome", Value: "failure", Place: trace.Place{From: -1, To: -1}}
	if got := Explanation(&term.Face{}, explanation("a line", gone)); !strings.Contains(got, "event.outcome  \"failure\"\n            does not stand in the record as it is: the parser worked it out") {
		t.Errorf("got %s", got)
	}
	if got := Explanation(&term.Face{}, explanation("", gone)); !strings.Contains(got, "the record is not kept with the event") {
		t.Errorf("got %s", got)
	}
	x := explanation("")
	x.Record = trace.Record{Dataset: "system.auth", Errors: []string{"time", "user\x1b[31m"}}
	if got := Explanation(&term.Face{}, x); !strings.Contains(got, "Parsed      as system.auth; not read: time; user\\x1b[31m\n") {
		t.Errorf("got %s", got)
	}
}

func TestHeldRows(t *testing.T) {
	d := control.AlertDetail{Held: []alert.Held{
		{When: "failed", Parts: []alert.HeldPart{{Expr: "x", Field: "user.name", Value: "root\x1b[2J", Literal: "oo", From: 5, To: 9}, {Expr: "absent(user.id)", From: -1, To: -1}}},
		{When: "in", Parts: []alert.HeldPart{{Expr: "y", Field: "event.outcome", Value: "success", Literal: "success", From: -1, To: -1}}},
	}}
	var b strings.Builder
	heldRows(&term.Face{}, &b, d, 6)
	want := "Held by      failed  user.name = \"root\\x1b[2J\", which has \"oo\", bytes 5 to 9 of the record\n" +
		"             failed  absent(user.id)\n" +
		"             in      event.outcome = \"success\"\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	heldRows(&term.Face{TTY: true, Width: 40}, &b, d, 6)
	for line := range strings.SplitSeq(b.String(), "\n") {
		if term.Cells(line) > 40 {
			t.Errorf("too wide: %s", line)
		}
	}
}
