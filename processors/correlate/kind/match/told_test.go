package match

import "testing"

func TestTold(t *testing.T) {
	var d Told
	for i := range maxTold + 100 {
		if !d.Note(event(i, int64(i/7), "")) || d.Note(event(i, int64(i/7), "")) {
			t.Fatalf("%d is told wrongly", i)
		}
	}
	if len(d.by) > maxTold || d.Note(event(maxTold, maxTold/7, "")) || !d.Note(event(1, 0, "")) {
		t.Errorf("%d are told", len(d.by))
	}
	other := *event(maxTold, maxTold/7, "")
	if other.Step = 1; !d.Note(&other) {
		t.Error("another step is another match")
	}
	if d.Drop(maxTold); len(d.by) != 0 || d.top != nil || d.Bytes() > 16*maxTold {
		t.Errorf("%d are left", len(d.by))
	}
}

func TestTold_scenes(t *testing.T) {
	type hit struct {
		id   int
		at   int64
		want bool
	}
	for _, c := range []struct {
		name string
		in   []hit
	}{
		{"in order", []hit{{1, 1, true}, {2, 1, true}, {3, 2, true}}},
		{"again at once", []hit{{1, 1, true}, {1, 1, false}}},
		{"again after others", []hit{{1, 1, true}, {2, 2, true}, {1, 1, false}, {2, 2, false}}},
		{"late, and again", []hit{{5, 9, true}, {1, 1, true}, {1, 1, false}, {5, 9, false}}},
		{"of one time, out of order", []hit{{5, 1, true}, {1, 1, true}, {5, 1, false}, {1, 1, false}}},
		{"one id at two times", []hit{{1, 1, true}, {1, 2, true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d Told
			for i, x := range c.in {
				if got := d.Note(event(x.id, x.at, "")); got != x.want {
					t.Errorf("%d: %d at %d is new: %v", i, x.id, x.at, got)
				}
			}
		})
	}
}

// What is dropped is forgotten, but not before it is half of all: dropping costs as much as is kept.
func TestTold_Drop(t *testing.T) {
	var d Told
	for i := range 1000 {
		d.Note(event(i, int64(i), ""))
	}
	if d.Drop(100); len(d.by) != 1000 {
		t.Errorf("%d are left of a drop that was not worth it", len(d.by))
	}
	if d.Drop(900); len(d.by) != 100 || d.Note(event(950, 950, "")) || !d.Note(event(5, 5, "")) {
		t.Errorf("%d are left", len(d.by))
	}
	if d.Bytes() > 16*1000 {
		t.Errorf("%d bytes", d.Bytes())
	}
}
