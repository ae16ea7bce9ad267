// Package snmp reads the records of SNMP traps into ECS. A record is the JSON document that the input made of a
// datagram; docs/snmp-traps.md shows it.
package snmp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

const (
	// Input is the input whose records these are, and Dataset what they become.
	Input = "snmptrap"
	// Dataset is event.dataset of what was a trap.
	Dataset = "snmp.trap"
	// TagClock marks a trap of an authenticated engine whose clock ran backwards: it may have been sent again by
	// somebody.
	TagClock = "snmp-not-in-time-window"
)

const (
	// maxWords bounds the variables that the message has words for, and maxWord the length of each.
	maxWords = 32
	maxWord  = 200
	// maxRelated bounds the addresses that a trap may bring into related.ip.
	maxRelated = 32
)

// trap is a record.
type trap struct {
	Version    string    `json:"version"`
	PDU        string    `json:"pdu"`
	OID        string    `json:"oid"`
	Enterprise string    `json:"enterprise"`
	Generic    *int64    `json:"generic"`
	Specific   *int64    `json:"specific"`
	Uptime     *int64    `json:"uptime"`
	Agent      string    `json:"agent"`
	Security   *security `json:"security"`
	Varbinds   []varbind `json:"varbinds"`
}

// security is who sent a trap of version 3.
type security struct {
	User    string `json:"user"`
	Level   string `json:"level"`
	Engine  string `json:"engine"`
	Context string `json:"context"`
	Clock   string `json:"clock"`
}

// varbind is one variable: its value, or in Hex the octets that are no text.
type varbind struct {
	OID   string `json:"oid"`
	Type  string `json:"type"`
	Value any    `json:"value"`
	Hex   string `json:"hex"`

	name string // by which it is found
	text string // its value in words
}

// Parse reads a record. The event has the sender's address already, which is the device unless the trap names another.
func Parse(e *event.Event, msg string) error {
	var t trap
	d := json.NewDecoder(strings.NewReader(msg))
	d.UseNumber() // a Counter64 does not fit a float
	if err := d.Decode(&t); err != nil {
		return fmt.Errorf("reading the record of a trap: %w", plain(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("reading the record of a trap: something follows it")
	}
	if t.OID == "" && len(t.Varbinds) == 0 {
		return errors.New("reading the record of a trap: it names no trap")
	}
	for i := range t.Varbinds {
		t.Varbinds[i].read()
	}
	name, kind := t.name()
	t.header(e, kind)
	t.device(e)
	t.meaning(e, kind)
	for i := range t.Varbinds {
		v := &t.Varbinds[i]
		e.AddMember(event.SnmpTrapVarbinds, v.name, event.Str(v.text))
	}
	t.related(e)
	e.SetStr(event.Message, t.words(name))
	return nil
}

// plain is an error of the decoder without the offsets of its buffer.
func plain(err error) error {
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return errors.New("a member has another type")
	}
	return errors.New("it is no JSON object")
}

// read gives the variable its name and its value in words.
func (v *varbind) read() {
	o, _ := find(v.OID)
	v.name = v.OID
	if o != nil {
		v.name = o.name
	}
	if v.name == "" {
		v.name = "unknown"
	}
	switch val := v.Value.(type) {
	case string:
		v.text = val
		if v.Type == "oid" {
			v.text = nameOf(val)
		}
		if o != nil && o.mac {
			v.text = mac([]byte(val), val)
		}
	case json.Number:
		v.text = v.number(o, val)
	case nil:
		v.text = v.Type // null, secret, no-such-object
		if v.Hex != "" {
			v.text = v.octets(o)
		}
	default: // not of our making
		var b bytes.Buffer
		_ = json.NewEncoder(&b).Encode(val) // what was decoded can be encoded
		v.text = strings.TrimSpace(b.String())
	}
}

// number writes a number, or what it stands for.
func (v *varbind) number(o *object, n json.Number) string {
	i, err := n.Int64()
	if err != nil {
		return n.String()
	}
	if o != nil && o.enum[i] != "" {
		return o.enum[i]
	}
	if (v.Type == "timeticks" || o != nil && o.tick) && i >= 0 {
		return ticks(i)
	}
	return n.String()
}

// octets writes octets that are no text.
func (v *varbind) octets(o *object) string {
	if o != nil && o.mac {
		raw := make([]byte, 0, 8)
		for i := 0; i+1 < len(v.Hex) && i < 16; i += 2 {
			b, err := strconv.ParseUint(v.Hex[i:i+2], 16, 8)
			if err != nil {
				return "0x" + v.Hex
			}
			raw = append(raw, byte(b))
		}
		if 2*len(raw) == len(v.Hex) {
			return mac(raw, "0x"+v.Hex)
		}
	}
	return "0x" + v.Hex
}

// mac writes a hardware address as ECS does; other is for octets that are none.
func mac(octets []byte, other string) string {
	if len(octets) != 6 && len(octets) != 8 {
		return other
	}
	return strings.ToUpper(strings.ReplaceAll(fmt.Sprintf("% x", octets), " ", "-"))
}

// nameOf is the name of an OID: IF-MIB::ifIndex.3, or the OID.
func nameOf(oid string) string {
	o, instance := find(oid)
	switch {
	case o == nil:
		return oid
	case instance == "":
		return o.mib + "::" + o.name
	}
	return o.mib + "::" + o.name + "." + instance
}

// name returns the trap's name as it is written, and without its module, "" for one that has none.
func (t *trap) name() (full, kind string) {
	if o, instance := find(t.OID); o != nil && instance == "" {
		return o.mib + "::" + o.name, o.name
	}
	return t.OID, ""
}

// header sets what the message itself says.
func (t *trap) header(e *event.Event, kind string) {
	e.SetStr(event.SnmpVersion, t.Version)
	e.SetStr(event.SnmpPdu, t.PDU)
	e.SetStr(event.SnmpTrapOid, t.OID)
	e.SetStr(event.SnmpTrapName, kind)
	e.SetStr(event.SnmpTrapEnterprise, t.Enterprise)
	setNumber(e, event.SnmpTrapGeneric, t.Generic)
	setNumber(e, event.SnmpTrapSpecific, t.Specific)
	setNumber(e, event.SnmpTrapUptime, t.Uptime)
	e.SetStr(event.EventCode, t.OID)
	e.SetStr(event.EventAction, kind)
	if s := t.Security; s != nil {
		e.SetStr(event.SnmpSecurityUser, s.User)
		e.SetStr(event.SnmpSecurityLevel, s.Level)
		e.SetStr(event.SnmpSecurityEngine, s.Engine)
		e.SetStr(event.SnmpSecurityContext, s.Context)
		if s.Clock != "" {
			e.Append(event.Tags, TagClock)
		}
	}
}

func setNumber(e *event.Event, f event.Field, n *int64) {
	if n != nil {
		e.SetInt(f, *n)
	}
}

// device sets the device that sent the trap. A proxy passes traps of others on, and says whose they are.
func (t *trap) device(e *event.Event) {
	if _, addr, ok := ends.ParseIP(t.Agent); ok {
		e.SetStr(event.SnmpTrapAgent, addr)
		e.Append(event.RelatedIP, addr)
		e.Delete(event.ObserverIP)
		e.Append(event.ObserverIP, addr)
		e.SetStr(event.ObserverName, addr)
	}
	if name := t.value("sysName"); name != "" {
		e.SetStr(event.ObserverName, name)
		e.SetStr(event.ObserverHostname, name)
	}
}

// meaning sets what the traps mean that every device has (RFC 3418, RFC 2863).
func (t *trap) meaning(e *event.Event, kind string) {
	category, typ := "", ""
	switch kind {
	case "coldStart", "warmStart":
		category, typ = "host", "start"
	case "linkDown":
		category, typ = "network", "end"
	case "linkUp":
		category, typ = "network", "start"
	case "egpNeighborLoss":
		category, typ = "network", "end"
	case "authenticationFailure":
		category, typ = "authentication", "start"
		e.SetStr(event.EventOutcome, "failure")
	default:
		return
	}
	e.Append(event.EventCategory, category)
	e.Append(event.EventType, typ)
	if kind == "linkDown" || kind == "linkUp" {
		e.SetStr(event.ObserverIngressInterfaceID, t.value("ifIndex"))
		name := t.value("ifName")
		if name == "" {
			name = t.value("ifDescr")
		}
		e.SetStr(event.ObserverIngressInterfaceName, name)
		e.SetStr(event.ObserverIngressInterfaceAlias, t.value("ifAlias"))
	}
}

// value returns the text of the first variable of a name.
func (t *trap) value(name string) string {
	for i := range t.Varbinds {
		if t.Varbinds[i].name == name {
			return t.Varbinds[i].text
		}
	}
	return ""
}

// related gathers the addresses among the variables.
func (t *trap) related(e *event.Event) {
	n := 0
	for i := range t.Varbinds {
		if v := &t.Varbinds[i]; v.Type == "ip" && n < maxRelated {
			if a, addr, ok := ends.ParseIP(v.text); ok && !a.IsUnspecified() {
				e.Append(event.RelatedIP, addr)
				n++
			}
		}
	}
}

// words writes the trap as a person reads it: IF-MIB::linkDown ifIndex=3 ifDescr=Gi0/3.
func (t *trap) words(name string) string {
	var b strings.Builder
	b.WriteString(name)
	for i := range t.Varbinds {
		v := &t.Varbinds[i]
		if i == maxWords {
			fmt.Fprintf(&b, " and %d more", len(t.Varbinds)-i)
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(v.name)
		b.WriteByte('=')
		b.WriteString(word(v.text))
	}
	return b.String()
}

// word writes a value so that its end is seen.
func word(s string) string {
	if len(s) > maxWord {
		s = strings.ToValidUTF8(s[:maxWord], "") + "..."
	}
	if s == "" || strings.ContainsAny(s, " \t\r\n\"") {
		return strconv.Quote(s)
	}
	return s
}
