package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

// TestByModes: what nobody may write is not written, by root neither, and only for so long.
func TestByModes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(file, nil, 0o400); err != nil {
		t.Fatal(err)
	}
	ByModes(t, func() {
		if err := os.WriteFile(file, nil, 0); !os.IsPermission(err) {
			t.Errorf("written: %v", err)
		}
	})
	if err := os.WriteFile(file, nil, 0); os.Geteuid() == 0 && err != nil {
		t.Errorf("root's rights did not come back: %v", err)
	}
}
