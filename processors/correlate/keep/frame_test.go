package keep

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func snapshot(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		if err := w.Frame([]byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Size() != int64(b.Len()) {
		t.Errorf("%d bytes were written, it says %d", b.Len(), w.Size())
	}
	return b.Bytes()
}

func readAll(in io.Reader) (parts []string, err error) {
	r, err := NewReader(in)
	if err != nil {
		return nil, err
	}
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return parts, err
		}
		parts = append(parts, string(p))
	}
}

func TestFrames_RoundTrip(t *testing.T) {
	for _, parts := range [][]string{nil, {"a"}, {"a", "", "b"}, {strings.Repeat("x", 3<<20), "end"}} {
		want := slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return p == "" }) // none are no frame
		for name, in := range map[string]io.Reader{
			"whole":                      bytes.NewReader(snapshot(t, parts...)),
			"a byte at a time":           iotest.OneByteReader(bytes.NewReader(snapshot(t, parts...))),
			"with its end and the error": iotest.DataErrReader(bytes.NewReader(snapshot(t, parts...))),
		} {
			if got, err := readAll(in); err != nil || !slices.Equal(got, want) {
				t.Errorf("%d parts, %s: %d, %v", len(parts), name, len(got), err)
			}
		}
	}
	r, err := NewReader(bytes.NewReader(snapshot(t, "a")))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{nil, io.EOF, io.EOF} {
		if _, err := r.Next(); !errors.Is(err, want) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

func TestReader_Failure(t *testing.T) {
	good := snapshot(t, "first", "second", "third")
	at := func(text string) int { return bytes.Index(good, []byte(text)) }
	cut := func(from, to int) []byte { return slices.Delete(bytes.Clone(good), from, to) }
	changed := func(i int) []byte {
		b := bytes.Clone(good)
		b[i] ^= 1
		return b
	}
	old := bytes.Clone(good)
	old[len(magic)] = 1
	for name, c := range map[string]struct {
		in  []byte
		is  error
		why string
	}{
		"empty":                  {nil, ErrBroken, "cut off"},
		"something else":         {[]byte("weir archive manifest, quite another file"), ErrBroken, "does not begin"},
		"the form before":        {old, ErrVersion, "its form is 1"},
		"cut in a head":          {good[:len(good)-1], ErrBroken, "cut off"},
		"cut in a part":          {good[:at("second")+3], ErrBroken, "cut off"},
		"cut between parts":      {good[:at("second")-headLen], ErrBroken, "cut off"},
		"changed":                {changed(at("second")), ErrBroken, "checksum"},
		"a length that cannot":   {changed(at("second") - headLen + 3), ErrBroken, ""},
		"a part is left out":     {cut(at("second")-headLen, at("third")-headLen), ErrBroken, "checksum"},
		"something behind it":    {append(bytes.Clone(good), 0), ErrBroken, "follows its end"},
		"a part is there twice":  {slices.Insert(bytes.Clone(good), at("third")-headLen, good[at("second")-headLen:at("third")-headLen]...), ErrBroken, "checksum"},
		"an end before its end":  {append(bytes.Clone(good[:at("third")-headLen]), good[len(good)-headLen:]...), ErrBroken, "checksum"},
		"two of one, end to end": {append(bytes.Clone(good), good...), ErrBroken, "follows its end"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readAll(bytes.NewReader(c.in)); !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("error %v, want one about %q", err, c.why)
			}
		})
	}
	disk := errors.New("disk")
	if _, err := readAll(io.MultiReader(bytes.NewReader(good[:at("second")]), iotest.ErrReader(disk))); !errors.Is(err, disk) || errors.Is(err, ErrBroken) {
		t.Errorf("a disk that fails is a broken snapshot: %v", err)
	}
}

// full writes so many bytes, then fails.
type full int

func (f *full) Write(b []byte) (int, error) {
	if *f -= full(len(b)); *f < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestWriter_Failure(t *testing.T) {
	size := len(snapshot(t, "first"))
	for room := range size {
		f := full(room)
		w, err := NewWriter(&f)
		if err == nil {
			err = w.Frame([]byte("first"))
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}

// Whatever is read, it is either what a writer wrote or an error.
func FuzzReader(f *testing.F) {
	f.Add(snapshot(f, "first", "second"))
	f.Add(snapshot(f))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, in []byte) {
		parts, err := readAll(bytes.NewReader(in))
		if err == nil && !bytes.Equal(snapshot(t, parts...), in) {
			t.Fatalf("%d parts are written as other bytes", len(parts))
		}
	})
}

func BenchmarkFrames(b *testing.B) {
	part := bytes.Repeat([]byte("x"), 64<<10)
	var out bytes.Buffer
	b.SetBytes(int64(len(part)))
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		w, err := NewWriter(&out)
		if err == nil {
			err = w.Frame(part)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
