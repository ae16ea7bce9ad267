package search

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"weir/internal/query"
	"weir/internal/term"
)

// State is what the page shows, all of it from its address: a link to it shows the same to somebody else. It is a value;
// each With returns another.
type State struct {
	Q        string
	From, To string // as people write times; From all: since ever
	Sort     string
	After    string // cursor of the page
	ID       string // the event that is open
	Tab      string // fields, raw or why
	Cols     []string
	Wrap     bool
	NoHist   bool
	Live     bool
}

// Bounds of what an address may ask for.
const (
	defaultFrom = "-15m"
	forever     = "all"
	maxCols     = 12
	maxQuery    = 32 << 10
	pageSize    = 100
)

// tabs of the panel.
var tabs = []string{"fields", "raw", "why"}

// readState reads an address. What it does not understand it takes as if it were not there; times are read later.
func readState(v url.Values) State {
	s := State{Q: strings.TrimSpace(v.Get("q")), From: v.Get("from"), To: v.Get("to"), Sort: v.Get("sort"), After: v.Get("after"), ID: v.Get("id"), Tab: v.Get("tab"),
		Wrap: v.Get("wrap") == "1", NoHist: v.Get("hist") == "0", Live: v.Get("live") == "1"}
	if v.Has("own_from") || v.Has("own_to") { // the form for a time of one's own
		s.From, s.To = strings.TrimSpace(v.Get("own_from")), strings.TrimSpace(v.Get("own_to"))
		if s.From == "" {
			s.From = forever
		}
	}
	if s.From == "" && s.To == "" {
		s.From = defaultFrom
	}
	if !slices.Contains(tabs, s.Tab) {
		s.Tab = tabs[0]
	}
	for name := range strings.SplitSeq(v.Get("cols"), ",") {
		if name = strings.TrimSpace(name); name != "" && len(s.Cols) < maxCols && !slices.Contains(s.Cols, name) {
			s.Cols = append(s.Cols, name)
		}
	}
	return s
}

// values is the state as an address has it: what is as usual is left out.
func (s State) values() url.Values {
	v := url.Values{}
	set := func(key, value, usual string) {
		if value != usual {
			v.Set(key, value)
		}
	}
	set("q", s.Q, "")
	if s.To != "" || s.From != defaultFrom {
		set("from", s.From, "")
	}
	set("to", s.To, "")
	set("sort", s.Sort, "")
	set("after", s.After, "")
	set("id", s.ID, "")
	set("tab", s.Tab, tabs[0])
	set("cols", strings.Join(s.Cols, ","), "")
	for key, on := range map[string]bool{"wrap": s.Wrap, "live": s.Live} {
		if on {
			v.Set(key, "1")
		}
	}
	if s.NoHist {
		v.Set("hist", "0")
	}
	return v
}

// URL is the address of the state.
func (s State) URL() string { return s.at("/search") }

func (s State) at(path string) string {
	if q := s.values().Encode(); q != "" {
		return path + "?" + q
	}
	return path
}

// Fresh is the first page of another question: without cursor and open event.
func (s State) Fresh() State {
	s.After, s.ID, s.Tab = "", "", tabs[0]
	return s
}

// The states that links of the page lead to.

// Open opens a document on one of its tabs.
func (s State) Open(id, tab string) string { s.ID, s.Tab = id, tab; return s.URL() }

// Close closes it.
func (s State) Close() string { s.ID, s.Tab = "", tabs[0]; return s.URL() }

// ToggleWrap wraps long lines, or does not.
func (s State) ToggleWrap() string { s.Wrap = !s.Wrap; return s.URL() }

// ToggleHist hides the histogram, or shows it.
func (s State) ToggleHist() string { s.NoHist = !s.NoHist; return s.URL() }

// ToggleLive follows what comes in, or stops.
func (s State) ToggleLive() string { s = s.Fresh(); s.Live = !s.Live; return s.URL() }

// Older goes to the next page.
func (s State) Older(cursor string) string { s.After = cursor; return s.URL() }

// Newest goes back to the first one.
func (s State) Newest() string { s.After = ""; return s.URL() }

// Range is about another time.
func (s State) Range(from, to string) string {
	s = s.Fresh()
	s.From, s.To, s.Live = from, to, false
	return s.URL()
}

// Ask asks another query.
func (s State) Ask(q string) string { s = s.Fresh(); s.Q = q; return s.URL() }

// StreamURL is the address of the stream that the page follows while it is live.
func (s State) StreamURL() string { return s.at("/search/live") }

// Column adds a column, or takes it away. Who has chosen none sees the usual ones, and chooses from there.
func (s State) Column(name string) string {
	s.Cols = slices.Clone(s.Cols)
	if i := slices.Index(s.Cols, name); i >= 0 {
		s.Cols = slices.Delete(s.Cols, i, i+1)
		return s.URL()
	}
	if len(s.Cols) == 0 {
		s.Cols = slices.DeleteFunc(slices.Clone(usual), func(c string) bool { return c == "message" })
	}
	at := len(s.Cols)
	if at > 0 && s.Cols[at-1] == "message" {
		at--
	}
	s.Cols = slices.Insert(s.Cols, at, name)
	if !slices.Contains(s.Cols, "message") && name != "message" {
		s.Cols = append(s.Cols, "message")
	}
	return s.URL()
}

// Has tells whether a column is shown by choice.
func (s State) Has(name string) bool { return slices.Contains(s.Cols, name) }

// With narrows the question to events that have a value.
func (s State) With(field, value string) string { return s.Ask(also(s.Q, clause(field, value))) }

// Without narrows it to those that have not.
func (s State) Without(field, value string) string {
	return s.Ask(also(s.Q, "not "+clause(field, value)))
}

// Sorted orders by a field, the other way round if it is ordered by it already.
func (s State) Sorted(field string) string {
	s = s.Fresh()
	switch s.Sort {
	case "-" + field:
		s.Sort = field
	case field:
		s.Sort = ""
	default:
		s.Sort = "-" + field
	}
	if field == "@timestamp" && s.Sort == "-@timestamp" {
		s.Sort = field // newest first is how it is anyway
	}
	return s.URL()
}

// also joins two conditions. What is an or, or cannot be read, is put into brackets first.
func also(q, more string) string {
	if q = strings.TrimSpace(q); q == "" || q == "*" {
		return more
	}
	if parsed, err := query.Parse(q); err != nil {
		return q + " and " + more // its mistake is shown as it was
	} else if _, or := parsed.Root().(*query.Or); or {
		q = "(" + q + ")"
	}
	return q + " and " + more
}

// maxFilter bounds the values that can be filtered by: an address has to hold them.
const maxFilter = 256

// clause is the condition that a field has a value.
func clause(field, value string) string { return kqlName(field) + ": " + kqlValue(value) }

// exists is the condition that a field is there.
func exists(field string) string { return kqlName(field) + ": *" }

// kqlName writes the name of a field. Who sends logs may give one any name: none may be read as a condition of its own.
func kqlName(s string) string {
	special := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`\():<>"*{}`, r)
	}
	var b strings.Builder
	word := s
	if i := strings.IndexFunc(s, special); i >= 0 {
		word = s[:i]
	}
	if slices.Contains([]string{"and", "or", "not"}, strings.ToLower(word)) {
		b.WriteByte('\\')
	}
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		case special(r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// filters tells whether a value can be filtered by.
func filters(value string) bool {
	return value != "" && len(value) <= maxFilter && utf8.ValidString(value) && !strings.ContainsFunc(value, unicode.IsControl)
}

// kqlValue quotes what KQL would read as anything but one value.
func kqlValue(s string) string {
	plain := s != "" && !slices.Contains([]string{"and", "or", "not"}, strings.ToLower(s)) && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && r != '/' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if plain {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// times are the bounds that the state stands for at a moment. Zero: unbounded.
func (s State) times(now time.Time, zone *time.Location) (from, to time.Time, err error) {
	if s.From != "" && s.From != forever {
		if from, err = term.ParseTime(s.From, now, zone); err != nil {
			return from, to, err
		}
	}
	if s.To != "" {
		to, err = term.ParseTime(s.To, now, zone)
	}
	return from, to, err
}

// command is what to type for the same answer.
func (s State) command() string {
	b := strings.Builder{}
	b.WriteString("search")
	if s.Q != "" || s.From == forever {
		b.WriteString(" " + term.ShellWord(s.Q))
	}
	for _, f := range []struct{ flag, value string }{{"from", s.From}, {"to", s.To}, {"sort", s.Sort}} {
		if f.value != "" && f.value != forever {
			b.WriteString(" --" + f.flag + " " + term.ShellWord(f.value))
		}
	}
	if len(s.Cols) > 0 {
		b.WriteString(" --fields " + term.ShellWord(strings.Join(s.Cols, ",")))
	}
	b.WriteString(" --size " + strconv.Itoa(pageSize))
	return b.String()
}
