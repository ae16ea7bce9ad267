package show

import (
	"time"

	"weir/internal/control"
	"weir/internal/term"
)

// sourceName is the name that a person knows a source by.
// It comes from the inventory or from the events; --source takes the other one, which never changes.
func sourceName(r control.LedgerRow) string {
	if r.Name != "" {
		return r.Name
	}
	return r.Source
}

// LedgerTable reads as the equation that has to hold, from left to right. The signs stand in the heads, so that the
// line below can be read aloud as a sum. Blanks between columns are one where a sign follows and three around the
// equation.
func LedgerTable(face, msg *term.Face, l control.Ledger, note func(string, ...any)) error {
	num := func(head string, gap int) term.Column { return term.Column{Head: head, Right: true, Gap: gap} }
	t := term.NewTable(face, term.Column{Head: "SOURCE"}, num("RECEIVED", 3), num("+SPLIT", 1), num("= STORED", 1), num("+DUPLICATE", 1),
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
			cells = append(cells, face.Num(n))
		}
		t.Row(cells...)
		in += r.Received + r.Split
		out += r.Stored + r.Duplicate + r.Dead + r.Refused + r.Filtered + r.InFlight
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(l.Rows) == 0 {
		note("nothing received yet")
		return nil
	}
	if e := l.Elastic; e.On {
		note("Elasticsearch: %s of %s events, %s waiting, %s refused by it; %s were there and hold something else", term.Count(e.Indexed), term.Count(e.Events),
			term.Count(e.Waiting), term.Count(e.Dead), term.Count(e.Differing))
	}
	for _, u := range l.Unclean {
		note("unclean stop at %s: at most %s of %s after the last count", msg.Second(u.At), term.Count(u.Most), u.Hop)
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
	note("%s: %s %s %s. Lost before weir could read it: %s (kernel), %s (ring). Counts to %s", word, term.Count(in), sign,
		term.Count(out), term.Count(l.KernelDrops), term.Count(l.RingLosses), msg.Second(l.At))
	return nil
}

// LedgerLines writes one object per source and hop, each count at the hop that makes it, so that sums over all lines are
// right; then the verdict. Three lines a source look like more than one would do; but a sum over all lines of one key
// is then a sum over one hop, and nothing is counted twice by whoever adds up without reading the documentation.
func LedgerLines(l control.Ledger, line func(any) error) error {
	for _, r := range l.Rows {
		if l.Elastic.On {
			err := line(struct {
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
			if err := line(v); err != nil {
				return err
			}
		}
	}
	return line(struct {
		Balanced    bool                  `json:"balanced"`
		KernelDrops int64                 `json:"kernel_drops"`
		RingLosses  int64                 `json:"ring_losses"`
		At          time.Time             `json:"at"`
		Unclean     []control.UncleanStop `json:"unclean,omitempty"`
	}{l.Balanced, l.KernelDrops, l.RingLosses, l.At.UTC(), l.Unclean})
}
