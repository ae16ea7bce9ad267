package pages

import (
	"strings"
	"testing"

	"weir/internal/term"
)

func TestTopics(t *testing.T) {
	for _, x := range Topics {
		for line := range strings.Lines(x.Text) {
			if term.Cells(strings.TrimRight(line, "\n")) > 80 {
				t.Errorf("%s: too wide: %s", x.Name, line)
			}
		}
	}
}
