package formatdoc

import (
	"encoding/json"

	"weir/processors/parse/format"
)

// The schema is for editors: what they complete and underline is what the loader takes. It says less than the loader (no
// expressions that cannot be read, no fields that are not there) and never more. It is made of the one table of steps, and a test
// holds its keys against those of which the loader speaks, and every shipped format against it.

// object is a part of a JSON Schema.
type object = map[string]any

// Schema returns the JSON Schema of format files and of files of shared steps. It never fails: what it encodes is constant.
func Schema() []byte {
	root := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "weir format",
		"if":      object{"required": []string{"dataset"}},
		"then":    closed([]string{"dataset", "title"}, formatKeys()),
		"else": closed([]string{"steps"}, object{
			"title": about("what the steps are for", text()), "about": about("more of it", text()), "steps": about("shared steps, for `include`", ref("steps")),
		}),
		"$defs": defs(),
	}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil
	}
	return append(out, '\n')
}

// formatKeys are the keys of a format.
func formatKeys() object {
	flag := func(words string) object { return about(words, object{"type": "boolean"}) }
	return object{
		"dataset":      about("package.stream: event.dataset of all its events", object{"type": "string", "pattern": `^[a-z0-9_]+\.[a-z0-9_.]+$`}),
		"id":           about("tells apart several formats of one dataset", text()),
		"title":        about("vendor and product", text()),
		"about":        about("more about it", text()),
		"observer":     about("the sender watches others: its name goes to observer.* and not to host.*", closed(nil, object{"vendor": text(), "product": text(), "type": text()})),
		"root":         about("the path below which fields of the vendor lie; without it the package", text()),
		"header":       about("auto: a syslog header is read first; none: the record is the message", object{"enum": []string{"auto", "none"}}),
		"match":        about("how a message is recognised; of several ways one is enough", oneOrMore(matchSchema())),
		"empty":        about("words that mean nothing, and are never written", textList()),
		"zone":         about("the zone of times without one", text()),
		"charset":      about("how records that are not UTF-8 may be written: utf-8, cp949, ...", textList()),
		"split":        about("one record holds several events: of lines, or of the list at a path of a JSON message", splitSchema()),
		"keep_message": flag("false: message goes away unless a step writes it"),
		"foreign":      flag("a message can name any field, also those that only weir may set"),
		"steps":        about("what is done, in this order", ref("steps")),
		"tests":        about("lines with what must become of them", object{"type": "array", "items": testSchema()}),
	}
}

// splitSchema is of the key split.
func splitSchema() object {
	return closed(nil, object{"lines": object{"type": "boolean"}, "json": object{"type": "string"}, "call": object{"type": "string"}})
}

// matchSchema is one way of being recognised.
func matchSchema() object {
	return closed(nil, object{
		"input":    about("records of this input", text()),
		"programs": about("names of programs in the syslog header", textList()),
		"starts":   about("the message starts with one of these", textList()),
		"contains": about("its first kilobyte has one of these; an inner list: all of them", object{"anyOf": []object{text(), {"type": "array", "items": textList()}}}),
		"looks":    about("a reader in Go looks at the text", text()),
		"when":     about("an expression over message and header", scalar()),
		"last":     about("asked when no other format fits", object{"type": "boolean"}),
	})
}

// testSchema is one test.
func testSchema() object {
	expected := object{"type": "object"}
	return closed([]string{"name"}, object{
		"name":    about("what is tested", scalar()),
		"raw":     about("the record", object{"type": scalarTypes}),
		"doc":     about("an agent's document in place of it, or beside it", object{"type": "object"}),
		"at":      about("when it was received", object{"type": "string"}),
		"input":   about("the input that it came by", scalar()),
		"expect":  about("path: value, ~ for absent; a list of these for several events", object{"anyOf": []object{expected, {"type": "array", "items": expected}}}),
		"errors":  about("how many weir.parse_errors there must be", object{"type": "integer", "minimum": 0}),
		"events":  about("how many events", object{"type": "integer", "minimum": 0}),
		"dropped": about("the event is filtered on purpose", object{"type": "boolean"}),
	})
}

// defs are the parts that name one another.
func defs() object {
	properties := object{
		"if":       about("an expression: the step runs only where it is true", scalar()),
		"else":     about("steps that run where `if` is false", ref("steps")),
		"optional": about("a failure is no error", object{"type": "boolean"}),
		"on_error": about("steps that run when it fails", ref("steps")),
	}
	var one []object
	for _, k := range format.Kinds() {
		properties[k.Name] = about(k.About, kindSchema(k))
		one = append(one, object{"required": []string{k.Name}})
	}
	step := closed(nil, properties)
	step["oneOf"] = one
	return object{"step": step, "steps": object{"type": "array", "items": ref("step")}}
}

// kindSchema is what stands below the key of a kind of step.
func kindSchema(k format.Kind) object {
	switch k.Takes {
	case "keys":
		return keysOf(k)
	case "text or keys":
		return object{"anyOf": []object{textList(), keysOf(k)}}
	case "places":
		return textList()
	case "source: target":
		return pairs(textList())
	case "place: expression":
		return pairs(scalar())
	case "place: text", "place: type":
		return pairs(object{"type": scalarTypes})
	case "place: pairs":
		return pairs(object{"type": "array"})
	case "place: value":
		return pairs(object{})
	case "steps":
		return ref("steps")
	case "lists of steps":
		return object{"type": "array", "items": ref("steps")}
	case "true":
		return object{"const": true}
	}
	return scalar()
}

// keysOf is the mapping of a kind.
func keysOf(k format.Kind) object {
	properties := object{}
	var required []string
	for _, key := range k.Keys {
		properties[key.Name] = about(key.About, keySchema(k, key))
		if key.Required {
			required = append(required, key.Name)
		}
	}
	return closed(required, properties)
}

// keySchema is what stands below one key of a kind.
func keySchema(k format.Kind, key format.Key) object {
	switch key.Takes {
	case "place":
		return object{"anyOf": []object{scalar(), {"type": "null"}}}
	case "expression":
		return scalar()
	case "places":
		// A column, or a list of them; ~ is one that is left out.
		return object{"anyOf": []object{scalar(), {"type": "array", "items": object{"type": append([]string{"null"}, scalarTypes...)}}}}
	case "text", "letter":
		return object{"type": scalarTypes}
	case "texts":
		return textList()
	case "flag":
		return object{"type": "boolean"}
	case "number":
		return object{"type": "number"}
	case "steps":
		return ref("steps")
	case "cases":
		if k.Name == "switch" {
			return pairs(ref("steps"))
		}
		return pairs(pairs(object{}))
	case "texts by name":
		return pairs(object{"type": scalarTypes})
	case "places by key":
		return pairs(object{"anyOf": []object{{"type": append([]string{"null"}, scalarTypes...)}, textList()}})
	case "place: value":
		return pairs(object{})
	}
	return object{}
}

// scalarTypes are what the loader takes where it wants a text: numbers and words such as true are taken as they are written.
var scalarTypes = []string{"string", "number", "boolean"}

// scalar is a text that is not empty.
func scalar() object { return object{"type": scalarTypes, "pattern": `\S`} }

// text is a scalar that is most likely a word.
func text() object { return scalar() }

// textList is a list of texts, or one of them.
func textList() object { return oneOrMore(object{"type": scalarTypes}) }

// oneOrMore is a list of something, or one of them.
func oneOrMore(s object) object {
	return object{"anyOf": []object{s, {"type": "array", "items": s}}}
}

// pairs is a mapping of any keys.
func pairs(value object) object {
	return object{"type": "object", "additionalProperties": value}
}

// ref names a part of the schema.
func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

// about adds a description, which editors show.
func about(words string, s object) object {
	s["description"] = words
	return s
}

// closed is a mapping of the given keys and no others.
func closed(required []string, properties object) object {
	s := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}
