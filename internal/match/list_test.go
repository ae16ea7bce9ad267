package match

import (
	"strings"
	"testing"
)

func TestRelated(t *testing.T) {
	t.Parallel()
	lists := Lists{"bad": NewList("192.0.2.0/24", "김민수"), "good": NewList("10.1.2.3"), "none": NewList("8.8.8.8")}
	for src, want := range map[string]bool{
		`in_list("bad")`: true, `in_list("good")`: true, `in_list("none")`: false,
		`in_list(source.ip, "bad")`: false, `in_list(related.ip, "bad")`: true, `in_list(related.user, "bad")`: true,
		`any(related.ip, in_list(#, "good"))`: true,
	} {
		c, err := Compiler{Lists: lists}.Compile(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		if got := c.Match(sample(t)); got != want {
			t.Errorf("%s: got %v, want %v", src, got, want)
		}
		if len(c.ListNames()) != 1 {
			t.Errorf("%s: lists %v", src, c.ListNames())
		}
	}
}

// TestListsOfOneName: a list is found by its name, read or made.
func TestListsOfOneName(t *testing.T) {
	t.Parallel()
	read, err := ReadList(strings.NewReader("10.0.0.0/8 # the vpn\nroot\n812\n"))
	if err != nil || read.Len() != 3 {
		t.Fatalf("%v %v", read, err)
	}
	for _, list := range []*List{read, NewList("10.0.0.0/8", "root", "812")} {
		for src, want := range map[string]bool{
			`in_list(related.ip, "x")`: true, `in_list(source.ip, "x")`: false, `in_list(related.user, "x")`: true, `in_list(user.name, "x")`: false, `in_list(process.pid, "x")`: true, `in_list($env, "x")`: true, `in_list(lower(user.name), "x")`: true,
		} {
			c, err := Compiler{Lists: Lists{"x": list}}.Compile(src)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Match(sample(t)); got != want {
				t.Errorf("%s: %v", src, got)
			}
		}
	}
}
