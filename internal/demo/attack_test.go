package demo

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/match"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors/correlate"
	"weir/processors/detect"
	"weir/processors/parse"
	"weir/rules"
	"weir/rules/content"
)

// watcher reads the script as weir does: parse, detect with the shipped rules, correlate.
type watcher struct {
	t         *testing.T
	parser    *parse.Parser
	detect    *detect.Engine
	correlate *correlate.Engine
	event     event.Event
	number    int64

	alerts   map[string]alert.Alert   // the last revision of each
	raised   map[string]time.Duration // rule: after how long its first alert came
	datasets map[string]int
}

func newWatcher(t *testing.T) *watcher {
	t.Helper()
	set := rules.LoadFS(content.FS(), content.Name, rules.Options{})
	engine, faults := detect.New(set, match.Lists{}, nil)
	if len(set.Faults) > 0 || len(faults) > 0 {
		t.Fatalf("the shipped rules: %v %v", set.Faults, faults)
	}
	parser, err := parse.New(parse.Options{DefaultZone: seoul})
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{t: t, parser: parser, detect: engine, correlate: correlate.New(correlate.Options{}),
		alerts: map[string]alert.Alert{}, raised: map[string]time.Duration{}, datasets: map[string]int{}}
	w.correlate.SetRules(set.Rules)
	return w
}

// see takes one line.
func (w *watcher) see(line Line) {
	raw := &record.Raw{Value: []byte(line.Text), Received: noon.Add(line.At), Proto: "tcp", Input: "syslog",
		Peer: netip.MustParseAddrPort("127.0.0.1:40000")}
	w.event.Reset()
	err := w.parser.Parse(raw, &w.event, func(e *event.Event) error {
		w.number++
		e.Set(event.EventID, event.Str(fmt.Sprint(w.number)))
		w.datasets[line.Host+" "+e.Str(event.EventDataset)]++
		if host, observer := e.Str(event.HostName), e.Str(event.ObserverName); host != line.Host && observer != line.Host {
			w.t.Fatalf("host %q, observer %q, want %s: %s", host, observer, line.Host, line.Text)
		}
		for _, sig := range w.detect.Signals(e, record.Pos{Topic: "raw", Offset: w.number}) {
			if err := w.correlate.Apply(&sig, func(a *alert.Alert) { w.take(line, a) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatalf("%v: %s", err, line.Text)
	}
}

func (w *watcher) take(line Line, a *alert.Alert) {
	w.alerts[a.ID] = *a
	if _, seen := w.raised[a.Rule]; !seen {
		w.raised[a.Rule] = line.At
	}
}

// TestShippedRulesSeeTheAttack sends the script through the code that runs live. The attack is found in time, the change
// of the firewall is found, and nothing that is no attack raises an alert.
func TestShippedRulesSeeTheAttack(t *testing.T) {
	w := newWatcher(t)
	for _, line := range Script(noon, 1) {
		w.see(line)
	}
	if err := w.correlate.Apply(&signal.Signal{Kind: signal.Idle, Time: noon.Add(time.Hour)}, func(*alert.Alert) {}); err != nil {
		t.Fatal(err)
	}
	if at, ok := w.raised["ssh-brute-force"]; !ok || at > 10*time.Second {
		t.Errorf("ssh-brute-force raised: %v, after %s; want within 10 s", ok, at)
	}
	wanted := []string{"asa-config-change", "asa-deny-scan", "local-user-created", "port-scan", "privileged-group-member-added", "ssh-brute-force",
		"ssh-login-root", "ssh-many-failures"}
	if got := slices.Sorted(maps.Keys(w.raised)); !slices.Equal(got, wanted) {
		t.Errorf("rules that fired: %v\nwant              %v", got, wanted)
	}
	for _, a := range w.alerts {
		if a.Rule == "ssh-brute-force" && (!strings.Contains(a.What, Attacker) || !strings.Contains(a.What, "root") || !strings.Contains(a.What, "web-1")) {
			t.Errorf("the alert does not say who, whom and where: %s", a.What)
		}
		t.Logf("%s after %s, %d times: %s", a.Rule, w.raised[a.Rule], a.Count, a.What)
	}
}

// TestEveryLineIsRead sees that each host's programs are recognised, so that the demo shows fields and not only text.
func TestEveryLineIsRead(t *testing.T) {
	w := newWatcher(t)
	for _, line := range Script(noon, 1) {
		w.see(line)
	}
	for _, want := range []string{"fw-1 cisco_asa.log", "web-1 system.auth", "web-2 system.auth", "db-1 system.auth", "mail-1 system.syslog"} {
		if w.datasets[want] == 0 {
			t.Errorf("no line of %q: %v", want, w.datasets)
		}
	}
	for name, n := range w.datasets {
		if strings.HasPrefix(name, "fw-1 ") && name != "fw-1 cisco_asa.log" {
			t.Errorf("%d lines of the firewall are %s", n, name)
		}
	}
}
