// Package cef reads the ArcSight Common Event Format into ECS.
package cef

import (
	"errors"
	"strings"

	"weir/event"
	"weir/processors/enrich/community"
	"weir/processors/parse/internal/ends"
	"weir/processors/parse/internal/role"
)

// What can be wrong with a message as a whole. Nothing in its extensions is an error.
var (
	errNotCEF = errors.New("not a CEF message: no CEF: at its start")
	errHeader = errors.New("reading CEF header: fewer than seven parts between bars")
)

// maxExtensions bounds the extensions of one message; what is above is kept as one text under the key "rest".
const maxExtensions = 512

// Parse reads a message that begins at CEF: into e. The strings it sets alias msg where they have no escapes. Every
// extension is kept in cef.extensions under its full name; those that ECS has a field for set that field too. Of a
// header with too few parts, what there is is kept and an error returned.
//
// Version 1 differs from 0 in its keys alone, so both are read alike. Senders that do not escape as the format wants are
// the rule and not the exception; wherever they can be understood they are. e belongs to the caller, and is not kept.
func Parse(e *event.Event, msg string) error {
	rest, ok := strings.CutPrefix(msg, "CEF:")
	if !ok {
		return errNotCEF
	}
	e.Set(event.Message, event.Str(msg))
	e.Set(event.EventModule, event.Str("cef"))
	e.Set(event.EventDataset, event.Str("cef.log"))
	e.Set(event.EventKind, event.Str("event"))
	var head [7]string
	n := 0
	for ; n < len(head); n++ {
		if head[n], rest, ok = headerPart(rest, n < len(head)-1); !ok {
			n++
			break
		}
	}
	setHeader(e, &head)
	if n < len(head) {
		return errHeader
	}
	x := extensions{e: e}
	x.read(rest)
	x.labels()
	// Without a text of its own the event is named by its header.
	if !x.message {
		e.SetStr(event.Message, head[5])
	}
	community.SetFrom(e)
	return nil
}

// headerPart takes the text up to the next bar that is not escaped. ok is false at the end of the message, which ends
// the last part as well.
// A bar is escaped in the header and nowhere else; in extensions it is a character like any other.
func headerPart(s string, more bool) (part, rest string, ok bool) {
	escaped := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			escaped = true
			i++
		case '|':
			part, rest = s[:i], s[i+1:]
			if escaped {
				part = unescape(part)
			}
			return strings.TrimSpace(part), rest, true
		}
	}
	if escaped {
		s = unescape(s)
	}
	return strings.TrimSpace(s), "", !more
}

// unescape takes the meaning from backslashes: \= \| \\ stand for themselves, \n and \r for line ends. Any other
// backslash is one.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			switch next := s[i+1]; next {
			case '=', '|', '\\':
				c = next
				i++
			case 'n':
				c = '\n'
				i++
			case 'r':
				c = '\r'
				i++
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// severities are the words for a severity, with the lowest number that each stands for.
// The ranges are those of the format: 0 to 3 low, 4 to 6 medium, 7 and 8 high, 9 and 10 very high.
var severities = map[string]int64{"low": 0, "medium": 4, "high": 7, "very-high": 9, "very high": 9, "critical": 9}

// setHeader gives the parts of the header their fields. Vendor and product are those of the observer.
// An event class is what rules name, so it is the code; the name of a CEF message is only its title.
func setHeader(e *event.Event, head *[7]string) {
	e.SetStr(event.CEFVersion, head[0])
	e.SetStr(event.CEFDeviceVendor, head[1])
	e.SetStr(event.CEFDeviceProduct, head[2])
	e.SetStr(event.CEFDeviceVersion, head[3])
	e.SetStr(event.CEFDeviceEventClassID, head[4])
	e.SetStr(event.CEFName, head[5])
	e.SetStr(event.CEFSeverity, head[6])
	e.SetStr(event.ObserverVendor, head[1])
	e.SetStr(event.ObserverProduct, head[2])
	e.SetStr(event.ObserverVersion, head[3])
	e.SetStr(event.EventCode, head[4])
	// Numbers stay as they are; words stand for the lowest number of their range.
	if n, ok := ends.ParseInt(head[6]); ok {
		e.SetInt(event.EventSeverity, n)
	} else if n, ok := severities[strings.ToLower(head[6])]; ok {
		e.SetInt(event.EventSeverity, n)
	}
}

// extensions reads the part behind the header.
// It lives for one message, on the stack of Parse.
type extensions struct {
	e       *event.Event
	count   int
	message bool
	custom  [len(customNames)]custom
}

// custom is one of the fields whose meaning is in another one: cs1=... cs1Label=...
// Both are kept in cef.extensions as they came, whatever becomes of them here.
type custom struct{ value, label string }

// read takes key=value pairs. A value may have blanks, so it ends before the last word in front of the next = that is
// not escaped, if that word can be a key.
// No place is looked at more than a few times, however the pairs lie: senders choose the length of the message.
func (x *extensions) read(s string) {
	s = strings.TrimLeft(s, " ")
	eq := nextEqual(s, 0)
	for eq > 0 {
		if x.count == maxExtensions {
			x.e.AddMember(event.CEFExtensions, "rest", event.Str(s))
			return
		}
		key := s[:eq]
		value, next := valueEnd(s, eq+1)
		x.add(key, value)
		if next < 0 {
			return
		}
		s = s[next:]
		eq = nextEqual(s, 0)
	}
	if s != "" {
		x.e.AddMember(event.CEFExtensions, "rest", event.Str(s))
	}
}

// nextEqual returns the place of the next = that is not escaped, -1 if there is none. A backslash hides the byte behind
// it, whatever that is.
func nextEqual(s string, from int) int {
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '=':
			return i
		}
	}
	return -1
}

// valueEnd returns the value at from, and where the next key begins, -1 at the end.
func valueEnd(s string, from int) (value string, next int) {
	for at := from; ; {
		eq := nextEqual(s, at)
		if eq < 0 {
			return strings.TrimRight(s[from:], " \r\n"), -1
		}
		key := eq
		// The word in front of the = is the next key, unless the = belongs to the value.
		for key > from && isKey(s[key-1]) {
			key--
		}
		if key < eq && key > from && s[key-1] == ' ' {
			return strings.TrimRight(s[from:key], " "), key
		}
		if key == from && key < eq { // an empty value: a= b=1 has lost its blank
			return "", key
		}
		at = eq + 1
	}
}

// isKey tells whether a key may have the byte. Vendors write keys with full stops, hyphens and indices.
// A byte beyond ASCII is never part of a key, so a Korean text with an = in it stays one value.
func isKey(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '.' || c == '-' || c == '[' || c == ']'
}

// add keeps one extension and gives it its place. Kept it is always, also where its value is no address or number: what
// a sender wrote must be found as it was written. The full name is used for keeping, so that one query finds both
// spellings.
func (x *extensions) add(key, value string) {
	x.count++
	if strings.IndexByte(value, '\\') >= 0 {
		value = unescape(value)
	}
	name := key
	k, known := dictionary[key]
	if known {
		name = k.name
	} else {
		k, known = fullNames[key]
	}
	// An extension without a value says nothing.
	if value == "" {
		return
	}
	x.e.AddMember(event.CEFExtensions, name, event.Str(value))
	if known && k.hasRole && k.key.Apply(x.e, value) && name == "message" {
		x.message = true
	}
	x.note(name, value)
}

// customNames are the fields that have a label beside them.
var customNames = [...]string{
	"deviceCustomString1", "deviceCustomString2", "deviceCustomString3", "deviceCustomString4", "deviceCustomString5", "deviceCustomString6",
	"deviceCustomNumber1", "deviceCustomNumber2", "deviceCustomNumber3",
	"deviceCustomIPv6Address1", "deviceCustomIPv6Address2", "deviceCustomIPv6Address3", "deviceCustomIPv6Address4",
	"deviceCustomDate1", "deviceCustomDate2",
	"deviceCustomFloatingPoint1", "deviceCustomFloatingPoint2", "deviceCustomFloatingPoint3", "deviceCustomFloatingPoint4",
	"flexString1", "flexString2", "flexNumber1", "flexNumber2", "flexDate1",
}

// note keeps values and labels of custom fields until both are there.
// Where a field comes twice the last one counts, as its label does.
func (x *extensions) note(name, value string) {
	if !strings.HasPrefix(name, "deviceCustom") && !strings.HasPrefix(name, "flex") {
		return
	}
	base, isLabel := strings.CutSuffix(name, "Label")
	// Twenty-odd names: going through them is cheap beside the map that would save it.
	for i, n := range customNames {
		if n != base {
			continue
		}
		if isLabel {
			x.custom[i].label = value
		} else {
			x.custom[i].value = value
		}
	}
}

// labels gives custom fields whose label is well known their place in ECS, unless it is taken.
// They come after all else, since the order of value and label is free and a label may stand behind a hundred pairs.
func (x *extensions) labels() {
	for _, c := range x.custom {
		if c.value == "" || c.label == "" {
			continue
		}
		if k, ok := labelKeys[normal(c.label)]; ok && !taken(x.e, &k) {
			k.Apply(x.e, c.value)
		}
	}
}

// taken tells whether the field of a key has a value already, from a key of its own: that says more than a label that
// somebody typed into the device.
func taken(e *event.Event, k *role.Key) bool {
	if k.Role == role.Address {
		return e.Has(k.Side.Address)
	}
	return e.Has(k.Field)
}

// normal makes labels comparable: letters and digits, in lower case. "Rule Name", "rule_name" and "RuleName" are one
// label; what is beyond ASCII is left out, and such a label means nothing here.
func normal(label string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r | 0x20
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, label)
}
