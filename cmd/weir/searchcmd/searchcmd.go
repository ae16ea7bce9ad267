// Package searchcmd is what weir search does beyond a first look: pages in any order, counts by several fields, saved
// searches, and exports.
package searchcmd

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/searching"
	"weir/internal/term"
)

// First is the value of --after that begins at the first page.
const First = "first"

// Options are the flags of a search that concern this package. Empty fields are flags that were not given.
type Options struct {
	Query     string
	From, To  string // as they were typed
	Sort      string
	Size      int
	SizeGiven bool
	Fields    []string
	Histogram bool
	All       bool // revisions
	After     string
	CountBy   []string
	CountSize int
}

// Paged tells whether a search needs pages: another order than by time, a cursor, or counts by fields.
func (o Options) Paged() bool {
	return o.After != "" || len(o.CountBy) > 0 || strings.TrimPrefix(o.Sort, "-") != "@timestamp" && o.Sort != ""
}

// buckets is how many bars a histogram has at most: what fits beside labels on a narrow terminal.
const buckets = 60

// request makes the question of a page.
func (o Options) request(sh ui.Shell) (r searching.PageRequest, err error) {
	from, to, err := sh.Times(o.From, o.To)
	if err != nil {
		return r, err
	}
	r = searching.PageRequest{Scope: searching.Scope{Query: o.Query, From: from, To: to, Revisions: o.All}, Size: o.Size, Sort: o.Sort, Fields: o.Fields, CountBy: o.CountBy, CountSize: o.CountSize}
	if o.After != First {
		r.After = o.After
	}
	if !sh.JSON {
		r.Fields = show.Needs(o.Fields)
	}
	if o.Histogram {
		r.Buckets = buckets
	}
	if (o.Histogram || len(o.CountBy) > 0) && !o.SizeGiven {
		r.Size = 0 // counts need no documents
	}
	return r, nil
}

// Page shows one page, and says how the next one is asked for.
func Page(ctx context.Context, sh ui.Shell, o Options) error {
	r, err := o.request(sh)
	if err != nil {
		return err
	}
	return sh.Ask(ctx, func(b control.Backend) error {
		rows := show.NewRows(sh.Out, o.Fields)
		p, err := question.Ask[searching.Page](ctx, b, searching.AskPage, r, func(doc []byte) error {
			if sh.JSON {
				return sh.Write(append(bytes.Clone(doc), '\n'))
			}
			d, err := show.Parse(doc)
			if err != nil {
				return err
			}
			return rows.Add(d)
		})
		if e := rows.Flush(); err == nil {
			err = e // rows that came are shown before an error
		}
		if err != nil {
			return err
		}
		for _, w := range p.Warn {
			sh.Warn(w.Fault())
		}
		if sh.JSON {
			return pageJSON(sh, o, p)
		}
		if err := counts(sh, o, p); err != nil {
			return err
		}
		sh.Note("%s", words(sh, r, p))
		if p.Next != "" && r.Size > 0 {
			sh.Note("Next page: --after %s", p.Next)
		}
		return nil
	})
}

// pageJSON writes counts, each kind told apart by its keys, and the cursor of the next page as the last line.
func pageJSON(sh ui.Shell, o Options, p searching.Page) error {
	for _, b := range p.Buckets {
		if err := sh.Line(map[string]any{"time": b.Time.UTC(), "count": b.Count, "width_ms": p.BucketWidth.Milliseconds()}); err != nil {
			return err
		}
	}
	for _, g := range p.Groups {
		values := map[string]string{}
		for i, v := range g.Values {
			values[o.CountBy[i]] = v
		}
		if err := sh.Line(map[string]any{"values": values, "count": g.Count, "exact": p.Exact}); err != nil {
			return err
		}
	}
	if p.Next == "" || o.After == "" {
		return nil
	}
	return sh.Line(map[string]any{"next": p.Next})
}

// counts shows the histogram and the groups. Shares are of all hits, so that what is not shown is what is missing from 100.
func counts(sh ui.Shell, o Options, p searching.Page) error {
	if len(p.Buckets) > 0 && sh.Out.TTY {
		sum := control.SearchSummary{BucketWidth: p.BucketWidth}
		for _, b := range p.Buckets {
			sum.Buckets = append(sum.Buckets, control.Bucket(b))
		}
		if err := sh.Printf("%s", show.Histogram(sh.Out, sum)); err != nil {
			return err
		}
	} else {
		for _, b := range p.Buckets {
			if err := sh.Printf("%s\t%d\n", b.Time.UTC().Format(time.RFC3339), b.Count); err != nil {
				return err
			}
		}
	}
	if len(o.CountBy) == 0 {
		return nil
	}
	var cols []term.Column
	for _, f := range o.CountBy {
		cols = append(cols, term.Column{Head: strings.ToUpper(f), Cut: true})
	}
	t := term.NewTable(sh.Out, append(cols, term.Column{Head: "EVENTS", Right: true}, term.Column{Head: "%", Right: true})...)
	for _, g := range p.Groups {
		t.Row(append(append([]string{}, g.Values...), sh.Out.Num(g.Count), fmt.Sprintf("%.1f", 100*float64(g.Count)/float64(max(1, p.Hits))))...)
	}
	return t.Flush()
}

// words is the last line: how much there is, in which order, and what it cost.
func words(sh ui.Shell, r searching.PageRequest, p searching.Page) string {
	var parts []string
	switch {
	case p.Hits == 0:
		parts = append(parts, "no hit")
	case r.Size == 0:
		parts = append(parts, term.Count(p.Hits)+" events")
	case p.Hits < 0:
		parts = append(parts, fmt.Sprintf("%s more, %s", term.Count(int64(p.Shown)), order(r.Sort)))
	default:
		parts = append(parts, fmt.Sprintf("%s of %s, %s", term.Count(int64(p.Shown)), term.Count(p.Hits), order(r.Sort)))
	}
	if len(r.CountBy) > 0 {
		s := ui.Plural(int(p.Total), "group")
		if int64(len(p.Groups)) < p.Total {
			s = "the first " + term.Count(int64(len(p.Groups))) + " of " + s
		}
		if p.Exact {
			s += ", exact"
		} else {
			s += ", rare ones are not counted: there are too many"
		}
		if p.Missing > 0 {
			s += "; " + term.Count(p.Missing) + " events lack " + orList(r.CountBy)
		}
		parts = append(parts, s)
	}
	if !p.From.IsZero() && !p.To.IsZero() {
		parts = append(parts, p.From.In(sh.Msg.Zone).Format("2006-01-02 15:04")+" to "+p.To.In(sh.Msg.Zone).Format("2006-01-02 15:04"))
	}
	took := "under 1 ms"
	if p.TookMS > 0 {
		took = term.Duration(time.Duration(p.TookMS) * time.Millisecond)
	}
	return strings.Join(append(parts, fmt.Sprintf("%s, %d of %d segments read", took, p.SegmentsRead, p.SegmentsTotal)), "; ")
}

// orList names fields of which one is enough.
func orList(list []string) string {
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + " or " + list[n-1]
	}
	return list[0]
}

// order says in which order rows are.
func order(sort string) string {
	switch sort {
	case "", "-@timestamp":
		return "newest first"
	case "@timestamp":
		return "oldest first"
	}
	if path, desc := strings.CutPrefix(sort, "-"); desc {
		return "highest " + path + " first"
	}
	return "lowest " + sort + " first"
}
