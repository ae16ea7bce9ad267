package fault_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"weir/internal/fault"
)

func TestError_Line(t *testing.T) {
	for want, e := range map[string]*fault.Error{
		"port 5514 is taken":                      {What: "port 5514 is taken"},
		"weir.yaml:5:5: unknown key `limti`":      {What: "unknown key `limti`", Where: "weir.yaml:5:5"},
		"f: it cannot be read: permission denied": {What: "it cannot be read", Where: "f", Why: "permission denied", Do: "not for logs"},
	} {
		if e.Error() != want {
			t.Errorf("got %q, want %q", e.Error(), want)
		}
	}
}

func TestList_Line(t *testing.T) {
	a, b := &fault.Error{What: "a"}, &fault.Error{What: "b"}
	for want, l := range map[string]fault.List{"no fault": nil, "a": {a}, "a (and 1 more)": {a, b}, "a (and 2 more)": {a, b, b}} {
		if l.Error() != want {
			t.Errorf("got %q, want %q", l.Error(), want)
		}
	}
}

// TestChain: codes, exits and causes are found through wrapping, joining and lists.
func TestChain(t *testing.T) {
	e := &fault.Error{Code: "port-in-use", What: "taken", Exit: fault.ExitMissing, Cause: fs.ErrPermission}
	for name, err := range map[string]error{
		"itself": e, "wrapped": fmt.Errorf("starting: %w", e), "joined": errors.Join(errors.New("first"), e), "in a list": fmt.Errorf("checking: %w", fault.List{e}),
	} {
		if fault.Code(err) != "port-in-use" || fault.Exit(err) != fault.ExitMissing || !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: code %q, exit %d", name, fault.Code(err), fault.Exit(err))
		}
	}
	if fault.Code(errors.New("x")) != "" || fault.Exit(errors.New("x")) != fault.ExitUsage || fault.Exit(nil) != fault.ExitOK {
		t.Error("an error without a fault")
	}
	if fault.Exit(&fault.Error{What: "no exit given"}) != fault.ExitUsage {
		t.Error("a fault without an exit code ends with 0")
	}
}

// TestExit_first: of several the first decides, and a fault in the cause of another is not looked at.
func TestExit_first(t *testing.T) {
	usage, missing := &fault.Error{Code: "u", What: "u", Exit: fault.ExitUsage}, &fault.Error{Code: "m", What: "m", Exit: fault.ExitMissing}
	warning := &fault.Error{Code: "w", What: "w", Warn: true}
	for name, x := range map[string]struct {
		err  error
		exit int
		code string
	}{
		"the first of a list":     {fault.List{missing, usage}, fault.ExitMissing, "m"},
		"the first of joined":     {errors.Join(usage, missing), fault.ExitUsage, "u"},
		"the outer of a chain":    {&fault.Error{Code: "o", What: "o", Exit: fault.ExitFound, Cause: missing}, fault.ExitFound, "o"},
		"a fault around a plain":  {&fault.Error{Code: "o", What: "o", Exit: fault.ExitFound, Cause: fs.ErrClosed}, fault.ExitFound, "o"},
		"a warning that is ended": {warning, fault.ExitUsage, "w"},
		"an empty list":           {fault.List{}, fault.ExitUsage, ""},
	} {
		if got := fault.Exit(x.err); got != x.exit {
			t.Errorf("%s: exit %d, want %d", name, got, x.exit)
		}
		if got := fault.Code(x.err); got != x.code {
			t.Errorf("%s: code %q, want %q", name, got, x.code)
		}
	}
}
