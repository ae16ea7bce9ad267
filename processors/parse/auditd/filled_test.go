package auditd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
)

// TestFields holds that no record fills what Fields does not name.
func TestFields(t *testing.T) {
	fields := Fields()
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "auditd", "*", "*.log"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no records: %v", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			var e event.Event
			if Parse(&e, strings.TrimRight(line, "\n")) != nil {
				continue
			}
			e.Each(func(f event.Field, _ event.Value) bool {
				if p := f.Path(); !strings.HasPrefix(p, "auditd.log.") && !slices.Contains(fields, p) {
					t.Errorf("%s is filled and not named", p)
				}
				return true
			})
		}
	}
}
