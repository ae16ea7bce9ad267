package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/naive"
	"weir/internal/match/tree"
)

// TestSet_AsEachAlone holds a set against its conditions tried one by one, and against their naive meaning.
func TestSet_AsEachAlone(t *testing.T) {
	t.Parallel()
	r := naive.Random{R: rand.New(rand.NewPCG(21, 22))}
	var v fold.View
	held, tried, all := 0, 0, 0
	for range 60 {
		conds, trees := randomConds(t, r, 50)
		s := NewSet(conds)
		for range 30 {
			e := r.Event()
			v.Reset(e)
			var got, want, plain []int
			s.Each(&v, func(i int) { got = append(got, i) })
			s.Candidates(&v, func(int) { tried++ })
			for i, c := range conds {
				if c.Holds(&v) {
					want = append(want, i)
				}
				if oracle(t).Holds(trees[i], e) {
					plain = append(plain, i)
				}
			}
			if !slices.Equal(got, want) || !slices.Equal(got, plain) {
				t.Fatalf("the set %v, one by one %v, naively %v on %s", got, want, plain, e.AppendJSON(nil))
			}
			held, all = held+len(got), all+len(conds)
		}
	}
	if held < 10_000 || tried > all*9/10 {
		t.Errorf("%d held, %d tried of %d: the test says little", held, tried, all)
	}
}

func randomConds(t testing.TB, r naive.Random, n int) (conds []*Cond, trees []*tree.Node) {
	t.Helper()
	for range n {
		tr := r.Tree(2)
		c, err := Compiler{Lists: propertyLists}.CompileTree(tr)
		if err != nil {
			t.Fatalf("%s: %v", tr, err)
		}
		conds, trees = append(conds, c), append(trees, c.Tree())
	}
	return conds, trees
}

func TestSet(t *testing.T) {
	t.Parallel()
	var conds []*Cond
	for _, src := range []string{
		`iendswith(process.executable, "\\cmd.exe") and icontains(process.command_line, "whoami")`,
		`not icontains(process.command_line, "whoami")`,
		`icontains($env, "kelvin")`,
		`process.pid < 4712`,
		`process.name == "cmd.exe"`,
	} {
		c, err := Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		conds = append(conds, c)
	}
	s := NewSet(conds)
	if got := fmt.Sprint(s.Len(), s.Always()); got != "5 [1]" {
		t.Error(got)
	}
	for _, tt := range []struct{ name, doc, tried, held string }{
		{"an empty event", `{}`, "[1]", "[1]"},
		{"all of it", `{"process":{"executable":"C:\\CMD.exe","command_line":"WhoAmI \u212aelvin","pid":4711,"name":"cmd.exe"}}`, "[0 1 2 3 4]", "[0 2 3 4]"},
		{"candidates that do not hold", `{"process":{"executable":"C:\\CMD.exe","command_line":"who","pid":4712,"name":"Cmd.exe"}}`, "[1 3 4]", "[1]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &event.Event{}
			if err := e.Decode([]byte(tt.doc)); err != nil {
				t.Fatal(err)
			}
			var v fold.View
			v.Reset(e)
			var tried, held []int
			s.Candidates(&v, func(i int) { tried = append(tried, i) })
			s.Each(&v, func(i int) { held = append(held, i) })
			if fmt.Sprint(tried) != tt.tried || fmt.Sprint(held) != tt.held {
				t.Errorf("tried %v, want %s; held %v, want %s", tried, tt.tried, held, tt.held)
			}
		})
	}
}

// TestSet_WithinItself: whoever is told of a match may ask the same view again.
func TestSet_WithinItself(t *testing.T) {
	t.Parallel()
	a, b := compiled(t, `icontains(message, "a")`), compiled(t, `icontains(message, "b")`)
	s := NewSet([]*Cond{a, b})
	var v fold.View
	e := &event.Event{}
	e.SetStr(event.Message, "AB")
	v.Reset(e)
	var got []string
	s.Each(&v, func(i int) {
		s.Each(&v, func(j int) { got = append(got, fmt.Sprint(i, j)) })
	})
	if fmt.Sprint(got) != "[0 0 0 1 1 0 1 1]" {
		t.Error(got)
	}
}

func compiled(t testing.TB, src string) *Cond {
	t.Helper()
	c, err := Compile(src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSet_AllocatesNothing(t *testing.T) {
	var conds []*Cond
	for i := range 200 {
		conds = append(conds, compiled(t, fmt.Sprintf(`icontains(process.command_line, "needle-%d") or iendswith(process.executable, "\\tool%d.exe") or icontains($env, "\u{e9}word%d")`, i, i, i)))
	}
	s := NewSet(conds)
	e := &event.Event{}
	if err := e.Decode([]byte(`{"process":{"command_line":"Needle-7x \u00c9tat","executable":"C:\\x\\other.exe","pid":7},"labels":{"a":"b"}}`)); err != nil {
		t.Fatal(err)
	}
	var v fold.View
	if n := testing.AllocsPerRun(100, func() {
		v.Reset(e)
		s.Each(&v, func(int) {})
	}); n != 0 {
		t.Errorf("%v allocations for an event that matches nothing but one", n)
	}
}
