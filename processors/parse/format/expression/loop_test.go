package expression

import (
	"strings"
	"testing"

	"weir/event"
)

func TestLoops(t *testing.T) {
	evals(t, `{"_l":[{"k":"a","v":1},{"k":"b","v":2}],"_one":{"k":"x"},"_n":[1,2,3],"_limit":2}`, [][2]string{
		{`any(_l, .k == "b")`, `true`},
		{`any(_l, .k == "z")`, `false`},
		{`all(_n, # > 0)`, `true`},
		{`all(_n, # > 1)`, `false`},
		{`none(_n, # > 3)`, `true`},
		{`none(_n, # > 2)`, `false`},
		{`count(_n, # >= _limit)`, `2`},
		{`filter(_n, # > 1)`, `[2,3]`},
		{`filter(_n, # > 9)`, `absent`},
		{`filter(_l, .k == "b")[0].v`, `2`},
		{`map(_l, .k)`, `["a","b"]`},
		{`map(_n, # * 2)`, `[2,4,6]`},
		{`map(_l, .none)`, `absent`},
		{`map(_one, .k + "!")`, `["x!"]`},
		{`any(_l, {.v == 2})`, `true`},
		{`filter(_n, # in map(_l, .v))`, `[1,2]`},
		{`map(_gone, #)`, `absent`},
		{`any(_gone, true)`, `false`},
		{`map(_n, any(_l, .v == 2))`, `[true,true,true]`},
	})
}

// TestGrowth holds that texts and lists cannot be made larger than allowed, whatever a sender writes.
func TestGrowth(t *testing.T) {
	big := event.Str(strings.Repeat("ab", maxText/4))
	long := make([]event.Value, maxItems)
	for i := range long {
		long[i] = event.Num(int64(i))
	}
	for _, tt := range []struct {
		src  string
		size int
	}{
		{`_s + _s`, maxText},
		{`_s + _s + _s`, 0},
		{`replace(_s, "a", "aaaa")`, 0},
		{`replace(_s, "a", "b")`, maxText / 2},
		{`join([_s, _s, _s], "")`, 0},
		{`hex(_s + "x")`, 0},
		{`base64(_s + _s)`, 0},
		{`string([_s, _s])`, 0},
		{`[_s + _s, _s + _s, _s + _s, _s + _s, _s + _s] ?? ""`, 0},
		{`len(concat(_l, _l))`, maxItems},
		{`len(split(replace(_s, "a", " ,"), ","))`, maxItems},
		{`count(_l, # >= 0)`, maxItems},
		{`len(map(_l, map(_l, #)))`, 680},
		{`len(map(_l, _s + _s))`, 3},
		{`len(map(_l, map(_l, #))[0])`, maxInner},
		{`len(map(_l, # + 1))`, maxItems},
	} {
		var names []string
		p, err := Compile(tt.src, func(path string) (int, error) { names = append(names, path); return len(names) - 1, nil })
		if err != nil {
			t.Fatal(err)
		}
		env := make(slots, len(names))
		for i, n := range names {
			env[i] = big
			if n == "_l" {
				env[i] = event.Items(long...)
			}
		}
		got := p.Eval(env)
		size := len(got.Str())
		if got.Kind() == event.Int {
			size = int(got.Int())
		}
		if size != tt.size {
			t.Errorf("%s: %d, want %d", tt.src, size, tt.size)
		}
	}
}
