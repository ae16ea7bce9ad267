package search

import (
	"errors"
	"slices"
	"testing"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/query"
)

func parse(t testing.TB, src string) *query.Query {
	t.Helper()
	q, err := query.Parse(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return q
}

// fixed is a condition with a known answer.
type fixed struct {
	sure, maybe []int
	price       int
	asked       *[]int
	err         error
}

func set(rows ...int) column.Bits {
	b := column.NewBits(16)
	for _, r := range rows {
		b.Set(r)
	}
	return b
}

func (f fixed) eval(_ *reach, within column.Bits) (answer, error) {
	if f.asked != nil {
		*f.asked = append(*f.asked, within.Count())
	}
	return answer{set(f.sure...).And(within), set(f.maybe...).And(within)}, f.err
}
func (f fixed) reads(*column.Column) bool { return false }
func (f fixed) cost() int                 { return f.price }

// yes is true for some rows, no for the others; open ones only the rebuilt event decides.
func yes(rows ...int) fixed { return fixed{sure: rows, maybe: rows} }

func TestNodes(t *testing.T) {
	half := fixed{sure: []int{1, 2}, maybe: []int{1, 2, 3}}
	cases := map[string]struct {
		n           node
		sure, maybe []int
	}{
		"all":             {all{}, []int{0, 1, 2, 3, 4, 5}, []int{0, 1, 2, 3, 4, 5}},
		"and":             {and{yes(1, 2), yes(2, 3)}, []int{2}, []int{2}},
		"or":              {or{yes(1, 2), yes(2, 3)}, []int{1, 2, 3}, []int{1, 2, 3}},
		"not":             {not{yes(1, 2)}, []int{0, 3, 4, 5}, []int{0, 3, 4, 5}},
		"and of open":     {and{half, yes(2, 3, 4)}, []int{2}, []int{2, 3}},
		"or of open":      {or{half, yes(4)}, []int{1, 2, 4}, []int{1, 2, 3, 4}},
		"not of open":     {not{half}, []int{0, 4, 5}, []int{0, 3, 4, 5}},
		"not not":         {not{not{half}}, []int{1, 2}, []int{1, 2, 3}},
		"nothing decided": {opaque{}, nil, []int{0, 1, 2, 3, 4, 5}},
		"not opaque":      {not{opaque{}}, nil, []int{0, 1, 2, 3, 4, 5}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			within := set(0, 1, 2, 3, 4, 5)
			a, err := c.n.eval(nil, within)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(a.sure, set(c.sure...)) || !slices.Equal(a.maybe, set(c.maybe...)) {
				t.Errorf("sure %v, maybe %v; want %v, %v", a.sure.Rows(), a.maybe.Rows(), c.sure, c.maybe)
			}
			if !slices.Equal(within, set(0, 1, 2, 3, 4, 5)) {
				t.Error("the rows asked about were changed")
			}
		})
	}
}

func TestNodes_LaterPartsAreAskedAboutFewerRows(t *testing.T) {
	var asked []int
	second := yes(2, 3, 4)
	second.asked = &asked
	if _, err := (and{yes(1, 2), second}).eval(nil, set(0, 1, 2, 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := (or{yes(1, 2), second}).eval(nil, set(0, 1, 2, 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := (and{yes(), second}).eval(nil, set(0, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := (or{yes(0, 1), second}).eval(nil, set(0, 1)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(asked, []int{2, 2}) {
		t.Errorf("asked about %v rows", asked)
	}
}

func TestNodes_Errors(t *testing.T) {
	bad := fixed{err: errors.New("bad")}
	for name, n := range map[string]node{"and": and{bad, yes(1)}, "or": or{bad, yes(1)}, "not": not{bad}} {
		if _, err := n.eval(nil, set(1)); !errors.Is(err, bad.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPlan_CheapConditionsFirst(t *testing.T) {
	p := NewPlan(parse(t, `"failed password" and dns.answers: {name: x} and host and user.name: root`))
	var costs []int
	for _, n := range p.root.(and) {
		costs = append(costs, n.cost())
	}
	if !slices.IsSorted(costs) || costs[0] != 1 || len(costs) != 4 {
		t.Errorf("costs %v", costs)
	}
	if _, last := p.root.(and)[3].(opaque); !last {
		t.Errorf("last: %T", p.root.(and)[3])
	}
}

func TestPlan_All(t *testing.T) {
	for src, want := range map[string]bool{"": true, "*": true, "*:*": true, "a": false, "not *": false, "message: *": false} {
		if got := NewPlan(parse(t, src)).All(); got != want {
			t.Errorf("%q: %v", src, got)
		}
	}
}

func TestRelated(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"user", "user", true}, {"user", "user.name", true}, {"user.name", "user", true}, {"user", "username", false}, {"username", "user", false},
		{"user.name", "user.id", false}, {"a", "b", false},
	} {
		if got := related(c.a, c.b); got != c.want {
			t.Errorf("%s, %s: %v", c.a, c.b, got)
		}
	}
}

func TestGather_WhatAnEventIsMadeFrom(t *testing.T) {
	var tb column.Table
	var e event.Event
	doc := []byte(`{"event":{"original":"<1>text"},"labels":{"a":"b"},"message":"text","user":{"name":"root"}}`)
	if err := e.Decode(doc); err != nil {
		t.Fatal(err)
	}
	tb.Add(&e, doc, true)
	r := newReach(tb.View(), nil, nil)
	cases := map[string]struct {
		fields []event.Field
		want   string
	}{
		"whole":    {nil, string(doc)},
		"original": {[]event.Field{event.EventOriginal}, `{"event":{"original":"<1>text"}}`},
		"user":     {[]event.Field{event.UserName}, `{"user":{"name":"root"}}`},
		"rest":     {[]event.Field{event.Labels}, `{"labels":{"a":"b"}}`},
		"absent":   {[]event.Field{event.SourceIP}, `{}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cols, err := r.gather(set(0), chooser(c.fields))
			if err != nil {
				t.Fatal(err)
			}
			column.Rebuild(&e, cols, 0)
			if c.fields != nil {
				Only(&e, c.fields)
			}
			if got := string(e.AppendJSON(nil)); got != c.want {
				t.Errorf("got %s", got)
			}
		})
	}
}
