package query

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/event"
)

// formula is a random condition and the truth that it must have.
func formula(rnd *rand.Rand, depth int) (text string, truth bool) {
	atoms := []struct {
		text  string
		truth bool
	}{
		{"event.outcome: failure", true}, {"event.outcome: success", false}, {"source.ip: 203.0.113.0/24", true}, {"source.port > 50000", false},
		{"password", true}, {`"no such phrase"`, false}, {"user.name: *", true}, {"file.name: *", false}, {"event.category: (web or network)", true},
	}
	if depth == 0 || rnd.IntN(4) == 0 {
		a := atoms[rnd.IntN(len(atoms))]
		return a.text, a.truth
	}
	switch rnd.IntN(4) {
	case 0:
		text, truth = formula(rnd, depth-1)
		return "not (" + text + ")", !truth
	case 1:
		text, truth = formula(rnd, depth-1)
		return "(" + text + ")", truth
	}
	n, and := 2+rnd.IntN(3), rnd.IntN(2) == 0
	parts, truth := make([]string, n), and
	for i := range parts {
		part, t := formula(rnd, depth-1)
		if !and {
			parts[i], truth = part, truth || t // and binds closer: no parentheses needed around an and
		} else {
			parts[i], truth = "("+part+")", truth && t
		}
	}
	if and {
		return strings.Join(parts, " AND "), truth
	}
	return strings.Join(parts, " or "), truth
}

// Any way to join conditions has the truth that logic gives it, printed and parsed again too.
func TestQuery_logic(t *testing.T) {
	e := decode(t, doc)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 1500 {
		text, truth := formula(rnd, 4)
		q, err := ParseAt(text, noon)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if q.Match(e) != truth {
			t.Fatalf("%s is %v", text, !truth)
		}
		again, err := ParseAt(q.String(), noon)
		if err != nil || again.Match(e) != truth {
			t.Fatalf("%s printed as %s: %v", text, q, err)
		}
	}
}

// One query serves many goroutines, each with an event of its own.
func TestQuery_manyGoroutines(t *testing.T) {
	q, err := ParseAt(`message: "failed password" and (source.ip: 203.0.113.0/24 or weir.data.*: x) and not *.name: nobody and passw*`, noon)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			e := new(event.Event)
			for range 200 {
				if err := e.Decode([]byte(doc)); err != nil || !q.Match(e) {
					t.Errorf("no match, %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestQuery_emptyEvent(t *testing.T) {
	for q, want := range map[string]bool{"": true, "*": true, "a": false, "not a": true, "user.name: *": false, "user.name: x": false, "not source.port > 1": true, "*: *": true, "a:{ b: c }": false} {
		p, err := Parse(q)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Match(new(event.Event)); got != want {
			t.Errorf("%q on an empty event: %v", q, got)
		}
	}
}

func ExampleParse() {
	q, err := Parse(`user.name: root and source.ip: 203.0.113.0/24`)
	if err != nil {
		fmt.Println(err)
		return
	}
	var e event.Event
	if err := e.Decode([]byte(`{"user":{"name":"root"},"source":{"ip":"203.0.113.5"}}`)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(q.Match(&e), q.Fields())
	// Output: true [user.name source.ip]
}

// What Unknown says is a whole warning: it goes to a terminal as it is.
func TestUnknown_whole(t *testing.T) {
	q, err := Parse("event.outcome: failure and sorce.ip: 203.0.113.5")
	if err != nil {
		t.Fatal(err)
	}
	list := q.Unknown(nil)
	if len(list) != 1 {
		t.Fatalf("%d warnings", len(list))
	}
	w := *list[0]
	if w.What != "no event in this time has the field `sorce.ip`" || w.Where != "query, column 28" || w.Why != "not in ECS and not in the data" || w.Do != "did you mean `source.ip`?" || w.Exit != 0 {
		t.Errorf("%+v", w)
	}
	if got := q.Unknown(func(path string) bool { return path == "sorce.ip" }); len(got) != 0 {
		t.Errorf("a field of the data is unknown: %v", got[0])
	}
	twice, err := Parse("sorce.ip: a or sorce.ip: b")
	if err != nil {
		t.Fatal(err)
	}
	if got := twice.Fields(); len(got) != 1 {
		t.Errorf("a field that is named twice is listed as %v", got)
	}
}

// A query means the moment at which it was read, however long it runs.
func TestParseAt_moment(t *testing.T) {
	var e event.Event
	e.Set(event.Timestamp, event.At(noon.Add(-10*time.Minute)))
	for _, c := range []struct {
		name string
		now  time.Time
		want bool
	}{{"read at noon", noon, true}, {"read ten minutes later", noon.Add(10 * time.Minute), false}, {"read before the event", noon.Add(-time.Hour), true}} {
		q, err := ParseAt("@timestamp >= now-15m", c.now)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := q.Match(&e); got != c.want {
				t.Errorf("%s: %v", c.name, got)
			}
		}
	}
}
