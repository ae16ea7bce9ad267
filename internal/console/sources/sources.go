// Package sources is the page of the console that shows who sends, who does not, and whether the counts add up.
package sources

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/internal/console/site"
	"weir/internal/control"
	"weir/internal/control/reporting"
	"weir/internal/control/watching"
	"weir/internal/fault"
	facts "weir/internal/report/sources"
	"weir/internal/term"
)

// Bounds of what is asked for the page.
const (
	rhythmWait = 2 * time.Second // for the day of each source; who wants to wait longer asks for it
	rhythmLife = 5 * time.Minute // how long it is good
	maxRows    = 500
)

// handler keeps the last day that was counted: it costs a scan, and ten people look at the same.
type handler struct {
	mu   sync.Mutex
	at   time.Time
	last *facts.Facts
}

// Routes adds the page.
func Routes(mux *http.ServeMux, s *site.Site) {
	h := &handler{}
	mux.Handle("GET /sources", s.Page(h.page))
}

// Body is what the page shows.
type Body struct {
	Ledger   control.Ledger
	Known    bool // the ledger could be asked
	Rows     []Row
	More     int
	Faults   fault.List
	Gaps     fault.List // differences, each with its place on the page
	Missing  bool       // only those that are not heard
	Counted  bool       // the day of each source is known
	CountURL string
	Sums     control.LedgerRow
	Silent   int
	Next     string
}

// Row is one source.
type Row struct {
	Source, Name string
	State        string
	Quiet        time.Duration
	Last         time.Time
	Spark        []Bar
	Most, Day    int64
	Skew         Skew
	L            control.LedgerRow
	InLedger     bool
	Search       string
	Many         bool
}

// Bar is one hour of a spark.
type Bar struct {
	X, Y, H int
	None    bool
}

// Skew is how far the clock of a source is off.
type Skew struct {
	Known  bool
	Median time.Duration // positive: behind, or late
	Ahead  int64
	Bad    bool
}

// skewBad is how far off a clock must be to be named: less comes of records that wait to be sent.
const skewBad = time.Minute

// page shows all sources, or those that are missing.
func (h *handler) page(v *site.View) {
	q := v.R.URL.Query()
	b := &Body{Missing: q.Get("missing") == "1", CountURL: "/sources?count=1", Next: v.Command("ledger")}
	rows := map[string]*Row{}
	row := func(source string) *Row {
		r := rows[source]
		if r == nil {
			r = &Row{Source: source, Search: searchOf(source)}
			rows[source] = r
		}
		return r
	}
	b.ledger(v, row)
	b.watched(v, row)
	f, err := h.day(v, q.Get("count") == "1")
	switch {
	case err == nil:
		b.Counted = true
		for i := range f.Sources {
			s := &f.Sources[i]
			if r := rows[s.Source]; r != nil {
				r.day(s, hourOf(f, v.Zone))
			}
		}
	case !errors.Is(err, context.DeadlineExceeded) && !site.Missing(err) && v.R.Context().Err() == nil:
		b.Faults = append(b.Faults, term.Faults(err)...)
	}
	b.sort(rows)
	v.Show(http.StatusOK, "sources", v.T("Sources"), b)
}

// ledger takes the counts of every source.
func (b *Body) ledger(v *site.View, row func(string) *Row) {
	back := v.Ask()
	if back == nil {
		return
	}
	l, err := back.Ledger(v.Context(), control.LedgerRequest{})
	if err != nil {
		b.Faults = append(b.Faults, term.Faults(err)...)
		return
	}
	b.Ledger, b.Known = l, true
	b.Gaps = l.Faults
	for i := range l.Rows {
		x := &l.Rows[i]
		r := row(x.Source)
		r.L, r.InLedger, r.Last = *x, true, x.Last
		if x.Name != x.Source {
			r.Name = x.Name
		}
		s := &b.Sums
		s.Received += x.Received
		s.Split += x.Split
		s.Stored += x.Stored
		s.Duplicate += x.Duplicate
		s.Dead += x.Dead
		s.Refused += x.Refused
		s.Filtered += x.Filtered
		s.InFlight += x.InFlight
		s.Difference += x.Difference
	}
}

// watched takes who is heard and who is not.
func (b *Body) watched(v *site.View, row func(string) *Row) {
	w, ok := v.Backend.(watching.Watcher)
	if !ok {
		return
	}
	list, err := w.Sources(v.Context(), watching.SourcesRequest{})
	if err != nil {
		if !site.Missing(err) {
			b.Faults = append(b.Faults, term.Faults(err)...)
		}
		return
	}
	for _, s := range list.Rows {
		key := s.Source
		if key == "" {
			key = "\x00" + s.Device // expected, and never heard: no source yet
		}
		r := row(key)
		if s.Source == "" {
			r.Source, r.Search = "", ""
		}
		if r.Name == "" {
			r.Name = s.Device
		}
		r.State, r.Quiet, r.Many = s.State, time.Duration(s.Quiet)*time.Millisecond, s.Many
		if s.Last.After(r.Last) {
			r.Last = s.Last
		}
		if s.State == watching.Silent || s.State == watching.Never {
			b.Silent++
		}
	}
}

// sort puts the rows in their order: what somebody should look at first, then by name.
func (b *Body) sort(rows map[string]*Row) {
	rank := func(r *Row) int {
		switch {
		case r.L.Difference != 0:
			return 0
		case r.State == watching.Silent:
			return 1
		case r.State == watching.Never:
			return 2
		}
		return 3
	}
	for _, r := range rows {
		if b.Missing && r.State != watching.Silent && r.State != watching.Never {
			continue
		}
		b.Rows = append(b.Rows, *r)
	}
	slices.SortFunc(b.Rows, func(x, y Row) int {
		return cmp.Or(cmp.Compare(rank(&x), rank(&y)), strings.Compare(x.Source+x.Name, y.Source+y.Name))
	})
	if len(b.Rows) > maxRows {
		b.More = len(b.Rows) - maxRows
		b.Rows = b.Rows[:maxRows]
	}
}

// day asks for the last 24 hours of each source: 23 whole ones and the one that runs. Where that takes long, a page comes
// without it, and offers to wait.
func (h *handler) day(v *site.View, patient bool) (*facts.Facts, error) {
	h.mu.Lock()
	if h.last != nil && v.Now.Sub(h.at) < rhythmLife && v.Now.Sub(h.at) >= 0 {
		defer h.mu.Unlock()
		return h.last, nil
	}
	h.mu.Unlock() // nobody waits for somebody else's scan
	to := v.Now
	from := to.In(v.Zone).Truncate(time.Hour).Add(-23 * time.Hour)
	ctx := v.Context()
	if !patient {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, rhythmWait)
		defer cancel()
	}
	q := reporting.FactsRequest{From: from, To: to}
	if z := v.Zone.String(); z != "Local" { // this machine's has no name that others know
		q.Zone = z
	}
	f, err := site.AnswerIn[*facts.Facts](ctx, v.Site, reporting.SourcesFacts, q, nil)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.DeadlineExceeded
		}
		return nil, err
	}
	if f == nil {
		return nil, errors.New("the answer holds no facts")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at, h.last = v.Now, f
	return f, nil
}

// hourOf is the hour of the day that runs at the end of some facts, in the zone that their hours are of.
func hourOf(f *facts.Facts, zone *time.Location) int {
	if z, err := time.LoadLocation(f.Zone); err == nil && f.Zone != "" {
		zone = z
	}
	return f.To.In(zone).Hour()
}

// Sizes of a spark.
const (
	sparkHeight = 18
	sparkStep   = 4
)

// day draws the hours of a source, the running one last, and says how its clock is.
func (r *Row) day(s *facts.Source, hour int) {
	for _, n := range s.Hours {
		r.Most = max(r.Most, n)
		r.Day += n
	}
	for i := range s.Hours {
		n := s.Hours[(hour+1+i)%24]
		b := Bar{X: i * sparkStep, Y: sparkHeight - 1, H: 1, None: n == 0}
		if n > 0 {
			b.H = max(2, int(n*sparkHeight/r.Most))
			b.Y = sparkHeight - b.H
		}
		r.Spark = append(r.Spark, b)
	}
	if s.Skew.Events > 0 {
		r.Skew = Skew{Known: true, Median: time.Duration(s.Skew.MedianMS) * time.Millisecond, Ahead: s.Skew.Ahead}
		r.Skew.Bad = r.Skew.Median.Abs() >= skewBad || r.Skew.Ahead > 0
	}
	if s.Last.After(r.Last) {
		r.Last = s.Last
	}
}

// searchOf finds the events of a source, which is called by its input and its address.
func searchOf(source string) string {
	input, addr, ok := strings.Cut(source, "/")
	if !ok {
		return ""
	}
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace
	return "/search?" + url.Values{"q": {`weir.input: "` + quote(input) + `" and log.source.address: "` + quote(addr) + `"`}, "from": {"-24h"}}.Encode()
}
