package windows

import (
	"strings"

	"weir/event"
	"weir/processors/parse/windows/codes"
)

var (
	dFilePath      = data("FilePath")
	dFullPath      = data("FullFilePath")
	dFileHash      = data("FileHash")
	dFqbn          = data("Fqbn")
	dTargetUser    = data("TargetUser")
	dTargetProcess = data("TargetProcessId")
	dRuleID        = data("RuleId")
	dThreat        = data("ThreatName")
	dPath          = data("Path")
	dDetectionUser = data("DetectionUser")
	dImagePath     = data("ImagePath")
	dAddress       = data("Address")
	// Of the remote desktop, whose data have capital letters.
	dDesktop1 = data("Param1")
	dDesktop2 = data("Param2")
	dDesktop3 = data("Param3")
)

// applocker fills an event of AppLocker: a program that a policy let run, would not have let run, or stopped.
func applocker(e *event.Event, code int) {
	writer(e)
	e.Set(event.EventCategory, inProcess)
	e.Set(event.EventType, isStart)
	switch code {
	// The first of each is for programs and libraries, then scripts and installers, packaged apps that run, and
	// those that are installed.
	case 8002, 8005, 8020, 8023:
		e.Set(event.EventOutcome, event.Str("success"))
	case 8004, 8007, 8022, 8025:
		e.Set(event.EventOutcome, event.Str("failure"))
		e.Set(event.EventType, event.Strs("start", "denied"))
	case 8003, 8006, 8021, 8024: // what only would have been stopped
	case 8001:
		e.Set(event.EventCategory, inConfig)
		e.Set(event.EventType, isChange)
		return
	}
	path := dFullPath.of(e)
	if path == "" {
		path = dFilePath.of(e)
	}
	setFile(e, path)
	if sum := strings.ToLower(dFileHash.of(e)); len(sum) == 64 {
		e.SetStr(event.FileHashSha256, sum)
		e.Append(event.RelatedHash, sum)
	}
	e.SetStr(event.RuleName, dRule.of(e))
	e.SetStr(event.RuleID, dRuleID.of(e))
	// The writer of the event is the user, or the system on its behalf.
	if id := dTargetUser.of(e); id != "" {
		if id != e.Str(event.UserID) {
			e.Delete(event.UserName)
			e.Delete(event.UserDomain)
		}
		e.SetStr(event.UserID, id)
	}
	setNumber(e, event.ProcessPID, dTargetProcess.of(e))
	signer(e, dFqbn.of(e))
}

// signer reads a fully qualified binary name: who signed a file, the product, the file and its version, with backslashes
// between them (O=EXAMPLE, L=SEOUL, C=KR\PRODUCT\NAME.EXE\1.2.3.4).
func signer(e *event.Event, fqbn string) {
	parts := strings.Split(fqbn, `\`)
	if len(parts) < 4 {
		return
	}
	n := len(parts)
	e.SetStr(event.FilePeProduct, parts[n-3])
	e.SetStr(event.FilePeOriginalFileName, parts[n-2])
	e.SetStr(event.FilePeFileVersion, parts[n-1])
	for rest := strings.Join(parts[:n-3], `\`); rest != ""; {
		var part string
		part, rest = cutDN(rest)
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "CN":
			e.Append(event.FileX509SubjectCommonName, value)
		case "O":
			e.Append(event.FileX509SubjectOrganization, value)
		case "OU":
			e.Append(event.FileX509SubjectOrganizationalUnit, value)
		case "L":
			e.Append(event.FileX509SubjectLocality, value)
		case "S", "ST":
			e.Append(event.FileX509SubjectStateOrProvince, value)
		case "C":
			e.Append(event.FileX509SubjectCountry, value)
		}
	}
}

// defended are the events of Windows Defender by number ("Review event logs and error codes").
var defended = map[int]*audit{
	// Scans.
	1000: {"scan-started", inMalware, isStart, 0},
	1001: {"scan-finished", inMalware, isEnd, 0},
	1002: {"scan-stopped", inMalware, isEnd, 0},
	1005: {"scan-failed", inMalware, isError, 0},
	// What was found, and what was done about it. 1116 and 1117 are of today's versions.
	1006: {"malware-found", inMalware, isInfo, 0},
	1007: {"malware-action-taken", inMalware, isInfo, 0},
	1008: {"malware-action-failed", inMalware, isError, 0},
	1009: {"quarantine-restored", inMalware, isChange, 0},
	1010: {"quarantine-restore-failed", inMalware, isError, 0},
	1011: {"quarantine-deleted", inMalware, isDeletion, 0},
	1013: {"history-deleted", inMalware, isDeletion, 0},
	1015: {"suspicious-behavior-detected", inMalware, isInfo, 0},
	1116: {"malware-detected", inMalware, isInfo, 0},
	1117: {"malware-action-taken", inMalware, isInfo, 0},
	1118: {"malware-action-failed", inMalware, isError, 0},
	1119: {"malware-action-critically-failed", inMalware, isError, 0},
	// Rules that keep programs from doing what attackers do.
	1121: {"attack-surface-rule-blocked", inMalware, isInfo, 0},
	1122: {"attack-surface-rule-audited", inMalware, isInfo, 0},
	1123: {"controlled-folder-access-blocked", inFile, isAccessErr, 0},
	1124: {"controlled-folder-access-audited", inFile, isAccess, 0},
	1125: {"network-protection-audited", inNetwork, isInfo, 0},
	1126: {"network-protection-blocked", inNetwork, isNetDeny, 0},
	// Signatures and protection: who switches it off here does not want to be seen.
	2000: {"signatures-updated", inConfig, isChange, 0},
	2001: {"signatures-update-failed", inConfig, isError, 0},
	3002: {"real-time-protection-failed", inHost, isError, 0},
	5000: {"real-time-protection-enabled", inConfig, isChange, 0},
	5001: {"real-time-protection-disabled", inConfig, isChange, 0},
	5004: {"real-time-protection-changed", inConfig, isChange, 0},
	5007: {"configuration-changed", inConfig, isChange, 0},
	5008: {"engine-failed", inHost, isError, 0},
	5010: {"malware-scanning-disabled", inConfig, isChange, 0},
	5012: {"virus-scanning-disabled", inConfig, isChange, 0},
	5013: {"tamper-protection-blocked", inConfig, isAccessErr, 0},
}

// defender fills an event of Windows Defender.
func defender(e *event.Event, code int) {
	mean(e, defended[code])
	if code == 1116 || code == 1117 || code == 1006 || code == 1015 || code == 1121 {
		e.Set(event.EventKind, event.Str("alert"))
	}
	e.SetStr(event.RuleName, dThreat.of(e))
	user := dDetectionUser.of(e)
	if user == "" {
		user = dUser.of(e)
	}
	domain, name := qualified(user)
	e.SetStr(event.UserName, name)
	e.SetStr(event.UserDomain, domain)
	if name == "" {
		writer(e)
	}
	if p := dProcessName.of(e); p != "Unknown" {
		setProcess(e, p)
	}
	// Several things may be named, each with its kind: file:_C:\a.exe; process:_pid:12,ProcessStart:3
	first, _, _ := strings.Cut(dPath.of(e), ";")
	if path, ok := strings.CutPrefix(first, "file:_"); ok {
		setFile(e, path)
	}
}

// mean sets what the table of a provider says of an event.
func mean(e *event.Event, a *audit) {
	if a == nil {
		return
	}
	e.SetStr(event.EventAction, a.action)
	e.Set(event.EventCategory, a.category)
	e.Set(event.EventType, a.typ)
}

// known are the events of further providers by provider and number.
var known = map[string]map[int]*audit{
	// Services. A new one (7045) is also audited as 4697, where that is switched on.
	"Service Control Manager": {
		7030: {"service-configuration-error", inConfig, isError, 0},
		7031: {"service-crashed", inProcess, isError, 0},
		7034: {"service-crashed", inProcess, isError, 0},
		7035: {"service-control-sent", inProcess, isChange, 0},
		7036: {"service-state-changed", inProcess, isChange, 0},
		7040: {"service-start-type-changed", inConfig, isChange, 0},
		7045: {"service-installed", inConfig, isCreation, service},
	},
	// Logs other than the audit that were cleared: whose it was stands in the user data.
	"Microsoft-Windows-Eventlog": {
		104: {"audit-log-cleared", inIAM, isAdmChange, subject},
		105: {"log-archived", inConfig, isInfo, 0},
	},
	// The service of the logs, which starts and stops with the machine.
	"EventLog": {
		6005: {"event-log-started", inHost, isStart, 0},
		6006: {"event-log-stopped", inHost, isEnd, 0},
		6008: {"unexpected-shutdown", inHost, isError, 0},
	},
	// Who asked for a shutdown, and why.
	"User32": {
		1074: {"shutdown-requested", inHost, isEnd, 0},
	},
	"Microsoft-Windows-Kernel-General": {
		1:  {"system-time-changed", inConfig, isChange, 0},
		12: {"windows-started", inHost, isStart, 0},
		13: {"windows-shutdown", inHost, isEnd, 0},
	},
	"Microsoft-Windows-Kernel-Power": {
		41: {"unexpected-restart", inHost, isError, 0},
	},
	// Scheduled tasks: the log of the scheduler itself, which is on without auditing.
	"Microsoft-Windows-TaskScheduler": {
		106: {"scheduled-task-registered", inConfig, isCreation, 0},
		140: {"scheduled-task-updated", inConfig, isChange, 0},
		141: {"scheduled-task-deleted", inConfig, isDeletion, 0},
		142: {"scheduled-task-disabled", inConfig, isChange, 0},
		100: {"scheduled-task-started", inProcess, isStart, 0},
		102: {"scheduled-task-completed", inProcess, isEnd, 0},
		129: {"scheduled-task-process-created", inProcess, isStart, 0},
		200: {"scheduled-task-action-started", inProcess, isStart, 0},
		201: {"scheduled-task-action-completed", inProcess, isEnd, 0},
	},
	// Remote desktop: sessions, with the address that they came from.
	"Microsoft-Windows-TerminalServices-LocalSessionManager": {
		21: {"session-logged-in", inAuthSess, isStart, 0},
		22: {"session-shell-started", inSession, isStart, 0},
		23: {"session-logged-out", inAuthSess, isEnd, 0},
		24: {"session-disconnected", inAuthSess, isEnd, 0},
		25: {"session-reconnected", inAuthSess, isStart, 0},
	},
	// The user name that somebody gave before the session; the password is checked later.
	"Microsoft-Windows-TerminalServices-RemoteConnectionManager": {
		1149: {"remote-desktop-user-authenticated", inAuth, isStart, 0},
	},
	// Software that comes and goes.
	"MsiInstaller": {
		1033:  {"package-installed", inPackage, isInstall, 0},
		1034:  {"package-removed", inPackage, isDeletion, 0},
		11707: {"package-installed", inPackage, isInstall, 0},
		11708: {"package-installation-failed", inPackage, isError, 0},
		11724: {"package-removed", inPackage, isDeletion, 0},
	},
	"Application Error": {
		1000: {"application-crashed", inProcess, isError, 0},
	},
	// Management instrumentation: consumers are a way to have programs started by events.
	"Microsoft-Windows-WMI-Activity": {
		5857: {"wmi-provider-started", inProcess, isStart, 0},
		5858: {"wmi-operation-failed", inProcess, isError, 0},
		5860: {"wmi-temporary-consumer-registered", inConfig, isCreation, 0},
		5861: {"wmi-permanent-consumer-registered", inConfig, isCreation, 0},
	},
	// Rules of the firewall, in its own log; the audit has them too, where it is switched on.
	"Microsoft-Windows-Windows Firewall With Advanced Security": {
		2003: {"windows-firewall-setting-changed", inConfig, isChange, 0},
		2004: {"windows-firewall-rule-added", inConfig, isCreation, 0},
		2005: {"windows-firewall-rule-modified", inConfig, isChange, 0},
		2006: {"windows-firewall-rule-deleted", inConfig, isDeletion, 0},
		2033: {"windows-firewall-rules-deleted", inConfig, isDeletion, 0},
	},
	"OpenSSH": {
		4: {"ssh-message", inAuth, isInfo, 0},
	},
	// Lookups of this machine, for those who have no Sysmon. The names of the data are the same.
	"Microsoft-Windows-DNS-Client": {
		3006: {"dns-query", inNetwork, isDNS, 0},
		3008: {"dns-query-completed", inNetwork, isDNS, 0},
		3020: {"dns-response", inNetwork, isDNS, 0},
	},
}

// other fills an event of any other provider: by its table, and by the names that mean the same nearly everywhere.
func other(e *event.Event, provider string, code int) {
	a := known[provider][code]
	mean(e, a)
	if a != nil && a.roles&subject != 0 {
		fillRole(e, subject)
	}
	switch provider {
	case "Service Control Manager":
		services(e, code)
	case "Microsoft-Windows-TerminalServices-LocalSessionManager":
		fillDesktop(e, dUser.of(e), dAddress.of(e))
	case "Microsoft-Windows-TerminalServices-RemoteConnectionManager":
		if code == 1149 {
			setAddress(e, dDesktop3.of(e), "")
			e.SetStr(event.UserName, dDesktop1.of(e))
			e.SetStr(event.UserDomain, dDesktop2.of(e))
			e.Set(event.EventOutcome, event.Str("success"))
		}
	case "Microsoft-Windows-DNS-Client":
		traceQuery(e)
	}
	if dSubjectName.of(e) != "" && !e.Has(event.UserName) {
		fillRole(e, subject)
	}
	writer(e)
}

// services fills what the service control manager wrote. Its texts are for people; the names of its values are param1 and so on
// but for a new service.
func services(e *event.Event, code int) {
	if code == 7045 {
		e.SetStr(event.ServiceName, dService.of(e))
		kind := dServiceType.of(e)
		if words := codes.ServiceType(kind); words != "" {
			kind = words
		}
		e.SetStr(event.ServiceType, kind)
		writer(e)
		return
	}
	e.SetStr(event.ServiceName, nth(e, dParam1, 0))
	if code == 7036 {
		e.SetStr(event.ServiceState, nth(e, dParam2, 1))
	}
}

// fillDesktop sets who came over remote desktop, and from where.
func fillDesktop(e *event.Event, user, address string) {
	domain, name := qualified(user)
	e.SetStr(event.UserName, name)
	e.SetStr(event.UserDomain, domain)
	setAddress(e, address, "")
}
