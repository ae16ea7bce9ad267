package coverage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/match"
	"weir/rules"
)

// Rule is what a rule set's description says of one rule that runs.
type Rule struct {
	ID, Hash, Title, Level string
	Tags                   []string
	Source                 rules.LogSource
	// All fields that its conditions read.
	Fields []string
	// Of each of these lists an event must have a field, or the rule cannot fire.
	Needs [][]string
}

// RuleSet describes one version of the rules.
type RuleSet struct {
	Hash string
	// When it was used first.
	At    time.Time
	Rules []Rule
	// Ids of rules that could not run, and places of those that were refused when the set was read.
	Lost, Refused []string
}

// Bounds of a description: a document must fit a Kafka record, and a thousand refusals say as much as more of them.
const (
	partRules  = 1000
	maxRefused = 1000
	maxFields  = 64
)

// Describe describes the enabled rules of a set. lost are the ids of rules of it that could not run, as the engine found;
// refused the places of those that are not in it.
func Describe(set *rules.Set, lists match.Lists, lost, refused []string, at time.Time) RuleSet {
	out := RuleSet{Hash: set.Hash, At: at, Lost: lost, Refused: refused[:min(len(refused), maxRefused)]}
	for _, r := range set.Rules {
		if !r.Enabled || slices.Contains(lost, r.ID) {
			continue
		}
		d := Rule{ID: r.ID, Hash: r.Hash, Title: r.Title, Level: string(r.Level), Tags: r.Tags, Source: r.LogSource}
		d.Fields, d.Needs = fieldsOf(r, lists)
		out.Rules = append(out.Rules, d)
	}
	slices.SortFunc(out.Rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Events calls each with the documents of a description, one part after the other. The event is valid during the call.
func (s *RuleSet) Events(each func(e *event.Event) error) error {
	parts := max(1, (len(s.Rules)+partRules-1)/partRules)
	var e event.Event
	for part := range parts {
		head(&e, s.At, actionRuleSet, s.Hash)
		e.SetStr(event.EventID, fmt.Sprintf("rules/%s/%d/%d", s.Hash, part+1, s.At.UnixMilli()))
		e.SetInt(event.WeirRulesetCount, int64(len(s.Rules)))
		e.SetInt(event.WeirRulesetPart, int64(part+1))
		e.SetInt(event.WeirRulesetParts, int64(parts))
		if part == 0 {
			setTexts(&e, event.WeirRulesetLost, s.Lost)
			setTexts(&e, event.WeirRulesetRefused, s.Refused)
		}
		rest := s.Rules[part*partRules:]
		list := make([]event.Value, min(len(rest), partRules))
		for i := range list {
			list[i] = rest[i].value()
		}
		if len(list) > 0 {
			e.Set(event.WeirRulesetRules, event.Items(list...))
		}
		e.SetStr(event.Message, fmt.Sprintf("rule set %s with %d rules is used", short(s.Hash), len(s.Rules)))
		if err := each(&e); err != nil {
			return err
		}
	}
	return nil
}

func setTexts(e *event.Event, f event.Field, list []string) {
	if len(list) > 0 {
		e.Set(f, event.Strs(list...))
	}
}

// value is a rule as a member of the list. What it does not have is left out.
func (r *Rule) value() event.Value {
	kv := []event.Value{event.Str("id"), event.Str(r.ID), event.Str("hash"), event.Str(r.Hash), event.Str("title"), event.Str(r.Title), event.Str("level"), event.Str(r.Level)}
	for _, m := range []struct{ key, value string }{{"product", r.Source.Product}, {"category", r.Source.Category}, {"service", r.Source.Service}} {
		if m.value != "" {
			kv = append(kv, event.Str(m.key), event.Str(m.value))
		}
	}
	needs := make([]string, len(r.Needs))
	for i, any := range r.Needs {
		needs[i] = strings.Join(any, " ")
	}
	for _, m := range []struct {
		key    string
		values []string
	}{{"tags", r.Tags}, {"fields", r.Fields}, {"needs", needs}} {
		if len(m.values) > 0 {
			kv = append(kv, event.Str(m.key), event.Strs(m.values...))
		}
	}
	return event.Members(kv...)
}

// Sets puts the parts of descriptions together. Parts may come in any order and more than once; a set of which a part is
// missing is left out. It belongs to one goroutine.
type Sets struct {
	parts map[string]map[int64]RuleSet
	of    map[string]int64
}

// Read takes a document in, and tells whether it was part of a description. Nothing of e is kept.
func (s *Sets) Read(e *event.Event) bool {
	if e.Str(event.EventDataset) != Dataset || e.Str(event.EventAction) != actionRuleSet {
		return false
	}
	if s.parts == nil {
		s.parts, s.of = map[string]map[int64]RuleSet{}, map[string]int64{}
	}
	p := RuleSet{Hash: strings.Clone(e.Str(event.WeirRulesetHash)), At: timeOf(e.Get(event.Timestamp)), Lost: texts(e.Get(event.WeirRulesetLost)), Refused: texts(e.Get(event.WeirRulesetRefused))}
	for _, v := range list(e.Get(event.WeirRulesetRules)) {
		r := Rule{ID: text(v, "id"), Hash: text(v, "hash"), Title: text(v, "title"), Level: text(v, "level"), Tags: texts(v.Get("tags")), Fields: texts(v.Get("fields")),
			Source: rules.LogSource{Product: text(v, "product"), Category: text(v, "category"), Service: text(v, "service")}}
		for _, any := range texts(v.Get("needs")) {
			r.Needs = append(r.Needs, strings.Fields(any))
		}
		p.Rules = append(p.Rules, r)
	}
	if s.parts[p.Hash] == nil {
		s.parts[p.Hash] = map[int64]RuleSet{}
	}
	n := e.Get(event.WeirRulesetPart).Int()
	if old, ok := s.parts[p.Hash][n]; ok && old.At.Before(p.At) {
		p.At = old.At
	}
	s.parts[p.Hash][n] = p
	s.of[p.Hash] = e.Get(event.WeirRulesetParts).Int()
	return true
}

// All returns the whole descriptions by hash.
func (s *Sets) All() map[string]RuleSet {
	out := map[string]RuleSet{}
	for hash, parts := range s.parts {
		whole, complete := RuleSet{Hash: hash}, true
		for n := int64(1); n <= s.of[hash]; n++ {
			p, ok := parts[n]
			complete = complete && ok
			if n == 1 {
				whole.At, whole.Lost, whole.Refused = p.At, p.Lost, p.Refused
			}
			whole.Rules = append(whole.Rules, p.Rules...)
		}
		if complete && len(parts) > 0 {
			out[hash] = whole
		}
	}
	return out
}
