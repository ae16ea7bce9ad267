package report

import (
	"os"
	"strings"
	"testing"
)

// TestDocs: the page names every section of every report, which people write into files of their own.
func TestDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/reports.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"access-review", "retention", "sources", "incidents"} {
		if row := "| `" + kind + "` | " + strings.Join(Sections(kind), ", ") + " |"; !strings.Contains(string(b), row) {
			t.Errorf("docs/reports.md lacks\n%s", row)
		}
	}
}
