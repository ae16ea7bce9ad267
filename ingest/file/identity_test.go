package file

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// file writes a file and opens it.
func file(t testing.TB, text string) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestLook(t *testing.T) {
	f := file(t, "hello")
	before, err := look(f)
	if err != nil || before.size != 5 || before.links != 1 || !before.regular || before.Ino == 0 {
		t.Fatalf("%+v, %v", before, err)
	}
	moved := f.Name() + ".1"
	if err := os.Rename(f.Name(), moved); err != nil {
		t.Fatal(err)
	}
	if after, err := lookAt(moved); err != nil || after.identity != before.identity {
		t.Errorf("%+v, %v: another file after a rename", after, err)
	}
	if err := os.Remove(moved); err != nil {
		t.Fatal(err)
	}
	if after, err := look(f); err != nil || after.links != 0 {
		t.Errorf("%+v, %v", after, err)
	}
	if _, err := lookAt(moved); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
	if dir, err := lookAt(filepath.Dir(moved)); err != nil || dir.regular {
		t.Errorf("%+v, %v", dir, err)
	}
}

func TestFingerprint(t *testing.T) {
	text := strings.Repeat("0123456789abcde\n", 200)
	for _, offset := range []int64{0, 16, 64, 1024, 3200} {
		p, head, err := take(file(t, text), offset)
		if err != nil || int64(len(head)) != min(offset, headSize) {
			t.Fatalf("at %d: %d bytes, %v", offset, len(head), err)
		}
		for name, tt := range map[string]struct {
			text string
			want bool
		}{
			"itself": {text, true}, "grown": {text + "more\n", true}, "cut off": {text[:max(offset-1, 0)], offset == 0},
			"another beginning": {"X" + text[1:], offset == 0}, "another line before the place": {text[:max(offset-2, 0)] + "XX" + text[max(offset-2, 0)+2:], offset == 0},
		} {
			if _, ok := p.holds(file(t, tt.text)); ok != tt.want {
				t.Errorf("at %d, %s: %v", offset, name, ok)
			}
		}
	}
	if _, _, err := take(file(t, "short"), 10); err == nil {
		t.Error("taken beyond the end")
	}
}

func TestFingerprint_OfWholeLines(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		offset     int64
		want       int
	}{
		{"empty", "", 0, 0},
		{"a part of a line", "abc", 0, 0},
		{"lines and a part", "a\nbc\nd", 0, 5},
		{"long", strings.Repeat("0123456789abcde\n", 200), 0, headSize},
		{"from a place on", "a\nbc\nd", 2, 5},
	} {
		p, head, err := takeNew(file(t, tt.text), tt.offset)
		if err != nil || p.HeadLen != tt.want || string(head) != tt.text[:tt.want] || p.Offset != tt.offset {
			t.Errorf("%s: %+v %q, %v", tt.name, p, head, err)
		}
	}
}

func TestCompressed(t *testing.T) {
	for text, want := range map[string]string{"": "", "\x1f": "", "\x1f\x8b\x08": "gzip", "BZh9": "bzip2", "\xfd7zXZ\x00": "xz", "\x28\xb5\x2f\xfd": "zstd", "\x04\x22\x4d\x18": "lz4", "plain text": ""} {
		if got := compressed(file(t, text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestLineStart(t *testing.T) {
	big := strings.Repeat("x", 100_000)
	for _, tt := range []struct {
		name, text string
		limit      int64
		want       int64
	}{
		{"empty", "", 100, 0},
		{"whole lines", "a\nb\n", 100, 4},
		{"a part of a line", "a\nbc", 100, 2},
		{"one part", "abc", 100, 0},
		{"a line that begins far back", "a\n" + big, 1 << 20, 2},
		{"a line that begins too far back", "a\n" + big, 1000, 100_002},
	} {
		if got, err := lineStart(file(t, tt.text), int64(len(tt.text)), tt.limit); got != tt.want || err != nil {
			t.Errorf("%s: %d, %v, want %d", tt.name, got, err, tt.want)
		}
	}
}

// FuzzFingerprint holds fingerprints to this: a file that only grew has its own, and one in which a byte before the
// place differs has it only where that byte is neither in the beginning nor right before the place.
func FuzzFingerprint(f *testing.F) {
	f.Add("one\ntwo\nthree\n", uint16(8), uint16(3), "more")
	f.Add(strings.Repeat("x", 3000), uint16(2900), uint16(1500), "")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string, at, change uint16, more string) {
		offset := int64(at) % int64(len(text)+1)
		write := func(name, text string) *os.File {
			name = filepath.Join(dir, name)
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			g, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			return g
		}
		g := write("a", text)
		defer g.Close()
		p, _, err := take(g, offset)
		if err != nil {
			t.Fatal(err)
		}
		grown := write("b", text+more)
		defer grown.Close()
		if _, ok := p.holds(grown); !ok {
			t.Fatal("a file that grew is another")
		}
		if offset == 0 {
			return
		}
		i := int64(change) % offset
		b := []byte(text)
		b[i] ^= 1
		other := write("c", string(b))
		defer other.Close()
		if _, ok := p.holds(other); ok && (i < headSize || i >= offset-markSize) {
			t.Fatalf("byte %d of %d differs, and it is the same file", i, offset)
		}
	})
}
