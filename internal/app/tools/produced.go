package tools

import (
	"maps"
	"slices"
	"strings"

	"weir/rules"
	"weir/rules/pipelines"
	"weir/schemas"
)

// added are the fields that weir gives to events of any format beside what the format reads: its own, what the inventory
// knows of the device, and what else is known of the ends of a connection. They are prefixes.
var added = []string{
	"weir.", "host.", "observer.", "labels.", "related.", "service.", "organization.",
	"network.type", "network.transport", "network.iana_number", "network.community_id", "network.direction", "user_agent.",
	"source.geo.", "source.as.", "destination.geo.", "destination.as.", "client.geo.", "client.as.", "server.geo.", "server.as.",
}

// produced returns what tells whether some format of weir's can fill a field; nil if that is not known. Which of the
// formats a rule's events are of is not looked at: a field that some format fills is spelt right, and that is the question.
func produced() func(r *rules.Rule, field string) bool {
	formats, err := schemas.Formats()
	if err != nil {
		return nil // the list is part of the program, and tested there
	}
	exact := map[string]bool{}
	var open []string
	for _, fields := range formats {
		for _, f := range fields {
			if below, ok := strings.CutSuffix(f, "*"); ok {
				open = append(open, below)
				continue
			}
			exact[f] = true
		}
	}
	open = append(open, added...)
	known := map[string]bool{}
	return func(_ *rules.Rule, field string) bool {
		if exact[field] {
			return true
		}
		is, ok := known[field]
		if !ok {
			for _, prefix := range open {
				is = is || strings.HasPrefix(field, prefix)
			}
			known[field] = is
		}
		return is
	}
}

// unfilled returns what tells which names a Sigma rule asks for that no format fills in events of its log source, and whether
// any format makes such events; nil if that is not known. All names of a log source are looked up at once: thousands of
// rules are of a hundred of them.
func unfilled(in inputs) func(r *rules.Rule) (names []string, made bool) {
	list, err := schemas.Formats()
	if err != nil || in.pipes == nil {
		return nil // as in produced
	}
	formats := pipelines.Formats{}
	for dataset, fields := range list {
		formats[dataset] = slices.Clone(fields)
		for _, prefix := range added {
			formats[dataset] = append(formats[dataset], prefix+"*")
		}
	}
	asked := map[rules.LogSource]map[string]bool{}
	for _, r := range in.set.Rules {
		if asked[r.LogSource] == nil {
			asked[r.LogSource] = map[string]bool{}
		}
		for _, name := range r.Asks {
			asked[r.LogSource][name] = true
		}
	}
	type answer struct {
		names []string
		made  bool
	}
	known := map[rules.LogSource]answer{}
	return func(r *rules.Rule) ([]string, bool) {
		a, ok := known[r.LogSource]
		if !ok {
			a.names, a.made = in.pipes.Unfilled(r.LogSource, slices.Collect(maps.Keys(asked[r.LogSource])), formats)
			known[r.LogSource] = a
		}
		var out []string
		for _, name := range r.Asks {
			if slices.Contains(a.names, name) {
				out = append(out, name)
			}
		}
		return out, a.made
	}
}
