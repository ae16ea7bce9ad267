package expression

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/event"
)

// words makes random texts of few letters, so that they meet each other often.
func words(r *rand.Rand, n int) string {
	const letters = "aAbB01_.-/\\ :äß"
	out := make([]rune, r.IntN(n+1))
	for i := range out {
		out[i] = []rune(letters)[r.IntN(len([]rune(letters)))]
	}
	return string(out)
}

// TestProperties_Lists holds what the functions of lists owe one another.
func TestProperties_Lists(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		var items []event.Value
		for range r.IntN(6) {
			items = append(items, event.Str("x"+strings.TrimSpace(words(r, 3))))
		}
		list := event.Items(items...)
		joined, _ := over(t, `join(_a, "|")`, list, event.Value{})
		if parts, _ := over(t, `split(join(_a, "|"), "|")`, list, event.Value{}); parts.Len() != len(items) && len(items) > 0 {
			t.Fatalf("%s joined is %s, and apart again %s", spell(list), spell(joined), spell(parts))
		}
		twice, _ := over(t, `concat(_a, _a)`, list, event.Value{})
		if twice.Len() != 2*len(items) {
			t.Fatalf("%s twice has %d items", spell(list), twice.Len())
		}
		a, _ := over(t, `unique(_a)`, list, event.Value{})
		b, _ := over(t, `unique(concat(_a, _a))`, list, event.Value{})
		if spell(a) != spell(b) {
			t.Fatalf("unique of %s is %s, of it twice %s", spell(list), spell(a), spell(b))
		}
		for i := range a.Len() {
			if _, in := over(t, `_a in _b`, a.Item(i), list); !in {
				t.Fatalf("%s is unique in %s and not in it", spell(a.Item(i)), spell(list))
			}
		}
		all, _ := over(t, `filter(_a, true)`, list, event.Value{})
		same, _ := over(t, `map(_a, #)`, list, event.Value{})
		none, _ := over(t, `filter(_a, false)`, list, event.Value{})
		if spell(all) != spell(same) || none.Kind() != event.Absent {
			t.Fatalf("all of %s: %s and %s, none: %s", spell(list), spell(all), spell(same), spell(none))
		}
		n, _ := over(t, `count(_a, true)`, list, event.Value{})
		m, _ := over(t, `len(_a)`, list, event.Value{})
		if n.Int() != m.Int() {
			t.Fatalf("%s has %d and %d items", spell(list), n.Int(), m.Int())
		}
		_, some := over(t, `any(_a, # == "x")`, list, event.Value{})
		_, no := over(t, `none(_a, # == "x")`, list, event.Value{})
		_, not := over(t, `all(_a, # != "x")`, list, event.Value{})
		if some == no || no != not {
			t.Fatalf("x in %s: any %v, none %v, all others %v", spell(list), some, no, not)
		}
	}
}

// TestProperties_Texts holds what the functions of texts owe one another and Go's.
func TestProperties_Texts(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		s, sub := words(r, 8), words(r, 2)
		a, b := event.Str(s), event.Str(sub)
		for src, want := range map[string]bool{
			`_a contains _b`:             strings.Contains(s, sub),
			`_a startsWith _b`:           strings.HasPrefix(s, sub),
			`_a endsWith _b`:             strings.HasSuffix(s, sub),
			`ieq(_a, _b)`:                strings.EqualFold(s, sub),
			`lower(_a) == lower(_b)`:     strings.ToLower(s) == strings.ToLower(sub), //nolint:staticcheck // folding is something else
			`_a + _b == _a`:              false,
			`len(_a) < len(_b)`:          len([]rune(s)) < len([]rune(sub)),
			`_a in [_b, "x"]`:            s == sub && s != "",
			`_a == _b and _a != _b`:      false,
			`upper(lower(_a)) == _a`:     strings.ToUpper(strings.ToLower(s)) == s,
			`unhex(hex(_a)) == _a`:       true,
			`unbase64(base64(_a)) == _a`: true,
		} {
			if _, got := over(t, src, a, b); got != want {
				t.Fatalf("%q, %q: %s is %v", s, sub, src, got)
			}
		}
		if sub != "" {
			if got, _ := over(t, `replace(_a, _b, "Z")`, a, b); got.Str() != strings.ReplaceAll(s, sub, "Z") {
				t.Fatalf("%q without %q: %s", s, sub, spell(got))
			}
		}
		for i := range 4 {
			for j := range 5 {
				want := ""
				if runes := []rune(s); i < j && i < len(runes) {
					want = string(runes[i:min(j, len(runes))])
				}
				if got, _ := over(t, fmt.Sprintf(`_a[%d:%d]`, i, j), a, b); got.Str() != want {
					t.Fatalf("%q[%d:%d]: %q, want %q", s, i, j, got.Str(), want)
				}
			}
		}
	}
}

// TestProperties_Numbers holds reading and writing of numbers in several ways against one another.
func TestProperties_Numbers(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 1000 {
		n := int64(r.Uint64()) >> r.IntN(64)
		v := event.Num(n)
		for src, want := range map[string]int64{
			`int(string(_a))`: n, `_a + 0`: n, `_a - 0`: n, `_a * 1`: n, `_a / 1`: n, `+_a`: n, `_a % 1`: 0, `int(_a)`: n,
		} {
			if got, _ := over(t, src, v, v); got.Kind() != event.Int || got.Int() != want {
				t.Fatalf("%d: %s is %s", n, src, spell(got))
			}
		}
		if n >= 0 {
			if got, _ := over(t, `int(hex(_a), 16)`, v, v); got.Int() != n {
				t.Fatalf("%d: hex and back: %s", n, spell(got))
			}
			small := event.Num(n % 100_000)
			clock := fmt.Sprintf("%d:%02d:%02d", small.Int()/3600, small.Int()/60%60, small.Int()%60)
			if got, _ := over(t, `duration(_a)`, event.Str(clock), v); got.Int() != small.Int() {
				t.Fatalf("%s: %s", clock, spell(got))
			}
			if got, _ := over(t, `seconds(_a) - millis(_a) * 1000`, small, v); got.Int() != 0 {
				t.Fatalf("%d seconds and milliseconds differ by %s", small.Int(), spell(got))
			}
			at := time.Unix(n%4_000_000_000, 0).UTC()
			if got, _ := over(t, `date(_a, "UNIX")`, event.Str(strconv.FormatInt(at.Unix(), 10)), v); !got.Time().Equal(at) {
				t.Fatalf("%s: %s", at, spell(got))
			}
			if got, _ := over(t, `date(_a) - date(_b)`, event.Str(at.Add(time.Second).Format(time.RFC3339)), event.Str(at.Format(time.RFC3339))); got.Int() != int64(time.Second) {
				t.Fatalf("%s and a second later differ by %s", at, spell(got))
			}
		}
	}
}

// TestProperties_Addresses holds addresses and networks against Go's.
func TestProperties_Addresses(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 500 {
		var raw [16]byte
		for i := range raw {
			raw[i] = byte(r.Uint32())
		}
		addr := netip.AddrFrom4([4]byte(raw[:4]))
		if r.IntN(2) == 0 {
			addr = netip.AddrFrom16(raw)
		}
		bits := r.IntN(addr.BitLen() + 1)
		net := netip.PrefixFrom(addr, bits).Masked()
		for i := r.IntN(3); i > 0; i-- {
			raw[r.IntN(16)]++
		}
		other := netip.AddrFrom4([4]byte(raw[:4]))
		if addr.Is6() {
			other = netip.AddrFrom16(raw)
		}
		if _, got := over(t, fmt.Sprintf(`cidr(_a, %q)`, net), event.Str(other.String()), event.Value{}); got != net.Contains(other) {
			t.Fatalf("%s in %s: %v", other, net, got)
		}
		if got, _ := over(t, `ip(_a)`, event.Str(addr.StringExpanded()), event.Value{}); got.Str() != addr.String() {
			t.Fatalf("%s: %s", addr.StringExpanded(), spell(got))
		}
		peer := netip.AddrPortFrom(addr, uint16(r.Uint32())).String()
		host, _ := over(t, `host_of(_a)`, event.Str(peer), event.Value{})
		port, _ := over(t, `port_of(_a)`, event.Str(peer), event.Value{})
		if host.Str() != addr.String() || netip.AddrPortFrom(addr, uint16(port.Int())).String() != peer {
			t.Fatalf("%s: %s and %s", peer, spell(host), spell(port))
		}
	}
}

// TestArguments holds that each function says so when it is called with too few or too many arguments.
func TestArguments(t *testing.T) {
	resolve := func(string) (int, error) { return 0, nil }
	for name, fn := range functions {
		for n := range 8 {
			args := slices.Repeat([]string{`"1"`}, n)
			_, err := Compile(name+"("+strings.Join(args, ", ")+")", resolve)
			fits := n >= fn.least && (fn.most < 0 || n <= fn.most)
			counted := err != nil && (strings.Contains(err.Error(), "arguments") || strings.Contains(err.Error(), "expected at least") || strings.Contains(err.Error(), "did not expect"))
			if !fits && err == nil || fits && counted {
				t.Errorf("%s with %d arguments: %v", name, n, err)
			}
		}
	}
	for name := range loopTable {
		for _, src := range []string{name + `()`, name + `(_a)`, name + `(_a, true, true)`} {
			if _, err := Compile(src, resolve); err == nil {
				t.Errorf("%s compiles", src)
			}
		}
	}
}

// TestManyGoroutines holds that a program has no state: many evaluate it at once, each over values of its own.
func TestManyGoroutines(t *testing.T) {
	var names []string
	p, err := Compile(`first(filter(split(_a, ","), # startsWith "x" and _b > 3)) ?? (lower(_a) + string(_b * 2))`, func(path string) (int, error) {
		names = append(names, path)
		return len(names) - 1, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				env := make(slots, len(names))
				for k, n := range names {
					env[k] = event.Str(fmt.Sprintf("A,x%d-%d", g, i))
					if n == "_b" {
						env[k] = event.Num(int64(i))
					}
				}
				want := fmt.Sprintf("x%d-%d", g, i)
				if i <= 3 {
					want = fmt.Sprintf("a,x%d-%d%d", g, i, 2*i)
				}
				if got := p.Eval(env).Str(); got != want {
					t.Errorf("%s, want %s", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}
