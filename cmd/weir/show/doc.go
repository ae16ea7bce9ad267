// Package show turns documents, alerts and ports into what a person reads. Every text from outside is escaped.
package show

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Doc is an ECS document that is shown. Fields are looked up in nested objects, and in dotted keys at any level, as
// both are ECS.
// It is for showing some fifty rows, and so a plain map; what handles millions is package event.
type Doc map[string]any

// Parse reads a document. Numbers keep their digits.
// A number of twenty digits would lose some as a float, and an id that is shown wrong is worse than none.
func Parse(raw []byte) (Doc, error) {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	var d Doc
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("reading a document: %w", err)
	}
	return d, nil
}

// Text returns a field as text, "" if it is not there; lists are joined.
func (d Doc) Text(field string) string { return flat(find(map[string]any(d), field)) }

// Time returns @timestamp.
func (d Doc) Time() time.Time {
	t, err := time.Parse(time.RFC3339Nano, d.Text("@timestamp"))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Message is the text that a person reads: message, else the original.
func (d Doc) Message() string { return d.first(messageFields) }

// Host is the machine that the event is of: its own, else the device that reported it.
// The order goes from what the event says of itself to what the socket saw.
func (d Doc) Host() string { return d.first(hostFields) }

// What the columns message and host are made of, the best first.
var (
	messageFields = []string{"message", "event.original"}
	hostFields    = []string{"host.name", "observer.name", "host.hostname", "observer.hostname", "log.source.address"}
)

// first returns the text of the first of some fields that has any.
func (d Doc) first(fields []string) string {
	for _, f := range fields {
		if s := d.Text(f); s != "" {
			return s
		}
	}
	return ""
}

// find looks for the whole name first, then for every way to split it at a dot: both a.b and a: {b} are ECS, and mixed
// documents occur.
func find(m map[string]any, field string) any {
	if v, ok := m[field]; ok {
		return v
	}
	for i, c := range field {
		if c != '.' {
			continue
		}
		if inner, ok := m[field[:i]].(map[string]any); ok {
			if v := find(inner, field[i+1:]); v != nil {
				return v
			}
		}
	}
	return nil
}

// flat writes a value in one line; what is neither text nor number stays JSON.
// A document of another sender may hold anything; nothing of it is refused here.
func flat(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case []any:
		items := make([]string, len(v))
		for i, x := range v {
			items[i] = flat(x)
		}
		return strings.Join(items, ", ")
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}
