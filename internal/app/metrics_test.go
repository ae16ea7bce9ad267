package app_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"weir/internal/app"
	"weir/internal/testkit"
)

var series = regexp.MustCompile(`(?m)^(weir_\S+) (\S+)$`)

// shown returns what a process shows to Prometheus.
func shown(t *testing.T, a *app.App) map[string]float64 {
	t.Helper()
	res, err := http.Get("http://" + a.Status().Console + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v\n%s", res.Status, err, body)
	}
	out := map[string]float64{}
	for _, m := range series.FindAllStringSubmatch(string(body), -1) {
		if out[m[1]], err = strconv.ParseFloat(m[2], 64); err != nil {
			t.Errorf("%s: %v", m[0], err)
		}
	}
	return out
}

// awaitShown asks until a process shows what is wanted.
func awaitShown(t *testing.T, a *app.App, what string, good func(map[string]float64) bool) map[string]float64 {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		got := shown(t, a)
		if good(got) {
			return got
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %v", what, got)
		}
	}
}

// TestMetrics_Embedded: the ledger is read by itself and balances, and nothing of a Kafka or Elasticsearch is shown.
func TestMetrics_Embedded(t *testing.T) {
	cfg := settings(t)
	cfg.Ledger.Interval /= 10
	a := start(t, cfg)
	defer stop(t, a)
	send(t, cfg, attack(5)...)
	// Each is read at a time of its own, so they are waited for together.
	wanted := []string{"weir_ledger_timestamp_seconds", "weir_archive_tail_timestamp_seconds", `weir_stage_lag_records{stage="archive",topic="weir.events"}`, "weir_archive_epoch_age_seconds", `weir_ledger_difference{hop="archive"}`}
	got := awaitShown(t, a, "every reading with rows in the archive", func(m map[string]float64) bool {
		return m["weir_archive_tail_rows"] > 0 && !slices.ContainsFunc(wanted, func(name string) bool { _, ok := m[name]; return !ok })
	})
	if d := got[`weir_ledger_difference{hop="archive"}`]; d != 0 {
		t.Errorf("a difference of %v", d)
	}
	for name := range got {
		if regexp.MustCompile(`^weir_(spool|elastic|topic_retention)_`).MatchString(name) {
			t.Errorf("%s is shown", name)
		}
	}
}

// TestMetrics_KafkaAway: the spool is seen to fill, the rest is still shown, and lag, which nobody knows, is not.
func TestMetrics_KafkaAway(t *testing.T) {
	addr, dir := testkit.FreePort(t), t.TempDir()
	u, err := url.Parse("tcp://" + addr)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(dir))
	if err != nil {
		t.Fatal(err)
	}
	cfg := settings(t)
	cfg.Bus.Brokers = []string{addr}
	cfg.Bus.Spool.After /= 10
	cfg.Ledger.Interval /= 10
	a := start(t, cfg)
	awaitShown(t, a, "the ledger was read", func(m map[string]float64) bool {
		_, read := m[`weir_ledger_difference{hop="archive"}`]
		return read && m[`weir_spool_max_bytes{topic="weir.raw.syslog"}`] > 0
	})
	kafka.Close()
	send(t, cfg, attack(5)...)
	awaitShown(t, a, "the spool holds records", func(m map[string]float64) bool {
		_, lag := m[`weir_stage_lag_records{stage="archive",topic="weir.events"}`]
		return !lag && m[`weir_spool_bytes{topic="weir.raw.syslog"}`] > 0 && m[`weir_spool_used_ratio{topic="weir.raw.syslog"}`] > 0
	})
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := a.Stop(short); err == nil {
		t.Error("it stopped as if all were stored")
	}
}
