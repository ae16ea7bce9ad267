package expression

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/expr-lang/expr"

	"weir/event"
)

// The oracle is expr's own machine: where an expression compares and calculates values that are there and of one type, ours must
// mean what whoever knows expr reads.

// oracleEnv is what both machines see.
const oracleEnv = `{"s":"abc","t":"b","u":"ABC","i":7,"j":-3,"k":0,"f":2.5,"g":-0.5,"yes":true,"no":false,"list":["abc","b"],"nums":[7,1,2],"objs":[{"n":"a","v":1},{"n":"b","v":2}]}`

// goValue turns a value into what expr's machine works with.
func goValue(v event.Value) any {
	switch v.Kind() {
	case event.String:
		return v.Str()
	case event.Int:
		return int(v.Int())
	case event.Float:
		return v.Float()
	case event.Bool:
		return v.Bool()
	case event.List:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = goValue(v.Item(i))
		}
		return out
	case event.Object:
		out := map[string]any{}
		for i := range v.Len() {
			name, m := v.Member(i)
			out[name] = goValue(m)
		}
		return out
	}
	return nil
}

// maker of random expressions: each method writes one of a type.
type writer struct{ *rand.Rand }

func (w writer) pick(list ...string) string { return list[w.IntN(len(list))] }

func (w writer) text(deep int) string {
	if deep == 0 || w.IntN(3) == 0 {
		return w.pick(`s`, `t`, `u`, `"abc"`, `"b"`, `"x1"`, `list[0]`, `objs[1].n`)
	}
	return w.pick(
		fmt.Sprintf("(%s + %s)", w.text(deep-1), w.text(deep-1)),
		fmt.Sprintf("lower(%s)", w.text(deep-1)),
		fmt.Sprintf("upper(%s)", w.text(deep-1)),
		fmt.Sprintf("(%s ? %s : %s)", w.truth(deep-1), w.text(deep-1), w.text(deep-1)),
		fmt.Sprintf("(%s ?? %s)", w.text(deep-1), w.text(deep-1)),
	)
}

func (w writer) number(deep int) string {
	if deep == 0 || w.IntN(3) == 0 {
		return w.pick(`i`, `j`, `k`, `f`, `g`, `3`, `2.25`, `nums[0]`, `objs[0].v`)
	}
	return w.pick(
		fmt.Sprintf("(%s + %s)", w.number(deep-1), w.number(deep-1)),
		fmt.Sprintf("(%s - %s)", w.number(deep-1), w.number(deep-1)),
		fmt.Sprintf("(%s * %s)", w.number(deep-1), w.number(deep-1)),
		fmt.Sprintf("(%s / 4)", w.number(deep-1)),
		fmt.Sprintf("(-%s)", w.number(deep-1)),
		fmt.Sprintf("len(%s)", w.text(deep-1)),
		fmt.Sprintf("count(nums, # > %s)", w.number(0)),
		fmt.Sprintf("(%s ? %s : %s)", w.truth(deep-1), w.number(deep-1), w.number(deep-1)),
	)
}

func (w writer) truth(deep int) string {
	if deep == 0 || w.IntN(5) == 0 {
		return w.pick(`yes`, `no`, `true`, `false`)
	}
	return w.pick(
		fmt.Sprintf("(%s and %s)", w.truth(deep-1), w.truth(deep-1)),
		fmt.Sprintf("(%s or %s)", w.truth(deep-1), w.truth(deep-1)),
		fmt.Sprintf("(not %s)", w.truth(deep-1)),
		fmt.Sprintf("(%s %s %s)", w.text(deep-1), w.pick("==", "!=", "<", "<=", ">", ">=", "contains", "startsWith", "endsWith"), w.text(deep-1)),
		fmt.Sprintf("(%s %s %s)", w.number(deep-1), w.pick("==", "!=", "<", "<=", ">", ">="), w.number(deep-1)),
		fmt.Sprintf("(%s %s [%s, %s])", w.text(deep-1), w.pick("in", "not in"), w.text(0), w.text(0)),
		fmt.Sprintf("(%s in list)", w.text(deep-1)),
		fmt.Sprintf("(%s matches %s)", w.text(deep-1), w.pick(`"^a"`, `"b$"`, `"[A-Z]+"`, `"x\\d"`)),
		fmt.Sprintf("any(objs, .n == %s)", w.text(0)),
		fmt.Sprintf("all(nums, # >= %s)", w.number(0)),
		fmt.Sprintf("none(nums, # == %s)", w.number(0)),
	)
}

// TestOracle compares random expressions with expr's machine.
func TestOracle(t *testing.T) {
	d := newDocument(t, oracleEnv)
	env, ok := goValue(d.doc).(map[string]any)
	if !ok {
		t.Fatal("no object")
	}
	w := writer{rand.New(rand.NewPCG(1, 2))}
	for i := range 900 {
		src := w.truth(4)
		switch i % 3 {
		case 1:
			src = w.text(4)
		case 2:
			src = w.number(4)
		}
		want, err := expr.Eval(src, env)
		if err != nil {
			t.Fatalf("%s: expr says %v", src, err)
		}
		got := goValue(d.compile(t, src).Eval(d))
		// Whole results of a division are whole here and floats there.
		if a, isInt := got.(int); isInt {
			if b, isFloat := want.(float64); isFloat && float64(a) == b {
				continue
			}
		}
		if got == nil && want == "" {
			continue
		}
		if got != want {
			t.Fatalf("%s\nis   %T %v\nexpr %T %v", src, got, got, want, want)
		}
	}
}

// TestOracleOfPrecedence holds that operators bind as in expr, also without brackets.
func TestOracleOfPrecedence(t *testing.T) {
	d := newDocument(t, oracleEnv)
	env, _ := goValue(d.doc).(map[string]any)
	for src := range strings.SplitSeq(strings.TrimSpace(`
not yes or yes
not (yes or yes)
yes or no and no
no and no or yes
1 + 2 * 3 - 4 / 2
-2 * 3 + 1
i - 2 - 1
8 / 4 / 2
7 % 4 * 2
1 + 2 == 3 and s == "a" + "bc"
s == "x" ? "a" : t == "b" ? "c" : "d"
yes ? no ? 1 : 2 : 3
s contains "b" == yes
not (s in list)
s not in list
1 < 2 and 2 < 3
i > 3 and j < 0 or k == 1
s + t == "abcb"
-i < j
len(list) + 1
objs[1].v * 2 + objs[0].v
map(objs, .v)[0] + 1
filter(nums, # > 1)[1]
any(objs, .v > 1 and .n == "b")
list[-1]
s[1:]
s[:-1]
nums[1:][0]
1.5e3 + .5
0x1F + 0b11
"a" in ["a"] and not ("z" in ["a"])
`), "\n") {
		want, err := expr.Eval(src, env)
		if err != nil {
			t.Errorf("%s: expr says %v", src, err)
			continue
		}
		got := goValue(d.compile(t, src).Eval(d))
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, expr has %v", src, got, want)
		}
	}
}
