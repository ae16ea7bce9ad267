package anchor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	dir := t.TempDir()
	if names, err := Names(os.DirFS(dir)); err != nil || len(names) > 0 {
		t.Errorf("%v %v", names, err)
	}
	if err := os.MkdirAll(filepath.Join(dir, Folder, "2026-01-09"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"2026-11-21.10", "2026-11-21.2", "2026-11-21", "2026-11-20.tsr", "2026-11-21.2.tsr", "2026-11-20", "x", "2026-13-01", "2026-11-21.1", "2026-11-21.02", "2026-11-22.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, Folder, n), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names, err := Names(os.DirFS(dir))
	if got := strings.Join(names, " "); err != nil || got != "2026-11-20 2026-11-21 2026-11-21.2 2026-11-21.10" {
		t.Errorf("%s %v", got, err)
	}
}
