package main

import (
	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/internal/control"
	"weir/internal/term"
)

// Topics belong to the bus, which only runs with weir; a stopped one has none to show, and that is said.

// topicsSpec shows what waits between the stages, which is the first thing to look at when something is late.
// Nothing here changes a topic: retention and partitions are the configuration's.
func (c *cli) topicsSpec() pages.Spec {
	return pages.Spec{
		Use: "topics", Short: "show the topics of the bus", Group: "care",
		Examples: []string{"weir topics list", "weir topics list --json"},
		Sub: []pages.Spec{{
			Use: "list", Short: "list topics with what they hold and who is behind", Args: atMost(0),
			Examples: []string{"weir topics list", "weir topics list --json"},
			Exits:    "3 no weir runs on the data folder",
			Run: func(cmd *cobra.Command, _ []string) error {
				return c.ask(cmd.Context(), func(b control.Backend) error {
					st, err := b.Status(cmd.Context())
					if err != nil {
						return err
					}
					return c.topicRows(st)
				})
			},
		}},
	}
}

// topicRows names the group that is furthest behind on each topic: the others are no news.
// A real Kafka does not tell the size of a topic cheaply; it shows as unknown and not as 0.
func (c *cli) topicRows(st control.Status) error {
	t := term.NewTable(c.out, term.Column{Head: "TOPIC"}, term.Column{Head: "PARTITIONS", Right: true}, term.Column{Head: "RECORDS", Right: true},
		term.Column{Head: "SIZE", Right: true}, term.Column{Head: "BEHIND", Right: true}, term.Column{Head: "GROUP"})
	for _, x := range st.Topics {
		if c.json {
			if err := c.line(x); err != nil {
				return err
			}
			continue
		}
		// In a pipe the number stays a number, 0 where it is not known.
		size := c.out.Num(x.Bytes)
		if c.out.TTY {
			size = "-"
			if x.Bytes > 0 {
				size = term.Bytes(x.Bytes)
			}
		}
		t.Row(x.Name, c.out.Num(int64(x.Partitions)), c.out.Num(x.Records), size, c.out.Num(x.Lag), x.Group)
	}
	if c.json {
		return nil
	}
	if err := t.Flush(); err != nil {
		return err
	}
	switch {
	case len(st.Topics) > 0:
		where := "on a real Kafka"
		if st.Embedded {
			where = "in the broker built in"
		}
		c.note("%s %s", plural(len(st.Topics), "topic"), where)
	case !st.Running:
		c.note("no weir runs on %s: topics are only known to a running one", term.Escape(st.Data))
	default:
		c.note("no topics yet")
	}
	return nil
}
