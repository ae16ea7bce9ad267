package source

import (
	"errors"
	"strings"
	"testing"
)

func TestPlacesOfErrors(t *testing.T) {
	t.Parallel()
	const src = "ab\n김치\n\nx"
	for _, tc := range []struct{ from, to, line, col, width int }{
		{0, 1, 1, 1, 1}, {2, 3, 1, 3, 1}, {3, 5, 2, 1, 2}, {4, 4, 2, 2, 1}, {5, 6, 2, 3, 1}, {6, 7, 3, 1, 1}, {7, 8, 4, 1, 1}, {99, 120, 4, 2, 21},
	} {
		if e := At(src, tc.from, tc.to, "c", "m"); e.Line != tc.line || e.Col != tc.col || e.Width != tc.width {
			t.Errorf("%d to %d: %d:%d+%d, want %d:%d+%d", tc.from, tc.to, e.Line, e.Col, e.Width, tc.line, tc.col, tc.width)
		}
	}
	if e := At(src, 3, 4, "c", "%d%%", 5).Advise("try").Because("so"); e.Error() != "2:1: 5% (try)" || e.Why != "so" {
		t.Errorf("%+v", e)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	e := Fault("c", "%d%%", 5)
	if e.Line != 1 || e.Col != 1 || e.Width != 1 || e.Msg != "5%" {
		t.Errorf("%+v", e)
	}
	if e.Place("ab\ncd", 4, 5); e.Line != 2 || e.Col != 2 || e.Code != "c" {
		t.Errorf("%+v", e)
	}
	if got := FirstLine("a | b\n | ..^"); got != "a | b" {
		t.Error(got)
	}
	if !strings.Contains(TooLong().Error(), "2048 KiB") || !strings.Contains(TooMany().Error(), "400000") {
		t.Errorf("%v %v", TooLong(), TooMany())
	}
}

// TestHints: slips from other languages are told what to write.
func TestHints(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`a = 1`: "write == to compare", `a AND b`: "write and", `@x`: `write $env["@timestamp"], or weir.time`, `a == "x`: "close the text with the quote that opened it", `a contans b`: "did you mean `contains`?", `a b`: "",
	} {
		_, err := Parse(src, nil)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Do != want || e.Code != "expr-syntax" {
			t.Errorf("%s: %+v", src, err)
		}
	}
}
