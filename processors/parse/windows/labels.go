package windows

import (
	"strings"

	"weir/event"
	"weir/processors/parse/windows/markup"
)

// Text for people has the values of an event behind labels, in sections:
//
//	Subject:
//		Security ID:		S-1-5-18
//		Account Name:		WEB-1$
//
// Senders that keep only the text put it into one line. The labels are always followed by a colon and a blank, so the
// values are what stands between two that are known. Which name of the event data a label stands for depends on its section.

// sections are the labels that begin a section, and the kind that it is of.
var sections = map[string]string{
	// Who did it.
	"Subject": "subject", "Creator Subject": "subject", "New Logon": "account", "Account For Which Logon Failed": "account",
	// Who it is about: the names of its data differ by whether somebody logs on or is changed.
	"Account Whose Credentials Were Used": "account", "Target Subject": "account", "Target Account": "target", "New Account": "target",
	"Account That Was Locked Out": "target", "Computer Account That Was Changed": "target", "New Computer Account": "target",
	"Target Computer": "target", "Group": "target", "New Group": "target", "Deleted Group": "target", "Member": "member", "User": "target",
	// Things.
	"Account Information": "kerberos", "Service Information": "service", "Process Information": "process", "Process": "process",
	"Network Information": "network", "Application Information": "process", "Additional Information": "more",
	"Detailed Authentication Information": "more", "Failure Information": "more", "Logon Information": "more", "Object": "more",
	"Access Request Information": "more", "Share Information": "more", "Task Information": "more", "Target Server": "more",
	"Filter Information": "more", "Attributes": "attributes", "Changed Attributes": "attributes", "Service": "service", "Session": "session",
}

// labels are the names of event data for labels, by the kind of the section; those without a kind mean the same everywhere.
var labels = map[string]map[string]string{
	"": {
		// Logons.
		"Logon Type": "LogonType", "Failure Reason": "FailureReason", "Status": "Status", "Sub Status": "SubStatus",
		"Impersonation Level": "ImpersonationLevel", "Elevated Token": "ElevatedToken", "Virtual Account": "VirtualAccount",
		"Restricted Admin Mode": "RestrictedAdminMode", "Logon Process": "LogonProcessName",
		"Authentication Package": "AuthenticationPackageName", "Transited Services": "TransmittedServices",
		"Package Name (NTLM only)": "LmPackageName", "Key Length": "KeyLength", "Workstation Name": "WorkstationName",
		"Source Network Address": "IpAddress", "Network Address": "IpAddress", "Client Address": "IpAddress",
		"Client Port": "IpPort", "Port": "IpPort", "Source Port": "IpPort", "Source Address": "IpAddress",
		// Tickets and checks of passwords.
		"Ticket Options": "TicketOptions", "Result Code": "Status", "Failure Code": "Status",
		"Ticket Encryption Type": "TicketEncryptionType", "Pre-Authentication Type": "PreAuthType", "Privileges": "PrivilegeList",
		"Logon Account": "TargetUserName", "Source Workstation": "Workstation", "Error Code": "Status",
		// Objects and shares.
		"Target Server Name": "TargetServerName", "Object Server": "ObjectServer", "Object Type": "ObjectType", "Object Name": "ObjectName",
		"Handle ID": "HandleId", "Accesses": "AccessList", "Access Mask": "AccessMask", "Share Name": "ShareName",
		"Share Path": "ShareLocalPath", "Relative Target Name": "RelativeTargetName", "Task Name": "TaskName",
		"Task Content": "TaskContent", "Logon GUID": "LogonGuid", "Service Name": "ServiceName", "Service ID": "ServiceSid",
		"Service File Name": "ServiceFileName", "Service Type": "ServiceType", "Service Start Type": "ServiceStartType",
		"Service Account": "ServiceAccount", "Caller Computer Name": "TargetDomainName", "Linked Logon ID": "TargetLinkedLogonId",
		"Network Account Name": "TargetOutboundUserName", "Network Account Domain": "TargetOutboundDomainName",
		// Changes to accounts.
		"SAM Account Name": "SamAccountName", "SID History": "SidHistory", "User Account Control": "UserAccountControl",
		"Old UAC Value": "OldUacValue", "New UAC Value": "NewUacValue", "Display Name": "DisplayName",
		"User Principal Name": "UserPrincipalName", "Service Principal Names": "ServicePrincipalNames", "DNS Host Name": "DnsHostName",
		"Session Name": "SessionName", "Client Name": "ClientName",
	},
	"subject": {"Security ID": "SubjectUserSid", "Account Name": "SubjectUserName", "Account Domain": "SubjectDomainName", "Domain Name": "SubjectDomainName", "Logon ID": "SubjectLogonId"},
	"account": {"Security ID": "TargetUserSid", "Account Name": "TargetUserName", "Account Domain": "TargetDomainName", "Logon ID": "TargetLogonId"},
	"target": {
		"Security ID": "TargetSid", "Account Name": "TargetUserName", "Account Domain": "TargetDomainName", "Group Name": "TargetUserName",
		"Group Domain": "TargetDomainName", "Old Account Name": "OldTargetUserName", "New Account Name": "NewTargetUserName",
	},
	"member": {"Security ID": "MemberSid", "Account Name": "MemberName"},
	"kerberos": {
		"Account Name": "TargetUserName", "Supplied Realm Name": "TargetDomainName", "Account Domain": "TargetDomainName",
		"User ID": "TargetSid", "Security ID": "TargetSid",
	},
	"process": {
		"Process ID": "ProcessId", "Process Name": "ProcessName", "Caller Process ID": "ProcessId", "Caller Process Name": "ProcessName",
		"New Process ID": "NewProcessId", "New Process Name": "NewProcessName", "Token Elevation Type": "TokenElevationType",
		"Mandatory Label": "MandatoryLabel", "Creator Process ID": "ProcessId", "Creator Process Name": "ParentProcessName",
		"Process Command Line": "CommandLine", "Exit Status": "Status", "Application Name": "Application",
	},
	"network": {"Direction": "Direction", "Destination Address": "DestAddress", "Destination Port": "DestPort", "Protocol": "Protocol"},
}

// sectionsOf are the sections that are of another kind in the events of one number: who logs off is the subject of the text,
// and the target of the data.
var sectionsOf = map[string]map[string]string{
	"4634": {"Subject": "account"}, "4647": {"Subject": "account"}, "4800": {"Subject": "account"}, "4801": {"Subject": "account"},
	"4703": {"Target Account": "account"},
}

// labelsOf are labels that stand for other names in the events of one number.
var labelsOf = map[string]map[string]string{
	"4673": {"Server": "ObjectServer", "Service Name": "Service"},
	"4690": {"Handle ID": "", "Source Handle ID": "SourceHandleId", "Source Process ID": "SourceProcessId", "Target Handle ID": "TargetHandleId", "Target Process ID": "TargetProcessId"},
	"4703": {"Enabled Privileges": "EnabledPrivilegeList", "Disabled Privileges": "DisabledPrivilegeList"},
	"4798": caller798, "4799": caller798,
	"5152": packetEnds, "5154": packetEnds, "5156": packetOwner, "5157": packetOwner, "5158": packetEnds,
	"7045": {"Service File Name": "ImagePath", "Service Start Type": "StartType", "Service Account": "AccountName"},
}

// What several numbers have alike.
var (
	caller798   = map[string]string{"Process ID": "CallerProcessId", "Process Name": "CallerProcessName"}
	packetEnds  = map[string]string{"Source Address": "SourceAddress", "Source Port": "SourcePort", "Application Name": "Application"}
	packetOwner = map[string]string{"Source Address": "SourceAddress", "Source Port": "SourcePort", "Application Name": "Application", "Process ID": "ProcessID"}
)

// maxLabel is the longest label, in bytes.
const maxLabel = 40

// labelled takes the values out of a text for people, as event data. What an event has already is not touched.
func labelled(e *event.Event, text string) {
	provider := e.Str(event.WinlogProviderName)
	l := reading{e: e, text: text, code: e.Str(event.EventCode), sysmon: strings.Contains(provider, "Sysmon")}
	// Each label ends the value of the one before it.
	name, from := "", 0
	for i := 0; i < len(text); i++ {
		if text[i] != ':' || i+1 < len(text) && !isSpace(text[i+1]) {
			continue
		}
		end := i
		if end > 0 && text[end-1] == ' ' {
			end-- // "Subject :", as some texts have it
		}
		start, next, section := l.label(end)
		if start < 0 || start < from {
			continue
		}
		l.put(name, text[from:start])
		if section != "" {
			l.section = section
		}
		name, from = next, i+1
	}
	l.put(name, text[from:])
}

// reading is a text that is being read.
type reading struct {
	e       *event.Event
	text    string
	code    string
	section string // the kind of the section
	sysmon  bool   // labels are the names themselves
}

// label finds the label that ends at i, before a colon: where it starts, the name of event data that it stands for, or
// the section that it begins. start is -1 where there is none.
func (l *reading) label(i int) (start int, name, section string) {
	for from := i - 1; from >= 0 && i-from <= maxLabel; from-- {
		if c := l.text[from]; c == ':' || c == '\n' {
			break
		}
		if from > 0 && !isSpace(l.text[from-1]) {
			continue
		}
		word := l.text[from:i]
		if l.sysmon {
			if _, ok := markup.Field(word); ok && strings.IndexByte(word, ' ') < 0 {
				return from, word, ""
			}
			continue
		}
		name, section, ok := l.meaning(word)
		if !ok {
			continue
		}
		// A longer label may end with a shorter one: Process Name, New Process Name.
		if longer, n, s := l.label2(from, i); longer >= 0 {
			return longer, n, s
		}
		return from, name, section
	}
	return -1, "", ""
}

// label2 looks for a longer label than the one that starts at from.
func (l *reading) label2(from, i int) (start int, name, section string) {
	for at := from - 1; at >= 0 && i-at <= maxLabel; at-- {
		if c := l.text[at]; c == ':' || c == '\n' || c == ' ' && l.text[at+1] == ' ' {
			break
		}
		if at > 0 && !isSpace(l.text[at-1]) {
			continue
		}
		if n, s, ok := l.meaning(l.text[at:i]); ok {
			from, name, section = at, n, s
			start = 1
		}
	}
	if start == 0 {
		return -1, "", ""
	}
	return from, name, section
}

// meaning says what a label stands for in the section.
func (l *reading) meaning(word string) (name, section string, ok bool) {
	if name, ok := labelsOf[l.code][word]; ok {
		return name, "", true
	}
	if section, ok := sectionsOf[l.code][word]; ok {
		return "", section, true
	}
	if name, ok := labels[l.section][word]; ok {
		return name, "", true
	}
	if section, ok := sections[word]; ok {
		return "", section, true
	}
	name, ok = labels[""][word]
	return name, "", ok
}

// put sets a value. In one line blanks part it from the explanations that follow the last one; privileges and rights are
// lists, whose items stand between blanks as well.
func (l *reading) put(name, value string) {
	value = strings.TrimSpace(value)
	if name == "" || value == "" {
		return
	}
	if name == "AccessList" || strings.HasSuffix(name, "PrivilegeList") {
		value = strings.Join(strings.Fields(value), " ")
	} else if at := strings.IndexAny(value, "\r\n\t"); at >= 0 && name != "TaskContent" {
		value = strings.TrimSpace(value[:at])
	} else if at := strings.Index(value, "   "); at >= 0 && !l.sysmon && name != "CommandLine" {
		value = value[:at]
	}
	if value == "-" && !l.sysmon {
		return
	}
	data(name).set(l.e, value)
}

// isSpace tells whether a byte is white space.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
