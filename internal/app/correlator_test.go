package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/app/apptest"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/rules"
)

// TestAlertDocs: the archive gets documents, each under the offset of its alert, and the batch of the runner stays as it is.
func TestAlertDocs(t *testing.T) {
	value, err := json.Marshal(alert.Alert{
		ID: "abc", Revision: 2, Rule: "ssh-brute-force", Title: "Guessing", Level: "high", What: "somebody guesses", Count: 7,
		Group: map[string]string{"source.ip": "203.0.113.5"}, First: time.Unix(100, 0).UTC(), Last: time.Unix(200, 0).UTC(), Created: time.Unix(150, 0).UTC(),
	})
	if err != nil {
		t.Fatal(err)
	}
	batch := []*kgo.Record{{Topic: "weir.alerts", Partition: 3, Offset: 41, Value: value}, {Offset: 42, Value: []byte("no alert")}, {Offset: 43, Value: value}}
	inner := &fakeWorker{}
	d := &alertDocs{Worker: inner, log: silent()}
	done := 0
	if err := d.Process(t.Context(), batch, func(error) { done++ }); err != nil || done != 1 {
		t.Fatalf("%d done, %v", done, err)
	}
	for i, rec := range inner.batch {
		e := apptest.Decode(t, string(rec.Value))
		if got := e.GetPath("weir.class").Text(); got != alertClass || rec.Offset != int64(41+i) {
			t.Errorf("record %d: class %q, offset %d", i, got, rec.Offset)
		}
		if i == 1 {
			continue // unreadable: empty, but there
		}
		for path, want := range map[string]string{"rule.id": "ssh-brute-force", "event.kind": "alert", "source.ip": "203.0.113.5"} {
			if got := e.GetPath(path).Text(); got != want {
				t.Errorf("record %d: %s = %q, want %q", i, path, got, want)
			}
		}
	}
	if len(inner.batch) != 3 || string(batch[0].Value) != string(value) || string(batch[1].Value) != "no alert" {
		t.Error("the runner's records were changed, or some are missing")
	}
}

const routed = `id: seq
title: S
level: low
when:
  a: message contains "a"
  b: message contains "b"
correlate: {sequence: [{when: a}, {when: b}], by: [source.ip, user.name], within: 1m}
fold: {by: [user.name]}
`

// TestCorrelatorRoute: signals that fold into one alert have one route, whatever else their groups hold.
func TestCorrelatorRoute(t *testing.T) {
	list, faults := rules.Parse("r.yaml", []byte(routed), rules.Options{})
	if rules.HasErrors(faults) {
		t.Fatal(faults)
	}
	c := &correlator{}
	c.setRules(&rules.Set{Rules: list})
	if got := c.route(&signal.Signal{Rule: "seq", Hash: list[0].Hash, Group: []string{"192.0.2.1", "kim"}}); !slices.Equal(got, []string{"kim"}) {
		t.Errorf("routed by %v", got)
	}
	if got := c.route(&signal.Signal{Rule: "gone", Group: []string{"192.0.2.1", "kim"}}); strings.Join(got, " ") != "192.0.2.1 kim" {
		t.Errorf("a rule that is not there is routed by %v", got)
	}
	c.setRules(&rules.Set{})
	if got := c.route(&signal.Signal{Rule: "seq", Group: []string{"x", "y"}}); len(got) != 2 {
		t.Errorf("after a reload without it: %v", got)
	}
}

func TestCorrelatorProduce_Nothing(t *testing.T) {
	called := 0
	(&correlator{}).produce(t.Context(), nil, func(err error) {
		if called++; err != nil {
			t.Error(err)
		}
	})
	if called != 1 {
		t.Errorf("done was called %d times", called)
	}
}
