package pipelines

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
)

func TestShipped_NoFaults(t *testing.T) {
	s, faults := Load()
	for _, f := range faults {
		t.Error(f)
	}
	names := map[string]bool{}
	for _, p := range s.pipes {
		if names[p.name] {
			t.Errorf("two pipelines are called %s", p.name)
		}
		names[p.name] = true
	}
	if len(names) < 15 {
		t.Errorf("%d pipelines are shipped", len(names))
	}
}

// What a shipped pipeline names is a field, or a key of an open one: a value that is stored elsewhere would never be found.
func TestShipped_EveryFieldIsKnown(t *testing.T) {
	for _, p := range Shipped().pipes {
		check := func(name string, paths []string) {
			for _, path := range paths {
				if !known(path) {
					t.Errorf("%s: %s means %s, which no list has", p.name, name, path)
				}
			}
		}
		for name, paths := range p.fields.exact {
			check(name, paths)
		}
		for _, n := range p.byCategory {
			for name, paths := range n.exact {
				check(name, paths)
			}
		}
		for _, x := range p.prefixes {
			check(x.name, []string{x.path + "any"})
		}
	}
}

// Windows events are read by the same names: each has one field that readers put it into, which a category may add others to
// but not replace. Names with another field beside it are few, since each costs time on every event.
func TestShipped_WindowsNamesHaveOneField(t *testing.T) {
	i := slices.IndexFunc(Shipped().pipes, func(p *pipe) bool { return p.name == "windows" })
	p := Shipped().pipes[i]
	for name, paths := range p.fields.exact {
		if len(paths) > 1 && !slices.Contains([]string{"Channel", "IpAddress", "IpPort"}, name) {
			t.Errorf("%s has %v", name, paths)
		}
	}
	for category, n := range p.byCategory {
		for name, paths := range n.exact {
			if base := Shipped().Paths(LogSource{Product: "windows"}, name)[0]; paths[0] != base {
				t.Errorf("%s: %s is %s first, and %s elsewhere", category, name, paths[0], base)
			}
		}
	}
}

// windowsEvent is an event as it was read from a log, and as Elastic's pipelines make a document of it.
type windowsEvent struct{ before, after map[string]any }

// windowsEvents returns the events of the collection.
func windowsEvents(t *testing.T) []windowsEvent {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "windows-evtx", "*", "collection", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no events: %v", err)
	}
	read := func(name string) (out []map[string]any) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	var out []windowsEvent
	for _, name := range files {
		before := read(name)
		after := read(strings.NewReplacer("/collection/", "/ingest/", ".evtx.golden", ".golden").Replace(name))
		for i := range before {
			out = append(out, windowsEvent{before[i], after[i]})
		}
	}
	return out
}

// at returns the value at a path of a document.
func at(doc map[string]any, path string) any {
	var v any = doc
	for part := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}

// Every event of the collection is of the log source that its log and number say.
func TestShipped_WindowsEventsAreClassified(t *testing.T) {
	services := map[string]string{"Security": "security", sysmon: "sysmon", "Windows PowerShell": "powershell-classic"}
	categories := map[string]string{
		sysmon + " 11": "file_event", sysmon + " 13": "registry_event+registry_set", sysmon + " 7": "image_load", sysmon + " 22": "dns_query", sysmon + " 23": "file_delete",
		sysmon + " 25": "process_tampering", sysmon + " 26": "file_delete+file_delete_detected", sysmon + " 5": "process_termination",
		"Windows PowerShell 400": "ps_classic_start", "Windows PowerShell 600": "ps_classic_provider_start",
	}
	s := Shipped()
	n := 0
	for _, w := range windowsEvents(t) {
		var e event.Event
		doc, err := json.Marshal(w.before)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Decode(doc); err != nil {
			t.Fatal(err)
		}
		channel, code := e.Str(event.WinlogChannel), e.Str(event.EventCode)
		want := "windows/" + categories[channel+" "+code] + "/" + services[channel]
		if got := s.Describe(s.Classify(&e)); got != want {
			t.Errorf("%s %s: got %s, want %s", channel, code, got, want)
		}
		n++
	}
	if n < 200 {
		t.Errorf("%d events", n)
	}
}

// A name of Windows has a field of ECS only where Elastic's own pipelines take its text over into that field as it is, and
// nowhere something else.
func TestShipped_WindowsFieldsAreElastics(t *testing.T) {
	s := Shipped()
	seen := map[string]int{}
	for _, w := range windowsEvents(t) {
		data, _ := at(w.before, "winlog.event_data").(map[string]any)
		for name, v := range data {
			path := s.Paths(LogSource{Product: "windows"}, name)[0]
			if strings.HasPrefix(path, "winlog.event_data.") {
				continue
			}
			seen[name]++
			if got := at(w.after, path); got != v {
				t.Errorf("%s: %s has %v there, the event has %v", name, path, got, v)
			}
		}
	}
	for _, name := range []string{"Image", "ProcessGuid", "QueryName", "TargetFilename", "TargetObject", "ImageLoaded"} {
		if seen[name] == 0 {
			t.Errorf("no event has %s", name)
		}
	}
}

// TestShipped_HeadersOfPrograms: what the header of a program says is found as Windows names it and as Elastic's documents
// have it.
func TestShipped_HeadersOfPrograms(t *testing.T) {
	for _, tt := range []struct{ category, name, own, elastic string }{
		{"process_creation", "OriginalFileName", "winlog.event_data.OriginalFileName", "process.pe.original_file_name"},
		{"process_creation", "Company", "winlog.event_data.Company", "process.pe.company"},
		{"image_load", "OriginalFileName", "winlog.event_data.OriginalFileName", "file.pe.original_file_name"},
	} {
		got := Shipped().Paths(LogSource{Product: "windows", Category: tt.category}, tt.name)
		if !slices.Equal(got, []string{tt.own, tt.elastic}) {
			t.Errorf("%s of %s is %v", tt.name, tt.category, got)
		}
	}
	if got := Shipped().Paths(LogSource{Product: "windows", Category: "driver_load"}, "Company"); !slices.Equal(got, []string{"winlog.event_data.Company"}) {
		t.Errorf("of another category it is %v", got)
	}
}

// TestShipped_OwnRecords: rules for other products never see what weir writes about itself, nor traps; rules without a log
// source do.
func TestShipped_OwnRecords(t *testing.T) {
	for _, doc := range []string{
		`{"event":{"module":"weir","dataset":"weir.audit"}}`, `{"event":{"module":"weir","dataset":"weir.coverage"}}`,
		`{"event":{"module":"weir","dataset":"weir.deadletter"}}`, `{"event":{"module":"snmp","dataset":"snmp.trap"}}`,
	} {
		var e event.Event
		if err := e.Decode([]byte(doc)); err != nil {
			t.Fatal(err)
		}
		c := Shipped().Classify(&e)
		if c == 0 || Shipped().Covers(c, LogSource{Product: "zeek", Service: "rdp"}) || !Shipped().Covers(c, LogSource{}) {
			t.Errorf("%s is of %v", doc, Shipped().Describe(c))
		}
	}
}
