package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/archive/sample"
)

// events writes a file of events.
func events(t *testing.T, n int) string {
	t.Helper()
	var b bytes.Buffer
	for _, d := range sample.Docs(1, n) {
		b.Write(append(d, '\n'))
	}
	file := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestRun_MeasuresEverything runs the whole, weir alone, on a few events.
func TestRun_MeasuresEverything(t *testing.T) {
	dir := t.TempDir()
	profile := filepath.Join(dir, "profile")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-events", events(t, 2000), "-dir", dir, "-rounds", "1", "-cpuprofile", profile}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| **weir**, topic to sealed files | ", "Verifying ", "| needle | ", "| first 100 by address | ", "| one day: CPU ms", "| everything: CPU ms", "| B an event with index: at most 150 | "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing:\n%s", want, out.String())
		}
	}
	if !strings.HasPrefix(out.String(), "2000 events of ") {
		t.Errorf("not all events are counted:\n%s", out.String())
	}
	for _, name := range []string{".ingest", ".queries"} {
		if info, err := os.Stat(profile + name); err != nil || info.Size() == 0 {
			t.Errorf("no profile %s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "bus")); err == nil {
		t.Error("the topic is left over")
	}
}

func TestRun_SaysWhatIsWrong(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	broken := filepath.Join(t.TempDir(), "broken.ndjson")
	empty := filepath.Join(t.TempDir(), "empty.ndjson")
	for file, text := range map[string]string{broken: "{\"a\":\n", empty: ""} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no generator":    {[]string{"-generator", none}, "building cmd/gen"},
		"no file":         {[]string{"-events", none}, "reading the events"},
		"no JSON":         {[]string{"-events", broken}, "reading an event"},
		"no event":        {[]string{"-events", empty}, "there are no events"},
		"no such flag":    {[]string{"-nonsense"}, "nonsense"},
		"an argument":     {[]string{"more"}, "unexpected"},
		"no rounds":       {[]string{"-rounds", "0"}, "at least 1"},
		"nobody to bench": {[]string{"-n", "0"}, "at least 1"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(t.Context(), append([]string{"-dir", t.TempDir()}, c.args...), &out)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if out.Len() > 0 {
				t.Errorf("it writes a report all the same: %s", out.String())
			}
		})
	}
}
