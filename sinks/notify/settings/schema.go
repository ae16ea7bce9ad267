package settings

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"weir/internal/config/unit"
	"weir/sinks/notify/routing"
)

// The schema is for editors: it says less than the reader and never more. A test holds the two against each other.

// Where the reader takes a number for a text, so does this: an editor that underlines what runs is switched off soon.

// object is a part of a schema.
type object = map[string]any

// spanPattern is what spans of time look like.
const spanPattern = `^(0|([0-9]+d)?([0-9.]+(ns|us|µs|ms|s|m|h))*)$`

// Schema returns the JSON Schema of the file, with the given types of channels.
func Schema(kinds []Kind) ([]byte, error) {
	// Each type of channel has keys of its own: which count is decided by `type`.
	types := make([]string, len(kinds))
	each := make([]any, len(kinds))
	for i, k := range kinds {
		types[i] = k.Name
		s := structure(reflect.TypeOf(k.Config()).Elem())
		props := s["properties"].(object)
		props["type"] = object{"const": k.Name, "description": k.Doc}
		props["limit"] = object{"type": "integer", "minimum": 0, "default": k.Limit, "description": "messages a minute, beyond which they become one; 0: as many as there are"}
		s["required"] = []string{"type"}
		each[i] = object{"if": object{"properties": object{"type": object{"const": k.Name}}}, "then": s}
	}
	channel := object{"type": "object", "required": []string{"type"}, "properties": object{"type": object{"enum": types}}}
	if len(each) > 0 {
		channel["allOf"] = each
	}
	root := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "weir notifications", "type": []string{"object", "null"}, "additionalProperties": false,
		"properties": object{
			"time_zone":   zoneSchema(),
			"channels":    object{"type": []string{"object", "null"}, "description": "ways to tell people, by name", "propertyNames": object{"pattern": "^[A-Za-z0-9_-]{1,63}$"}, "additionalProperties": channel},
			"route":       object{"$ref": "#/$defs/root"},
			"maintenance": object{"type": "array", "items": windowSchema(), "description": "times in which nobody is told of some alerts"},
		},
		"$defs": object{"route": routeSchema(true), "root": routeSchema(false)},
	}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the schema: %w", err)
	}
	return append(out, '\n'), nil
}

// texts is one text or a list of them. What looks like a number or a truth is a text here, as in the reader.
func texts(doc string) object {
	return object{"type": []string{"string", "array", "number", "boolean"}, "items": object{"type": []string{"string", "number", "boolean"}}, "description": doc}
}

// spanOf is a span of time. Written as a number only 0 is one.
func spanOf(doc, otherwise string) object {
	o := object{"type": []string{"string", "integer"}, "pattern": spanPattern, "maximum": 0, "minimum": 0, "description": doc}
	if otherwise != "" {
		o["default"] = otherwise
	}
	return o
}

// zoneSchema is the name of a time zone. Which there are depends on the machine that reads the file.
func zoneSchema() object {
	return object{"type": "string", "description": "of hours: Asia/Seoul"}
}

// matchSchema is what alerts something is for. Any other key is a field by its whole name. Fields are not listed: there are thousands.
func matchSchema(hours bool) object {
	level := object{"anyOf": []any{object{"enum": routing.Levels}, object{"type": "array", "items": object{"enum": routing.Levels}}}, "description": "this level and above; a list: one of these"}
	props := object{
		"level": level, "rule": texts("id of the rule, * is any text"), "tags": texts("one of these tags"), "title": texts("title of the rule"), "alert": texts("id of the alert"), "tag": texts("one of these tags"),
		"labels": object{"type": "object", "additionalProperties": texts("label of the rule"), "description": "labels of the rule"},
	}
	if hours {
		props["hours"] = texts("of the week: Mon-Fri 09:00-18:00")
		props["time_zone"] = zoneSchema()
	}
	return object{"type": "object", "properties": props, "patternProperties": object{`\.`: texts("a field by which the rule groups")}, "additionalProperties": texts("a field by which the rule groups"),
		"description": "which alerts; all of it has to hold"}
}

// routeSchema is a route; the root has no match. Defaults stand at the root's keys only by their words: below it they are those
// of the route above.
func routeSchema(match bool) object {
	step := object{"type": "object", "required": []string{"after", "to"}, "additionalProperties": false,
		"properties": object{"after": spanOf("so long after people were told", ""), "to": texts("channels")}}
	props := object{
		"to":             texts("channels; an empty list: nobody"),
		"group_by":       texts("what the alerts of one message have in common: rule, level, title, alert, tag, labels.NAME, fields"),
		"group_wait":     spanOf("how long a new group waits for company; not set: 10s, and critical alerts do not wait", ""),
		"group_interval": spanOf("least time between two messages about a group that grows", unit.Duration(defaultInterval).String()),
		"repeat":         spanOf("after which time a group that nobody acknowledged is told again; 0: never", unit.Duration(defaultRepeat).String()),
		"escalate":       object{"type": "array", "items": step, "description": "who else is told when nobody acknowledges"},
		"resolve":        object{"type": "boolean", "default": true, "description": "the end is told too"},
		"lang":           object{"enum": []string{"en", "ko"}, "default": "en", "description": "of the messages"},
		"continue":       object{"type": "boolean", "default": false, "description": "routes behind it are asked too"},
		"routes":         object{"type": "array", "items": object{"$ref": "#/$defs/route"}, "description": "asked in order; the first that matches takes the alert"},
	}
	if match {
		props["match"] = matchSchema(true)
	}
	return object{"type": "object", "additionalProperties": false, "properties": props}
}

// windowSchema is a window. That it has either weekly or both ends is left to the reader, whose sentence is plainer than what
// an editor makes of alternatives.
func windowSchema() object {
	text := func(doc string) object {
		return object{"type": []string{"string", "number", "boolean"}, "description": doc}
	}
	return object{"type": "object", "additionalProperties": false, "required": []string{"name", "owner", "reason", "match"}, "properties": object{
		"name": text("what it is called"), "owner": text("who answers for it"), "reason": text("why"), "time_zone": zoneSchema(), "from": text("2026-11-21 02:00"), "to": text("2026-11-21 06:00"),
		"weekly": text("Sat 02:00-06:00"), "match": matchSchema(false), "digest": object{"type": "boolean", "default": false, "description": "one message at the end says what was held back"},
	}}
}

// structure describes a struct by the tags of its fields: what they are called, what they mean, and which words they take.
func structure(t reflect.Type) object {
	props := object{}
	for f := range t.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue
		}
		p := kindSchema(f.Type)
		if e := f.Tag.Get("enum"); e != "" {
			p["enum"] = strings.Split(e, ",")
		}
		p["description"] = f.Tag.Get("doc")
		props[key] = p
	}
	return object{"type": "object", "additionalProperties": false, "properties": props}
}

// kindSchema describes a type, in the order in which the reader looks at it.
func kindSchema(t reflect.Type) object {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[unit.Duration]():
		return spanOf("", "")
	case t == reflect.TypeFor[unit.Secret]():
		return object{"type": []string{"string", "number", "boolean"}, "writeOnly": true}
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return object{"type": []string{"string", "number", "boolean"}}
	}
	switch t.Kind() {
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Struct:
		return structure(t)
	case reflect.Map:
		return object{"type": "object", "additionalProperties": kindSchema(t.Elem())}
	case reflect.Slice:
		// One value alone is a list of one.
		one := kindSchema(t.Elem())
		return object{"anyOf": []any{object{"type": "array", "items": one}, one}}
	}
	// Texts may be written without quotes, also where they look like something else.
	return object{"type": []string{"string", "number", "boolean"}}
}
