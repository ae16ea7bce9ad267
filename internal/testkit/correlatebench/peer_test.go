package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"weir/rules"
)

// TestNative: the rule that the program reads is the one whose speed the engine alone was measured with.
func TestNative(t *testing.T) {
	compared := 0
	for _, w := range workloads() {
		if _, ok := sigma(w); !ok {
			continue
		}
		compared++
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "rule.yaml"), []byte(native(w)), 0o600); err != nil {
			t.Fatal(err)
		}
		set, err := rules.LoadDir(dir, rules.Options{})
		if err != nil || len(set.Faults) > 0 || len(set.Rules) != 1 {
			t.Fatalf("%s: %v %v", native(w), err, set.Faults)
		}
		got, want := *set.Rules[0].Correlate, *w.rule.Correlate
		want.MinValues = got.MinValues
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read as %+v\nwant %+v", w.name, got, want)
		}
	}
	if compared != 9 {
		t.Errorf("%d cases are compared", compared)
	}
}

// TestSigma: what both read means the same to weir.
func TestSigma(t *testing.T) {
	for _, w := range workloads() {
		text, ok := sigma(w)
		if !ok {
			continue
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "rule.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		set, err := rules.LoadDir(dir, rules.Options{})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, r := range set.Rules {
			if r.Correlate == nil {
				continue
			}
			found = true
			c := r.Correlate
			if c.Kind != w.rule.Correlate.Kind || c.Within != w.rule.Correlate.Within || !reflect.DeepEqual(c.By, w.rule.Correlate.By) || len(c.Steps) != len(w.rule.Correlate.Steps) {
				t.Errorf("%s\nread as %+v", text, c)
			}
		}
		if !found {
			t.Errorf("%s\nis no correlation: %v", text, set.Faults)
		}
	}
}

func TestWriteEvents(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := writeEvents(path, newStream(workloads()[0]), 50); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	var doc struct {
		Event  struct{ Action string }
		Source struct {
			IP    string
			Bytes int
		}
	}
	if err := json.Unmarshal(lines[0], &doc); err != nil || len(lines) != 50 || doc.Event.Action != "a" || doc.Source.IP == "" {
		t.Errorf("%d lines, %+v, %v", len(lines), doc, err)
	}
}
