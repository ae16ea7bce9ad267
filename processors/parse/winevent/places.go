package winevent

import (
	"strings"
	"unicode"

	"weir/event"
	"weir/event/ecs"
)

// kind says what the members of an object mean.
type kind uint8

const (
	top       kind = iota // the line itself
	record                // Event
	system                // Event.System and all below: path is the way from there
	data                  // EventData: members are names
	datum                 // below one name: path is that of the name
	user                  // UserData and all below: leaves are names
	rendering             // RenderingInfo
	document              // ECS: path is the way from the top
)

// place is a place in lines: what a member is called, and what that means.
type place struct {
	to     *target
	field  event.Field // of to
	simple bool        // a value is set as it is: to is a field, and nothing else is to be noted
	native bool        // numbers and truths stay what they are
	named  bool        // Data: its parts may have names
	source bool        // what some collectors call the provider, and some providers a value of their own
	param  bool        // a numbered text of an event without names
	clock  clock
	kind   kind // of what is below
	up     *place
	kids   map[string]*place
	name   string
	key    string // the name as lines have it, with quotes and colon; "" if it has escapes: it is never foreseen
	path   string // of what is below, see kind
	scalar string // where a value at this place belongs
}

// target is where values go, shared by the places that lead there.
type target struct {
	path  string
	field event.Field
	known bool   // field is it
	open  bool   // field takes any key, and this is one below it
	key   string // that key, if the field is that of the event data
	date  bool
	gen   uint32 // line in which an unknown path was set last
}

// Where the parts of an event belong whose names no rule of event data decides.
const (
	eventCode    = "event.code"
	message      = "message"
	channel      = "winlog.channel"
	provider     = "winlog.provider_name"
	providerGUID = "winlog.provider_guid"
	computerName = "winlog.computer_name"
	timeCreated  = "winlog.time_created"
	eventData    = "winlog.event_data"
	userData     = "winlog.user_data"
	// nameless is what Windows calls a text of the event data that has no name.
	nameless = "Data"
)

// flat has the names of flat records that mean the same everywhere. Others are for the path function.
var flat = map[string]string{
	"EventID": eventCode, "Channel": channel, "Message": message, "message": message, "tags": "tags",
	"Provider_Name": provider, "ProviderName": provider,
	"Hostname": computerName, "Computer": computerName, "ComputerName": computerName,
	"TimeCreated": timeCreated, "@timestamp": "@timestamp",
}

// systemPaths has the parts of Event.System.
var systemPaths = map[string]string{
	"EventID": eventCode, "EventID.Value": eventCode, "EventID.Qualifiers": "winlog.qualifiers", "Channel": channel, "Computer": computerName,
	"Provider": provider, "Provider.Name": provider, "Provider.Guid": providerGUID,
	"Provider.EventSourceName": "winlog.event_source_name", "EventRecordID": "winlog.record_id",
	"TimeCreated": timeCreated, "TimeCreated.SystemTime": timeCreated,
	"Correlation.ActivityID": "winlog.activity_id", "Correlation.RelatedActivityID": "winlog.related_activity_id",
	"Execution.ProcessID": "winlog.process.pid", "Execution.ThreadID": "winlog.process.thread.id",
	"Security.UserID": "winlog.user.identifier",
	"Version":         "winlog.version", "Level": "winlog.level", "Task": "winlog.task", "Opcode": "winlog.opcode",
	"Keywords": "winlog.keywords",
}

// below returns the place of a name below p and makes it if it is new. The name may alias the line; what is kept is a copy.
func (r *Reader) below(p *place, name string) *place {
	if next := p.kids[name]; next != nil {
		return next
	}
	name = strings.Clone(name)
	n := r.place(p, name)
	n.name, n.up = name, p
	if quoted := event.Str(name).AppendJSON(nil); len(quoted) == len(name)+2 {
		n.key = string(quoted) + ":"
	}
	if p.kids == nil {
		p.kids = make(map[string]*place)
	}
	p.kids[name] = n
	r.places++
	r.names += len(name)
	return n
}

// place says what a name below p means. It is asked once for each name and place, so it may take its time; what it finds
// is kept until the reader forgets.
//
// The marks of attributes and texts are those of the tools that are in use: evtx_dump writes #attributes and #text,
// converters of XML into dictionaries @Name and #text.
func (r *Reader) place(p *place, name string) *place {
	part, attribute := strings.CutPrefix(name, "@") // as some dumps mark attributes
	switch name {
	case "#attributes", "@attributes":
		return r.attributes(p)
	case "#text", "$t":
		if p.kind == system || p.kind == datum || p.kind == user {
			return &place{kind: datum, path: p.scalar, scalar: p.scalar}
		}
	}
	switch p.kind {
	case top:
		return r.atTop(name)
	case record:
		if n := r.parts(name); n != nil {
			return n
		}
		return &place{kind: datum, path: "winlog." + part, scalar: "winlog." + part}
	case system:
		return atSystem(dotted(p.path, part))
	case data:
		path := r.innerPath(name)
		n := &place{kind: datum, path: path, scalar: path, named: name == nameless, param: isParam(name)}
		if name == "UtcTime" {
			n.clock = utc
		}
		return n
	case user:
		if attribute {
			return &place{kind: datum, path: "winlog.user_data." + part, scalar: "winlog.user_data." + part}
		}
		return &place{kind: user, scalar: r.userPath(name)}
	case rendering:
		if name == "Message" {
			return &place{kind: datum, path: message, scalar: message}
		}
		return &place{kind: datum, path: dotted("winlog.rendering_info", part), scalar: dotted("winlog.rendering_info", part)}
	case document:
		return r.atDocument(dotted(p.path, name))
	}
	return &place{kind: datum, path: dotted(p.path, part), scalar: dotted(p.path, part)}
}

// attributes is the place of XML attributes of what p is. Those of a part of System are its parts.
func (r *Reader) attributes(p *place) *place {
	switch p.kind {
	case system:
		return &place{kind: system, path: p.path, scalar: "winlog.system"}
	case record:
		return &place{kind: datum, path: "winlog", scalar: "winlog.attributes"}
	case data:
		return &place{kind: datum, path: eventData, scalar: "winlog.event_data.attributes"}
	case user:
		return &place{kind: datum, path: userData, scalar: "winlog.user_data.attributes"}
	case datum:
		return &place{kind: datum, path: p.path, scalar: dotted(p.path, "attributes")}
	}
	return &place{kind: document, path: "attributes", scalar: "attributes"}
}

// parts is the place of a part of an event that holds others, nil for any other name.
func (r *Reader) parts(name string) *place {
	switch name {
	case "System":
		return &place{kind: system, scalar: "winlog.system"}
	case "EventData":
		return &place{kind: data, scalar: r.path(nameless)}
	case "UserData":
		return &place{kind: user, scalar: userData}
	case "RenderingInfo":
		return &place{kind: rendering, scalar: "winlog.rendering_info"}
	}
	return nil
}

// atTop is the place of a member of the line itself. What is below it depends on the shape, and so does a plain value:
// where others have an object it is a field of a flat record.
func (r *Reader) atTop(name string) *place {
	n := r.parts(name)
	switch {
	case n != nil:
	case name == "Event":
		n = &place{kind: record}
	case strings.HasPrefix(name, "winlog."), strings.IndexByte(name, '.') > 0 && isField(name):
		return r.atDocument(name)
	default:
		n = &place{kind: document, path: name, native: name == "tags"}
	}
	switch path, known := flat[name]; {
	case known:
		n.scalar = path
	case name != "EventData":
		n.scalar = r.dataPath(name)
	}
	n.clock, n.source = clockOf[name], name == "SourceName"
	return n
}

// atSystem is the place of a part of System.
func atSystem(path string) *place {
	n := &place{kind: system, path: path, scalar: systemPaths[path]}
	if n.scalar == "" {
		n.scalar = "winlog." + path
	}
	if n.scalar == timeCreated {
		n.clock = created
	}
	return n
}

// atDocument is the place of a path of an ECS document.
func (r *Reader) atDocument(path string) *place {
	switch path {
	case eventData:
		return &place{kind: data, path: path, scalar: r.path(nameless)}
	case userData:
		return &place{kind: user, path: path, scalar: path}
	case "winlog.event_id", eventCode:
		return &place{kind: document, path: path, scalar: eventCode}
	case timeCreated:
		return &place{kind: document, path: path, scalar: path, clock: created}
	}
	if name, ok := strings.CutPrefix(path, eventData+"."); ok {
		to := r.innerPath(name)
		return &place{kind: datum, path: to, scalar: to}
	}
	if name, ok := strings.CutPrefix(path, userData+"."); ok {
		to := r.userPath(name)
		return &place{kind: datum, path: to, scalar: to}
	}
	return &place{kind: document, path: path, scalar: path, native: true}
}

// userPath says where a name of the user data belongs. Rules know no user data: to them it is event data like any other.
func (r *Reader) userPath(name string) string {
	if r.apart {
		return userData + "." + name
	}
	return r.innerPath(name)
}

// innerPath asks where a name that stands in the event data belongs. Such a Channel is not the one that the event was
// written to, but one that it tells of.
func (r *Reader) innerPath(name string) string {
	switch path := r.dataPath(name); path {
	case eventCode, channel, provider, computerName:
		return eventData + "." + name
	default:
		return path
	}
}

// dataPath asks where a name of the event data, or of a flat record, belongs. Blanks in it are no part of the name that
// rules know.
func (r *Reader) dataPath(name string) string {
	if strings.IndexFunc(name, unicode.IsSpace) >= 0 {
		name = strings.Join(strings.Fields(name), "")
	}
	if name == "" {
		name = nameless
	}
	return r.path(name)
}

// aim returns the target of a path. Targets are shared: Image and NewProcessName are two places with one target, so that
// what both say is one value, or a list of two.
func (r *Reader) aim(path string) *target {
	if t := r.targets[path]; t != nil {
		return t
	}
	t := &target{path: path}
	ref := event.MakeRef(path)
	if t.field, t.known = ref.Field(); t.known {
		t.date = t.field.Type() == ecs.Date
	} else {
		t.aimOpen(r.open)
	}
	r.targets[path] = t
	return t
}

// aimOpen finds out whether the path lies below a field that takes any key. data is the field of the event data.
func (t *target) aimOpen(data event.Field) {
	for i := strings.LastIndexByte(t.path, '.'); i > 0; i = strings.LastIndexByte(t.path[:i], '.') {
		f, ok := event.Lookup(t.path[:i])
		if !ok {
			continue
		}
		if t.open = f.Type() == ecs.Flattened || f.Type() == ecs.Nested; t.open {
			t.field = f
		}
		if t.open && f == data {
			t.key = t.path[i+1:]
		}
		return
	}
}

// isField tells whether a path is a field that the lists know.
func isField(path string) bool {
	_, ok := event.Lookup(path)
	return ok
}

// isParam tells whether a name is a number that an agent gave to a text without a name: param1, param2, ...
func isParam(name string) bool {
	n, ok := strings.CutPrefix(name, "param")
	return ok && n != "" && strings.Trim(n, "0123456789") == ""
}

// dotted joins the parts of a path; the first may be empty.
func dotted(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
