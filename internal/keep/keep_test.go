package keep_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"weir/internal/keep"
)

func TestWriteFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "when needed")
	name := filepath.Join(dir, "state")
	for _, text := range []string{"a long first version", "short", ""} {
		if err := keep.WriteFile(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(got, []byte(text)) {
			t.Errorf("%q, %v, want %q", got, err, text)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v beside the file, %v", entries, err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
}

func TestWriteFile_ItsFolderIsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := keep.WriteFile(file, nil); err != nil {
		t.Fatal(err)
	}
	if err := keep.WriteFile(filepath.Join(file, "state"), nil); err == nil {
		t.Error("written into a file")
	}
}
