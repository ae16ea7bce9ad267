package rerun

import (
	"crypto/sha256"
	"encoding/base64"

	"weir/event"
)

// bookkeeping are the fields that say when and how weir made a document, and nothing of the event. A document that differs
// in nothing else is the same.
var bookkeeping = [...]event.Field{
	event.EventIngested, event.ECSVersion, event.WeirSrc, event.WeirRevision, event.WeirRules,
	event.WeirRevisedAt, event.WeirRevisedBy, event.WeirRevisedClass, event.WeirRevisedDay, event.WeirRevisedRun,
}

// Strip takes the bookkeeping off an event.
func Strip(e *event.Event) {
	for _, f := range bookkeeping {
		if e.Has(f) {
			e.Delete(f)
		}
	}
}

// Sum says what a document says, bookkeeping aside, in 22 characters: equal documents have equal sums, and others do not.
// e was decoded from the document: an event that a parser filled may hold values in a form that JSON does not keep. It
// loses its bookkeeping.
func Sum(e *event.Event) string {
	Strip(e)
	sum := sha256.Sum256(e.AppendJSON(nil))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// headerFields are what an event has from the header of its record. Parts of a record that was split have them from a
// text that is not in their original.
var headerFields = [...]event.Field{
	event.Timestamp, event.EventTimezone, event.WeirTime,
	event.LogSyslogPriority, event.LogSyslogFacilityCode, event.LogSyslogFacilityName, event.LogSyslogSeverityCode, event.LogSyslogSeverityName,
	event.LogSyslogHostname, event.LogSyslogAppname, event.LogSyslogProcid, event.LogSyslogMsgid, event.LogSyslogVersion, event.LogSyslogStructuredData,
	event.HostName, event.HostHostname, event.HostIP, event.ObserverName, event.ObserverHostname, event.ObserverIP, event.ProcessName, event.ProcessPID,
}

// hasHeader tells whether an event has anything from a syslog header.
func hasHeader(e *event.Event) bool {
	return e.Has(event.LogSyslogHostname) || e.Has(event.LogSyslogPriority) || e.Has(event.LogSyslogAppname)
}

// around returns the fields that may not come from the original itself, nil where there are none.
func around(e *event.Event) []byte {
	if !hasHeader(e) {
		return nil
	}
	var kept event.Event
	for _, f := range headerFields {
		if e.Has(f) {
			kept.Set(f, e.Get(f))
		}
	}
	return kept.AppendJSON(nil)
}

// Restore gives an event that was read from a part of a record what the header of that record said, as far as the
// original does not say it itself. Of an event that has a header, nothing is missing. scratch is decoded into.
//
// The time is restored where the new reading found none and took the time of receipt for it.
func (o *Order) Restore(e, scratch *event.Event) {
	if len(o.Keep) == 0 || hasHeader(e) || scratch.Decode(o.Keep) != nil {
		return
	}
	untimed := e.Get(event.Timestamp).Kind() == event.Time && e.Get(event.Timestamp).Int() == o.Received
	watched := e.Has(event.ObserverName) // a device that watches others: the header's host is the observer
	name := event.HostName
	if watched {
		name = event.ObserverName
	}
	sender := e.Str(name)
	for _, f := range headerFields {
		switch f {
		case event.Timestamp, event.EventTimezone, event.WeirTime:
			if untimed && scratch.Has(f) {
				e.Set(f, scratch.Get(f))
			}
			continue
		case event.HostName, event.ObserverName, event.HostIP, event.ObserverIP:
			// Without a header the sender's address stands there.
			switch {
			case watched != (f == event.ObserverName || f == event.ObserverIP):
			case scratch.Has(f):
				e.Set(f, scratch.Get(f))
			case f != name && sender != "" && only(e.Get(f)) == sender && e.Str(name) != sender:
				e.Delete(f)
			}
			continue
		case event.HostHostname:
			if watched {
				continue
			}
		case event.ObserverHostname:
			if !watched {
				continue
			}
		}
		if scratch.Has(f) && !e.Has(f) {
			e.Set(f, scratch.Get(f))
		}
	}
}

// only returns the text of a value, or of the one item of a list.
func only(v event.Value) string {
	if v.Kind() == event.List {
		if v.Len() != 1 {
			return ""
		}
		v = v.Item(0)
	}
	return v.Text()
}
