// Package asa reads messages of Cisco ASA, FTD and PIX firewalls into ECS.
//
// The messages are data: tables of patterns by message number (table_*.go), compiled once. A pattern captures slots;
// facts turns them into fields, the same way for all messages.
package asa

import (
	"errors"
	"strings"
	"sync"

	"weir/event"
)

var errNotASA = errors.New("not a Cisco ASA message: no %ASA-severity-number tag")

// tag is the head of a message: %ASA-session-6-302013: with product, class and severity.
type tag struct {
	product  string // ASA
	class    string // session; most have none
	severity byte   // as a number
	code     string // 302013
	text     string // what follows
}

// Parse reads a message that begins at %ASA-, %FTD- or %PIX- into e. The strings it sets alias msg. A message whose
// number no pattern knows, or whose text fits no pattern, gets code, severity and the generic fields only; its text
// stays in message. @timestamp must be set before if a duration is to give event.start and event.end.
func Parse(e *event.Event, msg string) error {
	t, ok := readTag(msg)
	if !ok {
		return errNotASA
	}
	e.Set(event.Message, event.Str(msg))
	t.describe(e)
	m := messages().find(t.code)
	if m == nil {
		e.Set(event.EventCategory, unknown.categories)
		return nil
	}
	kind := m.kind
	if m.pairs {
		securityEvent(e, t.code, t.text)
		return nil
	}
	matched := false
	// The first pattern that matches counts: the tables have the fuller ones in front.
	for _, p := range m.patterns {
		mt := matcher{code: p.code, msg: t.text}
		if !mt.run(0, 0) {
			continue
		}
		f := facts{code: t.code}
		f.collect(e, p, &mt)
		kind.describe(e, f.verdict)
		f.fill(e)
		matched = true
		break
	}
	if !matched {
		kind.describe(e, "")
	}
	return nil
}

// readTag reads the head of a message. The text after it starts behind the colon, which some devices leave out.
func readTag(msg string) (t tag, ok bool) {
	if len(msg) < 2 || msg[0] != '%' {
		return t, false
	}
	head := msg[1:]
	end := 0
	for end < len(head) && head[end] != ':' && head[end] != ' ' {
		end++
	}
	t.text = head[end:]
	for t.text != "" && (t.text[0] == ':' || t.text[0] == ' ') {
		t.text = t.text[1:]
	}
	head = head[:end]
	// From the end, because the parts between product and severity may be missing, or be empty.
	i := strings.LastIndexByte(head, '-')
	if i < 3 || len(head)-i-1 != 6 || !digits(head[i+1:]) {
		return t, false
	}
	t.code = head[i+1:]
	head = head[:i]
	if c := head[len(head)-1]; c < '0' || c > '9' {
		return t, false
	}
	t.severity = head[len(head)-1] - '0'
	head = strings.TrimRight(head[:len(head)-1], "-")
	t.product, t.class, _ = strings.Cut(head, "-")
	t.class = strings.Trim(t.class, "-")
	return t, t.product != ""
}

// digits tells whether s is made of digits, at least one.
func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// levels are the names of the severities, in the words of the vendor.
var levels = [...]string{"emergency", "alert", "critical", "error", "warning", "notification", "informational", "debug"}

// describe sets what the head alone tells.
func (t *tag) describe(e *event.Event) {
	module, dataset, product, typ := "cisco_asa", "cisco_asa.log", "asa", "firewall"
	switch t.product {
	case "FTD", "NGIPS", "SFIMS":
		module, dataset, product, typ = "cisco_ftd", "cisco_ftd.log", "ftd", "idps"
	case "PIX":
		product = "pix"
	case "FWSM":
		product = "fwsm"
	}
	if !e.Has(event.EventDataset) { // who reads a message as one of another dataset knows why
		e.Set(event.EventModule, event.Str(module))
		e.Set(event.EventDataset, event.Str(dataset))
	}
	e.Set(event.EventKind, event.Str("event"))
	e.Set(event.EventCode, event.Str(t.code))
	e.SetInt(event.EventSeverity, int64(t.severity))
	if int(t.severity) < len(levels) {
		e.Set(event.LogLevel, event.Str(levels[t.severity]))
	}
	e.Set(event.ObserverVendor, event.Str("Cisco"))
	e.Set(event.ObserverProduct, event.Str(product))
	e.Set(event.ObserverType, event.Str(typ))
	e.Set(event.CiscoASAMessageID, event.Str(t.code))
	e.SetStr(event.CiscoASASuffix, t.class)
}

// row is one line of a table: message numbers, separated by blanks, what kind of event they are, and the patterns of
// which the first that matches counts. A number may stand in several rows of one kind: their patterns add up.
type row struct {
	codes    string
	kind     *kind
	patterns []string
}

// message is what the tables have for one number.
type message struct {
	kind     *kind
	patterns []*pattern
	pairs    bool // a Firepower security event: key: value, key: value
}

// catalogue is what the tables compile to. It is immutable.
type catalogue struct {
	byCode map[string]*message
	err    error
}

// messages compiles the tables on first use.
var messages = sync.OnceValue(func() *catalogue {
	c := &catalogue{byCode: make(map[string]*message, 512)}
	for _, table := range [][]row{accessTable, attackTable, connectionTable, natTable, aaaTable, adminTable, vpnTable, ikeTable, systemTable, inspectTable} {
		for _, r := range table {
			if err := c.add(r); err != nil {
				c.err = errors.Join(c.err, err)
			}
		}
	}
	for _, code := range []string{"430001", "430002", "430003", "430004", "430005"} {
		c.byCode[code] = &message{pairs: true}
	}
	return c
})

// add compiles one row.
func (c *catalogue) add(r row) error {
	var vs []*pattern
	for _, src := range r.patterns {
		p, err := compile(src)
		if err != nil {
			return err
		}
		vs = append(vs, p)
	}
	for code := range strings.FieldsSeq(r.codes) {
		m := c.byCode[code]
		if m == nil {
			m = &message{kind: r.kind}
			c.byCode[code] = m
		}
		if m.kind != r.kind {
			return errors.New("message " + code + " is of two kinds")
		}
		m.patterns = append(m.patterns, vs...)
	}
	return nil
}

// find returns the message of a number, nil if the tables do not have it. Ranges of messages that differ by their
// signature only share one entry.
func (c *catalogue) find(code string) *message {
	if m := c.byCode[code]; m != nil {
		return m
	}
	for _, r := range rangeTable {
		if code >= r.first && code <= r.last {
			return c.byCode[r.code]
		}
	}
	return nil
}
