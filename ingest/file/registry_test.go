package file

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func openTest(t testing.TB, dir string) *registry {
	t.Helper()
	r, err := openRegistry(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRegistry_Remembers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made when needed")
	r := openTest(t, dir)
	if r.knows("/a/*") || len(r.entries) != 0 {
		t.Fatal("a first start knows something")
	}
	id := identity{Dev: 1, Ino: 2, Born: 3}
	e := r.add("/a/x", id, fingerprint{})
	want := fingerprint{Offset: 100, HeadLen: 5, Head: 7, MarkLen: 6, Mark: 8}
	r.advance(e, want)
	r.setPatterns([]string{"/a/*"})
	if err := r.save(); err != nil {
		t.Fatal(err)
	}
	again := openTest(t, dir)
	found := again.find(id)
	if len(found) != 1 || found[0].Key != e.Key || found[0].Path != "/a/x" || again.place(found[0]) != want || !again.knows("/a/*") || again.knows("/b/*") {
		t.Errorf("%+v", found)
	}
	if !strings.HasPrefix(e.Key, "file/"+r.host+"/") {
		t.Errorf("key %s", e.Key)
	}
}

func TestRegistry_Find(t *testing.T) {
	r := openTest(t, t.TempDir())
	id := identity{Dev: 1, Ino: 2, Born: 3}
	e := r.add("/a/x", id, fingerprint{Offset: 9, HeadLen: 9})
	if r.find(id) != nil {
		t.Error("a content that is followed is found again")
	}
	r.release(e, false)
	for _, tt := range []struct {
		name string
		id   identity
		want int
	}{
		{"itself", id, 1},
		{"the inode was given again", identity{1, 2, 4}, 0},
		{"another inode", identity{1, 5, 3}, 0},
		{"the disk has another number since the last boot", identity{7, 2, 3}, 1},
	} {
		if got := r.find(tt.id); len(got) != tt.want {
			t.Errorf("%s: %d found", tt.name, len(got))
		}
	}
	r.release(e, true)
	if r.find(id) != nil {
		t.Error("a content that has ended is found")
	}
	old := r.add("/a/y", identity{Dev: 1, Ino: 8}, fingerprint{Offset: 9, HeadLen: 9})
	r.release(old, false)
	if r.find(identity{Dev: 2, Ino: 8}) != nil {
		t.Error("found by its number alone, where the file system keeps no birth")
	}
}

func TestRegistry_RekeyIsWrittenDown(t *testing.T) {
	dir := t.TempDir()
	r := openTest(t, dir)
	e := r.add("/a/x", identity{1, 2, 3}, fingerprint{})
	first := e.Key
	second := r.rekey(e)
	if err := r.save(); err != nil {
		t.Fatal(err)
	}
	if got := openTest(t, dir).entries[0].Key; got != second || got == first {
		t.Errorf("key %s, was %s, should be %s", got, first, second)
	}
}

func TestRegistry_SavesOnlyChanges(t *testing.T) {
	dir := t.TempDir()
	r := openTest(t, dir)
	r.add("/a/x", identity{1, 2, 3}, fingerprint{})
	if err := r.save(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(r.name); err != nil {
		t.Fatal(err)
	}
	if err := r.save(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(r.name); err == nil {
		t.Error("written although nothing changed")
	}
}

func TestRegistry_SaveFailsAndTriesAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x")
	r := openTest(t, dir)
	r.add("/a/x", identity{1, 2, 3}, fingerprint{})
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // a file has the folder's name
		t.Fatal(err)
	}
	if err := r.save(); err == nil {
		t.Fatal("written into a file")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := r.save(); err != nil {
		t.Fatal(err)
	}
	if got := openTest(t, dir); len(got.entries) != 1 {
		t.Error("the change was forgotten with the error")
	}
}

func TestRegistry_Damaged(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"no JSON": "{", "another form": `{"files":"x"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, "files.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openRegistry(dir); err == nil || !strings.Contains(err.Error(), "files.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Entries that would make the reader fail are left out.
	if err := os.WriteFile(filepath.Join(dir, "files.json"), []byte(`{"files":[null,{"key":""},{"key":"a","offset":-1},{"key":"b","head_len":5000},{"key":"c","offset":3,"mark_len":9},{"key":"d","offset":3,"mark_len":3}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := openTest(t, dir); len(r.entries) != 1 || r.entries[0].Key != "d" {
		t.Errorf("%+v", r.entries)
	}
}

func TestRegistry_Prune(t *testing.T) {
	r := openTest(t, t.TempDir())
	now := time.Now()
	add := func(name string, age time.Duration, followed bool) {
		e := r.add(name, identity{Ino: uint64(len(r.entries))}, fingerprint{})
		e.Seen = now.Add(-age).Unix()
		if !followed {
			e.at = ""
		}
	}
	add("old and followed", 2*keepEntries, true)
	add("old", 2*keepEntries, false)
	add("new", time.Hour, false)
	r.prune(now)
	if len(r.entries) != 2 || r.entries[0].Path != "old and followed" {
		t.Errorf("%d entries", len(r.entries))
	}
	for i := range maxEntries + 10 {
		add(fmt.Sprint(i), time.Duration(i)*time.Millisecond, false)
	}
	r.prune(now)
	if len(r.entries) != maxEntries || r.entries[0].Path != "old and followed" {
		t.Errorf("%d entries, the first is %s", len(r.entries), r.entries[0].Path)
	}
}

// BenchmarkRegistry_Save is what a second costs with many files.
func BenchmarkRegistry_Save(b *testing.B) {
	r := openTest(b, b.TempDir())
	for i := range 10_000 {
		r.add(fmt.Sprintf("/var/log/containers/some-service-%d.log", i), identity{1, uint64(i), 3}, fingerprint{Offset: 1 << 30, HeadLen: 1024, Head: 1 << 63, MarkLen: 64, Mark: 1 << 62})
	}
	b.ReportAllocs()
	for b.Loop() {
		r.dirty = true
		if err := r.save(); err != nil {
			b.Fatal(err)
		}
	}
}
