package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSkip_Notes: what is skipped is noted by package and test, and what is required is not.
func TestSkip_Notes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "skipped")
	t.Setenv("WEIR_SKIPPED", file)
	t.Setenv("WEIR_REQUIRE", "shared,kafka")
	t.Run("kafka", func(t *testing.T) {
		if !Required(t, "kafka") {
			t.Error("what is named is not required")
		}
	})
	t.Run("moto", func(t *testing.T) {
		Required(t, "moto")
		Skip(t, "moto", "it is part of this test")
	})
	b, err := os.ReadFile(file)
	if line := "./internal/testkit\tTestSkip_Notes\n"; err != nil || string(b) != line+line {
		t.Errorf("%q, %v", b, err)
	}
}
