package app_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"weir/internal/control"
	"weir/internal/control/cost"
	"weir/internal/testkit"
)

// TestRuleCounts: what rules cost is counted where they run, and told over the socket and to Prometheus.
func TestRuleCounts(t *testing.T) {
	cfg := settings(t)
	cfg.Console.Listen = testkit.FreePort(t)
	a := start(t, cfg)
	var lines []string
	for i := range 640 {
		lines = append(lines, fmt.Sprintf("<38>Nov 21 03:12:44 web-1 sshd[811]: Failed password for root from 198.51.100.7 port %d ssh2", 1024+i))
	}
	send(t, cfg, lines...)
	b := backend(t, cfg)
	waitHits(t, b, "event.outcome: failure and event.dataset: system.auth", 640)
	counts, err := b.(control.RuleCounter).RuleCounts(t.Context())
	if err != nil || counts.Set == "" || counts.Events == 0 {
		t.Fatalf("%+v, %v", counts, err)
	}
	var hit cost.Rule
	for _, r := range counts.Rules {
		if r.Rule == "ssh-brute-force" {
			hit = r
		}
	}
	if hit.Hits != 640 || hit.Candidates == 0 {
		t.Errorf("%+v", hit)
	}
	page, err := http.Get("http://" + cfg.Console.Listen + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	text, err := io.ReadAll(page.Body)
	if err != nil || !strings.Contains(string(text), `weir_rule_hits_total{rule="ssh-brute-force"} 640`) {
		t.Errorf("not among the metrics (%v)", err)
	}
	stop(t, a)
	// The files of a weir that does not run know nothing of it.
	if _, ok := backend(t, cfg).(control.RuleCounter); ok {
		t.Error("files tell what rules cost")
	}
}
