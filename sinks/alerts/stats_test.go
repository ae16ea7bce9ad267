package alerts

import (
	"database/sql/driver"
	"maps"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	sqlite "modernc.org/sqlite"

	"weir/internal/alert"
)

// between is called once by SQLite where a statement asks for weir_between(): what it does comes between two others.
var between atomic.Pointer[func()]

// callBetween makes weir_between known to connections that are opened from then on.
var callBetween = sync.OnceFunc(func() {
	sqlite.MustRegisterScalarFunction("weir_between", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		if do := between.Swap(nil); do != nil {
			(*do)()
		}
		return int64(1), nil
	})
})

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

// TestStats_Forgetting: what is forgotten while it is counted is counted once: no number goes up and down again.
func TestStats_Forgetting(t *testing.T) {
	const n = 10
	callBetween()
	s := old(t, filepath.Join(t.TempDir(), "alerts.db"), n)
	defer s.Close()
	if _, err := s.db.ExecContext(t.Context(), "ALTER TABLE outbox RENAME TO line; CREATE VIEW outbox AS SELECT 1 WHERE weir_between()"); err != nil {
		t.Fatal(err)
	}
	forgotten := int64(0)
	do := func() {
		var err error
		if forgotten, err = s.forget(t.Context()); err != nil {
			t.Error(err)
		}
	}
	between.Store(&do)
	st, err := s.Stats(t.Context())
	if err != nil || st.ByPeople != n || st.Forgotten != 0 || forgotten != n {
		t.Errorf("%d changes, %d forgotten while %d were: %v", st.ByPeople, st.Forgotten, forgotten, err)
	}
	if st, err = s.Stats(t.Context()); err != nil || st.ByPeople != n || st.Forgotten != n {
		t.Errorf("then %d changes, %d forgotten: %v", st.ByPeople, st.Forgotten, err)
	}
}

// TestStats_Failure: numbers of which some are missing are none: a counter would seem to have begun anew.
func TestStats_Failure(t *testing.T) {
	s := open(t)
	put(t, s, about(1, "a", "high", "kim", 60))
	if _, err := s.db.ExecContext(t.Context(), "ALTER TABLE meta RENAME TO elsewhere"); err != nil {
		t.Fatal(err)
	}
	if st, err := s.Stats(t.Context()); err == nil || !reflect.DeepEqual(st, Stats{}) {
		t.Errorf("%+v, %v", st, err)
	}
}
