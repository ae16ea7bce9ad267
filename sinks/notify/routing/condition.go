// Package routing decides who is to be told of an alert: the tree of routes, the hours of a week, and what holds alerts
// back. It keeps nothing and asks no clock: whoever calls says what time it is.
package routing

import (
	"fmt"
	"slices"
	"strings"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/fault"
	"weir/internal/match/texts"
	"weir/internal/nearest"
)

// Levels are Sigma's words, the least first.
var Levels = []string{"informational", "low", "medium", "high", "critical"}

// Rank orders levels, from 1; what is no level is 0 and before all of them.
func Rank(level string) int { return slices.Index(Levels, level) + 1 }

// Condition is one thing that is asked of an alert: `rule=ssh-*`, `level>=high`, `host.name!=lab-*`. It is immutable.
type Condition struct {
	// Name is that of a part of the alert, or of a field by which its rule groups or that its evidence has, see Known.
	Name string
	// Op is =, != or >=. The last is of levels alone.
	Op string
	// Patterns are globs; one of them has to fit (with != none may). Case does not count.
	Patterns []string
}

// Parts of an alert that conditions and groups name, besides labels.NAME and fields.
var parts = []string{"rule", "level", "title", "alert", "tag"}

// labelPrefix begins the name of a label that a rule gave its alerts.
const labelPrefix = "labels."

// Known says whether name is something that an alert can have. Fields are those of the events: an alert has those by
// which its rule groups. The error names the nearest.
func Known(name string) error {
	if slices.Contains(parts, name) || strings.HasPrefix(name, labelPrefix) && len(name) > len(labelPrefix) {
		return nil
	}
	if _, ok := event.Lookup(name); ok && name != "" {
		return nil
	}
	names := slices.Clone(parts)
	for _, f := range event.Fields() {
		names = append(names, f.Path())
	}
	do := "write " + strings.Join(parts[:4], ", ") + ", labels.NAME or a field such as host.name"
	if near := nearest.Name(name, names); near != "" && name != labelPrefix {
		do = "did you mean `" + near + "`?"
	}
	return &fault.Error{Code: "notify-match", What: fmt.Sprintf("an alert has no `%s`", name), Do: do, Exit: fault.ExitUsage}
}

// ParseCondition reads `NAME=GLOB`, `NAME!=GLOB` or `level>=LEVEL`.
func ParseCondition(text string) (Condition, error) {
	i := strings.IndexAny(text, "=!>")
	bad := func(what, do string) (Condition, error) {
		return Condition{}, &fault.Error{Code: "notify-match", What: what, Where: text, Do: do, Exit: fault.ExitUsage}
	}
	if i <= 0 {
		return bad("a condition has a name and a value", "write it as rule=ssh-* or host.name!=lab-*")
	}
	c := Condition{Name: strings.TrimSpace(text[:i])}
	value := ""
	for _, op := range []string{"!=", ">=", "="} {
		if rest, ok := strings.CutPrefix(text[i:], op); ok {
			c.Op, value = op, strings.TrimSpace(rest)
			break
		}
	}
	if c.Op == "" || value == "" {
		return bad("a condition has a name and a value", "write it as rule=ssh-* or host.name!=lab-*")
	}
	if err := Known(c.Name); err != nil {
		return Condition{}, err
	}
	c.Patterns = []string{value}
	return c, c.check()
}

// check says what is wrong with values.
func (c Condition) check() error {
	if c.Op == ">=" && (c.Name != "level" || len(c.Patterns) != 1) {
		return &fault.Error{Code: "notify-match", What: "only a level can be at least something", Where: c.String(), Do: "write level>=high", Exit: fault.ExitUsage}
	}
	if c.Op == ">=" && Rank(c.Patterns[0]) == 0 {
		do := "one of " + strings.Join(Levels, ", ")
		if near := nearest.Name(c.Patterns[0], Levels); near != "" {
			do = "did you mean `" + near + "`?"
		}
		return &fault.Error{Code: "notify-match", What: fmt.Sprintf("`%s` is no level", c.Patterns[0]), Where: c.String(), Do: do, Exit: fault.ExitUsage}
	}
	return nil
}

// String writes the condition as ParseCondition reads it; several values stand between bars.
func (c Condition) String() string { return c.Name + c.Op + strings.Join(c.Patterns, "|") }

// Holds tells whether an alert is as the condition says. What an alert does not have fits no pattern. Of tags one has to
// fit; of a field that the evidence has several values of, all: a silence for one host must not hide another.
func (c Condition) Holds(a *alert.Alert) bool {
	if c.Op == ">=" {
		return Rank(a.Level) >= Rank(c.Patterns[0])
	}
	list := values(a, c.Name)
	fits := len(list) > 0 && !slices.ContainsFunc(list, func(v string) bool { return !c.fits(v) })
	if c.Name == "tag" {
		fits = slices.ContainsFunc(list, c.fits)
	}
	return fits == (c.Op == "=")
}

// fits tells whether one of the patterns is that of a value.
func (c Condition) fits(v string) bool {
	v = strings.ToLower(v)
	return slices.ContainsFunc(c.Patterns, func(p string) bool { return texts.Glob(v, strings.ToLower(p)) })
}

// values returns what an alert has under a name. A field by which its rule does not group is looked for in the evidence.
func values(a *alert.Alert, name string) []string {
	one := ""
	switch name {
	case "rule":
		one = a.Rule
	case "level":
		one = a.Level
	case "title":
		one = a.Title
	case "alert":
		one = a.ID
	case "tag":
		return a.Tags
	default:
		label, isLabel := strings.CutPrefix(name, labelPrefix)
		if isLabel {
			one = a.Labels[label]
		} else if one = a.Group[name]; one == "" {
			return evidence(a, name)
		}
	}
	if one == "" {
		return nil
	}
	return []string{one}
}

// evidence returns the values of a field in the events behind an alert, each once.
func evidence(a *alert.Alert, name string) (out []string) {
	for i := range a.Evidence {
		if v := a.Evidence[i].Values[name]; v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// All tells whether every condition holds, and names the first that does not.
func All(list []Condition, a *alert.Alert) (bool, Condition) {
	for _, c := range list {
		if !c.Holds(a) {
			return false, c
		}
	}
	return true, Condition{}
}

// Labels returns what an alert has of the names by which a route groups. What it does not have is left out, and so is a
// field that its evidence has several values of: which of them comes first says nothing.
func Labels(by []string, a *alert.Alert) map[string]string {
	out := map[string]string{}
	for _, name := range by {
		if v := values(a, name); len(v) == 1 || name == "tag" && len(v) > 0 {
			out[name] = strings.Join(v, ",")
		}
	}
	return out
}

// GroupName writes labels in one line, in the order by which the route groups.
func GroupName(by []string, labels map[string]string) string {
	var out []string
	for _, name := range by {
		if v, ok := labels[name]; ok {
			out = append(out, name+"="+v)
		}
	}
	return strings.Join(out, " ")
}
