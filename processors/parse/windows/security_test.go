package windows

import "testing"

// Who did what to whom, by the number of the event.
func TestSecurity(t *testing.T) {
	by := []string{"SubjectUserSid", "S-1-5-21-1-500", "SubjectUserName", "root",
		"SubjectDomainName", "CORP", "SubjectLogonId", "0x3a"}
	to := []string{"TargetSid", "S-1-5-21-1-1105", "TargetUserName", "kim",
		"TargetDomainName", "CORP"}
	for name, c := range map[string]struct {
		code   string
		kv     []string
		fields want
	}{
		"a logon": {"4624", []string{"SubjectUserName", "PC-1$", "TargetUserSid",
			"S-1-5-21-1-1105", "TargetUserName", "kim", "TargetDomainName", "CORP",
			"TargetLogonId", "0x9", "LogonType", "10", "IpAddress", "192.0.2.7", "IpPort", "0",
			"WorkstationName", `\\PC-7`, "ProcessId", "0x10", "ProcessName", "-"},
			want{"user.id": "S-1-5-21-1-1105", "user.name": "kim", "winlog.logon.id": "0x9",
				"winlog.logon.type": "RemoteInteractive", "source.ip": "192.0.2.7", "source.port": "0",
				"source.domain": "PC-7", "process.pid": "16", "process.executable": "",
				"related.user": "PC-1$,kim", "winlog.logon.failure.status": ""}},
		"a logon that failed": {"4625", []string{"TargetUserName", "kim@corp.example",
			"Status", "0xc000006d", "SubStatus", "0xc000006a", "FailureReason", "%%2313",
			"LogonType", "3", "IpAddress", "-", "SubjectLogonId", "0x3e7"},
			want{"event.action": "logon-failed", "user.name": "kim",
				"user.domain":                     "corp.example",
				"winlog.logon.failure.reason":     "Unknown user name or bad password.",
				"winlog.logon.failure.sub_status": "User logon with misspelled or bad password",
				"source.ip":                       "", "winlog.logon.id": "0x3e7"}},
		"with other credentials": {"4648", append([]string{"TargetUserName", "svc",
			"TargetDomainName", "CORP", "TargetServerName", "db-1"}, by...),
			want{"user.name": "root", "user.effective.name": "svc",
				"user.effective.domain": "CORP", "winlog.logon.id": "0x3a", "related.user": "root,svc"}},
		"special privileges": {"4672", append([]string{"PrivilegeList",
			"SeDebugPrivilege\n\t\t\tSeTcbPrivilege"}, by...), want{"user.name": "root",
			"event.action":                    "logged-in-special",
			"winlog.event_data.PrivilegeList": "SeDebugPrivilege\n\t\t\tSeTcbPrivilege"}},
		"a new account": {"4720", append(append([]string{"NewUacValue", "0x15"}, by...),
			to...), want{"user.name": "root", "user.target.name": "kim",
			"user.target.id":               "S-1-5-21-1-1105",
			"winlog.event_data.NewUACList": "USER_ACCOUNT_DISABLED,USER_PASSWORD_NOT_REQUIRED,USER_NORMAL_ACCOUNT"}},
		"a name is changed": {"4781", append([]string{"OldTargetUserName", "a",
			"NewTargetUserName", "b"}, by...), want{"user.target.name": "a", "user.changes.name": "b"}},
		"a group": {"4731", append(by, to...), want{"group.name": "kim",
			"group.id": "S-1-5-21-1-1105", "user.target.name": "", "related.user": "root"}},
		"a member": {"4728", append(append([]string{"MemberName",
			`CN=Lee\, Ann,OU=DC,DC=corp,DC=example`, "MemberSid", "S-1-9"}, by...), to...),
			want{"user.target.name": `Lee\, Ann`, "user.target.domain": "corp.example",
				"user.target.id": "S-1-9", "user.target.group.name": "kim", "group.domain": "CORP"}},
		"a local member": {"4732", append(append([]string{"MemberName", "-", "MemberSid",
			"S-1-9"}, by...), to...), want{"user.target.name": "", "user.target.id": "S-1-9"}},
		"an old member": {"4732", []string{"MemberName", `CORP\lee`},
			want{"user.target.name": "lee", "user.target.domain": "CORP"}},
		"a computer": {"4742", append(by, to...),
			want{"winlog.computerObject.name": "kim", "user.target.name": ""}},
		"a process": {"4688", append([]string{"NewProcessId", "0x1234", "NewProcessName",
			`C:\a.exe`, "ProcessId", "0x10", "ParentProcessName", `C:\b.exe`, "CommandLine",
			"a.exe -x", "TargetUserName", "svc"}, by...),
			want{"process.pid": "4660", "process.name": "a.exe", "process.parent.pid": "16",
				"process.parent.name": "b.exe", "process.args": "a.exe,-x", "process.args_count": "2",
				"user.effective.name": "svc"}},
		"a ticket": {"4769", []string{"TargetUserName", "kim@CORP.EXAMPLE",
			"TargetDomainName", "CORP.EXAMPLE", "ServiceName", "db-1$", "TicketOptions",
			"0x40810000", "TicketEncryptionType", "0x17", "Status", "0x0", "IpAddress",
			"::ffff:192.0.2.7"},
			want{"user.name": "kim", "service.name": "db-1$", "source.ip": "192.0.2.7",
				"winlog.event_data.TicketEncryptionTypeDescription": "RC4-HMAC",
				"winlog.event_data.TicketOptionsDescription":        "Forwardable,Renewable,Name-canonicalize",
				"winlog.event_data.StatusDescription":               "KDC_ERR_NONE"}},
		"a service": {"4697", append([]string{"ServiceName", "s", "ServiceType", "0x10",
			"ServiceFileName", "x.exe"}, by...), want{"service.name": "s",
			"winlog.event_data.ImagePath": "x.exe", "service.type": "Win32 Own Process"}},
		"a file": {"4663", append([]string{"ObjectType", "File", "ObjectName", `C:\x\a.txt`,
			"AccessMask", "0x6", "AccessList", "%%4417\n\t\t%%4418", "ProcessName", `C:\n.exe`,
			"ProcessId", "0x4"}, by...),
			want{"file.path": `C:\x\a.txt`, "process.name": "n.exe",
				"winlog.event_data.AccessListDescription": "WriteData (or AddFile),AppendData (or AddSubdirectory or CreatePipeInstance)",
				"winlog.event_data.AccessMaskDescription": "WriteData (or AddFile),AppendData (or AddSubdirectory or CreatePipeInstance)",
				"user.name": "root"}},
		"a key": {"4657", append([]string{"ObjectType", "Key", "ObjectName",
			`\REGISTRY\MACHINE\SOFTWARE\X`, "ObjectValueName", "Start"}, by...),
			want{"registry.path": `HKLM\SOFTWARE\X`, "registry.hive": "HKLM",
				"registry.key": `SOFTWARE\X`, "registry.value": "Start",
				"event.category": "configuration,registry"}},
		"a share": {"5145", append([]string{"ShareName", `\\*\data`, "ShareLocalPath",
			`\??\D:\data`, "RelativeTargetName", `x\a.doc`, "IpAddress", "192.0.2.7"}, by...),
			want{"file.path": `D:\data\x\a.doc`, "source.ip": "192.0.2.7"}},
		"a share only": {"5140", append([]string{"ShareName", `\\*\IPC$`}, by...),
			want{"file.path": ""}},
		"a connection": {"5156", []string{"ProcessID", "44", "Application", `\device\x\a.exe`,
			"Direction", "%%14592", "SourceAddress", "192.0.2.1", "SourcePort", "50000",
			"DestAddress", "::ffff:192.0.2.2", "DestPort", "443", "Protocol", "6", "LayerName",
			"%%14610", "RemoteUserID", "S-1-0-0"},
			want{"source.ip": "192.0.2.1", "destination.ip": "192.0.2.2",
				"destination.port": "443", "network.transport": "tcp", "network.iana_number": "6",
				"network.direction": "inbound", "process.pid": "44", "process.name": "a.exe",
				"event.type":                              "connection,info,allowed",
				"winlog.event_data.LayerNameDescription":  "Receive/Accept",
				"winlog.event_data.RemoteUserDescription": "Nobody"}},
		"a session": {"4778", []string{"AccountName", "kim", "AccountDomain", "CORP",
			"ClientName", "PC-7", "ClientAddress", "LOCAL", "LogonID", "0x5"},
			want{"user.name": "kim", "source.domain": "PC-7", "source.ip": "",
				"winlog.logon.id": "0x5", "event.category": "authentication,session"}},
		"a trust": {"4706", append([]string{"TdoType", "2", "TdoDirection", "3",
			"TdoAttributes", "8"}, by...), want{"winlog.trustType": "TRUST_TYPE_UPLEVEL",
			"winlog.trustDirection": "TRUST_DIRECTION_BIDIRECTIONAL",
			"winlog.trustAttribute": "TRUST_ATTRIBUTE_FOREST_TRANSITIVE"}},
		"a policy": {"4719", append([]string{"CategoryId", "%%8273", "SubcategoryId",
			"%%12544", "AuditPolicyChanges", "%%8448, %%8450"}, by...),
			want{"winlog.event_data.Category": "Logon/Logoff",
				"winlog.event_data.SubCategory":                   "Logon",
				"winlog.event_data.AuditPolicyChangesDescription": "Success removed,Failure removed"}},
		"an enumeration": {"4798", append(append([]string{"CallerProcessId", "0x3f0",
			"CallerProcessName", `C:\l.exe`}, by...), to...), want{"process.pid": "1008",
			"process.name": "l.exe", "user.target.name": "kim"}},
		"credentials": {"5379", append([]string{"ClientProcessId", "77"}, by...),
			want{"process.pid": "77", "event.action": "credential-manager-credentials-were-read"}},
		"a new number": {"4999", append([]string{"IpAddress", "192.0.2.7"}, by...),
			want{"user.name": "root", "event.action": "", "event.category": "", "event.code": "4999"}},
	} {
		t.Run(name, func(t *testing.T) { check(t, audited(c.code, c.kv...), c.fields) })
	}
}

func TestCutDN(t *testing.T) {
	for dn, parts := range map[string]string{`CN=a,OU=b`: "CN=a|OU=b", `CN=a\,b,C=d`: `CN=a\,b|C=d`, "": "|", `a\`: `a\|`} {
		part, rest := cutDN(dn)
		if part+"|"+rest != parts {
			t.Errorf("%q: %q and %q", dn, part, rest)
		}
	}
}
