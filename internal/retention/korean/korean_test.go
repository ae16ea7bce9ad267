package korean

import "testing"

// TestKorean: what classes say becomes what Korean readers write, and what has another form is left as it is.
func TestKorean(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(string) string
		in   map[string]string
	}{
		{"notices", Notice, map[string]string{"Notice 2023-6, in force 2023-09-22": "고시 제2023-6호, 2023-09-22 시행", "Notice 2025-9": "고시 제2025-9호", "": "", "Notice 2023-6 in force": "Notice 2023-6 in force", "rule 7": "rule 7"}},
		{"articles", Article, map[string]string{"8(1)": "제8조제1항", "8(1) proviso": "제8조제1항 단서", "5(3)": "제5조제3항", "22": "제22조", "10.5.1": "10.5.1", "": "", "A.8.15": "A.8.15"}},
		{"periods", Period, map[string]string{"1 year": "1년", "2 years": "2년", "12 months": "12개월", "90 days": "90일", "forever": "영구", "": "", "long": "long", "3 moons": "3 moons"}},
	} {
		for in, want := range c.in {
			if got := c.f(in); got != want {
				t.Errorf("%s: %q became %q, want %q", c.name, in, got, want)
			}
		}
	}
}
