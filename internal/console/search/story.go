package search

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"weir/event"
	"weir/internal/console/site"
	"weir/internal/console/text"
	"weir/internal/console/why"
	"weir/internal/term"
	"weir/internal/trace"
)

// Story is the way of an event into its fields, for the panel.
type Story struct {
	*why.Story
	Kept bool // the original is there
	Rows []StoryRow
	Own  []StoryRow // what weir itself gave the event
}

// StoryRow is the way of one value.
type StoryRow struct {
	Name, Text string
	Origin     why.Origin
	Kind       string
	Where      string // file:line
	Reads      string
	From, To   int
	// Before, Hit and After are the bytes of the record around the value.
	Before, Hit, After string
	Differs            bool
	Now                string
}

// Sizes of what is shown of a way.
const (
	excerptSide = 24
	excerptHit  = 80
	maxWhy      = 120
)

// story follows the values of a document.
func (h *handler) story(v *site.View, doc []byte) (*Story, error) {
	got, err := h.why.Explain(doc)
	if err != nil {
		return nil, fmt.Errorf("following the values: %w", err)
	}
	out := &Story{Story: got, Kept: got.Original != ""}
	for i := range got.Fields {
		f := &got.Fields[i]
		if f.Value == "" {
			continue
		}
		short, cut := text.Cut(f.Value, maxWhy)
		if cut {
			short += "…"
		}
		r := StoryRow{Name: term.Escape(f.Path), Text: short, Origin: f.Origin, Kind: f.Kind, From: f.From, To: f.To, Differs: f.Differs}
		r.Now, _ = text.Cut(f.Now, maxWhy)
		if f.File != "" {
			r.Where = fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		r.Reads = term.Escape(strings.Join(f.Reads, ", "))
		if f.From >= 0 {
			r.Before, r.Hit, r.After = excerpt(got.Original, f.From, f.To)
		}
		if f.Origin == why.Weir {
			out.Own = append(out.Own, r)
		} else {
			out.Rows = append(out.Rows, r)
		}
	}
	return out, nil
}

// excerpt is the record around some bytes of it, cut between characters.
func excerpt(original string, from, to int) (before, hit, after string) {
	start := max(0, from-excerptSide)
	for start > 0 && start < from && !utf8.RuneStart(original[start]) {
		start++
	}
	end := min(len(original), to+excerptSide)
	for end < len(original) && end > to && !utf8.RuneStart(original[end]) {
		end--
	}
	before, after = term.Escape(original[start:from]), term.Escape(original[to:end])
	if start > 0 {
		before = "…" + before
	}
	if end < len(original) {
		after += "…"
	}
	var cut bool
	if hit, cut = text.Cut(original[from:to], excerptHit); cut {
		hit += "…"
	}
	return before, hit, after
}

// originalOf is what was received, also where it is no text.
func originalOf(e *event.Event) string { return trace.Original(e) }

// escape makes a text one value of an address.
func escape(s string) string { return url.QueryEscape(s) }
