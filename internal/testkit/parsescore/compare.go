package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Classes of fields. What comes from a database or a list of browsers is scored apart from what was read from the message,
// and so are the fields that only one vendor has.
const (
	classECS = iota
	classVendor
	classPlace // *.geo.*, *.as.*
	classAgent // user_agent.*
	classes
)

// fields knows the fields of ECS by their types.
type fields map[string]string

// class tells how a field is scored.
func (f fields) class(path string) int {
	switch {
	case strings.HasPrefix(path, "user_agent.") && path != "user_agent.original":
		return classAgent
	case strings.Contains(path, ".geo.") || strings.Contains(path, ".as."):
		return classPlace
	case f.typ(path) == "":
		return classVendor
	}
	return classECS
}

// typ returns the type of a field of ECS, or that of an open field above it; "" where ECS knows neither.
func (f fields) typ(path string) string {
	if t, ok := f[path]; ok {
		return t
	}
	for {
		at := strings.LastIndexByte(path, '.')
		if at < 0 {
			return ""
		}
		path = path[:at]
		if t := f[path]; t == "object" || t == "flattened" || t == "nested" {
			return t
		}
	}
}

// equal tells whether two values of a field mean the same. raw is the log they were read from.
//
// Lists are compared as sets, and one value is a list of one. Numbers are compared as such, addresses by their meaning. A
// time whose year or zone does not stand in the log is compared without it, as nobody can know what it was. related.* and
// tags may hold more than is expected.
func (f fields) equal(path string, got, want any, raw string) bool {
	g, w := values(got), values(want)
	if len(g) == 0 {
		return false
	}
	subset := strings.HasPrefix(path, "related.") || path == "tags"
	if !subset && len(g) != len(w) {
		g, w = distinct(g), distinct(w)
		if len(g) != len(w) {
			return false
		}
	}
	typ := f.typ(path)
	if path == "event.timezone" {
		typ = typeZone
	}
	for _, one := range w {
		if !slices.ContainsFunc(g, func(v any) bool { return sameValue(typ, v, one, raw) }) {
			return false
		}
	}
	return true
}

// typeZone is the type of a field that names a zone: UTC and +00:00 are the same.
const typeZone = "zone"

// values makes a list of a value.
func values(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// distinct leaves out what comes again.
func distinct(list []any) []any {
	var out []any
	for _, v := range list {
		if !slices.ContainsFunc(out, func(o any) bool { return text(o) == text(v) }) {
			out = append(out, v)
		}
	}
	return out
}

// sameValue compares two single values of a type.
func sameValue(typ string, got, want any, raw string) bool {
	g, w := text(got), text(want)
	if g == w {
		return true
	}
	switch typ {
	case "date":
		return sameTime(g, w, raw)
	case typeZone:
		return utc(g) && utc(w)
	case "ip":
		a, errA := netip.ParseAddr(g)
		b, errB := netip.ParseAddr(w)
		return errA == nil && errB == nil && a.Unmap() == b.Unmap()
	case "long", "integer", "float", "double", "scaled_float", "short":
		a, errA := strconv.ParseFloat(g, 64)
		b, errB := strconv.ParseFloat(w, 64)
		return errA == nil && errB == nil && a == b
	case "":
		a, errA := strconv.ParseFloat(g, 64)
		b, errB := strconv.ParseFloat(w, 64)
		return errA == nil && errB == nil && a == b || sameTime(g, w, raw)
	}
	return false
}

// utc tells whether a name of a zone means that of Greenwich.
func utc(s string) bool {
	return slices.Contains([]string{"UTC", "Z", "GMT", "+00:00", "+0000", "Etc/UTC"}, s)
}

// text writes a value so that equal ones are written alike.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case map[string]any, []any:
		b, err := json.Marshal(v) // keys in order
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(b)
	}
	return fmt.Sprint(v)
}

// A zone behind a time, as logs write it.
var zoned = regexp.MustCompile(`\d(\.\d+)?\s?(Z\b|[+-]\d{2}:?\d{2}\b|UTC|GMT|[A-Z]{3,4}\b)`)

// sameTime compares two times. One without a zone in its log may differ by quarters of an hour, up to those that there are
// on earth, and one without a year by years.
func sameTime(got, want, raw string) bool {
	g, errG := time.Parse(time.RFC3339Nano, got)
	w, errW := parseTime(want)
	if errG != nil || errW != nil {
		return false
	}
	g, w = g.UTC(), w.UTC()
	if _, fraction, _ := strings.Cut(want, "."); len(fraction)-len(strings.TrimLeft(fraction, "0123456789")) <= 3 {
		g = g.Truncate(time.Millisecond) // what the documents were made with keeps no more of most times
	}
	if g.Equal(w) {
		return true
	}
	if g.Year() != w.Year() && !strings.Contains(raw, strconv.Itoa(w.Year())) {
		g = g.AddDate(w.Year()-g.Year(), 0, 0)
	}
	if zoned.MatchString(raw) {
		return g.Equal(w)
	}
	d := g.Sub(w).Abs()
	return d <= 14*time.Hour && d%(15*time.Minute) == 0
}

// parseTime reads a time as the documents write it: with or without a zone, with or without seconds.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time", s)
}
