package coverage

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Input is what a report is computed from: what the archive holds for a time.
type Input struct {
	From, To  time.Time
	Stretches []Stretch
	// Later is what was evaluated after To: events of the time that were read in later.
	Later Times
	Sets  map[string]RuleSet
	// Matches counts events by the rules that matched them, Alerts alerts by their rule.
	Matches, Alerts map[string]int64
	// Fields are those that documents of the time have.
	Fields map[string]bool
	// Stored are the events that the archive has of the time, by dataset.
	Stored []Stored
	// Unread says which parts of the archive could not be read: all of this is without them.
	Unread []string
}

// Stored is how many events of a dataset the archive has in one part of the time.
type Stored struct {
	Dataset  string
	From, To time.Time
	Events   int64
}

// RuleRow is one rule of the newest set.
type RuleRow struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Level  string   `json:"level"`
	Tags   []string `json:"tags,omitempty"`
	Source string   `json:"log_source"`
	// SourceSeen says that events of its log source were there; FieldsSeen that those have, or may have, what it asks for.
	// CanRun is both.
	SourceSeen bool `json:"source_seen"`
	FieldsSeen bool `json:"fields_seen"`
	CanRun     bool `json:"can_run"`
	// Missing are the fields without which it cannot fire: one of each list is needed, and none has appeared.
	Missing [][]string `json:"missing_fields,omitempty"`
	Matches int64      `json:"matches"`
	Alerts  int64      `json:"alerts"`
	// Since is when this version of it was used first in the time, or before.
	Since time.Time `json:"since,omitzero"`
}

// Technique is one technique of ATT&CK, or a sub-technique.
type Technique struct {
	ID      string   `json:"id"`
	Tactics []string `json:"tactics,omitempty"`
	Rules   int      `json:"rules"`
	CanRun  int      `json:"can_run"`
	Fired   int      `json:"fired"`
	// MissingSources are log sources of its rules of which nothing was seen; MissingFields what those of its rules lack
	// whose log source was seen, or that name none.
	MissingSources []string `json:"missing_sources,omitempty"`
	MissingFields  []string `json:"missing_fields,omitempty"`
}

// Used is one rule set and what it evaluated.
type Used struct {
	Hash  string    `json:"hash"`
	Rules int       `json:"rules"` // -1: its description is not in the archive
	First time.Time `json:"first"` // when it was evaluating, by the clock
	Last  time.Time `json:"last"`
	// Of the events that it evaluated.
	Events      int64     `json:"events"`
	OldestEvent time.Time `json:"oldest_event"`
	NewestEvent time.Time `json:"newest_event"`
	// Newest is set for the set that is reported on; Added and Gone are what this one lacks and has beside it.
	Newest  bool     `json:"newest"`
	Added   int      `json:"rules_added_since"`
	Gone    int      `json:"rules_gone_since"`
	Lost    []string `json:"lost,omitempty"`
	Refused []string `json:"refused,omitempty"`
}

// Report is what is covered.
type Report struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Hash of the newest set, empty where none is known.
	Set        string      `json:"set"`
	Rules      []RuleRow   `json:"rules"`
	Techniques []Technique `json:"techniques"`
	Sets       []Used      `json:"sets"`
	Gaps       []Gap       `json:"gaps"`
	// Seen are the log sources that events had, as in windows/process_creation/sysmon.
	Seen []string `json:"seen"`
}

// Request bounds the time; zero times are a month before To, and now.
type Request struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// Compute computes the report for the newest rule set of the time. It changes nothing of in.
func Compute(in *Input) *Report {
	out := &Report{From: in.From, To: in.To}
	in = in.once()
	sources := map[string]bool{}
	for i := range in.Stretches {
		for _, x := range in.Stretches[i].Spans {
			sources[x.Source] = true
		}
	}
	out.Seen = slices.Sorted(maps.Keys(sources))
	out.Sets = usedSets(in)
	for _, u := range out.Sets {
		if u.Newest {
			out.Set = u.Hash
		}
	}
	seen := newSeen(out.Seen)
	since := firstUse(in)
	set := in.Sets[out.Set]
	for i := range set.Rules {
		out.Rules = append(out.Rules, row(&set.Rules[i], in, seen, since))
	}
	out.Techniques = techniques(out.Rules)
	out.Gaps = gaps(in, out.Sets, out.Set)
	return out
}

// once returns the input with each stretch once: one that a worker still has at hand may be in the archive already.
func (in *Input) once() *Input {
	type place struct {
		topic     string
		partition int32
		from, to  int64
		set       string
	}
	seen := make(map[place]bool, len(in.Stretches))
	out := *in
	out.Stretches = make([]Stretch, 0, len(in.Stretches))
	for _, s := range in.Stretches {
		if p := (place{s.Topic, s.Partition, s.From, s.To, s.Set}); !seen[p] {
			seen[p] = true
			out.Stretches = append(out.Stretches, s)
		}
	}
	return &out
}

// row is one rule.
func row(r *Rule, in *Input, seen *seen, since map[string]time.Time) RuleRow {
	out := RuleRow{ID: r.ID, Title: r.Title, Level: r.Level, Tags: r.Tags, Source: r.Source.String(), SourceSeen: seen.covers(r.Source), FieldsSeen: true,
		Matches: in.Matches[r.ID], Alerts: in.Alerts[r.ID], Since: since[r.ID+"\x00"+r.Hash]}
	for _, any := range r.Needs {
		if !slices.ContainsFunc(any, func(f string) bool { return in.Fields[f] }) {
			out.Missing = append(out.Missing, any)
			out.FieldsSeen = false
		}
	}
	out.CanRun = out.SourceSeen && out.FieldsSeen
	return out
}

// firstUse returns when each version of a rule was evaluating first, by id and hash.
func firstUse(in *Input) map[string]time.Time {
	began := map[string]time.Time{}
	for i := range in.Stretches {
		s := &in.Stretches[i]
		if at, ok := began[s.Set]; !ok || s.Began.Before(at) {
			began[s.Set] = s.Began
		}
	}
	out := map[string]time.Time{}
	for hash, at := range began {
		for _, r := range in.Sets[hash].Rules {
			key := r.ID + "\x00" + r.Hash
			if old, ok := out[key]; !ok || at.Before(old) {
				out[key] = at
			}
		}
	}
	return out
}

// techniques sums the rules up by the techniques that their tags name.
func techniques(list []RuleRow) []Technique {
	byID := map[string]*Technique{}
	missing, lacks := map[string]map[string]bool{}, map[string]map[string]bool{}
	for i := range list {
		r := &list[i]
		ids, tactics := attack(r.Tags)
		for _, id := range ids {
			t := byID[id]
			if t == nil {
				t = &Technique{ID: id}
				byID[id], missing[id], lacks[id] = t, map[string]bool{}, map[string]bool{}
			}
			t.Rules++
			if r.CanRun {
				t.CanRun++
			}
			if r.Matches > 0 || r.Alerts > 0 {
				t.Fired++
			}
			switch {
			case !r.SourceSeen:
				missing[id][r.Source] = true
			case !r.FieldsSeen:
				for _, any := range r.Missing {
					lacks[id][strings.Join(any, "|")] = true
				}
			}
			for _, tactic := range tactics {
				if !slices.Contains(t.Tactics, tactic) {
					t.Tactics = append(t.Tactics, tactic)
				}
			}
		}
	}
	out := make([]Technique, 0, len(byID))
	for id, t := range byID {
		t.MissingSources, t.MissingFields = slices.Sorted(maps.Keys(missing[id])), slices.Sorted(maps.Keys(lacks[id]))
		slices.Sort(t.Tactics)
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Technique) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// attack returns the techniques (T1110.001) and tactics (credential-access) that tags name, each once.
func attack(tags []string) (ids, tactics []string) {
	for _, tag := range tags {
		name, ok := strings.CutPrefix(strings.ToLower(tag), "attack.")
		switch {
		case !ok || name == "":
		case isTechnique(name):
			if id := strings.ToUpper(name); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		case len(name) > 1 && strings.ContainsRune("gsc", rune(name[0])) && strings.Trim(name[1:], "0123456789") == "": // a group, a software, a campaign
		default:
			if t := strings.ReplaceAll(name, "_", "-"); !slices.Contains(tactics, t) {
				tactics = append(tactics, t)
			}
		}
	}
	return ids, tactics
}

// isTechnique tells t1110 and t1110.001 from tactics.
func isTechnique(name string) bool {
	main, sub, has := strings.Cut(name, ".")
	return len(main) == 5 && main[0] == 't' && strings.Trim(main[1:], "0123456789") == "" && (!has || len(sub) == 3 && strings.Trim(sub, "0123456789") == "")
}

// usedSets sums the stretches up by their sets, the one used last first.
func usedSets(in *Input) []Used {
	byHash := map[string]*Used{}
	for i := range in.Stretches {
		s := &in.Stretches[i]
		u := byHash[s.Set]
		if u == nil {
			u = &Used{Hash: s.Set, Rules: -1, First: s.Began}
			byHash[s.Set] = u
		}
		u.Events += s.Events()
		u.First, u.Last = earlier(u.First, s.Began), later(u.Last, s.Ended)
		if first, last := s.times(); !first.IsZero() {
			u.OldestEvent, u.NewestEvent = earlier(u.OldestEvent, first), later(u.NewestEvent, last)
		}
	}
	out := make([]Used, 0, len(byHash))
	for hash, u := range byHash {
		if d, ok := in.Sets[hash]; ok {
			u.Rules, u.Lost, u.Refused = len(d.Rules), d.Lost, d.Refused
		}
		out = append(out, *u)
	}
	// Of two sets that were in use until the same moment, as different partitions swap at different ones, the one that
	// began later is the newer.
	slices.SortFunc(out, func(a, b Used) int {
		return cmp.Or(b.First.Compare(a.First), b.Last.Compare(a.Last), cmp.Compare(a.Hash, b.Hash))
	})
	if i := slices.IndexFunc(out, func(u Used) bool { return u.Rules >= 0 }); i >= 0 {
		out[i].Newest = true
		newest := versionsOf(in.Sets[out[i].Hash])
		for k := range out {
			if u := &out[k]; u.Rules >= 0 && k != i {
				mine := versionsOf(in.Sets[u.Hash])
				u.Added, u.Gone = lacking(newest, mine), lacking(mine, newest)
			}
		}
	}
	return out
}

// versionsOf returns the rules of a set with their versions.
func versionsOf(s RuleSet) map[string]bool {
	out := make(map[string]bool, len(s.Rules))
	for _, r := range s.Rules {
		out[r.ID+"\x00"+r.Hash] = true
	}
	return out
}

// lacking counts what is in a and not in b.
func lacking(a, b map[string]bool) (n int) {
	for k := range a {
		if !b[k] {
			n++
		}
	}
	return n
}

// earlier and later return the earlier and the later of two times; zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
