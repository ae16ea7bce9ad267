package evidence

import (
	"archive/zip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"weir/internal/archive/verify/verifytest"
)

// repacked is a zip of a package's folder with something more in it.
func repacked(t testing.TB, dir string, more func(z *zip.Writer)) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "case.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	if err := z.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	more(z)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// entry adds one to a zip.
func entry(t testing.TB, z *zip.Writer, name string, mode fs.FileMode, r io.Reader) {
	t.Helper()
	h := &zip.FileHeader{Name: name, Method: zip.Deflate}
	h.SetMode(mode)
	w, err := z.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, r); err != nil {
		t.Fatal(err)
	}
}

// zeros is an endless file of nothing.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestEntries: what a zip could do to whoever unpacks it is named, and a zip that somebody packed again is none of that.
func TestEntries(t *testing.T) {
	a := world(t)
	clean := filepath.Join(t.TempDir(), "case")
	export(t, signed(t, a, clean))
	text := func() io.Reader { return strings.NewReader("x") }
	for name, c := range map[string]struct {
		more func(z *zip.Writer)
		want string // empty: nothing is wrong
	}{
		"packed again, with its folders": {func(*zip.Writer) {}, ""},
		"a way out":                      {func(z *zip.Writer) { entry(t, z, "../x", 0o644, text()) }, "../x: it is an entry of the zip whose name"},
		"a way out to a file of its own": {func(z *zip.Writer) { entry(t, z, "../events.ndjson", 0o644, text()) }, "../events.ndjson: it is an entry of the zip whose name"},
		"an absolute name":               {func(z *zip.Writer) { entry(t, z, "/etc/passwd", 0o644, text()) }, "/etc/passwd: it is an entry of the zip whose name"},
		"a name of another system":       {func(z *zip.Writer) { entry(t, z, `..\x`, 0o644, text()) }, `..\x: it is an entry of the zip whose name`},
		"a link":                         {func(z *zip.Writer) { entry(t, z, "README.md", fs.ModeSymlink|0o777, strings.NewReader("/etc/passwd")) }, "README.md: it is an entry of the zip that is no ordinary file"},
		"a device":                       {func(z *zip.Writer) { entry(t, z, "tty", fs.ModeDevice|0o644, text()) }, "tty: it is an entry of the zip that is no ordinary file"},
		"one name twice":                 {func(z *zip.Writer) { entry(t, z, eventsName, 0o644, text()) }, eventsName + ": the zip has two entries of this name"},
		"a file that nobody lists":       {func(z *zip.Writer) { entry(t, z, "x", 0o644, text()) }, "x: the package has this file"},
	} {
		t.Run(name, func(t *testing.T) {
			v := verified(t, repacked(t, clean, c.more), a.Key)
			if c.want == "" != v.OK || !strings.Contains(found(v), c.want) {
				t.Errorf("no %q in\n%s", c.want, found(v))
			}
		})
	}
}

// TestListed: files that would never end, or that would fill the memory, are named without being read.
func TestListed(t *testing.T) {
	a := world(t)
	clean := filepath.Join(t.TempDir(), "case")
	export(t, signed(t, a, clean))
	const huge = 1 << 40 // a file with a hole in it: reading it would take hours
	for name, c := range map[string]struct {
		do   func(t *testing.T, dir string)
		want string
	}{
		"a pipe": {func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, eventsName))
			if err := syscall.Mkfifo(filepath.Join(dir, eventsName), 0o600); err != nil {
				t.Fatal(err)
			}
		}, eventsName + ": it is no ordinary file"},
		"a device": {func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, eventsName))
			if err := os.Symlink("/dev/zero", filepath.Join(dir, eventsName)); err != nil {
				t.Fatal(err)
			}
		}, eventsName + ": it is no ordinary file"},
		"a huge file": {func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, eventsName), huge); err != nil {
				t.Fatal(err)
			}
		}, eventsName + ": it has 1099511627776 bytes"},
		"a name outside": {func(t *testing.T, dir string) {
			relist(t, dir, func(p *Package) { p.Files[0].Path = "../../../etc/passwd" })
		}, "../../../etc/passwd: it cannot be read"},
		"two names but for their case": {func(t *testing.T, dir string) {
			write(t, dir, "Events.ndjson", []byte("x"))
			relist(t, dir, func(p *Package) {
				f := File{Path: "Events.ndjson", SHA256: "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", Bytes: 1}
				p.Files = append(p.Files, f)
			})
		}, "Events.ndjson: but for upper and lower case it has the name of events.ndjson"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := verifytest.Copy(t, clean)
			c.do(t, dir)
			if v := verified(t, dir, a.Key); v.OK || !strings.Contains(found(v), c.want) {
				t.Errorf("no %q in\n%s", c.want, found(v))
			}
			if name == "a huge file" {
				return // verify.py reads it all: it trusts no size
			}
			if said, code := python(t, dir, a.Key); code != 1 || strings.Contains(said, "Traceback") {
				t.Errorf("verify.py: exit %d\n%s", code, said)
			}
		})
	}
}

// TestListed_Bomb: what is packed into a thousandth of its size is told by its size.
func TestListed_Bomb(t *testing.T) {
	a := world(t)
	clean := filepath.Join(t.TempDir(), "case")
	export(t, signed(t, a, clean))
	remove(t, filepath.Join(clean, eventsName))
	bomb := repacked(t, clean, func(z *zip.Writer) { entry(t, z, eventsName, 0o644, io.LimitReader(zeros{}, 32<<20)) })
	if v := verified(t, bomb, a.Key); v.OK || !strings.Contains(found(v), eventsName+": it has 33554432 bytes") {
		t.Errorf("not named:\n%s", found(v))
	}
	remove(t, filepath.Join(clean, listName))
	bomb = repacked(t, clean, func(z *zip.Writer) { entry(t, z, listName, 0o644, io.LimitReader(zeros{}, maxList+1)) })
	files, _, closer, _, err := Open(bomb)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	if _, err := Verify(t.Context(), files, VerifyOptions{}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%v", err)
	}
}
