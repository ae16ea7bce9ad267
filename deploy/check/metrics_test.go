package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// madeByPrometheus are not weir's.
var madeByPrometheus = []string{"up"}

// withServers are only there before a Kafka of somebody else, and with an Elasticsearch; or after something went wrong.
var withServers = []string{"weir_spool_used_ratio", "weir_topic_retention_used_ratio", "weir_elastic_documents_total", "weir_elastic_held", "weir_deadletters_total", "weir_refused_by_reason_total", "weir_archive_sealed_timestamp_seconds"}

// TestMetrics starts weir, sends it a record, and holds every metric that a rule or a panel asks for to what it answers,
// label by label.
func TestMetrics(t *testing.T) {
	table := read(t, "docs", "how-to", "metrics.md")
	asked := map[string][]string{}
	for _, g := range rules(t, read(t, "deploy", "prometheus", "weir.rules.yaml")).Groups {
		for _, r := range g.Rules {
			asked["alert "+r.Alert] = metricsOf(t, r.Alert, r.Expr)
		}
	}
	for _, p := range panels() {
		for _, q := range p.queries {
			asked["panel "+p.title] = append(asked["panel "+p.title], metricsOf(t, p.title, q.expr)...)
		}
	}
	used := map[string]bool{}
	for _, names := range asked {
		for _, name := range names {
			used[name] = true
		}
	}
	have := scrape(t, used)
	for where, names := range asked {
		for _, name := range names {
			if have[name] != nil || slices.Contains(madeByPrometheus, name) {
				continue
			}
			// The table is held to what weir has by a test beside its metrics.
			if !slices.Contains(withServers, name) || !bytes.Contains(table, []byte("| `"+name+"` |")) {
				t.Errorf("%s: weir has no metric %s", where, name)
			}
		}
	}
	for name, f := range have {
		if len(name) > 5 && name[:5] == "weir_" && !used[name] {
			t.Logf("no rule and no panel shows %s (%s)", name, f.GetHelp())
		}
	}
}

// scrape starts weir on free ports, sends one record, and returns its metrics by name, as soon as those that are used are among
// them, or when they have had their time.
func scrape(t *testing.T, used map[string]bool) map[string]*dto.MetricFamily {
	t.Helper()
	dir := t.TempDir()
	console, syslog := free(t), free(t)
	for syslog == console {
		syslog = free(t)
	}
	config := filepath.Join(dir, "weir.yaml")
	text := fmt.Sprintf("data: %s\nconsole: {listen: %q}\nledger: {interval: 1s}\ninputs: {syslog: {listen: %q, tls: {listen: \"\"}, relp: {listen: \"\"}}, snmptrap: {enabled: false}}\n", filepath.Join(dir, "data"), console, syslog)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(weir(t), "up", "--config", config)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, log.String())
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	await(ctx, t, "http://"+console+"/readyz", func([]byte) bool { return true })
	conn, err := net.Dial("tcp", syslog)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("<34>Nov 21 16:42:10 web-1 sshd[1]: Failed password for root from 203.0.113.5 port 40122 ssh2\n")); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	// Stages appear when they have taken something: the last one is the archive. The ledger is read every interval, and an answer
	// about lag is kept for some seconds.
	body := await(ctx, t, "http://"+console+"/metrics", func(b []byte) bool {
		return bytes.Contains(b, []byte(`weir_archive_rows{source="syslog`)) && bytes.Contains(b, []byte("weir_ledger_difference{")) && bytes.Contains(b, []byte("weir_stage_lag_records{"))
	})
	families := parsed(t, body)
	for lacks := true; lacks && ctx.Err() == nil; {
		lacks = slices.ContainsFunc(slices.Collect(maps.Keys(used)), func(name string) bool {
			return families[name] == nil && !slices.Contains(madeByPrometheus, name) && !slices.Contains(withServers, name)
		})
		if lacks {
			time.Sleep(200 * time.Millisecond)
			if again, err := get(ctx, "http://"+console+"/metrics"); err == nil {
				families = parsed(t, again)
			}
		}
	}
	for name, want := range map[string][]string{"weir_stage_offset": {"partition", "stage", "topic"}, "weir_archive_rows": {"source"}, "weir_stage_lag_records": {"stage", "topic"}, "weir_ledger_difference": {"hop"}} {
		if families[name] == nil {
			t.Errorf("no %s among %v", name, slices.Sorted(maps.Keys(families)))
			continue
		}
		var labels []string
		for _, l := range families[name].GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		if !slices.Equal(labels, want) {
			t.Errorf("%s has labels %v, and rules ask for %v", name, labels, want)
		}
	}
	return families
}

// parsed reads a page of metrics.
func parsed(t *testing.T, page []byte) map[string]*dto.MetricFamily {
	t.Helper()
	p := expfmt.NewTextParser(model.UTF8Validation)
	families, err := p.TextToMetricFamilies(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// await asks until the answer is well and as wanted.
func await(ctx context.Context, t *testing.T, url string, good func([]byte) bool) []byte {
	t.Helper()
	for {
		body, err := get(ctx, url)
		if err == nil && good(body) {
			return body
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: %v\n%s", url, err, body)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// get returns a page.
func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK {
		err = errors.Join(err, errors.New(res.Status))
	}
	return body, errors.Join(err, res.Body.Close())
}

// free returns an address that nobody listens on. It is none of those that the system itself gives away: such a one might be
// somebody's before weir listens there.
func free(t *testing.T) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", 22_000+rand.IntN(10_000)) //nolint:gosec // no secret
		if ln, err := net.Listen("tcp", addr); err == nil {
			_ = ln.Close() // only its number was wanted
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}
