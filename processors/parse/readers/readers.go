// Package readers names the readers that are written in Go, which formats run by the step `call`.
package readers

import (
	"strings"

	"weir/event"
	"weir/processors/parse/asa"
	"weir/processors/parse/auditd"
	"weir/processors/parse/cef"
	"weir/processors/parse/cloudtrail"
	"weir/processors/parse/jsonmsg"
	"weir/processors/parse/kv"
	"weir/processors/parse/leef"
	"weir/processors/parse/linux"
	"weir/processors/parse/privacy"
	"weir/processors/parse/snmp"
	"weir/processors/parse/tcpconn"
	"weir/processors/parse/windows"
)

// Reader is one of them. Read and New are the same, but for readers that keep memory: New makes one for each goroutine.
type Reader struct {
	// Read fills an event that has the header's fields already. Strings may alias msg. An error means that msg is not what it
	// looked like: what was set stays, and the error is in weir.parse_errors. A *processors.DeadLetter means that no event
	// can be made of it.
	Read func(e *event.Event, msg string) error
	New  func() func(e *event.Event, msg string) error
	// Fields are the paths that it can fill; one that ends in .* stands for any below, "*" for any at all.
	Fields []string
	// Looks is a cheap look at a message, which match may ask for; nil: no look.
	Looks func(msg string) bool
	// Split calls fn for each part of a message that holds several events; nil: it cannot.
	Split func(msg string, fn func(part string) error) error
}

// Table returns all readers by name.
func Table() map[string]Reader {
	return map[string]Reader{
		"cisco.asa":       {Read: asa.Parse},
		"linux.pam":       {Read: sure(linux.PAM)},
		"linux.sshd":      {Read: sure(linux.Sshd)},
		"linux.sudo":      {Read: sure(linux.Sudo)},
		"linux.su":        {Read: sure(linux.Su)},
		"linux.logind":    {Read: sure(linux.Logind)},
		"linux.accounts":  {Read: sure(linux.Accounts)},
		"linux.cron":      {Read: sure(linux.Cron)},
		"linux.systemd":   {Read: sure(linux.Systemd)},
		"linux.netfilter": {Read: sure(linux.Netfilter), Looks: linux.LooksNetfilter},
		"linux.kernel":    {Read: sure(linux.Kernel)},
		"cef":             {Read: cef.Parse},
		"leef":            {Read: leef.Parse},
		"json":            {Read: jsonmsg.Fill, Looks: looksJSON, Split: splitJSON, Fields: []string{"*"}},
		"kv":              {Read: kv.Parse, Looks: kv.Looks},
		"snmp.trap":       {Read: snmp.Parse},
		"aws.cloudtrail":  {Read: cloudtrail.Parse},
		"ebpf.tcp":        {Read: tcpconn.Parse},

		"windows.event": {New: func() func(*event.Event, string) error { return windows.New().Read }, Fields: []string{"*"}},
		"windows.any":   {New: func() func(*event.Event, string) error { return windows.NewNaming().Read }, Fields: []string{"*"}},

		"auditd":                  {Read: auditd.Parse, Fields: auditd.Fields()},
		"privacy_access":          {Read: privacy.Access, Fields: privacy.Fields(privacy.AccessRecord)},
		"privacy_access.complete": {Read: privacy.CompleteAccess, Fields: privacy.Fields(privacy.AccessRecord)},
		"access_rights":           {Read: privacy.Rights, Fields: privacy.Fields(privacy.RightsRecord)},
		"access_rights.import":    {Read: privacy.Import, Fields: privacy.Fields(privacy.RightsRecord)},
		"access_rights.complete":  {Read: privacy.CompleteRights, Fields: privacy.Fields(privacy.RightsRecord)},
	}
}

// sure makes a Read of a reader that takes every message.
func sure(read func(*event.Event, string)) func(*event.Event, string) error {
	return func(e *event.Event, msg string) error {
		read(e, msg)
		return nil
	}
}

// cookie announces JSON in a syslog message.
const cookie = "@cee:"

// looksJSON tells an object or an array of objects from a message that merely begins with a bracket.
func looksJSON(msg string) bool {
	s := strings.TrimLeft(strings.TrimPrefix(msg, cookie), " \t\r\n")
	if rest, ok := strings.CutPrefix(s, "["); ok {
		s = strings.TrimLeft(rest, " \t\r\n")
	}
	rest, ok := strings.CutPrefix(s, "{")
	if !ok {
		return false
	}
	rest = strings.TrimLeft(rest, " \t\r\n")
	return rest != "" && (rest[0] == '"' || rest[0] == '}')
}

// splitJSON finds the objects of a message.
func splitJSON(msg string, fn func(part string) error) error {
	return jsonmsg.Each(strings.TrimPrefix(msg, cookie), fn)
}
