package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/term"
)

// What ledger prints is a contract: a pipe gets source, received, split, stored, duplicate, dead, refused, filtered, in
// flight and difference; --json one object for each source and hop, and a last one that begins with "balanced".
// Differences come as faults on stderr, after the rows, with exit code 1.

// ledgerSpec is the command that makes the others trustworthy: a difference is an error with exit code 1, so that a timer
// can watch it.
// A running weir is asked, else the counts on disk are read; both give the same rows.
func (c *cli) ledgerSpec() pages.Spec {
	var source, from, to string
	return pages.Spec{
		Use: "ledger", Short: "show that nothing was lost: what came in and what became of it", Group: "evidence",
		Long:     "Adds up what every hop counted. received + split = stored + duplicate + dead + refused + filtered + in flight, per source; a difference is named, with exit code 1.",
		Examples: []string{"weir ledger", "weir ledger --source syslog/192.0.2.1", "weir ledger --json"},
		Common:   []string{"source", "from", "to", "json"}, Exits: "1 it does not balance", Args: atMost(0),
		Sections: [][]string{{"What", "source"}, {"When", "from", "to"}},
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&source, "source", "", "only this `source`")
			f.StringVar(&from, "from", "", "counted after this `time`")
			f.StringVar(&to, "to", "", "counted before this `time`")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			a, b, err := c.times(from, to)
			if err != nil {
				return err
			}
			return c.ledger(cmd, control.LedgerRequest{Source: source, From: a, To: b})
		},
	}
}

// ledger shows all rows before the faults: who reads a fault wants to see the row it names.
// A source that never was is an error of the question, exit 2; a source that lost something is one of the answer, exit 1.
func (c *cli) ledger(cmd *cobra.Command, r control.LedgerRequest) error {
	return c.ask(cmd.Context(), func(b control.Backend) error {
		l, err := b.Ledger(cmd.Context(), r)
		if err != nil {
			return err
		}
		// An empty ledger and a source that never was look alike in the answer; only the question tells.
		if r.Source != "" && len(l.Rows) == 0 {
			return &fault.Error{Code: "source-unknown", What: fmt.Sprintf("no record ever came from `%s`", r.Source),
				Do: "all sources: " + c.cmdline("sources list"), Exit: fault.ExitUsage}
		}
		if c.json {
			err = c.ledgerJSON(l)
		} else {
			err = c.ledgerTable(l)
		}
		if err != nil {
			return err
		}
		c.warn(l.Faults...)
		if !l.Balanced {
			return found{fault.ExitFound}
		}
		return nil
	})
}

// sourceName is the name that a person knows a source by.
// It comes from the inventory or from the events; --source takes the other one, which never changes.
func sourceName(r control.LedgerRow) string {
	if r.Name != "" {
		return r.Name
	}
	return r.Source
}

// ledgerTable reads as the equation that has to hold, from left to right. The signs stand in the heads, so that the
// line below can be read aloud as a sum. Blanks between columns are one where a sign follows and three around the
// equation.
func (c *cli) ledgerTable(l control.Ledger) error {
	num := func(head string, gap int) term.Column { return term.Column{Head: head, Right: true, Gap: gap} }
	t := term.NewTable(c.out, term.Column{Head: "SOURCE"}, num("RECEIVED", 3), num("+SPLIT", 1), num("= STORED", 1), num("+DUPLICATE", 1),
		num("+DEAD", 1), num("+REFUSED", 1), num("+FILTERED", 1), num("+IN FLIGHT", 1),
		term.Column{Head: "DIFFERENCE", Right: true, Gap: 3, Style: func(s string) term.Style {
			if s == "0" {
				return term.Plain
			}
			return term.Red
		}})
	var in, out int64
	for _, r := range l.Rows {
		cells := []string{sourceName(r)}
		for _, n := range []int64{r.Received, r.Split, r.Stored, r.Duplicate, r.Dead, r.Refused, r.Filtered, r.InFlight, r.Difference} {
			cells = append(cells, c.out.Num(n))
		}
		t.Row(cells...)
		in += r.Received + r.Split
		out += r.Stored + r.Duplicate + r.Dead + r.Refused + r.Filtered + r.InFlight
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(l.Rows) == 0 {
		c.note("nothing received yet")
		return nil
	}
	if e := l.Elastic; e.On {
		c.note("Elasticsearch: %s of %s events, %s waiting, %s refused by it; %s were there and hold something else", term.Count(e.Indexed), term.Count(e.Events),
			term.Count(e.Waiting), term.Count(e.Dead), term.Count(e.Differing))
	}
	for _, u := range l.Unclean {
		c.note("unclean stop at %s: at most %s of %s after the last count", c.msg.Second(u.At), term.Count(u.Most), u.Hop)
	}
	word := "balanced"
	if !l.Balanced {
		word = "NOT balanced"
	}
	// in and out are added up here once more, from the rows that were just shown: the line must not repeat a verdict
	// blindly.
	sign := "="
	if in != out {
		sign = "and"
	}
	c.note("%s: %s %s %s. Lost before weir could read it: %s (kernel), %s (ring). Counts to %s", word, term.Count(in), sign,
		term.Count(out), term.Count(l.KernelDrops), term.Count(l.RingLosses), c.msg.Second(l.At))
	return nil
}

// ledgerJSON writes one object per source and hop, each count at the hop that makes it, so that sums over all lines are
// right; then the verdict. Three lines a source look like more than one would do; but a sum over all lines of one key
// is then a sum over one hop, and nothing is counted twice by whoever adds up without reading the documentation.
func (c *cli) ledgerJSON(l control.Ledger) error {
	for _, r := range l.Rows {
		if l.Elastic.On {
			err := c.line(struct {
				Source    string `json:"source"`
				Name      string `json:"name,omitempty"`
				Hop       string `json:"hop"`
				Indexed   int64  `json:"indexed"`
				Unindexed int64  `json:"unindexed"`
			}{r.Source, r.Name, "elastic", r.Indexed, r.Unindexed})
			if err != nil {
				return err
			}
		}
		for _, v := range []any{
			struct {
				Source   string    `json:"source"`
				Name     string    `json:"name,omitempty"`
				Hop      string    `json:"hop"`
				Received int64     `json:"received"`
				Bytes    int64     `json:"bytes"`
				Refused  int64     `json:"refused"`
				Last     time.Time `json:"last,omitzero"`
			}{r.Source, r.Name, "ingest", r.Received, r.Bytes, r.Refused, r.Last},
			struct {
				Source    string `json:"source"`
				Name      string `json:"name,omitempty"`
				Hop       string `json:"hop"`
				Split     int64  `json:"split"`
				Duplicate int64  `json:"duplicate"`
				Dead      int64  `json:"dead"`
				Filtered  int64  `json:"filtered"`
				Repeated  int64  `json:"repeated"`
			}{r.Source, r.Name, "normalise", r.Split, r.Duplicate, r.Dead, r.Filtered, r.Repeated},
			struct {
				Source     string `json:"source"`
				Name       string `json:"name,omitempty"`
				Hop        string `json:"hop"`
				Stored     int64  `json:"stored"`
				InFlight   int64  `json:"in_flight"`
				Difference int64  `json:"difference"`
			}{r.Source, r.Name, "archive", r.Stored, r.InFlight, r.Difference},
		} {
			if err := c.line(v); err != nil {
				return err
			}
		}
	}
	return c.line(struct {
		Balanced    bool                  `json:"balanced"`
		KernelDrops int64                 `json:"kernel_drops"`
		RingLosses  int64                 `json:"ring_losses"`
		At          time.Time             `json:"at"`
		Unclean     []control.UncleanStop `json:"unclean,omitempty"`
	}{l.Balanced, l.KernelDrops, l.RingLosses, l.At.UTC(), l.Unclean})
}
