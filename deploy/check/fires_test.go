package check

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
)

// fires is one alert with series in which it must be raised, and series in which it must not: values a minute apart, and
// the moment that is looked at.
type fires struct {
	alert     string
	at        time.Duration
	yes, no   string
	instances int // alerts that are raised, 0: one
}

var firesTable = []fires{
	{alert: "WeirDown", at: 10 * time.Minute, yes: `up{job="weir",instance="a"} 1 1 0x20`, no: `up{job="weir"} 1x20
		up{job="kafka"} 0x20`},
	{alert: "WeirKernelDrops", at: 20 * time.Minute, instances: 2, yes: `weir_kernel_drops_total{instance="a"} 5x16 6x20
		weir_kernel_drops_total{instance="b"} 0+1x30
		weir_kernel_drops_total{instance="c"} 7x30`, no: `weir_kernel_drops_total 5x40`},
	{alert: "WeirRefused", at: 20 * time.Minute, yes: `weir_refused_records_total 0+3x30`, no: `weir_refused_records_total 9x30`},
	{alert: "WeirSendersWait", at: 5 * time.Minute, yes: `weir_holding 1x10`, no: `weir_holding 0x10`},
	{alert: "WeirUnacknowledged", at: 10 * time.Minute, yes: `weir_door_waiting_records 5000x20`, no: `weir_door_waiting_records 5000x7 3 5000x20`},
	// A position that a stage first shows is no dead letter: what was there before belongs to another day.
	{alert: "WeirDeadLetters", at: 30 * time.Minute, yes: `weir_stage_offset{stage="archive",topic="weir.deadletters",partition="0"} 0+20x60`,
		no: `weir_stage_offset{stage="archive",topic="weir.deadletters",partition="0"} 90000+1x60
		weir_stage_offset{stage="archive",topic="weir.events",partition="0"} 0+9000x60`},
	{alert: "WeirStageStands", at: 30 * time.Minute, yes: `weir_received_records_total 0+100x60
		weir_stage_offset{stage="normalise",topic="weir.raw.syslog",partition="0"} 500x60`, no: `weir_received_records_total 0+100x60
		weir_stage_offset{stage="normalise",topic="weir.raw.syslog",partition="0"} 500x60
		weir_stage_offset{stage="normalise",topic="weir.raw.syslog",partition="1"} 0+100x60`},
	{alert: "WeirStageBehind", at: 40 * time.Minute, yes: `weir_stage_offset{stage="normalise",topic="weir.raw.syslog",partition="0"} 0+1000x60
		weir_stage_offset{stage="archive",topic="weir.events",partition="0"} 0+1000x60
		weir_stage_offset{stage="elastic",topic="weir.events",partition="0"} 0+500x60`,
		no: `weir_stage_offset{stage="normalise",topic="weir.raw.syslog",partition="0"} 0+1000x60
		weir_stage_offset{stage="archive",topic="weir.events",partition="0"} 0+990x60
		weir_stage_offset{stage="archive",topic="weir.deadletters",partition="0"} 0+10x60`},
	// The sum over processes counts: a partition that moves from one to the other is no growth.
	{alert: "WeirLagGrows", at: 40 * time.Minute, yes: `weir_stage_lag_records{stage="elastic",topic="weir.events",instance="a"} 0+600x60
		weir_stage_lag_records{stage="elastic",topic="weir.events",instance="b"} 5x60`,
		no: `weir_stage_lag_records{stage="elastic",topic="weir.events",instance="a"} 90000x20 0x40
		weir_stage_lag_records{stage="elastic",topic="weir.events",instance="b"} 0x20 90000x40
		weir_stage_lag_records{stage="archive",topic="weir.events",instance="a"} 90000-900x60
		weir_stage_lag_records{stage="alerts",topic="weir.alerts",instance="a"} 0+100x60`},
	{alert: "WeirLedgerDifference", at: 10 * time.Minute, yes: `weir_ledger_difference{hop="archive"} 0 0 3x20
		weir_ledger_difference{hop="elastic"} 0x20`, no: `weir_ledger_difference{hop="archive"} 3 0x20
		weir_ledger_difference{hop="elastic"} 0x20`},
	{alert: "WeirLedgerUnread", at: 40 * time.Minute, yes: `weir_ledger_timestamp_seconds 0+60x10 600x60`, no: `weir_ledger_timestamp_seconds 0+60x60`},
	{alert: "WeirSpoolFills", at: 10 * time.Minute, yes: `weir_spool_used_ratio{topic="weir.raw.syslog"} 0+0.1x10
		weir_spool_used_ratio{topic="weir.raw.file"} 0.2x20`, no: `weir_spool_used_ratio{topic="weir.raw.syslog"} 0.5x20`},
	{alert: "WeirRetention", at: 10 * time.Minute, yes: `weir_topic_retention_used_ratio{topic="weir.events",group="weir.elastic",instance="a"} 0.6x20
		weir_topic_retention_used_ratio{topic="weir.events",group="weir.elastic",instance="b"} 0.6x20`, no: `weir_topic_retention_used_ratio{topic="weir.events",group="weir.elastic"} 0.4x20`},
	// Where there is nothing to seal there is no tail, however long ago the last time was.
	{alert: "WeirArchiveUnsealed", at: 150 * time.Minute, yes: `weir_archive_tail_timestamp_seconds{instance="a"} 0x200
		weir_archive_epoch_age_seconds{instance="a"} 3600x200
		weir_archive_epoch_age_seconds{instance="b"} 3600x200`, no: `weir_archive_tail_timestamp_seconds{instance="a"} 0+60x200
		weir_archive_epoch_age_seconds{instance="a"} 3600x200
		weir_archive_sealed_timestamp_seconds{instance="b"} 0x200
		weir_archive_epoch_age_seconds{instance="b"} 3600x200`},
	{alert: "WeirElasticHeld", at: 10 * time.Minute, yes: `weir_elastic_held{instance="a"} 0 1x20
		weir_elastic_held{instance="b"} 0x20`, no: `weir_elastic_held{instance="a"} 1x5 0x20`},
	{alert: "WeirSilence", at: 60 * time.Minute, yes: `weir_received_records_total 0+100x30 3000x60`, no: `weir_received_records_total 0+1x120`},
	{alert: "WeirSourceSilent", at: 4 * time.Hour, yes: `weir_archive_rows{source="syslog/fw-1"} 0+20x100 2000x300
		weir_archive_rows{source="syslog/fw-2"} 0+20x400
		weir_archive_rows{source="other"} 0+20x100 2000x300`, no: `weir_archive_rows{source="syslog/fw-2"} 0+20x400
		weir_archive_rows{source="syslog/rare"} 0+1x100 100x300`},
	{alert: "WeirNoRules", at: 5 * time.Minute, yes: `weir_rules_loaded 0x10`, no: `weir_rules_loaded 12x10`},
	{alert: "WeirRestarts", at: time.Hour, yes: `process_start_time_seconds{job="logs/weir"} 100+600x60`, no: `process_start_time_seconds{job="weir"} 100x30 200x40
		process_start_time_seconds{job="other"} 100+600x60`},
	{alert: "WeirFiles", at: 5 * time.Minute, yes: `process_open_fds{job="weir"} 900x10
		process_max_fds{job="weir"} 1000x10`, no: `process_open_fds{job="weir"} 90x10
		process_max_fds{job="weir"} 1000x10`},
}

// TestRules_Fire asks Prometheus' own engine whether each alert is raised when it should be, and not otherwise.
func TestRules_Fire(t *testing.T) {
	exprs := map[string]string{}
	for _, g := range rules(t, read(t, "deploy", "prometheus", "weir.rules.yaml")).Groups {
		for _, r := range g.Rules {
			exprs[r.Alert] = r.Expr
		}
	}
	for _, f := range firesTable {
		t.Run(f.alert, func(t *testing.T) {
			want := max(1, f.instances)
			if n := raised(t, exprs[f.alert], f.yes, f.at); n != want {
				t.Errorf("raised %d times, want %d", n, want)
			}
			if n := raised(t, exprs[f.alert], f.no, f.at); n != 0 {
				t.Errorf("raised %d times where nothing is wrong", n)
			}
		})
		delete(exprs, f.alert)
	}
	for alert := range exprs {
		t.Errorf("%s is not tried", alert)
	}
}

// raised returns how many alerts an expression raises over series at a moment.
func raised(t *testing.T, expr, series string, at time.Duration) int {
	t.Helper()
	store := promqltest.LoadedStorage(t, "load 1m\n"+series)
	engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
	q, err := engine.NewInstantQuery(t.Context(), store, promql.NewPrometheusQueryOpts(false, 0), expr, time.Unix(0, 0).Add(at))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	v, err := q.Exec(t.Context()).Vector()
	if err != nil {
		t.Fatal(err)
	}
	return len(v)
}
