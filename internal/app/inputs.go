package app

import (
	"context"
	"fmt"
	"time"

	"weir/event"
	"weir/ingest"
	"weir/ingest/cloud/aws"
	"weir/ingest/ebpf"
	"weir/ingest/file"
	"weir/ingest/snmptrap"
	"weir/ingest/syslog"
	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/match"
)

// inputRow is one row of the table of inputs.
type inputRow struct {
	// name is that of the section in the configuration, and record.Raw.Input of what the input emits.
	name  string
	topic string // without the prefix
	dir   string // within the data folder: what the input keeps for itself
	on    func(*config.Inputs) bool
	// dropIf is the filter of the input, an expr over parsed events.
	dropIf func(*config.Inputs) string
	// open binds ports and checks rights; nothing moves yet.
	open func(*config.Inputs, ingest.Options) (ingest.Source, error)
}

// inputs is the one table of inputs.
var inputs = []inputRow{
	{
		name: syslog.Input, topic: bus.RawSyslog, dir: "tls",
		on:     func(c *config.Inputs) bool { return c.Syslog.Enabled },
		dropIf: func(c *config.Inputs) string { return c.Syslog.DropIf },
		open:   func(c *config.Inputs, o ingest.Options) (ingest.Source, error) { return syslog.New(c.Syslog, o) },
	},
	{
		name: snmptrap.Input, topic: bus.RawSNMP, dir: "inputs/snmptrap",
		on:     func(c *config.Inputs) bool { return c.SNMPTrap.Enabled },
		dropIf: func(c *config.Inputs) string { return c.SNMPTrap.DropIf },
		open:   func(c *config.Inputs, o ingest.Options) (ingest.Source, error) { return snmptrap.New(c.SNMPTrap, o) },
	},
	{
		name: file.Input, topic: bus.RawFile, dir: "inputs/file",
		on:     func(c *config.Inputs) bool { return len(c.File.Paths) > 0 },
		dropIf: func(c *config.Inputs) string { return c.File.DropIf },
		open:   func(c *config.Inputs, o ingest.Options) (ingest.Source, error) { return file.New(c.File, o) },
	},
	{
		name: aws.Input, topic: bus.RawCloud, dir: "inputs/aws",
		on:     func(c *config.Inputs) bool { return c.AWS.Queue != "" },
		dropIf: func(c *config.Inputs) string { return c.AWS.DropIf },
		open: func(c *config.Inputs, o ingest.Options) (ingest.Source, error) {
			return aws.New(context.Background(), c.AWS, o)
		},
	},
	{
		name: ebpf.Input, topic: bus.RawEBPF, dir: "inputs/ebpf",
		on:     func(c *config.Inputs) bool { return c.EBPF.Enabled },
		dropIf: func(c *config.Inputs) string { return c.EBPF.DropIf },
		open:   func(c *config.Inputs, o ingest.Options) (ingest.Source, error) { return ebpf.New(c.EBPF, o) },
	},
}

// openInput is one input that is open.
type openInput struct {
	inputRow
	source ingest.Source
}

// openInputs opens what the configuration turns on. What cannot be opened is said, and weir does not start: half of the
// inputs would look like all of them.
func (a *App) openInputs() error {
	for _, row := range inputs {
		if !row.on(&a.cfg.Inputs) {
			continue
		}
		src, err := row.open(&a.cfg.Inputs, ingest.Options{Log: a.log, Counter: a.book, Dir: a.folder.Join(row.dir), Data: a.cfg.Data, Config: "inputs." + row.name})
		if err != nil {
			return err
		}
		a.inputs = append(a.inputs, openInput{row, src})
		a.stack.Add("input "+row.name, func(context.Context) error { src.Close(); return nil })
	}
	return nil
}

// startInputs lets records in, as the very last thing: from here on a sender may be told that its record is safe. The
// context is not the caller's, because a signal must not cut senders off before finish has begun.
func (a *App) startInputs() error {
	ctx, cancel := context.WithCancel(context.Background())
	a.hangUp = cancel
	a.stack.Add("inputs", func(context.Context) error { cancel(); a.emitting.Wait(); return nil })
	for _, in := range a.inputs {
		a.serve(&a.emitting, in.name, func() error { return in.source.Run(ctx, a.door.Emit(in.topic)) })
	}
	if every := time.Duration(a.cfg.Watchdog.Canary); a.cfg.Watchdog.Enabled && every > 0 && a.whole() {
		a.emitting.Go(func() { a.canaries.Run(ctx, every) })
	}
	if a.opts.Demo && a.cfg.Inputs.Syslog.Enabled { // devices send it to an input
		a.emitting.Go(func() { a.playDemo(ctx) })
	}
	return nil
}

// listening returns the bound addresses of all inputs.
func (a *App) listening() []control.Port {
	var out []control.Port
	for _, in := range a.inputs {
		for _, l := range in.source.Listening() {
			out = append(out, control.Port{Input: in.name, Proto: l.Proto, Address: l.Addr.String()})
		}
	}
	return out
}

// dropIf returns the filter over the events of all inputs, nil if there is none. It is asked only about what came through
// an input that has one: no filter can make weir forget who searched, or lose a dead letter.
func dropIf(cfg config.Config) (func(*event.Event) bool, error) {
	filters := map[string]*match.Cond{}
	for _, row := range inputs {
		src := row.dropIf(&cfg.Inputs)
		if src == "" {
			continue
		}
		cond, err := match.Compile(src)
		if err != nil {
			return nil, &fault.Error{Code: "config-expr", What: "drop_if is no expr", Where: fmt.Sprintf("inputs.%s.drop_if", row.name), Why: err.Error(), Do: "weir config check", Exit: fault.ExitUsage, Cause: err}
		}
		filters[row.name] = cond
	}
	if len(filters) == 0 {
		return nil, nil
	}
	return func(e *event.Event) bool {
		cond := filters[e.Str(event.WeirInput)]
		return cond != nil && cond.Match(e)
	}, nil
}
