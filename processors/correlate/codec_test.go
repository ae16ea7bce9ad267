package correlate

import (
	"maps"
	"slices"
	"testing"
)

func TestCodec_roundTrip(t *testing.T) {
	var e encoder
	list := []*match{{t: -5, src: "t/0/1/0", id: "a", values: map[string]string{"k": "v", "": "김"}}, {t: 9, cond: 1, used: true, hit: true}}
	e.int(-1 << 62)
	e.count(7)
	e.text("x\x00y")
	e.flag(true)
	e.texts([]string{"", "z"})
	e.matches(list)
	d := decoder{b: e.b, known: map[string]string{}}
	if d.int() != -1<<62 || d.number() != 7 || d.text() != "x\x00y" || !d.flag() || !slices.Equal(d.texts(), []string{"", "z"}) {
		t.Fatal("numbers and texts")
	}
	got := d.matches(2)
	if d.failed || len(d.b) != 0 || len(got) != 2 {
		t.Fatalf("failed %v, %d bytes left, %d matches", d.failed, len(d.b), len(got))
	}
	for i, m := range got {
		w := list[i]
		if compare(m, w) != 0 || m.cond != w.cond || m.used != w.used || m.hit != w.hit || !maps.Equal(m.values, w.values) {
			t.Errorf("%+v became %+v", w, m)
		}
	}
}

func TestDecoder_Failure(t *testing.T) {
	unordered, twoConds := encoder{}, encoder{}
	unordered.matches([]*match{{t: 2}, {t: 1}})
	twoConds.matches([]*match{{t: 1, cond: 2}})
	cases := []struct {
		name string
		in   []byte
		read func(d *decoder)
	}{
		{"empty number", nil, func(d *decoder) { d.int() }},
		{"endless number", []byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, func(d *decoder) { d.number() }},
		{"text longer than what is left", []byte{200, 1, 'a'}, func(d *decoder) { d.text() }},
		{"more items than bytes", []byte{100}, func(d *decoder) { d.count() }},
		{"flag of no value", []byte{2}, func(d *decoder) { d.flag() }},
		{"time out of bounds", (&encoder{}).with(farthest + 1), func(d *decoder) { d.time() }},
		{"matches out of order", unordered.b, func(d *decoder) { d.matches(3) }},
		{"condition that is not there", twoConds.b, func(d *decoder) { d.matches(2) }},
	}
	for _, c := range cases {
		d := decoder{b: c.in}
		c.read(&d)
		if !d.failed {
			t.Errorf("%s: taken", c.name)
		}
		if d.int() != 0 || d.text() != "" || d.matches(1) != nil || !d.failed {
			t.Errorf("%s: it reads on after a mistake", c.name)
		}
	}
}

func (e *encoder) with(n int64) []byte {
	e.int(n)
	return e.b
}
