package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	data := write(t, "data/sigma/x", "")
	tool := filepath.Join(t.TempDir(), "rsigma")
	if err := os.WriteFile(tool, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"all":           {[]string{"-data", data, "-rsigma", tool}, ""},
		"weir alone":    {[]string{"-data", data, "-rsigma", ""}, ""},
		"no data":       {[]string{"-data", t.TempDir(), "-rsigma", ""}, "WEIR_TESTDATA"},
		"no RSigma":     {[]string{"-data", data, "-rsigma", tool + "x"}, "cargo install rsigma"},
		"no rounds":     {[]string{"-data", data, "-rsigma", "", "-rounds", "0"}, "at least 1"},
		"unknown flags": {[]string{"-fast"}, "not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			var msg bytes.Buffer
			_, err := parse(c.args, &msg)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestScenarios(t *testing.T) {
	in := &input{mix: &eventFile{path: "m"}, processes: &eventFile{path: "p"}, mixLong: &eventFile{}, processesLong: &eventFile{}, mixOnce: &eventFile{}, processesOnce: &eventFile{}, rules: &ruleDir{path: "r"}, many: &ruleDir{path: "many"}}
	seen := map[string]bool{}
	for _, sc := range in.scenarios() {
		if seen[sc.name] || sc.events == nil || sc.long == nil || sc.once == nil || sc.rules == nil || (sc.rules == in.many) != (sc.like != "") || sc.unrouted != strings.Contains(sc.name, "unrouted") {
			t.Errorf("%+v", sc)
		}
		if seen[sc.name] = true; sc.like != "" && !seen[sc.like] {
			t.Errorf("%s is compared with %s, which comes later", sc.name, sc.like)
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d scenarios", len(seen))
	}
}

func TestTable(t *testing.T) {
	events := &eventFile{events: 3000, bytes: 3_000_000}
	single := result{scenario{name: "mix", events: events, rules: &ruleDir{rules: 10}}, map[string]measured{
		"weir": {cpu: time.Second, events: 2000, bytes: 2_000_000, start: time.Second, matches: 7}, "RSigma": {cpu: 4 * time.Second, events: 2000, bytes: 2_000_000},
	}}
	many := result{scenario{name: "many", events: events, rules: &ruleDir{rules: 100}, like: "mix"}, map[string]measured{"weir": {cpu: 2 * time.Second, events: 2000}}}
	var out bytes.Buffer
	table(&out, []result{single, many})
	for _, want := range []string{"mix, 10", "2000      2.0", "4.00", "many, 100", "x2.00"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestMedian(t *testing.T) {
	list := []spent{{cpu: 9}, {cpu: 1}, {cpu: 5}}
	if got := median(list, func(s spent) time.Duration { return s.cpu }); got != 5 {
		t.Errorf("got %d", got)
	}
}

// What weir's pipelines say of events is left out, and nothing else.
func TestWithoutSources(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", ".."))
	dir := t.TempDir()
	if err := withoutSources(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "windows.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for want, there := range map[string]bool{"name: windows": true, "CommandLine: process.command_line": true, "events:": false, "category: process_creation": false} {
		if strings.Contains(string(text), want) != there {
			t.Errorf("%q: %v, want %v", want, !there, there)
		}
	}
	t.Chdir(t.TempDir())
	if err := withoutSources(dir); err == nil {
		t.Error("no pipelines, and no error")
	}
}
