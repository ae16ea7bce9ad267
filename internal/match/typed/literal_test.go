package typed

import (
	"fmt"
	"testing"

	"weir/internal/match/source"
)

func TestLiterals(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`"x"`: "text x", `'x'`: "text x", `5`: "whole 5", `-5`: "whole -5", `+5`: "whole 5", `- -5`: "whole 5", `1.5`: "number 1.5", `-1.5`: "number -1.5", `true`: "truth true",
		`"2026-11-21T07:50:08Z"`: "time 1795247408000000000", `"2026-11-21"`: "text 2026-11-21", `nil`: "none", `[1]`: "none", `user.name`: "none", `not true`: "none", `-"x"`: "none", `0x10`: "whole 16",
	} {
		n, err := source.Parse(src, nil)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		c, ok := LiteralOf(n)
		got := "none"
		switch {
		case !ok:
		case c.IsTime:
			got = fmt.Sprint("time ", c.nanos)
		case c.IsText:
			got = "text " + c.Text
		case c.isWhole:
			got = fmt.Sprint("whole ", c.whole)
		case c.IsNumber:
			got = fmt.Sprint("number ", c.Number)
		default:
			got = fmt.Sprint("truth ", c.truth)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{`5`: "5", `-5.0`: "-5", `1e3`: "1000", `0x10`: "16", `1.50`: "1.5", `9007199254740993`: "9007199254740993", `1e300`: "1e+300"} {
		n, err := source.Parse(src, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c, _ := LiteralOf(n); c.Digits() != want {
			t.Errorf("%s: %s", src, c.Digits())
		}
	}
}
