package main

import (
	"strings"
	"testing"

	"weir/cmd/weir/pages"
	"weir/internal/query"
)

// TestHelpKQL_Parses: every query of `weir help kql` is one.
func TestHelpKQL_Parses(t *testing.T) {
	n := 0
	for _, topic := range pages.Topics {
		if topic.Name != "kql" {
			continue
		}
		for line := range strings.Lines(topic.Text) {
			src, meaning, ok := strings.Cut(strings.TrimSpace(line), "  ")
			if !ok || strings.TrimSpace(meaning) == "" {
				continue
			}
			if _, err := query.Parse(src); err != nil {
				t.Errorf("%s: %v", src, err)
			}
			n++
		}
	}
	if n < 9 {
		t.Errorf("only %d queries found", n)
	}
}
