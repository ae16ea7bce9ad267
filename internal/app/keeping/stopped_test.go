package keeping

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"weir/internal/archive"
	"weir/internal/control/question"
	"weir/internal/control/retaining"
	"weir/internal/fault"
)

// TestStopped: what takes a running weir says so and what to do; a mistake in what was asked is told before.
func TestStopped(t *testing.T) {
	wrong := &fault.Error{Code: "kql-syntax", What: "a mistake"}
	for name, c := range map[string]struct {
		err  error
		code string
	}{"only for reading": {fmt.Errorf("placing a hold: %w", archive.ErrReader), "not-running"}, "a mistake": {wrong, "kql-syntax"}} {
		t.Run(name, func(t *testing.T) {
			table := stopped(question.Table{retaining.AskHold: func(context.Context, []byte, func([]byte) error) (any, error) { return nil, c.err }}, "/srv/data")
			_, err := table.Answer(t.Context(), retaining.AskHold, []byte("{}"), nil)
			if fault.Code(err) != c.code {
				t.Errorf("%v", err)
			}
		})
	}
	table := stopped(question.Table{}, "/srv/data")
	for name := range needRunning {
		_, err := table.Answer(t.Context(), name, []byte("{}"), nil)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Code != "not-running" || f.Where != "/srv/data" || !strings.Contains(f.Do, "weir up") || f.Exit != fault.ExitMissing {
			t.Errorf("%s: %v", name, err)
		}
	}
}
