// Package auditd reads the records of the Linux audit system, as auditd, its dispatcher, ausearch and the kernel's own log write
// them: one record, one event.
//
// What the kernel encoded in hexadecimal is text again, text that somebody typed has its control characters as ^X, and what
// ausearch or auditd have looked up behind the separator (names of users, calls and addresses) stands beside the numbers.
// Records of one happening share auditd.log.sequence and the second; they are not put together here.
package auditd

import (
	"errors"
	"strings"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

// errNotAudit says that a message is no record of the audit system.
var errNotAudit = errors.New("reading audit record: neither type= nor a record's name before audit(time:number)")

// errStamp says that a record has its type and not its stamp. The event is kept with what was read.
var errStamp = errors.New("reading audit record: no audit(seconds:number) behind the type")

// separator stands between what the kernel wrote and what auditd looked up (log_format = ENRICHED).
const separator = "\x1d"

// Parse reads one record into e, which belongs to the caller and is not kept. Strings that it sets alias msg, but for those
// that were encoded. An error means that the message is no audit record; what was read of it before stays.
func Parse(e *event.Event, msg string) error {
	h, body, err := readHead(msg)
	if err != nil {
		return err
	}
	e.SetStr(event.EventModule, "auditd")
	e.SetStr(event.EventDataset, "auditd.log")
	e.SetStr(event.EventKind, "event")
	r := record{e: e, kind: kindOf(h.kind), name: h.kind, interpreted: h.stamped && h.sequence >= 0 && h.at.IsZero()}
	r.head(&h)
	if !h.stamped {
		e.SetStr(event.Message, body)
		r.classify()
		return nil
	}
	raw, looked, _ := strings.Cut(body, separator)
	r.avc(&raw)
	r.fields(raw)
	r.lookUp(looked)
	r.finish()
	return nil
}

// record is what is known of one record while it is read. It lives on the stack of Parse.
type record struct {
	e    *event.Event
	name string // the record's type, as it was written
	kind *kind
	// ausearch -i has put words in the place of numbers and of what was encoded.
	interpreted bool

	// Values whose place hangs on others.
	uid, auid, oldAuid, acct, id, group string
	arch, call, addr, result            string
	argc                                int64
	args                                []string

	names lookedUp
}

// head sets what stands before the fields. What ausearch has interpreted has a time without a zone: the moment of receipt
// is nearer to the truth than a guess.
func (r *record) head(h *head) {
	e := r.e
	if !h.at.IsZero() {
		e.Set(event.Timestamp, event.At(h.at))
	}
	if h.stamped && h.sequence >= 0 {
		e.SetPath("auditd.log.sequence", event.Num(h.sequence))
	}
	e.SetStr(event.AuditdLogRecordType, r.name)
	if h.node != "" {
		e.SetPath("auditd.log.node", event.Str(h.node))
		if !e.Has(event.HostName) {
			e.SetStr(event.HostName, h.node)
		}
	}
}

// avc reads the words of SELinux in front of the fields: avc: denied { read write } for ... What stood before them, who
// sent them, is read first.
func (r *record) avc(s *string) {
	at := strings.Index(*s, "avc:")
	if at < 0 || at > 0 && (*s)[at-1] != ' ' && (*s)[at-1] != '\'' {
		return
	}
	action, rest, ok := strings.Cut(strings.TrimLeft((*s)[at+len("avc:"):], " "), " ")
	if !ok || action != "denied" && action != "granted" {
		return
	}
	before := (*s)[:at]
	if text, ok := strings.CutSuffix(before, "msg='"); ok {
		before, rest = text, strings.TrimSuffix(strings.TrimRight(rest, " "), "'")
	}
	r.fields(before)
	r.result = "no"
	if action == "granted" {
		r.result = "yes"
	}
	r.e.SetPath("auditd.log.avc.action", event.Str(action))
	if _, request, ok := strings.Cut(rest, "{"); ok {
		if request, after, ok := strings.Cut(request, "}"); ok {
			r.e.SetPath("auditd.log.avc.request", event.Str(strings.TrimSpace(request)))
			rest = after
		}
	}
	*s = rest
}

// finish sets what several fields tell together.
func (r *record) finish() {
	r.classify()
	r.users()
	r.address()
	r.syscall()
	r.arguments()
	switch r.result {
	case "success", "1", "yes":
		r.e.SetStr(event.EventOutcome, "success")
	case "failed", "fail", "failure", "0", "no":
		r.e.SetStr(event.EventOutcome, "failure")
	}
}

// classify sets the words of ECS for the type of the record.
func (r *record) classify() {
	k := r.kind
	if k == nil || k.action == "" {
		r.e.SetStr(event.EventAction, strings.ToLower(r.name))
	} else {
		r.e.SetStr(event.EventAction, k.action)
	}
	if k == nil {
		return
	}
	if k.category.Kind() != event.Absent {
		r.e.Set(event.EventCategory, k.category)
	}
	if k.types.Kind() != event.Absent {
		r.e.Set(event.EventType, k.types)
	}
}

// address sets where somebody came from.
func (r *record) address() {
	if r.addr == "" {
		return
	}
	r.e.SetStr(event.SourceAddress, r.addr)
	if _, ip, ok := ends.ParseIP(r.addr); ok {
		r.e.SetStr(event.SourceIP, ip)
	}
}

// arguments sets the arguments of a program. Of EXECVE the first one is the program, as it was called.
func (r *record) arguments() {
	if len(r.args) == 0 {
		return
	}
	values := make([]event.Value, len(r.args))
	for i, a := range r.args {
		values[i] = event.Str(a)
	}
	e := r.e
	e.Set(event.ProcessArgs, event.Items(values...))
	if r.argc < int64(len(r.args)) {
		r.argc = int64(len(r.args))
	}
	e.SetInt(event.ProcessArgsCount, r.argc)
	if !e.Has(event.ProcessExecutable) && r.name == "EXECVE" {
		e.SetStr(event.ProcessExecutable, r.args[0])
	}
	if !e.Has(event.ProcessCommandLine) {
		e.SetStr(event.ProcessCommandLine, strings.Join(r.args, " "))
	}
}
