package windows

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"weir/event"
)

// Labels mean other names in other sections, and of other providers.
func TestLabelled(t *testing.T) {
	for name, c := range map[string]struct {
		provider, code, text string
		fields               want
	}{
		"lines, as Windows writes them": {"P", "4625",
			"An account failed to log on.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-0-0\r\n\tAccount Name:\t\t-\r\n\r\nLogon Type:\t\t\t3\r\n\r\nAccount For Which Logon Failed:\r\n\tSecurity ID:\t\tS-1-0-0\r\n\tAccount Name:\t\tAnn Lee\r\n\r\nFailure Information:\r\n\tFailure Reason:\t\tUnknown user name or bad password.\r\n\tStatus:\t\t\t0xC000006D\r\n",
			want{"winlog.event_data.TargetUserName": "Ann Lee",
				"winlog.event_data.SubjectUserName": "", "winlog.event_data.LogonType": "3",
				"winlog.event_data.FailureReason": "Unknown user name or bad password.",
				"winlog.event_data.Status":        "0xC000006D", "winlog.event_data.TargetUserSid": "S-1-0-0"}},
		"a process": {"P", "4688",
			"Creator Subject:  Security ID:  S-1   Account Name: a    Process Information:   New Process ID:  0x12   New Process Name: C:\\a.exe   Creator Process ID: 0x4   Creator Process Name: C:\\b.exe   Process Command Line: a.exe    -x   y",
			want{"winlog.event_data.NewProcessName": `C:\a.exe`,
				"winlog.event_data.NewProcessId": "0x12", "winlog.event_data.ProcessId": "0x4",
				"winlog.event_data.ParentProcessName": `C:\b.exe`,
				"winlog.event_data.CommandLine":       "a.exe    -x   y", "winlog.event_data.ProcessName": ""}},
		"a member": {"P", "4728",
			"Member:   Security ID:  S-1-9   Account Name:  CN=a,DC=b    Group:   Security ID:  S-1-8   Group Name:  g   Group Domain:  d",
			want{"winlog.event_data.MemberName": "CN=a,DC=b",
				"winlog.event_data.TargetSid": "S-1-8", "winlog.event_data.TargetUserName": "g"}},
		"privileges": {"P", "4672",
			"Privileges:  SeSecurityPrivilege    SeBackupPrivilege",
			want{"winlog.event_data.PrivilegeList": "SeSecurityPrivilege SeBackupPrivilege"}},
		"a packet": {"P", "5156",
			"Network Information:   Direction: Inbound   Source Address: 192.0.2.1   Source Port: 5   Destination Address: 192.0.2.2   Protocol: 6",
			want{"winlog.event_data.SourceAddress": "192.0.2.1",
				"winlog.event_data.SourcePort": "5", "winlog.event_data.DestAddress": "192.0.2.2",
				"winlog.event_data.IpAddress": ""}},
		"a new service": {"Service Control Manager", "7045",
			"A service was installed in the system.    Service Name:  s   Service File Name:  C:\\s.exe   Service Type:  user mode service   Service Start Type:  auto start   Service Account:  LocalSystem",
			want{"winlog.event_data.ImagePath": `C:\s.exe`,
				"winlog.event_data.AccountName": "LocalSystem", "winlog.event_data.StartType": "auto start"}},
		"Sysmon": {"Microsoft-Windows-Sysmon", "1",
			"Process Create:  RuleName: -  Image: C:\\a b.exe  CommandLine: a: -x: y  User: CORP\\kim",
			want{"winlog.event_data.Image": `C:\a b.exe`,
				"winlog.event_data.CommandLine": "a: -x: y", "winlog.event_data.User": `CORP\kim`,
				"winlog.event_data.RuleName": "-"}},
		"no labels": {"P", "1", "a: b c: d", want{"winlog.event_data.a": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			e.SetStr(event.WinlogProviderName, c.provider)
			e.SetStr(event.EventCode, c.code)
			labelled(&e, c.text)
			compare(t, &e, c.fields)
		})
	}
	var e event.Event
	dTargetName.set(&e, "first")
	labelled(&e, "New Logon:  Account Name: second")
	compare(t, &e, want{"winlog.event_data.TargetUserName": "first"})
}

// Recordings have events with both: what Windows wrote for people, and the values. What is read from the text is
// what the values are.
func TestLabelled_Recordings(t *testing.T) {
	all, good := 0, 0
	wrong := map[string]int{}
	sample := map[string]string{}
	n := 0
	eachRecording(t, func(_, line string) {
		if n++; n%3 != 0 {
			return
		}
		var flat map[string]any
		if json.Unmarshal([]byte(line), &flat) != nil {
			return
		}
		message, _ := flat["Message"].(string)
		provider, _ := flat["SourceName"].(string)
		if message == "" || provider != "Microsoft-Windows-Security-Auditing" && provider != "Microsoft-Windows-Sysmon" {
			return
		}
		for _, form := range []string{message, oneLine(message)} {
			var e event.Event
			e.SetStr(event.WinlogProviderName, provider)
			e.SetStr(event.EventCode, fmt.Sprint(flat["EventID"]))
			labelled(&e, form)
			e.Each(func(f event.Field, v event.Value) bool {
				name, ok := strings.CutPrefix(f.Path(), prefix)
				value, has := flat[name]
				if !ok {
					return true
				}
				all++
				key := fmt.Sprint(flat["EventID"]) + " " + name
				if has && equalText(v.Text(), fmt.Sprint(value)) {
					good++
				} else {
					wrong[key]++
					sample[key] = fmt.Sprintf("%q, not %q", v.Text(), value)
				}
				return true
			})
		}
	})
	share := float64(good) / float64(all)
	t.Logf("%d of %d values, %.2f %%", good, all, 100*share)
	for _, k := range slices.Sorted(maps.Keys(wrong)) {
		t.Logf("%6d %s: %.150s", wrong[k], k, sample[k])
	}
	if all < 50_000 || share < 0.99 {
		t.Errorf("%.1f %% of %d values are right", 100*share, all)
	}
}

// oneLine makes of a text what Snare does: one line, with blanks for what parted its lines.
func oneLine(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "  ", "\t", " ", "\n", " ").Replace(s))
}

// equalText compares a value with what Windows makes of it for people: names for accounts and numbers, blanks for tabs.
func equalText(text, value string) bool {
	fields := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	return fields(text) == fields(value) || strings.HasPrefix(value, "%%")
}
