package rulecmd

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/term"
	"weir/rules/coverage"
)

// coverageFlags are the flags of coverage.
type coverageFlags struct {
	from, to, navigator string
	all                 bool
}

// coverageRows is how many rows a table of findings has without --all.
const coverageRows = 10

// coverageSpec says what the rules saw, and what they cannot see.
func (c *commands) coverageSpec() pages.Spec {
	var o coverageFlags
	return pages.Spec{
		Use: "coverage", Short: "show what the rules were tried on, and what they cannot see", Args: ui.AtMost(0),
		Long: "By technique of ATT&CK: how many rules there are, how many can run here, since events of their log source came and have the fields that they need, and how many fired. Then what needs attention: " +
			"parts of the time in which no rules, or older ones, were tried on what is stored; rules that never fired; rules whose fields never appeared. All of it is read from the archive, where normalise keeps which offsets and event times each rule set evaluated. " +
			"--navigator writes a layer for ATT&CK Navigator.",
		Examples: []string{"weir rules coverage", "weir rules coverage --from -7d --navigator layer.json", "weir rules coverage --json"},
		Common:   []string{"from", "to", "navigator", "all", "json"},
		Sections: [][]string{{"When", "from", "to"}, {"Results", "navigator", "all"}},
		Exits:    "3 the data cannot be read",
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&o.from, "from", "", "`time` from which (default a month ago; forms: weir help time)")
			f.StringVar(&o.to, "to", "", "`time` before which (default now)")
			f.StringVar(&o.navigator, "navigator", "", "write a layer for ATT&CK Navigator to this `file`")
			f.BoolVar(&o.all, "all", false, "every rule and gap, not the first ten")
		},
		Run: func(cmd *cobra.Command, _ []string) error { return c.coverage(cmd.Context(), c.shell(), o) },
	}
}

// request reads the times.
func (o coverageFlags) request(sh ui.Shell) (r coverage.Request, err error) {
	for _, x := range []struct {
		text string
		into *time.Time
	}{{o.from, &r.From}, {o.to, &r.To}} {
		if x.text == "" {
			continue
		}
		if *x.into, err = term.ParseTime(x.text, sh.Now(), sh.Out.Zone); err != nil {
			return r, err
		}
	}
	if !r.From.IsZero() && !r.To.IsZero() && !r.From.Before(r.To) {
		return r, ui.Usage("--from is not before --to", "from "+r.From.Format(time.RFC3339)+" to "+r.To.Format(time.RFC3339))
	}
	return r, nil
}

func (c *commands) coverage(ctx context.Context, sh ui.Shell, o coverageFlags) error {
	r, err := o.request(sh)
	if err != nil {
		return err
	}
	var rep *coverage.Report
	err = sh.Ask(ctx, func(b control.Backend) error {
		asked, ok := b.(control.Coverer)
		if !ok {
			return &fault.Error{Code: "version-mismatch", What: "this weir does not know what its rules were tried on", Do: "use the same program for both", Exit: fault.ExitMissing}
		}
		rep, err = asked.Coverage(ctx, r)
		return err
	})
	if err != nil {
		return err
	}
	if o.navigator != "" {
		if err := writeLayer(sh, rep, o.navigator); err != nil {
			return err
		}
	}
	if sh.JSON {
		return coverageLines(sh, rep)
	}
	return coverageTables(sh, rep, o.all)
}

// writeLayer writes the layer for ATT&CK Navigator. What stands in the file goes: it is made anew each time.
func writeLayer(sh ui.Shell, rep *coverage.Report, name string) error {
	layer, err := coverage.Navigator(rep, "weir, "+rep.To.Format(time.DateOnly))
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, layer, 0o644); err != nil {
		return &fault.Error{Code: "output-unwritable", What: "the layer cannot be written", Where: name, Why: fault.Innermost(err), Do: "name a file in a folder that you may write to", Exit: fault.ExitUsage, Cause: err}
	}
	sh.Note("wrote %s: in ATT&CK Navigator, Open Existing Layer", term.Escape(name))
	return nil
}

// coverageLines prints one object a line; kind says what it is. The last one sums up.
func coverageLines(sh ui.Shell, rep *coverage.Report) error {
	type kind struct {
		Kind string `json:"kind"`
	}
	for i := range rep.Sets {
		if err := sh.Line(struct {
			kind
			coverage.Used
		}{kind{"set"}, rep.Sets[i]}); err != nil {
			return err
		}
	}
	for i := range rep.Gaps {
		if err := sh.Line(struct {
			Kind string `json:"kind"`
			What string `json:"gap"` // not-evaluated, older-set, rules-lost
			coverage.Gap
		}{"gap", rep.Gaps[i].Kind, rep.Gaps[i]}); err != nil {
			return err
		}
	}
	for i := range rep.Techniques {
		if err := sh.Line(struct {
			kind
			coverage.Technique
		}{kind{"technique"}, rep.Techniques[i]}); err != nil {
			return err
		}
	}
	for i := range rep.Rules {
		if err := sh.Line(struct {
			kind
			coverage.RuleRow
		}{kind{"rule"}, rep.Rules[i]}); err != nil {
			return err
		}
	}
	s := sumUp(rep)
	return sh.Line(struct {
		kind
		coverageSum
	}{kind{"summary"}, s})
}

// coverageSum is the last line of --json.
type coverageSum struct {
	From          time.Time `json:"from"`
	To            time.Time `json:"to"`
	Set           string    `json:"set"`
	Rules         int       `json:"rules"`
	CanRun        int       `json:"can_run"`
	Fired         int       `json:"fired"`
	FieldsMissing int       `json:"fields_missing"`
	Techniques    int       `json:"techniques"`
	Blind         int       `json:"techniques_blind"` // with rules, none of which can run
	Events        int64     `json:"events"`           // evaluated, by any set
	Gaps          int       `json:"gaps"`
	Seen          []string  `json:"log_sources_seen"`
}

func sumUp(rep *coverage.Report) coverageSum {
	s := coverageSum{From: rep.From, To: rep.To, Set: rep.Set, Rules: len(rep.Rules), Techniques: len(rep.Techniques), Gaps: len(rep.Gaps), Seen: append([]string{}, rep.Seen...)}
	for i := range rep.Rules {
		r := &rep.Rules[i]
		if r.CanRun {
			s.CanRun++
		}
		if fired(r) {
			s.Fired++
		}
		if !r.FieldsSeen {
			s.FieldsMissing++
		}
	}
	for _, t := range rep.Techniques {
		if t.CanRun == 0 {
			s.Blind++
		}
	}
	for _, u := range rep.Sets {
		s.Events += u.Events
	}
	return s
}

// fired tells whether a rule found anything.
func fired(r *coverage.RuleRow) bool { return r.Matches > 0 || r.Alerts > 0 }

// coverageTables is what people read: what needs attention first, then by technique, totals last.
func coverageTables(sh ui.Shell, rep *coverage.Report, all bool) error {
	s := sumUp(rep)
	if rep.Set == "" {
		sh.Note("no rule set evaluated anything from %s to %s", sh.Msg.Second(rep.From), sh.Msg.Second(rep.To))
		return gapTable(sh, rep, all)
	}
	for _, table := range []func(ui.Shell, *coverage.Report, bool) error{gapTable, setTable, missingTable, silentTable, techniqueTable} {
		if err := table(sh, rep, all); err != nil {
			return err
		}
	}
	sh.Note("%s of the set %.8s: %d can run here, %d fired; %s, of %d no rule can run; %s events evaluated", ui.Plural(s.Rules, "rule"), rep.Set, s.CanRun, s.Fired,
		ui.Plural(s.Techniques, "technique"), s.Blind, sh.Out.Num(s.Events))
	return nil
}

// section is a table with a heading, cut to its first rows. In a pipe it is whole, and the heading is the first word of
// each line, since the tables follow each other there.
type section struct {
	sh    ui.Shell
	head  string
	all   bool
	table *term.Table
	rows  int
}

func newSection(sh ui.Shell, head string, all bool, cols ...term.Column) *section {
	if !sh.Out.TTY {
		cols, all = append([]term.Column{{Head: "TABLE"}}, cols...), true
	}
	return &section{sh: sh, head: head, all: all, table: term.NewTable(sh.Out, cols...)}
}

// row adds a row, as long as there is room.
func (s *section) row(cells ...string) {
	if !s.sh.Out.TTY {
		cells = append([]string{s.head}, cells...)
	}
	if s.rows++; s.all || s.rows <= coverageRows {
		s.table.Row(cells...)
	}
}

// print prints what there is; an empty section is left out.
func (s *section) print() error {
	if s.rows == 0 {
		return nil
	}
	if s.sh.Out.TTY {
		if err := s.sh.Printf("%s\n", s.head); err != nil {
			return err
		}
	}
	if err := s.table.Flush(); err != nil {
		return err
	}
	if !s.all && s.rows > coverageRows {
		s.sh.Note("and %d more: --all", s.rows-coverageRows)
	}
	if s.sh.Out.TTY {
		return s.sh.Printf("\n")
	}
	return nil
}

// gapTable shows in which time what was not seen.
func gapTable(sh ui.Shell, rep *coverage.Report, all bool) error {
	t := newSection(sh, "Gaps", all, term.Column{Head: "FROM"}, term.Column{Head: "TO"}, term.Column{Head: "GAP"}, term.Column{Head: "EVENTS", Right: true}, term.Column{Head: "WHERE"}, term.Column{Head: "WHY", Cut: true})
	for _, g := range rep.Gaps {
		events := "-"
		if g.Events > 0 {
			events = sh.Out.Num(g.Events)
		}
		t.row(sh.Out.Second(g.From), sh.Out.Second(g.To), g.Kind, events, whereOf(g), g.Why)
	}
	return t.print()
}

// whereOf names what a gap is about.
func whereOf(g coverage.Gap) string {
	switch {
	case g.Dataset != "":
		return g.Dataset
	case g.Topic != "":
		return fmt.Sprintf("%s/%d %d-%d", g.Topic, g.Partition, g.FromOffset, g.ToOffset-1)
	}
	return fmt.Sprintf("set %.8s", g.Set)
}

// setTable shows which rule sets evaluated what.
func setTable(sh ui.Shell, rep *coverage.Report, all bool) error {
	t := newSection(sh, "Rule sets", all, term.Column{Head: "SET"}, term.Column{Head: "FROM"}, term.Column{Head: "TO"}, term.Column{Head: "RULES", Right: true}, term.Column{Head: "EVENTS", Right: true}, term.Column{Head: "NOTE", Cut: true})
	for _, u := range rep.Sets {
		rules, note := "-", "its description is not in the archive"
		if u.Rules >= 0 {
			rules = sh.Out.Num(int64(u.Rules))
			note = fmt.Sprintf("%d rules came later, %d are gone", u.Added, u.Gone)
		}
		if u.Newest {
			note = "the newest"
		}
		t.row(fmt.Sprintf("%.8s", u.Hash), sh.Out.Second(u.First), sh.Out.Second(u.Last), rules, sh.Out.Num(u.Events), note)
	}
	return t.print()
}

// missingTable shows the rules that ask for fields that never appeared.
func missingTable(sh ui.Shell, rep *coverage.Report, all bool) error {
	t := newSection(sh, "Fields that never appeared", all, term.Column{Head: "RULE"}, term.Column{Head: "LOG SOURCE"}, term.Column{Head: "NEEDS"}, term.Column{Head: "TITLE", Cut: true})
	for i := range rep.Rules {
		r := &rep.Rules[i]
		if r.FieldsSeen || !r.SourceSeen { // without its log source no field of it could come
			continue
		}
		var needs []string
		for _, any := range r.Missing {
			needs = append(needs, strings.Join(any, " or "))
		}
		t.row(r.ID, r.Source, strings.Join(needs, ", "), r.Title)
	}
	return t.print()
}

// silentTable shows the rules that could run and never found anything.
func silentTable(sh ui.Shell, rep *coverage.Report, all bool) error {
	t := newSection(sh, "Rules that can run and never fired", all, term.Column{Head: "RULE"}, term.Column{Head: "LEVEL"}, term.Column{Head: "SINCE"}, term.Column{Head: "TITLE", Cut: true})
	for i := range rep.Rules {
		if r := &rep.Rules[i]; r.CanRun && !fired(r) {
			t.row(r.ID, r.Level, sh.Out.Second(r.Since), r.Title)
		}
	}
	return t.print()
}

// techniqueTable is the table by technique. It is not cut: who asks for coverage asks for this.
func techniqueTable(sh ui.Shell, rep *coverage.Report, _ bool) error {
	t := newSection(sh, "Techniques", true, term.Column{Head: "TECHNIQUE"}, term.Column{Head: "RULES", Right: true}, term.Column{Head: "CAN RUN", Right: true}, term.Column{Head: "FIRED", Right: true}, term.Column{Head: "MISSING", Cut: true})
	for _, x := range rep.Techniques {
		t.row(x.ID, sh.Out.Num(int64(x.Rules)), sh.Out.Num(int64(x.CanRun)), sh.Out.Num(int64(x.Fired)), strings.Join(append(slices.Clone(x.MissingSources), x.MissingFields...), " "))
	}
	return t.print()
}
