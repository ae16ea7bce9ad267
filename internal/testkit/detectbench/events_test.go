package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/internal/testkit"
)

// decode returns a line as names and values.
func decode(t *testing.T, line []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(line, &doc); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return doc
}

func TestNamed(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		want map[string]any
	}{
		"a recording": {`{"SourceName":"P","Hostname":"h","NewProcessName":"C:\\a.exe"}`, map[string]any{"Provider_Name": "P", "Computer": "h", "Image": `C:\a.exe`, "SourceName": "P"}},
		"its own":     {`{"SourceName":"P","Provider_Name":"Q"}`, map[string]any{"Provider_Name": "Q"}},
		"none":        {`{"A":1}`, map[string]any{"A": 1.0}},
		"no text":     {`{"SourceName":7}`, map[string]any{"Provider_Name": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			line, err := named([]byte(c.line))
			if err != nil {
				t.Fatal(err)
			}
			got := decode(t, line)
			for k, v := range c.want {
				if got[k] != v {
					t.Errorf("%s is %v, want %v", k, got[k], v)
				}
			}
		})
	}
	if _, err := named([]byte("nonsense")); err == nil {
		t.Error("nonsense has names")
	}
}

func TestDumped(t *testing.T) {
	lines, err := dumped([]byte("\ufeff" + `{"Event":{"System":{"EventID":1119,"Channel":"C","Provider":{"#attributes":{"Name":"P"}},"Computer":"h","TimeCreated":{"#attributes":{"SystemTime":"2026-01-02T03:04:05Z"}},"Correlation":null},"EventData":{"Threat Name":"T","Pid":7,"None":null}}}
{"Event":{"System":{"EventID":2}}}`))
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	doc := decode(t, lines[0])
	for k, want := range map[string]any{"EventID": 1119.0, "Channel": "C", "Provider_Name": "P", "ThreatName": "T", "Pid": 7.0, "TimeCreated": "2026-01-02T03:04:05Z", "None": nil, "Correlation": nil} {
		if doc[k] != want {
			t.Errorf("%s is %v, want %v", k, doc[k], want)
		}
	}
	if _, err := dumped([]byte(`{"Event":`)); err == nil {
		t.Error("a dump that is cut off was read")
	}
}

func TestCollected(t *testing.T) {
	lines, err := collected([]byte(`[{"@timestamp":"2026-01-02T03:04:05Z","winlog":{"channel":"C","computer_name":"h","event_id":"7","provider_name":"P","event_data":{"Image":"x"}}}]`))
	if err != nil || len(lines) != 1 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if doc := decode(t, lines[0]); doc["Image"] != "x" || doc["EventID"] != 7.0 || doc["Provider_Name"] != "P" || doc["Computer"] != "h" {
		t.Errorf("got %v", doc)
	}
	if _, err := collected([]byte(`{}`)); err == nil {
		t.Error("one event is no list")
	}
}

func TestRoute(t *testing.T) {
	list, err := route([]record{
		{line: []byte(`{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"x"}`)},
		{line: []byte(`{"EventID":13,"Channel":"Microsoft-Windows-Sysmon/Operational"}`)},
		{line: []byte(`{"EventID":4688,"Channel":"Security"}`)},
		{line: []byte(`{"EventID":4624,"Channel":"Security"}`)},
		{line: []byte(`{"EventID":1}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][3]string{
		{"windows", "process_creation", "sysmon"}, {"windows", "registry_set", "sysmon"}, {"windows", "process_creation", "security"}, {"windows", "none", "security"}, {"none", "none", "none"},
	} {
		if doc := decode(t, list[i].line); doc[product] != want[0] || doc[category] != want[1] || doc[service] != want[2] {
			t.Errorf("%s: want %v", list[i].line, want)
		}
	}
	started := processes(list)
	if len(started) != 2 || started[0].code != "1" || started[1].code != "4688" || len(list) != 5 {
		t.Errorf("%d started processes of %d events", len(started), len(list))
	}
	if _, err := route([]record{{line: []byte("nonsense")}}); err == nil {
		t.Error("nonsense has a log source")
	}
}

func TestWriteEvents(t *testing.T) {
	list := []record{{line: []byte(`{"a":1}`)}, {line: []byte(`{"b":2}`)}, {line: []byte(`{"c":3}`)}}
	write := func(n int) (*eventFile, []string) {
		f, err := writeEvents(filepath.Join(t.TempDir(), "x"), list, n)
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		if f.bytes != int64(len(content)) {
			t.Errorf("%d bytes, %d written", f.bytes, len(content))
		}
		return f, strings.Fields(string(content))
	}
	f, lines := write(7)
	if f.distinct != 3 || f.events != 9 || len(lines) != 9 {
		t.Fatalf("%+v, %d lines", f, len(lines))
	}
	for at := 0; at < 9; at += 3 { // each round has each event once
		if round := slices.Sorted(slices.Values(lines[at : at+3])); !slices.Equal(round, []string{`{"a":1}`, `{"b":2}`, `{"c":3}`}) {
			t.Errorf("a round of %v", round)
		}
	}
	if _, again := write(7); !slices.Equal(again, lines) {
		t.Error("two files of the same events differ")
	}
	if string(list[0].line) != `{"a":1}` {
		t.Error("the records were shuffled, not a copy")
	}
}

// TestLoad reads all real events: they are what the figures are about.
func TestLoad(t *testing.T) {
	list, err := load(testkit.Shared(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 20_000 || len(processes(list)) < 150 {
		t.Errorf("%d events, %d of them started processes", len(list), len(processes(list)))
	}
	for _, r := range list[:100] {
		if !json.Valid(r.line) || bytes.ContainsAny(r.line, "\n") || r.code == "" {
			t.Fatalf("no event: %s", r.line)
		}
	}
}
