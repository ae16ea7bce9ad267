package arena

import "testing"

func TestGet_Sizes(t *testing.T) {
	for _, tt := range []struct {
		name        string
		want, least int
		size        int
	}{
		{"smallest", 0, 0, 4 << 10},
		{"by class", 2, 0, 72 << 10},
		{"beyond the last class", 9, 0, 256 << 10},
		{"below the first", -1, 0, 4 << 10},
		{"raised to what is needed", 0, 20 << 10, 72 << 10},
		{"made to measure", 0, 300 << 10, 300 << 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := NewPool(DefaultBudget).Get(tt.want, tt.least)
			if len(c.Buf) != tt.size {
				t.Errorf("%d bytes, want %d", len(c.Buf), tt.size)
			}
		})
	}
}

func TestGet_Budget(t *testing.T) {
	p := NewPool(300 << 10)
	first := p.Get(3, 0)
	if len(first.Buf) != 256<<10 {
		t.Fatal(len(first.Buf))
	}
	if c := p.Get(3, 0); len(c.Buf) != 16<<10 {
		t.Errorf("beyond the budget: %d bytes", len(c.Buf))
	}
	if c := p.Get(3, 60<<10); len(c.Buf) != 72<<10 {
		t.Errorf("beyond the budget, but needed: %d bytes", len(c.Buf))
	}
	if p.Large() != 328<<10 {
		t.Errorf("%d bytes are out", p.Large())
	}
	first.Release()
	if p.Large() != 72<<10 {
		t.Errorf("%d bytes are out after one came back", p.Large())
	}
}
