package match

import (
	"math/rand/v2"
	"regexp"
	"testing"
	"unicode/utf8"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/naive"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// list is what random trees look into.
var propertyLists = Lists{"list": NewList("root", "cmd", "5", "10.0.0.0/8", "2001:db8::/32", "김")}

// oracle evaluates a tree the naive way. Parts that are source have another oracle: TestNaive.
func oracle(t testing.TB) naive.Env {
	return naive.Env{
		InList: func(name, value string) bool { return propertyLists[name].Has(value) },
		Code: func(src string, e *event.Event) bool {
			c, err := Compiler{Lists: propertyLists}.Compile(src)
			if err != nil {
				t.Fatalf("%s: %v", src, err)
			}
			return c.Match(e)
		},
	}
}

// sameEverywhere holds one tree against all the ways to say it, on some events. It returns how often it held.
func sameEverywhere(t testing.TB, n *tree.Node, events []*event.Event) (held int) {
	t.Helper()
	compiler := Compiler{Lists: propertyLists}
	made, err := compiler.CompileTree(n)
	if err != nil {
		t.Fatalf("%.500s: %v", n, err)
	}
	src := n.String()
	read, err := compiler.Compile(src)
	if err != nil {
		t.Fatalf("%.500s: %v", src, err)
	}
	if !read.Tree().Equal(made.Tree()) || read.Tree().String() != made.Tree().String() {
		t.Fatalf("printed %.1000s\nread as %.1000s\nmade as %.1000s", src, read.Tree(), made.Tree())
	}
	if flat := n.Flat(); !flat.Equal(flat.Flat()) {
		t.Fatalf("%s is flat in two ways: %s, %s", n, flat, flat.Flat())
	}
	var v fold.View
	for _, e := range events {
		want := oracle(t).Holds(n, e)
		v.Reset(e)
		if a, b, c := made.Holds(&v), read.Holds(&v), made.Match(e); a != want || b != want || c != want {
			t.Fatalf("%.1000s\non %s\nnaively %v; from the tree %v, %v; from the text %v", src, e.AppendJSON(nil), want, a, c, b)
		}
		if misses, of := made.Explain(e); (len(misses) == 0) != want || len(misses) > of {
			t.Fatalf("%s on %s: %v, explained by %v of %d", src, e.AppendJSON(nil), want, misses, of)
		}
		if want {
			held++
		}
	}
	return held
}

// TestTreesMeanOneThing is the property that all else rests on: a tree, its printed form read again, and the naive
// meaning of it hold for the same events.
func TestTreesMeanOneThing(t *testing.T) {
	t.Parallel()
	r := naive.Random{R: rand.New(rand.NewPCG(11, 12))}
	events := make([]*event.Event, 40)
	for i := range events {
		events[i] = r.Event()
	}
	held, tried := 0, 0
	for range 3000 {
		n := r.Tree(r.R.IntN(4))
		held, tried = held+sameEverywhere(t, n, events), tried+len(events)
	}
	if held < tried/10 || held > tried*9/10 {
		t.Errorf("%d of %d held: the test says little", held, tried)
	}
}

// FuzzTrees is the same property with values of the fuzzer's: they are constants of the tree and values of the event.
func FuzzTrees(f *testing.F) {
	f.Add(uint64(1), "root", `C:\Windows\cmd.exe`)
	f.Add(uint64(2), "\u212a\xff", "(?i)k|ß")
	f.Add(uint64(3), "*?\\", "-1.5e3")
	f.Add(uint64(4), "2026-11-21T07:50:08+09:00", "2026-11-20T22:50:08Z")
	f.Add(uint64(5), "a\r\n\"`'", "\x00\u202e")
	f.Fuzz(func(t *testing.T, seed uint64, a, b string) {
		if len(a)+len(b) > 200 {
			return
		}
		r := naive.Random{R: rand.New(rand.NewPCG(seed, 1))}
		n := r.Tree(3)
		n.Walk(func(k *tree.Node) bool {
			if k.Op != tree.Leaf || len(k.Test.Values) == 0 {
				return true
			}
			i := r.R.IntN(len(k.Test.Values))
			switch _, err := regexp.Compile(a); {
			case k.Test.Kind >= kind.Equal && k.Test.Kind <= kind.Glob && k.Test.Form == form.Plain:
				k.Test.Values[i] = []string{a, b}[r.R.IntN(2)]
			case k.Test.Kind == kind.Regex && err == nil && utf8.ValidString(a):
				k.Test.Values[i] = a
			}
			return true
		})
		var events []*event.Event
		for _, s := range []string{a, b, a + b, "x" + a, b + "x"} {
			e := r.Event()
			for _, field := range []string{"user.name", "process.command_line", "message", "labels.x"} {
				e.SetPath(field, event.Str(s))
			}
			events = append(events, e)
		}
		sameEverywhere(t, n, events)
	})
}
