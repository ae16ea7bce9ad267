package disk_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/archive/disk"
)

func TestWriteFile_FailureLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "x")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	trouble := errors.New("trouble")
	_, err := disk.WriteFile(dir, "x", nil, func(w io.Writer) error {
		if _, err := io.WriteString(w, strings.Repeat("half", 100_000)); err != nil {
			return err
		}
		return trouble
	})
	if !errors.Is(err, trouble) || !strings.Contains(err.Error(), "writing x") {
		t.Errorf("got %v", err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 1 {
		t.Errorf("left: %v, %v", names, err)
	}
	if b, _ := os.ReadFile(old); string(b) != "old" {
		t.Errorf("the file of that name is now %q", b)
	}
}

func TestWriteFile_Success(t *testing.T) {
	dir := t.TempDir()
	var sum strings.Builder
	size, err := disk.WriteFile(dir, "x", &sum, func(w io.Writer) error {
		_, err := io.WriteString(w, "content")
		return err
	})
	if err != nil || size != 7 || sum.String() != "content" {
		t.Errorf("%d, %q, %v", size, sum.String(), err)
	}
	st, err := os.Stat(filepath.Join(dir, "x"))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
}

func TestMakeFolder(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // also where it is there already
		if err := disk.MakeFolder(dir, "class=a/day=2026-11-21"); err != nil {
			t.Fatal(err)
		}
	}
	st, err := os.Stat(filepath.Join(dir, "class=a", "day=2026-11-21"))
	if err != nil || !st.IsDir() || st.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", st, err)
	}
	if err := disk.MakeFolder(filepath.Join(dir, "none"), "class=a"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("below nothing: %v", err)
	}
}

func TestSyncFolder(t *testing.T) {
	dir := t.TempDir()
	if err := disk.SyncFolder(dir); err != nil {
		t.Error(err)
	}
	if err := disk.SyncFolder(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
