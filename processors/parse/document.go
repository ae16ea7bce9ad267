package parse

import (
	"slices"
	"strings"

	"weir/event"
	"weir/event/ecs"
	"weir/processors/parse/format"
)

// What an agent (Filebeat, Elastic Agent, Logstash) has put into a document of its own: the message and fields beside it.

// maxGiven bounds the paths of a document that are taken apart; what lies deeper is kept whole.
const maxGiven = 512

// messageOf returns the message of a document, "" if it has none.
func messageOf(doc event.Value) string {
	if doc.Kind() != event.Object {
		return ""
	}
	if s := doc.Get("message").Str(); s != "" {
		return s
	}
	return textAt(doc, "event", "original")
}

// textAt returns the text below two names, nested or with a full stop between.
func textAt(doc event.Value, upper, name string) string {
	if s := doc.Get(upper).Get(name).Str(); s != "" {
		return s
	}
	return doc.Get(upper + "." + name).Str()
}

// agent returns the dataset that a JSON message names, if a format has it and the message of the agent is in it. The document
// then is what the event is made of.
func (p *Parser) agent() string {
	msg := p.head.Message
	if msg == "" || msg[0] != '{' || !strings.Contains(msg, `dataset"`) || p.source.doc.Kind() != event.Absent {
		return ""
	}
	doc, err := event.ParseValue([]byte(msg))
	if err != nil || doc.Kind() != event.Object {
		return ""
	}
	dataset := textAt(doc, "event", "dataset")
	if dataset == "" {
		dataset = textAt(doc, "data_stream", "dataset")
	}
	list := p.formats.Of(dataset)
	inner := textAt(doc, "event", "original")
	if inner == "" {
		inner = doc.Get("message").Str()
	}
	if len(list) == 0 || list[0].Foreign || inner == "" {
		return ""
	}
	p.source.doc = doc
	p.readHeader(inner)
	p.source.inner = inner
	return dataset
}

// given sets what a document says beside its message. What is scratch, and what only weir may set, is left out; so is the time
// at which an agent read a line whose header has one.
func (p *Parser) given(e *event.Event, f *format.Format) {
	stamp := e.Get(event.Timestamp)
	g := giver{e: e, f: f}
	g.object("", p.source.doc)
	if p.head.Stamp.Has {
		e.Set(event.Timestamp, stamp)
	}
}

// giver takes one document apart.
type giver struct {
	e     *event.Event
	f     *format.Format // nil: no format reads it
	count int
}

func (g *giver) object(upper string, v event.Value) {
	for i := range v.Len() {
		key, val := v.Member(i)
		if key == "" || upper == "" && (key[0] == '_' || key == "message") {
			continue
		}
		if upper == "" && g.f != nil && g.f.Program().ReadsDoc(key) && unknown(key) {
			continue // the format sees to it
		}
		path := key
		if upper != "" {
			path = upper + "." + key
		}
		g.value(path, val)
	}
}

func (g *giver) value(path string, v event.Value) {
	if kept(path) {
		return
	}
	f, known := event.Lookup(path)
	if g.count++; v.Kind() == event.Object && v.Len() > 0 && len(path) <= maxGiven && g.count < maxGiven && !(known && takesObject(f) && !event.MakeRef(path).Upper()) {
		g.object(path, v)
		return
	}
	switch {
	case v.Kind() == event.Null:
	case known: // members that a list knows go to their own fields
		g.e.Set(f, v)
	default:
		g.e.SetPath(path, v)
	}
}

// unknown tells whether no list knows a name or anything below it.
func unknown(name string) bool {
	ref := event.MakeRef(name)
	_, known := ref.Field()
	return !known && !ref.Upper()
}

// takesObject tells whether an object is a value of the field.
func takesObject(f event.Field) bool {
	t := f.Type()
	return t == ecs.Flattened || t == ecs.Nested || t == ecs.GeoPoint
}

// sealedPaths are what a document cannot give: weir says where an event comes from and what it is.
var sealedPaths = []string{"weir", "event.id", "event.original", "event.created", "event.ingested", "event.dataset", "event.module", "ecs.version", "log.source", "data_stream"}

// kept tells whether weir keeps a path for itself.
func kept(path string) bool {
	return slices.ContainsFunc(sealedPaths, func(p string) bool {
		return strings.HasPrefix(path, p) && (len(path) == len(p) || path[len(p)] == '.')
	})
}
