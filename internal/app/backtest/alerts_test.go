package backtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control/trial"
)

// raised is an alert about a user from one minute to another, with the events that show it.
func raised(id, user string, from, to int, events ...string) *alert.Alert {
	a := &alert.Alert{ID: id, Rule: "r", Group: map[string]string{"user.name": user}, First: start.Add(time.Duration(from) * time.Minute), Last: start.Add(time.Duration(to) * time.Minute)}
	for _, e := range events {
		a.Evidence = append(a.Evidence, alert.Evidence{EventID: e, Values: map[string]string{"message": strings.Repeat("x", 100)}})
	}
	return a
}

func TestCompare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		now, before []*alert.Alert
		want        string
	}{
		{"nothing", nil, nil, "[]"},
		{"only now", []*alert.Alert{raised("a", "u", 0, 1, "e1")}, nil, "[a:new]"},
		{"only before", nil, []*alert.Alert{raised("b", "u", 0, 1, "e1")}, "[b:gone]"},
		{"one event, other groups", []*alert.Alert{raised("a", "u", 0, 1, "e1", "e2")}, []*alert.Alert{raised("b", "v", 5, 6, "e2")}, "[a:same]"},
		{"one group at a time, other events", []*alert.Alert{raised("a", "u", 0, 10, "e1")}, []*alert.Alert{raised("b", "u", 9, 20, "e2")}, "[a:same]"},
		{"one group at other times", []*alert.Alert{raised("a", "u", 0, 8, "e1")}, []*alert.Alert{raised("b", "u", 9, 20, "e2")}, "[a:new b:gone]"},
		{"one long one before, several now", []*alert.Alert{raised("a", "u", 0, 1, "e1"), raised("b", "u", 5, 6, "e9"), raised("c", "u", 99, 99, "e8")}, []*alert.Alert{raised("z", "u", 0, 50, "e1")}, "[a:same b:same c:new]"},
		{"one now, several before", []*alert.Alert{raised("z", "u", 0, 50, "e1")}, []*alert.Alert{raised("a", "u", 0, 1, "e1"), raised("b", "u", 40, 41, "e7"), raised("c", "u", 51, 52, "e8")}, "[z:same c:gone]"},
		{"a short one behind a long one", []*alert.Alert{raised("a", "u", 30, 31)}, []*alert.Alert{raised("b", "u", 0, 40), raised("c", "u", 5, 6)}, "[c:gone a:same]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := []string{}
			for _, a := range compare(tt.now, tt.before, func(string) string { return "" }) {
				got = append(got, a.ID+":"+a.Change)
			}
			if fmt.Sprint(got) != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
	// With several rules, those of one id are compared.
	other := raised("b", "u", 0, 1, "e1")
	other.Rule = "z"
	if got := compare([]*alert.Alert{raised("a", "u", 0, 1, "e1")}, []*alert.Alert{other}, func(id string) string { return id }); got[0].Change != trial.New || got[1].Change != trial.Gone {
		t.Errorf("alerts of two rules are one: %+v", got)
	}
}

func TestAlerts_LastRevisionStands(t *testing.T) {
	t.Parallel()
	s := newAlerts(false)
	s.take(raised("b", "u", 5, 6, "e1"))
	s.take(raised("a", "u", 0, 1, "e1"))
	later := raised("b", "u", 5, 9, "e1", "e2")
	later.Count = 2
	s.take(later)
	gone := raised("c", "u", 7, 8)
	gone.MergedInto = "b"
	s.take(gone)
	list := s.list()
	if len(list) != 2 || list[0].ID != "a" || list[1].Count != 2 || len(list[1].Evidence) != 2 || list[1].Evidence[0].Values != nil {
		t.Errorf("%+v", list)
	}
}

// TestAlerts_ValuesAreBounded: beyond the bound an alert keeps its evidence and loses the values of it.
func TestAlerts_ValuesAreBounded(t *testing.T) {
	t.Parallel()
	s := newAlerts(true)
	s.size = maxValues - 250
	first := raised("a", "u", 0, 1, "e1", "e2") // 214 bytes
	s.take(first)
	s.take(raised("b", "u", 0, 1, "e3"))
	s.take(raised("a", "u", 0, 2, "e1", "e2")) // a revision takes the place of the one before
	s.take(raised("b", "u", 0, 2, "e3"))
	list := s.list()
	if list[0].Evidence[0].Values == nil || list[1].Evidence[0].Values != nil || list[1].Evidence[0].EventID != "e3" || s.cut != 1 {
		t.Errorf("%d cut: %+v", s.cut, list)
	}
}
