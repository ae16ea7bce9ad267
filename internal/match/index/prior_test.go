package index

import (
	"strings"
	"testing"

	"weir/internal/match/fold"
)

// TestPrior: what is written down as frequent is folded, so that it is found, and counts as frequent.
func TestPrior(t *testing.T) {
	t.Parallel()
	if fold.String(common) != common {
		t.Error("common is not folded")
	}
	w := newWeigher(nil)
	for word := range strings.FieldsSeq(common) {
		if len(word) >= 4 && w.rarest(word) < commonWeight {
			t.Errorf("%s is not frequent", word)
		}
	}
	if w.rarest("qvxjzkwp") > 1 {
		t.Error("everything is frequent")
	}
	for name := range everywhere {
		if fold.String(name) != name || lastSlash(name) >= 0 {
			t.Errorf("%s is no last part of a folded path", name)
		}
	}
}
