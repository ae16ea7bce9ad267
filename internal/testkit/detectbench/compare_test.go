package main

import (
	"slices"
	"testing"
)

func TestDiff(t *testing.T) {
	set := func(events ...string) map[string]bool {
		out := map[string]bool{}
		for _, e := range events {
			out[e] = true
		}
		return out
	}
	for name, c := range map[string]struct {
		ours, theirs map[string]bool
		want         difference
	}{
		"the same":   {set("n1", "n2"), set("n2", "n1"), difference{rule: "r", both: 2}},
		"only ours":  {set("n1", "n2"), nil, difference{rule: "r", only: [2]int{2, 0}, example: "n1"}},
		"only their": {nil, set("n3"), difference{rule: "r", only: [2]int{0, 1}, example: "n3"}},
		"some":       {set("n1", "n2"), set("n2", "n3"), difference{rule: "r", both: 1, only: [2]int{1, 1}, example: "n1"}},
	} {
		if got := diff("r", c.ours, c.theirs); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// Both engines' matches come to the numbers of events, whatever the order in the file.
func TestReadMatches(t *testing.T) {
	list := numbered([]record{{line: []byte(`{"a":1}`)}, {line: []byte(`{"b":2}`)}})
	slices.Reverse(list)
	dir := write(t, "events", string(list[0].line)+"\n"+string(list[1].line)+"\n")
	events, err := readEvents(dir + "/events")
	if err != nil || len(events.lines) != 2 || events.numbers[0] != "n2" {
		t.Fatalf("%+v, %v", events, err)
	}
	ours, err := readMatches(write(t, "m", "{\"line\":1,\"rule\":\"r\"}\n")+"/m", events.weirMatches)
	if err != nil || !ours["r"]["n2"] {
		t.Errorf("%v, %v", ours, err)
	}
	theirs, err := readMatches(write(t, "m", `{"rule_id":"r","event":{"b":2,"bench_number":"n2"}}`)+"/m", rsigmaMatches)
	if err != nil || !theirs["r"]["n2"] {
		t.Errorf("%v, %v", theirs, err)
	}
	for _, bad := range []string{"nonsense", `{"line":3,"rule":"r"}`} {
		if _, err := readMatches(write(t, "m", bad)+"/m", events.weirMatches); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
	if _, err := readMatches(write(t, "m", `{"rule_id":"r","event":{}}`)+"/m", rsigmaMatches); err == nil {
		t.Error("a match without its event was read")
	}
}
