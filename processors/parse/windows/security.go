package windows

import (
	"net/netip"
	"strings"

	"weir/event"
	"weir/processors/parse/windows/codes"
)

// The names of Security's event data that lead to fields of ECS.
var (
	// Who did it.
	dSubjectSID    = data("SubjectUserSid")
	dSubjectName   = data("SubjectUserName")
	dSubjectDomain = data("SubjectDomainName")
	dSubjectLogon  = data("SubjectLogonId")
	// Who or what it is about. Logons have TargetUserSid, changes TargetSid.
	dTargetSID     = data("TargetSid")
	dTargetUserSID = data("TargetUserSid")
	dTargetName    = data("TargetUserName")
	dTargetDomain  = data("TargetDomainName")
	dTargetLogon   = data("TargetLogonId")
	dOldName       = data("OldTargetUserName")
	dNewName       = data("NewTargetUserName")
	dMemberName    = data("MemberName")
	dMemberSID     = data("MemberSid")
	// What did it.
	dProcessName = data("ProcessName")
	dProcessID   = data("ProcessId")
	dCallerName  = data("CallerProcessName")
	dCallerID    = data("CallerProcessId")
	dClientPID   = data("ClientProcessId")
	dNewProcName = data("NewProcessName")
	dNewProcID   = data("NewProcessId")
	dParentProc  = data("ParentProcessName")
	dCommandLine = data("CommandLine")
	// From where, and how.
	dIPAddress   = data("IpAddress")
	dIPPort      = data("IpPort")
	dWorkstation = data("WorkstationName")
	dLogonType   = data("LogonType")
	dStatus      = data("Status")
	dSubStatus   = data("SubStatus")
	dReason      = data("FailureReason")
	// Services, and sessions on terminal servers.
	dService       = data("ServiceName")
	dServiceType   = data("ServiceType")
	dServiceFile   = data("ServiceFileName")
	dAccountName   = data("AccountName")
	dAccountDomain = data("AccountDomain")
	dClientName    = data("ClientName")
	dClientAddress = data("ClientAddress")
	dLogonID       = data("LogonID")
)

// security fills an event of the Security log. It tells whether its number is one that the table knows.
func security(e *event.Event, code int) bool {
	a := audits[code]
	if a == nil {
		return false
	}
	e.SetStr(event.EventAction, a.action)
	e.Set(event.EventCategory, a.category)
	e.Set(event.EventType, a.typ)
	if a.roles&(account|session) == 0 {
		e.SetStr(event.WinlogLogonID, dSubjectLogon.of(e))
	}
	// One after the other: few of them set the same fields, and then the later one knows better.
	for bit := role(1); bit != 0 && bit <= a.roles; bit <<= 1 {
		if a.roles&bit != 0 {
			fillRole(e, bit)
		}
	}
	// Both sides are related, also where only one of them is the user.
	for _, d := range [...]*datum{dSubjectName, dTargetName} {
		name, _ := principal(d.of(e))
		if a.roles&group == 0 || d == dSubjectName {
			e.Append(event.RelatedUser, name)
		}
	}
	return true
}

// fillRole fills what one kind of names leads to.
func fillRole(e *event.Event, r role) {
	switch r {
	case subject:
		setUser(e, event.UserID, event.UserName, event.UserDomain, dSubjectSID.of(e), dSubjectName.of(e), dSubjectDomain.of(e))
	case account:
		fillAccount(e)
	case target:
		setUser(e, event.UserTargetID, event.UserTargetName, event.UserTargetDomain, dTargetSID.of(e), dTargetName.of(e), dTargetDomain.of(e))
	case effective:
		setUser(e, event.UserEffectiveID, event.UserEffectiveName, event.UserEffectiveDomain, dTargetUserSID.of(e), dTargetName.of(e), dTargetDomain.of(e))
	case group:
		setUser(e, event.GroupID, event.GroupName, event.GroupDomain, dTargetSID.of(e), dTargetName.of(e), dTargetDomain.of(e))
	case member:
		fillMember(e)
	case computer:
		setUser(e, event.WinlogComputerObjectID, event.WinlogComputerObjectName, event.WinlogComputerObjectDomain, dTargetSID.of(e), dTargetName.of(e), dTargetDomain.of(e))
	case rename:
		setUser(e, event.UserTargetID, event.UserTargetName, event.UserTargetDomain, dTargetSID.of(e), dOldName.of(e), dTargetDomain.of(e))
		e.SetStr(event.UserChangesName, dNewName.of(e))
	case process:
		setProcess(e, dProcessName.of(e))
		setNumber(e, event.ProcessPID, dProcessID.of(e))
	case caller:
		setProcess(e, dCallerName.of(e))
		setNumber(e, event.ProcessPID, dCallerID.of(e))
	case client:
		setNumber(e, event.ProcessPID, dClientPID.of(e))
	case create:
		fillCreate(e)
	case source:
		setAddress(e, dIPAddress.of(e), dIPPort.of(e))
		e.SetStr(event.SourceDomain, strings.TrimLeft(dWorkstation.of(e), `\`))
	case session:
		fillSession(e)
	case service:
		e.SetStr(event.ServiceName, dService.of(e))
		e.SetStr(event.ServiceType, codes.ServiceType(dServiceType.of(e)))
		dImagePath.set(e, dServiceFile.of(e)) // as the service control manager calls it, for one rule on both
	default:
		fillWords(e, r)
	}
}

// fillAccount makes the target the user: somebody logged on, off, or tried to.
func fillAccount(e *event.Event) {
	sid := dTargetUserSID.of(e)
	if sid == "" {
		sid = dTargetSID.of(e)
	}
	name, realm := principal(dTargetName.of(e))
	domain := dTargetDomain.of(e)
	if domain == "" {
		domain = realm
	}
	setUser(e, event.UserID, event.UserName, event.UserDomain, sid, name, domain)
	id := dTargetLogon.of(e)
	if id == "" {
		id = dSubjectLogon.of(e)
	}
	e.SetStr(event.WinlogLogonID, id)
}

// principal parts a name as Kerberos writes it.
func principal(s string) (name, realm string) {
	if at := strings.IndexByte(s, '@'); at > 0 {
		return s[:at], s[at+1:]
	}
	return s, ""
}

// fillMember sets who was put into a group or taken out. The name is a distinguished one (CN=Kim\, Eun,OU=Staff,DC=corp,
// DC=example) and stands in the event data as it is.
func fillMember(e *event.Event) {
	e.SetStr(event.UserTargetGroupID, dTargetSID.of(e))
	e.SetStr(event.UserTargetGroupName, dTargetName.of(e))
	e.SetStr(event.UserTargetGroupDomain, dTargetDomain.of(e))
	e.SetStr(event.UserTargetID, dMemberSID.of(e))
	dn := dMemberName.of(e)
	if dn == "" {
		return
	}
	name, domain := "", ""
	for rest := dn; rest != ""; {
		var part string
		part, rest = cutDN(rest)
		key, value, ok := strings.Cut(part, "=")
		switch {
		case !ok:
		case name == "" && strings.EqualFold(key, "CN"):
			name = value
		case strings.EqualFold(key, "DC"):
			if domain != "" {
				domain += "."
			}
			domain += value
		}
	}
	if name == "" {
		domain, name = qualified(dn) // local groups of old versions
	}
	e.SetStr(event.UserTargetName, name)
	e.SetStr(event.UserTargetDomain, domain)
	e.Append(event.RelatedUser, name)
}

// cutDN takes the first part off a distinguished name. A comma behind a backslash is part of a name.
func cutDN(dn string) (part, rest string) {
	for i := 0; i < len(dn); i++ {
		switch dn[i] {
		case '\\':
			i++
		case ',':
			return dn[:i], dn[i+1:]
		}
	}
	return dn, ""
}

// fillCreate sets a new process: of its parent the event has the number under the name of any process.
func fillCreate(e *event.Event) {
	setProcess(e, dNewProcName.of(e))
	setNumber(e, event.ProcessPID, dNewProcID.of(e))
	setParent(e, dParentProc.of(e))
	setNumber(e, event.ProcessParentPID, dProcessID.of(e))
	line := dCommandLine.of(e)
	e.SetStr(event.ProcessCommandLine, line)
	setArgs(e, event.ProcessArgs, event.ProcessArgsCount, line)
	if dTargetName.of(e) != "" {
		fillRole(e, effective)
	}
}

// fillSession sets who came back to a session on a terminal server, and from where.
func fillSession(e *event.Event) {
	e.SetStr(event.UserName, dAccountName.of(e))
	e.SetStr(event.UserDomain, dAccountDomain.of(e))
	e.SetStr(event.SourceDomain, dClientName.of(e))
	setAddress(e, dClientAddress.of(e), "")
	e.SetStr(event.WinlogLogonID, dLogonID.of(e))
	e.Append(event.RelatedUser, dAccountName.of(e))
}

// setAddress sets where somebody came from. What is no address, as LOCAL, is not set.
func setAddress(e *event.Event, ip, port string) {
	if plain := plainIP(ip); plain != "" {
		e.SetStr(event.SourceIP, plain)
		setNumber(e, event.SourcePort, port)
	}
}

// plainIP returns an address without the prefix that makes one of version 6 of it, "" for what is none. Windows writes
// zones behind addresses of a link.
func plainIP(s string) string {
	if s == "" {
		return ""
	}
	a, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return ""
	// The text is kept as it is written, but for what stands before it.
	case a.Is4In6():
		if at := strings.LastIndexByte(s, ':'); strings.Contains(s, ".") {
			return s[at+1:]
		}
		return a.Unmap().String()
	case a.Zone() != "":
		return a.WithZone("").String()
	}
	return s
}
