package winevent

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"weir/event"
)

// Lines that a reader has seen are read by the way that they went, those of other shapes as well.
func TestReader_KnowsTheWay(t *testing.T) {
	r := New(paths)
	var e event.Event
	lines := []string{
		`{"EventID":1,"Image":"a","CommandLine":"b","User":"c","Hashes":"d","Company":"e","RuleName":"f","Product":"g","Level":"h","Task":"i"}`,
		`{"EventID":2,"Image":"a","User":"c","CommandLine":"b"}`,
		`{"Event":{"System":{"EventID":3,"Channel":"x"},"EventData":{"Image":"a"}}}`,
	}
	read := func() []string {
		var all []string
		for _, l := range lines {
			if err := r.Read([]byte(l), &e); err != nil {
				t.Fatal(err)
			}
			all = append(all, flatten(&e)...)
		}
		return all
	}
	first := read()
	for range 3 {
		read()
	}
	ways := r.ways
	if got := read(); !slices.Equal(got, first) {
		t.Errorf("by the way: %q, without: %q", got, first)
	}
	if r.ways != ways || r.way == nil {
		t.Errorf("lines that came before still leave the way: %d places, then %d", ways, r.ways)
	}
}

// Lines in which names come in any order fill no memory, and are read all the same.
func TestReader_WaysAreBounded(t *testing.T) {
	r := New(paths)
	var e event.Event
	rnd := rand.New(rand.NewPCG(1, 2))
	names := make([]string, 40)
	for i := range names {
		names[i] = fmt.Sprintf(`"N%d":"v%d"`, i, i)
	}
	for range 2000 {
		rnd.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		if err := r.Read([]byte("{"+strings.Join(names, ",")+"}"), &e); err != nil {
			t.Fatal(err)
		}
		if got := e.GetPath("winlog.event_data.N7").Text(); got != "v7" || len(flatten(&e)) != len(names) {
			t.Fatalf("N7 is %q, %d values", got, len(flatten(&e)))
		}
	}
	if r.ways > maxWays || len(r.begins.others) > maxOthers {
		t.Errorf("%d places on ways, %d at the start", r.ways, len(r.begins.others)+1)
	}
	r.ways, r.gen = maxWays, 1<<16-1
	if err := r.Read([]byte(`{"A":"b"}`), &e); err != nil || r.ways != 1 {
		t.Errorf("a full tree is kept for ever: %d places, %v", r.ways, err)
	}
}
