package windows

import (
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/processors/parse/windows/markup"
	"weir/processors/parse/winevent"
)

// fill sets the fields of ECS from winlog.*. What is the same for all events comes first; the tables of a provider may
// say it better.
func fill(e *event.Event) {
	// The order matters: what a provider's table says of a field wins over what is general.
	code := number0(e)
	times(e)
	level(e)
	outcome(e)
	provider := e.Str(event.WinlogProviderName)
	if provider == "" {
		provider = e.Str(event.EventProvider)
	}
	e.SetStr(event.EventProvider, provider)
	system := "windows"
	if strings.HasPrefix(provider, "Linux-") {
		system = "linux"
	} else if !e.Has(event.HostOSFamily) {
		e.Set(event.HostOSFamily, event.Str(system))
	}
	if !e.Has(event.HostOSType) {
		e.Set(event.HostOSType, event.Str(system))
	}
	if !e.Has(event.EventKind) {
		e.Set(event.EventKind, event.Str("event"))
	}
	// From here on there is one kind of data.
	userData(e)
	byProvider(e, provider, code)
	if !e.Has(event.EventAction) { // what Windows calls it for people
		e.SetStr(event.EventAction, e.GetPath(taskWords).Text())
	}
	people(e)
	summary(e, provider)
}

// taskWords is where the words for the task of a rendered event are.
const taskWords = "winlog.rendering_info.Task"

// writers are the providers of channels that have one each.
var writers = map[string]string{
	"Security": "Security", "Microsoft-Windows-Sysmon/Operational": "Microsoft-Windows-Sysmon", "Linux-Sysmon/Operational": "Linux-Sysmon",
	"Windows PowerShell": "PowerShell", "Microsoft-Windows-PowerShell/Operational": "Microsoft-Windows-PowerShell",
	"PowerShellCore/Operational":                     "PowerShellCore",
	"Microsoft-Windows-Windows Defender/Operational": "Microsoft-Windows-Windows Defender",
	"Microsoft-Windows-TaskScheduler/Operational":    "Microsoft-Windows-TaskScheduler",
}

// byProvider hands the event to what knows its provider. The channel is no guide: forwarded events all stand in one.
func byProvider(e *event.Event, provider string, code int) {
	if provider == "" { // some senders leave it out
		provider = writers[e.Str(event.WinlogChannel)]
	}
	switch provider {
	case "Microsoft-Windows-Security-Auditing", "Microsoft-Windows-Eventlog", "Security":
		if security(e, code) {
			return
		}
	case "Microsoft-Windows-Sysmon", "Linux-Sysmon":
		sysmon(e, code)
		return
	case "PowerShell", "PowerShellCore", "Microsoft-Windows-PowerShell":
		if powershell(e, code) {
			return
		}
	case "Microsoft-Windows-AppLocker":
		applocker(e, code)
		return
	case "Microsoft-Windows-Windows Defender", "Microsoft-Windows-Windows Defender Antivirus", "Microsoft Antimalware":
		defender(e, code)
		return
	}
	if known[provider] == nil && e.Str(event.WinlogChannel) == "Security" && security(e, code) {
		return // of senders that leave the provider out, or flatten an event that tells of another one
	}
	other(e, provider, code)
}

// number0 makes the number of the event a text in both of its fields and returns it, -1 where it is none.
func number0(e *event.Event) int {
	v := e.Get(event.EventCode)
	if k := v.Kind(); k == event.Absent || k == event.Null || k == event.List {
		v = e.Get(event.WinlogEventID)
	}
	text := v.Text()
	if v.Kind() == event.Absent || v.Kind() == event.Null || text == "" {
		return -1
	}
	e.SetStr(event.EventCode, text)
	e.SetStr(event.WinlogEventID, text)
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// times makes the time of Windows the time of the event.
func times(e *event.Event) {
	v := e.Get(event.WinlogTimeCreated)
	if v.Kind() == event.String {
		ns, _, ok := winevent.ParseTime(v.Str())
		if !ok {
			return // what it says stays, as a value that does not fit
		}
		v = event.At(time.Unix(0, ns).UTC())
		e.Set(event.WinlogTimeCreated, v)
	}
	if v.Kind() == event.Time {
		e.Set(event.Timestamp, v)
	}
}

// levels are the words for Windows' numbers; 0 means that the event is always written.
var levels = [...]string{"information", "critical", "error", "warning", "information", "verbose"}

// level puts the level into words.
func level(e *event.Event) {
	if e.Has(event.LogLevel) {
		return
	}
	s := e.Get(event.WinlogLevel).Text()
	if len(s) == 1 && s[0] >= '0' && int(s[0]-'0') < len(levels) {
		e.Set(event.LogLevel, event.Str(levels[s[0]-'0']))
	} else if s != "" && e.Has(event.WinlogLevel) {
		e.SetStr(event.LogLevel, strings.ToLower(s))
	}
}

// Bits of the keywords of an event that was audited.
const (
	auditFailure = 1 << 52
	auditSuccess = 1 << 53
)

// outcome reads the keywords, as words or as the number that they are bits of.
func outcome(e *event.Event) {
	if e.Has(event.EventOutcome) {
		return
	}
	v := e.Get(event.WinlogKeywords)
	for i := range v.Len() {
		it := v.Item(i)
		if it.Kind() != event.String {
			continue
		}
		switch s := it.Str(); s {
		case "Audit Success", "Success Audit":
			e.Set(event.EventOutcome, event.Str("success"))
		case "Audit Failure", "Failure Audit":
			e.Set(event.EventOutcome, event.Str("failure"))
		default:
			bits, err := strconv.ParseUint(strings.TrimPrefix(s, "0x"), 16, 64)
			switch {
			case err != nil || len(s) < 3 || s[1] != 'x':
			case bits&auditSuccess != 0:
				e.Set(event.EventOutcome, event.Str("success"))
			case bits&auditFailure != 0:
				e.Set(event.EventOutcome, event.Str("failure"))
			}
		}
	}
}

// userData makes the values of UserData event data too: rules know one kind only.
func userData(e *event.Event) {
	v := e.Get(event.WinlogUserData)
	if v.Kind() != event.Object {
		return
	}
	for i := range v.Len() {
		key, val := v.Member(i)
		if k := val.Kind(); key == "xml_name" || k == event.Null || k == event.Object {
			continue
		}
		if f, ok := markup.Field(key); ok {
			if !e.Has(f) {
				e.Set(f, val)
			}
		} else if e.Get(event.WinlogEventData).Get(key).Kind() == event.Absent {
			e.AddMember(event.WinlogEventData, key, val)
		}
	}
}

// people are the accounts that an event names, in any role, so that one search finds them.
func people(e *event.Event) {
	for _, f := range [...]event.Field{event.UserName, event.UserTargetName, event.UserEffectiveName, event.UserChangesName} {
		if s := e.Str(f); s != "" {
			e.Append(event.RelatedUser, s)
		}
	}
}

// summary gives an event a message that has none: what it was, by number.
func summary(e *event.Event, provider string) {
	if e.Has(event.Message) {
		return
	}
	text := provider + " " + e.Str(event.EventCode)
	if action := e.Str(event.EventAction); action != "" {
		text += ": " + action
	}
	e.SetStr(event.Message, strings.TrimSpace(text))
}

// writer makes the account under which the event was written its user: of most providers it is who did it.
func writer(e *event.Event) {
	if e.Has(event.UserID) || e.Has(event.UserName) {
		return
	}
	e.SetStr(event.UserID, e.Str(event.WinlogUserIdentifier))
	e.SetStr(event.UserName, e.Str(event.WinlogUserName))
	e.SetStr(event.UserDomain, e.Str(event.WinlogUserDomain))
}

// datasets are those of the channels that have one of their own.
var datasets = map[string]string{
	"Security": "system.security", "System": "system.system", "Application": "system.application",
	"Microsoft-Windows-Sysmon/Operational": "windows.sysmon_operational", "Linux-Sysmon/Operational": "sysmon_linux.log",
	"Windows PowerShell": "windows.powershell", "Microsoft-Windows-PowerShell/Operational": "windows.powershell_operational",
	"PowerShellCore/Operational":                          "windows.powershell_operational",
	"Microsoft-Windows-AppLocker/EXE and DLL":             "windows.applocker_exe_and_dll",
	"Microsoft-Windows-AppLocker/MSI and Script":          "windows.applocker_msi_and_script",
	"Microsoft-Windows-AppLocker/Packaged app-Deployment": "windows.applocker_packaged_app_deployment",
	"Microsoft-Windows-AppLocker/Packaged app-Execution":  "windows.applocker_packaged_app_execution",
	"Microsoft-Windows-Windows Defender/Operational":      "windows.windows_defender",
}

// sqlAudit is the number of the events in which SQL Server writes its audit, to any log, as one text.
const sqlAudit = "33205"

// name sets the dataset by the channel, but for programs that have formats of their own whatever they write to. Of channels
// without a dataset it stays that of the format.
func name(e *event.Event) {
	dataset := datasets[e.Str(event.WinlogChannel)]
	switch provider := e.Str(event.EventProvider); {
	case provider == "Microsoft-Windows-DNSServer":
		dataset = "microsoft_dnsserver.analytical"
	case e.Str(event.EventCode) == sqlAudit && strings.Contains(provider, "SQL"):
		dataset = "microsoft_sqlserver.audit"
	}
	if dataset == "" {
		return
	}
	module, _, _ := strings.Cut(dataset, ".")
	e.Set(event.EventDataset, event.Str(dataset))
	e.Set(event.EventModule, event.Str(module))
}
