package windows

import (
	"strings"

	"weir/event"
	"weir/processors/parse/windows/codes"
)

var (
	// Tickets, objects, rights, flags.
	dTicketOptions = data("TicketOptions")
	dTicketEnc     = data("TicketEncryptionType")
	dObjectType    = data("ObjectType")
	dObjectName    = data("ObjectName")
	dObjectValue   = data("ObjectValueName")
	dAccessMask    = data("AccessMask")
	dAccessList    = data("AccessList")
	dOldUAC        = data("OldUacValue")
	dNewUAC        = data("NewUacValue")
	// Trusts and policies.
	dTrustType      = data("TdoType")
	dTrustDirection = data("TdoDirection")
	dTrustAttrs     = data("TdoAttributes")
	dCategoryID     = data("CategoryId")
	dSubcategoryID  = data("SubcategoryId")
	dPolicyChanges  = data("AuditPolicyChanges")
	// Shares and connections.
	dShareName     = data("ShareName")
	dSharePath     = data("ShareLocalPath")
	dRelativeName  = data("RelativeTargetName")
	dSourceAddress = data("SourceAddress")
	dSourcePort    = data("SourcePort")
	dDestAddress   = data("DestAddress")
	dDestPort      = data("DestPort")
	dProtocol      = data("Protocol")
	dDirection     = data("Direction")
	dApplication   = data("Application")
	dLayerName     = data("LayerName")
	dProcessIDOf   = data("ProcessID")
	dRemoteUser    = data("RemoteUserID")
	dRemoteMachine = data("RemoteMachineID")

	// Words beside the numbers: the numbers stay, since rules know those.
	wordsMask      = data("AccessMaskDescription")
	wordsList      = data("AccessListDescription")
	wordsOptions   = data("TicketOptionsDescription")
	wordsEnc       = data("TicketEncryptionTypeDescription")
	wordsStatus    = data("StatusDescription")
	wordsOldUAC    = data("OldUACList")
	wordsNewUAC    = data("NewUACList")
	wordsCategory  = data("Category")
	wordsSub       = data("SubCategory")
	wordsChanges   = data("AuditPolicyChangesDescription")
	wordsLayer     = data("LayerNameDescription")
	wordsRemote    = data("RemoteUserDescription")
	wordsRemoteMac = data("RemoteMachineDescription")
)

// fillWords puts numbers into words: those of logons and tickets into fields of their own, all others beside the number.
func fillWords(e *event.Event, r role) {
	switch r {
	case logon:
		fillLogon(e)
	case kerberos:
		wordsStatus.set(e, codes.Kerberos(dStatus.of(e)))
		wordsEnc.set(e, codes.Encryption(dTicketEnc.of(e)))
		wordsOptions.list(e, codes.TicketOptions(dTicketOptions.of(e)))
	case object:
		fillObject(e)
	case access:
		wordsMask.list(e, codes.AccessMask(dAccessMask.of(e), dObjectType.of(e)))
		wordsList.list(e, messages(dAccessList.of(e)))
	case flags:
		wordsOldUAC.list(e, codes.AccountFlags(dOldUAC.of(e)))
		wordsNewUAC.list(e, codes.AccountFlags(dNewUAC.of(e)))
	case trust:
		e.SetStr(event.WinlogTrustType, codes.TrustType(dTrustType.of(e)))
		e.SetStr(event.WinlogTrustDirection, codes.TrustDirection(dTrustDirection.of(e)))
		e.SetStr(event.WinlogTrustAttribute, codes.TrustAttribute(dTrustAttrs.of(e)))
	case policy:
		wordsCategory.set(e, text(dCategoryID.of(e)))
		wordsSub.set(e, text(dSubcategoryID.of(e)))
		wordsChanges.list(e, messages(dPolicyChanges.of(e)))
	case share:
		fillShare(e)
	case packet:
		fillPacket(e)
	}
}

// text returns the words of a numbered text, and any other text as it is: some agents put it into words themselves.
func text(s string) string {
	if words, ok := codes.Message(s); ok {
		return words
	}
	return s
}

// messages returns the words of a list of numbered texts.
func messages(list string) (out []string) {
	codes.Each(list, func(_ int, text string) {
		if text != "" {
			out = append(out, text)
		}
	})
	return out
}

// fillLogon says how somebody logged on, or why that failed.
func fillLogon(e *event.Event) {
	e.SetStr(event.WinlogLogonType, codes.LogonType(dLogonType.of(e)))
	status := dStatus.of(e)
	if status == "" {
		return
	}
	e.SetStr(event.WinlogLogonFailureStatus, codes.Status(status))
	e.SetStr(event.WinlogLogonFailureSubStatus, codes.Status(dSubStatus.of(e)))
	e.SetStr(event.WinlogLogonFailureReason, text(dReason.of(e)))
}

// fillObject sets the object that was asked for, where ECS knows its kind.
func fillObject(e *event.Event) {
	name := dObjectName.of(e)
	switch dObjectType.of(e) {
	case "File":
		setFile(e, name)
	case "Key":
		e.Set(event.EventCategory, inRegistry)
		setRegistry(e, kernelKey(name), dObjectValue.of(e))
	}
}

// kernelKey writes the name that the kernel has for a key as people do.
func kernelKey(name string) string {
	for _, hive := range [...][2]string{{`\REGISTRY\MACHINE\`, `HKLM\`}, {`\REGISTRY\USER\`, `HKU\`}} {
		if len(name) > len(hive[0]) && strings.EqualFold(name[:len(hive[0])], hive[0]) {
			return hive[1] + name[len(hive[0]):]
		}
	}
	return name
}

// fillShare sets the file of a share that somebody asked for.
func fillShare(e *event.Event) {
	if dRelativeName.of(e) == "" {
		return
	}
	root := dSharePath.of(e)
	if root == "" {
		root = dShareName.of(e)
	}
	setFile(e, strings.TrimRight(strings.TrimPrefix(root, `\??\`), `\`)+`\`+dRelativeName.of(e))
}

// fillPacket sets the ends of a connection that the filtering platform let through or not.
func fillPacket(e *event.Event) {
	setAddress(e, dSourceAddress.of(e), dSourcePort.of(e))
	if ip := plainIP(dDestAddress.of(e)); ip != "" {
		e.SetStr(event.DestinationIP, ip)
		setNumber(e, event.DestinationPort, dDestPort.of(e))
	}
	protocol := dProtocol.of(e)
	e.SetStr(event.NetworkIanaNumber, protocol)
	e.SetStr(event.NetworkTransport, transports[protocol])
	setProcess(e, dApplication.of(e))
	pid := dProcessID.of(e)
	if pid == "" {
		pid = dProcessIDOf.of(e)
	}
	setNumber(e, event.ProcessPID, pid)
	switch text(dDirection.of(e)) {
	case "Inbound":
		e.Set(event.NetworkDirection, event.Str("inbound"))
	case "Outbound":
		e.Set(event.NetworkDirection, event.Str("outbound"))
	}
	// Some agents put the number into words themselves.
	if layer, ok := codes.Message(dLayerName.of(e)); ok {
		wordsLayer.set(e, layer)
	}
	wordsRemote.set(e, codes.SID(dRemoteUser.of(e)))
	wordsRemoteMac.set(e, codes.SID(dRemoteMachine.of(e)))
}

// transports are the protocols that Windows' filters meet, by number.
var transports = map[string]string{
	"1": "icmp", "2": "igmp", "6": "tcp", "17": "udp", "41": "ipv6", "47": "gre", "50": "esp", "51": "ah", "58": "ipv6-icmp", "132": "sctp",
}
