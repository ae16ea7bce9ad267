package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"weir/internal/config/unit"
)

// The schema is for editors: it says less than the reader (no contradictions between keys) and never more. A test holds
// the two against each other.

// Schema returns the JSON Schema of the file, made from the same struct tags as the file's reader.
//
// Editors complete and check with it while one writes; a file that it accepts may still be refused, never the other way
// round.
func Schema() ([]byte, error) {
	c := Default()
	root := schemaOf(reflect.ValueOf(&c).Elem())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "weir configuration"
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the schema: %w", err)
	}
	return append(out, '\n'), nil
}

// schemaOf describes a section.
// Nothing but the keys of the struct is allowed, as in the reader.
func schemaOf(section reflect.Value) map[string]any {
	props := map[string]any{}
	for i := range section.NumField() {
		f := section.Type().Field(i)
		var p map[string]any
		if isSection(f.Type) {
			p = schemaOf(section.Field(i))
		} else {
			p = schemaOfValue(section.Field(i))
			if e := f.Tag.Get("enum"); e != "" {
				p["enum"] = strings.Split(e, ",")
			}
		}
		p["description"] = f.Tag.Get("doc")
		props[f.Tag.Get("yaml")] = p
	}
	// A heading without keys is allowed, hence null.
	return map[string]any{"type": []string{"object", "null"}, "additionalProperties": false, "properties": props}
}

// schemaOfValue describes a value and its default.
// Patterns repeat what the types of units.go read. A test feeds both the same files.
func schemaOfValue(v reflect.Value) map[string]any {
	p := map[string]any{"default": v.Interface()}
	switch v.Interface().(type) {
	case unit.Bytes:
		p["type"], p["pattern"], p["default"] = []string{"string", "integer"}, `^[0-9][0-9_.]*( ?([KMGT]i)?B)?$`, textOf(v)
		p["minimum"] = 0
		return p
	case unit.Duration:
		p["type"], p["pattern"], p["default"] = []string{"string", "integer"}, `^(0|([0-9]+d)?([0-9.]+(ns|us|µs|ms|s|m|h))*)$`, textOf(v)
		p["minimum"], p["maximum"] = 0, 0
		return p
	case unit.Rate:
		p["type"], p["pattern"], p["default"] = []string{"string", "integer"}, `^(0|[0-9][0-9_.]* ?/ ?(s|m|min|h))$`, textOf(v)
		p["minimum"], p["maximum"] = 0, 0
		return p
	case unit.Secret:
		p["type"], p["writeOnly"] = "string", true
		return p
	}
	switch v.Kind() {
	case reflect.Bool:
		p["type"] = "boolean"
	case reflect.Int:
		p["type"] = "integer"
	case reflect.Slice:
		p["type"], p["items"], p["default"] = "array", map[string]any{"type": "string"}, []string{}
	default:
		// Texts may be written without quotes even where they look like numbers.
		p["type"] = []string{"string", "number"}
	}
	return p
}
