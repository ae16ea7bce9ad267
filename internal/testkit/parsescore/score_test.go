package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/testkit"
)

// lineOf returns the row of the table that begins with name.
func lineOf(t *testing.T, out, name string) []string {
	t.Helper()
	for line := range strings.SplitSeq(out, "\n") {
		if f := strings.Fields(line); len(f) > 0 && f[0] == name {
			return f
		}
	}
	t.Fatalf("no row %s in\n%s", name, out)
	return nil
}

// A real line of a system log is read; of what is expected a half is right. So the score must say 50 %, and name what is not.
func TestRun(t *testing.T) {
	dir := folder(t, map[string]string{
		"system/auth/test-a.log":               "Mar  1 10:00:00 web1 sshd[7]: Failed password for root from 10.0.0.9 port 22 ssh2\n",
		"system/auth/test-a.log-expected.json": `{"expected":[{"source":{"ip":"10.0.0.9","port":23},"user":{"name":"root"},"event":{"outcome":"success"},"acme":{"x":1}}]}`,
	})
	var out, errs bytes.Buffer
	if code := run([]string{"-diff", "3", "-extra", dir}, &out, &errs); code != 0 {
		t.Fatalf("code %d: %s", code, &errs)
	}
	if row := lineOf(t, out.String(), "system"); row[1] != "*" || row[2] != "1" || row[3] != "50.0" {
		t.Errorf("row %q", row)
	}
	for _, want := range []string{"source.port: 22, expected 23", "event.outcome: failure, expected success", "+ event.category", "lowest system 50.0 %"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, &out)
		}
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "all packages") {
		t.Errorf("the last line is %q", last)
	}
	if code := run([]string{"-bars", dir}, &out, &errs); code != 1 || !strings.Contains(errs.String(), "the bar is 95.0") {
		t.Errorf("bars: code %d: %s", code, &errs)
	}
}

func TestRun_Usage(t *testing.T) {
	for name, args := range map[string][]string{
		"no folder": {}, "two folders": {"a", "b"}, "an unknown flag": {"-x", "a"}, "a folder that is not there": {"/nowhere"},
		"no such package": {"-package", "nothing", folder(t, map[string]string{"p/s/test-a.log": "x", "p/s/test-a.log-expected.json": "[{}]"})},
	} {
		var out, errs bytes.Buffer
		if code := run(args, &out, &errs); code != 2 || errs.Len() == 0 {
			t.Errorf("%s: code %d, %q", name, code, &errs)
		}
	}
	if code := run([]string{"-h"}, &bytes.Buffer{}, &bytes.Buffer{}); code != 0 {
		t.Errorf("-h: code %d", code)
	}
}

func TestSettings_wants(t *testing.T) {
	s := settings{packages: []string{"aws/waf", "panw"}}
	for name, want := range map[string]bool{"aws/waf": true, "aws/elb": false, "panw/panos": true} {
		pkg, stream, _ := strings.Cut(name, "/")
		if got := s.wants(pkg, stream); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if s := (settings{first: true}); s.wants("okta", "system") || !s.wants("zeek", "conn") {
		t.Error("-first takes the first class alone")
	}
}

func TestScore_missed(t *testing.T) {
	s := score{whole: true, packages: map[string]*tally{
		"panw": {values: [classes]share{{good: 80, all: 100}}}, "okta": {values: [classes]share{{good: 50, all: 100}}},
	}}
	if got := s.missed(); len(got) != 3 {
		t.Errorf("first class in mean, panw and all packages are missed: %q", got)
	}
	s.whole = false
	if got := s.missed(); len(got) != 2 {
		t.Errorf("of some packages nobody asks for all: %q", got)
	}
}

func TestShare_text(t *testing.T) {
	for want, s := range map[string]share{"-": {}, "99.9": {good: 9999, all: 10000}, "100.0": {good: 3, all: 3}} {
		if got := s.text(); got != want {
			t.Errorf("%+v: %s", s, got)
		}
	}
}

// With the real logs: the bars are reached, and no record is lost on the way.
func TestRun_RealLogs(t *testing.T) {
	dir := filepath.Join(testkit.Shared(t), "data", "integrations")
	var out, errs bytes.Buffer
	if code := run([]string{"-bars", dir}, &out, &errs); code != 0 {
		t.Errorf("code %d: %s\n%s", code, &errs, &out)
	}
}
