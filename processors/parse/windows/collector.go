package windows

import (
	"strconv"

	"weir/event"
)

// Names of flat records that are about the record, not of the event data: NXLog's (im_msvistalog) and those of collectors
// that are like it.
var (
	flatKeywords   = data("Keywords")
	flatGUID       = data("ProviderGuid")
	flatVersion    = data("Version")
	flatTask       = data("Task")
	flatOpcode     = data("OpcodeValue")
	flatOpcodeText = data("Opcode")
	flatLevel      = data("Level")
	flatRecordID   = data("EventRecordID")
	flatInserts    = data("StringInserts")
	flatRecord     = data("RecordNumber")
	flatPID        = data("ExecutionProcessID")
	flatTID        = data("ExecutionThreadID")
	flatActivity   = data("ActivityID")
	flatUserID     = data("UserID")
	flatAccount    = data("AccountName")
	flatDomain     = data("Domain")
	flatType       = data("AccountType")
	flatSeverity   = data("Severity")
	flatAudit      = data("EventType")
	flatOldPID     = data("ProcessID")
	flatOldTID     = data("ThreadID")
)

// collector copies what a flat record says about itself to where other forms have it. The names stay in the event data as
// well: some events have data of the same names.
func collector(e *event.Event) {
	if !e.Has(event.WinlogProcessPID) { // agents that read traces have names of their own
		setNumber(e, event.WinlogProcessPID, e.GetPath("winlog.process_id").Text())
		setNumber(e, event.WinlogProcessThreadID, e.GetPath("winlog.thread_id").Text())
	}
	for _, f := range [...]event.Field{event.WinlogProviderGuid, event.WinlogRecordID, event.WinlogKeywords, event.WinlogLevel, event.WinlogTask} {
		if e.Has(f) {
			return // no flat record
		}
	}
	for _, c := range [...]struct {
		from *datum
		to   event.Field
	}{
		{flatGUID, event.WinlogProviderGuid}, {flatVersion, event.WinlogVersion}, {flatTask, event.WinlogTask},
		{flatOpcodeText, event.WinlogOpcode}, {flatOpcode, event.WinlogOpcode}, {flatLevel, event.WinlogLevel}, {flatRecord, event.WinlogRecordID}, {flatRecordID, event.WinlogRecordID}, {flatActivity, event.WinlogActivityID},
		{flatUserID, event.WinlogUserIdentifier}, {flatAccount, event.WinlogUserName},
		{flatType, event.WinlogUserType},
	} {
		if !e.Has(c.to) {
			e.SetStr(c.to, c.from.of(e))
		}
	}
	if e.Has(event.WinlogUserName) { // a domain alone is one that the event tells of
		e.SetStr(event.WinlogUserDomain, flatDomain.of(e))
	}
	if flatTID.of(e) != "" {
		setNumber(e, event.WinlogProcessPID, flatPID.of(e))
		setNumber(e, event.WinlogProcessThreadID, flatTID.of(e))
	} else if flatOldTID.of(e) != "" {
		setNumber(e, event.WinlogProcessPID, flatOldPID.of(e))
		setNumber(e, event.WinlogProcessThreadID, flatOldTID.of(e))
	}
	// Values without names: the text has those.
	if flatInserts.value(e).Kind() != event.Absent {
		labelled(e, e.Str(event.Message))
	}
	if !e.Has(event.WinlogKeywords) {
		e.SetStr(event.WinlogKeywords, keywordBits(flatKeywords.of(e)))
	}
	switch flatAudit.of(e) {
	case "AUDIT_SUCCESS":
		e.Set(event.EventOutcome, event.Str("success"))
	case "AUDIT_FAILURE":
		e.Set(event.EventOutcome, event.Str("failure"))
	}
	switch flatSeverity.of(e) {
	case "INFO":
		e.Set(event.LogLevel, event.Str("information"))
	case "WARNING":
		e.Set(event.LogLevel, event.Str("warning"))
	case "ERROR":
		e.Set(event.LogLevel, event.Str("error"))
	case "CRITICAL":
		e.Set(event.LogLevel, event.Str("critical"))
	}
}

// keywordBits writes keywords as Windows does: a collector that takes them for a signed number writes a negative one.
func keywordBits(s string) string {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return "0x" + strconv.FormatUint(uint64(n), 16)
	}
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		return "0x" + strconv.FormatUint(n, 16)
	}
	return s
}
