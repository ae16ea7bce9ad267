package jsonmsg

import (
	"strings"

	"weir/event"
	"weir/event/ecs"
	"weir/processors/enrich/community"
	"weir/processors/enrich/transport"
	"weir/processors/parse/internal/ends"
	"weir/processors/parse/internal/stamp"
)

// Limits of one object.
const (
	// maxData bounds the keys below weir.data; what is above is kept as one text under the key "rest".
	maxData = 512
	// maxPath bounds the paths that are taken apart; what lies below a longer one is kept whole.
	maxPath = 512
)

// filler puts one object into an event.
// It lives for one object. Values that wait in pending alias the object, as all that it sets does.
type filler struct {
	e       *event.Event
	path    []byte
	count   int
	rest    []byte
	named   [len(aliasTable)]bool // the field of the alias was set under its own name
	pending [len(aliasTable)]event.Value
}

// owned are the fields that weir sets itself. A message that has them is quoting, or lying.
var owned = []string{"weir", "event.id", "event.original", "event.hash", "event.created", "event.ingested", "ecs.version", "log.source"}

// isOwned tells whether weir sets the field at path itself, or one above it.
func isOwned(path string) bool {
	for _, p := range owned {
		if strings.HasPrefix(path, p) && (len(path) == len(p) || path[len(p)] == '.') {
			return true
		}
	}
	return false
}

// object goes through the members of one object. The path of the object is in f.path.
func (f *filler) object(v event.Value, depth int) {
	n := len(f.path)
	for i := range v.Len() {
		key, val := v.Member(i)
		if depth > 0 {
			f.path = append(f.path, '.')
		}
		f.path = append(f.path, key...)
		f.value(string(f.path), val, depth)
		f.path = f.path[:n]
	}
}

// value finds the place of one value: a field, an alias, or weir.data.
func (f *filler) value(path string, v event.Value, depth int) {
	switch {
	// Null says nothing. Objects are taken apart, unless a field takes them whole.
	case v.Kind() == event.Null:
	case v.Kind() == event.Object && v.Len() > 0 && len(path) <= maxPath && (f.parent(path, v) || !f.known(path, v)):
		f.object(v, depth+1)
	case f.known(path, v):
		f.set(path, v)
	case depth == 0 && f.postpone(path, v):
	default:
		f.keep(path, v)
	}
}

// parent tells whether members of an object are fields of their own.
// host.os is an object of fields, and so is taken apart; labels takes any key, and is set whole.
func (f *filler) parent(path string, v event.Value) bool {
	for i := range v.Len() {
		key, _ := v.Member(i)
		if _, ok := event.Lookup(path + "." + key); ok {
			return true
		}
	}
	return false
}

// known tells whether the value can be the field that path names.
func (f *filler) known(path string, v event.Value) bool {
	field, ok := event.Lookup(path)
	if !ok || isOwned(path) {
		return false
	}
	if strings.HasPrefix(path, "observer.") && f.e.Has(field) { // the header knows better
		return false
	}
	_, fits := field.Fit(v)
	return fits
}

// set gives a known field its value. known has said that it fits.
func (f *filler) set(path string, v event.Value) {
	field, _ := event.Lookup(path)
	v, _ = field.Fit(v)
	f.e.Set(field, v)
	f.mark(field)
	f.related(field, v)
}

// related adds the value of a field to the list of its sort.
// The parsers of other formats do the same by their keys; here the field that was set is all that is known.
func (f *filler) related(field event.Field, v event.Value) {
	var related event.Field
	switch path := field.Path(); {
	case field.Type() == ecs.IP && field != event.RelatedIP:
		related = event.RelatedIP
	case strings.HasSuffix(path, "user.name"):
		related = event.RelatedUser
	case strings.HasSuffix(path, "host.name"), strings.HasSuffix(path, "hostname"):
		related = event.RelatedHosts
	case strings.Contains(path, ".hash."):
		related = event.RelatedHash
	default:
		return
	}
	for i := range v.Len() {
		f.e.Append(related, v.Item(i).Str())
	}
}

// aliasTable has keys at the top of an object that many programs use, instead of ECS names. Of several for one field
// the first that fits wins, and ECS's own name wins over all of them.
var aliasTable = [...]struct {
	key   string
	field event.Field
}{
	{"time", event.Timestamp}, {"timestamp", event.Timestamp}, {"ts", event.Timestamp}, {"eventTime", event.Timestamp}, {"datetime", event.Timestamp},
	{"date", event.Timestamp}, {"asctime", event.Timestamp}, {"Timestamp", event.Timestamp}, {"@t", event.Timestamp}, {"t", event.Timestamp},
	{"msg", event.Message}, {"log", event.Message}, {"text", event.Message}, {"MESSAGE", event.Message}, {"@m", event.Message}, {"Message", event.Message},
	{"level", event.LogLevel}, {"severity", event.LogLevel}, {"loglevel", event.LogLevel}, {"lvl", event.LogLevel}, {"levelname", event.LogLevel},
	{"@l", event.LogLevel}, {"Level", event.LogLevel},
	{"host", event.HostName}, {"hostname", event.HostName}, {"HOSTNAME", event.HostName}, {"_HOSTNAME", event.HostName},
	{"logger", event.LogLogger}, {"logger_name", event.LogLogger}, {"pid", event.ProcessPID}, {"_PID", event.ProcessPID},
	{"user", event.UserName}, {"username", event.UserName},
	{"src_ip", event.SourceIP}, {"source_ip", event.SourceIP}, {"dest_ip", event.DestinationIP}, {"dst_ip", event.DestinationIP}, {"destination_ip", event.DestinationIP},
	{"src_port", event.SourcePort}, {"source_port", event.SourcePort}, {"dest_port", event.DestinationPort}, {"dst_port", event.DestinationPort},
	{"proto", event.NetworkTransport},
	{"trace_id", event.TraceID}, {"traceId", event.TraceID}, {"span_id", event.SpanID}, {"spanId", event.SpanID},
}

// aliasByKey finds a row of the table.
var aliasByKey = func() map[string]int {
	m := make(map[string]int, len(aliasTable))
	for i, a := range aliasTable {
		m[a.key] = i
	}
	return m
}()

// postpone keeps the value of an alias until the whole object is read.
// Only at the top: a msg in a deeper object is the message of something else.
func (f *filler) postpone(key string, v event.Value) bool {
	i, ok := aliasByKey[key]
	if !ok || v.Kind() == event.List || v.Kind() == event.Object || f.pending[i].Kind() != event.Absent {
		return false
	}
	f.pending[i] = v
	return true
}

// aliases gives postponed values their fields. What does not fit, or comes second, is kept below weir.data.
// In the order of the table and not of the message, so that the same keys in another order make the same event.
func (f *filler) aliases() {
	for i, a := range aliasTable {
		v := f.pending[i]
		if v.Kind() == event.Absent {
			continue
		}
		if f.named[i] || !f.apply(a.field, v) {
			f.keep(a.key, v)
			continue
		}
		f.mark(a.field)
	}
}

// mark notes that a field has its value, so that aliases of it which come later, or came before, leave it alone. Whatever
// they say is kept below weir.data.
func (f *filler) mark(field event.Field) {
	for i := range aliasTable {
		if aliasTable[i].field == field {
			f.named[i] = true
		}
	}
}

// apply sets the field of an alias, if the value fits.
func (f *filler) apply(field event.Field, v event.Value) bool {
	switch field {
	case event.Timestamp:
		t, ok := stamp.Parse(v.Text())
		if ok {
			f.e.Set(field, event.At(t))
		}
		return ok
	case event.SourceIP:
		ends.Address(f.e, &ends.Source, v.Text())
	case event.DestinationIP:
		ends.Address(f.e, &ends.Destination, v.Text())
	case event.SourcePort, event.DestinationPort:
		return ends.Port(f.e, field, v.Text())
	case event.UserName:
		ends.RootUser(f.e, ends.SplitUser(v.Text()))
	case event.NetworkTransport:
		return transport.Set(f.e, v.Text())
	case event.Message:
		text := strings.TrimRight(v.Text(), "\r\n")
		f.e.SetStr(field, text)
		return text != ""
	default:
		fit, ok := field.Fit(v)
		if ok && fit.Text() != "" {
			f.e.Set(field, fit)
			f.related(field, fit)
		}
		return ok
	}
	return true
}

// keep puts a value below weir.data under its path.
func (f *filler) keep(path string, v event.Value) {
	if f.count++; f.count <= maxData {
		f.e.AddMember(event.WeirData, path, v)
		return
	}
	if len(f.rest) > 0 {
		f.rest = append(f.rest, ' ')
	}
	f.rest = v.AppendJSON(append(append(f.rest, path...), '='))
}

// finish sets what several keys tell together.
// An id of the flow that the sender made itself is kept.
func (f *filler) finish() {
	if len(f.rest) > 0 {
		f.e.AddMember(event.WeirData, "rest", event.Str(string(f.rest)))
	}
	if !f.e.Has(event.NetworkCommunityID) {
		community.SetFrom(f.e)
	}
}
