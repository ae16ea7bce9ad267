package main

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/topics"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/term"
)

// Topics of the embedded broker are only known to the weir that runs it; those of a real Kafka are asked for there.

// topicsSpec shows what waits between the stages, which is the first thing to look at when something is late.
// What changes topics works on a real Kafka alone.
func (c *cli) topicsSpec() pages.Spec {
	var yes bool
	return pages.Spec{
		Use: "topics", Short: "show, make and grow the topics of the bus", Group: "care",
		Examples: []string{"weir topics list", "weir topics create", "weir topics resize 8"},
		Sub: []pages.Spec{{
			Use: "list", Short: "list topics with what they hold and who is behind", Args: ui.AtMost(0),
			Examples: []string{"weir topics list", "weir topics list --json"},
			Exits:    "3 no weir runs on the data folder, or Kafka cannot be reached",
			Run: func(cmd *cobra.Command, _ []string) error {
				if l, err := c.load(); err == nil && len(l.Config.Bus.Brokers) > 0 {
					return c.onKafka(cmd.Context(), func(k topics.Kafka, p topics.Page) error { return topics.List(cmd.Context(), k, p) })
				}
				return c.ask(cmd.Context(), func(b control.Backend) error {
					st, err := b.Status(cmd.Context())
					if err != nil {
						return err
					}
					return c.topicRows(st)
				})
			},
		}, {
			Use: "create", Short: "make the topics that are missing on a real Kafka", Args: ui.AtMost(0),
			Examples: []string{"weir topics create"}, Exits: "3 Kafka cannot be reached, or refuses",
			Run: func(cmd *cobra.Command, _ []string) error {
				return c.onKafka(cmd.Context(), func(k topics.Kafka, p topics.Page) error { return topics.Create(cmd.Context(), k, p) })
			},
		}, {
			Use: "resize PARTITIONS", Short: "give raw and event topics more partitions on a real Kafka", Args: ui.Exactly("PARTITIONS"),
			Long:     "Says which topics would grow and what that does to order and state; with --yes it does it. Kafka cannot take partitions away.",
			Examples: []string{"weir topics resize 8", "weir topics resize 8 --yes"}, Exits: "3 Kafka cannot be reached, or refuses",
			Flags: func(f *pflag.FlagSet) { f.BoolVar(&yes, "yes", false, "do it") },
			Run: func(cmd *cobra.Command, args []string) error {
				return c.onKafka(cmd.Context(), func(k topics.Kafka, p topics.Page) error { return topics.Resize(cmd.Context(), k, p, args[0], yes) })
			},
		}},
	}
}

// onKafka runs f on the Kafka of the configuration.
func (c *cli) onKafka(ctx context.Context, f func(topics.Kafka, topics.Page) error) error {
	l, err := c.load()
	if err != nil {
		return err
	}
	k, closeIt, err := c.engine.kafka(ctx, l.Config.Bus, c.logger(slog.LevelWarn))
	if err != nil {
		return err
	}
	defer closeIt()
	p := topics.Page{Out: c.out, Note: c.note}
	if c.json {
		p.JSON = c.world.out
	}
	return f(k, p)
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
		c.note("%s %s", ui.Plural(len(st.Topics), "topic"), where)
	case !st.Running:
		c.note("no weir runs on %s: topics are only known to a running one", term.Escape(st.Data))
	default:
		c.note("no topics yet")
	}
	return nil
}
