package evidence

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestExport_Interrupted: nothing stands under the final name, and nothing beside it, whenever it is ended.
func TestExport_Interrupted(t *testing.T) {
	a := world(t)
	for _, step := range []string{"searching", "checking", "packing"} {
		t.Run(step, func(t *testing.T) {
			dir := t.TempDir()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			o := options(a, filepath.Join(dir, "x.zip"))
			o.Progress = func(p Progress) {
				if p.Step == step {
					cancel()
				}
			}
			if _, err := Export(ctx, o); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}
