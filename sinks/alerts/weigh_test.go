package alerts

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/sinks/alerts/risk"
)

// about is an alert of a rule about a user, made at noon and some minutes.
func about(n int, rule, level, user string, minutes int) alert.Alert {
	at := noon.Add(time.Duration(minutes) * time.Minute)
	return alert.Alert{ID: fmt.Sprintf("%016x", n), Revision: 1, Rule: rule, Level: level, Group: map[string]string{"user.name": user}, What: rule + " of " + user, First: at, Last: at, Created: at, Count: 1}
}

// scoreAt is the score of a user at noon and some minutes.
func scoreAt(t testing.TB, s *Store, user string, minutes int) float64 {
	t.Helper()
	list, err := s.Risks(t.Context(), noon.Add(time.Duration(minutes)*time.Minute), user, 0)
	if err != nil || len(list) > 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if len(list) == 0 {
		return 0
	}
	return list[0].Score
}

// raised are the alerts about risk that are in line.
func raised(t testing.TB, s *Store) (list []alert.Alert) {
	t.Helper()
	line, err := s.line(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range line {
		if m.Alert == nil {
			continue
		}
		var a alert.Alert
		if err := json.Unmarshal(m.Alert, &a); err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.05 }

// TestWeigh: an alert counts once, as long as it counts.
func TestWeigh(t *testing.T) {
	type mark = func(*alert.Alert)
	for _, tc := range []struct {
		name string
		mark mark
		want float64
	}{
		{"as it is", func(*alert.Alert) {}, 40},
		{"a low one", func(a *alert.Alert) { a.Level = "low" }, 5},
		{"a level that is none", func(a *alert.Alert) { a.Level = "odd" }, 0},
		{"suppressed", func(a *alert.Alert) { a.SuppressedBy = "aaaa" }, 0},
		{"of a canary", func(a *alert.Alert) { a.Canary = true }, 0},
		{"of the past", func(a *alert.Alert) { a.Historic = true }, 0},
		{"merged", func(a *alert.Alert) { a.MergedInto = "aaaa" }, 0},
		{"about weir itself", func(a *alert.Alert) { a.Rule = "weir-silence" }, 0},
		{"over already", func(a *alert.Alert) { a.Ended = &noon }, 40},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			for revision := range 4 { // revisions do not add
				a := about(1, "r", "high", "kim", 0)
				a.Revision, a.Count = revision+1, revision+1
				tc.mark(&a)
				put(t, s, a, a)
			}
			if got := scoreAt(t, s, "kim", 0); !near(got, tc.want) {
				t.Errorf("got %f, want %f", got, tc.want)
			}
		})
	}
}

// TestWeigh_verdict: a verdict that it was nothing takes back what the alert added, and to open it again gives it back.
func TestWeigh_verdict(t *testing.T) {
	s := open(t)
	put(t, s, about(1, "a", "high", "kim", 0), about(2, "b", "medium", "kim", 0), about(3, "a", "high", "lee", 0))
	first := about(1, "", "", "", 0).ID
	for _, step := range []struct {
		d    Decision
		want float64
	}{
		{to(alert.Acknowledged, "", "ana", ""), 55},
		{to(alert.Closed, alert.TruePositive, "ana", ""), 55},
		{to(alert.Open, "", "ana", ""), 55},
		{to(alert.Closed, alert.FalsePositive, "ana", ""), 15},
		{to(alert.Open, "", "ana", ""), 55},
		{to(alert.Closed, alert.Duplicate, "ana", ""), 15},
		{Decision{Kind: alert.Note, Note: "x", By: "ana"}, 15},
		{to(alert.Open, "", "ana", ""), 55},
		{to(alert.Closed, alert.Benign, "ana", ""), 55},
	} {
		change(t, s, first, step.d)
		if got := scoreAt(t, s, "kim", 0); !near(got, step.want) {
			t.Errorf("after %+v: %f, want %f", step.d, got, step.want)
		}
	}
	if got := scoreAt(t, s, "lee", 0); !near(got, 40) {
		t.Errorf("somebody else has %f", got)
	}
}

// TestWeigh_late: contributions come in any order of their times, and add up to the same.
func TestWeigh_late(t *testing.T) {
	var list []alert.Alert
	for i := range 20 {
		list = append(list, about(i, "r", "low", "kim", i*60))
	}
	r := rand.New(rand.NewPCG(1, 2))
	var first float64
	for round := range 4 {
		s := open(t)
		s.now = func() time.Time { return noon.AddDate(0, 0, 1) }
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, a := range list {
			put(t, s, a)
		}
		got := scoreAt(t, s, "kim", 20*60)
		if round == 0 {
			first = got
		}
		if math.Abs(got-first) > 1e-9 || got < 60 {
			t.Errorf("round %d: %f, then %f", round, first, got)
		}
	}
}

// TestRaise follows an entity over the threshold, down, and up again.
func TestRaise(t *testing.T) {
	s := open(t)
	s.now = func() time.Time { return noon.AddDate(0, 0, 5) }
	day := 24 * 60
	for _, step := range []struct {
		name     string
		a        alert.Alert
		alerts   int // revisions in line after it
		episodes int
		count    int // of the last one
	}{
		{"the first", about(1, "a", "high", "kim", 0), 0, 0, 0},
		{"the second of the same rule", about(2, "a", "high", "kim", 1), 0, 0, 0},
		{"above the threshold by one rule", about(3, "a", "high", "kim", 2), 0, 0, 0},
		{"another rule", about(4, "b", "low", "kim", 3), 1, 1, 4},
		{"one more is folded", about(5, "c", "low", "kim", 4), 2, 1, 5},
		{"somebody else", about(6, "c", "low", "lee", 5), 2, 1, 5},
		{"a day later, above half of it", about(7, "c", "low", "kim", day), 3, 1, 6},
		{"fallen below half", about(8, "a", "low", "kim", 3*day), 3, 1, 6},
		{"rising", about(9, "a", "high", "kim", 3*day+1), 3, 1, 6},
		{"above half and below the threshold", about(10, "a", "medium", "kim", 3*day+2), 3, 1, 6},
		{"above it again", about(11, "d", "critical", "kim", 3*day+3), 4, 2, 8},
	} {
		put(t, s, step.a, step.a)
		list := raised(t, s)
		ids := map[string]bool{}
		for _, a := range list {
			ids[a.ID] = true
		}
		if len(list) != step.alerts || len(ids) != step.episodes {
			t.Fatalf("%s: %d alerts of %d episodes, want %d of %d; the score is %f", step.name, len(list), len(ids), step.alerts, step.episodes, scoreAt(t, s, "kim", 0))
		}
		if len(list) > 0 {
			if a := list[len(list)-1]; a.Count != step.count || a.Group["user.name"] != "kim" || a.Rule != risk.Rule || len(a.Evidence) != step.count {
				t.Errorf("%s: %+v", step.name, a)
			}
		}
	}
	list := raised(t, s)
	if list[0].Revision != 1 || list[1].Revision != 2 || list[2].Revision != 3 || list[3].Revision != 1 || list[0].ID == list[3].ID || !list[2].Created.Equal(list[0].Created) {
		t.Errorf("%+v", list)
	}
	if ev := list[0].Evidence[0]; ev.EventID != list[0].Evidence[0].Values["weir.alert.id"]+"-1" || ev.Values["rule.id"] != "a" {
		t.Errorf("evidence %+v", ev)
	}
	// What is listed now names the alert that is under way.
	rows, err := s.Risks(t.Context(), noon.Add(time.Duration(3*day+3)*time.Minute), "", 1)
	if err != nil || len(rows) != 1 || rows[0].Alert != list[3].ID || rows[0].Alerts != 8 || rows[0].Rules != 3 || len(rows[0].Parts) != 8 || rows[0].Parts[0].Points < 79 {
		t.Errorf("%+v, %v", rows, err)
	}
}

// TestRaise_batch: what comes in one batch makes one revision, and the alert that comes back from Kafka is stored, about
// nobody's risk, and changes nothing of the episode.
func TestRaise_batch(t *testing.T) {
	s := open(t)
	put(t, s, about(1, "a", "critical", "kim", 0), about(2, "b", "critical", "kim", 1), about(3, "c", "critical", "kim", 2))
	list := raised(t, s)
	if len(list) != 1 || list[0].Count != 3 {
		t.Fatalf("%+v", list)
	}
	for range 2 {
		put(t, s, list[0])
	}
	if again := raised(t, s); len(again) != 1 {
		t.Errorf("%d alerts in line after the first came back", len(again))
	}
	if row := get(t, s, list[0].ID); row.State != alert.Open || row.Rule != risk.Rule {
		t.Errorf("%+v", row)
	}
	if got := scoreAt(t, s, "kim", 2); got < 239 || got > 240 {
		t.Errorf("the score is %f", got)
	}
	put(t, s, about(4, "a", "low", "kim", 3))
	if again := raised(t, s); len(again) != 2 || again[1].ID != list[0].ID || again[1].Revision != 2 {
		t.Errorf("%+v", again)
	}
}

// TestRaise_sameIDs: the same alerts make the same alerts about risk in another file, so that a restart or a second weir
// does not say it twice.
func TestRaise_sameIDs(t *testing.T) {
	var ids [2]string
	for i := range ids {
		s := open(t)
		for n := range 6 {
			put(t, s, about(n, fmt.Sprint("rule", n%3), "high", "kim", n))
		}
		ids[i] = raised(t, s)[0].ID
	}
	if ids[0] != ids[1] {
		t.Errorf("%v", ids)
	}
}

// TestRisks: the list is by score, bounded, and found by name; what has decayed to nothing is not in it.
func TestRisks(t *testing.T) {
	s := open(t)
	put(t, s, about(1, "a", "low", "kim", 0), about(2, "a", "high", "lee", 0), about(3, "a", "informational", "cho", -60), about(4, "b", "medium", "Kim", 1))
	at := noon.Add(time.Minute)
	list, err := s.Risks(t.Context(), at, "", 0)
	if err != nil || len(list) != 2 || list[0].Value != "lee" || list[1].Value != "kim" || list[1].Rules != 2 || list[1].Alert != "" {
		t.Fatalf("%+v, %v", list, err)
	}
	if list, err := s.Risks(t.Context(), at, " KIM", 5); err != nil || len(list) != 1 || !near(list[0].Score, 20) || list[0].Parts[0].Rule != "b" {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := s.Risks(t.Context(), at, "", 1); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := s.Risks(t.Context(), at.AddDate(0, 1, 0), "", 0); err != nil || len(list) != 0 {
		t.Errorf("a month later: %+v, %v", list, err)
	}
	// Before the newest contribution a score is not more than it was then.
	if list, err := s.Risks(t.Context(), at.AddDate(0, 0, -9), "lee", 0); err != nil || len(list) != 1 || list[0].Score > 40.1 {
		t.Errorf("days before: %+v, %v", list, err)
	}
}

// TestWeigh_forgotten: what is so old that it is nothing is not kept, and does not come back with each revision.
func TestWeigh_forgotten(t *testing.T) {
	s := open(t)
	s.now = func() time.Time { return noon.AddDate(0, 0, 61) }
	put(t, s, about(1, "a", "high", "kim", 60*24*60))
	for revision := range 3 {
		old := about(2, "b", "critical", "kim", 0)
		old.Revision = revision + 1
		put(t, s, old)
	}
	n := 0
	if err := s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM risk_parts").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d contributions, %v", n, err)
	}
	if got := scoreAt(t, s, "kim", 60*24*60); !near(got, 40) {
		t.Errorf("the score is %f", got)
	}
}
