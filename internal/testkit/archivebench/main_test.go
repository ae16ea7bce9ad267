package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/archive/sample"
)

// TestRun_MeasuresEverything runs the whole on events that are there already.
func TestRun_MeasuresEverything(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	for _, d := range sample.Docs(1, 2000) {
		b.Write(append(d, '\n'))
	}
	if err := os.WriteFile(filepath.Join(dir, "events-2000.ndjson"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-n", "2000", "-dir", dir, "-rounds", "1"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ingest     2000 events of ", "CPU-s and ", "disk       ", "memory     ", "needle", "histogram, hours", "first 100 by address", "verify     "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing:\n%s", want, out.String())
		}
	}
}

func TestRun_SaysWhatIsWrong(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-n", "10", "-dir", t.TempDir(), "-generator", filepath.Join(t.TempDir(), "none")}, &out); err == nil || !strings.Contains(err.Error(), "generating events") {
		t.Errorf("got %v", err)
	}
	if err := run(t.Context(), []string{"-nonsense"}, &out); err == nil {
		t.Error("an unknown flag is taken")
	}
}
