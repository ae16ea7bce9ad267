package rules

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"weir/rules/yamlfile"
)

// restless is a file system in which files change while they are read: the first so many times a file is opened it is
// written to meanwhile.
type restless struct {
	fstest.MapFS
	mu    *sync.Mutex
	times map[string]int
	// Files that are gone when they are opened.
	gone map[string]bool
}

type restlessFile struct {
	fs.File
	stats *int
}

// Open implements fs.FS.
func (r restless) Open(name string) (fs.File, error) {
	if r.gone[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	r.mu.Lock() // files are read side by side
	defer r.mu.Unlock()
	f, err := r.MapFS.Open(name)
	if err != nil || r.times[name] == 0 {
		return f, err
	}
	r.times[name]--
	return &restlessFile{File: f, stats: new(int)}, nil
}

// Stat says another time whenever it is asked.
func (f *restlessFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	*f.stats++
	return later{info, *f.stats}, err
}

type later struct {
	fs.FileInfo
	n int
}

// ModTime implements fs.FileInfo.
func (l later) ModTime() time.Time { return l.FileInfo.ModTime().Add(time.Duration(l.n) * time.Second) }

// TestFolderThatChanges: a file that is written to is read again; one that is always written to is not half read; one
// that goes away takes its rules with it.
func TestFolderThatChanges(t *testing.T) {
	t.Parallel()
	file := func(id string) string { return strings.Replace(small, "id: a", "id: "+id, 1) }
	fsys := restless{folder(map[string]string{"a.yaml": file("a"), "b.yaml": file("b"), "c.yaml": file("c"), "d.yaml": file("d")}), new(sync.Mutex), map[string]int{"a.yaml": 2, "b.yaml": 1000}, map[string]bool{"c.yaml": true}}
	s := LoadFS(fsys, "r", Options{})
	want := "r/b.yaml: error[rules-unreadable]: the rules cannot be read\nwhy it changes while it is read\ndo put new files into place with mv; the folder is read again when it changes\n" +
		"r/c.yaml: warning[rules-unreadable]: the file went away while its folder was read\n"
	if len(s.Rules) != 2 || s.Rules[0].ID != "a" || s.Rules[1].ID != "d" || show(s.Faults) != want {
		t.Errorf("%d rules\n%s", len(s.Rules), show(s.Faults))
	}
	// What cannot be read goes on as it was, what is gone does not.
	old := LoadFS(fsys.MapFS, "r", Options{})
	kept := s.Keep(old)
	if kept.Rule("b") == nil || kept.Rule("c") != nil {
		t.Error("the wrong rules are kept")
	}
}

func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"large.yaml": {Data: bytes.Repeat([]byte("#"), 3<<20)}, "empty.yaml": {}}
	doc, err := read(fsys, "large.yaml")
	if err != nil || len(doc) != yamlfile.MaxSize+1 {
		t.Error(len(doc), err)
	}
	if doc, err = read(fsys, "empty.yaml"); err != nil || len(doc) != 0 {
		t.Error(len(doc), err)
	}
	if _, err = read(fsys, "none.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestReadAll(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 511, 512, 513, 5000} {
		want := strings.Repeat("x", n)
		got, err := readAll(strings.NewReader(want), 0)
		if err != nil || string(got) != want {
			t.Errorf("%d: %d bytes, %v", n, len(got), err)
		}
	}
	if _, err := readAll(io.MultiReader(strings.NewReader("a"), failing{}), 0); err == nil {
		t.Error("half of a file")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
