package windows

import (
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/processors/parse/format/suffix"
	"weir/processors/parse/windows/codes"
	"weir/processors/parse/winevent"
)

// The names of Sysmon's event data that lead to fields of ECS.
var (
	// Of every event.
	dUTC       = data("UtcTime")
	dRule      = data("RuleName")
	dImage     = data("Image")
	dGUID      = data("ProcessGuid")
	dDirectory = data("CurrentDirectory")
	dUser      = data("User")
	dHashes    = data("Hashes")
	dHash      = data("Hash")
	// Of a process that starts.
	dParentImage  = data("ParentImage")
	dParentLine   = data("ParentCommandLine")
	dParentGUID   = data("ParentProcessGuid")
	dParentPID    = data("ParentProcessId")
	dParentUser   = data("ParentUser")
	dFileVersion  = data("FileVersion")
	dDescription  = data("Description")
	dProduct      = data("Product")
	dCompany      = data("Company")
	dOriginalName = data("OriginalFileName")
	dLogon        = data("LogonId")
	// Of files, libraries and pipes.
	dTargetFile  = data("TargetFilename")
	dImageLoaded = data("ImageLoaded")
	dPipe        = data("PipeName")
	dDevice      = data("Device")
	dSigned      = data("Signed")
	dSignature   = data("Signature")
	dSigStatus   = data("SignatureStatus")
	// Of the registry.
	dTargetObject = data("TargetObject")
	dDetails      = data("Details")
	dEventType    = data("EventType")
	// Of the network.
	dSourceIP       = data("SourceIp")
	dSourceHost     = data("SourceHostname")
	dSourcePortName = data("SourcePortName")
	dDestIP         = data("DestinationIp")
	dDestHost       = data("DestinationHostname")
	dDestPortNo     = data("DestinationPort")
	dDestPortName   = data("DestinationPortName")
	dInitiated      = data("Initiated")
	dQueryName      = data("QueryName")
	dQueryStatus    = data("QueryStatus")
	dQueryResults   = data("QueryResults")
	// Of a process that reaches into another one: the names differ by version in the case of letters.
	dSourceImage  = data("SourceImage")
	dSourcePID    = data("SourceProcessId")
	dSourceGUID   = data("SourceProcessGuid")
	dSourceGUIDUp = data("SourceProcessGUID")
	dSourceThread = data("SourceThreadId")
	dSourceUser   = data("SourceUser")
	// Of what was deleted, kept or refused, and of errors of Sysmon itself.
	dArchived   = data("Archived")
	dExecutable = data("IsExecutable")
	dType       = data("Type")
	dID         = data("ID")
	dCreated    = data("CreationUtcTime")
)

// traced is what an event of Sysmon means.
type traced struct {
	action   string
	category event.Value
	typ      event.Value
	sums     *hashes // what Hashes is about
}

// none is what a table says where ECS has no word.
var none event.Value

// traces are the events of Sysmon by number, named as in its documentation.
var traces = map[int]traced{
	1:   {"Process creation", inProcess, isStart, &ofProcess},
	2:   {"A process changed a file creation time", inFile, isChange, nil},
	3:   {"Network connection", inNetwork, isNetStart, nil},
	4:   {"Sysmon service state changed", inProcess, isChange, nil},
	5:   {"Process terminated", inProcess, isEnd, nil},
	6:   {"Driver loaded", inDriver, isStart, &ofFile},
	7:   {"Image loaded", inProcess, isChange, &ofFile},
	8:   {"CreateRemoteThread", inProcess, isChange, nil},
	9:   {"RawAccessRead", inProcess, isAccess, nil},
	10:  {"ProcessAccess", inProcess, isAccess, nil},
	11:  {"FileCreate", inFile, isCreation, nil},
	12:  {"RegistryEvent (Object create and delete)", inRegistry, isChange, nil},
	13:  {"RegistryEvent (Value Set)", inRegistry, isChange, nil},
	14:  {"RegistryEvent (Key and Value Rename)", inRegistry, isChange, nil},
	15:  {"FileCreateStreamHash", inFile, isAccess, &ofFile},
	16:  {"ServiceConfigurationChange", inConfig, isChange, nil},
	17:  {"PipeEvent (Pipe Created)", inFile, isCreation, nil},
	18:  {"PipeEvent (Pipe Connected)", inFile, isAccess, nil},
	19:  {"WmiEvent (WmiEventFilter activity detected)", inProcess, isInfo, nil},
	20:  {"WmiEvent (WmiEventConsumer activity detected)", inProcess, isChange, nil},
	21:  {"WmiEvent (WmiEventConsumerToFilter activity detected)", inProcess, isChange, nil},
	22:  {"DNSEvent (DNS query)", inNetwork, isDNS, nil},
	23:  {"FileDelete (File Delete archived)", inFile, isDeletion, &ofFile},
	24:  {"ClipboardChange (New content in the clipboard)", none, isChange, nil},
	25:  {"ProcessTampering (Process image change)", inProcess, isChange, nil},
	26:  {"FileDeleteDetected (File Delete logged)", inFile, isDeletion, &ofFile},
	27:  {"FileBlockExecutable", inFile, isCreation, &ofFile},
	28:  {"FileBlockShredding", inFile, isDeletion, &ofFile},
	29:  {"FileExecutableDetected", inFile, isCreation, &ofFile},
	255: {"Error", inProcess, isError, nil},
}

// sysmon fills an event of Sysmon, of Windows or of Linux.
func sysmon(e *event.Event, code int) {
	t := traces[code]
	e.SetStr(event.EventAction, t.action)
	if t.category.Kind() != event.Absent {
		e.Set(event.EventCategory, t.category)
	}
	if t.typ.Kind() != event.Absent {
		e.Set(event.EventType, t.typ)
	}
	traceTime(e)
	setProcess(e, dImage.of(e))
	e.SetStr(event.ProcessEntityID, dGUID.of(e))
	setNumber(e, event.ProcessPID, dProcessID.of(e))
	e.SetStr(event.RuleName, dRule.of(e))
	traceUser(e)
	if list := dHashes.of(e); list != "" {
		setHashes(e, list, t.sums)
	}
	traceKind(e, code)
}

// traceKind fills what only events of one kind have.
func traceKind(e *event.Event, code int) {
	switch code {
	case 1:
		traceStart(e)
	case 3:
		traceConnection(e)
	case 6, 7:
		traceImage(e)
	case 8, 10:
		traceThread(e)
	case 2, 11, 15, 23, 26, 27, 28, 29:
		traceFile(e, code)
	case 9:
		setFile(e, dDevice.of(e))
	case 12, 13, 14:
		traceRegistry(e, code)
	case 17, 18:
		e.SetStr(event.FileName, dPipe.of(e))
	case 22:
		traceQuery(e)
	case 24:
		setTruth(e, event.SysmonFileArchived, dArchived.of(e))
	case 25:
		if !e.Has(event.Message) {
			e.SetStr(event.Message, dType.of(e))
		}
	case 255:
		e.SetStr(event.ErrorCode, dID.of(e))
		e.SetStr(event.ErrorMessage, dDescription.of(e))
		e.Set(event.EventOutcome, event.Str("failure"))
	}
}

// traceTime makes the time that the driver noted the time of the event: the log writes it later, and then all at once.
func traceTime(e *event.Event) {
	s := dUTC.of(e)
	if s == "" {
		return
	}
	ns, _, ok := winevent.ParseTime(s)
	if !ok {
		return
	}
	if old := e.Get(event.Timestamp); !e.Has(event.WinlogTimeCreated) && old.Kind() == event.Time {
		e.Set(event.WinlogTimeCreated, old)
	}
	e.Set(event.Timestamp, event.At(time.Unix(0, ns).UTC()))
}

// traceUser sets who ran the process. The account that wrote the event is Sysmon's own: it is the user only where the
// event names none, or the same.
func traceUser(e *event.Event) {
	user := dUser.of(e)
	if user == "" {
		user = dSourceUser.of(e)
	}
	if user == "" {
		writer(e)
		return
	}
	domain, name := qualified(user)
	e.SetStr(event.UserName, name)
	e.SetStr(event.UserDomain, domain)
	if id := e.Str(event.WinlogUserIdentifier); sidNames[id] == name {
		e.SetStr(event.UserID, id)
	}
}

// sidNames are the accounts under which services run.
var sidNames = map[string]string{"S-1-5-18": "SYSTEM", "S-1-5-19": "LOCAL SERVICE", "S-1-5-20": "NETWORK SERVICE"}

// traceStart fills a new process and its parent.
func traceStart(e *event.Event) {
	line := dCommandLine.of(e)
	e.SetStr(event.ProcessCommandLine, line)
	setArgs(e, event.ProcessArgs, event.ProcessArgsCount, line)
	e.SetStr(event.ProcessWorkingDirectory, dDirectory.of(e))
	setParent(e, dParentImage.of(e))
	line = dParentLine.of(e)
	e.SetStr(event.ProcessParentCommandLine, line)
	setArgs(e, event.ProcessParentArgs, event.ProcessParentArgsCount, line)
	e.SetStr(event.ProcessParentEntityID, dParentGUID.of(e))
	setNumber(e, event.ProcessParentPID, dParentPID.of(e))
	_, name := qualified(dParentUser.of(e))
	e.SetStr(event.ProcessParentUserName, name)
	e.SetStr(event.ProcessPeFileVersion, dFileVersion.of(e))
	e.SetStr(event.ProcessPeDescription, dDescription.of(e))
	e.SetStr(event.ProcessPeProduct, dProduct.of(e))
	e.SetStr(event.ProcessPeCompany, dCompany.of(e))
	e.SetStr(event.ProcessPeOriginalFileName, dOriginalName.of(e))
	e.SetStr(event.WinlogLogonID, dLogon.of(e))
}

// traceConnection fills a connection. The source is always this side or the other as Sysmon says it, whoever began.
func traceConnection(e *event.Event) {
	if ip := plainIP(dSourceIP.of(e)); ip != "" {
		e.SetStr(event.SourceIP, ip)
	}
	setNumber(e, event.SourcePort, dSourcePort.of(e))
	e.SetStr(event.SourceDomain, dSourceHost.of(e))
	if ip := plainIP(dDestIP.of(e)); ip != "" {
		e.SetStr(event.DestinationIP, ip)
	}
	setNumber(e, event.DestinationPort, dDestPortNo.of(e))
	e.SetStr(event.DestinationDomain, dDestHost.of(e))
	e.SetStr(event.NetworkTransport, dProtocol.of(e))
	protocol := dDestPortName.of(e)
	if protocol == "" {
		protocol = dSourcePortName.of(e)
	}
	e.SetStr(event.NetworkProtocol, protocol)
	// Windows says who began; that the other side lies outside is not known here.
	switch dInitiated.of(e) {
	case "true":
		e.Set(event.NetworkDirection, event.Str("egress"))
	case "false":
		e.Set(event.NetworkDirection, event.Str("ingress"))
	}
}

// traceImage fills a library or driver that was loaded.
func traceImage(e *event.Event) {
	setFile(e, dImageLoaded.of(e))
	e.SetStr(event.FilePeFileVersion, dFileVersion.of(e))
	e.SetStr(event.FilePeDescription, dDescription.of(e))
	e.SetStr(event.FilePeProduct, dProduct.of(e))
	e.SetStr(event.FilePeCompany, dCompany.of(e))
	e.SetStr(event.FilePeOriginalFileName, dOriginalName.of(e))
	e.SetStr(event.FileCodeSignatureSubjectName, dSignature.of(e))
	setTruth(e, event.FileCodeSignatureExists, dSigned.of(e))
	if status := dSigStatus.of(e); status != "" {
		e.SetStr(event.FileCodeSignatureStatus, status)
		e.Set(event.FileCodeSignatureValid, event.Truth(status == "Valid"))
	}
}

// traceThread fills a process that reached into another one. The other one has no place in ECS and stays event data.
func traceThread(e *event.Event) {
	setProcess(e, dSourceImage.of(e))
	setNumber(e, event.ProcessPID, dSourcePID.of(e))
	id := dSourceGUID.of(e)
	if id == "" {
		id = dSourceGUIDUp.of(e)
	}
	e.SetStr(event.ProcessEntityID, id)
	setNumber(e, event.ProcessThreadID, dSourceThread.of(e))
}

// traceFile fills a file that was made, changed, deleted, or kept from it.
func traceFile(e *event.Event, code int) {
	setFile(e, dTargetFile.of(e))
	// When the file was made, or since it was changed is said to have been made.
	if ns, _, ok := winevent.ParseTime(dCreated.of(e)); ok {
		e.Set(event.FileCreated, event.At(time.Unix(0, ns).UTC()))
	}
	if sum := dHash.of(e); sum != "" && code == 15 {
		setHashes(e, sum, &ofFile)
	}
	setTruth(e, event.SysmonFileArchived, dArchived.of(e))
	setTruth(e, event.SysmonFileIsExecutable, dExecutable.of(e))
	// What was kept from happening has failed.
	if code == 27 || code == 28 {
		e.Set(event.EventOutcome, event.Str("failure"))
	}
}

// setTruth sets a field to what is written as true or false.
func setTruth(e *event.Event, f event.Field, s string) {
	if b, err := strconv.ParseBool(strings.ToLower(s)); err == nil {
		e.Set(f, event.Truth(b))
	}
}

// traceRegistry fills a change in the registry.
func traceRegistry(e *event.Event, code int) {
	// A key that is made or deleted has no value; the last part of its path is the key itself.
	value := ""
	path := dTargetObject.of(e)
	if code != 12 || strings.HasSuffix(dEventType.of(e), "Value") {
		value = base(path)
	}
	setRegistry(e, path, value)
	switch dEventType.of(e) {
	case "CreateKey", "CreateValue":
		e.Set(event.EventType, isCreation)
	case "DeleteKey", "DeleteValue":
		e.Set(event.EventType, isDeletion)
	}
	if code == 13 {
		setRegistryData(e, dDetails.of(e))
	}
}

// hives are the roots of the registry as Sysmon shortens them, and as they are spelled out.
var hives = map[string]string{
	"HKEY_CLASSES_ROOT": "HKCR", "HKEY_CURRENT_CONFIG": "HKCC", "HKEY_CURRENT_USER": "HKCU", "HKEY_DYN_DATA": "HKDD",
	"HKEY_LOCAL_MACHINE": "HKLM", "HKEY_PERFORMANCE_DATA": "HKPD", "HKEY_USERS": "HKU", "HKCR": "HKCR", "HKCC": "HKCC",
	"HKCU": "HKCU", "HKDD": "HKDD", "HKLM": "HKLM", "HKPD": "HKPD", "HKU": "HKU",
}

// setRegistry parts the path of a key or value: the hive, and what is below it.
func setRegistry(e *event.Event, path, value string) {
	e.SetStr(event.RegistryPath, path)
	e.SetStr(event.RegistryValue, value)
	root, key, ok := strings.Cut(path, `\`)
	if hive := hives[root]; hive != "" {
		e.SetStr(event.RegistryHive, hive)
		if ok {
			e.SetStr(event.RegistryKey, key)
		}
	}
}

// setRegistryData reads what was written to a value: DWORD (0x00000004), QWORD (0x00000000-0x00000004), Binary Data, or
// the text. Of texts Sysmon does not say whether they are one or many.
func setRegistryData(e *event.Event, details string) {
	kind, hex, ok := strings.Cut(strings.TrimSuffix(details, ")"), " (0x")
	switch {
	case details == "" || details == "(Empty)":
	case details == "Binary Data":
		e.Set(event.RegistryDataType, event.Str("REG_BINARY"))
	case ok && (kind == "DWORD" || kind == "QWORD"):
		e.SetStr(event.RegistryDataType, "REG_"+kind)
		if n, err := strconv.ParseUint(strings.Replace(hex, "-0x", "", 1), 16, 64); err == nil {
			e.Append(event.RegistryDataStrings, strconv.FormatUint(n, 10))
		}
	default:
		e.Set(event.RegistryDataType, event.Str("REG_SZ"))
		e.Append(event.RegistryDataStrings, details)
	}
}

// traceQuery fills a lookup: type:  5 alias.example;::ffff:192.0.2.1; is one.
func traceQuery(e *event.Event) {
	e.Set(event.NetworkProtocol, event.Str("dns"))
	question := dQueryName.of(e)
	e.SetStr(event.DNSQuestionName, question)
	sub, registered, top := suffix.Parts(question)
	e.SetStr(event.DNSQuestionSubdomain, sub)
	e.SetStr(event.DNSQuestionRegisteredDomain, registered)
	e.SetStr(event.DNSQuestionTopLevelDomain, top)
	status := codes.DNSStatus(dQueryStatus.of(e))
	if status == "" {
		status = dQueryStatus.of(e)
	}
	e.SetStr(event.SysmonDNSStatus, status)
	// Addresses of version 4 are written as ones of version 6. The answers stay in their order, and as often as they came.
	list := dQueryResults.of(e)
	var room [24]event.Value
	answers := room[:0]
	for list != "" && len(answers) < maxAnswers {
		var part string
		whole := false
		part, list, whole = strings.Cut(list, ";")
		if part = strings.TrimSpace(part); part == "" || !whole && plainIP(part) == "" && !strings.HasPrefix(part, "type:") {
			continue // Sysmon cuts long lists off in the middle
		}
		kind, name := "", part
		if rest, ok := strings.CutPrefix(part, "type:"); ok {
			digits, of, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
			n, _ := strconv.Atoi(digits)
			kind, name = codes.DNSType(n), strings.TrimSpace(of)
		}
		if ip := plainIP(name); ip != "" {
			if name = ip; kind == "" {
				kind = "A"
				if strings.Contains(ip, ":") {
					kind = "AAAA"
				}
			}
			e.Add(event.DNSResolvedIP, event.Str(ip))
			e.Append(event.RelatedIP, ip)
		} else {
			e.Append(event.RelatedHosts, name)
		}
		answers = append(answers, answer(kind, name))
	}
	if len(answers) > 0 {
		e.Set(event.DNSAnswers, event.Items(answers...))
	}
	e.Append(event.RelatedHosts, question)
}

// maxAnswers bounds the answers of one lookup.
const maxAnswers = 200

// answer is one of them.
func answer(kind, name string) event.Value {
	switch {
	case kind == "":
		return event.Members(event.Str("data"), event.Str(name))
	case name == "":
		return event.Members(event.Str("type"), event.Str(kind))
	}
	return event.Members(event.Str("data"), event.Str(name), event.Str("type"), event.Str(kind))
}
