package alerts

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/sinks/alerts/risk"
)

// topics is what Kafka holds: everything that was ever written to them.
type topics struct{ alerts, changes []*kgo.Record }

func (l *topics) add(t *testing.T, to *[]*kgo.Record, topic string, v any) {
	t.Helper()
	value, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	*to = append(*to, &kgo.Record{Topic: topic, Offset: int64(len(*to)), Value: value})
}

// read gives a worker records [from, to) of a topic.
func read(t *testing.T, s *Store, list []*kgo.Record, from, to int) {
	t.Helper()
	if from == to {
		return
	}
	process := (&Worker{Store: s, Log: slog.New(slog.DiscardHandler)}).Process
	if list[0].Topic == "weir.changes" {
		process = (&ChangeWorker{Store: s, Log: slog.New(slog.DiscardHandler)}).Process
	}
	if err := process(t.Context(), list[from:to], func(err error) {
		if err != nil {
			t.Error(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// state is what must be the same in a store that was read back.
func state(t *testing.T, s *Store) (out []Row, history [][]alert.Change, scores []float64) {
	t.Helper()
	rows, err := s.List(t.Context(), Filter{Sort: "first", Suppressed: true, Canary: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		list, err := s.Changes(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		history = append(history, list)
	}
	risks, err := s.Risks(t.Context(), noon, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range risks {
		scores = append(scores, float64(int(r.Score*1000)))
	}
	return rows, history, scores
}

// TestRebuild: a store that was lost is made anew of what Kafka has, in whatever order its two topics are read, and is the
// one that it was: no alert is opened because its later hits come before the decision, and nothing is decided or raised
// twice.
func TestRebuild(t *testing.T) {
	lost, k := open(t), &kafka{}
	var l topics
	deliverAll := func() {
		t.Helper()
		for {
			line, err := lost.line(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(line) == 0 {
				return
			}
			if _, err := lost.deliver(t.Context(), k.send); err != nil {
				t.Fatal(err)
			}
			for _, m := range line {
				if m.Change != nil {
					l.add(t, &l.changes, "weir.changes", json.RawMessage(m.Change))
					continue
				}
				l.add(t, &l.alerts, "weir.alerts", json.RawMessage(m.Alert))
				read(t, lost, l.alerts, len(l.alerts)-1, len(l.alerts))
			}
		}
	}
	arrive := func(a alert.Alert) {
		t.Helper()
		l.add(t, &l.alerts, "weir.alerts", a)
		read(t, lost, l.alerts, len(l.alerts)-1, len(l.alerts))
		deliverAll()
	}
	do := func(id string, d Decision) { t.Helper(); change(t, lost, id, d); deliverAll() }
	canary, merged := sample("cccc000000000001", 1), sample("dddd000000000001", 2)
	canary.Canary, merged.MergedInto = true, id
	arrive(sample(id, 1))
	do(id, to(alert.Acknowledged, "", "ana", "mine"))
	arrive(sample(id, 2))
	do(id, to(alert.Closed, alert.TruePositive, "ana", "done"))
	arrive(sample(id, 3)) // weir opens it
	do(id, to(alert.Closed, alert.TruePositive, "ben", "done again"))
	do(id, Decision{Kind: alert.Note, Note: "it was ben", By: "ben"})
	arrive(sample("bbbb000000000001", 1))
	do("bbbb000000000001", to(alert.Closed, alert.FalsePositive, "ana", ""))
	arrive(sample("bbbb000000000001", 5))
	arrive(canary)
	arrive(merged)
	arrive(about(1, "a", "critical", "kim", 1))
	arrive(about(2, "b", "critical", "kim", 2)) // raises an alert
	arrive(about(3, "c", "critical", "kim", 3)) // and a revision of it
	rows, history, scores := state(t, lost)
	if len(l.changes) != 8 || len(rows) != 8 || len(scores) < 2 {
		t.Fatalf("%d changes, %d alerts, %d scores: the test says little", len(l.changes), len(rows), len(scores))
	}

	for name, order := range map[string][]int{ // how many of alerts, then of changes, then of alerts, ...
		"alerts first":        {len(l.alerts), len(l.changes)},
		"changes first":       {0, len(l.changes), len(l.alerts)},
		"one by one":          {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 99},
		"changes lag behind":  {4, 1, 4, 2, 99, 99},
		"decisions come last": {99, 3, 0, 99},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(filepath.Join(t.TempDir(), "alerts.db"), Options{Risk: &weights})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if anew, err := s.New(t.Context()); err != nil || !anew {
				t.Fatalf("it is not new: %v", err)
			}
			if at, ok := s.StartOffset("weir.alerts", 0); !ok || at != 0 {
				t.Error("it does not begin at the beginning")
			}
			if err := s.Rebuild(t.Context(), map[string]map[int32]int64{"weir.alerts": {0: int64(len(l.alerts))}, "weir.changes": {0: int64(len(l.changes))}}); err != nil {
				t.Fatal(err)
			}
			var at [2]int
			for i := 0; at[0] < len(l.alerts) || at[1] < len(l.changes); i++ {
				list, n := [][]*kgo.Record{l.alerts, l.changes}[i%2], 99
				if i < len(order) {
					n = order[i]
				}
				next := min(at[i%2]+n, len(list))
				read(t, s, list, at[i%2], next)
				at[i%2] = next
			}
			again, history2, scores2 := state(t, s)
			for i := range rows {
				if i >= len(again) || !reflect.DeepEqual(rows[i], again[i]) {
					t.Errorf("alert %s was\n%+v, is\n%+v", rows[i].Short, rows[i], again[min(i, len(again)-1)])
				}
			}
			if len(again) != len(rows) || !reflect.DeepEqual(history, history2) || !reflect.DeepEqual(scores, scores2) {
				t.Errorf("history\n%+v\nis\n%+v\nscores %v are %v", history, history2, scores, scores2)
			}
			if line, err := s.line(t.Context()); err != nil || len(line) != 0 {
				t.Errorf("%d things are sent again, %v", len(line), err)
			}
			if _, ok := s.StartOffset("weir.alerts", 0); ok {
				t.Error("it would begin at the beginning again")
			}
			// It goes on as before: what it decides has the next number, and risk the next revision.
			put(t, s, sample(id, 4), about(4, "d", "low", "kim", 4))
			if row := get(t, s, id); row.State != alert.Open || row.By != alert.Self || row.Version != 6 {
				t.Errorf("after a further hit: %s by %s, %d", row.State, row.By, row.Version)
			}
			if list := raised(t, s); len(list) != 1 || list[0].Revision != 3 || list[0].Rule != risk.Rule {
				t.Errorf("%+v", list)
			}
		})
	}
}

// TestRebuild_crash: what was left to decide is decided after a start in the middle of it, and once.
func TestRebuild_crash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.db")
	over := sample(id, 1)
	over.Ended = &noon
	note, err := json.Marshal(alert.Change{Alert: "bbbb", Version: 1, Kind: alert.Note, State: alert.Open, By: "ana", At: noon})
	if err != nil {
		t.Fatal(err)
	}
	changes := []*kgo.Record{{Topic: "weir.changes", Value: note}, {Topic: "weir.changes", Offset: 1, Value: note}}
	for step := range 3 {
		s, err := Open(path, Options{Risk: &weights})
		if err != nil {
			t.Fatal(err)
		}
		switch step {
		case 0:
			if err := s.Rebuild(t.Context(), map[string]map[int32]int64{"weir.changes": {0: 2}}); err != nil {
				t.Fatal(err)
			}
			put(t, s, over)
		case 1:
			read(t, s, changes, 0, 1)
		case 2:
			read(t, s, changes, 1, 2)
		}
		row := get(t, s, id)
		if decided := row.State == alert.Closed; decided != (step == 2) {
			t.Errorf("step %d: it is %s", step, row.State)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStartOffset: only a file that was made anew, and only what it never had, is read from the beginning.
func TestStartOffset(t *testing.T) {
	s := open(t)
	put(t, s, sample(id, 1)) // not from a topic
	if _, ok := s.StartOffset("weir.alerts", 0); !ok {
		t.Error("nothing was read, and it knows where to begin")
	}
	if err := (&Worker{Store: s, Log: slog.New(slog.DiscardHandler)}).Process(t.Context(), []*kgo.Record{{Topic: "weir.alerts", Partition: 0, Value: []byte("{}")}}, func(error) {}); err != nil {
		t.Fatal(err)
	}
	for partition, want := range map[int32]bool{0: false, 1: true} {
		if _, ok := s.StartOffset("weir.alerts", partition); ok != want {
			t.Errorf("partition %d: %v", partition, ok)
		}
	}
	if anew, err := s.New(t.Context()); err != nil || anew {
		t.Errorf("it is new: %v, %v", anew, err)
	}
}
