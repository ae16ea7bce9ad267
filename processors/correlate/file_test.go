package correlate

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
)

func TestWorker_brokenSnapshot(t *testing.T) {
	cases := []struct {
		name string
		harm func(path string) error
	}{
		{"torn", func(path string) error { return os.Truncate(path, 100) }},
		{"empty", func(path string) error { return os.Truncate(path, 0) }},
		{"changed", func(path string) error {
			b, err := os.ReadFile(path)
			if err == nil {
				b[len(b)/2] ^= 1
				err = os.WriteFile(path, b, 0o600)
			}
			return err
		}},
		{"gone", os.Remove},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			recs := topic(t, mixed(7, 40))
			w := newWorker(t, options(dir, &sink{}, testRules()), "weir.signals", 3, 0)
			process(t, w, recs[:50])
			if err := w.save(t.Context()); err != nil {
				t.Fatal(err)
			}
			process(t, w, recs[50:90])
			w.Close()
			path := snapPath(dir, 3)
			if err := c.harm(path); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			if at, ok := StartOffset(t.Context(), Folder(dir), 3); !ok || at != 50 {
				t.Fatalf("starts at %d, %v; the snapshot before was at 50", at, ok)
			}
			if _, err := load(t.Context(), Folder(dir), 3, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
				t.Fatal(err)
			}
			if c.name != "gone" && !strings.Contains(log.String(), "partition=3 before=0") {
				t.Errorf("the broken snapshot is not named: %s", log.String())
			}
			if err := c.harm(path + ".old"); err != nil {
				t.Fatal(err)
			}
			if _, ok := StartOffset(t.Context(), Folder(dir), 3); ok {
				t.Error("two broken snapshots give a position")
			}
		})
	}
}

func TestWorker_fullDisk(t *testing.T) {
	dir := t.TempDir()
	w := newWorker(t, options(dir, &sink{}, testRules()), "weir.signals", 3, 0)
	answered := 0
	if err := w.Process(t.Context(), topic(t, mixed(7, 40)), func(err error) {
		if err == nil {
			answered++
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(snapPath(dir, 3)+".tmp", 0o700); err != nil { // stands in the way of the file
		t.Fatal(err)
	}
	if err := os.WriteFile(snapPath(dir, 3)+".tmp/x", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.save(t.Context()); err == nil || answered != 0 {
		t.Fatalf("%v, answered %d", err, answered)
	}
	if err := os.RemoveAll(snapPath(dir, 3) + ".tmp"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if at, ok := StartOffset(t.Context(), Folder(dir), 3); !ok || at == 0 || answered != 1 {
		t.Errorf("after room was made: %d, %v, answered %d", at, ok, answered)
	}
}

func FuzzDecodeFile(f *testing.F) {
	f.Add(encodeFile(&saved{next: 5, last: base, seen: positions{"t/0": {Topic: "t", Offset: 4}}, state: []byte("state")}))
	f.Add([]byte(fileMagic))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := decodeFile(in)
		if err != nil {
			s, err = decodeFile(sealed(fileMagic, fileVersion, in)) // past the checksum
		}
		if err != nil {
			return
		}
		again, err := decodeFile(encodeFile(s))
		if err != nil || again.next != s.next || len(again.seen) != len(s.seen) || !bytes.Equal(again.state, s.state) {
			t.Fatalf("%+v became %+v, %v", s, again, err)
		}
	})
}
