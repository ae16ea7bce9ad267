package sigma

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/internal/testkit"
)

// TestDocs reads the examples of the page about Sigma.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "sigma.md"))
	if err != nil {
		t.Fatal(err)
	}
	var block strings.Builder
	read := 0
	for line := range strings.Lines(string(page) + "end\n") {
		if code, ok := strings.CutPrefix(line, "    "); ok {
			block.WriteString(code)
			continue
		}
		if doc := block.String(); strings.HasPrefix(doc, "title:") {
			read++
			if got := parse(doc, Options{}); len(got.rules)+len(got.filters)+got.correlations != strings.Count(doc, "---\n")+1 || len(got.faults) != 0 {
				t.Errorf("%s\n%s", doc, show(got.faults))
			}
		}
		block.Reset()
	}
	if read == 0 {
		t.Error("the page has no example")
	}
	// Every reason that is refused for is one that is given.
	for _, code := range []string{"sigma-placeholder", "sigma-aggregation", "sigma-correlation", "sigma-condition", "sigma-detection", "sigma-modifier", "sigma-value", "sigma-field"} {
		if !strings.Contains(string(page), "`"+code+"`") {
			t.Errorf("the page does not name %s", code)
		}
	}
	for _, word := range slices.Concat(modifierNames(), correlationTypes, []string{"not admins"}) {
		if !strings.Contains(string(page), word) {
			t.Errorf("the page does not name %s", word)
		}
	}
}
