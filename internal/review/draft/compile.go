package draft

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/query"
	"weir/internal/review"
	"weir/sinks/notify/routing"
)

// compiled are the searches made ready for one system and one stretch of time. Any goroutine may use them.
type compiled struct {
	set     settings
	define  map[string]*query.Query
	text    map[string]string // of the definitions, with nothing left to expand
	finding []*finding
	off     *query.Query
	foreign *query.Query
	shared  *query.Query
}

// finding is one search made ready.
type finding struct {
	spec   *searchSpec
	text   string
	query  *query.Query // nil: counted from the list of accounts
	within time.Duration
}

// A query is expanded as text, before KQL is read, and not as a tree: what a finding carries must be KQL that a person can
// paste into a search, and that any other part of weir reads without knowing of definitions.

// macro is a name in two braces.
var macro = regexp.MustCompile(`\{\{\s*([a-z_]+)\s*\}\}`)

// Bounds of a query once its definitions are in their place: maxDepth ends those that name each other in a circle, maxQuery
// those that name others so often that no query is left that anybody could open.
const (
	maxDepth = 16
	maxQuery = 256 << 10
)

// compile makes the searches ready for a system and a time. Working hours are of the zone of the system, else of this one.
func (s *Searches) compile(system System, from, to time.Time, zone *time.Location) (*compiled, error) {
	c := &compiled{set: s.settings(system), define: map[string]*query.Query{}, text: map[string]string{}}
	working, err := routing.ParseHours(*c.set.Hours)
	if err != nil {
		return nil, fmt.Errorf("working hours: %w", err)
	}
	hoursZone := zone
	if system.Zone != nil {
		hoursZone = system.Zone
	}
	words := map[string]string{
		"bulk": strconv.FormatInt(*c.set.Bulk, 10), "foreign": foreign(c.set.Home), "elsewhere": elsewhere(c.set.Expected), "shared": oneOf("user.name", c.set.Shared),
		"own_class": ownClass(system.Class), "off_hours": c.set.offHours(working, from, to, hoursZone),
	}
	maps.Copy(words, s.file.Define)
	parse := func(what, text string) (string, *query.Query, error) {
		text, err := expand(text, words, 0)
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", what, err)
		}
		// Dates of a query without a zone are those of the period, not of the machine.
		q, err := query.ParseAt(text, to.In(zone))
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w, in %s", what, err, text)
		}
		return text, q, nil
	}
	for _, name := range slices.Sorted(maps.Keys(s.file.Define)) { // one order: a file with two mistakes always names the same
		text, q, err := parse(name, words[name])
		if err != nil {
			return nil, err
		}
		c.text[name], c.define[name] = text, q
	}
	for name, q := range map[string]**query.Query{"off_hours": &c.off, "foreign": &c.foreign, "shared": &c.shared} {
		if _, *q, err = parse(name, words[name]); err != nil {
			return nil, err
		}
	}
	for i := range s.file.Findings {
		spec := &s.file.Findings[i]
		if spec.Off || len(spec.Systems) > 0 && !slices.Contains(spec.Systems, system.ID) {
			continue
		}
		f := &finding{spec: spec}
		f.within, _ = time.ParseDuration(spec.Within) // checked when it was read
		if spec.KQL != "" {
			if f.text, f.query, err = parse("finding "+spec.ID, spec.KQL); err != nil {
				return nil, err
			}
		}
		c.finding = append(c.finding, f)
	}
	return c, nil
}

// settings are those of a system: what its owner says, and what the file says of it.
func (s *Searches) settings(system System) settings {
	set := s.file.Settings.of(system)
	if o, ok := s.file.Systems[system.ID]; ok {
		set = set.over(o)
	}
	return set
}

// What the built-in words mean follows from settings and not from the file of searches, because it differs by system: the
// working hours of one are not those of another. A word that means nothing for a system (no country is foreign, no account
// is listed) becomes a query that is true for no event, so that a search over it finds nothing rather than everything.

// expand puts definitions in the place of their names. Each stands in parentheses: `not {{a}}` must mean all of it.
func expand(text string, words map[string]string, depth int) (string, error) {
	if depth > maxDepth {
		return "", fmt.Errorf("definitions name each other in a circle")
	}
	var bad error
	used := 0
	out := macro.ReplaceAllStringFunc(text, func(m string) string {
		name := macro.FindStringSubmatch(m)[1]
		w, ok := words[name]
		switch {
		case bad != nil:
			return m
		case !ok:
			bad = fmt.Errorf("nothing is defined as {{%s}}", name)
			return m
		}
		w, err := expand(w, words, depth+1)
		if used += len(w); err == nil && used > maxQuery {
			err = fmt.Errorf("the query is longer than %d KiB", maxQuery>>10)
		}
		if err != nil {
			bad = err
			return m
		}
		if name == "bulk" {
			return w
		}
		return "(" + strings.TrimSpace(w) + ")"
	})
	return out, bad
}

// nothing is KQL that is true for no event.
const nothing = "not *"

// oneOf is KQL of a field with one of some values.
func oneOf(field string, values []string) string {
	if len(values) == 0 {
		return nothing
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = review.Quote(v)
	}
	return field + ": (" + strings.Join(quoted, " or ") + ")"
}

// foreign is KQL of an address in a country that is not home. Without a home nothing is abroad.
func foreign(home []string) string {
	if len(home) == 0 {
		return nothing
	}
	return "source.geo.country_iso_code: * and not " + oneOf("source.geo.country_iso_code", home)
}

// elsewhere is KQL of an address that is none of the expected ones. Without those every address is expected.
func elsewhere(expected []string) string {
	if len(expected) == 0 {
		return nothing
	}
	return "source.ip: * and not " + oneOf("source.ip", expected)
}

// ownClass is KQL of the class that the system's access records have, where it is one of their own.
func ownClass(class string) string {
	if class == "" || class == "standard" {
		return nothing
	}
	return "weir.class: " + review.Quote(class)
}

// of returns s with what the owner of a system said about it.
func (s settings) of(system System) settings {
	o := settings{Home: system.Home, Expected: system.Expected, Shared: system.Shared}
	if system.Hours != "" {
		o.Hours = &system.Hours
	}
	return s.over(o)
}

// offHours is KQL of the times between from and to that are outside the working hours. Being times and no hours of a day, it
// means the same in every search, whatever its zone. A minute is the finest that working hours are written in.
func (s settings) offHours(working routing.Hours, from, to time.Time, zone *time.Location) string {
	var parts []string
	since := time.Time{} // of the stretch outside them that is open
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		in := working.Contains(at, zone) && !slices.Contains(s.Holidays, at.In(zone).Format(time.DateOnly))
		switch {
		case in && !since.IsZero():
			parts = append(parts, between(since, at))
			since = time.Time{}
		case !in && since.IsZero():
			since = at
		}
	}
	if !since.IsZero() {
		parts = append(parts, between(since, to))
	}
	if len(parts) == 0 {
		return nothing
	}
	return strings.Join(parts, " or ")
}

func between(from, to time.Time) string {
	return fmt.Sprintf(`(@timestamp >= "%s" and @timestamp < "%s")`, from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))
}
