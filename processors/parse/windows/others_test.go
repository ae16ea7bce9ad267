package windows

import "testing"

func TestAppLocker(t *testing.T) {
	msg := func(code, data string) string {
		return `<Event><System><Provider Name="Microsoft-Windows-AppLocker"/><EventID>` + code + `</EventID><Security UserID="S-1-9"/></System><UserData><RuleAndFileData>` + data + `</RuleAndFileData></UserData></Event>`
	}
	fqbn := `<Fqbn>CN=A\, B, O=EXAMPLE, OU=X, L=SEOUL, S=SEOUL, C=KR\PRODUCT\A.EXE\1.2.3.4</Fqbn>`
	for name, c := range map[string]struct {
		msg    string
		fields want
	}{
		"let run": {msg("8002",
			`<RuleName>r</RuleName><RuleId>{aa}</RuleId><FilePath>%OSDRIVE%\A.EXE</FilePath><FileHash>0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF</FileHash><TargetUser>S-1-7</TargetUser><TargetProcessId>9</TargetProcessId>`+fqbn),
			want{"event.outcome": "success", "file.path": `%OSDRIVE%\A.EXE`,
				"file.hash.sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
				"user.id":          "S-1-7", "process.pid": "9", "rule.name": "r", "rule.id": "{aa}",
				"file.pe.product": "PRODUCT", "file.pe.original_file_name": "A.EXE",
				"file.pe.file_version":                  "1.2.3.4",
				"file.x509.subject.common_name":         `A\, B`,
				"file.x509.subject.organization":        "EXAMPLE",
				"file.x509.subject.organizational_unit": "X", "file.x509.subject.locality": "SEOUL",
				"file.x509.subject.state_or_province": "SEOUL", "file.x509.subject.country": "KR"}},
		"stopped": {msg("8004",
			`<FullFilePath>C:\a.exe</FullFilePath><FilePath>x</FilePath><Fqbn>-</Fqbn>`),
			want{"event.outcome": "failure", "event.type": "start,denied", "file.path": `C:\a.exe`,
				"user.id": "S-1-9", "file.pe.product": ""}},
		"only watched": {msg("8003", ""), want{"event.outcome": "", "event.type": "start"}},
		"a new policy": {msg("8001", ""), want{"event.category": "configuration"}},
		"a short signer": {msg("8002", `<Fqbn>O=A\B</Fqbn>`), want{"file.pe.product": "",
			"file.x509.subject.organization": ""}},
	} {
		t.Run(name, func(t *testing.T) { check(t, c.msg, c.fields) })
	}
}

func TestDefender(t *testing.T) {
	msg := func(code string, kv ...string) string {
		return eventXML("Microsoft-Windows-Windows Defender", "Microsoft-Windows-Windows Defender/Operational", code, "0x0", kv...)
	}
	for name, c := range map[string]struct {
		msg    string
		fields want
	}{
		"malware": {msg("1116", "Threat Name", "X", "Path",
			`file:_C:\a.exe; process:_pid:1`, "Detection User", `CORP\kim`, "Process Name",
			`C:\b.exe`), want{"event.kind": "alert", "rule.name": "X", "file.path": `C:\a.exe`,
			"user.name": "kim", "process.name": "b.exe", "event.action": "malware-detected"}},
		"an action": {msg("1117", "Process Name", "Unknown", "Path", "containerfile:_x"),
			want{"process.name": "", "file.path": "", "user.id": "S-1-5-18"}},
		"a setting":    {msg("5007"), want{"event.kind": "event", "event.category": "configuration"}},
		"a new number": {msg("9999"), want{"event.action": "", "event.kind": "event"}},
	} {
		t.Run(name, func(t *testing.T) { check(t, c.msg, c.fields) })
	}
}

// Providers of which only some events are known, and all others.
func TestOther(t *testing.T) {
	for name, c := range map[string]struct {
		msg    string
		fields want
	}{
		"a new service": {eventXML("Service Control Manager", "System",
			"7045", "0x0", "ServiceName", "s", "ServiceType", "user mode service", "ImagePath",
			"x"), want{"event.action": "service-installed", "service.name": "s",
			"service.type": "user mode service", "user.id": "S-1-5-18"}},
		"a service stops": {eventXML("Service Control Manager", "System",
			"7036", "0x0", "param1", "Print", "param2", "stopped"), want{"service.name": "Print",
			"service.state": "stopped", "event.action": "service-state-changed"}},
		"a log is cleared": {`<Event><System><Provider Name="Microsoft-Windows-Eventlog"/><EventID>104</EventID><Channel>System</Channel></System><UserData><LogFileCleared><SubjectUserName>root</SubjectUserName><Channel>Application</Channel></LogFileCleared></UserData></Event>`,
			want{"user.name": "root", "event.action": "audit-log-cleared",
				"winlog.channel": "System", "winlog.event_data.Channel": "Application"}},
		"over remote desktop": {`<Event><System><Provider Name="Microsoft-Windows-TerminalServices-LocalSessionManager"/><EventID>21</EventID></System><UserData><EventXML><User>CORP\kim</User><SessionID>2</SessionID><Address>192.0.2.7</Address></EventXML></UserData></Event>`,
			want{"user.name": "kim", "source.ip": "192.0.2.7", "event.action": "session-logged-in"}},
		"the one before": {`<Event><System><Provider Name="Microsoft-Windows-TerminalServices-RemoteConnectionManager"/><EventID>1149</EventID></System><UserData><EventXML><Param1>kim</Param1><Param2>CORP</Param2><Param3>192.0.2.7</Param3></EventXML></UserData></Event>`,
			want{"user.name": "kim", "user.domain": "CORP", "source.ip": "192.0.2.7",
				"event.outcome": "success"}},
		"a lookup": {eventXML("Microsoft-Windows-DNS-Client", "C",
			"3008", "0x0", "QueryName", "a.example.com", "QueryStatus", "9003", "QueryResults",
			""), want{"dns.question.registered_domain": "example.com",
			"sysmon.dns.status": "DNS_ERROR_RCODE_NAME_ERROR"}},
		"nobody's": {eventXML("Example", "Example/Log", "7", "0x0",
			"SubjectUserName", "kim"), want{"user.name": "kim", "event.action": "",
			"message": "Example 7", "event.provider": "Example"}},
		"of the audit log, by another name": {eventXML("Microsoft Corporation", "Security",
			"4634", "0x0", "TargetUserName", "kim"), want{"event.action": "logged-out",
			"user.name": "kim"}},
	} {
		t.Run(name, func(t *testing.T) { check(t, c.msg, c.fields) })
	}
}
