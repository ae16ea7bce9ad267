package windows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/event"
)

// The same event may come as JSON, as XML or as Snare's text. What rules and people ask for most must not depend on that. The
// recordings have what all three are made of: the values, and the text for people.

// asked are those fields.
var asked = []string{
	"event.action", "event.category", "event.type", "event.code", "user.name", "user.domain", "user.id",
	"user.target.name", "user.target.id", "user.effective.name", "group.name", "group.id", "source.ip", "source.port",
	"source.domain", "destination.ip", "destination.port", "process.pid", "process.name", "process.executable",
	"process.args", "process.parent.name", "process.parent.pid", "process.hash.sha1", "file.path", "file.name",
	"registry.path", "registry.value", "registry.data.strings", "dns.question.name", "dns.resolved_ip", "service.name",
	"network.transport", "network.direction", "winlog.logon.type", "winlog.logon.id", "host.name",
}

// record is a recording of one event.
type record struct {
	provider, channel, code, computer, message string
	data                                       map[string]string
}

// recordOf takes a line of a recording apart. ok is false for lines that say too little to make another form of them.
func recordOf(line string) (r record, ok bool) {
	var flat map[string]any
	if json.Unmarshal([]byte(line), &flat) != nil {
		return r, false
	}
	text := func(name string) string {
		s, _ := flat[name].(string)
		return s
	}
	r = record{text("SourceName"), text("Channel"), fmt.Sprint(flat["EventID"]), text("Hostname"), text("Message"), map[string]string{}}
	for name, v := range flat {
		if s, isText := v.(string); isText && !ofRecord[name] {
			r.data[name] = s
		}
	}
	return r, r.message != "" && r.computer != "" &&
		(r.provider == "Microsoft-Windows-Security-Auditing" || r.provider == "Microsoft-Windows-Sysmon")
}

// ofRecord are names that collectors add, or that are no event data.
var ofRecord = map[string]bool{
	"SourceName": true, "Channel": true, "Hostname": true, "Message": true, "EventTime": true, "TimeCreated": true, "@timestamp": true,
	"@version": true, "host": true, "SourceModuleName": true, "SourceModuleType": true, "EventReceivedTime": true, "Category": true,
	"Opcode": true, "Severity": true, "ProviderGuid": true, "AccountName": true, "AccountType": true, "Domain": true,
	"UserID": true, "ActivityID": true, "Keywords": true, "Task": true, "Level": true, "Version": true,
}

// xml makes the event as Windows renders it.
func (r record) xml() string {
	var kv []string
	for name, v := range r.data {
		if strings.ContainsAny(name, `"<& `) || strings.ContainsAny(v, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f") {
			continue
		}
		kv = append(kv, name, v)
	}
	msg := eventXML(r.provider, r.channel, r.code, "0x8020000000000000", kv...)
	return strings.Replace(msg, "pc-1.corp.example", r.computer, 1)
}

// snare makes the event as Snare writes it.
func (r record) snare() string {
	return snare("1", r.channel, "7", "Tue Mar 05 10:20:30 2024", r.code, r.provider, "N/A", "N/A", "Success Audit", r.computer, "x", "",
		oneLine(r.message), "91")
}

// fieldsOf reads a message and returns what it says of the fields that are asked for.
func fieldsOf(t *testing.T, r *Reader, msg string) map[string]string {
	t.Helper()
	var e event.Event
	if err := r.Read(&e, msg); err != nil {
		t.Fatalf("%v: %.300s", err, msg)
	}
	e.Conform()
	out := map[string]string{}
	for _, path := range asked {
		if s := textOf(e.GetPath(path)); s != "" {
			out[path] = s
		}
	}
	return out
}

// XML has every value, so everything is the same.
func TestForms_XML(t *testing.T) {
	r, n, compared := New(), 0, 0
	eachRecording(t, func(file, line string) {
		if n++; n%7 != 0 {
			return
		}
		rec, ok := recordOf(line)
		if !ok {
			return
		}
		compared++
		want, got := fieldsOf(t, r, line), fieldsOf(t, r, rec.xml())
		for _, path := range asked {
			// The writer's account, which is the user of events without one, is none of the data.
			if want[path] != got[path] && path != "event.type" && !strings.HasPrefix(path, "user.") {
				t.Errorf("%s %s: %s is %q as XML, %q as JSON", file, rec.code, path, got[path], want[path])
			}
		}
	})
	if compared < 1000 {
		t.Errorf("%d events", compared)
	}
}

// The text has most values, in words for some: nearly everything is the same.
func TestForms_Snare(t *testing.T) {
	r, n, all, good := New(), 0, 0, 0
	wrong := map[string]int{}
	eachRecording(t, func(_, line string) {
		if n++; n%7 != 0 {
			return
		}
		rec, ok := recordOf(line)
		if !ok {
			return
		}
		want, got := fieldsOf(t, r, line), fieldsOf(t, r, rec.snare())
		for path, text := range want {
			if strings.HasPrefix(path, "user.") && rec.data["User"] == "" && strings.HasSuffix(rec.provider, "Sysmon") {
				continue // the account of Sysmon itself, which the text does not have
			}
			if all++; strings.EqualFold(text, got[path]) {
				good++
			} else {
				wrong[rec.code+" "+path]++
			}
		}
	})
	share := float64(good) / float64(all)
	t.Logf("%d of %d values, %.1f %%", good, all, 100*share)
	keys := make([]string, 0, len(wrong))
	for k := range wrong {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return wrong[b] - wrong[a] })
	for _, k := range keys[:min(len(keys), 20)] {
		t.Logf("%6d %s", wrong[k], k)
	}
	if all < 10_000 || share < 0.99 {
		t.Errorf("%.1f %% of %d values are the same", 100*share, all)
	}
}
