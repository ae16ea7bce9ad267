package match

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"weir/internal/testkit"
)

// TestReferenceIsTrue holds the page on conditions to the program: it names every function, and its examples compile
// without a warning, on the machine only where the page says so.
func TestReferenceIsTrue(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "reference", "conditions.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, name := range append(Functions(), machineFunctions()...) {
		if !strings.Contains(page, "`"+name) {
			t.Errorf("the page does not name %s", name)
		}
	}
	lists := Lists{"vpn": NewList()}
	var examples []string
	for _, block := range regexp.MustCompile("(?s)```expr\n(.*?)```").FindAllStringSubmatch(page, -1) {
		examples = append(examples, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	for _, cell := range regexp.MustCompile("(?m)^\\| `([^`]*\"[^`]*\\))`").FindAllStringSubmatch(page, -1) {
		examples = append(examples, cell[1])
	}
	if len(examples) < 35 {
		t.Errorf("only %d examples were found", len(examples))
	}
	slow := false
	for _, src := range examples {
		c, err := Compiler{Lists: lists}.Compile(src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		for _, w := range c.Warnings() {
			t.Errorf("%s: %v", src, w)
		}
		slow = slow || c.Slow() > 0
		if c.Slow() > 0 && !strings.Contains(src, "count(") && !strings.Contains(src, "??") {
			t.Errorf("%s runs on the machine", src)
		}
	}
	if !slow {
		t.Error("no example runs on the machine")
	}
}
