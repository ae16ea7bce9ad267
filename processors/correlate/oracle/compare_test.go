package oracle

import (
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/rules"
)

func revision(id string, n, count int) *alert.Alert {
	at := time.Unix(1000, 0)
	return &alert.Alert{ID: id, Revision: n, Rule: "r", Group: map[string]string{"g": "x"}, Count: count, First: at, Last: at.Add(time.Duration(count-1) * time.Second),
		Conditions: []alert.Condition{{Name: "a", Matched: count}}, Evidence: []alert.Evidence{{EventID: "a0"}, {EventID: "a1"}}[:min(count, 2)]}
}

func TestSaid(t *testing.T) {
	s := Said{}
	for _, a := range []*alert.Alert{revision("1", 1, 1), revision("1", 2, 2), revision("1", 1, 1)} {
		if err := s.Take(a); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		name, want string
		a          *alert.Alert
	}{
		{"a hole", "comes after 2", revision("1", 4, 4)},
		{"another one under the same number", "is another one", revision("1", 2, 3)},
		{"a first one that is none", "comes after 0", revision("2", 2, 1)},
	}
	for _, c := range cases {
		if err := s.Take(c.a); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestCompare(t *testing.T) {
	r := &rules.Rule{ID: "r", Hash: "1", When: conditions("a"), Fold: rules.Fold{By: []string{"g"}, For: time.Minute}}
	want := []Alert{{Group: map[string]string{"g": "x"}, Hits: []string{"a0", "a1"}, Matched: [][]string{{"a0", "a1"}}, Count: 2, First: 1000e9, Last: 1001e9}}
	merged := revision("2", 1, 1)
	merged.MergedInto = "1"
	orphan := revision("3", 1, 1)
	orphan.MergedInto = "nowhere"
	empty := revision("1", 1, 1)
	empty.Evidence = nil
	cases := []struct {
		name string
		said Said
		want string
	}{
		{"equal", Said{"1": {revision("1", 1, 1), revision("1", 2, 2)}, "2": {merged}}, ""},
		{"one is missing", Said{}, "missing: g=x count 2"},
		{"one too many", Said{"1": {revision("1", 1, 2)}, "2": {revision("2", 1, 1)}}, "should not be: g=x count 1"},
		{"another count", Said{"1": {revision("1", 1, 1)}}, "1 alerts, want 1"},
		{"merged into nothing", Said{"1": {revision("1", 1, 2)}, "3": {orphan}}, "which there is not"},
		{"it shrank", Said{"1": {revision("1", 1, 2), revision("1", 2, 1)}}, "does not follow"},
		{"no evidence", Said{"1": {empty}}, "incomplete"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n, err := Compare(r, c.said, want)
			if c.want == "" && (err != nil || n != 1) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%d, %v", n, err)
			}
		})
	}
}
