package parse

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"weir/event"
	"weir/processors/parse/format"
	"weir/processors/parse/formats"
	"weir/processors/parse/readers"
)

// TestParse_Recognised has dataset and the device's field for one line of each kind.
func TestParse_Recognised(t *testing.T) {
	for _, c := range []struct{ name, line, dataset, host string }{
		{"nothing", "hello", "system.syslog", "host.name=192.0.2.7"},
		{"empty", "", "system.syslog", "host.name=192.0.2.7"},
		{"unknown program", "<13>Mar 10 11:00:00 h app: hello", "system.syslog", "host.name=h"},
		{"sshd", "<13>Mar 10 11:00:00 h sshd[1]: hello", "system.auth", "host.name=h"},
		{"sshd of today", "<13>Mar 10 11:00:00 h sshd-session[1]: hello", "system.auth", "host.name=h"},
		{"cron", "<13>Mar 10 11:00:00 h CRON[1]: (root) CMD (x)", "system.syslog", "host.name=h"},
		{"PAM of cron", "<13>Mar 10 11:00:00 h CRON[1]: pam_unix(cron:session): session closed for user root", "system.auth", "host.name=h"},
		{"PAM of any program", "<13>Mar 10 11:00:00 h frobd[1]: pam_unix(frob:session): session closed for user root", "system.auth", "host.name=h"},
		{"PAM of old", "<13>Mar 10 11:00:00 h frobd(pam_unix)[1]: session closed for user root", "system.auth", "host.name=h"},
		{"kernel", "<4>Mar 10 11:00:00 h kernel: usb 1-1: reset", "system.syslog", "host.name=h"},
		{"netfilter", "<4>Mar 10 11:00:00 h kernel: [UFW BLOCK] IN=e OUT= SRC=1.1.1.1 DST=2.2.2.2", "iptables.log", "host.name=h"},
		{"asa", "<166>Mar 10 2024 11:00:00 fw1 : %ASA-6-302013: Built", "cisco_asa.log", "observer.name=fw1"},
		{"asa, no host", "<166>Mar 10 2024 11:00:00: %ASA-6-302013: Built", "cisco_asa.log", "observer.name=192.0.2.7"},
		{"ftd", "<166>Mar 10 2024 11:00:00 fw1 : %FTD-6-302013: Built", "cisco_ftd.log", "observer.name=fw1"},
		{"cef", "<13>Mar 10 11:00:00 h CEF:0|v|p|1|2|3|4|", "cef.log", "observer.name=h"},
		{"leef", "<13>Mar 10 11:00:00 h LEEF:1.0|v|p|1|2|", "leef.log", "observer.name=h"},
		{"json", `<13>Mar 10 11:00:00 h app: {"a":1}`, "json.log", "host.name=h"},
		{"json with a cookie", `<13>Mar 10 11:00:00 h app: @cee: {"a":1}`, "json.log", "host.name=h"},
		{"brackets are not json", `<13>Mar 10 11:00:00 h app: [main] hello`, "system.syslog", "host.name=h"},
		{"braces are not json", `<13>Mar 10 11:00:00 h app: {hello} world`, "system.syslog", "host.name=h"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := parseOne(t, Options{}, c.line)
			field, value, _ := strings.Cut(c.host, "=")
			if got := e.Str(event.EventDataset); got != c.dataset || e.Str(event.EventModule) != module(c.dataset) {
				t.Errorf("dataset %s", got)
			}
			if got := e.GetPath(field).Text(); got != value {
				t.Errorf("%s is %q in %s", field, got, e.AppendJSON(nil))
			}
		})
	}
}

// TestParse_Formats: formats of the caller come first; their errors keep the event, their panics make a dead letter.
func TestParse_Formats(t *testing.T) {
	p := newParser(t, Options{Formats: formatsOf(t, map[string]readers.Reader{
		"mine":  {Read: func(e *event.Event, msg string) error { e.SetStr(event.UserName, msg[5:]); return nil }},
		"bad":   {Read: func(*event.Event, string) error { return errors.New("byte 3") }},
		"worse": {Read: func(*event.Event, string) error { panic("boom") }},
		"torn":  {Split: func(string, func(string) error) error { panic("boom") }},
		"odd":   {Split: func(string, func(string) error) error { return errors.New("no parts") }},
	},
		"dataset: mine.log\ntitle: t\nmatch: {starts: 'MINE '}\nsteps: [call: mine]",
		"dataset: bad.log\ntitle: t\nmatch: {programs: bad}\nsteps: [call: bad]",
		"dataset: worse.log\ntitle: t\nmatch: {programs: worse}\nsteps: [call: worse]",
		"dataset: torn.log\ntitle: t\nmatch: {programs: torn}\nsplit: {call: torn}",
		"dataset: odd.log\ntitle: t\nmatch: {programs: odd}\nsplit: {call: odd}",
	)})
	for _, c := range []struct{ line, want string }{
		{"<13>MINE kim", "mine.log kim  <nil>"},
		{"<13>Mar 10 11:00:00 h bad: x", `bad.log  ["bad.log: call at line 4: bad: byte 3"] <nil>`},
		{"<13>Mar 10 11:00:00 h worse: x", "   parser-panic: worse.log: boom"},
		{"<13>Mar 10 11:00:00 h torn: x", "   parser-panic: torn.log: boom"},
		{"<13>Mar 10 11:00:00 h odd: x", `odd.log  ["odd.log: no parts"] <nil>`},
	} {
		raw, e, seen := rawOf(c.line), new(event.Event), "  "
		err := p.Parse(&raw, e, func(e *event.Event) error {
			seen = fmt.Sprint(e.Str(event.EventDataset), " ", e.Str(event.UserName), " ", e.Get(event.WeirParseErrors).Text())
			return nil
		})
		if got := fmt.Sprint(seen, " ", err); got != c.want {
			t.Errorf("%q: got %s, want %s", c.line, got, c.want)
		}
	}
}

// formatsOf loads the shipped formats with some readers and formats beside them.
func formatsOf(t testing.TB, more map[string]readers.Reader, docs ...string) *format.Set {
	t.Helper()
	table, files := readers.Table(), fstest.MapFS{}
	maps.Copy(table, more)
	for i, doc := range docs {
		files[fmt.Sprintf("test/f%d.yaml", i)] = &fstest.MapFile{Data: []byte(doc)}
	}
	set, faults := format.LoadWith(table, format.Source{Name: "shipped", FS: formats.FS()}, format.Source{Name: "formats", FS: files})
	for _, f := range faults {
		if strings.HasPrefix(f.Where, "formats/") {
			t.Fatal(f)
		}
	}
	return set
}

func TestParseDataset(t *testing.T) {
	p := newParser(t, Options{})
	for _, c := range []struct{ dataset, line, message string }{
		{"cisco_asa.log", "<166>Mar 10 2024 11:00:00 fw1 : %ASA-6-302013: Built", "%ASA-6-302013: Built"},
		{"cisco_asa.log", "noise before %ASA-6-302013: Built", "%ASA-6-302013: Built"},
		{"system.auth", "<13>Mar 10 11:00:00 h sshd[1]: hello", "hello"},
		{"system.auth", "<13>Mar 10 11:00:00 h unknown[1]: hello", "hello"},
		{"iptables.log", "IN=e OUT= SRC=1.1.1.1 DST=2.2.2.2", "IN=e OUT= SRC=1.1.1.1 DST=2.2.2.2"},
	} {
		raw, e, n := rawOf(c.line), new(event.Event), 0
		err := p.ParseDataset(c.dataset, &raw, e, func(*event.Event) error { n++; return nil })
		if err != nil || n != 1 || e.Str(event.EventDataset) != c.dataset || e.Str(event.Message) != c.message {
			t.Errorf("%s, %q: %v, %s, %q", c.dataset, c.line, err, e.Str(event.EventDataset), e.Str(event.Message))
		}
	}
	raw := rawOf("x")
	if err := p.ParseDataset("nope.log", &raw, new(event.Event), nil); err == nil {
		t.Error("an unknown dataset was taken")
	}
	if !slices.Contains(p.Datasets(), "system.syslog") || !slices.Contains(p.Datasets(), "cisco_asa.log") || !slices.IsSorted(p.Datasets()) {
		t.Errorf("datasets %v", p.Datasets())
	}
}
