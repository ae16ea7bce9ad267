package control

import (
	"errors"
	"fmt"
	"testing"

	"weir/internal/fault"
)

// TestErrors: a fault arrives as it was, with its line and caret; so do lists and plain errors.
func TestErrors(t *testing.T) {
	one := &fault.Error{Code: "kql-syntax", What: "never closed", Where: "query", Text: "(a", Mark: 1, Width: 2, Why: "w", Do: "d", Exit: 2, Cause: errors.New("chain")}
	for name, x := range map[string]struct {
		err  error
		want string
	}{
		"fault":   {fmt.Errorf("searching: %w", one), "query: never closed: w"},
		"list":    {fault.List{one, {Code: "b", What: "second"}}, "query: never closed: w (and 1 more)"},
		"plain":   {errors.New("something odd"), "something odd"},
		"warning": {&fault.Error{What: "careful", Warn: true}, "careful"},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := serve(t, &fake{err: x.err})
			_, err := c.Ledger(t.Context(), LedgerRequest{})
			if err == nil || err.Error() != x.want || fault.Exit(err) == 0 && name != "warning" {
				t.Fatalf("got %v, want %s", err, x.want)
			}
			e, ok := errors.AsType[*fault.Error](err)
			if !ok {
				t.Fatalf("no fault: %T", err)
			}
			if name == "fault" && (e.Mark != 1 || e.Text != "(a" || e.Width != 2 || e.Do != "d" || e.Cause.Error() != "chain") {
				t.Errorf("got %+v", e)
			}
			if l, isList := errors.AsType[fault.List](err); isList != (name == "list") || isList && len(l) != 2 {
				t.Errorf("got %v", l)
			}
		})
	}
}
