package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"weir/event"
)

// TestOneMeaningManySpellings holds forms of the same condition against each other, on every value that a field can
// have: whichever of them the compiler lowers, indexes or leaves to the machine, the answer is one.
func TestOneMeaningManySpellings(t *testing.T) {
	t.Parallel()
	values := map[string]event.Value{
		"absent": {}, "null": event.Nil(), "text": event.Str("x"), "other text": event.Str("y"), "upper": event.Str("X"), "empty": event.Str(""), "number": event.Num(5), "large": event.Num(1 << 60),
		"float": event.Real(5), "true": event.Truth(true), "false": event.Truth(false), "list": event.Items(event.Str("x"), event.Str("y")), "list of one": event.Items(event.Str("x")),
		"mixed": event.Items(event.Num(5), event.Nil(), event.Str("X")), "empty list": event.Items(), "nulls": event.Items(event.Nil()),
	}
	for _, same := range [][]string{
		{`labels.v == "x"`, `"x" == labels.v`, `labels.v in ["x"]`, `"x" in labels.v`, `not (labels.v not in ["x"])`, `$env["labels.v"] == "x"`, `labels["v"] == "x"`, `labels?.v == "x"`, `(labels.v == "x")`},
		{`labels.v != "x"`, `exists(labels.v) and not (labels.v == "x")`, `labels.v != nil and labels.v not in ["x"]`, `"x" != labels.v`},
		{`labels.v == "x" or labels.v == "y"`, `labels.v in ["x", "y"]`, `labels.v in ["y", "x", "y"]`, `not (labels.v not in ["x"] and labels.v not in ["y"])`},
		{`exists(labels.v)`, `labels.v != nil`, `not absent(labels.v)`, `not (labels.v == nil)`},
		{`absent(labels.v)`, `labels.v == nil`, `not exists(labels.v)`},
		{`labels.v == 5`, `5 == labels.v`, `labels.v in [5]`, `labels.v >= 5 and labels.v <= 5`, `labels.v == 5.0`},
		{`labels.v > 4`, `4 < labels.v`, `labels.v >= 4 and not (labels.v == 4)`},
		{`labels.v == true`, `labels.v`, `labels.v in [true]`, `true == labels.v`},
		{`ieq(labels.v, "x")`, `lower(labels.v) == "x"`, `upper(labels.v) == "X"`, `lower(labels.v) in ["x"]`, `re(labels.v, "^(?i)x$")`, `re(lower(labels.v), "^x$")`},
		{`labels.v contains "x"`, `labels.v matches "x"`, `glob(labels.v, "*x*")`, `re(labels.v, "x")`},
		{`labels.v startsWith "x"`, `glob(labels.v, "x*")`, `labels.v matches "^x"`},
		{`labels.v endsWith "x"`, `glob(labels.v, "*x")`, `labels.v matches "x$"`},
		{`labels.v == "x" and user.name == "k"`, `user.name == "k" and labels.v == "x"`, `not (labels.v != "x" and exists(labels.v) or not (labels.v == "x") or user.name != "k")`},
		{`labels.v == labels.v`, `labels.v in labels.v`, `not (labels.v != labels.v) and labels.v == labels.v`},
	} {
		first := mustCompile(t, same[0])
		for name, v := range values {
			e := &event.Event{}
			e.SetStr(event.UserName, "k")
			if v.Kind() != event.Absent {
				e.SetPath("labels.v", v)
			}
			want := first.Match(e)
			for _, src := range same[1:] {
				if c := mustCompile(t, src); c.Match(e) != want {
					t.Errorf("%s: %s is %v, and %s is not", name, same[0], want, src)
				}
			}
		}
	}
}

// TestOrderOfPartsDoesNotMatter shuffles the parts of a condition: the compiler sorts them by cost and must be free to.
func TestOrderOfPartsDoesNotMatter(t *testing.T) {
	t.Parallel()
	parts := []string{`process.name == "sshd"`, `user.name != "x"`, `cidr(source.ip, "203.0.113.0/24")`, `message matches "pass(word)?"`, `any(related.ip, # startsWith "10.")`, `event.severity + 1 > 5`, `not (event.outcome == "success")`}
	r := rand.New(rand.NewPCG(3, 4))
	e := sample(t)
	for range 30 {
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		wrong := slices.Clone(parts)
		wrong[r.IntN(len(wrong))] = `process.name == "no"`
		for src, want := range map[string]bool{
			strings.Join(parts, " and "): true, strings.Join(wrong, " and "): false,
			"not (" + strings.Join(parts, " and ") + ")": false, `user.id == "no" or ` + strings.Join(wrong, " or "): true,
		} {
			if got := mustCompile(t, src).Match(e); got != want {
				t.Fatalf("%s: %v", src, got)
			}
		}
	}
}

func TestFieldsAndListsAreNamedOnceInTheirOrder(t *testing.T) {
	t.Parallel()
	lists := Lists{"a": NewList("x"), "b": NewList("y"), "c": NewList("z")}
	for _, tc := range []struct{ src, fields, lists string }{
		{`user.name == "x" and host.name == user.name and lower(user.name) != "y"`, "user.name host.name", ""},
		{`in_list(user.name, "b") or in_list(host.name, "a") or in_list(user.id, "b")`, "user.name host.name user.id", "b a"},
		{`in_list("c")`, "related.ip related.user related.hosts related.hash", "c"},
		{`any(related.ip, in_list(#, "a") or # == source.ip)`, "related.ip source.ip", "a"},
		{`$env["@timestamp"] > "2026-01-01T00:00:00Z" and (user.name ?? "") + "" == "x"`, "@timestamp user.name", ""},
		{`true`, "", ""},
	} {
		c, err := Compiler{Lists: lists}.Compile(tc.src)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(c.Fields(), " "); got != tc.fields {
			t.Errorf("%s reads %s, want %s", tc.src, got, tc.fields)
		}
		if got := strings.Join(c.ListNames(), " "); got != tc.lists {
			t.Errorf("%s looks into %s, want %s", tc.src, got, tc.lists)
		}
		if f := c.Fields(); len(f) > 0 { // what is returned is the caller's
			f[0] = "changed"
			if c.Fields()[0] == "changed" {
				t.Errorf("%s: the caller can change its fields", tc.src)
			}
		}
	}
}

// TestLongConditions compiles what a feed of indicators looks like when somebody writes it out.
func TestLongConditions(t *testing.T) {
	t.Parallel()
	var eq, in, nets []string
	for i := range 3000 {
		eq = append(eq, fmt.Sprintf(`user.name == "u%d"`, i))
		in = append(in, fmt.Sprintf(`"u%d"`, i))
		nets = append(nets, fmt.Sprintf(`"10.%d.%d.0/24"`, i/250, i%250))
	}
	for name, src := range map[string]string{"or": strings.Join(eq, " or "), "in": "user.name in [" + strings.Join(in, ",") + "]", "cidr": "cidr(source.ip, " + strings.Join(nets, ",") + ")"} {
		c := mustCompile(t, src)
		var e event.Event
		e.SetStr(event.UserName, "u2999")
		e.SetStr(event.SourceIP, "10.11.249.7")
		if !c.Match(&e) || c.Slow() != 0 {
			t.Errorf("%s: the last of 3000 is not found, %d parts on the machine", name, c.Slow())
		}
		e.SetStr(event.UserName, "u3000")
		e.SetStr(event.SourceIP, "10.12.0.7")
		if c.Match(&e) {
			t.Errorf("%s: one that is not in it is found", name)
		}
	}
}
