package alerts

import (
	"maps"
	"testing"

	"weir/internal/alert"
)

func TestStats(t *testing.T) {
	s := open(t)
	suppressed, canary := about(7, "a", "high", "lee", 0), about(8, "a", "high", "lee", 0)
	suppressed.SuppressedBy, canary.Canary = "aaaa", true
	put(t, s, about(1, "a", "high", "kim", 60), about(2, "b", "high", "kim", 60), about(3, "c", "high", "kim", 60), about(4, "a", "low", "lee", 60), about(5, "a", "low", "cho", 60),
		about(6, "a", "critical", "cho", 60), suppressed, canary)
	change(t, s, about(1, "", "", "", 0).ID, to(alert.Acknowledged, "", "ana", ""))
	change(t, s, about(4, "", "", "", 0).ID, to(alert.Closed, alert.FalsePositive, "ana", ""))
	change(t, s, about(5, "", "", "", 0).ID, Decision{Kind: alert.Note, Note: "x", By: "ana"})
	st, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int64{"informational": 0, "low": 1, "medium": 0, "high": 2, "critical": 1}; !maps.Equal(st.Open, want) {
		t.Errorf("open %v, want %v", st.Open, want)
	}
	// The canary was closed by weir; kim is above the threshold, which an alert in line says.
	st.Open = nil
	if want := (Stats{Acknowledged: 1, ByPeople: 3, ByWeir: 1, Waiting: 5, Entities: 2, Above: 1}); st.Acknowledged != want.Acknowledged || st.ByPeople != want.ByPeople || st.ByWeir != want.ByWeir || st.Waiting != want.Waiting || st.Entities != want.Entities || st.Above != want.Above {
		t.Errorf("got %+v, want %+v", st, want)
	}
}
