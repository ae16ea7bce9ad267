// Package search is the page of the console that finds and shows events.
package search

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/console/site"
	"weir/internal/console/why"
	"weir/internal/control"
	"weir/internal/control/searching"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/internal/term"
)

// handler is what the pages of this package share.
type handler struct {
	why  *why.Explainer
	live *streams
}

// Routes adds the page and its parts.
func Routes(mux *http.ServeMux, s *site.Site, x *why.Explainer) {
	h := &handler{why: x, live: newStreams()}
	mux.Handle("GET /search", s.Page(h.page))
	mux.Handle("GET /search/event", s.Page(h.part))
	mux.Handle("GET /search/raw", s.Page(h.raw))
	mux.Handle("GET /search/live", s.Page(h.stream))
	mux.Handle("POST /search/save", s.Page(h.save))
}

// Upper is what the page has above its answer: it is written before anything is searched.
type Upper struct {
	State  State
	Ranges []Range
	Custom bool // the time is none of the ranges
	Error  bool // the query cannot be read
	Hidden url.Values
}

// Range is a time that is often asked for.
type Range struct {
	From, Label string
	On          bool
}

// ranges are those that the page offers.
var ranges = []struct{ from, label string }{
	{"-15m", "last 15 minutes"}, {"-1h", "last hour"}, {"-4h", "last 4 hours"}, {"-24h", "last 24 hours"}, {"-7d", "last 7 days"}, {"-30d", "last 30 days"}, {forever, "everything"},
}

// upper makes the upper part.
func upper(s State) Upper {
	u := Upper{State: s, Custom: true, Hidden: url.Values{}}
	for _, r := range ranges {
		on := s.To == "" && s.From == r.from
		u.Custom = u.Custom && !on
		u.Ranges = append(u.Ranges, Range{r.from, r.label, on})
	}
	for key, v := range s.Fresh().values() { // what the form does not ask for goes on as it is
		if key != "q" && key != "from" && key != "to" {
			u.Hidden[key] = v
		}
	}
	return u
}

// Answer is what was found.
type Answer struct {
	State   State
	Page    searching.Page
	Columns []Column
	Rows    []Row
	Hist    *Histogram
	Fields  []Field
	Sampled int64 // events that the fields are of
	Names   string
	Saved   []Saved
	CanSave bool
	Event   *Event
	Faults  fault.List
	Command string
	Empty   *Empty
	Sort    string // direction of the time
	From    time.Time
	To      time.Time
}

// page is the whole page. The upper part is on its way before the archive is asked, so that a slow answer is waited for
// with the query in sight; who goes away, or presses Esc, ends the search.
func (h *handler) page(v *site.View) {
	s := readState(v.R.URL.Query())
	u := upper(s)
	if err := h.check(v, &s); err != nil {
		u.Error = true
		v.Begin(http.StatusBadRequest, "search", v.T("Search"), u)
		v.End("search", &Answer{State: s, Faults: term.Faults(err), Command: v.Command(s.command())})
		return
	}
	title := s.Q
	if title == "" {
		title = v.T("Search")
	}
	v.Begin(http.StatusOK, "search", title, u)
	a, err := h.answer(v, s)
	if err != nil {
		if v.R.Context().Err() != nil {
			return
		}
		a.Faults = term.Faults(err)
	}
	v.End("search", a)
}

// check reads what can be read without the archive, so that a mistake is one of the page's status too.
func (h *handler) check(v *site.View, s *State) error {
	if len(s.Q) > maxQuery {
		return &fault.Error{Code: "bad-request", What: "the query is too long", Do: "a saved search, or a list, is the place for that many values", Exit: fault.ExitUsage}
	}
	if _, _, err := s.times(v.Now, v.Zone); err != nil {
		return err //nolint:wrapcheck // a fault of its own
	}
	_, err := query.ParseAt(s.Q, v.Now.In(v.Zone))
	return err //nolint:wrapcheck // likewise
}

// answer asks for everything below the query. What comes back is never nil; an error says why some of it is missing.
func (h *handler) answer(v *site.View, s State) (*Answer, error) {
	a := &Answer{State: s, Command: v.Command(s.command())}
	from, to, err := s.times(v.Now, v.Zone)
	if err != nil {
		return a, err
	}
	a.From, a.To = from, to
	lines, err := h.find(v, s, a)
	if err != nil {
		return a, err
	}
	a.Columns = columns(s, lines)
	for i := range lines {
		a.Rows = append(a.Rows, row(s, &lines[i], a.Columns))
	}
	a.Sort = direction(s.Sort, "@timestamp")
	if s.Sort == "" {
		a.Sort = "descending"
	}
	if !s.NoHist && len(a.Page.Buckets) > 0 && a.Page.Hits > 0 {
		a.Hist = histogram(s, a.Page.Buckets, a.Page.BucketWidth, v.Now, v.Zone)
	}
	for _, w := range a.Page.Warn {
		a.Faults = append(a.Faults, w.Fault())
	}
	h.fields(v, s, a, lines)
	h.saved(v, s, a)
	if len(a.Rows) == 0 && s.After == "" && !s.Live {
		a.Empty = h.empty(v, s, a)
	}
	if s.ID != "" {
		if a.Event, err = h.event(v, s); err != nil {
			a.Faults = append(a.Faults, term.Faults(err)...)
		}
	}
	return a, nil
}

// find asks for one page of events. Documents are read one by one and cut, so a page of events of a megabyte takes no more
// memory than another.
func (h *handler) find(v *site.View, s State, a *Answer) ([]line, error) {
	var lines []line
	var e event.Event
	each := func(doc []byte) error {
		l, err := read(doc, &e)
		if err != nil {
			return err
		}
		lines = append(lines, l)
		return nil
	}
	scope := searching.Scope{Query: s.Q, From: a.From, To: a.To}
	size := pageSize
	if s.Live {
		size = 0 // what is stored already is not what was asked for
	}
	buckets := 0
	if !s.NoHist && !s.Live {
		buckets = histogramBars
	}
	if s.Live {
		return nil, nil
	}
	var err error
	a.Page, err = site.Answer[searching.Page](v, searching.AskPage, searching.PageRequest{Scope: scope, Size: size, Sort: s.Sort, After: s.After, Counts: true, Buckets: buckets}, each)
	if err == nil || !site.Missing(err) || s.After != "" {
		return lines, err
	}
	lines = nil
	a.Page, err = plain(v, control.SearchRequest{Query: s.Q, From: a.From, To: a.To, Size: size, Ascending: s.Sort == "@timestamp", Histogram: buckets > 0}, each)
	return lines, err
}

// plain asks a process that knows no pages: the newest events, without a way to those after them.
func plain(v *site.View, r control.SearchRequest, each func([]byte) error) (searching.Page, error) {
	b := v.Ask()
	if b == nil {
		return searching.Page{}, errors.New("no backend")
	}
	sum, err := b.Search(v.Context(), r, each)
	p := searching.Page{Hits: sum.Hits, Shown: sum.Shown, From: sum.From, To: sum.To, BucketWidth: sum.BucketWidth, TookMS: sum.TookMS, SegmentsRead: sum.SegmentsRead, SegmentsTotal: sum.SegmentsTotal}
	for _, x := range sum.Buckets {
		p.Buckets = append(p.Buckets, searching.Bucket(x))
	}
	for _, w := range sum.Warnings {
		p.Warn = append(p.Warn, searching.WordOf(w))
	}
	return p, err //nolint:wrapcheck // the backend's fault is what is shown
}

// Empty says what to do where nothing was found.
type Empty struct {
	None     bool   // nothing at all was received yet
	Of       int64  // events in this time, whatever they are; -1: not known
	Drop     string // the condition that keeps most out
	DropHref string
	DropHits int64
	Day      string // address of the same for 24 hours
	All      string
	Commands []string // that send a line, find it, and watch
}

// Bounds of what is tried to help somebody who found nothing.
const (
	maxDrops = 6
	helpTime = 3 * time.Second
)

// empty finds out why nothing was found: without which condition most would have been.
func (h *handler) empty(v *site.View, s State, a *Answer) *Empty {
	e := &Empty{Of: -1, Day: s.Range("-24h", ""), All: s.Range(forever, "")}
	p := v.Pulse()
	if p.OK && p.Status.Stored == 0 && p.Status.Received == 0 {
		e.None = true
		if send := sendCommand(p.Status.Listening, v.R.Host); send != "" {
			e.Commands = append(e.Commands, send)
		}
		e.Commands = append(e.Commands, v.Command("search hello"), v.Command("tail"))
		return e
	}
	ctx, cancel := context.WithTimeout(v.Context(), helpTime)
	defer cancel()
	hits := func(q string) int64 {
		b := v.Ask()
		if b == nil {
			return -1
		}
		sum, err := b.Search(ctx, control.SearchRequest{Query: q, From: a.From, To: a.To}, func([]byte) error { return nil })
		if err != nil {
			return -1
		}
		return sum.Hits
	}
	e.Of = hits("")
	parsed, err := query.ParseAt(s.Q, v.Now.In(v.Zone))
	if err != nil || e.Of <= 0 {
		return e
	}
	parts := conditions(s.Q, parsed)
	for i := range parts {
		rest := slices.Concat(parts[:i], parts[i+1:])
		q := strings.Join(rest, " and ")
		if n := hits(q); n > e.DropHits {
			e.DropHits, e.Drop, e.DropHref = n, parts[i], s.Ask(q)
		}
	}
	return e
}

// conditions are the parts of a query that all must hold, as they were typed; nil where it is not made of some.
func conditions(q string, parsed *query.Query) []string {
	and, ok := parsed.Root().(*query.And)
	if !ok || len(and.Nodes) > maxDrops {
		return nil
	}
	var parts []string
	depth, quoted, from := 0, false, 0
	for i := 0; i < len(q); i++ {
		switch c := q[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '{':
			depth++
		case c == ')' || c == '}':
			depth--
		case depth == 0 && i+5 <= len(q) && strings.EqualFold(q[i:i+5], " and "):
			parts = append(parts, strings.TrimSpace(q[from:i]))
			i += 4
			from = i
		}
	}
	if parts = append(parts, strings.TrimSpace(q[from:])); len(parts) != len(and.Nodes) {
		return nil // it was joined in another way, by line ends or brackets
	}
	return parts
}

// sendCommand sends a line to the first syslog port that is open, named as the reader's browser names this machine where
// weir listens for all.
func sendCommand(ports []control.Port, host string) string {
	for _, p := range ports {
		if p.Input != "syslog" || p.Proto != "udp" {
			continue
		}
		addr, port, err := net.SplitHostPort(p.Address)
		if err != nil {
			continue
		}
		if ip := net.ParseIP(addr); addr == "" || ip != nil && ip.IsUnspecified() {
			if addr, _, err = net.SplitHostPort(host); err != nil {
				addr = host
			}
		}
		return "echo '<34>hello weir' | nc -u -w1 " + term.ShellWord(addr) + " " + port
	}
	return ""
}
