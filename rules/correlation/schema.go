package correlation

import "maps"

// object is a part of a JSON Schema.
type object = map[string]any

// Schema returns the JSON Schema of what stands below `correlate`. ref is where it stands in the whole, since correlations
// have correlations within; text, texts and span are those of a text, of a list of texts and of a duration.
func Schema(ref string, text, texts, span map[string]any) map[string]any {
	// Parts are shared between keys, so each description goes onto a copy.
	about := func(words string, s object) object {
		s = maps.Clone(s)
		s["description"] = words
		return s
	}
	some := func(words string, required []string, properties object) object {
		s := object{"type": "object", "additionalProperties": false, "properties": properties, "description": words}
		if len(required) > 0 {
			s["required"] = required
		}
		return s
	}
	whole := object{"type": "integer", "minimum": 1, "maximum": maxNumber}
	names := about("fields, or {alias: {condition: field}}", object{"anyOf": []object{texts, aliasSchema(texts),
		{"type": "array", "items": object{"anyOf": []object{text, aliasSchema(texts)}}}}})
	counted := func(words string, number object, required []string, more object) object {
		is := object{}
		for _, op := range ops {
			is[op] = number
		}
		properties := object{
			"when":     about("the name of a condition or of a correlation below `of`, or several; may be left out where there is one", texts),
			"at_least": number,
			"is":       about("what the number must be; all must hold", object{"type": "object", "minProperties": 1, "additionalProperties": false, "properties": is}),
		}
		maps.Copy(properties, more)
		s := some(words, required, properties)
		s["anyOf"] = []object{{"required": []string{"at_least"}}, {"required": []string{"is"}}}
		return s
	}
	number := object{"type": "number"}
	counts := object{"type": "integer", "minimum": 0, "maximum": maxNumber}
	of := []string{"of"}
	values := object{"of": about("the field", texts), "min_values": about("how many numbers there must be", whole)}
	percentile := maps.Clone(values)
	percentile["percent"] = object{"type": "number", "minimum": 0, "maximum": 100}
	properties := object{
		"count":      counted("so many matches", counts, nil, nil),
		"distinct":   counted("so many different values", counts, of, object{"of": names}),
		"sum":        counted("numbers that come to so much", number, of, object{"of": about("the field", texts)}),
		"avg":        counted("the mean of numbers", number, of, values),
		"median":     counted("the number in the middle", number, of, values),
		"percentile": counted("the number that so many percent do not exceed", number, []string{"of", "percent"}, percentile),
		"any_order":  stepsSchema("conditions in any order", text, whole),
		"sequence":   stepsSchema("conditions one after another", text, whole),
		"absence":    some("nothing follows within the time", nil, object{"after": text, "of": about("what must follow; without it the same once more", text)}),
		"new_value": some("a value that the group did not have before", of, object{"when": texts, "of": names,
			"learn": about("how long a group must be known before anything is new; 1d", span)}),
		"by":     names,
		"within": about("in the time of events, at most 400d; of sessions the longest pause", span),
		"window": object{"enum": []string{string(Sliding), string(Tumbling), string(Session)}, "default": string(Sliding)},
		"of":     about("correlations with names, which steps may name", object{"type": "object", "minProperties": 1, "additionalProperties": object{"$ref": ref}}),
	}
	s := some("", nil, properties)
	delete(s, "description")
	// Exactly one kind, as the reader has it; the time may be left out where there is a usual one.
	var each []object
	for _, k := range kinds {
		required := []string{string(k), "within"}
		if k == NewValue {
			required = required[:1]
		}
		each = append(each, object{"required": required})
	}
	s["oneOf"] = each
	return s
}

// aliasSchema is a name that stands for a field by the condition.
func aliasSchema(texts object) object {
	return object{"type": "object", "minProperties": 1, "additionalProperties": object{"type": "object", "minProperties": 1, "additionalProperties": texts}}
}

// stepsSchema is a list of steps, or steps with a condition.
func stepsSchema(words string, text, whole object) object {
	step := object{"type": "object", "additionalProperties": false, "properties": object{"when": text, "at_least": whole}}
	list := object{"type": "array", "minItems": 2, "maxItems": maxSteps, "items": step}
	return object{"description": words, "anyOf": []object{list, {
		"type": "object", "additionalProperties": false, "properties": object{"steps": list, "condition": text},
		"anyOf": []object{{"required": []string{"steps"}}, {"required": []string{"condition"}}},
	}}}
}
