package expression

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/match/source"
)

// TestWeight holds that all of a value is counted, and that counting stops where it is enough.
func TestWeight(t *testing.T) {
	for _, tt := range []struct {
		name string
		v    event.Value
		want int
	}{
		{"absent", event.Value{}, 24},
		{"a number", event.Num(1), 24},
		{"a text", event.Str("abcd"), 28},
		{"a list", event.Strs("ab", "c"), 24 + 26 + 25},
		{"an object", event.Members(event.Str("key"), event.Str("v")), 24 + 3 + 25},
		{"nested", event.Items(event.Items(event.Str("abc"))), 24 + 24 + 27},
	} {
		if got := weight(tt.v, 0); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	// A list that holds itself many times over costs what is allowed, not what it would be written out.
	v := event.Str("x")
	for range 60 {
		v = event.Items(v, v)
	}
	if got := weight(v, 0); got <= maxMade || got > maxMade+64*24 {
		t.Errorf("a list of 2^60 items: %d", got)
	}
}

// TestLimits holds that what people write has bounds, and that each says what to do instead.
func TestLimits(t *testing.T) {
	resolve := func(string) (int, error) { return 0, nil }
	for _, tt := range []struct{ name, src, code string }{
		{"too long", `_a == "` + strings.Repeat("x", maxSource) + `"`, "expr-too-long"},
		{"as long as may be", `_a == "` + strings.Repeat("x", maxSource-20) + `"`, ""},
		{"brackets", strings.Repeat("[", 201) + strings.Repeat("]", 201), "expr-too-deep"},
		{"signs", strings.Repeat("-", 300) + "1", "expr-too-deep"},
		{"nots", strings.Repeat("not ", 300) + "true", "expr-too-deep"},
		{"a long sum", strings.Repeat("_a + ", maxDepth+10) + "1", "expr-too-deep"},
		{"a sum", strings.Repeat("_a + ", maxDepth/2) + "1", ""},
		{"a long choice", strings.Repeat("_a ? 1 : ", 1000) + "2", ""},
		{"a list of many", "_a in [" + strings.Repeat(`"ab",`, 10_000) + `"z"]`, ""},
		{"loops", "any(_a, any(.b, #))", ""},
		{"loops within loops", "any(_a, any(.b, any(.c, #)))", "expr-too-deep"},
	} {
		_, err := Compile(tt.src, resolve)
		e, refused := errors.AsType[*source.Error](err)
		switch {
		case refused && e.Code != tt.code, refused != (tt.code != ""):
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestLongLists holds that time stays in proportion: every item of a long list is looked at once for a constant list, and a loop
// in a loop has fewer.
func TestLongLists(t *testing.T) {
	items := make([]event.Value, maxItems)
	for i := range items {
		items[i] = event.Str(fmt.Sprint("item", i))
	}
	list := event.Items(items...)
	for src, want := range map[string]int64{
		`count(_a, true)`:                         maxItems,
		`count(_a, # endsWith "7")`:               409,
		`count(map(_a, count(_b, true)), # > 0)`:  maxItems,
		`map(_a, count(_b, true))[0]`:             maxInner,
		`len(unique(concat(_a, _a)))`:             maxItems,
		`count(_a, # in ["item1", "item2", "x"])`: 2,
	} {
		got, _ := over(t, src, list, list)
		if got.Int() != want {
			t.Errorf("%s: %s, want %d", src, spell(got), want)
		}
	}
}
