package event

import (
	"fmt"
	"testing"

	"weir/event/ecs"
)

func TestKnown_GrowsWithRegister(t *testing.T) {
	before := Known()
	if before < len(builtin) {
		t.Fatalf("%d known fields, the built-in list has %d", before, len(builtin))
	}
	if _, err := Register(ecs.Keyword, "direct.test.known"); err != nil {
		t.Fatal(err)
	}
	if got := Known(); got != before+1 {
		t.Errorf("after one more: %d, want %d", got, before+1)
	}
	if _, err := Register(ecs.Keyword, "direct.test.known"); err != nil || Known() != before+1 {
		t.Errorf("the same again: %d, %v; want %d", Known(), err, before+1)
	}
}

func TestAdd(t *testing.T) {
	for name, c := range map[string]struct {
		values []Value
		want   string
	}{
		"one":           {[]Value{Str("a")}, `"a"`},
		"two":           {[]Value{Str("a"), Str("b")}, `["a","b"]`},
		"empty text":    {[]Value{Str("a"), Str("")}, `["a",""]`},
		"list first":    {[]Value{Strs("a", "b"), Str("c")}, `["a","b","c"]`},
		"list second":   {[]Value{Str("a"), Strs("b", "c")}, `["a","b","c"]`},
		"many":          {[]Value{Num(1), Num(2), Num(3), Num(4), Num(5), Num(6)}, `[1,2,3,4,5,6]`},
		"absent second": {[]Value{Str("a"), {}}, `"a"`},
		"null":          {[]Value{Nil(), Str("a")}, `[null,"a"]`},
	} {
		t.Run(name, func(t *testing.T) {
			var byField, byPath, extra, member Event
			for _, v := range c.values {
				byField.Add(ProcessName, v)
				byPath.AddPath("process.name", v)
				extra.AddPath("direct.test.unknown", v)
				member.AddPath("labels.direct", v)
			}
			for how, v := range map[string]Value{
				"by field": byField.Get(ProcessName), "by path": byPath.Get(ProcessName), "a path that no list knows": extra.GetPath("direct.test.unknown"),
			} {
				if got := string(v.AppendJSON(nil)); got != c.want {
					t.Errorf("%s: %s, want %s", how, got, c.want)
				}
			}
			if name == "two" {
				if got := string(member.GetPath("labels.direct").AppendJSON(nil)); got != c.want {
					t.Errorf("below an open field: %s, want %s", got, c.want)
				}
			}
		})
	}
}

// A field that comes ten thousand times must not cost the square of that in memory.
func TestAdd_ManyValues(t *testing.T) {
	const n = 10_000
	var e Event
	allocs := testing.AllocsPerRun(1, func() {
		e.Reset()
		for i := range n {
			e.Add(ProcessName, Num(int64(i)))
		}
	})
	if got := e.Get(ProcessName).Len(); got != n {
		t.Errorf("%d values, want %d", got, n)
	}
	if allocs > 100 {
		t.Errorf("%v allocations for one list", allocs)
	}
}

func TestAddExtra(t *testing.T) {
	var e, from Event
	from.Append(ProcessName, "x")
	for i := range 3 {
		e.AddExtra(fmt.Sprintf("direct.extra.%d", i), from.Get(ProcessName))
	}
	e.AddExtra("direct.extra.absent", Value{})
	from.Reset()
	from.Append(ProcessName, "y") // takes the memory of the list that was given
	if got := string(e.GetPath("direct.extra.1").AppendJSON(nil)); got != `["x"]` {
		t.Errorf("the list is %s, want a copy of the one that was given", got)
	}
	if e.Len() != 3 {
		t.Errorf("%d values, want 3: an absent one is none", e.Len())
	}
	e.Reset()
	if e.Len() != 0 || e.GetPath("direct.extra.1").Kind() != Absent {
		t.Error("values that outlive Reset")
	}
}

func TestSetMembers(t *testing.T) {
	open, ok := Lookup("labels")
	if !ok {
		t.Fatal("no labels")
	}
	var e, from Event
	from.Append(ProcessName, "x")
	kv := []Value{Str("a"), Num(1), Str("b"), from.Get(ProcessName)}
	e.SetMembers(open, kv...)
	kv[1] = Num(2)
	from.Reset()
	from.Append(ProcessName, "y")
	if got := string(e.Get(open).AppendJSON(nil)); got != `{"a":1,"b":["x"]}` {
		t.Errorf("the object is %s, want a copy of what was given", got)
	}
	e.SetMembers(open)
	if got := e.GetPath("labels.a").Int(); got != 1 {
		t.Errorf("no members at all changed the object: a is %d", got)
	}
}
