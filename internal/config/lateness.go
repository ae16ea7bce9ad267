package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"weir/internal/config/unit"
)

// Lateness is how far behind the newest event of some datasets an event may be.
type Lateness struct {
	Pattern string // of names of datasets
	Span    time.Duration
}

// Latenesses are those of DatasetLateness, in its order. What cannot be read is left out: a configuration that was loaded
// has none of it.
func (c Correlate) Latenesses() []Lateness {
	var out []Lateness
	for _, s := range c.DatasetLateness {
		if l, err := latenessOf(s); err == nil {
			out = append(out, l)
		}
	}
	return out
}

// latenessOf reads PATTERN=time.
func latenessOf(s string) (Lateness, error) {
	pattern, span, ok := strings.Cut(s, "=")
	var d unit.Duration
	if !ok || pattern == "" || strings.ContainsAny(pattern, "/ ") || !doublestar.ValidatePattern(pattern) {
		return Lateness{}, fmt.Errorf("%q names no dataset", s)
	}
	if err := d.UnmarshalText([]byte(span)); err != nil {
		return Lateness{}, fmt.Errorf("the time of %q: %w", s, err)
	}
	if d < 0 || d > unit.Duration(24*time.Hour) {
		return Lateness{}, fmt.Errorf("%q is not between 0 and a day", s)
	}
	return Lateness{pattern, time.Duration(d)}, nil
}

// checkLateness checks what says how late datasets come.
func checkLateness(c *Correlate, bad func(key, what, why, do string)) {
	for _, s := range c.DatasetLateness {
		if _, err := latenessOf(s); err != nil {
			bad("correlate.dataset_lateness", err.Error(), "", "write PATTERN=time, such as aws.*=1h")
		}
	}
}
