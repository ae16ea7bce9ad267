package privacy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/event"
)

func TestIsPairs(t *testing.T) {
	for s, want := range map[string]bool{"a=b": true, "a=b,c=d": true, "2026-11-20 09:15,kim,a=b": false, `"a=b",c`: false, "two words=x": false, "=x": false, "a": false, "a\nb=c": false} {
		if got := isPairs(s); got != want {
			t.Errorf("isPairs(%q) is %v", s, got)
		}
	}
}

func TestList(t *testing.T) {
	for s, want := range map[string][]string{"a;b": {"a", "b"}, "a, b": {"a", "b"}, "a|b": {"a", "b"}, "a": {"a"}, "": nil, ";;": nil, "Kim, A" + listed + "Lee, B": {"Kim, A", "Lee, B"}} {
		if got := list(s); !slices.Equal(got, want) {
			t.Errorf("list(%q) is %q, want %q", s, got, want)
		}
	}
}

func TestRow_Bounds(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"subject":[`)
	for i := range 3 * maxList {
		fmt.Fprintf(&b, `"s%d",`, i)
	}
	b.WriteString(`"end"]`)
	for i := range 3 * maxOther {
		fmt.Fprintf(&b, `,"k%d":1`, i)
	}
	b.WriteString("}")
	r := row{}
	if err := r.read(b.String()); err != nil {
		t.Fatal(err)
	}
	if n := len(list(r.values[itemSubject])); n != maxList {
		t.Errorf("%d data subjects, the bound is %d", n, maxList)
	}
	if len(r.other) != maxOther {
		t.Errorf("%d other keys, the bound is %d", len(r.other), maxOther)
	}
	many := row{}
	if err := many.read("user=kim" + strings.Repeat("\t=", 200_000)); err != nil || many.values[itemID] != "kim" {
		t.Errorf("a record of nothing but signs: %v, a user of %d bytes", err, len(many.values[itemID]))
	}
	deep := row{}
	if err := deep.read(strings.Repeat(`{"user":`, 20) + `"x"` + strings.Repeat("}", 20)); err != nil {
		t.Fatal(err)
	}
}

func TestSet(t *testing.T) {
	r := row{}
	if !r.set(itemID, " kim ") || !r.set(itemID, "kim") || r.set(itemID, "lee") || !r.set(itemReason, "-") {
		t.Error("the first value counts, the same one again is fine, another one is not")
	}
	if r.values[itemID] != "kim" || r.values[itemReason] != "" {
		t.Errorf("the values are %q", r.values)
	}
	r.add("", event.Str("x"))
	if len(r.other) != 0 {
		t.Error("a value without a name is no value")
	}
}
