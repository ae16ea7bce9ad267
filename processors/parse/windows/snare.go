package windows

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"weir/event"
)

// snareMark begins an event as Snare's agents write it.
const snareMark = "MSWinEventLog"

// Places of the parts of Snare's text. The last one, a running number or a checksum, may be missing.
const (
	snareLevel = iota + 1
	snareChannel
	snareCounter
	snareTime
	snareCode
	snareSource
	snareUser
	snareUserType
	snareType
	snareComputer
	snareCategory
	snareData
	snareText
	snareRecord
	snareParts // how many there are
)

var errSnare = errors.New("Snare: fewer than 12 parts between tabs")

// readSnare reads a text whose parts stand between tabs. A relay may have written the tabs as #011, as rsyslog does with
// control characters.
func readSnare(e *event.Event, text string) error {
	tab := "\t"
	if !strings.Contains(text, tab) {
		tab = "#011"
	}
	// The text for people never has tabs: Snare writes blanks for them. What stands behind the running number is of no use.
	parts := strings.SplitN(text, tab, snareParts+1)
	if len(parts) <= snareCategory || len(parts) <= snareComputer {
		return errSnare
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	part := func(i int) string {
		if i < len(parts) && parts[i] != "N/A" {
			return parts[i]
		}
		return ""
	}
	e.SetStr(event.WinlogChannel, part(snareChannel))
	e.SetStr(event.WinlogProviderName, part(snareSource))
	e.SetStr(event.EventCode, part(snareCode))
	e.SetStr(event.WinlogTask, part(snareCategory))
	e.SetStr(event.WinlogUserType, part(snareUserType))
	domain, name := qualified(part(snareUser))
	e.SetStr(event.WinlogUserName, name)
	e.SetStr(event.WinlogUserDomain, domain)
	e.SetStr(event.WinlogComputerName, part(snareComputer))
	machine(e)
	if _, err := strconv.ParseUint(part(snareRecord), 10, 64); err == nil {
		e.SetStr(event.WinlogRecordID, part(snareRecord))
	}
	snareKind(e, part(snareType), part(snareLevel))
	message := part(snareText)
	if message == "" {
		message = part(snareData)
	}
	e.Delete(event.Message)
	e.SetStr(event.Message, message)
	if s := part(snareData); s != "" && s != message {
		unnamed.set(e, s)
	}
	labelled(e, message)
	return snareClock(e, part(snareTime))
}

// snareKind sets what the event log calls the type of an event, and its level.
func snareKind(e *event.Event, kind, level string) {
	switch kind {
	case "Success Audit", "Audit Success":
		e.SetStr(event.WinlogKeywords, "Audit Success")
	case "Failure Audit", "Audit Failure":
		e.SetStr(event.WinlogKeywords, "Audit Failure")
	case "Information", "Warning", "Error", "Critical", "Verbose":
		e.SetStr(event.LogLevel, strings.ToLower(kind))
		return
	}
	if n, err := strconv.Atoi(level); err == nil && n >= 0 && n < len(criticalities) {
		e.SetStr(event.LogLevel, criticalities[n])
	}
}

// criticalities are the words for Snare's levels.
var criticalities = [...]string{"information", "information", "warning", "error", "critical"}

// snareClock reads the time, which has no zone: it is that of the header, if the header had none either, else this
// machine's.
func snareClock(e *event.Event, s string) error {
	if s == "" {
		return nil
	}
	at, err := time.ParseInLocation("Mon Jan _2 15:04:05 2006", s, zone(e))
	if err != nil {
		return errors.New("Snare: the time is not like Mon Jan 2 15:04:05 2006")
	}
	e.Set(event.WinlogTimeCreated, event.At(at.UTC()))
	return nil
}

// zone is the zone of a sender that names none.
func zone(e *event.Event) *time.Location {
	s := e.Str(event.EventTimezone)
	if at, err := time.Parse("-07:00", s); err == nil {
		_, offset := at.Zone()
		return time.FixedZone(s, offset)
	}
	if loc, err := time.LoadLocation(s); s != "" && err == nil {
		return loc
	}
	return time.Local
}
