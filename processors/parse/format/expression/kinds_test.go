package expression

import (
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
)

// one has a value of each kind, as a place may hold it.
func one() map[string]event.Value {
	return map[string]event.Value{
		"absent":      {},
		"null":        event.Nil(),
		"empty":       event.Str(""),
		"text":        event.Str("abc"),
		"number text": event.Str("80"),
		"real text":   event.Str("2.5"),
		"true text":   event.Str("TRUE"),
		"time text":   event.Str("2024-05-01T10:00:00Z"),
		"int":         event.Num(80),
		"float":       event.Real(2.5),
		"true":        event.Truth(true),
		"false":       event.Truth(false),
		"time":        event.At(time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)),
		"list":        event.Strs("abc", "80"),
		"empty list":  event.Items(),
		"list of one": event.Items(event.Num(80)),
		"nested list": event.Items(event.Items(event.Str("abc"))),
		"object":      event.Members(event.Str("abc"), event.Num(1)),
	}
}

// over compiles an expression of _a and _b and evaluates it with two values.
func over(tb testing.TB, src string, a, b event.Value) (event.Value, bool) {
	tb.Helper()
	var names []string
	p, err := Compile(src, func(path string) (int, error) { names = append(names, path); return len(names) - 1, nil })
	if err != nil {
		tb.Fatalf("%s: %v", src, err)
	}
	env := make(slots, len(names))
	for i, n := range names {
		env[i] = a
		if n == "_b" {
			env[i] = b
		}
	}
	return p.Eval(env), p.Holds(env)
}

// TestKinds_Equal holds which kinds are equal to which; all others are different.
func TestKinds_Equal(t *testing.T) {
	same := map[string]bool{}
	for _, pair := range []string{
		"text text", "number text number text", "real text real text", "true text true text", "time text time text",
		"number text int", "real text float", "true text true", "time text time",
		"int int", "float float", "true true", "false false", "time time",
		"list text", "list number text", "list int", "list list", "list list of one",
		"list of one int", "list of one number text", "list of one list of one", "empty empty",
	} {
		for name := range one() {
			if rest, ok := strings.CutPrefix(pair, name+" "); ok {
				if _, known := one()[rest]; known {
					same[name+"|"+rest], same[rest+"|"+name] = true, true
				}
			}
		}
	}
	for nameA, a := range one() {
		for nameB, b := range one() {
			_, equals := over(t, `_a == _b`, a, b)
			_, differs := over(t, `_a != _b`, a, b)
			if want := same[nameA+"|"+nameB]; equals != want {
				t.Errorf("%s == %s: %v", nameA, nameB, equals)
			}
			if equals == differs {
				t.Errorf("%s and %s: == is %v and != too", nameA, nameB, equals)
			}
		}
	}
}

// TestKinds_Order holds that an order is asked only of what has one, and that it is the same from both sides.
func TestKinds_Order(t *testing.T) {
	for nameA, a := range one() {
		for nameB, b := range one() {
			_, less := over(t, `_a < _b`, a, b)
			_, more := over(t, `_b > _a`, a, b)
			_, most := over(t, `_a <= _b`, a, b)
			_, least := over(t, `_b >= _a`, a, b)
			if less != more || most != least || less && !most {
				t.Errorf("%s and %s: < %v, > %v, <= %v, >= %v", nameA, nameB, less, more, most, least)
			}
			if (slices.Contains([]string{"absent", "null", "empty", "object", "empty list"}, nameA) || nameB == "absent" || nameB == "object") && most {
				t.Errorf("%s <= %s", nameA, nameB)
			}
		}
	}
}

// TestKinds_Nil holds what counts as nil, in all of its spellings.
func TestKinds_Nil(t *testing.T) {
	for name, v := range one() {
		want := name == "absent" || name == "null" || name == "empty"
		for src, holds := range map[string]bool{`_a == nil`: want, `nil == _a`: want, `_a != nil`: !want, `nil != _a`: !want, `not (_a == nil)`: !want} {
			if _, got := over(t, src, v, v); got != holds {
				t.Errorf("%s: %s is %v", name, src, got)
			}
		}
		got, _ := over(t, `_a ?? "other"`, v, v)
		if (got.Str() == "other") != want {
			t.Errorf("%s ?? other: %s", name, spell(got))
		}
	}
}

// TestKinds_Truth holds what is true as a condition, and that Holds and Eval of a condition agree.
func TestKinds_Truth(t *testing.T) {
	for name, v := range one() {
		want := name == "true" || name == "true text"
		for src, holds := range map[string]bool{`_a`: want, `not _a`: !want, `_a and true`: want, `_a or false`: want, `_a ? true : false`: want, `not not _a`: want} {
			val, got := over(t, src, v, v)
			if got != holds {
				t.Errorf("%s: %s is %v", name, src, got)
			}
			if val.Kind() == event.Bool && val.Bool() != got {
				t.Errorf("%s: %s: Eval %v, Holds %v", name, src, val.Bool(), got)
			}
		}
	}
	if _, got := over(t, `_a`, event.Items(event.Truth(true)), event.Value{}); !got {
		t.Error("a list of the one truth is no truth")
	}
}

// TestKinds_Sums holds that sums of what are no numbers are absent and never anything else.
func TestKinds_Sums(t *testing.T) {
	numbers := map[string]bool{"int": true, "float": true, "number text": true, "real text": true, "list of one": true}
	for name, v := range one() {
		for _, src := range []string{`_a * 2`, `_a / 2`, `-_a`, `+_a`, `_a - 1`} {
			got, _ := over(t, src, v, v)
			isTime := name == "time" && src == `_a - 1`
			if (got.Kind() != event.Absent) != (numbers[name] || isTime) {
				t.Errorf("%s: %s is %s", name, src, spell(got))
			}
		}
		// What has no text has no sum with one either.
		got, _ := over(t, `_a + "x"`, v, v)
		silent := map[string]bool{"absent": true, "null": true, "empty": true, "list": true, "empty list": true, "nested list": true, "object": true}
		if (got.Kind() == event.Absent) != silent[name] {
			t.Errorf("%s + x: %s", name, spell(got))
		}
	}
}

// TestKinds_Members holds that asking a value for a member that it cannot have is no failure.
func TestKinds_Members(t *testing.T) {
	for name, v := range one() {
		for _, src := range []string{`first(_a).x.y`, `(_a ?? nil)["x"]`, `(_a ?? nil)[0]`, `(_a ?? nil)[-1]`, `(_a ?? nil)[99]`, `(_a ?? nil)[_b]`, `(_a ?? nil)[1:0]`, `_a[0:1]`} {
			got, _ := over(t, src, v, v)
			if again, _ := over(t, src, v, v); spell(got) != spell(again) {
				t.Errorf("%s: %s is %s, then %s", name, src, spell(got), spell(again))
			}
		}
	}
	if got, _ := over(t, `(_a ?? nil)[0]`, event.Strs("x", "y"), event.Value{}); got.Str() != "x" {
		t.Errorf("the first item: %s", spell(got))
	}
	if got, _ := over(t, `(_a ?? nil).abc`, one()["object"], event.Value{}); got.Int() != 1 {
		t.Errorf("a member: %s", spell(got))
	}
}

// TestKinds_Functions calls every function with a value of each kind in every place that may be one: none may panic, and none may
// make more than it was given, but for those that write a value in another way.
func TestKinds_Functions(t *testing.T) {
	for _, name := range Functions() {
		usage, _, _ := strings.Cut(Usage(name), ", or ")
		for kind, v := range one() {
			var n int
			p, err := Compile(usage, func(string) (int, error) { n++; return n - 1, nil })
			if err != nil {
				t.Fatalf("%s: %v", usage, err)
			}
			env := make(slots, n)
			for i := range env {
				env[i] = v
			}
			got := p.Eval(env)
			if len(got.Text()) > 512 {
				t.Errorf("%s with %s: %d bytes", usage, kind, len(got.Text()))
			}
			if p.Holds(env) != truth(got) && name != "date" {
				t.Errorf("%s with %s: Holds is %v, the value %s", usage, kind, p.Holds(env), spell(got))
			}
		}
	}
}
