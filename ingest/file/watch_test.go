package file

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"weir/internal/testkit"

	"golang.org/x/sys/unix"
)

func TestWatch_HearsOfNewFiles(t *testing.T) {
	dir := t.TempDir()
	w := newWatch(slog.New(slog.DiscardHandler))
	if w.f == nil {
		testkit.Skip(t, "machine", "the kernel gives no watch")
	}
	w.add(dir)
	w.add(dir)
	w.add(filepath.Join(dir, "not there"))
	done := make(chan struct{})
	go func() { w.run(); close(done) }()
	want := []string{filepath.Join(dir, "a"), filepath.Join(dir, "b"), ""}
	if err := os.WriteFile(want[0], []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(want[0], want[1]); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range want {
		select {
		case path := <-w.paths:
			got = append(got, path)
		case <-time.After(time.Minute):
			t.Fatalf("heard only %q", got)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
	w.close()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("run does not end")
	}
	if _, open := <-w.paths; open {
		t.Error("the channel is open after the end")
	}
}

// event is one as the kernel writes it.
func event(id int32, mask uint32, name string) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(id))
	b = binary.NativeEndian.AppendUint32(b, mask)
	b = binary.NativeEndian.AppendUint32(b, 0)
	pad := 0
	if name != "" {
		pad = 16 - len(name)%16
	}
	b = binary.NativeEndian.AppendUint32(b, uint32(len(name)+pad))
	return append(append(b, name...), make([]byte, pad)...)
}

func TestWatch_Events(t *testing.T) {
	w := &watch{dirs: map[int]string{1: "/a", 2: "/b"}, known: map[string]bool{"/a": true, "/b": true}}
	in := bytes.Join([][]byte{
		event(1, unix.IN_CREATE, "x"), event(2, unix.IN_MOVED_TO, "y.log"), event(7, unix.IN_CREATE, "of no watch"), event(1, unix.IN_CREATE|unix.IN_ISDIR, "dir"),
		event(-1, unix.IN_Q_OVERFLOW, ""), event(2, unix.IN_IGNORED, ""), event(2, unix.IN_CREATE, "after its folder is gone"), event(1, unix.IN_CREATE, "cut")[:20],
	}, nil)
	if got, want := w.read(in), []string{"/a/x", "/b/y.log", "", ""}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if w.known["/b"] {
		t.Error("a folder that is gone is known, and would not be watched again")
	}
}
