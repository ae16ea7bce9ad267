package windows

import (
	"strings"
	"testing"
	"time"

	"weir/event"
)

// snare makes an event as Snare writes it.
func snare(parts ...string) string { return snareMark + "\t" + strings.Join(parts, "\t") }

func TestSnare(t *testing.T) {
	text := "An account was successfully logged on.   Subject:   Security ID:  S-1-5-18   Account Name:  PC-1$   Account Domain:  CORP   Logon ID:  0x3E7    Logon Type:   3    New Logon:   Security ID:  S-1-5-21-1-1105   Account Name:  kim   Account Domain:  CORP   Logon ID:  0x5AF1    Process Information:   Process ID:  0x10   Process Name:  C:\\a b\\c.exe    Network Information:   Workstation Name: PC-7   Source Network Address: 192.0.2.7   Source Port:  50712    This event is generated when a logon session is created."
	msg := snare("1", "Security", "7", "Tue Mar  5 10:20:30 2024", "4624",
		"Microsoft-Windows-Security-Auditing", `CORP\kim`, "User", "Success Audit", "pc-1",
		"Logon", "", text, "91")
	fields := want{
		"winlog.channel": "Security", "event.code": "4624", "event.outcome": "success",
		"host.name": "pc-1", "winlog.user.name": "kim", "winlog.user.domain": "CORP",
		"winlog.record_id": "91", "winlog.task": "Logon",
		"user.name": "kim", "winlog.logon.id": "0x5AF1", "winlog.logon.type": "Network",
		"source.ip": "192.0.2.7", "source.port": "50712", "source.domain": "PC-7",
		"process.executable": `C:\a b\c.exe`, "process.pid": "16",
		"winlog.event_data.SubjectUserName": "PC-1$",
		"winlog.event_data.SubjectLogonId":  "0x3E7", "message": text,
	}
	for name, m := range map[string]string{"tabs": msg, "tabs that a relay wrote out": strings.ReplaceAll(msg, "\t", "#011"), "behind a host": "pc-1\t" + msg} {
		t.Run(name, func(t *testing.T) { check(t, m, fields) })
	}
}

func TestSnare_Parts(t *testing.T) {
	for name, c := range map[string]struct {
		parts  []string
		err    string
		fields want
	}{
		"an error of an application": {[]string{"3", "Application", "7",
			"Tue Mar 05 10:20:30 2024", "1000", "Application Error", "N/A", "N/A", "Error", "pc-1",
			"None", "raw", "crashed", "md5sum"}, "", want{"log.level": "error",
			"event.action": "application-crashed", "message": "crashed",
			"winlog.event_data.Data": "raw", "winlog.record_id": "", "winlog.user.name": "",
			"winlog.task": "None"}},
		"a level in place of a type": {[]string{"2", "System", "7", "", "1", "X", "N/A",
			"N/A", "", "pc-1", "None"}, "", want{"log.level": "warning", "message": "X 1"}},
		"a failure": {[]string{"1", "Security", "7",
			"Tue Mar 05 10:20:30 2024", "4776", "Microsoft-Windows-Security-Auditing", "N/A",
			"N/A", "Failure Audit", "dc-1", "x", "",
			"The computer attempted to validate the credentials for an account.    Authentication Package: MICROSOFT_AUTHENTICATION_PACKAGE_V1_0  Logon Account: kim  Source Workstation: PC-7  Error Code: 0xC000006A"},
			"", want{"event.outcome": "failure", "user.name": "kim",
				"winlog.logon.failure.status":   "User logon with misspelled or bad password",
				"winlog.event_data.Workstation": "PC-7"}},
		"too few": {[]string{"1", "Security", "7"}, "fewer than", nil},
		"a time that is none": {[]string{"1", "Security", "7", "yesterday", "1", "X",
			"", "", "Information", "pc-1", "None"}, "time is not like", want{"event.code": "1",
			"log.level": "information"}},
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			err := New().Read(&e, snare(c.parts...))
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			compare(t, &e, c.fields)
		})
	}
}

// The zone of the header, or of the agent, is that of the time.
func TestSnare_Zone(t *testing.T) {
	at := time.Date(2024, 3, 5, 10, 20, 30, 0, time.Local).UTC().Format(time.RFC3339)
	for zone, want := range map[string]string{"+09:00": "2024-03-05T01:20:30Z", "Asia/Seoul": "2024-03-05T01:20:30Z", "": at, "nowhere": at} {
		var e event.Event
		e.SetStr(event.EventTimezone, zone)
		if err := New().Read(&e, snare("1", "System", "7", "Tue Mar 05 10:20:30 2024", "1", "X", "", "", "Information", "pc-1", "None")); err != nil {
			t.Fatal(err)
		}
		if got := e.Get(event.Timestamp).Time().Format(time.RFC3339); got != want {
			t.Errorf("%q: %s, want %s", zone, got, want)
		}
	}
}

// FuzzSnare: what stands between the tabs is in the event, whatever it is.
func FuzzSnare(f *testing.F) {
	f.Add("Security", "4624", "Microsoft-Windows-Security-Auditing",
		"Tue Mar  5 10:20:30 2024",
		"Subject:   Security ID:  S-1-5-18   Account Name:  a  New Logon:  Account Name: b")
	f.Add("System", "7045", "Service Control Manager", "x",
		"Service Name:  a  Service File Name: b : c")
	f.Add("Microsoft-Windows-Sysmon/Operational", "1", "Microsoft-Windows-Sysmon", "",
		"Image: C:\\a b.exe  CommandLine: a: b  User: c")
	f.Fuzz(func(t *testing.T, channel, code, source, at, text string) {
		for _, s := range []string{channel, code, source, at, text} {
			if strings.ContainsAny(s, "\t") || strings.Contains(s, snareMark) || strings.TrimSpace(s) != s || s == "N/A" || strings.HasPrefix(s, "<") {
				return
			}
		}
		if channel == "" || text == "" || source == "" {
			return
		}
		var e event.Event
		err := New().Read(&e, snare("1", channel, "7", at, code, source, "u", "User",
			"Information", "pc", "c", "", text, "9"))
		if err != nil && !strings.Contains(err.Error(), "time is not") {
			t.Fatal(err)
		}
		if e.Str(event.WinlogChannel) != channel || e.Str(event.WinlogProviderName) != source || e.Get(event.EventCode).Text() != code || e.Str(event.Message) != text {
			t.Fatalf("%q %q %q %q of %q %q %q %q", e.Str(event.WinlogChannel),
				e.Str(event.WinlogProviderName), e.Get(event.EventCode).Text(), e.Str(event.Message),
				channel, source, code, text)
		}
		e.Conform()
		e.AppendJSON(nil)
	})
}
