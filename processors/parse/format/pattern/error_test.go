package pattern

import (
	"errors"
	"fmt"
	"testing"
)

// Callers find the column behind what they say themselves.
func TestErrorIsFound(t *testing.T) {
	_, cause := CompileDissect("%{a}%{b}")
	err := fmt.Errorf("reading a step: %w", cause)
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v has no *Error in it", err)
	}
	if e.Column != 5 || e.Pattern != "%{a}%{b}" {
		t.Errorf("column %d of %q", e.Column, e.Pattern)
	}
}
