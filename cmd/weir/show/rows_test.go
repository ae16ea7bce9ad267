package show

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"weir/internal/term"
)

func TestRows_Portions(t *testing.T) {
	var b bytes.Buffer
	rows := NewRows(&term.Face{W: &b, Zone: time.UTC, Now: time.Now}, nil)
	for range rowsAtOnce + 1 {
		if err := rows.Add(Doc{"message": "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(b.String(), "\n"); n != rowsAtOnce {
		t.Errorf("%d rows before the end", n)
	}
	if err := rows.Flush(); err != nil || strings.Count(b.String(), "\n") != rowsAtOnce+1 {
		t.Errorf("%d rows, %v", strings.Count(b.String(), "\n"), err)
	}
	if got, _, _ := strings.Cut(b.String(), "\n"); got != "-\t\t\t\t\tx" {
		t.Errorf("a pipe gets all columns: %q", got)
	}
}
