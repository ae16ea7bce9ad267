package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr"

	"weir/event"
)

// The oracle is expr itself over a nested map. Its meaning is ours only where fields are there and have one value of one
// type, so the random conditions are guarded by exists and the fields of random events are typed; lists and missing
// fields have table tests.

// gen makes random conditions over a few fields, in our language and in that of the oracle.
type gen struct{ r *rand.Rand }

var (
	genTexts   = []string{"user.name", "process.name", "host.name"}
	genNumbers = []string{"event.severity", "source.port"}
	genWords   = []string{"root", "Root", "ROOT", "admin", "sshd", "ssh", "d", "", "관리자", "관리", "ſ", "K"}
)

func (g gen) pick(list []string) string { return list[g.r.IntN(len(list))] }

// cond returns the same condition twice: ours and the oracle's.
func (g gen) cond(depth int) (ours, oracle string) {
	if depth > 0 {
		a, oa := g.cond(depth - 1)
		switch g.r.IntN(4) {
		case 0:
			b, ob := g.cond(depth - 1)
			return "(" + a + " and " + b + ")", "(" + oa + " && " + ob + ")"
		case 1:
			b, ob := g.cond(depth - 1)
			return "(" + a + " or " + b + ")", "(" + oa + " || " + ob + ")"
		case 2:
			return "not (" + a + ")", "!(" + oa + ")"
		}
	}
	if g.r.IntN(3) == 0 {
		f, op, n := g.pick(genNumbers), g.pick([]string{"==", "!=", "<", "<=", ">", ">="}), g.r.IntN(4)
		if g.r.IntN(2) == 0 {
			flip := map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]
			return fmt.Sprintf("%d %s %s", n, flip, f), fmt.Sprintf("has(%q) && %s %s %d", f, f, op, n)
		}
		return fmt.Sprintf("%s %s %d", f, op, n), fmt.Sprintf("has(%q) && %s %s %d", f, f, op, n)
	}
	f, w := g.pick(genTexts), g.pick(genWords)
	has := fmt.Sprintf("has(%q) && ", f)
	switch g.r.IntN(9) {
	case 0:
		other := g.pick(genTexts)
		return f + " == " + other, has + fmt.Sprintf("has(%q) && %s == %s", other, f, other)
	case 1:
		v := g.pick(genWords)
		return fmt.Sprintf("%s in [%q, %q]", f, w, v), has + fmt.Sprintf("%s in [%q, %q]", f, w, v)
	case 2:
		return fmt.Sprintf("lower(%s) == %q", f, strings.ToLower(w)), has + fmt.Sprintf("lower(%s) == %q", f, strings.ToLower(w))
	case 3:
		n := g.r.IntN(6)
		return fmt.Sprintf("len(%s) > %d", f, n), has + fmt.Sprintf("len(%s) > %d", f, n)
	case 4:
		return fmt.Sprintf("%s matches %q", f, "^"+w+"$"), has + fmt.Sprintf("%s matches %q", f, "^"+w+"$")
	case 5:
		return fmt.Sprintf("not exists(%s)", f), fmt.Sprintf("!has(%q)", f)
	default:
		op := g.pick([]string{"==", "!=", "contains", "startsWith", "endsWith", "<", ">="})
		return fmt.Sprintf("%s %s %q", f, op, w), has + fmt.Sprintf("%s %s %q", f, op, w)
	}
}

func (g gen) event() (*event.Event, map[string]any) {
	e := &event.Event{}
	env := map[string]any{}
	has := map[string]bool{}
	for _, f := range genTexts {
		set(env, f, nil)
		if g.r.IntN(4) > 0 {
			w := g.pick(genWords)
			e.SetPath(f, event.Str(w))
			set(env, f, w)
			has[f] = true
		}
	}
	for _, f := range genNumbers {
		set(env, f, nil)
		if g.r.IntN(4) > 0 {
			n := g.r.IntN(4)
			e.SetPath(f, event.Num(int64(n)))
			set(env, f, n)
			has[f] = true
		}
	}
	env["has"] = func(f string) bool { return has[f] }
	return e, env
}

func set(env map[string]any, path string, v any) {
	parent, key, _ := strings.Cut(path, ".")
	m, ok := env[parent].(map[string]any)
	if !ok {
		m = map[string]any{}
		env[parent] = m
	}
	m[key] = v
}

// TestOracle checks that what is lowered means what expr means.
func TestOracle(t *testing.T) {
	t.Parallel()
	g := gen{rand.New(rand.NewPCG(1, 2))}
	held := 0
	for range 1500 {
		ours, oracle := g.cond(g.r.IntN(4))
		c, err := Compile(ours)
		if err != nil {
			t.Fatalf("%s: %v", ours, err)
		}
		if c.Slow() != 0 {
			t.Fatalf("%s was not lowered", ours)
		}
		program, err := expr.Compile(oracle, expr.AllowUndefinedVariables())
		if err != nil {
			t.Fatalf("oracle %s: %v", oracle, err)
		}
		for range 20 {
			e, env := g.event()
			want, err := expr.Run(program, env)
			if err != nil {
				t.Fatalf("oracle %s on %v: %v", oracle, env, err)
			}
			got := c.Match(e)
			if got != want {
				t.Fatalf("%s on %s: got %v, expr says %v", ours, e.AppendJSON(nil), got, want)
			}
			if got {
				held++
			}
			if misses, _ := c.Explain(e); (len(misses) == 0) != got {
				t.Fatalf("%s on %s holds: %v, but Explain says %v", ours, e.AppendJSON(nil), got, misses)
			}
			checkNeeds(t, c, e, got)
		}
	}
	if held < 1000 {
		t.Fatalf("only %d of the random conditions held: the test says little", held)
	}
}

// checkNeeds checks that an event on which a condition holds has one of the values that it is said to need.
func checkNeeds(t *testing.T, c *Cond, e *event.Event, held bool) {
	t.Helper()
	for _, f := range genTexts {
		if v, ok := c.Needs(f); ok && held && !slices.Contains(v, e.GetPath(f).Str()) {
			t.Fatalf("holds with %s = %q, but is said to need one of %q", f, e.GetPath(f).Str(), v)
		}
	}
}

// TestMachineAgrees checks that a comparison means the same on expr's machine as lowered, for single values.
func TestMachineAgrees(t *testing.T) {
	t.Parallel()
	g := gen{rand.New(rand.NewPCG(3, 4))}
	for range 300 {
		f, w := g.pick(genTexts), g.pick(genWords)
		op := g.pick([]string{"==", "contains", "startsWith", "endsWith"})
		fast := mustCompile(t, fmt.Sprintf("%s %s %q", f, op, w))
		slow := mustCompile(t, fmt.Sprintf("(true ? %s : %s) %s %q", f, f, op, w))
		if slow.Slow() != 1 {
			t.Fatal("the slow form was lowered")
		}
		for range 10 {
			e, _ := g.event()
			if a, b := fast.Match(e), slow.Match(e); a != b {
				t.Fatalf("%s %s %q on %s: lowered %v, machine %v", f, op, w, e.AppendJSON(nil), a, b)
			}
		}
	}
}

func mustCompile(t testing.TB, src string) *Cond {
	t.Helper()
	c, err := Compile(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return c
}
