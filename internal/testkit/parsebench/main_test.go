package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/processors/parse"
)

// TestTable measures one format for a moment: a row is there, with figures.
func TestTable(t *testing.T) {
	set, err := parse.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := table(set, []string{"cisco_asa.*"}, time.Microsecond, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "us/event") || len(strings.Fields(lines[1])) != 8 {
		t.Errorf("got %s", out.String())
	}
	if err := table(set, []string{"nothing.*"}, time.Microsecond, &out); err == nil || !strings.Contains(err.Error(), "nothing.*") {
		t.Errorf("no format, and the error is %v", err)
	}
	if err := run([]string{"-nonsense"}, &out); err == nil {
		t.Error("a flag that is not there is taken")
	}
}

// TestSharedWork: weir knows the lines on which it is measured beside others.
func TestSharedWork(t *testing.T) {
	set, err := parse.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	p, err := parse.New(parse.Options{DefaultZone: time.UTC, Formats: set, History: true})
	if err != nil {
		t.Fatal(err)
	}
	datasets := []string{"system.auth", "cisco_asa.log", "nginx.access", "fortinet_fortigate.log"}
	if len(datasets) != len(sharedWork) {
		t.Fatalf("%d lines", len(sharedWork))
	}
	dir := t.TempDir()
	for i, s := range sharedWork {
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
		if err := os.WriteFile(in, []byte(s.line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := parseFile(p, in, out); err != nil {
			t.Fatal(err)
		}
		doc, err := os.ReadFile(out)
		if err != nil || !bytes.Contains(doc, []byte(`"dataset":"`+datasets[i]+`"`)) || bytes.Contains(doc, []byte("parse_errors")) {
			t.Errorf("%s: %s, %v", s.name, doc, err)
		}
	}
}
