package correlating

import (
	"slices"
	"strings"
	"testing"

	"weir/internal/signal"
	"weir/rules"
)

const routed = `id: seq
title: S
level: low
when:
  a: message contains "a"
  b: message contains "b"
correlate: {sequence: [{when: a}, {when: b}], by: [source.ip, user.name], within: 1m}
fold: {by: [user.name]}
`

// TestRoute: signals that fold into one alert have one route, whatever else their groups hold.
func TestRoute(t *testing.T) {
	list, faults := rules.Parse("r.yaml", []byte(routed), rules.Options{})
	if rules.HasErrors(faults) {
		t.Fatal(faults)
	}
	c := New(&rules.Set{Rules: list}, nil, "weir.alerts", 1)
	if got := c.Route(&signal.Signal{Rule: "seq", Hash: list[0].Hash, When: "b", Group: []string{"192.0.2.1", "kim"}}); !slices.Equal(got, []string{"kim"}) {
		t.Errorf("routed by %v", got)
	}
	if got := c.Route(&signal.Signal{Rule: "gone", Group: []string{"192.0.2.1", "kim"}}); strings.Join(got, " ") != "192.0.2.1 kim" {
		t.Errorf("a rule that is not there is routed by %v", got)
	}
	c.SetRules(&rules.Set{})
	if got := c.Route(&signal.Signal{Rule: "seq", Group: []string{"x", "y"}}); len(got) != 2 {
		t.Errorf("after a reload without it: %v", got)
	}
}

func TestProduce_Nothing(t *testing.T) {
	called := 0
	(&Correlator{}).Produce(t.Context(), nil, func(err error) {
		if called++; err != nil {
			t.Error(err)
		}
	})
	if called != 1 {
		t.Errorf("done was called %d times", called)
	}
}
