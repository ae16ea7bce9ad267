package typed

import (
	"testing"
	"time"

	"weir/event"
	"weir/internal/match/source"
)

func literal(t *testing.T, src string) Literal {
	t.Helper()
	n, err := source.Parse(src, nil)
	if err != nil {
		t.Fatal(err)
	}
	lit, ok := LiteralOf(n)
	if !ok {
		t.Fatalf("%s is no constant", src)
	}
	return lit
}

// TestTo compares each kind of value with each kind of constant: only alike kinds are ever equal or in order.
func TestTo(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 7, 50, 8, 0, time.UTC)
	values := []struct {
		name string
		v    event.Value
	}{{"text", event.Str("b")}, {"capital", event.Str("B")}, {"int", event.Num(5)}, {"float", event.Real(5)}, {"big", event.Num(1<<53 + 1)}, {"truth", event.Truth(true)}, {"time", event.At(at)}, {"null", event.Nil()}, {"object", event.Members()}}
	for _, tc := range []struct {
		operator, lit string
		form          Form
		want          string
	}{
		{"==", `"b"`, Plain, "text"}, {"==", `"b"`, Lower, "text capital"}, {"==", `"B"`, Upper, "text capital"}, {"==", `5`, Plain, "int float"}, {"==", `5.0`, Plain, "int float"}, {"==", `true`, Plain, "truth"},
		{"==", `"2026-11-21T16:50:08+09:00"`, Plain, "time"}, {"==", `9007199254740993`, Plain, "big"}, {"==", `9007199254740992`, Plain, ""},
		{"<", `"c"`, Plain, "text capital"}, {"<", `"C"`, Upper, "text capital"}, {">=", `"b"`, Plain, "text"}, {"<=", `5`, Plain, "int float"}, {">", `4.5`, Plain, "int float big"}, {">", `9007199254740992`, Plain, "big"},
		{"<", `"2026-11-21T07:50:09Z"`, Plain, "time"}, {">", `true`, Plain, ""},
	} {
		hold, got := To(tc.operator, tc.form, literal(t, tc.lit)), ""
		for _, v := range values {
			if hold(v.v) {
				got += " " + v.name
			}
		}
		if got != "" {
			got = got[1:]
		}
		if got != tc.want {
			t.Errorf("%s %s of form %d: %s, want %s", tc.operator, tc.lit, tc.form, got, tc.want)
		}
	}
}

func TestOneOf(t *testing.T) {
	t.Parallel()
	hold := OneOf(Lower, []Literal{literal(t, `"a"`), literal(t, `5`), literal(t, `true`), literal(t, `"2026-11-21T07:50:08Z"`)})
	for want, values := range map[bool][]event.Value{
		true:  {event.Str("a"), event.Str("A"), event.Num(5), event.Real(5), event.Truth(true), event.At(time.Date(2026, 11, 21, 7, 50, 8, 0, time.UTC))},
		false: {event.Str("b"), event.Str("5"), event.Num(6), event.Truth(false), event.Nil(), event.Value{}},
	} {
		for _, v := range values {
			if hold(v) != want {
				t.Errorf("%s: %v", v, !want)
			}
		}
	}
	if OneOf(Plain, nil)(event.Str("")) {
		t.Error("one of nothing")
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	isX := func(v event.Value) bool { return v.Str() == "x" }
	for _, tc := range []struct {
		name         string
		v            event.Value
		present, any bool
		length       int // -1: it has none
	}{
		{"absent", event.Value{}, false, false, -1},
		{"null", event.Nil(), false, false, -1},
		{"no items", event.Items(), false, false, -1},
		{"nulls", event.Items(event.Nil()), false, false, -1},
		{"a text", event.Str("x"), true, true, 1},
		{"letters", event.Str("김x"), true, false, 2},
		{"items", event.Items(event.Nil(), event.Str("x")), true, true, 2},
		{"a number", event.Num(55), true, false, 1},
		{"an empty text", event.Str(""), true, false, 0},
	} {
		if Present(tc.v) != tc.present || Any(tc.v, isX) != tc.any {
			t.Errorf("%s: present %v, has x %v", tc.name, Present(tc.v), Any(tc.v, isX))
		}
		for _, operator := range []string{"==", "!=", "<", "<=", ">", ">="} {
			want := tc.length >= 0 && Order(operator)(float64(tc.length), 1)
			if got := Length(operator, literal(t, "1"))(tc.v); got != want {
				t.Errorf("%s: length %s 1 is %v", tc.name, operator, got)
			}
		}
	}
	if Length("contains", literal(t, "1"))(event.Str("x")) || Length("==", literal(t, `"1"`))(event.Str("x")) {
		t.Error("a length is compared with a text")
	}
}

func BenchmarkOneOf(b *testing.B) {
	hold := OneOf(Plain, []Literal{{Text: "a", IsText: true}, {Number: 5, IsNumber: true, isWhole: true, whole: 5}})
	b.ReportAllocs()
	for b.Loop() {
		hold(event.Str("sshd"))
	}
}
