package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
)

// foreign are records of weir.alerts that no weir wrote: bytes that are none of ours, and alerts with values that ours never
// have. Whatever they are, the stage that reads them goes on.
func foreign() map[string]string {
	long := strings.Repeat("x", 1<<20)
	whole := `"rule":"r","version":1,"title":"t","group":{"host.name":"web-1","user.name":"kim","source.ip":"203.0.113.5"},"what":"w","conditions":[],"evidence":[]`
	times := `"first":"2026-11-21T10:00:00Z","last":"2026-11-21T10:00:00Z","created":"2026-11-21T10:00:00Z"`
	out := map[string]string{
		"no bytes":            "",
		"not JSON":            "\x00\xff\xfe garbage",
		"another JSON":        `[1,2,3]`,
		"null":                `null`,
		"a number":            `17`,
		"cut":                 `{"id":"cut","revision":1,"rule":"r","group":{"host.name":`,
		"revision of text":    `{"id":"text","revision":"one"}`,
		"revision too large":  `{"id":"large","revision":99999999999999999999}`,
		"greatest revision":   `{"id":"greatest","revision":9223372036854775807,"level":"high","count":9223372036854775807,` + whole + `,` + times + `}`,
		"negative revision":   `{"id":"negative","revision":-1,"level":"high",` + whole + `,` + times + `}`,
		"negative count":      `{"id":"count","revision":1,"level":"high","count":-9223372036854775808,` + whole + `,` + times + `}`,
		"nothing but an id":   `{"id":"bare","revision":1}`,
		"unknown level":       `{"id":"level","revision":1,"level":"bananas","count":1,` + whole + `,` + times + `}`,
		"id of a megabyte":    `{"id":"` + long + `","revision":1,"level":"high","count":1,` + whole + `,` + times + `}`,
		"id of controls":      `{"id":"\u0000\u001b]0;owned\u0007","revision":1,"level":"high","count":1,` + whole + `,` + times + `}`,
		"value of a megabyte": `{"id":"value","revision":1,"level":"high","count":1,"rule":"r","group":{"host.name":"` + long + `"},` + times + `}`,
		"not UTF-8":           `{"id":"utf","revision":1,"level":"high","count":1,"rule":"r","group":{"host.name":"` + "\xff\xfe" + `"},` + times + `}`,
		"merged into itself":  `{"id":"self","revision":1,"level":"high","count":1,"merged_into":"self","suppressed_by":"self",` + whole + `,` + times + `}`,
		"deep":                `{"id":"deep","revision":1,"group":` + strings.Repeat(`{"a":`, 20_000) + `1` + strings.Repeat(`}`, 20_000) + `}`,
	}
	for _, year := range []string{"0001", "0000", "1601", "1969", "2099", "2262", "2300", "9999"} {
		at := `"` + year + `-12-31T23:59:59.999999999Z"`
		out["year "+year] = `{"id":"y` + year + `","revision":1,"level":"critical","count":1,` + whole + `,"first":` + at + `,"last":` + at + `,"created":` + at + `,"ended":` + at + `}`
		out["year "+year+", open"] = `{"id":"o` + year + `","revision":1,"level":"critical","count":1,` + whole + `,"first":` + at + `,"last":` + at + `,"created":` + at + `}`
	}
	return out
}

// foreignChanges are the same of weir.changes.
func foreignChanges() map[string]string {
	out := map[string]string{
		"no bytes":           "",
		"not JSON":           "\x00\xff\xfe garbage",
		"null":               `null`,
		"unknown alert":      `{"alert":"nowhere","version":1,"kind":"state","state":"closed","verdict":"benign","by":"eve","at":"2026-11-21T10:00:00Z"}`,
		"unknown state":      `{"alert":"good","version":1,"kind":"state","state":"bananas","by":"eve","at":"2026-11-21T10:00:00Z"}`,
		"unknown kind":       `{"alert":"good","version":1,"kind":"bananas","state":"closed","by":"eve","at":"2026-11-21T10:00:00Z"}`,
		"unknown verdict":    `{"alert":"good","version":1,"kind":"state","state":"closed","verdict":"bananas","by":"eve","at":"2026-11-21T10:00:00Z"}`,
		"version too large":  `{"alert":"good","version":99999999999999999999,"kind":"state","state":"closed","by":"eve"}`,
		"greatest version":   `{"alert":"good","version":9223372036854775807,"kind":"state","state":"closed","verdict":"benign","by":"eve","at":"2026-11-21T10:00:00Z"}`,
		"note of a megabyte": `{"alert":"nowhere","version":2,"kind":"note","state":"open","note":"` + strings.Repeat("x", 1<<20) + `","by":"eve"}`,
		"year 9999":          `{"alert":"nowhere","version":3,"kind":"note","state":"open","note":"n","by":"eve","at":"9999-12-31T23:59:59Z"}`,
	}
	return out
}

// takes gives one record to a worker, which has to be done with it.
func takes(t *testing.T, w interface {
	Process(ctx context.Context, batch []*kgo.Record, done func(error)) error
}, value string) {
	t.Helper()
	answered := 0
	err := w.Process(t.Context(), []*kgo.Record{{Topic: "weir.alerts", Value: []byte(value)}}, func(err error) {
		if answered++; err != nil {
			t.Errorf("answered with %v", err)
		}
	})
	if err != nil || answered != 1 {
		t.Fatalf("%v, answered %d times: the stage would try this record for ever", err, answered)
	}
}

// TestHostile_Alerts: after each foreign record an alert of ours is taken, listed and closed as ever.
func TestHostile_Alerts(t *testing.T) {
	n := 0
	for name, value := range foreign() {
		n++
		t.Run(name, func(t *testing.T) {
			s := open(t)
			w := &Worker{Store: s, OnNew: func(Row) {}, Log: slog.New(slog.DiscardHandler)}
			takes(t, w, value)
			takes(t, w, value) // a copy
			s.stillWorks(t, w, "a")
		})
	}
	t.Run("all in one store", func(t *testing.T) {
		s := open(t)
		w := &Worker{Store: s, OnNew: func(Row) {}, Log: slog.New(slog.DiscardHandler)}
		for _, value := range foreign() {
			takes(t, w, value)
		}
		s.stillWorks(t, w, "b")
	})
	if n < 20 {
		t.Errorf("%d records only", n)
	}
}

// stillWorks takes an alert of ours, finds it and decides about it, and looks at all that a page shows.
func (s *Store) stillWorks(t *testing.T, w *Worker, id string) {
	t.Helper()
	ours := sample(id+"aaa000000000001", 1)
	value, err := json.Marshal(ours)
	if err != nil {
		t.Fatal(err)
	}
	takes(t, w, string(value))
	if rows, err := s.List(t.Context(), Filter{}); err != nil || len(rows) == 0 {
		t.Errorf("listing: %d rows, %v", len(rows), err)
	}
	if _, err := s.Risks(t.Context(), time.Now(), "", 0); err != nil {
		t.Errorf("risk: %v", err)
	}
	row, err := s.Change(t.Context(), ours.ID, Newest, Decision{Kind: alert.ToState, State: alert.Closed, Verdict: alert.Benign, By: "ana"})
	if err != nil || row.State != alert.Closed || row.Version < 1 {
		t.Errorf("closing: %+v, %v", row, err)
	}
	if _, err := s.Stats(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestHostile_Changes: decisions that no weir made neither stop the stage nor make an alert of ours one about which nobody can
// decide any more.
func TestHostile_Changes(t *testing.T) {
	for name, value := range foreignChanges() {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			w := &Worker{Store: s, Log: slog.New(slog.DiscardHandler)}
			good := sample("good", 1)
			doc, err := json.Marshal(good)
			if err != nil {
				t.Fatal(err)
			}
			takes(t, w, string(doc))
			takes(t, &ChangeWorker{Store: s, Log: slog.New(slog.DiscardHandler)}, value)
			takes(t, &ChangeWorker{Store: s, Log: slog.New(slog.DiscardHandler)}, value)
			for i, d := range []Decision{
				{Kind: alert.Note, Note: "looked at", By: "ana"},
				{Kind: alert.ToState, State: alert.Open, By: "ana"},
				{Kind: alert.ToState, State: alert.Closed, Verdict: alert.Benign, By: "ana"},
			} {
				if d.State == alert.Open {
					if row, err := one(t.Context(), s.db, "good"); err != nil || row.State == alert.Open {
						continue
					}
				}
				before, err := one(t.Context(), s.db, "good")
				if err != nil {
					t.Fatal(err)
				}
				row, err := s.Change(t.Context(), "good", Newest, d)
				if err != nil || row.Version <= before.Version || d.Kind == alert.ToState && row.State != d.State {
					t.Errorf("decision %d: version %d after %d, state %s, %v", i, row.Version, before.Version, row.State, err)
				}
			}
			s.stillWorks(t, w, "c")
		})
	}
}

// TestHostile_RiskOfTheFuture: an alert whose clock is years ahead must not keep those of today from adding up.
func TestHostile_RiskOfTheFuture(t *testing.T) {
	for _, year := range []int{2040, 2262, 9999} {
		t.Run(fmt.Sprint(year), func(t *testing.T) {
			s := open(t)
			ahead := sample("ahead", 1)
			ahead.Rule, ahead.Level = "ahead", "low"
			ahead.Created = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
			ahead.First, ahead.Last = ahead.Created, ahead.Created
			if err := s.Upsert(t.Context(), []alert.Alert{ahead}); err != nil {
				t.Fatal(err)
			}
			var list []alert.Alert
			for i := range 6 {
				a := sample(fmt.Sprintf("now%d", i), 1)
				a.Rule, a.Level = fmt.Sprintf("rule-%d", i%3), "critical"
				list = append(list, a)
			}
			if err := s.Upsert(t.Context(), list); err != nil {
				t.Fatal(err)
			}
			risks, err := s.Risks(t.Context(), list[0].Created, "", 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range risks {
				t.Logf("%s %s: %.1f of %d alerts, alert %q", r.Kind, r.Value, r.Score, r.Alerts, r.Alert)
				if math.IsNaN(r.Score) || math.IsInf(r.Score, 0) || r.Alerts < 6 || r.Alert == "" {
					t.Errorf("%s %s has the score %v of %d alerts and the alert %q: a clock that is ahead hides the rest", r.Kind, r.Value, r.Score, r.Alerts, r.Alert)
				}
			}
			if len(risks) == 0 {
				t.Error("no risk at all")
			}
		})
	}
}
