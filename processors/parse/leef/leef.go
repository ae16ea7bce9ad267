// Package leef reads IBM's Log Event Extended Format, versions 1.0 and 2.0, into ECS.
package leef

import (
	"errors"
	"strconv"
	"strings"

	"weir/event"
	"weir/processors/enrich/community"
	"weir/processors/parse/internal/ends"
	"weir/processors/parse/internal/role"
)

// What can be wrong with a message as a whole.
var (
	errNotLEEF = errors.New("not a LEEF message: no LEEF: at its start")
	errHeader  = errors.New("reading LEEF header: fewer than five parts between bars")
)

// maxAttributes bounds the attributes of one message; what is above is kept as one text under the key "rest".
const maxAttributes = 512

// Parse reads a message that begins at LEEF: into e. The strings it sets alias msg. Every attribute is kept in
// leef.attributes; those that ECS has a field for set that field too.
//
// Of a header with too few parts, what there is is kept and an error returned, so that the record is still an event that
// can be found. e belongs to the caller, and is not kept.
func Parse(e *event.Event, msg string) error {
	rest, ok := strings.CutPrefix(msg, "LEEF:")
	if !ok {
		return errNotLEEF
	}
	e.Set(event.Message, event.Str(msg))
	e.Set(event.EventModule, event.Str("leef"))
	e.Set(event.EventDataset, event.Str("leef.log"))
	e.Set(event.EventKind, event.Str("event"))
	var head [5]string // version, vendor, product, its version, event id
	for i := range head {
		part, after, ok := strings.Cut(rest, "|")
		head[i] = strings.TrimSpace(part)
		if rest = after; !ok && i < len(head)-1 {
			setHeader(e, &head)
			return errHeader
		}
	}
	setHeader(e, &head)
	// Only version 2 has a sixth part in its header.
	delimiter := "\t"
	if !strings.HasPrefix(head[0], "1") {
		delimiter, rest = readDelimiter(rest)
	}
	a := attributes{e: e}
	a.read(rest, delimiter)
	a.finish()
	return nil
}

// setHeader gives the parts of the header their fields. Each is kept twice, as the format calls it and as ECS does:
// rules of other products name the one, searches over all devices the other.
func setHeader(e *event.Event, head *[5]string) {
	e.SetStr(event.LEEFVersion, head[0])
	e.SetStr(event.LEEFProductVendor, head[1])
	e.SetStr(event.LEEFProductName, head[2])
	e.SetStr(event.LEEFProductVersion, head[3])
	e.SetStr(event.LEEFEventID, head[4])
	e.SetStr(event.ObserverVendor, head[1])
	e.SetStr(event.ObserverProduct, head[2])
	e.SetStr(event.ObserverVersion, head[3])
	e.SetStr(event.EventCode, head[4])
}

// readDelimiter reads the sixth part of a header of version 2: one character, or its number in hexadecimal (x09, 0x5E),
// or nothing, which is the tab. Senders that leave the part out have a key there. A header of version 2 has one more
// bar than one of version 1; senders forget that as often as they forget the delimiter.
func readDelimiter(s string) (delimiter, rest string) {
	part, rest, ok := strings.Cut(s, "|")
	// No bar at all: the part was left out, and this is the first attribute.
	if !ok && strings.IndexByte(part, '=') >= 0 {
		return "\t", s
	}
	if ok && part == "" && strings.HasPrefix(rest, "|") { // the bar itself: ...|||key=value
		return "|", rest[1:]
	}
	switch text := strings.TrimSpace(part); {
	case part == "":
		return "\t", rest
	case len(text) == 1:
		return text, rest
	case len(text) == 0:
		return part[:1], rest
	default:
		hex, isHex := strings.CutPrefix(strings.TrimPrefix(text, "0"), "x")
		if !isHex {
			hex, isHex = strings.CutPrefix(strings.TrimPrefix(text, "0"), "X")
		}
		if n, err := strconv.ParseUint(hex, 16, 16); isHex && err == nil && n > 0 {
			return string(rune(n)), rest
		}
		if strings.IndexByte(text, '=') >= 0 { // no delimiter was given, and a value has a bar
			return "\t", s
		}
		return text, rest
	}
}

// attributes reads the part behind the header.
// devTime and devTimeFormat mean something together only, in either order, so both wait for finish.
type attributes struct {
	e            *event.Event
	time, format string
	count        int
}

// read takes the attributes apart. A tab may have become #011 on its way through a relay, or a blank.
func (a *attributes) read(s, delimiter string) {
	if delimiter == "\t" && strings.IndexByte(s, '\t') < 0 {
		if strings.Contains(s, "#011") {
			delimiter = "#011"
		} else {
			a.readBlanks(s)
			return
		}
	}
	for s != "" {
		if a.count == maxAttributes {
			a.e.AddMember(event.LEEFAttributes, "rest", event.Str(s))
			return
		}
		part, rest, _ := strings.Cut(s, delimiter)
		s = rest
		key, value, ok := strings.Cut(part, "=")
		if !ok { // text between two delimiters that is no pair: kept, because it may belong to the value before
			if part = strings.TrimSpace(part); part != "" {
				a.e.AddMember(event.LEEFAttributes, "rest", event.Str(part))
			}
			continue
		}
		a.add(strings.TrimSpace(key), strings.TrimSpace(value))
	}
}

// readBlanks takes attributes that only blanks part: a value ends before the last word in front of an =.
// Relays turn tabs into blanks; with values that have blanks themselves this is a guess, and the only one that is made.
func (a *attributes) readBlanks(s string) {
	key, rest, ok := strings.Cut(strings.TrimSpace(s), "=")
	for ok {
		if a.count == maxAttributes {
			a.e.AddMember(event.LEEFAttributes, "rest", event.Str(rest))
			return
		}
		value, next := rest, ""
		at := nextKey(rest)
		if ok = at >= 0; ok {
			value = rest[:at]
			next, rest, _ = strings.Cut(rest[at:], "=")
		}
		a.add(strings.TrimSpace(key), strings.TrimSpace(value))
		key = next
	}
}

// nextKey returns where the next word with an = behind it begins, -1 if there is none.
// A value that ends in a word with an = is cut there: nothing in the message says otherwise.
func nextKey(s string) int {
	for from := 0; ; {
		eq := strings.IndexByte(s[from:], '=')
		if eq < 0 {
			return -1
		}
		eq += from
		word := eq
		for word > 0 && isKey(s[word-1]) {
			word--
		}
		if word < eq && word > 0 && s[word-1] == ' ' {
			return word
		}
		from = eq + 1
	}
}

// isKey tells whether a key may have the byte.
// The same bytes as in CEF but for brackets: LEEF has no keys with indices.
func isKey(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '.' || c == '-'
}

// add keeps one attribute and gives it its place. Attributes without a value say nothing and are left out, as the
// format wants.
func (a *attributes) add(key, value string) {
	if key == "" || value == "" {
		return
	}
	a.count++
	a.e.AddMember(event.LEEFAttributes, key, event.Str(value))
	switch key {
	case "devTime":
		a.time = value
		return
	case "devTimeFormat":
		a.format = value
		return
	}
	if k, ok := keys[key]; ok {
		k.Apply(a.e, value)
	}
}

// finish sets the time, which two attributes tell together, and what follows from several. A sum is made of two numbers
// only: half of a connection is not its size.
func (a *attributes) finish() {
	if t, ok := parseTime(a.time, a.format); ok {
		a.e.Set(event.Timestamp, event.At(t))
	}
	in, out := a.e.Get(event.SourceBytes), a.e.Get(event.DestinationBytes)
	if in.Kind() == event.Int && out.Kind() == event.Int {
		a.e.SetInt(event.NetworkBytes, in.Int()+out.Int())
	}
	community.SetFrom(a.e)
}

// keys are the attributes that the format defines and ECS has a place for.
// The names are told apart by case, as the format has them.
var keys = map[string]role.Key{
	// What happened.
	"cat":   {Field: event.EventAction},
	"sev":   {Field: event.EventSeverity},
	"proto": {Role: role.Transport},
	// The two ends. Addresses before translation are only kept.
	"src":            {Role: role.Address, Field: event.SourceIP, Side: &ends.Source},
	"dst":            {Role: role.Address, Field: event.DestinationIP, Side: &ends.Destination},
	"srcPort":        {Role: role.Port, Field: event.SourcePort},
	"dstPort":        {Role: role.Port, Field: event.DestinationPort},
	"srcPostNAT":     {Role: role.NAT, Side: &ends.Source},
	"dstPostNAT":     {Role: role.NAT, Side: &ends.Destination},
	"srcPostNATPort": {Role: role.Port, Field: event.SourceNATPort},
	"dstPostNATPort": {Role: role.Port, Field: event.DestinationNATPort},
	"srcMAC":         {Role: role.MAC, Field: event.SourceMAC},
	"dstMAC":         {Role: role.MAC, Field: event.DestinationMAC},
	"identMAC":       {Role: role.MAC, Field: event.HostMAC},
	// Who. The account is the one that something is done to.
	"usrName":       {Role: role.RootUser, Field: event.UserName},
	"accountName":   {Role: role.User, Field: event.DestinationUserName, Side: &ends.Destination},
	"domain":        {Field: event.UserDomain},
	"role":          {Field: event.UserRoles},
	"groupID":       {Field: event.UserGroupID},
	"identGrpName":  {Field: event.UserGroupName},
	"identHostName": {Role: role.Host, Field: event.HostHostname},
	"vSrcName":      {Role: role.Host, Field: event.SourceDomain},
	"srcBytes":      {Field: event.SourceBytes},
	"dstBytes":      {Field: event.DestinationBytes},
	"srcPackets":    {Field: event.SourcePackets},
	"dstPackets":    {Field: event.DestinationPackets},
	"totalPackets":  {Field: event.NetworkPackets},
	// Common attributes that the format does not define.
	"policy":          {Field: event.RuleName},
	"url":             {Role: role.URL, Field: event.URLOriginal},
	"action":          {Field: event.EventAction},
	"reason":          {Field: event.EventReason},
	"msg":             {Field: event.Message},
	"outcome":         {Role: role.Outcome},
	"status":          {Role: role.Outcome},
	"fileName":        {Field: event.FileName},
	"filePath":        {Field: event.FilePath},
	"fileHash":        {Role: role.Hash},
	"userAgent":       {Field: event.UserAgentOriginal},
	"application":     {Role: role.Lower, Field: event.NetworkApplication},
	"devName":         {Field: event.ObserverName},
	"srcInterface":    {Field: event.ObserverIngressInterfaceName},
	"dstInterface":    {Field: event.ObserverEgressInterfaceName},
	"srcZone":         {Field: event.ObserverIngressZone},
	"dstZone":         {Field: event.ObserverEgressZone},
	"processName":     {Field: event.ProcessName},
	"requestMethod":   {Field: event.HTTPRequestMethod},
	"requestReferrer": {Field: event.HTTPRequestReferrer},
}
