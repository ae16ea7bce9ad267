package testkit

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSigmaHQ(t *testing.T) {
	files := SigmaHQ(t)
	if len(files) < 3000 {
		t.Errorf("%d rules", len(files))
	}
	for name, f := range files {
		if !fs.ValidPath(name) || !strings.HasSuffix(name, ".yml") || len(f.Data) == 0 {
			t.Errorf("%s: %d bytes", name, len(f.Data))
		}
	}
}

func TestReadSigmaHQ_Failure(t *testing.T) {
	if _, err := ReadSigmaHQ(t.TempDir()); err == nil {
		t.Error("no archive, and no error")
	}
	dir := filepath.Join(t.TempDir(), "data", "sigma")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sigma-rules.tar.gz"), []byte("no archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSigmaHQ(filepath.Join(dir, "..", "..")); err == nil {
		t.Error("a broken archive, and no error")
	}
}
