package main

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/searchcmd"
	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/term"
)

// searchFlags are the flags of search.
// Times stay text until the clock and zone of the call are known.
type searchFlags struct {
	from, to, sort, top string
	size                int
	fields              []string
	histogram, all      bool

	after, saved, save, export string
	countBy                    []string
	countSize                  int
	list                       bool
}

// What search prints is a contract:
//   - terminal: a table of time, dataset, host, source.ip, user.name, message, without the columns that are empty in every
//     row; or time and the --fields. The summary goes to stderr.
//   - pipe: the same columns, all of them, separated by tabs, times in UTC, no head.
//   - --json: the ECS documents as they are stored, one a line. With --histogram {"time", "count", "width_ms"} a bar, with
//     --top {"field", "value", "count", "exact"} a value, with --count-by {"values", "count", "exact"} a group, and with --after
//     a last line {"next"}, unless it was the last page.
//
// No hit is no fault: the exit code says whether the search was possible.

// searchSpec has no default time: on one machine everything is searched in order, newest first, and stops at --size.
// A query is one argument: without quotes the shell takes it apart, and the message about too many says so.
func (c *cli) searchSpec() pages.Spec {
	var o searchFlags
	return pages.Spec{
		Use: "search ['KQL']", Short: "find events, newest first", Group: "look",
		Long: "Searches everything that is stored, also what came a moment ago. Without a running weir the files are read.",
		Examples: []string{
			"weir search 'source.ip: 203.0.113.5 and event.outcome: failure' --from -15m",
			"weir search 'event.dataset: sshd' --from -1h --histogram --top source.ip",
			"weir search 'user.name: kim' --from -30d --export kim.csv",
		},
		Common: []string{"from", "to", "size", "fields", "histogram", "top", "json"},
		Sections: [][]string{{"What", "size", "sort", "after", "fields", "histogram", "top", "count-by", "count-size", "all-revisions"}, {"When", "from", "to"},
			{"Keep", "export", "saved", "save", "list"}},
		Exits: "3 the data cannot be read",
		Args:  ui.AtMost(1),
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&o.from, "from", "", "`time` of the oldest (default everything; forms: weir help time)")
			f.StringVar(&o.to, "to", "", "`time` before which (default now)")
			f.IntVar(&o.size, "size", 50, "`number` of events to show")
			f.StringVar(&o.sort, "sort", "-@timestamp", "any `field`, with - the highest first: @timestamp oldest first, -@timestamp newest")
			f.StringVar(&o.after, "after", "", "page by page: first, then the `cursor` that the page before printed")
			f.StringSliceVar(&o.fields, "fields", nil, "`fields` to show, comma-separated")
			f.BoolVar(&o.histogram, "histogram", false, "count over time instead of events")
			f.StringVar(&o.top, "top", "", "most frequent values of a `field` instead of events")
			f.StringSliceVar(&o.countBy, "count-by", nil, "most frequent combinations of one to three `fields`, comma-separated")
			f.IntVar(&o.countSize, "count-size", 10, "`number` of combinations to show")
			f.StringVar(&o.export, "export", "", "write everything found into a `file`: .ndjson, .csv or .parquet")
			f.StringVar(&o.saved, "saved", "", "the saved search of this `name`; a query beside it narrows it")
			f.StringVar(&o.save, "save", "", "keep this search under a `name`, in searches/ of the data folder")
			f.BoolVar(&o.list, "list", false, "list the saved searches")
			f.BoolVar(&o.all, "all-revisions", false, "earlier revisions of events too")
		},
		Run:      func(cmd *cobra.Command, args []string) error { return c.search(cmd, strings.Join(args, ""), o) },
		Complete: c.completeFields,
	}
}

// times reads --from and --to. An empty one stays zero, which every question takes as open; an interval that is empty
// is refused, because no hit would look like an answer.
// The zone is that of the person, also where a pipe shows UTC: what one types is read off the clock on the wall.
func (c *cli) times(from, to string) (a, b time.Time, err error) {
	zone := c.zone // what a person types means their own clock, also in a pipe
	switch {
	case c.utc:
		zone = time.UTC
	case zone == nil:
		zone = time.Local
	}
	if from != "" {
		if a, err = term.ParseTime(from, c.now(), zone); err != nil {
			return a, b, err
		}
	}
	if to != "" {
		if b, err = term.ParseTime(to, c.now(), zone); err != nil {
			return a, b, err
		}
	}
	if !a.IsZero() && !b.IsZero() && !a.Before(b) {
		return a, b, ui.Usage("--from is not before --to", "from "+a.Format(time.RFC3339)+" to "+b.Format(time.RFC3339))
	}
	return a, b, nil
}

// search hands rows on as they come, and says what it cost at the end. With --histogram or --top no events are asked
// for unless --size is given. The documents belong to the backend and are good until the function returns: what is kept
// is copied, and so is what is written.
func (c *cli) search(cmd *cobra.Command, query string, o searchFlags) error {
	if o.size < 0 || o.countSize < 1 {
		return ui.Usage("--size must be 0 or more, and --count-size 1 or more", "")
	}
	if done, err := c.beyond(cmd, &query, &o); done || err != nil {
		return err
	}
	from, to, err := c.times(o.from, o.to)
	if err != nil {
		return err
	}
	r := control.SearchRequest{Query: query, From: from, To: to, Size: o.size, Ascending: o.sort == "@timestamp",
		Histogram: o.histogram, Top: o.top, Fields: o.fields, Revisions: o.all}
	if !c.json {
		r.Fields = show.Needs(o.fields)
	}
	// Counts need no documents, and reading them is what costs.
	if (o.histogram || o.top != "") && !cmd.Flags().Changed("size") {
		r.Size = 0
	}
	return c.ask(cmd.Context(), func(b control.Backend) error {
		rows := show.NewRows(c.out, o.fields)
		sum, err := b.Search(cmd.Context(), r, func(raw []byte) error {
			if c.json {
				return c.write(append(bytes.Clone(raw), '\n'))
			}
			d, err := show.Parse(raw)
			if err != nil {
				return err
			}
			return rows.Add(d)
		})
		// Also after an error: the rows that came are shown before it.
		if e := rows.Flush(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		c.warn(sum.Warnings...)
		if err := c.counts(sum, o); err != nil {
			return err
		}
		if !c.json {
			c.note("%s", show.Summary(c.msg, r, sum))
		}
		return nil
	})
}

// beyond does what is more than a first look. done: that was all; else query and flags are those of the saved search, if one
// was named.
func (c *cli) beyond(cmd *cobra.Command, query *string, o *searchFlags) (done bool, err error) {
	ctx, sh, given := cmd.Context(), c.shell(), cmd.Flags().Changed
	if o.list {
		return true, searchcmd.List(ctx, sh)
	}
	x := searchcmd.Options{Query: *query, From: o.from, To: o.to, Size: o.size, SizeGiven: given("size"), Fields: o.fields, Histogram: o.histogram, All: o.all, After: o.after, CountBy: o.countBy, CountSize: o.countSize}
	if given("sort") {
		x.Sort = o.sort
	}
	if o.saved != "" {
		if x, err = searchcmd.Use(ctx, sh, o.saved, x); err != nil {
			return true, err
		}
		*query, o.from, o.to, o.size, o.fields, o.histogram = x.Query, x.From, x.To, x.Size, x.Fields, x.Histogram
		if x.Sort != "" {
			o.sort = x.Sort
		}
	}
	switch {
	case o.top != "" && (x.Paged() || o.save != "" || o.export != ""):
		return true, ui.Usage("--top does not go with this", "use --count-by "+o.top)
	case o.save != "":
		return true, searchcmd.Save(ctx, sh, o.save, x)
	case o.export != "" && (given("sort") || given("after") || given("count-by") || given("histogram") || given("size")):
		return true, ui.Usage("--export writes everything that is found, in the order of time", "leave out --sort, --after, --size and counts")
	case o.export != "":
		return true, searchcmd.Export(ctx, sh, o.export, x)
	case x.Paged():
		return true, searchcmd.Page(ctx, sh, x)
	}
	return false, nil
}

// counts shows histogram and top values.
// Shares are of all hits, not of the values shown, so that a long tail shows as what is missing from 100.
// The two may be asked for together: one question, one walk over the data.
func (c *cli) counts(sum control.SearchSummary, o searchFlags) error {
	switch {
	case !o.histogram && o.top == "":
		return nil
	case c.json:
		return c.countsJSON(sum, o)
	}
	if o.histogram && c.out.TTY {
		if err := c.printf("%s", show.Histogram(c.out, sum)); err != nil {
			return err
		}
	} else if o.histogram {
		for _, b := range sum.Buckets {
			if err := c.printf("%s\t%d\n", b.Time.UTC().Format(time.RFC3339), b.Count); err != nil {
				return err
			}
		}
	}
	if o.top == "" {
		return nil
	}
	t := term.NewTable(c.out, term.Column{Head: strings.ToUpper(o.top), Cut: true}, term.Column{Head: "EVENTS", Right: true},
		term.Column{Head: "%", Right: true}, term.Column{})
	for _, v := range sum.Top {
		bar := ""
		if c.out.TTY {
			bar = c.out.Bar(float64(v.Count), float64(sum.Top[0].Count), 30)
		}
		t.Row(v.Value, c.out.Num(v.Count), fmt.Sprintf("%.1f", 100*float64(v.Count)/float64(max(1, sum.Hits))), bar)
	}
	return t.Flush()
}

// countsJSON writes one object a bar and one a value.
// Counts of bars and values are on lines of their own kind, told apart by their keys.
func (c *cli) countsJSON(sum control.SearchSummary, o searchFlags) error {
	if o.histogram {
		for _, b := range sum.Buckets {
			if err := c.line(map[string]any{"time": b.Time.UTC(), "count": b.Count, "width_ms": sum.BucketWidth.Milliseconds()}); err != nil {
				return err
			}
		}
	}
	for _, v := range sum.Top {
		if err := c.line(map[string]any{"field": o.top, "value": v.Value, "count": v.Count, "exact": sum.TopExact}); err != nil {
			return err
		}
	}
	return nil
}
