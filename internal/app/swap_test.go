package app

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/internal/testkit"
)

// everyLine is version n of a rule that holds for each line of the load. Its condition differs, and so does its hash.
func everyLine(n int) string {
	return fmt.Sprintf(`id: every-line
title: Every line
level: low
when: message contains "load" and message != "version %d"
fold: {by: [host.name], for: 1h}
`, n)
}

// steadyRule never changes: what it counts must outlive every swap.
const steadyRule = `id: steady
title: From the beginning to the end
level: high
when:
  begin: message contains "the beginning"
  end: message contains "the end"
correlate: {sequence: [{when: begin}, {when: end}], by: [host.name], within: 1h}
`

// loaded starts a whole weir with the rules above, which documents its coverage at each checkpoint.
func loaded(t *testing.T) *App {
	t.Helper()
	a, err := New(loadedConfig(t), Options{Log: silent(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	a.coverEvery = time.Nanosecond
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

func loadedConfig(t *testing.T) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Data = filepath.Join(t.TempDir(), "data")
	cfg.Inputs.Syslog.Listen = testkit.FreePort(t)
	cfg.Console.Listen, cfg.Inputs.SNMPTrap.Listen = "127.0.0.1:0", "127.0.0.1:0"
	cfg.Inputs.Syslog.TLS.Listen, cfg.Inputs.Syslog.RELP.Listen, cfg.Inputs.Syslog.TimeZone = "", "", "UTC"
	cfg.Bus.Partitions, cfg.Bus.Embedded.MinFree = 2, 0
	cfg.Rules.Shipped = false
	folder := filepath.Join(cfg.Data, "rules")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"every.yaml": everyLine(0), "steady.yaml": steadyRule} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}

// line is one line of the load, of one host.
func line(text string) string { return lineAt(time.Now(), text) }

func lineAt(at time.Time, text string) string {
	return fmt.Sprintf("<38>%s web-1 app[1]: %s\n", at.UTC().Format(time.Stamp), text)
}

// TestReloadUnderLoad swaps the rules twenty times while lines stream in: no event is lost, none meets no rules or two
// sets, the marks say from which record on which set holds, and alerts count every match. Each swap falls into the middle
// of the lines that followed the one before it.
func TestReloadUnderLoad(t *testing.T) {
	const lines, reloads = 20_000, 20
	a := loaded(t)
	conns := make([]net.Conn, 4)
	for i := range conns {
		c, err := net.Dial("tcp", a.cfg.Inputs.Syslog.Listen)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
	}
	say := func(c net.Conn, text string) {
		if _, err := c.Write([]byte(text)); err != nil {
			t.Error(err)
		}
	}
	say(conns[0], lineAt(time.Now().Add(-2*time.Second), "the beginning")) // stamps have whole seconds
	sets := map[string]bool{a.rules.Hash(): true}
	versions := map[string]string{ruleHash(a): a.rules.Hash()} // of the rule, and the set that it is in
	const step = lines / reloads
	release, sent := make(chan struct{}, reloads), make(chan struct{})
	go func() {
		defer close(sent)
		for i := 0; i < lines; i += 50 {
			if i%step == 0 {
				<-release
			}
			var b strings.Builder
			for j := range 50 {
				b.WriteString(line(fmt.Sprintf("load %d", i+j)))
			}
			say(conns[i/50%len(conns)], b.String())
		}
	}()
	for i := range reloads {
		release <- struct{}{}
		half := int64(i*step + step/2) // more than was sent before the last swap, and so some of it met the rules of that
		waitFor(t, func() bool { return normalised(a) >= half }, func() string { return fmt.Sprintf("%d lines of %d are read", normalised(a), half) })
		replace(t, a, "rules/every.yaml", everyLine(i+1))
		a.reloadRules(t.Context())
		sets[a.rules.Hash()] = true
		versions[ruleHash(a)] = a.rules.Hash()
	}
	<-sent
	say(conns[0], line("the end"))
	if len(sets) != reloads+1 || len(versions) != reloads+1 {
		t.Fatalf("%d sets, %d versions of the rule", len(sets), len(versions))
	}
	ctx := t.Context()
	n, steady := 0, 0
	waitFor(t, func() bool {
		n, steady = countAlerts(t, a)
		return n == lines && steady == 1
	}, func() string {
		return fmt.Sprintf("alerts count %d of %d lines, and %d of the rule that stayed", n, lines, steady)
	})
	changes := checkMarks(t, a, versions, lines)
	if changes < reloads {
		t.Errorf("the marks tell of %d changes: too few for a test", changes)
	}
	totals, err := a.Stop(ctx)
	if err != nil || !totals.Balanced || totals.Received != totals.Stored {
		t.Errorf("%+v, %v", totals, err)
	}
}

// normalised counts the lines that normalise has read.
func normalised(a *App) (n int64) {
	for _, next := range a.runner("normalise").Processed()[a.bus.Topic(bus.RawSyslog)] {
		n += next
	}
	return n
}

// replace puts a file in place of another at once: a folder that is watched is read at any time, and a file that is just
// being written is empty for a moment.
func replace(t *testing.T, a *App, name, text string) {
	t.Helper()
	put(t, a, name+"~", text)
	path := filepath.Join(a.cfg.Data, name)
	if err := os.Rename(path+"~", path); err != nil {
		t.Fatal(err)
	}
}

// ruleHash is that of the rule that changes, as it runs now.
func ruleHash(a *App) string { return a.rules.Now().Set.Rule("every-line").Hash }

func waitFor(t *testing.T, good func() bool, what func() string) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !good(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what())
		}
	}
}

// countAlerts sums up what the alerts of all versions count, and how often the rule that never changed has fired.
func countAlerts(t *testing.T, a *App) (matches, steady int) {
	t.Helper()
	rows, err := a.live().Alerts(t.Context(), control.AlertsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		switch r.Rule {
		case "every-line":
			matches += r.Count
		case "steady":
			steady++
		}
	}
	return matches, steady
}

// checkMarks reads all signals. Of each raw partition, in each partition of signals, what stands behind a mark must be of
// its set; each line has one match, and no record has matches of two sets. It returns how often the set of a raw
// partition changed.
func checkMarks(t *testing.T, a *App, versions map[string]string, lines int) (changes int) {
	t.Helper()
	ends, err := a.bus.Ends(t.Context(), bus.Signals)
	if err != nil {
		t.Fatal(err)
	}
	topic := a.bus.Topic(bus.Signals)
	matches := map[string]bool{}
	from := map[string][]string{} // by partition of signals: the marks, in order
	for p, end := range ends[topic] {
		recs, err := a.bus.ReadBack(t.Context(), topic, p, end, int(end))
		if err != nil {
			t.Fatal(err)
		}
		set := map[string]string{} // of a raw partition
		for _, r := range recs {
			var s signal.Signal
			if err := signal.Decode(r.Value, &s); err != nil {
				t.Fatal(err)
			}
			pos, err := record.ParsePos(bus.Header(r, record.HeaderSource))
			if err != nil {
				t.Fatal(err)
			}
			raw := fmt.Sprintf("%s/%d", pos.Topic, pos.Partition)
			switch {
			case s.Kind == signal.Ruleset:
				set[raw] = s.Hash
				from[raw] = append(from[raw], fmt.Sprintf("%d: %s from %d", p, s.Hash, pos.Offset))
			case s.Kind != signal.Match || s.Rule != "every-line":
			case versions[s.Hash] == "" || versions[s.Hash] != set[raw]:
				t.Errorf("%s/%d: a signal of the set %q, and the marks say %q", raw, pos.Offset, versions[s.Hash], set[raw])
			case matches[fmt.Sprintf("%s/%d", raw, pos.Offset)]:
				t.Errorf("%s/%d has two matches", raw, pos.Offset)
			default:
				matches[fmt.Sprintf("%s/%d", raw, pos.Offset)] = true
			}
		}
	}
	if len(matches) != lines {
		t.Errorf("%d matches for %d lines", len(matches), lines)
	}
	for raw, all := range from {
		byLane := map[string][]string{}
		for _, m := range all {
			lane, rest, _ := strings.Cut(m, ": ")
			byLane[lane] = append(byLane[lane], rest)
		}
		var first []string
		for _, list := range byLane {
			if first == nil {
				first, changes = list, changes+len(list)
			}
			if !slices.Equal(first, list) {
				t.Errorf("%s: the partitions of signals have different marks", raw)
			}
		}
	}
	return changes
}
