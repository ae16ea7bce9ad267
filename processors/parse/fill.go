package parse

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/processors/parse/format"
	"weir/processors/parse/format/step"
	"weir/processors/parse/header"
	"weir/processors/parse/internal/ends"
)

// How far weir.time may be from the receipt.
const (
	maxAge   = 7 * 24 * time.Hour
	maxAhead = time.Minute
)

// TagTime marks an event whose logged time is too far from its receipt to count for days and windows.
const TagTime = "time-out-of-range"

// fill makes e the event of one message: what the header says, what the format reads, and what only weir may say. The order
// is that of trust: what comes later wins, and what a message claims about weir itself is overwritten by seal. Conform stands
// before seal, so that the fields of seal are never moved away. dropped tells that the format filters the event on purpose.
func (p *Parser) fill(e *event.Event, f *format.Format, dataset, msg string) (dropped bool, err error) {
	e.Reset()
	p.source.location = nil
	p.header(e, f)
	p.host(e, f)
	e.SetStr(event.Message, msg)
	e.Set(event.EventDataset, event.Str(dataset))
	e.Set(event.EventModule, event.Str(module(dataset)))
	e.Set(event.EventKind, event.Str("event"))
	if p.source.doc.Kind() == event.Object {
		p.given(e, f)
	}
	if f != nil {
		if dropped, err = p.read(e, f, msg); dropped || err != nil {
			return dropped, err
		}
		if !f.Names { // a reader that several formats call does not say which one it was
			e.Set(event.EventDataset, event.Str(dataset))
			e.Set(event.EventModule, event.Str(module(dataset)))
		}
	}
	e.Conform()
	p.seal(e, f)
	return false, nil
}

// read lets the format read the message. A format that fails has read a part of it perhaps: what it set stays, as the
// header's fields do. A panic loses the record to the dead letters, where it can be sent through a mended format again.
func (p *Parser) read(e *event.Event, f *format.Format, msg string) (dropped bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			p.machine = step.NewMachine() // whatever it was in the middle of
			dropped, err = false, &DeadLetter{Reason: ReasonPanic, Detail: f.Dataset + ": " + panicText(r)}
		}
	}()
	inner, times, again := repeated(msg)
	if again {
		e.SetMember(event.WeirData, "repeated", event.Num(times))
		e.SetStr(event.Message, inner)
	}
	dropped, err = p.machine.Run(f.Program(), e, step.Input{Raw: p.source.text, Received: p.source.raw.Received, Zone: p.zone, Doc: p.source.doc, Trace: p.opts.Trace})
	if f.Observer != nil {
		setAbsent(e, event.ObserverVendor, f.Observer.Vendor)
		setAbsent(e, event.ObserverProduct, f.Observer.Product)
		setAbsent(e, event.ObserverType, f.Observer.Type)
	}
	if again && e.Str(event.Message) == inner {
		e.SetStr(event.Message, msg) // that it came several times is a part of what was said
	}
	return dropped, err
}

// location is the zone of the record's sender, asked once for each event that needs it.
func (p *Parser) location() *time.Location {
	if p.source.location == nil {
		p.source.location = p.opts.DefaultZone
		if p.opts.Zone != nil {
			if own := p.opts.Zone(p.source.raw.Peer.Addr().Unmap(), p.head.Host); own != nil {
				p.source.location = own
			}
		}
	}
	return p.source.location
}

// panicText describes a panic without its stack, which would make dead letters of one fault look different.
func panicText(r any) string {
	switch r := r.(type) {
	case error:
		return r.Error()
	case string:
		return r
	}
	return "unknown"
}

// setAbsent sets a string unless the message said something else: a device knows better what it is than a table does.
func setAbsent(e *event.Event, f event.Field, s string) {
	if s != "" && !e.Has(f) {
		e.Set(f, event.Str(s))
	}
}

// repeated reads "message repeated 5 times: [ MESSAGE]", which rsyslog writes in place of equal lines.
func repeated(msg string) (inner string, times int64, ok bool) {
	rest, ok := strings.CutPrefix(msg, "message repeated ")
	if !ok {
		return msg, 0, false
	}
	count, inner, ok := strings.Cut(rest, " times: [")
	if times, ok = parseCount(count, ok); !ok {
		return msg, 0, false
	}
	return strings.TrimSuffix(strings.TrimPrefix(inner, " "), "]"), times, true
}

// parseCount keeps the condition of Cut and the number in one.
func parseCount(s string, ok bool) (int64, bool) {
	if !ok {
		return 0, false
	}
	return ends.ParseInt(s)
}

// header sets what the syslog header says.
func (p *Parser) header(e *event.Event, f *format.Format) {
	h := &p.head
	p.stamp(e, f)
	if h.Priority != header.NoPriority {
		e.SetInt(event.LogSyslogPriority, int64(h.Priority))
		e.SetInt(event.LogSyslogFacilityCode, int64(h.Facility()))
		e.SetStr(event.LogSyslogFacilityName, facilities[h.Facility()])
		e.SetInt(event.LogSyslogSeverityCode, int64(h.Severity()))
		e.SetStr(event.LogSyslogSeverityName, severities[h.Severity()])
	}
	e.SetStr(event.LogSyslogHostname, h.Host)
	e.SetStr(event.LogSyslogAppname, h.Program)
	e.SetStr(event.LogSyslogProcid, h.PID)
	e.SetStr(event.LogSyslogMsgid, h.MsgID)
	e.SetStr(event.LogSyslogVersion, h.Version)
	if len(h.Data) > 0 {
		e.Set(event.LogSyslogStructuredData, structured(h.Data))
	}
	e.SetStr(event.ProcessName, p.source.program)
	if h.PID != "" {
		if pid, ok := ends.ParseInt(h.PID); ok && pid >= 0 {
			e.SetInt(event.ProcessPID, pid)
		}
	}
}

// stamp sets the logged time. A year that no clock of ours can hold is no time.
func (p *Parser) stamp(e *event.Event, f *format.Format) {
	received := p.source.raw.Received
	s := &p.head.Stamp
	loc := time.UTC
	if s.Has && !s.HasZone {
		if loc = p.location(); f != nil && f.Zone() != nil {
			loc = f.Zone()
		}
	}
	at := s.Time(received, loc)
	if y := at.Year(); y < 1700 || y > 2250 {
		at = received
	} else if s.Has && !s.HasZone {
		_, offset := at.In(loc).Zone()
		e.Set(event.EventTimezone, event.Str(p.texts.offset(offset)))
	} else if s.Has && s.East() != 0 {
		// The time itself is kept in UTC; what the clock showed there is what "at night" means.
		e.Set(event.EventTimezone, event.Str(p.texts.offset(s.East())))
	}
	e.Set(event.Timestamp, event.At(at))
}

// structured makes the object of structured data: elements by id, parameters by name. The event copies lists that it is
// given, so this memory is only needed until then.
func structured(data []header.Element) event.Value {
	n := 0
	for i := range data {
		n += 2 + 2*len(data[i].Params)
	}
	kv := make([]event.Value, 0, n) // one piece of memory for all elements
	inner := kv[2*len(data) : 2*len(data)]
	for i := range data {
		at := len(inner)
		for _, param := range data[i].Params {
			inner = append(inner, event.Str(param.Name), event.Str(param.Value))
		}
		kv = append(kv, event.Str(data[i].ID), event.Members(slices.Clip(inner[at:])...))
	}
	return event.Members(slices.Clip(kv)...)
}

// host sets the device: the host of the header, else the address of the socket.
func (p *Parser) host(e *event.Event, f *format.Format) {
	name, hostname, ip := event.HostName, event.HostHostname, event.HostIP
	if f != nil && f.Observer != nil {
		name, hostname, ip = event.ObserverName, event.ObserverHostname, event.ObserverIP
	}
	text := p.head.Host
	if text == "" && p.source.raw.Input == inputFile {
		text = fileHost(p.source.raw.Key)
	}
	e.SetStr(hostname, text)
	if text == "" {
		text = p.source.peer
	}
	e.SetStr(name, text)
	if _, addr, ok := ends.ParseIP(text); ok {
		e.Append(ip, addr)
	}
}

// inputFile is the input whose records are lines of files: where one stands is a part of the event.
const inputFile = "file"

// fileHost is the machine of a file, whose name stands in its key: file/HOST/ID.
func fileHost(key string) string {
	_, rest, _ := strings.Cut(key, "/")
	host, _, ok := strings.Cut(rest, "/")
	if !ok {
		return ""
	}
	return host
}

// own are the fields that no message may set: they say where the event comes from and what weir made of it.
var own = []event.Field{
	event.EventID, event.EventIngested, event.WeirClass, event.WeirRevision, event.WeirSrc, event.WeirRules, event.WeirOriginalBase64,
	event.WeirDeadletterReason, event.WeirDeadletterStage, event.WeirQueryHits, event.WeirQueryKQL, event.WeirQueryTookMs,
	event.WeirAlertConditions, event.WeirAlertCount, event.WeirAlertEvidence, event.WeirAlertFirst, event.WeirAlertGroup,
	event.WeirAlertID, event.WeirAlertLast, event.WeirAlertLines, event.WeirAlertState,
}

// seal sets what only weir may say, over anything that a message said.
func (p *Parser) seal(e *event.Event, f *format.Format) {
	raw := p.source.raw
	if f != nil && f.Foreign {
		for _, field := range own {
			e.Delete(field)
		}
	}
	if f == nil || f.Foreign || e.Get(event.EventCreated).Kind() != event.Time {
		e.Set(event.EventCreated, event.At(raw.Received))
	}
	e.Delete(event.EventOriginal)
	e.SetStr(event.EventOriginal, p.source.original)
	e.SetStr(event.WeirOriginalBase64, p.source.encoded)
	e.Set(event.ECSVersion, event.Str(p.opts.ECSVersion))
	e.Delete(event.LogSourceAddress)
	e.SetStr(event.LogSourceAddress, p.source.peer)
	e.Delete(event.WeirInput)
	e.SetStr(event.WeirInput, raw.Input)
	e.Delete(event.WeirTransport)
	e.SetStr(event.WeirTransport, raw.Proto)
	setAbsent(e, event.EventKind, "event")
	if raw.Input == inputFile {
		e.Set(event.LogFilePath, event.Str(raw.Origin))
		e.SetInt(event.LogOffset, raw.Line)
	}
	p.weirTime(e, raw)
	for _, tag := range raw.Tags {
		e.Append(event.Tags, tag)
	}
}

// weirTime decides which time counts for days and windows. A device whose clock is wrong must not put its events into a
// day that is sealed or a window that is closed, nor hold a window open.
func (p *Parser) weirTime(e *event.Event, raw *record.Raw) {
	logged := e.Get(event.Timestamp)
	if logged.Kind() != event.Time {
		logged = event.At(raw.Received)
		e.Set(event.Timestamp, logged)
	}
	if !p.opts.History {
		ahead := time.Duration(logged.Int() - raw.Received.UnixNano())
		if ahead > maxAhead || ahead < -maxAge {
			logged = event.At(raw.Received)
			e.Append(event.Tags, TagTime)
		}
	}
	e.Set(event.WeirTime, logged)
}

// encode is how bytes that are not UTF-8 are kept in a document.
func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// facilities are the names of RFC 5424's facilities as Elastic writes them.
var facilities = [24]string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "security",
	"console", "solaris-cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

// severities are the names of RFC 5424's severities, likewise.
var severities = [8]string{"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"}

// offsetText writes seconds east of UTC as +09:00.
func offsetText(seconds int) string {
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	b := []byte{sign, '0', '0', ':', '0', '0'}
	h, m := seconds/3600, seconds/60%60
	b[1], b[2], b[4], b[5] = byte('0'+h/10), byte('0'+h%10), byte('0'+m/10), byte('0'+m%10)
	if s := seconds % 60; s != 0 { // local mean times before there were zones
		b = append(b, ':', byte('0'+s/10), byte('0'+s%10))
	}
	return string(b)
}
