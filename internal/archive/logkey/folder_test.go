package logkey

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/fault"
	"weir/internal/testkit"
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
	// Others may look into it, which shows nothing that is secret; then they may write into it; then read the key.
	if _, err := Make(folder, "weir.log/x"); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ folder, key os.FileMode }{{0o755, 0o600}, {0o775, 0o600}, {0o700, 0o644}} {
		if err := errors.Join(os.Chmod(folder, x.folder), os.Chmod(filepath.Join(folder, keyName), x.key)); err != nil {
			t.Fatal(err)
		}
		_, warning, err := Place(data, "")
		if want := x.folder == 0o755; err != nil || (warning == nil) != want || warning != nil && (warning.Code != "archive-log-key-open" || !warning.Warn) {
			t.Errorf("%o %o: %v %v", x.folder, x.key, warning, err)
		}
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
	elsewhere := func(t *testing.T, file string) string {
		b, err := os.ReadFile(file)
		other := filepath.Join(t.TempDir(), keyName)
		if err := errors.Join(err, os.WriteFile(other, b, 0o600)); err != nil {
			t.Fatal(err)
		}
		return other
	}
	for name, fix := range map[string]func(t *testing.T, file string){
		"a link": func(t *testing.T, file string) {
			other := elsewhere(t, file)
			if err := errors.Join(os.Remove(file), os.Symlink(other, file)); err != nil {
				t.Fatal(err)
			}
		},
		"a file that is mounted": func(t *testing.T, file string) {
			if err := syscall.Mount(elsewhere(t, file), file, "", syscall.MS_BIND, ""); err != nil {
				testkit.Skip(t, "root", "a file cannot be mounted: "+err.Error())
			}
			t.Cleanup(func() { _ = syscall.Unmount(file, syscall.MNT_DETACH) })
		},
		"a folder that cannot be written": func(t *testing.T, file string) {
			if err := os.Chmod(filepath.Dir(file), 0o500); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(filepath.Dir(file), 0o700) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRing(t)
			fix(t, filepath.Join(r.Folder(), keyName))
			testkit.ByModes(t, func() {
				_, err := r.Rotate(t.Context(), "kim", time.Now(), func(context.Context, []manifest.Action) (uint64, error) {
					t.Error("the change was written")
					return 1, nil
				})
				if fault.Code(err) != "archive-log-key" || !strings.Contains(err.Error(), "given to weir from outside") {
					t.Errorf("%v", err)
				}
				// Who is asked needs a weir that runs, and on the copy.
				if f, ok := errors.AsType[*fault.Error](err); ok {
					if _, after, ok := strings.Cut(f.Do, "start weir with archive.log.key_folder naming the copy"); !ok || !strings.Contains(after, "weir archive rotate-key") {
						t.Errorf("do: %s", f.Do)
					}
				}
			})
			for _, left := range []string{nextName, keyName + ".tmp"} {
				if _, err := os.Lstat(filepath.Join(r.Folder(), left)); err == nil {
					t.Errorf("%s is there", left)
				}
			}
			if again, err := Load(r.Folder()); err != nil || again.Verifier() != r.Verifier() {
				t.Errorf("the key itself cannot be used any more: %v", err)
			}
		})
	}
}

// TestReplaceable_Busy: where the kernel does not say what is mounted, the step itself does, and leaves no copy of the key.
func TestReplaceable_Busy(t *testing.T) {
	r := newRing(t)
	name := filepath.Join(r.Folder(), keyName)
	if err := syscall.Mount(name, name, "", syscall.MS_BIND, ""); err != nil {
		testkit.Skip(t, "root", "a file cannot be mounted: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(name, syscall.MNT_DETACH) })
	if err := exchange(name); fault.Code(err) != "archive-log-key" || !strings.Contains(err.Error(), "given to weir from outside") {
		t.Errorf("%v", err)
	}
	if entries, err := os.ReadDir(r.Folder()); err != nil || len(entries) != 2 {
		t.Errorf("%v %v", entries, err)
	}
}

// TestReplaceable_ReadOnly: a key that nobody may write, in a folder of weir's own, is one that weir can exchange.
func TestReplaceable_ReadOnly(t *testing.T) {
	r := newRing(t)
	if err := os.Chmod(filepath.Join(r.Folder(), keyName), 0o400); err != nil {
		t.Fatal(err)
	}
	testkit.ByModes(t, func() {
		k, err := r.Prepare()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Settle(k.New); err != nil || r.Verifier() != k.New {
			t.Errorf("%v", err)
		}
	})
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

// TestLetsIn: a key that is mounted for the group of this process, in a folder of root's, as on Kubernetes, is open to nobody.
func TestLetsIn(t *testing.T) {
	me, group := uint32(os.Geteuid()), uint32(os.Getegid())
	mine, given := &syscall.Stat_t{Uid: me, Gid: group}, &syscall.Stat_t{Uid: me + 1, Gid: group}
	for _, x := range []struct {
		name string
		mode os.FileMode
		sys  *syscall.Stat_t
		want bool
	}{
		{"my key", 0o600, mine, false}, {"my key for my group", 0o640, mine, true}, {"my key for all", 0o604, mine, true},
		{"a key that was given to me", 0o440, given, false}, {"one that was given to all", 0o444, given, true},
		{"my folder", fs.ModeDir | 0o755, mine, false}, {"my folder, my group writes", fs.ModeDir | 0o770, mine, true},
		{"a folder that was given to me", fs.ModeDir | fs.ModeSetgid | 0o775, given, false}, {"a folder for all", fs.ModeDir | fs.ModeSticky | 0o777, given, true},
	} {
		if got := letsIn(owned{mode: x.mode, sys: x.sys}); got != x.want {
			t.Errorf("%s: %v", x.name, got)
		}
	}
}

// owned is a file of somebody.
type owned struct {
	os.FileInfo
	mode os.FileMode
	sys  any
}

func (o owned) Sys() any          { return o.sys }
func (o owned) Mode() os.FileMode { return o.mode }
func (o owned) IsDir() bool       { return o.mode.IsDir() }
