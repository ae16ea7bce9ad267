package windows

import "testing"

func TestSysmon(t *testing.T) {
	proc := []string{"UtcTime", "2024-03-05 10:20:29.123", "ProcessGuid", "{aa}",
		"ProcessId", "612", "Image", `C:\a.exe`, "User", `CORP\kim`, "RuleName", "r1"}
	for name, c := range map[string]struct {
		code   string
		kv     []string
		fields want
	}{
		"a process": {"1", append([]string{"CommandLine", `a.exe "b c"`, "CurrentDirectory",
			`C:\`, "Hashes", "SHA1=AB,IMPHASH=CD", "ParentImage", `C:\p.exe`, "ParentCommandLine",
			"p.exe -1", "ParentProcessGuid", "{bb}", "ParentProcessId", "4", "ParentUser",
			`CORP\lee`, "FileVersion", "1.0", "OriginalFileName", "A.EXE", "LogonId", "0x5"}, proc...),
			want{"@timestamp": "2024-03-05T10:20:29.123Z",
				"winlog.time_created": "2024-03-05T10:20:30.500Z", "process.pid": "612",
				"process.entity_id": "{aa}", "process.args": "a.exe,b c",
				"process.parent.name": "p.exe", "process.parent.args_count": "2",
				"process.parent.user.name": "lee", "process.hash.sha1": "ab",
				"process.pe.imphash": "cd", "process.pe.original_file_name": "A.EXE",
				"user.name": "kim", "user.domain": "CORP", "user.id": "", "rule.name": "r1",
				"winlog.event_data.Image": `C:\a.exe`, "winlog.logon.id": "0x5"}},
		"the system itself": {"5", []string{"Image", "System", "User", `NT AUTHORITY\SYSTEM`,
			"RuleName", "-"}, want{"user.id": "S-1-5-18", "user.name": "SYSTEM", "rule.name": "",
			"process.name": "System"}},
		"nobody named": {"5", []string{"Image", "System"}, want{"user.id": "S-1-5-18",
			"user.name": ""}},
		"a connection": {"3", append([]string{"Protocol", "tcp", "Initiated", "true",
			"SourceIp", "192.0.2.1", "SourcePort", "50000", "SourceHostname", "pc-1",
			"DestinationIp", "2001:db8::1", "DestinationPort", "443", "DestinationHostname", "-",
			"DestinationPortName", "https"}, proc...),
			want{"source.ip": "192.0.2.1", "source.port": "50000", "source.domain": "pc-1",
				"destination.ip": "2001:db8::1", "destination.port": "443", "destination.domain": "",
				"network.protocol": "https", "network.direction": "egress", "network.transport": "tcp"}},
		"from outside": {"3", []string{"Initiated", "false", "SourcePortName", "ssh"},
			want{"network.direction": "ingress", "network.protocol": "ssh"}},
		"a library": {"7", append([]string{"ImageLoaded", `C:\l.dll`, "Signed", "true",
			"Signature", "Example", "SignatureStatus", "Expired", "Hashes", "MD5=AB", "Product",
			"P"}, proc...),
			want{"file.name": "l.dll", "file.code_signature.exists": "true",
				"file.code_signature.valid": "false", "file.code_signature.status": "Expired",
				"file.hash.md5": "ab", "process.hash.md5": "", "file.pe.product": "P",
				"process.pe.product": ""}},
		"a driver": {"6", []string{"ImageLoaded", `C:\d.sys`, "SignatureStatus",
			"Valid"}, want{"file.extension": "sys", "file.code_signature.valid": "true",
			"event.category": "driver"}},
		"a thread": {"8", []string{"SourceImage", `C:\s.exe`, "SourceProcessId",
			"9", "SourceProcessGuid", "{cc}", "TargetImage", `C:\t.exe`},
			want{"process.name": "s.exe", "process.pid": "9", "process.entity_id": "{cc}",
				"winlog.event_data.TargetImage": `C:\t.exe`}},
		"an access": {"10", []string{"SourceImage", `C:\s.exe`, "SourceProcessGUID",
			"{dd}", "SourceThreadId", "3", "SourceUser", `CORP\kim`},
			want{"process.entity_id": "{dd}", "process.thread.id": "3", "user.name": "kim"}},
		"a file": {"11", append([]string{"TargetFilename", `C:\x\a.txt`,
			"CreationUtcTime", "2024-03-01 00:00:00.000"}, proc...),
			want{"file.path": `C:\x\a.txt`, "file.created": "2024-03-01T00:00:00.000Z",
				"event.type": "creation"}},
		"a stream": {"15", []string{"TargetFilename", `C:\a:Zone`, "Hash",
			"SHA256=AB"}, want{"file.hash.sha256": "ab"}},
		"a file deleted": {"23", []string{"TargetFilename", `C:\a`, "Hashes", "SHA1=AB",
			"IsExecutable", "true", "Archived", "true"}, want{"file.hash.sha1": "ab",
			"sysmon.file.is_executable": "true", "sysmon.file.archived": "true",
			"event.type": "deletion"}},
		"a file blocked": {"27", []string{"TargetFilename", `C:\a`},
			want{"event.outcome": "failure"}},
		"raw access": {"9", []string{"Device", `\Device\X`}, want{"file.path": `\Device\X`}},
		"a pipe": {"17", []string{"PipeName", `\x`}, want{"file.name": `\x`,
			"file.path": ""}},
		"the clipboard": {"24", []string{"Archived", "true", "Hashes", "SHA1=AB"},
			want{"sysmon.file.archived": "true", "related.hash": "ab", "event.category": ""}},
		"tampering": {"25", []string{"Type", "Image is replaced"},
			want{"message": "Image is replaced"}},
		"an error": {"255", []string{"ID", "Driver", "Description", "no memory"},
			want{"error.code": "Driver", "error.message": "no memory", "event.outcome": "failure"}},
		"a new number": {"99", proc, want{"process.name": "a.exe", "event.action": "",
			"user.name": "kim"}},
		"a time that is none": {"5", []string{"UtcTime", "soon"},
			want{"@timestamp": "2024-03-05T10:20:30.500Z"}},
	} {
		t.Run(name, func(t *testing.T) { check(t, fromSysmon(c.code, c.kv...), c.fields) })
	}
}

func TestSysmon_Registry(t *testing.T) {
	for name, c := range map[string]struct {
		code, object, typ, details string
		fields                     want
	}{
		"a number": {"13", `HKLM\A\B`, "SetValue", "DWORD (0x00000010)",
			want{"registry.hive": "HKLM", "registry.key": `A\B`, "registry.value": "B",
				"registry.data.type": "REG_DWORD", "registry.data.strings": "16", "event.type": "change"}},
		"a long number": {"13", `HKU\A`, "SetValue", "QWORD (0x00000001-0x00000000)",
			want{"registry.data.type": "REG_QWORD", "registry.data.strings": "4294967296"}},
		"a text": {"13", `HKCR\A`, "SetValue", "on (0x",
			want{"registry.data.type": "REG_SZ", "registry.data.strings": "on (0x"}},
		"bytes": {"13", `HKLM\A`, "SetValue", "Binary Data",
			want{"registry.data.type": "REG_BINARY", "registry.data.strings": ""}},
		"nothing": {"13", `HKLM\A`, "SetValue", "(Empty)", want{"registry.data.type": ""}},
		"a key is made": {"12", `HKEY_LOCAL_MACHINE\A\B`, "CreateKey", "",
			want{"registry.hive": "HKLM", "registry.value": "", "event.type": "creation"}},
		"a value goes": {"12", `HKLM\A\B`, "DeleteValue", "", want{"registry.value": "B",
			"event.type": "deletion"}},
		"no hive": {"14", `X\A`, "RenameKey", "", want{"registry.path": `X\A`,
			"registry.hive": "", "registry.key": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			check(t, fromSysmon(c.code, "TargetObject", c.object, "EventType", c.typ, "Details",
				c.details), c.fields)
		})
	}
}

func TestSysmon_Query(t *testing.T) {
	for name, c := range map[string]struct {
		name, status, results string
		fields                want
	}{
		"answers": {"www.example.co.kr", "0",
			"type:  5 a.example.net;::ffff:192.0.2.1;2001:db8::1;",
			want{"dns.question.registered_domain": "example.co.kr",
				"dns.question.subdomain": "www", "dns.resolved_ip": "192.0.2.1,2001:db8::1",
				"sysmon.dns.status": "SUCCESS", "related.hosts": "a.example.net,www.example.co.kr",
				"network.protocol": "dns"}},
		"none": {"no.example", "9003", "-",
			want{"sysmon.dns.status": "DNS_ERROR_RCODE_NAME_ERROR", "dns.resolved_ip": ""}},
		"a number":  {"x", "77777", "type: 99999 y;", want{"sysmon.dns.status": "77777"}},
		"cut off":   {"x", "0", "192.0.2.1;192.0.", want{"dns.resolved_ip": "192.0.2.1"}},
		"no digits": {"x", "0", "type: ;;", want{"dns.resolved_ip": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			check(t, fromSysmon("22", "QueryName", c.name, "QueryStatus", c.status,
				"QueryResults", c.results), c.fields)
		})
	}
}

// Sysmon for Linux has the same events with paths of the other kind.
func TestSysmon_Linux(t *testing.T) {
	check(t, eventXML("Linux-Sysmon", "Linux-Sysmon/Operational", "1", "0x0", "Image",
		"/usr/bin/id", "User", "root"), want{"process.name": "id", "user.name": "root",
		"user.domain": "", "host.os.type": "linux", "host.os.family": ""})
}

// Actions are the names of Sysmon's documentation; kinds are as Elastic's documents have them, but for what it leaves out.
func TestTraces_Meanings(t *testing.T) {
	meanings := map[int]string{
		1:   "Process creation|process|start",
		2:   "A process changed a file creation time|file|change",
		3:   "Network connection|network|start,connection,protocol",
		4:   "Sysmon service state changed|process|change",
		5:   "Process terminated|process|end",
		6:   "Driver loaded|driver|start",
		7:   "Image loaded|process|change",
		8:   "CreateRemoteThread|process|change",
		9:   "RawAccessRead|process|access",
		10:  "ProcessAccess|process|access",
		11:  "FileCreate|file|creation",
		12:  "RegistryEvent (Object create and delete)|configuration,registry|change",
		13:  "RegistryEvent (Value Set)|configuration,registry|change",
		14:  "RegistryEvent (Key and Value Rename)|configuration,registry|change",
		15:  "FileCreateStreamHash|file|access",
		16:  "ServiceConfigurationChange|configuration|change",
		17:  "PipeEvent (Pipe Created)|file|creation",
		18:  "PipeEvent (Pipe Connected)|file|access",
		19:  "WmiEvent (WmiEventFilter activity detected)|process|info",
		20:  "WmiEvent (WmiEventConsumer activity detected)|process|change",
		21:  "WmiEvent (WmiEventConsumerToFilter activity detected)|process|change",
		22:  "DNSEvent (DNS query)|network|connection,protocol,info",
		23:  "FileDelete (File Delete archived)|file|deletion",
		24:  "ClipboardChange (New content in the clipboard)||change",
		25:  "ProcessTampering (Process image change)|process|change",
		26:  "FileDeleteDetected (File Delete logged)|file|deletion",
		27:  "FileBlockExecutable|file|creation",
		28:  "FileBlockShredding|file|deletion",
		29:  "FileExecutableDetected|file|creation",
		255: "Error|process|error",
	}
	for code, want := range meanings {
		if tr := traces[code]; tr.action+"|"+textOf(tr.category)+"|"+textOf(tr.typ) != want {
			t.Errorf("%d: %s|%s|%s, want %s", code, tr.action, textOf(tr.category), textOf(tr.typ), want)
		}
	}
	if len(meanings) != len(traces) {
		t.Errorf("%d meanings, %d events", len(meanings), len(traces))
	}
}
