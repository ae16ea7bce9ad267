package detect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/record"
	"weir/processors"
	"weir/rules"
)

var (
	_ processors.Detector = (*Holder)(nil)
	_ processors.Detector = (*Engine)(nil)
)

const oneRule = "id: a\ntitle: A\nlevel: low\nwhen: user.name == \"kim\"\n"

// folderOf loads a folder as the process does.
func folderOf(dir string) func() (Loaded, error) {
	return func() (Loaded, error) {
		set, err := rules.LoadDir(dir, rules.Options{})
		if errors.Is(err, fs.ErrNotExist) {
			return Loaded{Set: &rules.Set{}, Folder: dir, Missing: true}, nil
		}
		return Loaded{Set: set, Folder: dir}, err
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.yaml")
	write(t, file, oneRule)
	load := folderOf(dir)
	var h Holder
	kim := decode(t, `{"user":{"name":"kim"}}`)
	if h.Load() != nil || h.Now() != nil || h.Rules() != nil || h.Hash() != "" || h.Signals(kim, record.Pos{}) != nil {
		t.Error("an empty holder")
	}
	var told []string
	before := func(v *Version) {
		if h.Now() == v {
			t.Error("the readers of signals are told after the swap")
		}
		told = append(told, v.Hash())
	}
	if faults, err := h.Reload(load, before); err != nil || len(faults) != 0 || len(h.Signals(kim, record.Pos{})) != 1 {
		t.Fatal(faults, err)
	}
	first := h.Load()

	write(t, file, oneRule+"tags: [\n")
	write(t, filepath.Join(dir, "b.yaml"), "id: b\ntitle: B\nlevel: low\nwhen: user.name == \"lee\"\n")
	faults, err := h.Reload(load, before)
	if err != nil || len(faults) != 1 || h.Load() == first || h.Load().Len() != 2 || len(h.Signals(kim, record.Pos{})) != 1 {
		t.Errorf("a broken file: %v %v, %d rules", faults, err, h.Load().Len())
	}

	write(t, file, "# nothing\n")
	if faults, err = h.Reload(load, before); err != nil || len(faults) != 0 || h.Load().Len() != 1 || h.Rules().Rule("a") != nil {
		t.Errorf("a mended file without the rule: %v %v", faults, err)
	}

	last := h.Load()
	gone := errors.New("gone")
	if _, err := h.Reload(func() (Loaded, error) { return Loaded{}, gone }, before); !errors.Is(err, gone) || h.Load() != last {
		t.Errorf("an unreadable folder: %v", err)
	}
	if len(told) != 3 || told[2] != h.Hash() || told[0] == told[1] || told[1] == told[2] {
		t.Errorf("told %v", told)
	}
}

// TestReload_BrokenBeyondSingleFiles: what cannot be meant is not taken, and what is wrong is said.
func TestReload_BrokenBeyondSingleFiles(t *testing.T) {
	t.Parallel()
	const bad = "id: x\ntitle: [\n"
	for name, tt := range map[string]struct {
		files   int
		change  func(t *testing.T, dir string, file func(i int) string)
		kept    bool
		because string
	}{
		"one of one":   {1, func(t *testing.T, _ string, file func(int) string) { write(t, file(0), bad) }, false, ""},
		"two of two":   {2, func(t *testing.T, _ string, file func(int) string) { write(t, file(0), bad); write(t, file(1), bad) }, true, "2 of 2 files"},
		"one of three": {3, func(t *testing.T, _ string, file func(int) string) { write(t, file(1), bad) }, false, ""},
		"two of four":  {4, func(t *testing.T, _ string, file func(int) string) { write(t, file(0), bad); write(t, file(1), bad) }, false, ""},
		"two of three": {3, func(t *testing.T, _ string, file func(int) string) { write(t, file(0), bad); write(t, file(1), bad) }, true, "2 of 3 files"},
		"new ones do not count": {2, func(t *testing.T, dir string, _ func(int) string) {
			for i := range 5 {
				write(t, filepath.Join(dir, fmt.Sprintf("new%d.yaml", i)), bad)
			}
		}, false, ""},
		"files taken away": {4, func(t *testing.T, _ string, file func(int) string) {
			for i := range 4 {
				if err := os.Remove(file(i)); err != nil {
					t.Fatal(err)
				}
			}
		}, false, ""},
		"the folder is gone": {2, func(t *testing.T, dir string, _ func(int) string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}, true, "is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "rules")
			file := func(i int) string { return filepath.Join(dir, fmt.Sprintf("f%d.yaml", i)) }
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			for i := range tt.files {
				write(t, file(i), fmt.Sprintf("id: r%d\ntitle: A\nlevel: low\nwhen: user.name == \"kim\"\n", i))
			}
			var h Holder
			if _, err := h.Reload(folderOf(dir), nil); err != nil || h.Load().Len() != tt.files {
				t.Fatal(err)
			}
			was := h.Now()
			tt.change(t, dir, file)
			_, err := h.Reload(folderOf(dir), func(*Version) {
				if tt.kept {
					t.Error("the correlator was told of a set that is not taken")
				}
			})
			if kept := h.Now() == was; kept != tt.kept || (err != nil) != tt.kept {
				t.Fatalf("kept %v: %v", kept, err)
			}
			if err != nil && !strings.Contains(err.Error(), tt.because) {
				t.Errorf("it says %v", err)
			}
		})
	}
}

// TestVersion_Classes: a version knows the log sources of events by its own pipelines.
func TestVersion_Classes(t *testing.T) {
	t.Parallel()
	v, _ := newVersion(&rules.Set{Hash: "h", Faults: fault.List{{Where: "f.yaml:3"}, {Where: "g.yaml:1", Warn: true}}}, Loaded{})
	e := decode(t, `{"event":{"code":"1","dataset":"windows.sysmon_operational"},"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational"}}`)
	if name := v.ClassName(v.Class(e)); !strings.Contains(name, "windows/") || !strings.Contains(name, "process_creation") {
		t.Errorf("a process of Windows is of %q", name)
	}
	if c := v.Class(decode(t, `{"message":"x"}`)); c != 0 || v.ClassName(0) != "//" {
		t.Errorf("nothing known is class %d, %q", c, v.ClassName(0))
	}
	if fmt.Sprint(v.Refused) != "[f.yaml:3]" {
		t.Errorf("refused: %v", v.Refused)
	}
}

// TestVersion_NamesWhatDoesNotRun: a set whose rules cannot all run has another hash, and does not hold those.
func TestVersion_NamesWhatDoesNotRun(t *testing.T) {
	t.Parallel()
	kim := match.NewList("kim")
	text := oneRule + "---\nid: l\ntitle: L\nlevel: low\nwhen: in_list(user.name, \"friends\")\n"
	set := rules.LoadFS(fstest.MapFS{"f.yaml": {Data: []byte(text)}}, "r", rules.Options{Lists: match.Lists{"friends": kim}})
	if len(set.Faults) > 0 {
		t.Fatal(set.Faults)
	}
	whole, faults := newVersion(set, Loaded{Lists: match.Lists{"friends": kim}})
	if len(faults) != 0 || whole.Hash() != set.Hash || len(whole.Lost) != 0 {
		t.Errorf("%v, lost %v", faults, whole.Lost)
	}
	part, faults := newVersion(set, Loaded{})
	if len(faults) != 1 || part.Hash() == set.Hash || fmt.Sprint(part.Lost) != "[l]" || part.Set.Rule("l") != nil || part.Set.Rule("a") == nil || set.Rule("l") == nil {
		t.Errorf("%v, lost %v, %d rules", faults, part.Lost, len(part.Set.Rules))
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	folder, late := filepath.Join(base, "rules"), filepath.Join(base, "data", "lists")
	if err := os.MkdirAll(filepath.Join(folder, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls, done := make(chan struct{}, 100), make(chan error, 1)
	go func() {
		done <- Watch(ctx, slog.New(slog.DiscardHandler), []string{folder, late}, time.Now(), func() { calls <- struct{}{} })
	}()
	// The watch begins at some moment after the start, so changes are made until the first is seen.
	until := func(what string, change func()) {
		t.Helper()
		for range 100 {
			change()
			select {
			case <-calls:
				return
			case <-time.After(2 * settle):
			}
		}
		t.Fatalf("%s was not noticed", what)
	}
	until("a new file", func() { write(t, filepath.Join(folder, "a.yaml"), oneRule) })
	drain(calls)
	until("a change in a folder below", func() { write(t, filepath.Join(folder, "sub", "b.yaml"), oneRule) })
	drain(calls)
	until("a folder that comes later", func() {
		if err := os.MkdirAll(late, 0o700); err != nil {
			t.Fatal(err)
		}
	})
	drain(calls)
	until("a file in it", func() { write(t, filepath.Join(late, "x.txt"), "kim") })
	drain(calls)
	until("a folder put in another's place", func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	})
	drain(calls)
	until("a file in the new folder", func() { write(t, filepath.Join(folder, "c.yaml"), oneRule) })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// drain waits until no reload is on its way.
func drain(calls chan struct{}) {
	for {
		select {
		case <-calls:
		case <-time.After(3 * settle):
			return
		}
	}
}

func TestConcerns(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"/d/rules/a.yaml": true, "/d/rules": true, "/d/rules/sub/b.yaml": true, "/d/rules2/a.yaml": false, "/d/other": false, "/d": true,
		"/d/rules/.a.yaml.swp": false, "/d/rules/a.yaml~": false, "/d/rules/..data": true, "/d/rules/..2026_11_21": false,
	} {
		if got := concerns(name, []string{"/d/rules"}); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestWatch_BehindALink: who keeps rules in a checkout links to it.
func TestWatch_BehindALink(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	real, link := filepath.Join(base, "checkout"), filepath.Join(base, "rules")
	if err := os.MkdirAll(filepath.Join(real, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls, done := make(chan struct{}, 100), make(chan error, 1)
	go func() {
		done <- Watch(ctx, slog.New(slog.DiscardHandler), []string{link}, time.Now().Add(time.Hour), func() { calls <- struct{}{} })
	}()
	for i := 0; ; i++ { // the watch begins at some moment after the start
		write(t, filepath.Join(real, "sub", "a.yaml"), oneRule+"# "+strconv.Itoa(i)+"\n")
		select {
		case <-calls:
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			return
		case <-time.After(2 * settle):
			if i == 100 {
				t.Fatal("a change behind the link was not noticed")
			}
		}
	}
}

func TestWatch_SeesWhatChangedBeforeItBegan(t *testing.T) {
	loaded := time.Now().Add(-time.Minute)
	old, fresh := t.TempDir(), filepath.Join(t.TempDir(), "rules")
	if err := os.Chtimes(old, time.Time{}, loaded.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if changed([]string{old, fresh}, loaded) {
		t.Error("a folder that is old and one that is not there are news")
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls, done := make(chan struct{}, 1), make(chan error)
	go func() {
		done <- Watch(ctx, slog.New(slog.DiscardHandler), []string{old, fresh}, loaded, func() { calls <- struct{}{} })
	}()
	<-calls
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
