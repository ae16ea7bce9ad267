package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/fault"
)

func TestOpen_MakesItForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "data")
	f, err := Open(path, "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if !f.Made {
		t.Error("the folder is said to have been there")
	}
	for name, want := range map[string]os.FileMode{path: 0o700, f.Join("LOCK"): 0o600} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v (%v), want %v", name, info.Mode(), err, want)
		}
	}
	h, ok := readHolder(f.Join("LOCK"))
	if !ok || h.PID != os.Getpid() || h.Console != "127.0.0.1:1" || time.Since(h.Since) > time.Minute {
		t.Errorf("the lock says %+v", h)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if f, err = Open(path, ""); err != nil || f.Made {
		t.Fatalf("the second time: made %t, %v", f != nil && f.Made, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// TestOpen_Twice also holds within one process, since the lock belongs to the open file.
func TestOpen_Twice(t *testing.T) {
	path := t.TempDir()
	first, err := Open(path, "127.0.0.1:4140")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(path, "")
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != "folder-in-use" || f.Exit != fault.ExitMissing {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{fmt.Sprint("pid ", os.Getpid()), "console 127.0.0.1:4140"} {
		if !strings.Contains(f.Why, want) {
			t.Errorf("why says %q, want %q in it", f.Why, want)
		}
	}
	if h, ok := readHolder(first.Join("LOCK")); !ok || h.Console != "127.0.0.1:4140" {
		t.Errorf("who was refused wrote into the lock: %+v", h)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
}

// TestOpen_AfterACrash finds a lock file whose process is gone; it may be cut off anywhere.
func TestOpen_AfterACrash(t *testing.T) {
	whole, err := json.Marshal(holder{PID: 1, Since: time.Now(), Console: strings.Repeat("x", 300)})
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range [][]byte{nil, whole[:20], whole} {
		path := t.TempDir()
		name := filepath.Join(path, "LOCK")
		if err := os.WriteFile(name, left, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path, "")
		if err != nil {
			t.Fatalf("%d bytes left: %v", len(left), err)
		}
		if h, ok := readHolder(name); !ok || h.PID != os.Getpid() || h.Console != "" {
			t.Errorf("%d bytes left: the lock says %+v, %t", len(left), h, ok)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpen_Unusable(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	lockIsAFolder := filepath.Join(dir, "data")
	if err := os.MkdirAll(filepath.Join(lockIsAFolder, "LOCK"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"a file": file, "below a file": filepath.Join(file, "data"), "the lock is a folder": lockIsAFolder} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(path, "")
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "folder-unusable" || f.Where != path || f.Why == "" || f.Do == "" {
				t.Errorf("got %#v", err)
			}
		})
	}
}

func TestUnusable_NamesTheWayOut(t *testing.T) {
	f := unusable("/data", &fs.PathError{Op: "mkdir", Path: "/data", Err: syscall.EACCES})
	if want := fmt.Sprintf("chown -R %d /data", os.Getuid()); !strings.Contains(f.Do, want) || !strings.Contains(f.Why, "may not") {
		t.Errorf("why %q, do %q", f.Why, f.Do)
	}
	f = unusable("/data", &fs.PathError{Op: "mkdir", Path: "/data", Err: syscall.ENOSPC})
	if strings.Contains(f.Do, "chown") || f.Why != "no space left on device" {
		t.Errorf("a full disk: why %q, do %q", f.Why, f.Do)
	}
}

func TestReadHolder(t *testing.T) {
	for text, want := range map[string]bool{
		``: false, `{`: false, `{}`: false, `{"pid":0}`: false, `[]`: false, `{"pid":7}`: true, `{"pid":7,"new":"field"}`: true,
	} {
		name := filepath.Join(t.TempDir(), "LOCK")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if h, ok := readHolder(name); ok != want {
			t.Errorf("%q: %+v, %t", text, h, ok)
		}
	}
	if _, ok := readHolder(filepath.Join(t.TempDir(), "none")); ok {
		t.Error("a file that is not there has a holder")
	}
}

func TestPlainCause(t *testing.T) {
	err := fmt.Errorf("starting: %w", fmt.Errorf("opening: %w", &fs.PathError{Op: "open", Path: "/x", Err: syscall.ENOENT}))
	if got := fault.Innermost(err); got != "no such file or directory" {
		t.Errorf("got %q", got)
	}
	if got := fault.Innermost(errors.New("alone")); got != "alone" {
		t.Errorf("got %q", got)
	}
}
