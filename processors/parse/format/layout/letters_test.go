package layout

import (
	"slices"
	"strings"
	"testing"
)

func TestCompileRefuses(t *testing.T) {
	for _, c := range []struct{ name, layout, want string }{
		{"a name that is none", "ISO", `reading the layout "ISO": column 1: the letter I means nothing here`},
		{"a word without quotes", "yyyy T HH", "column 6: the letter T means nothing here; text stands in 'quotes'"},
		{"open quote", "yyyy 'T", "column 6: a quote without its end"},
		{"open part", "yyyy[ HH", "column 5: [ without its ]"},
		{"closed part", "yyyy] HH", "column 5: ] without its ["},
		{"nothing", "", "the layout is empty"},
		{"too many ways", "yyyy" + strings.Repeat("[ HH]", 5), "more than 16 ways"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Compile([]string{c.layout})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestExpand(t *testing.T) {
	for _, c := range []struct {
		layout string
		want   []string
	}{
		{"yyyy", []string{"yyyy"}},
		{"y[ M[ d]]", []string{"y M d", "y M", "y"}},
		{"y[ M][ d]", []string{"y M d", "y M", "y d", "y"}},
		{"y'[x]'", []string{"y'[x]'"}},
	} {
		got, err := expand(c.layout)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", c.layout, got, err, c.want)
		}
	}
}

func TestWidths(t *testing.T) {
	p, err := compile("yyyyMMdd H:m:ss.SSS yy")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]int{"y4": {4, 4}, "M2": {2, 2}, "d2": {2, 2}, "H1": {1, 2}, "m1": {1, 2}, "s2": {1, 2}, "S3": {1, 9}, "y2": {2, 2}}
	for _, o := range p {
		if o.letter == 0 {
			continue
		}
		key := string(o.letter) + string(rune('0'+o.count))
		if w := want[key]; w != [2]int{o.min, o.max} {
			t.Errorf("%s reads %d to %d digits, want %v", key, o.min, o.max, w)
		}
	}
}
