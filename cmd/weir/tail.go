package main

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/show"
	"weir/internal/control"
	"weir/internal/term"
)

// tailPerSecond is what a person can still follow.
const tailPerSecond = 50

func (c *cli) tailSpec() pages.Spec {
	var all bool
	return pages.Spec{
		Use: "tail ['KQL']", Short: "watch events as they are stored", Group: "look",
		Long: "A terminal shows 50 events a second and says how many more there were; a pipe and --json get every one.",
		Examples: []string{
			"weir tail",
			"weir tail 'event.outcome: failure'",
			"weir tail --json 'event.dataset: sshd' > sshd.ndjson",
		},
		Common: []string{"all", "json"}, Exits: "3 no weir runs on the data folder", Args: atMost(1),
		Flags:    func(f *pflag.FlagSet) { f.BoolVar(&all, "all", false, "show every event, however many there are") },
		Run:      func(cmd *cobra.Command, args []string) error { return c.tail(cmd, strings.Join(args, ""), all) },
		Complete: c.completeFields,
	}
}

func (c *cli) tail(cmd *cobra.Command, query string, all bool) error {
	return c.ask(cmd.Context(), func(b control.Backend) error {
		t := &tailer{c: c, limit: tailPerSecond}
		if all || !c.out.TTY || c.json {
			t.limit = 0
		}
		sum, err := b.Tail(cmd.Context(), control.TailRequest{Query: query}, t.event)
		if err != nil && cmd.Context().Err() == nil {
			return err
		}
		t.endSecond()
		matched := max(sum.Matched, t.matched)
		c.note("%s matched, %s shown, %s dropped", term.Count(matched), term.Count(t.shown), term.Count(sum.Dropped))
		return nil
	})
}

// tailer prints events one by one. Columns start narrow and grow, because what comes next is not known.
type tailer struct {
	c              *cli
	limit          int // a second; 0: all
	second         time.Time
	inSecond, over int
	matched, shown int64
	widths         [4]int
}

// event takes one document.
func (t *tailer) event(raw []byte) error {
	t.matched++
	if t.limit > 0 {
		if now := t.c.now().Truncate(time.Second); !now.Equal(t.second) {
			t.endSecond()
			t.second, t.inSecond = now, 0
		}
		if t.inSecond++; t.inSecond > t.limit {
			t.over++
			return nil
		}
	}
	t.shown++
	if t.c.json {
		return t.c.write(append(bytes.Clone(raw), '\n'))
	}
	d, err := show.Parse(raw)
	if err != nil {
		return err
	}
	cells := []string{t.c.out.Clock(d.Time()), d.Text("event.dataset"), d.Host(), d.Text("source.ip"), d.Message()}
	for i := range cells {
		cells[i] = term.Escape(cells[i])
	}
	if !t.c.out.TTY {
		return t.c.printf("%s\n", strings.Join(cells, "\t"))
	}
	line := ""
	for i, cell := range cells[:4] {
		t.widths[i] = max(t.widths[i], min(term.Cells(cell), 24))
		if t.widths[i] > 0 {
			line += cell + strings.Repeat(" ", max(0, t.widths[i]-term.Cells(cell))+2)
		}
	}
	return t.c.printf("%s\n", t.c.out.Cut(line+cells[4], t.c.out.Width))
}

// endSecond says what the second before left out.
func (t *tailer) endSecond() {
	if t.over > 0 {
		fmt.Fprintf(t.c.world.err, "%14s... %s more in this second, all stored; a terminal shows %d/s (--all shows every one)\n",
			"", term.Count(int64(t.over)), t.limit)
	}
	t.over = 0
}
