package query

import (
	"errors"
	"strings"
	"testing"

	"weir/internal/fault"
)

// mistakes are queries and the whole message that each gets, as a terminal shows it: what, the query, the caret, what
// to do. Whole, because a message is only as good as its worst part. A backtick is written ' here.
type mistakes []struct{ name, q, want string }

// check compares each message; the do of all of them ends in the same words, which are left out.
func (list mistakes) check(t *testing.T) {
	t.Helper()
	for _, c := range list {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseAt(c.q, noon)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok {
				t.Fatalf("%s: error is %T %v", c.q, err, err)
			}
			if got := page(f); got != strings.TrimPrefix(c.want, "\n") {
				t.Errorf("%s: got\n%s\nwant%s", c.q, got, c.want)
			}
			if f.Code != "kql-syntax" || f.Exit != fault.ExitUsage || f.Warn {
				t.Errorf("%s: %+v", c.q, f)
			}
		})
	}
}

// page is a message as text. The caret is placed by runes: term places it by cells.
func page(e *fault.Error) string {
	do, _ := strings.CutSuffix(e.Do, "; KQL in one page: weir help kql")
	text := strings.ToValidUTF8(e.Text, "?")
	lines := []string{e.What, text, strings.Repeat(" ", e.Mark-1) + strings.Repeat("^", e.Width), do}
	return strings.ReplaceAll(strings.Join(lines, "\n"), "`", "'")
}
