package lint

import (
	"testing"

	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

func TestSingle(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]bool{
		"process.name": true, "source.ip": true, "message": true, "winlog.event_data.User": true, "@timestamp": true,
		"event.category": false, "related.ip": false, "process.args": false, "labels.x": false, "labels": false, "no.such.field": false, tree.Any: false,
	} {
		if got := single(field); got != want {
			t.Errorf("%s: %v", field, got)
		}
	}
}

func TestImplies(t *testing.T) {
	t.Parallel()
	test := func(k kind.Kind, fold bool, values ...string) *tree.Test {
		return &tree.Test{Kind: k, Field: "process.name", Fold: fold, Values: values}
	}
	for _, c := range []struct {
		name string
		a, b *tree.Test
		want bool
	}{
		{"itself", test(kind.Equal, false, "a"), test(kind.Equal, false, "a"), true},
		{"fewer values", test(kind.Equal, false, "a"), test(kind.Equal, false, "b", "a"), true},
		{"more values", test(kind.Equal, false, "a", "b"), test(kind.Equal, false, "a"), false},
		{"value and part", test(kind.Equal, false, "abc"), test(kind.Contains, false, "b"), true},
		{"beginning and part", test(kind.StartsWith, false, "abc"), test(kind.Contains, true, "B"), true},
		{"beginning and end", test(kind.StartsWith, false, "abc"), test(kind.EndsWith, false, "abc"), false},
		{"longer beginning", test(kind.StartsWith, false, "abc"), test(kind.StartsWith, false, "ab"), true},
		{"shorter beginning", test(kind.StartsWith, false, "ab"), test(kind.StartsWith, false, "abc"), false},
		{"part and value", test(kind.Contains, false, "a"), test(kind.Equal, false, "a"), false},
		{"case counts in the second alone", test(kind.Equal, true, "a"), test(kind.Equal, false, "a"), false},
		{"case counts in the first alone", test(kind.Equal, false, "A"), test(kind.Equal, true, "a"), true},
		{"a value is there", test(kind.Regex, false, "x"), &tree.Test{Kind: kind.Exists, Field: "process.name"}, true},
		{"absence is none", &tree.Test{Kind: kind.Absent, Field: "process.name"}, &tree.Test{Kind: kind.Exists, Field: "process.name"}, false},
		{"another field", test(kind.Equal, false, "a"), &tree.Test{Kind: kind.Equal, Field: "user.name", Values: []string{"a"}}, false},
		{"no value", test(kind.Equal, false), test(kind.Equal, false, "a"), false},
	} {
		if got := implies(c.a, c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestNumbersApart(t *testing.T) {
	t.Parallel()
	test := func(k kind.Kind, form form.Form, values ...string) *tree.Test {
		return &tree.Test{Kind: k, Field: "source.port", Form: form, Values: values}
	}
	for _, c := range []struct {
		name string
		a, b *tree.Test
		want bool
	}{
		{"apart", test(kind.Less, 0, "5"), test(kind.Greater, 0, "6"), true},
		{"touching, both open", test(kind.Less, 0, "5"), test(kind.Greater, 0, "5"), true},
		{"touching, one open", test(kind.Less, 0, "5"), test(kind.GreaterEqual, 0, "5"), true},
		{"touching", test(kind.LessEqual, 0, "5"), test(kind.GreaterEqual, 0, "5"), false},
		{"overlapping", test(kind.Less, 0, "6"), test(kind.Greater, 0, "5"), false},
		{"a number within", test(kind.Equal, form.Number, "5.5"), test(kind.Less, form.Number, "6"), false},
		{"a number without", test(kind.Equal, form.Number, "7", "8"), test(kind.Less, form.Number, "6"), true},
		{"other forms", test(kind.Equal, form.Hour, "7"), test(kind.Less, form.Day, "6"), false},
		{"no numbers", test(kind.Less, 0, "x"), test(kind.Greater, 0, "6"), false},
	} {
		if got := exclusive(c.a, c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
