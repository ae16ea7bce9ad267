package keep

import (
	"maps"
	"slices"
	"testing"
)

func TestEncoder_RoundTrip(t *testing.T) {
	var e Encoder
	table := map[string]string{"k": "v", "": "김"}
	e.Int(-1 << 62)
	e.Count(7)
	e.Text("x\x00y")
	e.Flag(true)
	e.Flag(false)
	e.Texts([]string{"", "z"})
	e.Table(table)
	e.Bytes([]byte("raw"))
	e.Table(nil)
	d := Decoder{B: e.B}
	if d.Int() != -1<<62 || d.Number() != 7 || d.Text() != "x\x00y" || !d.Flag() || d.Flag() || !slices.Equal(d.Texts(), []string{"", "z"}) {
		t.Fatal("numbers and texts")
	}
	if got := d.Table(); !maps.Equal(got, table) {
		t.Errorf("%v", got)
	}
	if string(d.Bytes()) != "raw" || d.Table() != nil || d.Failed || len(d.B) > 0 {
		t.Errorf("failed %v, %d bytes left", d.Failed, len(d.B))
	}
}

// A map is written in the order of its keys, whatever order it gives them in.
func TestEncoder_TableOrder(t *testing.T) {
	m := map[string]string{}
	for _, k := range []string{"d", "a", "c", "b", "e"} {
		m[k] = k
	}
	var first, second Encoder
	first.Table(m)
	second.Table(maps.Clone(m))
	if string(first.B) != string(second.B) {
		t.Error("equal maps are other bytes")
	}
}

func TestDecoder_Failure(t *testing.T) {
	for name, c := range map[string]struct {
		in   []byte
		read func(d *Decoder)
	}{
		"empty number":                  {nil, func(d *Decoder) { d.Int() }},
		"endless number":                {[]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, func(d *Decoder) { d.Number() }},
		"number that no count is":       {[]byte{255, 255, 255, 255, 255, 255, 255, 1}, func(d *Decoder) { d.Number() }},
		"text longer than what is left": {[]byte{200, 1, 'a'}, func(d *Decoder) { d.Text() }},
		"more items than bytes":         {[]byte{100}, func(d *Decoder) { d.Count() }},
		"flag of no value":              {[]byte{2}, func(d *Decoder) { d.Flag() }},
		"below what it may be":          {[]byte{1}, func(d *Decoder) { d.Between(0, 5) }},
		"above what it may be":          {[]byte{12}, func(d *Decoder) { d.Between(0, 5) }},
		"a list that is cut":            {[]byte{2, 1, 'a'}, func(d *Decoder) { d.Texts() }},
		"a map that is cut":             {[]byte{2, 1, 'a', 0}, func(d *Decoder) { d.Table() }},
	} {
		t.Run(name, func(t *testing.T) {
			d := Decoder{B: c.in}
			c.read(&d)
			if !d.Failed {
				t.Error("taken")
			}
			if d.Int() != 0 || d.Text() != "" || d.Count() != 0 || !d.Failed {
				t.Error("it reads on after a mistake")
			}
		})
	}
}

// What is read as a text outlives the bytes that it was read from; bytes do not.
func TestDecoder_Copies(t *testing.T) {
	var e Encoder
	e.Text("abc")
	e.Bytes([]byte("def"))
	d := Decoder{B: e.B}
	text, raw := d.Text(), d.Bytes()
	clear(e.B)
	if text != "abc" || string(raw) == "def" {
		t.Errorf("%q %q", text, raw)
	}
}
