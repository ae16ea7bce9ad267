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

// TestTopics_Names: a topic is found by one word, and no two have the same.
func TestTopics_Names(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range Topics {
		if x.Name == "" || strings.ContainsAny(x.Name, " -") || seen[x.Name] || !strings.HasSuffix(x.Text, "\n") || strings.Contains(x.Text, "\t") {
			t.Errorf("%q: a name that is taken or no word, or a text that a terminal would not show as it is", x.Name)
		}
		seen[x.Name] = true
	}
	if !seen["time"] || !seen["kql"] {
		t.Error("messages say: weir help time, weir help kql")
	}
}
