package lettercmd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/redo"
	"weir/internal/term"
)

// face writes to a buffer as a pipe does.
func face(b *bytes.Buffer) *term.Face {
	return &term.Face{W: b, Zone: time.UTC, Width: 100, Now: time.Now}
}

// TestSpecs: each command has examples that begin with its name, and flags that its sections name.
func TestSpecs(t *testing.T) {
	var each func(prefix string, s pages.Spec)
	leaves := 0
	each = func(prefix string, s pages.Spec) {
		word, _, _ := strings.Cut(s.Use, " ")
		name := prefix + " " + word
		if s.Short == "" || len(s.Examples) == 0 {
			t.Errorf("%s has no help", name)
		}
		for _, x := range s.Sub {
			each(name, x)
		}
		if s.Run == nil {
			return
		}
		leaves++
		for _, ex := range s.Examples {
			if !strings.HasPrefix(ex, name) {
				t.Errorf("%s: the example %q is of another command", name, ex)
			}
		}
		f := pflag.NewFlagSet(name, pflag.ContinueOnError)
		if s.Flags != nil {
			s.Flags(f)
		}
		for _, section := range s.Sections {
			for _, flag := range section[1:] {
				if f.Lookup(flag) == nil {
					t.Errorf("%s has no flag %s", name, flag)
				}
			}
		}
	}
	for _, s := range Specs(func() ui.Shell { return ui.Shell{} }, nil) {
		each("weir", s)
	}
	if leaves != 4 {
		t.Errorf("%d commands", leaves)
	}
}

func TestByReason(t *testing.T) {
	var list []control.DeadLetter
	for i, reason := range []string{"b", "a", "a", "b", "a", "c"} {
		list = append(list, control.DeadLetter{Stage: "normalise", Reason: reason, Time: time.Date(2026, 11, 21, 7, 50-i, 0, 0, time.UTC)})
	}
	list = append(list, control.DeadLetter{Stage: "elastic", Reason: "a"})
	var b bytes.Buffer
	var got []string
	for _, r := range byReason(face(&b), list) {
		got = append(got, fmt.Sprint(r.Stage, "/", r.Reason, " ", r.Count))
	}
	if want := "[normalise/a 3 normalise/b 2 normalise/c 1 elastic/a 1]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if rows := byReason(face(&b), list); rows[0].Last != "2026-11-21T07:49:00.000Z" {
		t.Errorf("the newest of them is of %s", rows[0].Last)
	}
	if rows := byReason(face(&b), nil); len(rows) != 0 {
		t.Errorf("of none: %v", rows)
	}
}

func TestBy(t *testing.T) {
	var b bytes.Buffer
	for want, counts := range map[string]map[string]int64{"": nil, " (a 1)": {"a": 1}, " (b 3, a 1, c 1)": {"a": 1, "b": 3, "c": 1}, ` (\x1b[2J 1)`: {"\x1b[2J": 1}} {
		if got := by(face(&b), counts); got != want {
			t.Errorf("%v: %q, want %q", counts, got, want)
		}
	}
}

// TestExample: what a sender wrote is escaped, and in a pipe nothing is cut.
func TestExample(t *testing.T) {
	var b bytes.Buffer
	sh := ui.Shell{Out: face(&b), Write: func(p []byte) error { _, err := b.Write(p); return err }}
	long := strings.Repeat("x", 300)
	e := &redo.Example{ID: "a", Dataset: "x.y", Changes: []redo.Change{{Field: "a", After: long}, {Field: "bb", Before: "\x1b[2J", After: "1"}, {Field: "c", Before: "gone"}}}
	if err := example(sh, e); err != nil {
		t.Fatal(err)
	}
	if out := b.String(); !strings.Contains(out, "  a   + "+long+"\n  bb  \\x1b[2J -> 1\n  c   - gone\n") {
		t.Errorf("got %s", out)
	}
}
