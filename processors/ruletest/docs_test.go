package ruletest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/testkit"
	"weir/rules"
	"weir/rules/correlation"
	"weir/rules/ruletest"
)

// TestDocs runs the rules that the page about correlation shows, with the tests that stand in them.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "correlation.md"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[correlation.Kind]bool{}
	blocks := strings.Split(string(page), "```yaml\n")
	for _, b := range blocks[1:] {
		doc, _, _ := strings.Cut(b, "```")
		if !strings.HasPrefix(doc, "id: ") {
			doc = "id: x\ntitle: X\nlevel: low\nwhen: exists(source.ip)\nfold: {by: [source.ip]}\n" + strings.Replace(doc, "fold: {by: [source.ip], for: 1h}\n", "", 1)
		}
		list, faults := rules.Parse("docs/correlation.md", []byte(doc), rules.Options{})
		if len(list) != 1 || len(faults) != 0 {
			t.Errorf("%s\n%v", doc, faults)
			continue
		}
		r := list[0]
		for _, n := range r.Correlate.Nodes() {
			kinds[n.Kind] = true
		}
		if hits, misses := ruletest.Cases(r); r.ID != "x" && (hits == 0 || misses == 0) {
			t.Errorf("%s: %d hits and %d misses", r.ID, hits, misses)
		}
		for _, res := range ruletest.Run(r, f) {
			if !res.Passed {
				t.Errorf("%s: %s: %v\nnearest: %+v", r.ID, res.Name, res.Problems, res.Nearest)
			}
		}
	}
	if len(kinds) != 8 {
		t.Errorf("the page shows %d kinds", len(kinds))
	}
}
