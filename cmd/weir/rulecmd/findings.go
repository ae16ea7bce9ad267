package rulecmd

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/cmd/weir/ui"
	"weir/internal/control/trial"
	"weir/internal/term"
)

// findings are the alerts of a backtest as they are shown: counted by day and by what they are about. Of what is only
// gone, nothing is counted: the version that is tried does not raise it.
type findings struct {
	sh      ui.Shell
	show    string // which alerts are listed; empty: none
	against string
	starts  []time.Time
	groups  map[string]int
	listed  []trial.Alert
}

// add takes an alert. JSON goes out at once.
func (f *findings) add(a trial.Alert) error {
	if a.Change != trial.Gone {
		if f.groups == nil {
			f.groups = map[string]int{}
		}
		f.starts = append(f.starts, a.First)
		f.groups[groupText(a.Group)]++
	}
	wanted := f.show == "" || f.show == "all" || f.show == a.Change
	switch {
	case !wanted:
	case f.sh.JSON:
		return f.sh.Line(a)
	case f.show != "":
		f.listed = append(f.listed, a)
	}
	return nil
}

// groupText writes what an alert is about: field=value, in the order of the fields.
func groupText(group map[string]string) string {
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(group)) {
		if v := group[field]; v != "" {
			parts = append(parts, field+"="+v)
		}
	}
	if len(parts) == 0 {
		return "events without these fields"
	}
	return strings.Join(parts, " ")
}

// dayCount is the alerts of one day.
type dayCount struct {
	Day    string `json:"day"`
	Alerts int64  `json:"alerts"`
}

// days counts the alerts of each day in a zone, also of those on which there are none, from the first day of the time
// that was asked for, or of what there is, to the last.
func (f *findings) days(sum trial.Summary, zone *time.Location) []dayCount {
	first, last := sum.From, sum.To.Add(-1)
	if !sum.Reached.IsZero() {
		last = sum.Reached
	}
	for _, t := range f.starts {
		if first.IsZero() || t.Before(first) {
			first = t
		}
		if sum.To.IsZero() || t.After(last) {
			last = t
		}
	}
	if first.IsZero() || last.Before(first) {
		return nil
	}
	counts := map[string]int64{}
	for _, t := range f.starts {
		counts[t.In(zone).Format(time.DateOnly)]++
	}
	var out []dayCount
	y, m, d := first.In(zone).Date()
	end := last.In(zone).Format(time.DateOnly)
	// At noon, so that a change of the clock neither skips a day nor repeats one.
	for at := time.Date(y, m, d, 12, 0, 0, 0, zone); len(out) < maxDays; at = at.AddDate(0, 0, 1) {
		day := at.Format(time.DateOnly)
		if day > end {
			break
		}
		out = append(out, dayCount{day, counts[day]})
	}
	return out
}

// maxDays bounds the list of days; a clock that says 1970 must not make one of fifty years.
const maxDays = 3660

// groupCount is how many alerts are about one group.
type groupCount struct {
	Group  string `json:"group"`
	Alerts int    `json:"alerts"`
}

// top returns the groups with most alerts.
func (f *findings) top() []groupCount {
	out := make([]groupCount, 0, len(f.groups))
	for g, n := range f.groups {
		out = append(out, groupCount{g, n})
	}
	slices.SortFunc(out, func(a, b groupCount) int { return cmp.Or(b.Alerts-a.Alerts, strings.Compare(a.Group, b.Group)) })
	return out
}

const (
	topShown = 5
	topJSON  = 20
)

// json writes the summary.
func (f *findings) json(sum trial.Summary) error {
	top := f.top()
	type summary struct {
		trial.Summary
		Days   []dayCount   `json:"days"`
		Top    []groupCount `json:"top"`
		Groups int          `json:"groups"`
	}
	return f.sh.Line(map[string]summary{"summary": {sum, append([]dayCount{}, f.days(sum, time.UTC)...), top[:min(len(top), topJSON)], len(top)}})
}

// print shows the figures to a person, or the lines of a pipe.
func (f *findings) print(sum trial.Summary) error {
	f.sh.Note("%s", readText(sum))
	if s := stoppedText(f.sh.Msg, sum); s != "" {
		f.sh.Note("%s", s)
	}
	if sum.Late > 0 {
		f.sh.Note("%s came more than a day late: their alerts may be cut otherwise than live", ui.Plural(int(sum.Late), "hit"))
	}
	if sum.Evicted > 0 {
		f.sh.Note("%s let go because there were too many at a time: alerts may be missing", ui.Plural(int(sum.Evicted), "group"))
	}
	if sum.Written+sum.Present > 0 {
		f.sh.Note("%s kept as historic, %d there already: weir alerts list --all", ui.Plural(int(sum.Written), "alert"), sum.Present)
	}
	if sum.Warmed > 0 {
		f.sh.Note("%s remembered by the rule that runs; nobody was told of them", ui.Plural(int(sum.Warmed), "hit"))
	}
	switch {
	case f.show != "":
		if err := f.head(sum); err != nil {
			return err
		}
		return f.list()
	case len(sum.Rules) == 1:
		if f.sh.Out.TTY {
			return f.head(sum)
		}
		return f.dayLines(sum)
	}
	return f.rules(sum)
}

// readText says what was read, and what it was spared.
func readText(sum trial.Summary) string {
	took := time.Duration(sum.TookMS) * time.Millisecond
	parts := []string{fmt.Sprintf("%s in %s", ui.Plural(int(sum.Events), "event"), term.Duration(took))}
	if sum.Segments == 0 && sum.Skipped == 0 {
		return parts[0]
	}
	if sum.Skipped > 0 {
		parts = append(parts, term.Count(sum.Skipped)+" skipped by their columns")
	}
	if n := len(sum.Columns); n > 0 {
		parts = append(parts, ui.Plural(n, "column")+" read")
	} else {
		parts = append(parts, "all columns read")
	}
	if sum.SegmentsRead < sum.Segments {
		parts = append(parts, fmt.Sprintf("%s of %s", term.Count(int64(sum.SegmentsRead)), ui.Plural(sum.Segments, "segment")))
	}
	return strings.Join(append(parts, gaps(sum)), ", ")
}

// head shows the figures of one rule on a terminal.
func (f *findings) head(sum trial.Summary) error {
	if !f.sh.Out.TTY || len(sum.Rules) != 1 {
		return nil
	}
	r := sum.Rules[0]
	days := f.days(sum, f.sh.Out.Zone)
	name, bars := f.bars(days, f.sh.Out.Width-60)
	label, wide := "", len(name)
	if f.against != "" {
		label = "against " + term.Escape(f.against)
		wide = max(wide, term.Cells(label))
	}
	row := func(name, text string) error {
		return f.sh.Printf("%s%s  %s\n", name, strings.Repeat(" ", max(0, wide-term.Cells(name))), text)
	}
	text := "none"
	if r.Alerts > 0 {
		text = fmt.Sprintf("%s   %s in %s, most on %s", f.sh.Out.Spark(bars), term.Count(r.Alerts), ui.Plural(len(days), "day"), busiest(days))
	}
	if err := row(name, text); err != nil {
		return err
	}
	top := f.top()
	for i, g := range top[:min(len(top), topShown)] {
		name := ""
		if i == 0 {
			name = "for"
		}
		line := fmt.Sprintf("%s  %s", term.Count(int64(g.Alerts)), term.Escape(g.Group))
		if err := row(name, f.sh.Out.Cut(line, max(20, f.sh.Out.Width-wide-2))); err != nil {
			return err
		}
	}
	if n := len(top) - topShown; n > 0 {
		if err := row("", "and "+term.Count(int64(n))+" more"); err != nil {
			return err
		}
	}
	if err := row("cost", costText(sum)); err != nil || f.against == "" {
		return err
	}
	text = fmt.Sprintf("%s new, %s as before, %s gone", term.Count(r.New), term.Count(r.Same), term.Count(r.Gone))
	if f.show == "" && r.New+r.Gone > 0 {
		which := trial.New
		if r.New == 0 {
			which = trial.Gone
		}
		text += "     --show " + which + " lists them"
	}
	return row(label, text)
}

// costText says what holding one event against the rule takes.
func costText(sum trial.Summary) string {
	if sum.Tried == 0 || sum.CostNS == 0 {
		return "not measured: too few events were tried"
	}
	text := fmt.Sprintf("%.0f ns an event, of %s tried", sum.CostNS, term.Count(sum.Tried))
	if sum.CostAgainstNS > 0 {
		text += fmt.Sprintf(" (the other version %.0f ns)", sum.CostAgainstNS)
	}
	return text
}

// bars puts days together until they fit; the name says what a bar is.
func (f *findings) bars(days []dayCount, room int) (name string, out []int64) {
	width := 1
	name = "alerts a day"
	if len(days) > max(20, room) {
		width, name = 7, "alerts a week"
	}
	for len(days) > max(20, room)*width {
		width *= 2
		name = fmt.Sprintf("in %d days", width)
	}
	for i, d := range days {
		if i%width == 0 {
			out = append(out, 0)
		}
		out[len(out)-1] += d.Alerts
	}
	return name, out
}

// busiest names the day with most alerts, as month and day.
func busiest(days []dayCount) string {
	if len(days) == 0 {
		return "-"
	}
	best := days[0]
	for _, d := range days {
		if d.Alerts > best.Alerts {
			best = d
		}
	}
	return best.Day[len("2006-"):]
}

// dayLines is what a pipe gets: a day and its alerts a line.
func (f *findings) dayLines(sum trial.Summary) error {
	for _, d := range f.days(sum, time.UTC) {
		if err := f.sh.Printf("%s\t%d\n", d.Day, d.Alerts); err != nil {
			return err
		}
	}
	return nil
}

// list shows alerts.
func (f *findings) list() error {
	cols := []term.Column{{Head: "FIRST " + f.sh.Out.Offset()}, {Head: "COUNT", Right: true}}
	if f.against != "" {
		cols = append(cols, term.Column{Head: "CHANGE"})
	}
	t := term.NewTable(f.sh.Out, append(cols, term.Column{Head: "RULE"}, term.Column{Head: "FOR"}, term.Column{Head: "WHAT", Cut: true})...)
	for _, a := range f.listed {
		row := []string{f.sh.Out.Second(a.First), f.sh.Out.Num(int64(a.Count))}
		if f.against != "" {
			row = append(row, a.Change)
		}
		t.Row(append(row, a.Rule, groupText(a.Group), a.What)...)
	}
	return t.Flush()
}

// rules shows several rules, those with most alerts first.
func (f *findings) rules(sum trial.Summary) error {
	list := slices.Clone(sum.Rules)
	slices.SortStableFunc(list, func(a, b trial.Rule) int {
		return cmp.Or(int(b.Alerts-a.Alerts), strings.Compare(a.Rule, b.Rule))
	})
	cols := []term.Column{{Head: "RULE"}, {Head: "LEVEL"}, {Head: "MATCHES", Right: true}, {Head: "ALERTS", Right: true}}
	if f.against != "" {
		cols = append(cols, term.Column{Head: "NEW", Right: true}, term.Column{Head: "GONE", Right: true})
	}
	t := term.NewTable(f.sh.Out, append(cols, term.Column{Head: "TITLE", Cut: true})...)
	for _, r := range list {
		row := []string{r.Rule, r.Level, f.sh.Out.Num(r.Matches), f.sh.Out.Num(r.Alerts)}
		if f.against != "" {
			row = append(row, strconv.FormatInt(r.New, 10), strconv.FormatInt(r.Gone, 10))
		}
		t.Row(append(row, r.Title)...)
	}
	return t.Flush()
}
