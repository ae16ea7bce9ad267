// Package topics is what weir topics does on a real Kafka: it lists, makes and grows weir's topics, and says what that means.
package topics

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"weir/internal/bus"
	"weir/internal/bus/topicadmin"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/fault"
	"weir/internal/term"
)

// Kafka is what the commands ask; topicadmin.Admin is the real one.
type Kafka interface {
	List(ctx context.Context) ([]topicadmin.Info, error)
	Ensure(ctx context.Context) (map[string]int, []string, error)
	Resize(ctx context.Context, partitions int, dry bool) ([]topicadmin.Change, error)
}

// Connect reaches the Kafka of the configuration. What it returns second ends the connection.
func Connect(ctx context.Context, cfg config.Bus, log *slog.Logger) (Kafka, func(), error) {
	if len(cfg.Brokers) == 0 {
		return nil, nil, &fault.Error{Code: "usage", What: "there is no Kafka to work on", Where: "bus.brokers",
			Why: "it is empty, and the embedded broker makes its own topics", Do: "WEIR_BUS_BROKERS=host:9092 weir topics list", Exit: fault.ExitUsage}
	}
	return bus.Admin(ctx, cfg, log)
}

// Page is where a command writes: data to Out, what is said about it to Note.
type Page struct {
	Out  *term.Face
	JSON io.Writer // not nil: one object a line goes here in place of a table
	Note func(format string, args ...any)
}

// List shows the topics as they are on Kafka; one that is missing stands there too.
func List(ctx context.Context, k Kafka, p Page) error {
	list, err := k.List(ctx)
	if err != nil {
		return err
	}
	if p.JSON != nil {
		return lines(p.JSON, list)
	}
	t := term.NewTable(p.Out, term.Column{Head: "TOPIC"}, term.Column{Head: "PARTITIONS", Right: true}, term.Column{Head: "COPIES", Right: true},
		term.Column{Head: "KEPT"}, term.Column{Head: "RECORDS", Right: true}, term.Column{Head: "SIZE", Right: true}, term.Column{Head: "BEHIND", Right: true}, term.Column{Head: "GROUP"})
	missing := 0
	for _, x := range list {
		if x.Missing {
			missing++
			t.Row(x.Name, "-", "-", "missing", "-", "-", "-", "-")
			continue
		}
		size := p.Out.Num(x.Bytes)
		if p.Out.TTY {
			size = term.Bytes(x.Bytes)
		}
		group := x.Group
		if group == "" {
			group = "-"
		}
		t.Row(x.Name, p.Out.Num(int64(x.Partitions)), p.Out.Num(int64(x.Copies)), kept(x), p.Out.Num(x.Records), size, p.Out.Num(x.Lag), group)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if missing > 0 {
		p.Note("%s missing: weir topics create", count(missing))
		return nil
	}
	p.Note("%s on a real Kafka", count(len(list)))
	return nil
}

// kept says how long a topic keeps its records.
func kept(x topicadmin.Info) string {
	var out []string
	if x.Retention > 0 {
		out = append(out, unit.Duration(x.Retention).String())
	}
	if x.MaxSize > 0 {
		out = append(out, unit.Bytes(x.MaxSize).String()+" a partition")
	}
	if strings.Contains(x.Cleanup, "compact") {
		out = append(out, "last of each key")
	}
	if len(out) == 0 {
		return "for ever"
	}
	return strings.Join(out, ", ")
}

// Create makes what is missing.
func Create(ctx context.Context, k Kafka, p Page) error {
	partitions, made, err := k.Ensure(ctx)
	if err != nil {
		return err
	}
	for _, name := range made {
		if p.JSON != nil {
			if err := lines(p.JSON, []topicadmin.Change{{Name: name, To: partitions[name]}}); err != nil {
				return err
			}
			continue
		}
		p.Note("made %s with %d partitions", term.Escape(name), partitions[name])
	}
	if len(made) == 0 {
		p.Note("nothing to do: %s there", count(len(partitions)))
	}
	return nil
}

// Resize grows topics, or without yes says what it would do and what that means.
func Resize(ctx context.Context, k Kafka, p Page, number string, yes bool) error {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return &fault.Error{Code: "usage", What: fmt.Sprintf("%q is no number of partitions", number), Do: "weir topics resize 8", Exit: fault.ExitUsage}
	}
	changes, err := k.Resize(ctx, n, !yes)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		p.Note("nothing to do: every topic has %d partitions", n)
		return nil
	}
	if p.JSON != nil {
		err = lines(p.JSON, changes)
	} else {
		t := term.NewTable(p.Out, term.Column{Head: "TOPIC"}, term.Column{Head: "FROM", Right: true}, term.Column{Head: "TO", Right: true})
		for _, c := range changes {
			t.Row(c.Name, p.Out.Num(int64(c.From)), p.Out.Num(int64(c.To)))
		}
		err = t.Flush()
	}
	if err != nil {
		return err
	}
	if yes {
		p.Note("%s grown. Restart ingest, so that it writes to the new partitions", count(len(changes)))
		return nil
	}
	for _, e := range topicadmin.Effects() {
		p.Note("%s", e)
	}
	p.Note("nothing was changed. To do it: weir topics resize %d --yes", n)
	return nil
}

// lines writes one object a line.
func lines[T any](w io.Writer, list []T) error {
	enc := json.NewEncoder(w)
	for _, x := range list {
		if err := enc.Encode(x); err != nil {
			return err
		}
	}
	return nil
}

func count(n int) string {
	if n == 1 {
		return "1 topic"
	}
	return strconv.Itoa(n) + " topics"
}
