package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestRun_refuses(t *testing.T) {
	cases := []struct {
		name, want string
		args       []string
	}{
		{"too few rounds", "-rounds", []string{"-rsigma", "", "-rounds", "0"}},
		{"too few signals", "-signals", []string{"-rsigma", "", "-signals", "10"}},
		{"an argument", "unexpected", []string{"-rsigma", "", "x"}},
		{"an unknown flag", "flag provided but not defined", []string{"-x"}},
		{"no RSigma", "cargo install rsigma", []string{"-rsigma", "/does/not/exist"}},
		{"an unknown case", `there is no case "x"`, []string{"-rsigma", "", "-child", "x"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out, msg bytes.Buffer
			if code := run(t.Context(), c.args, &out, &msg); code != 2 || !strings.Contains(msg.String(), c.want) {
				t.Errorf("exit code %d, %q", code, msg.String())
			}
		})
	}
}

func TestRun_child(t *testing.T) {
	for _, name := range []string{"event_count", "state"} {
		var out, msg bytes.Buffer
		args := []string{"-rsigma", "", "-child", name, "-rounds", "1", "-signals", "20000", "-groups", "2000", "-interval", "20ms", "-dir", t.TempDir()}
		if testing.Short() && name == "event_count" {
			continue
		}
		if code := run(t.Context(), args, &out, &msg); code != 0 || !strings.HasPrefix(out.String(), "{") {
			t.Errorf("%s: exit code %d, %q, %q", name, code, out.String(), msg.String())
		}
	}
}

func TestWants(t *testing.T) {
	s := settings{only: "value_count"}
	if !s.wants("value_count, 10 values") || s.wants("event_count") {
		t.Error("a part of the name chooses a case")
	}
}

func TestPrint(t *testing.T) {
	var out bytes.Buffer
	printSpeeds(&out, []speed{{Name: "event_count", Decoded: 2e6, Encoded: 1e6, Bytes: 400}})
	printState(&out, state{Groups: 1000, Heap: 500_000, RSS: 1e6, Size: 2e5, Saved: time.Second, Held: 20 * time.Millisecond, Batches: 7, Restart: 2 * time.Second})
	printPeers(&out, []compared{{name: "value_sum", whole: [3]time.Duration{1000, 2000, 4000}, match: [3]time.Duration{100, 300, 700}, alerts: [3]int{3, 4, 4}}})
	printLatency(&out, latency{list: []time.Duration{time.Millisecond, 9 * time.Millisecond}, rate: 5000, took: time.Minute, missing: 1})
	for _, want := range []string{"event_count", "2000000", "1000", "500 bytes a group", "20.0 ms", "value_sum", "500000", "250000", " 700 ", "[3 4 4]", "p50 1 ms", "worst 9 ms", "1 never came"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	out.Reset()
	if printSpeeds(&out, nil); out.Len() > 0 {
		t.Errorf("nothing is %q", out.String())
	}
}
