package rules

import (
	"encoding/json"
	"slices"

	"weir/rules/correlation"
)

// The schema is for editors: it says less than the loader (no conditions that cannot be read, no names that are not there)
// and never more. A test holds its keys against those that the loader takes, and every shipped rule against it.

// correlateRef is where the schema of correlations stands.
const correlateRef = "#/$defs/correlate"

// object is a part of a JSON Schema.
type object = map[string]any

// Schema returns the JSON Schema of native rule files, with which editors complete and check while one writes. A Sigma
// document among them is left alone: Sigma has a schema of its own. It never fails: what it encodes is constant.
func Schema() []byte {
	// An editor may have one schema for the whole folder, in which Sigma's files stand too.
	rule := keysOf([]string{"id", "title", "level", "when"}, ruleKeys())
	sigmaKeys := []object{}
	for _, key := range []string{"detection", "correlation", "filter", "action"} {
		sigmaKeys = append(sigmaKeys, object{"required": []string{key}})
	}
	correlate := correlation.Schema(correlateRef, scalar(), scalars(), duration())
	correlate["description"] = "how matches combine over time, per group; without it every match is a hit"
	root := object{
		"$defs":   object{"correlate": correlate},
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "weir rule",
		"type":    "object",
		"if":      object{"anyOf": sigmaKeys},
		"else":    rule,
	}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil
	}
	return append(out, '\n')
}

// ruleKeys are the keys of a rule.
func ruleKeys() object {
	return object{
		"id":              about("unique; part of alert ids", object{"type": scalarTypes, "pattern": `^\s*[a-z0-9][a-z0-9._-]{0,99}\s*$`}),
		"title":           about("what it finds, in one line", scalar()),
		"title.ko":        about("the title in Korean", scalar()),
		"level":           about("how much an alert of it matters", object{"enum": levels}),
		"status":          about("how sure its author is of it", object{"enum": statuses}),
		"author":          about("goes into every alert", scalar()),
		"date":            about("when it was written", scalar()),
		"version":         about("counted by the author; changes nothing", object{"type": "integer", "minimum": 1, "maximum": 1_000_000}),
		"description":     about("what is behind it", scalar()),
		"tags":            about("such as attack.t1110.001", scalars()),
		"references":      about("where to read more", scalars()),
		"false_positives": about("what else looks like this", scalars()),
		"enabled":         about("false: loaded and checked, and not run", object{"type": "boolean", "default": true}),
		"logsource": about("which events it is for, in Sigma's words; without it every one", keysOf(nil, object{
			"product": scalar(), "category": scalar(), "service": scalar(),
		})),
		"when": about("an expression over the fields of an event, or several with names", object{"anyOf": []object{
			scalar(), {"type": "object", "minProperties": 1, "additionalProperties": scalar()},
		}}),
		"correlate":  object{"$ref": correlateRef},
		"fold":       about("which hits are one alert with a counter", keysOf(nil, object{"by": scalars(), "for": duration()})),
		"suppress":   about("for how long an alert speaks for those that follow it", keysOf([]string{"for"}, object{"by": scalars(), "for": duration()})),
		"labels":     about("travel with alerts and decide whom they are sent to", object{"type": "object", "minProperties": 1, "maxProperties": maxLabels, "additionalProperties": scalar()}),
		"explain":    about("what the alert says; {{field}} is the value of a field", scalar()),
		"explain.ko": about("the same in Korean", scalar()),
		"notify":     about("names of channels", scalars()),
		"tests":      about("every rule has at least one hit and one miss", object{"type": "array", "maxItems": maxTests, "items": testSchema()}),
	}
}

func testSchema() object {
	at := about("after the first event: +30s", object{"type": scalarTypes})
	repeat := object{"type": "integer", "minimum": 1, "maximum": maxTestEvents}
	raw := keysOf([]string{"raw"}, object{"raw": object{"type": scalarTypes}, "dataset": scalar(), "at": at, "repeat": repeat})
	document := object{"type": "object", "not": object{"required": []string{"raw"}}, "properties": object{"at": at, "repeat": repeat}}
	expect := keysOf(nil, object{
		"alerts": object{"type": "integer", "minimum": 0, "maximum": maxTestEvents},
		"groups": object{"type": "array", "items": object{"type": "object", "additionalProperties": object{"type": scalarTypes}}},
		"events": about("numbers, from 1, of the events that must be in the evidence", object{"type": "array", "items": object{"type": "integer", "minimum": 1, "maximum": maxTestEvents}}),
	})
	expect["anyOf"] = []object{{"required": []string{"alerts"}}, {"required": []string{"groups"}}}
	return keysOf([]string{"name", "events", "expect"}, object{
		"name":   scalar(),
		"events": about("lines as they come, or ECS documents", object{"type": "array", "minItems": 1, "items": object{"anyOf": []object{{"type": scalarTypes}, raw, document}}}),
		"expect": expect,
		"until":  about("after the first event: when the test looks; without it, when everything is decided", duration()),
	})
}

// scalarTypes are what the loader takes where it wants a text: it takes numbers and words such as true as they are written.
var scalarTypes = []string{"string", "number", "boolean"}

// scalar is a text that is not empty.
func scalar() object { return object{"type": scalarTypes, "pattern": `\S`} }

// scalars is a list of texts, or one of them.
func scalars() object {
	return object{"anyOf": []object{scalar(), {"type": "array", "items": scalar()}}}
}

func duration() object {
	return object{"type": "string", "pattern": `^\s*([0-9]+d)?[+-]?([0-9]*\.?[0-9]*(ns|us|µs|μs|ms|s|m|h))*\s*$`}
}

// about adds a description, which editors show.
func about(text string, s object) object {
	s["description"] = text
	return s
}

// keysOf is a mapping of the given keys and no others.
func keysOf(required []string, properties object) object {
	s := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		s["required"] = slices.Clone(required)
	}
	return s
}
