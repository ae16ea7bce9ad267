// Package indices knows the indices that weir keeps in Elasticsearch: their names, templates, age and number.
package indices

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// period is the span of time of one index.
type period uint8

const (
	day period = iota
	week
	month
)

// periodOf returns the span of the indices of a class: the longer it is kept, the longer, or the cluster would be full of
// small shards.
func periodOf(keep time.Duration) period {
	const dayLong = 24 * time.Hour
	switch {
	case keep <= 90*dayLong:
		return day
	case keep <= 366*dayLong:
		return week
	}
	return month
}

// Names makes the names of indices.
type Names struct {
	Prefix string
	// Keep says how long events of a class are kept, in the archive and so at most here.
	Keep func(class string) time.Duration
}

// Alias returns the name that stands for all indices of a class. A hyphen would let the pattern of one class match the
// indices of another.
func (n Names) Alias(class string) string {
	return n.Prefix + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, strings.ToValidUTF8(class[:min(len(class), 100)], "_"))
}

// Index returns the index of a class for a moment: logs-weir.standard-2026.11.21, -2026.w47 or -2026.11.
func (n Names) Index(class string, t time.Time) string {
	t = t.UTC()
	var keep time.Duration
	if n.Keep != nil {
		keep = n.Keep(class)
	}
	name := n.Alias(class) + "-"
	switch periodOf(keep) {
	case week:
		y, w := t.ISOWeek()
		return fmt.Sprintf("%s%04d.w%02d", name, y, w)
	case month:
		return name + t.Format("2006.01")
	}
	return name + t.Format("2006.01.02")
}

// split takes a name apart: the alias, and its span. ok is false for a name that is none of ours.
func (n Names) split(index string) (alias string, begin, end time.Time, ok bool) {
	at := strings.LastIndexByte(index, '-')
	if at < len(n.Prefix) || !strings.HasPrefix(index, n.Prefix) {
		return "", time.Time{}, time.Time{}, false
	}
	alias, date := index[:at], index[at+1:]
	if t, err := time.Parse("2006.01.02", date); err == nil {
		return alias, t, t.AddDate(0, 0, 1), true
	}
	if t, err := time.Parse("2006.01", date); err == nil {
		return alias, t, t.AddDate(0, 1, 0), true
	}
	y, w, isWeek := strings.Cut(date, ".w")
	year, err := strconv.Atoi(y)
	number, err2 := strconv.Atoi(w)
	if !isWeek || err != nil || err2 != nil || len(y) != 4 || len(w) != 2 || number < 1 || number > 53 {
		return "", time.Time{}, time.Time{}, false
	}
	// The fourth of January is always in the first week.
	first := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	monday := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
	return alias, monday.AddDate(0, 0, 7*(number-1)), monday.AddDate(0, 0, 7*number), true
}
