package settings

import (
	"regexp"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/term"
	"weir/rules/yamlfile"
	"weir/sinks/notify/routing"
)

// maintenance reads the windows in which nobody is told of some alerts. Their names are unique: what was held back is counted
// and summed up by them.
func (r *reader) maintenance(n ast.Node) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.file.Fail(n, "notify-value", "begin each with a dash: `- name: patch-day`", "`maintenance` is a list of windows")
		return
	}
	seen := map[string]bool{}
	for _, it := range seq.Values {
		w := r.window(it)
		if w == nil {
			continue
		}
		if seen[w.Name] {
			r.file.Fail(it, "notify-value", "give each a name of its own", "there are two windows `%s`", w.Name)
			continue
		}
		seen[w.Name] = true
		r.out.Maintenance = append(r.out.Maintenance, w)
	}
}

// window reads one window; nil if something is wrong with it. What it needs is asked for in one sentence each, the first that
// is missing; what is there is read all the same, so that its mistakes are told in the same run.
func (r *reader) window(n ast.Node) *routing.Window {
	pairs, ok := yamlfile.Mapping(n)
	if !ok {
		r.file.Fail(n, "notify-value", "write name, match, owner, reason, and weekly or from and to", "a window needs keys")
		return nil
	}
	// A window with any mistake is none: half of one would hide too much or too little.
	before := len(r.file.Faults())
	w := &routing.Window{Zone: r.out.Zone}
	var from, to, weekly, match ast.Node
	r.keys("maintenance", pairs, map[string]func(ast.Node){
		"name":      func(n ast.Node) { r.text(n, "name", &w.Name) },
		"reason":    func(n ast.Node) { r.text(n, "reason", &w.Reason) },
		"owner":     func(n ast.Node) { r.text(n, "owner", &w.Owner) },
		"time_zone": func(n ast.Node) { w.Zone = r.zone(n, w.Zone) },
		"digest":    func(n ast.Node) { r.truth(n, "digest", &w.Digest) },
		"from":      func(n ast.Node) { from = n },
		"to":        func(n ast.Node) { to = n },
		"weekly":    func(n ast.Node) { weekly = n },
		"match":     func(n ast.Node) { match = n },
	})
	switch {
	case w.Name == "" || w.Owner == "" || w.Reason == "":
		r.file.Fail(n, "notify-value", "say who answers for it and why", "a window needs `name`, `owner` and `reason`")
	case match == nil:
		r.file.Fail(n, "notify-value", "add `match: {host.name: db-*}`; all alerts are `match: {level: informational}`", "the window `%s` does not say which alerts", w.Name)
	case (weekly != nil) == (from != nil || to != nil):
		r.file.Fail(n, "notify-value", "write `weekly: Sat 02:00-06:00`, or `from` and `to`", "the window `%s` needs a time", w.Name)
	}
	if match != nil {
		w.Match = r.conditions(match, nil)
		if len(w.Match) == 0 && len(r.file.Faults()) == before {
			r.file.Fail(match, "notify-value", "all alerts are `match: {level: informational}`", "the window `%s` does not say which alerts", w.Name)
		}
	}
	if weekly != nil {
		s := ""
		if r.text(weekly, "weekly", &s) {
			h, err := routing.ParseHours(s)
			if err != nil {
				r.file.Fail(weekly, "notify-value", "write Sat 02:00-06:00", "`weekly`: %v", err)
			}
			w.Weekly = h
		}
	}
	if from != nil || to != nil {
		r.bounds(n, w, from, to)
	}
	if len(r.file.Faults()) > before {
		return nil
	}
	return w
}

// bounds reads from and to. Both are needed: a window without an end would hide what nobody expects any more.
func (r *reader) bounds(n ast.Node, w *routing.Window, from, to ast.Node) {
	if from == nil || to == nil {
		r.file.Fail(n, "notify-value", "write both", "the window `%s` needs `from` and `to`", w.Name)
		return
	}
	okFrom := r.moment(from, "from", w.Zone, &w.From)
	okTo := r.moment(to, "to", w.Zone, &w.To)
	if okFrom && okTo && !w.From.Before(w.To) {
		r.file.Fail(to, "notify-value", "", "the window `%s` ends before it begins", w.Name)
	}
}

// absolute are times that say the same tomorrow. -15m and 16:36 do not.
var absolute = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}`)

// moment reads a time. An hour that a change of the clocks skips or repeats is refused.
func (r *reader) moment(n ast.Node, key string, zone *time.Location, into *time.Time) bool {
	s := ""
	if !r.text(n, key, &s) {
		return false
	}
	if !absolute.MatchString(s) {
		r.file.Fail(n, "notify-value", "write 2026-11-21 16:36, or with a zone 2026-11-21T16:36:00+09:00", "`%s` is no date and time: `%s`", key, s)
		return false
	}
	// Only forms with a date come here, so the moment from which others count plays no part.
	t, err := term.ParseTime(s, time.Time{}, zone)
	if err != nil {
		at, width := yamlfile.Extent(n)
		for _, e := range flatten(err) {
			r.file.Add(at, width, fault.Error{Code: "notify-value", What: "`" + key + "`: " + e.What, Why: e.Why, Do: e.Do, Cause: err})
		}
		return false
	}
	*into = t
	return true
}
