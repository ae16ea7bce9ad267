package windows

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"weir/event"
)

func TestCollector(t *testing.T) {
	msg := `{"EventTime":"2024-03-05 10:20:30","Hostname":"pc-1","Keywords":-9218868437227405312,"EventType":"AUDIT_FAILURE","Severity":"ERROR","EventID":4625,"SourceName":"Microsoft-Windows-Security-Auditing","ProviderGuid":"{aa}","Version":1,"Task":12544,"OpcodeValue":0,"RecordNumber":9,"ActivityID":"{bb}","ProcessID":"0x2","ThreadID":7,"Channel":"Security","Domain":"CORP","AccountName":"svc","UserID":"S-1-7","AccountType":"User","Message":"m","TargetUserName":"kim","SourceModuleType":"im_msvistalog"}`
	check(t, msg, want{
		"winlog.provider_guid": "{aa}", "winlog.version": "1", "winlog.task": "12544",
		"winlog.record_id": "9", "winlog.activity_id": "{bb}", "winlog.process.pid": "2",
		"winlog.process.thread.id": "7",
		"winlog.keywords":          "0x8010000000000000", "event.outcome": "failure",
		"log.level": "error", "winlog.user.name": "svc", "user.name": "kim", "message": "m",
		"host.name": "pc-1",
	})
	check(t,
		`{"winlog":{"channel":"x","provider_name":"y","process_id":"852","thread_id":"3"}}`,
		want{"winlog.process.pid": "852", "winlog.process.thread.id": "3"})
	check(t, `{"Channel":"x","EventID":1,"Domain":"d"}`, want{"winlog.user.domain": "",
		"winlog.event_data.Domain": "d"})
}

// A flat record without the marks of a collector, and a document that is none.
func TestCollector_Flat(t *testing.T) {
	check(t, `{"Channel":"x","EventID":1,"Level":3,"Opcode":"Info","Task":7}`, want{
		"winlog.level": "3", "log.level": "warning", "winlog.opcode": "Info", "winlog.task": "7",
	})
	check(t, `{"winlog":{"channel":"x","level":"error","event_data":{"AccountName":"a","Domain":"d"}}}`, want{
		"winlog.user.domain": "", "winlog.user.name": "", "winlog.event_data.Domain": "d", "log.level": "error",
	})
}

// Fluent Bit has the values of the event in a list without names; the text for people has the names.
func TestCollector_Inserts(t *testing.T) {
	check(t, `{"ProviderName":"Microsoft-Windows-Security-Auditing","ProviderGuid":"{aa}","Qualifiers":"","EventID":4634,"Version":0,"Level":0,"Task":12545,`+
		`"Opcode":0,"Keywords":"0x8020000000000000","TimeCreated":"2024-03-05 19:20:30.5 +0900","EventRecordID":91,"ProcessID":4,"ThreadID":88,"Channel":"Security",`+
		`"Computer":"pc-1","UserID":"","Message":"An account was logged off.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5-21-1-1105\r\n\tAccount Name:\t\tkim\r\n`+
		`\tAccount Domain:\t\tCORP\r\n\tLogon ID:\t\t0x9\r\n\r\nLogon Type:\t\t\t3\r\n","StringInserts":["S-1-5-21-1-1105","kim","CORP","0x9","3"]}`, want{
		"@timestamp": "2024-03-05T10:20:30.500Z", "event.action": "logged-out", "event.outcome": "success",
		"user.name": "kim", "user.domain": "CORP", "user.id": "S-1-5-21-1-1105", "winlog.logon.id": "0x9",
		"winlog.logon.type": "Network", "winlog.record_id": "91", "host.name": "pc-1",
		"winlog.event_data.StringInserts": "S-1-5-21-1-1105,kim,CORP,0x9,3", "winlog.process.thread.id": "88",
	})
}

func TestKeywordBits(t *testing.T) {
	for s, want := range map[string]string{"-9223372036854775808": "0x8000000000000000", "9223372036854775810": "0x8000000000000002", "36028797018963968": "0x80000000000000", "0x80": "0x80", "": ""} {
		if got := keywordBits(s); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}

// FuzzJSON: any text is read or refused, as JSON is, and a document has its event data in its event, whatever the number says.
func FuzzJSON(f *testing.F) {
	f.Add(`{"EventID":1,"Channel":"x","ProviderGuid":"{}","Keywords":-1,"ThreadID":"9"}`,
		"Microsoft-Windows-Security-Auditing", "4624", "TargetUserName", "kim")
	f.Add(`{"Event":{"System":{"EventID":{"#text":1}},"EventData":{"Data":[{"@Name":"a","#text":"b"}]}}}`,
		"Microsoft-Windows-Sysmon", "22", "QueryResults", "type: 5 x;1.2.3.4")
	f.Add(`{"winlog":`+strings.Repeat("[", 200), "PowerShell", "400", "param3", "A=b\nC=d")
	f.Add(`{"winlog.event_data.A":"b","winlog":{"event_data":1}}`,
		"Microsoft-Windows-AppLocker", "8002", "Fqbn", `O=A\\B\\C\\D`)
	f.Fuzz(func(t *testing.T, raw, provider, code, name, text string) {
		r := NewNaming()
		var e event.Event
		e.SetStr(event.HostName, "relay")
		err := r.Read(&e, "{"+raw)
		e.Conform()
		e.AppendJSON(nil)
		if err == nil && utf8.ValidString(raw) && !json.Valid([]byte("{"+raw)) {
			t.Fatalf("%q is no JSON, and no error", "{"+raw)
		}
		if provider == "" || name == "" || name == "Data" || strings.ContainsAny(name[:1], "@#$") || strings.HasPrefix(name, "param") || strings.Contains(name, ".") || strings.IndexFunc(name, unicode.IsSpace) >= 0 {
			return // names that mean something else in some form
		}
		if !utf8.ValidString(name) || !utf8.ValidString(text) || !utf8.ValidString(provider) || !utf8.ValidString(code) {
			return
		}
		doc,
			err := json.Marshal(map[string]any{"winlog": map[string]any{"provider_name": provider,
			"event_id": code, "event_data": map[string]string{name: text}}})
		if err != nil {
			t.Fatal(err)
		}
		e.Reset()
		if err := r.Read(&e, string(doc)); err != nil {
			t.Fatal(err)
		}
		if v := e.GetPath(prefix + name); !holdsText(v, text) {
			t.Fatalf("%s is %s, want %q", name, v.String(), text)
		}
	})
}
