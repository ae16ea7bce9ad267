package logkey

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/fault"
)

func TestFolderAndPlace(t *testing.T) {
	top := t.TempDir()
	data := filepath.Join(top, "weir-data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := Folder(data+"/", ""); got != data+".keys" {
		t.Errorf("beside: %s", got)
	}
	if got := Folder(data, "/srv/k"); got != "/srv/k" {
		t.Errorf("set: %s", got)
	}
	folder, warning, err := Place(data, "")
	if err != nil || warning != nil || folder != data+".keys" {
		t.Errorf("%s %v %v", folder, warning, err)
	}
	// Others may read it.
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, warning, err = Place(data, ""); err != nil || warning == nil || warning.Code != "archive-log-key-open" || !warning.Warn {
		t.Errorf("%v %v", warning, err)
	}
	// What was set cannot be made: nobody wants the key to go elsewhere then.
	file := filepath.Join(top, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Place(data, filepath.Join(file, "keys")); fault.Code(err) != "archive-log-key" {
		t.Errorf("set and impossible: %v", err)
	}
	// No place beside the data: a file has the name.
	second := filepath.Join(top, "second")
	if err := os.WriteFile(second+".keys", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	folder, warning, err = Place(second, "")
	if err != nil || folder != filepath.Join(second, "keys") || warning == nil || warning.Code != "archive-log-key-inside" {
		t.Fatalf("%s %v %v", folder, warning, err)
	}
	// A key that is inside stays in use, though there is a place beside by now.
	if _, err := Make(folder, "weir.log/x"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(second + ".keys"); err != nil {
		t.Fatal(err)
	}
	if got, warning, err := Place(second, ""); got != folder || warning == nil || err != nil || Folder(second, "") != folder {
		t.Errorf("%s %v %v", got, warning, err)
	}
}

// TestReplaceable: a key that weir cannot exchange is not half exchanged: nothing is made, and the log gets no entry.
func TestReplaceable(t *testing.T) {
	for name, fix := range map[string]func(t *testing.T, file string){
		"a link": func(t *testing.T, file string) {
			elsewhere := filepath.Join(t.TempDir(), "log.key")
			if err := errors.Join(os.Rename(file, elsewhere), os.Symlink(elsewhere, file)); err != nil {
				t.Fatal(err)
			}
		},
		"read-only": func(t *testing.T, file string) {
			if os.Geteuid() == 0 {
				t.Skip("root may write whatever its mode is")
			}
			if err := os.Chmod(file, 0o400); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRing(t)
			fix(t, filepath.Join(r.Folder(), keyName))
			_, err := r.Rotate(t.Context(), "kim", time.Now(), func(context.Context, []manifest.Action) (uint64, error) {
				t.Error("the change was written")
				return 1, nil
			})
			if fault.Code(err) != "archive-log-key" || !strings.Contains(err.Error(), "given to weir from outside") {
				t.Errorf("%v", err)
			}
			if _, err := os.Lstat(filepath.Join(r.Folder(), nextName)); err == nil {
				t.Error("a next key was made")
			}
			if again, err := Load(r.Folder()); err != nil || again.Verifier() != r.Verifier() {
				t.Errorf("the key itself cannot be used any more: %v", err)
			}
		})
	}
}

// TestOthers: what belongs to root and to the group of this process is given to it, and to nobody else.
func TestOthers(t *testing.T) {
	me, group := uint32(os.Geteuid()), uint32(os.Getegid())
	for _, x := range []struct {
		name     string
		uid, gid uint32
		want     os.FileMode
	}{{"mine", me, group, 0o077}, {"somebody's, for my group", me + 1, group, 0o007}, {"somebody's, for another group", me + 1, group + 1, 0o077}} {
		if got := others(owned{sys: &syscall.Stat_t{Uid: x.uid, Gid: x.gid}}); got != x.want {
			t.Errorf("%s: %o", x.name, got)
		}
	}
}

// owned is a file of somebody.
type owned struct {
	os.FileInfo
	sys any
}

func (o owned) Sys() any { return o.sys }
