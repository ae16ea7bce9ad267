package windows

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
	"weir/processors/parse/winevent"
	"weir/rules/pipelines"
)

// eventXML makes an event as Windows renders it: names and values of the event data in turn.
func eventXML(provider, channel, code, keywords string, kv ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b,
		`<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="%s"/><EventID>%s</EventID><Keywords>%s</Keywords>`+
			`<TimeCreated SystemTime="2024-03-05T10:20:30.5Z"/><Channel>%s</Channel><Computer>pc-1.corp.example</Computer><Security UserID="S-1-5-18"/></System><EventData>`,
		provider, code, keywords, channel)
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;")
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i] == "" {
			fmt.Fprintf(&b, "<Data>%s</Data>", escape.Replace(kv[i+1]))
			continue
		}
		fmt.Fprintf(&b, `<Data Name="%s">%s</Data>`, kv[i], escape.Replace(kv[i+1]))
	}
	return b.String() + "</EventData></Event>"
}

// audited and traced are events of the two providers that have the most.
func audited(code string, kv ...string) string {
	return eventXML("Microsoft-Windows-Security-Auditing", "Security", code, "0x8020000000000000", kv...)
}

func fromSysmon(code string, kv ...string) string {
	return eventXML("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational", code, "0x8000000000000000", kv...)
}

// want are fields and their texts, lists with commas; "" where there must be none.
type want map[string]string

// check reads a message and compares some fields.
func check(t *testing.T, msg string, fields want) {
	t.Helper()
	var e event.Event
	if err := New().Read(&e, msg); err != nil {
		t.Fatal(err)
	}
	e.Conform()
	compare(t, &e, fields)
}

func compare(t *testing.T, e *event.Event, fields want) {
	t.Helper()
	for path, text := range fields {
		if got := textOf(e.GetPath(path)); got != text {
			t.Errorf("%s is %q, want %q", path, got, text)
		}
	}
}

// textOf writes lists with commas.
func textOf(v event.Value) string {
	if v.Kind() != event.List {
		return v.Text()
	}
	var items []string
	for i := range v.Len() {
		items = append(items, v.Item(i).Text())
	}
	return strings.Join(items, ",")
}

func TestReader_Forms(t *testing.T) {
	for name, c := range map[string]struct {
		msg    string
		err    string
		fields want
	}{
		"XML behind words of a relay": {`pc-1 forwarded: ` + audited("4624",
			"TargetUserName", "kim"), "", want{"user.name": "kim", "event.action": "logged-in"}},
		"XML with a mark of its order": {"\ufeff \n" + audited("4624"), "",
			want{"event.code": "4624"}},
		"Events": {"<?xml version='1.0'?><Events>" + audited("4624") + "</Events>",
			"", want{"event.code": "4624"}},
		"two events": {audited("4624") + audited("4625"),
			"more text behind", want{"event.code": "4624"}},
		"an agent's document": {`{"winlog":{"channel":"Security","event_id":4625,"provider_name":"Microsoft-Windows-Security-Auditing","keywords":["Audit Failure"],"event_data":{"TargetUserName":"lee"}},"host":{"name":"a"}}`,
			"", want{"event.outcome": "failure", "user.name": "lee", "host.name": "a",
				"winlog.event_id": "4625", "host.os.type": "windows"}},
		"a dump": {`{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":5,"Channel":"x","Computer":"pc-9"},"EventData":{"Image":"C:\\a.exe"}}}`,
			"", want{"process.name": "a.exe", "host.name": "pc-9"}},
		"user data of a document": {`{"winlog":{"channel":"Security","event_id":"1102","provider_name":"Microsoft-Windows-Eventlog","user_data":{"xml_name":"LogFileCleared","SubjectUserName":"root"}}}`,
			"", want{"user.name": "root", "winlog.user_data.SubjectUserName": "root",
				"winlog.event_data.SubjectUserName": "root", "winlog.event_data.xml_name": ""}},
		"text":                    {"hello", "neither XML, JSON nor Snare", nil},
		"nothing":                 {"", "neither", nil},
		"UTF-16":                  {"<\x00E\x00v\x00", "broken tag", nil},
		"UTF-16, the other order": {"\x00<\x00E", "UTF-16", nil},
		"JSON of something else":  {`{"a":1}`, "no event", nil},
		"other XML":               {`<html></html>`, "no Event", nil},
		"an empty event":          {`<Event></Event>`, "no event", nil},
		"broken JSON": {`{"winlog":{"channel":"Security","event_id":"4624"`,
			"not a JSON object", want{"event.action": "logged-in"}},
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			err := New().Read(&e, c.msg)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			compare(t, &e, c.fields)
		})
	}
}

// What stood in the event before a document was read stays where the document says nothing, but for where it says whose it
// is.
func TestReader_Document(t *testing.T) {
	var e event.Event
	e.SetStr(event.EventDataset, "system.security")
	e.SetStr(event.EventModule, "system")
	e.SetStr(event.HostName, "relay-1")
	e.SetStr(event.HostHostname, "relay-1")
	e.SetStr(event.LogSyslogAppname, "agent")
	e.SetStr(event.Message, "{")
	msg := `{"event":{"dataset":"x.y","kind":"event"},"message":"text","winlog":{"channel":"Security","computer_name":"pc-1","event_id":"4634"}}`
	if err := New().Read(&e, msg); err != nil {
		t.Fatal(err)
	}
	compare(t, &e, want{"event.dataset": "system.security", "event.module": "system",
		"host.name": "pc-1", "host.hostname": "", "log.syslog.appname": "agent",
		"message": "text", "event.action": "logged-out"})
}

// Programs that have formats of their own have these in any channel.
func TestReader_NamingByProvider(t *testing.T) {
	for msg, dataset := range map[string]string{
		eventXML("MSSQLSERVER$AUDIT", "Application", "33205", "0x0"):                                  "microsoft_sqlserver.audit",
		eventXML("MSSQL$SHOP$AUDIT", "Security", "33205", "0x0"):                                      "microsoft_sqlserver.audit",
		eventXML("MSSQLSERVER", "Application", "18456", "0x0"):                                        "system.application",
		eventXML("Microsoft-Windows-DNSServer", "16", "256", "0x0"):                                   "microsoft_dnsserver.analytical",
		`{"event":{"provider":"Microsoft-Windows-DNSServer","code":"256"},"winlog":{"channel":"16"}}`: "microsoft_dnsserver.analytical",
	} {
		var e event.Event
		e.SetStr(event.EventDataset, "windows.eventlog")
		if err := NewNaming().Read(&e, msg); err != nil {
			t.Fatal(err)
		}
		compare(t, &e, want{"event.dataset": dataset})
	}
}

// The address of who sent an event is not that of the computer that wrote it; where no computer is named, it is the best
// there is. What a document says of weir itself does not count.
func TestReader_Host(t *testing.T) {
	for name, c := range map[string]struct {
		msg    string
		fields want
	}{
		"XML":                    {audited("4624"), want{"host.name": "pc-1.corp.example", "host.ip": ""}},
		"Snare":                  {snare("1", "System", "7", "", "1", "X", "", "", "Information", "pc-2", "None"), want{"host.name": "pc-2", "host.ip": ""}},
		"a document":             {`{"winlog":{"channel":"x","computer_name":"pc-3"}}`, want{"host.name": "pc-3", "host.ip": "", "host.hostname": ""}},
		"with the agent's host":  {`{"winlog":{"channel":"x","computer_name":"pc-3"},"host":{"name":"wec","ip":["192.0.2.9"]}}`, want{"host.name": "wec", "host.ip": "192.0.2.9"}},
		"without a computer":     {`{"winlog":{"channel":"x"}}`, want{"host.name": "relay", "host.ip": "192.0.2.1", "host.hostname": "relay"}},
		"with errors of its own": {`{"winlog":{"channel":"x"},"weir":{"parse_errors":["e"]}}`, want{"weir.parse_errors": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			e.SetStr(event.HostName, "relay")
			e.SetStr(event.HostHostname, "relay")
			e.Append(event.HostIP, "192.0.2.1")
			if err := New().Read(&e, c.msg); err != nil {
				t.Fatal(err)
			}
			compare(t, &e, c.fields)
		})
	}
}

func TestReader_Naming(t *testing.T) {
	for channel, dataset := range map[string]string{
		"Security":                                "system.security",
		"Microsoft-Windows-Sysmon/Operational":    "windows.sysmon_operational",
		"Windows PowerShell":                      "windows.powershell",
		"Microsoft-Windows-AppLocker/EXE and DLL": "windows.applocker_exe_and_dll",
		"Other": "windows.eventlog",
	} {
		var e event.Event
		e.SetStr(event.EventDataset, "windows.eventlog")
		if err := NewNaming().Read(&e, eventXML("P", channel, "1", "0x0")); err != nil {
			t.Fatal(err)
		}
		module, _, _ := strings.Cut(dataset, ".")
		if dataset == "windows.eventlog" {
			module = ""
		}
		compare(t, &e, want{"event.dataset": dataset, "event.module": module})
	}
}

// The same events as XML and as an agent's documents come to the same fields of ECS.
func TestReader_XMLAndJSON(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testkit.Shared(t), "data", "integrations",
		"windows", "sysmon_operational", "test-events.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Events []map[string]any `json:"events"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	r, n := New(), 0
	for i, doc := range all.Events {
		original, _ := doc["event"].(map[string]any)["original"].(string)
		if !strings.HasPrefix(original, "<Event") {
			continue
		}
		n++
		var a, b event.Event
		if err := r.Read(&a, original); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		got := asPaths(t, &a)
		asEvent(t, doc, &b)
		if err := r.Read(&b, ""); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		for path, v := range asPaths(t, &b) {
			if strings.HasPrefix(path, "winlog.event_data.") || strings.HasPrefix(path, "winlog.") || strings.HasPrefix(path, "host.") || strings.HasPrefix(path, "log.") || path == "event.original" || path == "message" || path == "tags" || strings.HasPrefix(path, "agent") || path == "event.ingested" || path == "event.agent_id_status" || path == "event.dataset" || path == "event.created" {
				continue
			}
			if fmt.Sprint(got[path]) != fmt.Sprint(v) {
				t.Errorf("%d: %s is %v as XML, %v as JSON", i, path, got[path], v)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d events have XML", n)
	}
}

// Recordings of attacks: no error, and every value of a line is somewhere in its event.
func TestReader_Recordings(t *testing.T) {
	r := New()
	var e event.Event
	seen := map[string]int{}
	n := 0
	eachRecording(t, func(path, line string) {
		if n++; n%4 != 0 {
			return
		}
		e.Reset()
		if err := r.Read(&e, line); err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		seen[e.Str(event.WinlogProviderName)]++
		lost(t, line, &e)
	})
	if seen["Microsoft-Windows-Sysmon"] < 1000 || seen["Microsoft-Windows-Security-Auditing"] < 1000 {
		t.Errorf("few events: %v", seen)
	}
}

// eachRecording calls fn for each line of the recordings, with the name of its file.
func eachRecording(t *testing.T, fn func(file, line string)) {
	t.Helper()
	root := filepath.Join(testkit.Shared(t), "data", "security-datasets", "atomic", "windows")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".zip") {
			eachLine(t, path, func(line string) { fn(filepath.Base(path), line) })
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Rules see the same in an event that was read here as in a recording that is read under the names of rules.
func TestReader_AsRulesSeeIt(t *testing.T) {
	set := pipelines.Shipped()
	rules := winevent.New(func(name string) string { return set.Paths(pipelines.LogSource{Product: "windows"}, name)[0] })
	live := New()
	var a, b event.Event
	n, wrong := 0, map[string]int{}
	eachRecording(t, func(file, line string) {
		if n++; n%5 != 0 {
			return
		}
		if err := rules.Read([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		b.Reset()
		if err := live.Read(&b, line); err != nil {
			t.Fatal(err)
		}
		compared := func(path string, v event.Value) {
			if path == "@timestamp" || path == "winlog.time_created" || path == "winlog.keywords" || v.Kind() == event.Object {
				return
			}
			for i := range v.Len() {
				// Addresses are written plainly, and a hyphen is no value of ECS.
				text := v.Item(i).Text()
				if text == "" || text == "-" || plainIP(text) != "" && holdsText(b.GetPath(path), plainIP(text)) {
					continue
				}
				if !holdsText(b.GetPath(path), text) {
					if wrong[path]++; wrong[path] < 3 {
						t.Errorf("%s: %s is %s, rules want %q", file, path, b.GetPath(path), text)
					}
				}
			}
		}
		a.Each(func(f event.Field, v event.Value) bool {
			compared(f.Path(), v)
			return true
		})
	})
}

// lost tells of values of a flat record that its event does not have.
func lost(t *testing.T, line string, e *event.Event) {
	t.Helper()
	e.Conform()
	doc := string(e.AppendJSON(nil))
	var flat map[string]any
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	if err := dec.Decode(&flat); err != nil {
		t.Fatal(err)
	}
	for name, v := range flat {
		text, ok := v.(string)
		if !ok || text == "" || name == "EventTime" || name == "TimeCreated" || name == "@timestamp" || name == "EventReceivedTime" {
			continue
		}
		quoted := string(event.Str(text).AppendJSON(nil))
		if !strings.Contains(doc, quoted) && !strings.Contains(doc, strings.Trim(quoted, `"`)) {
			t.Errorf("%s %q is nowhere in %.300s", name, text, doc)
		}
	}
}

// eachLine calls fn for each line of the files in an archive.
func eachLine(t *testing.T, path string, fn func(line string)) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(all)) {
			if line = strings.TrimSpace(line); line != "" {
				fn(line)
			}
		}
	}
}

// Events of real logs, with the documents that another collector makes of them: the same events get the same meaning.
func TestReader_EVTX(t *testing.T) {
	root := filepath.Join(testkit.Shared(t), "data", "windows-evtx")
	files, err := filepath.Glob(filepath.Join(root, "*", "ingest", "*.golden.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	r := New()
	var e event.Event
	fields := []string{"event.action", "event.category", "event.type", "event.outcome",
		"event.code", "user.name", "user.domain", "group.name", "process.pid", "process.name",
		"process.args", "source.ip", "file.path", "registry.path", "dns.question.name", "service.name"}
	for _, f := range files {
		in := strings.Replace(strings.Replace(f, "/ingest/", "/collection/", 1),
			".golden.json", ".evtx.golden.json", 1)
		var docs, wanted []map[string]any
		for name, to := range map[string]*[]map[string]any{in: &docs, f: &wanted} {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, to); err != nil {
				t.Fatal(err)
			}
		}
		for i, doc := range docs {
			line, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			e.Reset()
			if err := r.Read(&e, string(line)); err != nil {
				t.Errorf("%s %d: %v", filepath.Base(f), i, err)
				continue
			}
			got, good := asPaths(t, &e), flat(wanted[i], "", map[string]any{})
			for _, field := range fields {
				if v, ok := good[field]; ok && !same(v, got[field]) && !onPurpose(filepath.Base(f), field) {
					t.Errorf("%s %d: %s is %v, not %v", filepath.Base(f), i, field, got[field], v)
				}
			}
		}
	}
}

// onPurpose are the differences that are on purpose: a hyphen is no program, actions of Sysmon and PowerShell have names here.
func onPurpose(file, field string) bool {
	return field == "process.name" && strings.Contains(file,
		"4905") || field == "event.action" && !strings.HasPrefix(file,
		"security") && !slices.Contains([]string{"1", "4", "5"}, file[:1])
}

// holdsText tells whether a value is a text or has it as an item.
func holdsText(v event.Value, text string) bool {
	for i := range v.Len() {
		if v.Item(i).Text() == text {
			return true
		}
	}
	return v.Text() == text
}
