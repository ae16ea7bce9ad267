package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/app/metrics"
	"weir/internal/testkit"
)

// scrape returns what a process shows of its own: "name{label=value ...}" and the number.
func scrape(t testing.TB, r metrics.Reading) map[string]float64 {
	t.Helper()
	families, err := metrics.Registry(r).Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "weir_") {
			continue
		}
		for _, m := range f.GetMetric() {
			key := f.GetName()
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			if labels != nil {
				key += "{" + strings.Join(labels, " ") + "}"
			}
			out[key] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return out
}

// everything is a process that has all parts.
func everything() metrics.Reading {
	moment := time.UnixMilli(1_700_000_000_500)
	return metrics.Reading{
		Totals:    func() (int64, int64, int64) { return 100, 7, 3 },
		RefusedBy: func() map[string]int64 { return map[string]int64{"rate": 5, "full": 2} },
		Waiting:   func() int64 { return 11 },
		Holding:   func() bool { return true },
		Rules:     func() int { return 12 },
		Enriched:  func() []metrics.Enriched { return []metrics.Enriched{{Name: "geoip", Hits: 7, Misses: 3}} },
		RuleCosts: func() []metrics.Rule {
			return []metrics.Rule{{ID: "dear", Hits: 5, Tried: 640, Took: 1500 * time.Millisecond}, {ID: "idle"}}
		},
		Threat:     func() []metrics.Threat { return []metrics.Threat{{"bad-hosts", 12, 90 * time.Second}} },
		Stored:     func() map[string]int64 { return map[string]int64{"syslog/192.0.2.1": 80} },
		MaxSources: 10,
		Positions:  func() []metrics.Position { return []metrics.Position{{"archive", "weir.events", 1, 42}} },
		Lag:        func(context.Context) ([]metrics.Lag, error) { return []metrics.Lag{{"archive", "weir.events", 8}}, nil },
		Ledger: func() (metrics.Ledger, bool) {
			return metrics.Ledger{At: moment, Archive: metrics.Hop{Difference: 1, InFlight: 2}, Elastic: metrics.Hop{Difference: 3, InFlight: 4}, HasElastic: true,
				Dead: map[string]map[string]int64{"normalise": {"size": 6}, "elastic": {"mapping": 9}}}, true
		},
		Archive: func() metrics.Archive {
			return metrics.Archive{Sealed: moment, Rows: 5, Began: moment.Add(time.Second), EpochAge: time.Hour}
		},
		Elastic: func() metrics.Elastic {
			return metrics.Elastic{Indexed: 21, Conflict: 22, Refused: 23, Differing: 24, Held: 1}
		},
		Alerts: func() (metrics.Alerts, bool) {
			return metrics.Alerts{Open: map[string]int64{"high": 31, "low": 32}, Acknowledged: 33, ByPeople: 34, ByWeir: 35, Waiting: 36, RiskEntities: 37, RiskAbove: 38, Forgotten: 39}, true
		},
		Correlation: func() metrics.Correlation {
			return metrics.Correlation{Groups: 41, Bytes: 42, Matches: 50, Late: 7, Evicted: 44, Held: 45}
		},
		Channels: func() []metrics.Channel {
			return []metrics.Channel{{Name: "mail", Sent: 51, Failed: 52, Silenced: 53, Waiting: 54, Dead: 55, Up: true}}
		},
		Spool:     func() []metrics.Spool { return []metrics.Spool{{"weir.raw.syslog", 600, 1000, 0.75}} },
		Retention: func() []metrics.Retention { return []metrics.Retention{{"weir.events", "weir.elastic", 0.5}} },
	}
}

func TestCollector(t *testing.T) {
	want := map[string]float64{
		"weir_received_records_total": 100, "weir_refused_records_total": 7, "weir_kernel_drops_total": 3,
		"weir_refused_by_reason_total{reason=rate}": 5, "weir_refused_by_reason_total{reason=full}": 2,
		"weir_door_waiting_records": 11, "weir_holding": 1, "weir_rules_loaded": 12,
		"weir_enriched_total{enrichment=geoip result=hit}": 7, "weir_enriched_total{enrichment=geoip result=miss}": 3,
		"weir_threat_indicators{source=bad-hosts}": 12, "weir_threat_feed_age_seconds{source=bad-hosts}": 90,
		"weir_rule_hits_total{rule=dear}": 5, "weir_rule_tried_total{rule=dear}": 640, "weir_rule_seconds_total{rule=dear}": 1.5,
		"weir_archive_rows{source=syslog/192.0.2.1}":                     80,
		"weir_stage_offset{partition=1 stage=archive topic=weir.events}": 42, "weir_stage_lag_records{stage=archive topic=weir.events}": 8,
		"weir_ledger_difference{hop=archive}": 1, "weir_ledger_in_flight_records{hop=archive}": 2,
		"weir_ledger_difference{hop=elastic}": 3, "weir_ledger_in_flight_records{hop=elastic}": 4, "weir_ledger_timestamp_seconds": 1_700_000_000.5,
		"weir_deadletters_total{reason=size stage=normalise}": 6, "weir_deadletters_total{reason=mapping stage=elastic}": 9,
		"weir_archive_sealed_timestamp_seconds": 1_700_000_000.5, "weir_archive_tail_rows": 5, "weir_archive_tail_timestamp_seconds": 1_700_000_001.5, "weir_archive_epoch_age_seconds": 3600,
		"weir_elastic_documents_total{result=indexed}": 21, "weir_elastic_documents_total{result=conflict}": 22,
		"weir_elastic_documents_total{result=refused}": 23, "weir_elastic_documents_total{result=differing}": 24, "weir_elastic_held": 1,
		"weir_alerts_open{level=high}": 31, "weir_alerts_open{level=low}": 32, "weir_alerts_acknowledged": 33, "weir_alert_changes_total{by=people}": 34, "weir_alert_changes_total{by=weir}": 35,
		"weir_alert_outbox_records": 36, "weir_alerts_forgotten_total": 39, "weir_risk_entities{state=counting}": 37, "weir_risk_entities{state=above}": 38,
		"weir_correlate_groups": 41, "weir_correlate_bytes": 42, "weir_correlate_matches_total{result=in_time}": 43, "weir_correlate_matches_total{result=late}": 7,
		"weir_correlate_evicted_total": 44, "weir_correlate_held_total": 45,
		"weir_notify_messages_total{channel=mail result=sent}": 51, "weir_notify_messages_total{channel=mail result=failed}": 52, "weir_notify_messages_total{channel=mail result=silenced}": 53,
		"weir_notify_waiting_messages{channel=mail}": 54, "weir_notify_dead_messages{channel=mail}": 55, "weir_notify_up{channel=mail}": 1,
		"weir_spool_bytes{topic=weir.raw.syslog}": 600, "weir_spool_max_bytes{topic=weir.raw.syslog}": 1000, "weir_spool_used_ratio{topic=weir.raw.syslog}": 0.75,
		"weir_topic_retention_used_ratio{group=weir.elastic topic=weir.events}": 0.5,
	}
	got := scrape(t, everything())
	for name, v := range want {
		if have, ok := got[name]; !ok || have != v {
			t.Errorf("%s is %v (there: %t), want %v", name, have, ok, v)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is not expected", name)
		}
	}
}

// TestCollector_Parts: a process shows nothing of a part that it does not have, or that nothing is known of yet.
func TestCollector_Parts(t *testing.T) {
	if got := scrape(t, metrics.Reading{}); len(got) != 0 {
		t.Errorf("a process without any part shows %v", got)
	}
	r := everything()
	r.Ledger = func() (metrics.Ledger, bool) { return metrics.Ledger{}, false }
	r.Archive = func() metrics.Archive { return metrics.Archive{} }
	r.Alerts = func() (metrics.Alerts, bool) { return metrics.Alerts{}, false }
	for name := range scrape(t, r) {
		for _, not := range []string{"weir_ledger_", "weir_deadletters_", "weir_archive_sealed_", "weir_archive_tail_timestamp", "weir_alert", "weir_risk_"} {
			if strings.HasPrefix(name, not) {
				t.Errorf("%s is shown", name)
			}
		}
	}
	r = everything()
	r.Ledger = func() (metrics.Ledger, bool) { return metrics.Ledger{}, true }
	if _, ok := scrape(t, r)["weir_ledger_difference{hop=elastic}"]; ok {
		t.Error("a ledger without Elasticsearch shows one")
	}
}

// TestCollector_Bounded: forged sources and reasons make no more series than the limit, and none is lost from the sum.
func TestCollector_Bounded(t *testing.T) {
	many := map[string]int64{}
	for i := range 5000 {
		many[strconv.Itoa(i)] = int64(i)
	}
	tests := []struct {
		name, metric string
		r            metrics.Reading
		series       int
	}{
		{"sources", "weir_archive_rows{", metrics.Reading{Stored: func() map[string]int64 { return many }, MaxSources: 100}, 101},
		{"reasons of refusing", "weir_refused_by_reason_total{", metrics.Reading{RefusedBy: func() map[string]int64 { return many }}, 51},
		{"reasons of dead letters", "weir_deadletters_total{", metrics.Reading{Ledger: func() (metrics.Ledger, bool) {
			return metrics.Ledger{Dead: map[string]map[string]int64{"normalise": many}}, true
		}}, 51},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			series, sum := 0, 0.0
			for name, v := range scrape(t, tt.r) {
				if strings.HasPrefix(name, tt.metric) {
					series, sum = series+1, sum+v
				}
			}
			if series != tt.series || sum != 4999*5000/2 {
				t.Errorf("%d series with %v", series, sum)
			}
		})
	}
}

// TestCollector_Rules: of thousands of rules the costliest have series, and each that ever hit.
func TestCollector_Rules(t *testing.T) {
	r := metrics.Reading{RuleCosts: func() []metrics.Rule {
		list := make([]metrics.Rule, 3000)
		for i := range list {
			list[i] = metrics.Rule{ID: fmt.Sprint("r", i), Tried: 64, Took: time.Duration(3000 - i)}
		}
		list[2999].Hits = 1
		return list
	}}
	n := 0
	for name := range scrape(t, r) {
		if strings.HasPrefix(name, "weir_rule_") {
			n++
		}
	}
	if got := scrape(t, r); n != 101 || got["weir_rule_hits_total{rule=r2999}"] != 1 {
		t.Errorf("%d series, %v hits of the cheapest", n, got["weir_rule_hits_total{rule=r2999}"])
	}
}

// TestCollector_Lag: Kafka is asked once by scrapes that come soon after each other, and again when the answer is old.
func TestCollector_Lag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		reg := metrics.Registry(metrics.Reading{Lag: func(context.Context) ([]metrics.Lag, error) {
			asked++
			return []metrics.Lag{{"archive", "weir.events", 1}}, nil
		}})
		for i, pause := range []time.Duration{0, time.Second, 3 * time.Second, time.Minute} {
			time.Sleep(pause)
			if _, err := reg.Gather(); err != nil {
				t.Fatal(err)
			}
			if want := 1 + i/3; asked != want {
				t.Errorf("scrape %d: Kafka was asked %d times, want %d", i, asked, want)
			}
		}
	})
}

// TestCollector_LagTogether: scrapes that come at once share one answer.
func TestCollector_LagTogether(t *testing.T) {
	var asked atomic.Int64
	reg := metrics.Registry(metrics.Reading{Lag: func(context.Context) ([]metrics.Lag, error) { asked.Add(1); return nil, nil }})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := reg.Gather(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("eight scrapes asked Kafka %d times", n)
	}
}

// TestCollector_KafkaAway: a scrape waits a second for Kafka, the next one not at all, and both show everything else.
func TestCollector_KafkaAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := everything()
		r.Lag = func(ctx context.Context) ([]metrics.Lag, error) {
			<-ctx.Done()
			return []metrics.Lag{{"archive", "weir.events", 1}}, errors.New("no answer")
		}
		reg := metrics.Registry(r)
		for i, most := range []time.Duration{time.Second, 0} {
			began := time.Now()
			families, err := reg.Gather()
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > most {
				t.Errorf("scrape %d took %s", i, took)
			}
			var names []string
			for _, f := range families {
				names = append(names, f.GetName())
			}
			if slices.Contains(names, "weir_stage_lag_records") || !slices.Contains(names, "weir_spool_bytes") {
				t.Errorf("scrape %d shows %v", i, names)
			}
		}
	})
}

// TestDocumented: the page for operators names every metric with its labels, and none that is not there.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "how-to", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(weir_[a-z_]+)` \\|([^|]*)\\|").FindAllStringSubmatch(string(page), -1) {
		told[m[1]] = strings.TrimSpace(strings.ReplaceAll(m[2], "`", ""))
	}
	families, err := metrics.Registry(everything()).Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "weir_") {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		text, ok := told[f.GetName()]
		if want := strings.Join(labels, ", "); !ok || text != want {
			t.Errorf("docs/how-to/metrics.md says of %s: %q (there: %t), want %q", f.GetName(), text, ok, want)
		}
		delete(told, f.GetName())
	}
	for name := range told {
		t.Errorf("docs/how-to/metrics.md names %s, which nobody has", name)
	}
}

// BenchmarkScrape is one scrape with 1,000 sources.
func BenchmarkScrape(b *testing.B) {
	r := everything()
	sources := map[string]int64{}
	for i := range 1000 {
		sources[fmt.Sprintf("syslog/192.0.%d.%d", i/250, i%250)] = int64(i)
	}
	r.Stored, r.MaxSources = func() map[string]int64 { return sources }, 10_000
	reg := metrics.Registry(r)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reg.Gather(); err != nil {
			b.Fatal(err)
		}
	}
}
