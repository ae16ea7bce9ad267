package pack

import (
	"bytes"
	"math"
	"testing"
)

// TestWriter_bytes holds the form: it is on disks.
func TestWriter_bytes(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(e *Writer)
		want  []byte
	}{
		{"int", func(e *Writer) { e.Int(5) }, []byte{10}},
		{"negative int", func(e *Writer) { e.Int(-5) }, []byte{9}},
		{"count", func(e *Writer) { e.Count(300) }, []byte{0xac, 2}},
		{"byte", func(e *Writer) { e.Byte(255) }, []byte{255}},
		{"text", func(e *Writer) { e.Text("kim") }, []byte("\x03kim")},
		{"empty text", func(e *Writer) { e.Text("") }, []byte{0}},
		{"word", func(e *Writer) { e.Word(1) }, []byte{1, 0, 0, 0, 0, 0, 0, 0}},
		{"yes", func(e *Writer) { e.Flag(true) }, []byte{1}},
		{"no", func(e *Writer) { e.Flag(false) }, []byte{0}},
		{"float", func(e *Writer) { e.Float(1) }, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := Writer{B: []byte("x")}
			if c.write(&e); !bytes.Equal(e.B[1:], c.want) || e.B[0] != 'x' {
				t.Errorf("%x, want %x after x", e.B, c.want)
			}
		})
	}
}

func TestReader_readsWhatWasWritten(t *testing.T) {
	var e Writer
	ints := []int64{0, 1, -1, 63, -64, 64, math.MaxInt64, math.MinInt64}
	floats := []float64{0, 1.5, -2e300, math.SmallestNonzeroFloat64}
	texts := []string{"", "kim", "\x00\xff", string(make([]byte, 300))}
	for _, n := range ints {
		e.Int(n)
	}
	for _, f := range floats {
		e.Float(f)
	}
	for _, s := range texts {
		e.Text(s)
	}
	e.Flag(true)
	e.Word(math.MaxUint64)
	d := NewReader(e.B)
	for _, want := range ints {
		if got := d.Int(); got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
	for _, want := range floats {
		if got := d.Float(); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	for _, want := range texts {
		if got := d.Text(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if !d.Flag() || d.Word() != math.MaxUint64 || d.Left() != 0 || d.Failed {
		t.Errorf("%d bytes are left, failed %v", d.Left(), d.Failed)
	}
}

func TestReader_refuses(t *testing.T) {
	nan := binaryFloat(math.NaN())
	for _, c := range []struct {
		name string
		in   []byte
		read func(d *Reader) any
	}{
		{"nothing", nil, func(d *Reader) any { return d.Int() }},
		{"a number cut short", []byte{0x80}, func(d *Reader) any { return d.Int() }},
		{"a number that could be shorter", []byte{0x81, 0}, func(d *Reader) any { return d.Int() }},
		{"a number of more than 64 bits", bytes.Repeat([]byte{0xff}, 11), func(d *Reader) any { return d.Int() }},
		{"more than most", []byte{8}, func(d *Reader) any { return d.Number(7) }},
		{"more items than bytes", []byte{3, 0, 0, 0, 0, 0}, func(d *Reader) any { return d.Count(2) }},
		{"a byte above most", []byte{4}, func(d *Reader) any { return d.Byte(3) }},
		{"no byte", nil, func(d *Reader) any { return d.Byte(255) }},
		{"neither yes nor no", []byte{2}, func(d *Reader) any { return d.Flag() }},
		{"a short word", make([]byte, 7), func(d *Reader) any { return d.Word() }},
		{"no number", nan, func(d *Reader) any { return d.Float() }},
		{"endless", binaryFloat(math.Inf(-1)), func(d *Reader) any { return d.Float() }},
		{"a text cut short", []byte("\x04kim"), func(d *Reader) any { return d.Text() }},
		{"more bytes than there are", []byte{1, 2}, func(d *Reader) any { return len(d.Take(3)) }},
		{"fewer bytes than none", []byte{1, 2}, func(d *Reader) any { return len(d.Take(-1)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := NewReader(c.in)
			switch got := c.read(d); {
			case !d.Failed || d.Left() != 0:
				t.Errorf("it is taken as %v, and %d bytes are left", got, d.Left())
			case got != any(int64(0)) && got != any(0) && got != any(uint8(0)) && got != any(uint64(0)) && got != any(false) && got != any(0.0) && got != any(""):
				t.Errorf("it reads as %v", got)
			}
			// After a mistake there is nothing.
			if d.Int() != 0 || d.Text() != "" || d.Count(1) != 0 || !d.Failed {
				t.Error("something follows a mistake")
			}
		})
	}
}

func binaryFloat(f float64) []byte {
	var e Writer
	e.Float(f)
	return e.B
}

func TestReader_Take(t *testing.T) {
	d := NewReader([]byte("kimberley"))
	if a, b := string(d.Take(3)), string(d.Take(0)); a != "kim" || b != "" || d.Left() != 6 {
		t.Errorf("%q %q, %d are left", a, b, d.Left())
	}
	if string(d.Take(6)) != "berley" || d.Left() != 0 || d.Failed {
		t.Errorf("%d are left, failed %v", d.Left(), d.Failed)
	}
}

// A text outlives the bytes that it was read from.
func TestReader_Text_copies(t *testing.T) {
	in := []byte("\x03kim")
	s := NewReader(in).Text()
	if in[1] = 'x'; s != "kim" {
		t.Errorf("%q", s)
	}
}

// FuzzReader holds that what is taken is what a Writer writes: written again it is the same bytes.
func FuzzReader(f *testing.F) {
	f.Add([]byte("\x0a\x01\x03kim\x00"), []byte("itf"))
	f.Add([]byte{0x80, 0}, []byte("i"))
	f.Add(bytes.Repeat([]byte{0xff}, 20), []byte("iwx"))
	f.Fuzz(func(t *testing.T, in, forms []byte) {
		d := NewReader(in)
		var e Writer
		for _, form := range forms {
			before := len(in) - d.Left()
			switch form % 7 {
			case 0:
				e.Int(d.Int())
			case 1:
				e.Count(d.Number(math.MaxInt))
			case 2:
				e.Byte(d.Byte(200))
			case 3:
				e.Text(d.Text())
			case 4:
				e.Word(d.Word())
			case 5:
				e.Flag(d.Flag())
			default:
				e.Float(d.Float())
			}
			if d.Failed {
				return
			}
			if at := len(in) - d.Left(); !bytes.Equal(e.B, in[:at]) {
				t.Fatalf("bytes %x at %d are written again as %x", in[before:at], before, e.B)
			}
		}
	})
}
