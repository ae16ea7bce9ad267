package parse

import (
	"strings"

	"weir/event"
	"weir/processors/parse/asa"
	"weir/processors/parse/cef"
	"weir/processors/parse/cloudtrail"
	"weir/processors/parse/jsonmsg"
	"weir/processors/parse/kv"
	"weir/processors/parse/leef"
	"weir/processors/parse/linux"
	"weir/processors/parse/snmp"
	"weir/processors/parse/tcpconn"
)

// Format is one kind of message: how it is recognised and how it is read. Formats are tried by the name of the
// program, then by the first bytes of the message; all of what a format gives must fit. No line is ever given to one
// format after the other.
type Format struct {
	Dataset  string   // event.dataset: package.stream; the package is event.module
	Programs []string // names of programs that write it; empty: any program
	Prefixes []string // starts of the message; empty: any start
	// Input is the input that makes nothing else: its records have no header, and are recognised by where they come from.
	Input string
	// Looks is a cheap last look at the message; nil: no look. A format without programs and prefixes must have it.
	Looks func(msg string) bool
	// Read fills an event that has the header's fields already. Strings may alias msg. An error means that msg is not
	// what it looked like: the event is kept as a plain one, with the error in weir.parse_errors. A *DeadLetter means that
	// no event can be made of it.
	Read func(e *event.Event, msg string) error
	// Split calls fn for each part of a message that holds several events; nil: the message is one event.
	Split func(msg string, fn func(part string) error) error
	// Observer tells that the sender watches others (a firewall): its name goes to observer.* in place of host.*.
	Observer              bool
	Vendor, Product, Type string // observer.vendor, .product, .type, unless Read sets them
	// Foreign tells that the message can name any field, also those that only weir may set; they are taken away.
	Foreign bool
}

// plainDataset is that of a line that no format knows.
const plainDataset = "system.syslog"

// builtin is the table of formats. Order matters only between formats that could take the same message: the first one
// wins.
func builtin() []Format {
	return []Format{
		{Dataset: "system.auth", Prefixes: []string{"pam_"}, Read: sure(linux.PAM)},
		{Dataset: "system.auth", Programs: []string{"sshd", "sshd-session", "sshd-auth"}, Read: sure(linux.Sshd)},
		{Dataset: "system.auth", Programs: []string{"sudo"}, Read: sure(linux.Sudo)},
		{Dataset: "system.auth", Programs: []string{"su"}, Read: sure(linux.Su)},
		{Dataset: "system.auth", Programs: []string{"systemd-logind"}, Read: sure(linux.Logind)},
		{Dataset: "system.auth", Programs: []string{"useradd", "userdel", "usermod", "groupadd", "groupdel", "groupmod", "gpasswd", "passwd", "chage", "chfn", "chsh"}, Read: sure(linux.Accounts)},
		{Dataset: "system.syslog", Programs: []string{"cron", "CRON", "crond", "CROND", "anacron", "crontab"}, Read: sure(linux.Cron)},
		{Dataset: "system.syslog", Programs: []string{"systemd"}, Read: sure(linux.Systemd)},
		{Dataset: "iptables.log", Programs: []string{"kernel"}, Looks: linux.LooksNetfilter, Read: sure(linux.Netfilter)},
		{Dataset: "system.syslog", Programs: []string{"kernel"}, Read: sure(linux.Kernel)},
		{Dataset: "cisco_asa.log", Prefixes: []string{"%ASA-", "%PIX-"}, Read: asa.Parse, Observer: true, Vendor: "Cisco", Product: "asa", Type: "firewall"},
		{Dataset: "cisco_ftd.log", Prefixes: []string{"%FTD-"}, Read: asa.Parse, Observer: true, Vendor: "Cisco", Product: "ftd", Type: "idps"},
		{Dataset: "cef.log", Prefixes: []string{"CEF:"}, Read: cef.Parse, Observer: true},
		{Dataset: "leef.log", Prefixes: []string{"LEEF:"}, Read: leef.Parse, Observer: true},
		{Dataset: "json.log", Prefixes: []string{"{", "[", cookie}, Looks: looksJSON, Read: fillJSON, Split: splitJSON, Foreign: true},
		{Dataset: "kv.log", Looks: kv.Looks, Read: kv.Parse},
		{Dataset: snmp.Dataset, Input: snmp.Input, Read: snmp.Parse, Observer: true},
		{Dataset: "aws.cloudtrail", Input: "aws", Read: cloudtrail.Parse, Observer: true, Vendor: "AWS", Product: "CloudTrail"},
		{Dataset: "ebpf.tcp", Input: "ebpf", Read: tcpconn.Parse},
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

// fillJSON reads one of them.
func fillJSON(e *event.Event, part string) error { return jsonmsg.Fill(e, part) }

// table finds the format of a message. It is made once and only read then, so a message costs one look at its first byte
// and one at its program, however many formats there are.
type table struct {
	formats  []Format
	inputs   map[string]*Format
	programs map[string][]*Format
	starts   [256][]*Format // by the first byte of a prefix
	looks    []*Format      // neither programs nor prefixes
}

func newTable(formats []Format) *table {
	t := &table{formats: formats, programs: map[string][]*Format{}, inputs: map[string]*Format{}}
	for i := range formats {
		f := &t.formats[i]
		if f.Input != "" {
			t.inputs[f.Input] = f
			continue
		}
		for _, name := range f.Programs {
			t.programs[name] = append(t.programs[name], f)
		}
		if len(f.Programs) > 0 {
			continue
		}
		first := map[byte]bool{}
		for _, p := range f.Prefixes {
			if !first[p[0]] {
				first[p[0]] = true
				t.starts[p[0]] = append(t.starts[p[0]], f)
			}
		}
		if len(f.Prefixes) == 0 {
			t.looks = append(t.looks, f)
		}
	}
	return t
}

// find returns the format of a message, nil if there is none. A start is asked before the program, as PAM writes
// under the name of any program.
func (t *table) find(program, msg string) *Format {
	if msg == "" {
		return nil
	}
	for _, f := range t.starts[msg[0]] {
		if f.fits(msg) {
			return f
		}
	}
	if program != "" {
		for _, f := range t.programs[program] {
			if f.fits(msg) {
				return f
			}
		}
	}
	for _, f := range t.looks {
		if f.Looks(msg) {
			return f
		}
	}
	return nil
}

// fits tells whether a message that came to the format by its first byte or its program is one of it.
func (f *Format) fits(msg string) bool {
	return f.start(msg) == 0 && (f.Looks == nil || f.Looks(msg))
}

// start returns 0 if msg begins as the format does, -1 otherwise.
func (f *Format) start(msg string) int {
	for _, p := range f.Prefixes {
		if strings.HasPrefix(msg, p) {
			return 0
		}
	}
	if len(f.Prefixes) == 0 {
		return 0
	}
	return -1
}

// of finds the format of a message within one dataset, and where the message begins: a forced format takes what it
// can find in the line, and where the dataset has but one format, the message as it is.
func (t *table) of(dataset, program, msg string) (f *Format, at int) {
	if f := t.find(program, msg); f != nil && f.Dataset == dataset {
		return f, 0
	}
	var only *Format
	count := 0
	for i := range t.formats {
		f := &t.formats[i]
		if f.Dataset != dataset {
			continue
		}
		only, count = f, count+1
		for _, p := range f.Prefixes {
			if at := strings.Index(msg, p); at >= 0 && (f.Looks == nil || f.Looks(msg[at:])) {
				return f, at
			}
		}
	}
	if count == 1 {
		return only, 0
	}
	return nil, 0
}

// module returns the package of a dataset.
func module(dataset string) string {
	name, _, _ := strings.Cut(dataset, ".")
	return name
}
