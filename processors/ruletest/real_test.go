package ruletest

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/internal/testkit"
	"weir/processors/correlate"
	"weir/processors/detect"
	"weir/processors/parse"
	"weir/rules"
	"weir/rules/content"
)

// play runs the lines of a real log through the shipped rules, by the times that the log has.
func play(t *testing.T, file string) map[string][]alert.Alert {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		testkit.Skip(t, "shared", err.Error())
	}
	set := rules.LoadFS(content.FS(), content.Name, rules.Options{})
	engine, _ := detect.New(set, nil, nil)
	parser, err := parse.New(parse.Options{History: true, DefaultZone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	corr := correlate.New(correlate.Options{})
	corr.SetRules(set.Rules)
	last := map[string]alert.Alert{}
	take := func(a *alert.Alert) { last[a.ID] = *a }
	var e event.Event
	now, offset := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), int64(0)
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		offset++
		raw := &record.Raw{Value: bytes.Clone(lines.Bytes()), Received: now, Peer: peer, Input: "syslog", Proto: "udp"}
		src := record.Pos{Topic: "weir.raw.syslog", Offset: offset}
		err := parser.Parse(raw, &e, func(e *event.Event) error {
			e.Set(event.EventID, event.Str(src.String()))
			for _, s := range engine.Signals(e, src) {
				if err := corr.Apply(&s, take); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("line %d: %v", offset, err)
		}
	}
	if err := corr.Apply(&signal.Signal{Kind: signal.Idle, Time: now.Add(time.Hour)}, take); err != nil {
		t.Fatal(err)
	}
	out := map[string][]alert.Alert{}
	for _, a := range last {
		if a.MergedInto == "" {
			out[a.Rule] = append(out[a.Rule], a)
		}
	}
	return out
}

// TestRealSSH plays the log of an SSH server on the open internet, 2,000 lines of one morning, and holds the outcome
// against what a search for the words finds in it. Nobody got in by guessing there.
func TestRealSSH(t *testing.T) {
	t.Parallel()
	file := filepath.Join(testkit.Shared(t), "data", "loghub", "OpenSSH", "OpenSSH_2k.log")
	got := play(t, file)
	// Most of these addresses try the names of many users; nothing else of what weir ships is to be found there.
	for rule, alerts := range got {
		if rule != "ssh-many-failures" && rule != "login-spray" {
			t.Errorf("%s fired %d times, first %s", rule, len(alerts), alerts[0].What)
		}
	}
	// Of 5.188.10.180 the log has 20 attempts within a minute and a half, with eleven names.
	sprayed := map[string]bool{"183.62.140.253": true, "187.141.143.180": true, "103.99.0.122": true, "112.95.230.3": false, "5.188.10.180": true}
	for _, a := range got["login-spray"] {
		if addr := a.Group["source.ip"]; !sprayed[addr] {
			t.Errorf("%s is said to try many users", addr)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]int{}
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.Contains(line, "Failed ") {
			_, rest, _ := strings.Cut(line, " from ")
			addr, _, _ := strings.Cut(rest, " ")
			failed[addr]++
		}
	}
	want := map[string]bool{"183.62.140.253": true, "187.141.143.180": true, "103.99.0.122": true, "112.95.230.3": true, "5.188.10.180": true}
	for _, a := range got["ssh-many-failures"] {
		addr := a.Group["source.ip"]
		if !want[addr] {
			t.Errorf("an alert about %s, which failed %d times", addr, failed[addr])
		}
		delete(want, addr)
		// The attempts of one address came in two waves, of which one is too small.
		if addr != "103.99.0.122" && a.Count != failed[addr] {
			t.Errorf("%s: %d counted, the log has %d", addr, a.Count, failed[addr])
		}
	}
	if len(want) != 0 {
		t.Errorf("no alert about %v", want)
	}
}
