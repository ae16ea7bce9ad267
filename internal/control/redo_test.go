package control

import (
	"context"
	"reflect"
	"testing"

	"weir/internal/control/redo"
	"weir/internal/fault"
)

// redoer is a backend that can write.
type redoer struct {
	*fake
	forever bool // reads until it is stopped
}

func (b *redoer) Redo(ctx context.Context, r redo.Request, each func(redo.Line) error) (redo.Summary, error) {
	b.note(r)
	sum := redo.Summary{Run: "r1", Tried: 5, Stored: 3, SkippedBy: map[string]int64{redo.SkippedRedriven: 2}, Warnings: []*fault.Error{{Code: "segment-unreadable", What: "a part cannot be read", Warn: true}}}
	sum.Fail("parser-panic", 1)
	if err := each(redo.Line{Progress: &redo.Progress{Done: 1, Total: 5, At: at}}); err != nil {
		return sum, err
	}
	if b.forever {
		<-ctx.Done()
		sum.Stopped = true
	}
	if err := each(redo.Line{Example: &redo.Example{ID: "a/1/2", Time: at, Changes: []redo.Change{{Field: "message", Before: "a\nb", After: "김민수"}}}}); err != nil {
		return sum, err
	}
	return sum, b.err
}

func TestRedo(t *testing.T) {
	b := &redoer{fake: &fake{}}
	c, _ := serve(t, b)
	req := redo.Request{Query: "a: b", From: at, Dataset: "x.y", As: "z.w", DryRun: true, Examples: 3}
	var lines []redo.Line
	sum, err := c.Redo(t.Context(), req, func(l redo.Line) error { lines = append(lines, l); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(b.question(), req) {
		t.Error("the question did not arrive as it was asked")
	}
	if len(lines) != 2 || lines[0].Progress.Total != 5 || lines[1].Example.Changes[0] != (redo.Change{Field: "message", Before: "a\nb", After: "김민수"}) {
		t.Errorf("lines %+v", lines)
	}
	if sum.Run != "r1" || sum.Failed != 1 || sum.FailedBy["parser-panic"] != 1 || sum.SkippedBy[redo.SkippedRedriven] != 2 || len(sum.Warnings) != 1 {
		t.Errorf("summary %+v", sum)
	}
}

// TestRedo_Stopped: what was done by then is still said.
func TestRedo_Stopped(t *testing.T) {
	c, _ := serve(t, &redoer{fake: &fake{}, forever: true})
	ctx, cancel := context.WithCancel(t.Context())
	sum, err := c.Redo(ctx, redo.Request{}, func(l redo.Line) error {
		if l.Progress != nil {
			cancel()
		}
		return nil
	})
	cancel()
	if err != nil || !sum.Stopped || sum.Stored != 3 {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestRedo_NobodyThere(t *testing.T) {
	c, _ := serve(t, &fake{})
	if _, err := c.Redo(t.Context(), redo.Request{}, nil); fault.Code(err) != "version-mismatch" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("%v", err)
	}
	c, _ = serve(t, &redoer{fake: &fake{err: &fault.Error{Code: "redo-busy", What: "another run", Exit: fault.ExitMissing}}})
	if _, err := c.Redo(t.Context(), redo.Request{}, func(redo.Line) error { return nil }); fault.Code(err) != "redo-busy" {
		t.Errorf("%v", err)
	}
}

func TestDeadLettersRequest_Holds(t *testing.T) {
	for _, tc := range []struct {
		r    DeadLettersRequest
		want bool
	}{
		{DeadLettersRequest{}, true}, {DeadLettersRequest{ID: "ing/1"}, true}, {DeadLettersRequest{ID: "ng/1"}, false},
		{DeadLettersRequest{Source: "syslog/192.0.2.1"}, true}, {DeadLettersRequest{Source: "syslog/192.0.2.2"}, false},
		{DeadLettersRequest{Dataset: "cisco_asa.log"}, true}, {DeadLettersRequest{Dataset: "cisco_asa"}, false},
	} {
		if got := tc.r.Holds("ing/1/7", "syslog/192.0.2.1", "cisco_asa.log: index out of range"); got != tc.want {
			t.Errorf("%+v: %v", tc.r, got)
		}
	}
}
