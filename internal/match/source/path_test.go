package source

import "testing"

func TestFieldPath(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`user.name`: "user.name", `user?.name`: "user.name", `labels["a-b"]`: "labels.a-b", `labels["a-b"].c`: "labels.a-b.c", `$env["@timestamp"]`: "@timestamp",
		`$env["a.b"]`: "a.b", `$env`: "", `related.ip[0]`: "", `user[""]`: "", `user.name()`: "", `lower(user.name)`: "", `"x"`: "", `source`: "source", `user[source.ip]`: "",
	} {
		n, err := Parse(src, nil)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		got, ok := FieldPath(n)
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%s: %q, want %q", src, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for src, want := range map[string][2]int{`user.name == "x"`: {0, 16}, `"김" in user.name`: {0, 16}, `f(a, "b")`: {0, 8}, `x`: {0, 1}} {
		n, err := Parse(src, nil)
		if err != nil {
			t.Fatal(err)
		}
		if from, to := Span(n); from != want[0] || to != want[1] {
			t.Errorf("%s: %d to %d", src, from, to)
		}
	}
}
