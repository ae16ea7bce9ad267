package metrics_test

import (
	"maps"
	"testing"
	"time"

	"weir/internal/app/metrics"
	"weir/internal/ledger"
)

func TestSettle(t *testing.T) {
	type diff = map[string]int64
	tests := []struct {
		name    string
		tries   []diff  // by source
		elastic []int64 // beside them
		want    int64
		there   int64 // of elastic
	}{
		{name: "well at once", tries: []diff{{"a": 0, "b": 0}}},
		{name: "one try is believed", tries: []diff{{"a": 3}}, want: 3},
		{name: "gone a moment later", tries: []diff{{"a": 3}, {"a": 0}}},
		{name: "never the same source", tries: []diff{{"a": 3, "b": 0}, {"a": 0, "b": 7}}},
		{name: "a difference that stays", tries: []diff{{"a": 3}, {"a": 3}, {"a": 3}}, want: 3},
		{name: "a difference below a moving one", tries: []diff{{"a": 50}, {"a": 3}, {"a": 90}}, want: 3},
		{name: "too many stay too many", tries: []diff{{"a": -5}, {"a": -2}, {"a": -4}}, want: 2},
		{name: "now too few, now too many", tries: []diff{{"a": 4}, {"a": -4}}},
		{name: "two faults that would cancel out", tries: []diff{{"a": 5, "b": -5}, {"a": 5, "b": -5}}, want: 10},
		{name: "a source that has just come", tries: []diff{{}, {"a": 2}}},
		{name: "a source that is gone", tries: []diff{{"a": 2}, {}}},
		{name: "Elasticsearch lacks some for good", tries: []diff{{}, {}}, elastic: []int64{9, 4}, there: 4},
		{name: "Elasticsearch was asked too early", tries: []diff{{}, {}}, elastic: []int64{9, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var tries []ledger.Balance
			for i, d := range tt.tries {
				var b ledger.Balance
				for source, n := range d {
					b.Rows = append(b.Rows, ledger.Row{Source: source, Difference: n})
				}
				if tt.elastic != nil {
					b.Elastic = ledger.Elastic{On: true, Difference: tt.elastic[i]}
				}
				tries = append(tries, b)
			}
			got := metrics.Settle(tries)
			if got.Archive.Difference != tt.want || got.Elastic.Difference != tt.there || got.HasElastic != (tt.elastic != nil) {
				t.Errorf("%d and %d, want %d and %d (Elasticsearch: %t)", got.Archive.Difference, got.Elastic.Difference, tt.want, tt.there, got.HasElastic)
			}
		})
	}
}

// TestSettle_Sums: all else is that of the newest balance, over all sources.
func TestSettle_Sums(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	got := metrics.Settle([]ledger.Balance{
		{At: at.Add(-time.Second), Rows: []ledger.Row{{Source: "a", InFlight: 99, DeadBy: map[string]int64{"size": 99}}}, DeadElastic: map[string]int64{"mapping": 99}},
		{At: at, Rows: []ledger.Row{{Source: "a", InFlight: 2, DeadBy: map[string]int64{"size": 1}}, {Source: "b", InFlight: 3, DeadBy: map[string]int64{"size": 1, "json": 4}}},
			Elastic: ledger.Elastic{On: true, Waiting: 8}, DeadElastic: map[string]int64{"mapping": 7}},
	})
	if !got.At.Equal(at) || got.Archive != (metrics.Hop{InFlight: 5}) || got.Elastic != (metrics.Hop{InFlight: 8}) {
		t.Errorf("got %+v", got)
	}
	if !maps.Equal(got.Dead["normalise"], map[string]int64{"size": 2, "json": 4}) || !maps.Equal(got.Dead["elastic"], map[string]int64{"mapping": 7}) {
		t.Errorf("dead letters %v", got.Dead)
	}
}
