package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app"
	"weir/internal/config"
	"weir/internal/control"
)

const (
	upEvery = 10 * time.Second // between two lines of a terminal
	upStop  = 2 * time.Minute  // what stopping in order may take
	upDemo  = "./weir-demo"    // data folder of --demo
)

// upFlags are the flags of up.
// They override the file for one run and are written nowhere.
type upFlags struct {
	demo, standard, history bool
	listen, kafkaListen     string
	stages                  []string // of run; empty: everything
}

// How up speaks: on a terminal the first screen, then one line for what happens and one each ten seconds; without one
// only log lines, because systemd and containers keep those. Everything goes to stderr. The first Ctrl-C or SIGTERM
// stops in order and ends with 0, a second Ctrl-C at once with 130; what is in the log of the bus is then stored at the
// next start.
//
// Order: configuration, overrides of flags, checks of files, New (binds everything, so that what cannot work is said
// before anything begins), Start, screen, Run, Stop, totals.

// upSpec is the whole of weir for most sites. Its flags are those that one changes on the first day; all else is in the
// file.
func (c *cli) upSpec() pages.Spec {
	var o upFlags
	return pages.Spec{
		Use: "up", Short: "run everything in one process", Group: "run",
		Long:     "Receives, parses, detects, stores and answers searches, with the embedded Kafka. Everything is kept in the data folder; started again it goes on where it was. Nobody else on the network is let in until --listen or the configuration says so.",
		Examples: []string{"weir up --demo", "weir up", "weir up --listen 0.0.0.0 --standard-ports --data /srv/weir"},
		Common:   []string{"demo", "data", "config", "listen", "standard-ports"}, Args: ui.AtMost(0),
		Sections: [][]string{{"What", "demo", "history"}, {"Ports", "listen", "standard-ports", "kafka-listen"}},
		Exits:    "3 a port, folder or right is missing",
		Env:      "WEIR_SECTION_KEY overrides a key of the configuration: WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:5515",
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&o.demo, "demo", false, "play a minute of sample logs with one attack in them, into "+upDemo)
			f.BoolVar(&o.history, "history", false, "the logged time counts, however old")
			f.StringVar(&o.listen, "listen", "", "`address` on which inputs listen: 0.0.0.0 for every device")
			f.BoolVar(&o.standard, "standard-ports", false, "take the standard ports: syslog 514, traps 162")
			f.StringVar(&o.kafkaListen, "kafka-listen", "", "open the embedded Kafka to clients on this `host:port` of this machine")
		},
		Run: func(cmd *cobra.Command, _ []string) error { return c.up(cmd.Context(), o) },
	}
}

// overrides turns flags into values of the configuration, starting from what it says without them. An input that is off
// stays off: --listen says where inputs listen, not which. A port that somebody chose in the file is kept unless
// --standard-ports says otherwise.
func (o upFlags) overrides(base config.Config) ([]config.Override, error) {
	var out []config.Override
	syslog := base.Inputs.Syslog
	for _, l := range []struct{ key, address, standard string }{
		{"inputs.syslog.listen", syslog.Listen, "514"},
		{"inputs.syslog.tls.listen", syslog.TLS.Listen, ""},
		{"inputs.syslog.relp.listen", syslog.RELP.Listen, ""},
		{"inputs.snmptrap.listen", base.Inputs.SNMPTrap.Listen, "162"},
	} {
		host, port, err := net.SplitHostPort(l.address)
		if err != nil {
			continue // off, or wrong: then the configuration says so itself
		}
		by := ""
		if o.listen != "" {
			host, by = o.listen, "--listen"
		}
		if o.standard && l.standard != "" {
			port, by = l.standard, "--standard-ports"
		}
		if by != "" {
			out = append(out, config.Override{Key: l.key, Value: net.JoinHostPort(host, port), By: by})
		}
	}
	if o.listen != "" {
		if _, _, err := net.SplitHostPort(o.listen); err == nil {
			return nil, ui.Usage("--listen takes an address without a port", "write --listen 0.0.0.0; ports are set in the configuration")
		}
	}
	if o.kafkaListen != "" {
		out = append(out, config.Override{Key: "bus.embedded.kafka_listen", Value: o.kafkaListen, By: "--kafka-listen"})
	}
	return out, nil
}

// up runs until Ctrl-C. The configuration is loaded twice: what --listen changes depends on what the file says, and
// what it then says is checked as a whole.
func (c *cli) up(ctx context.Context, o upFlags) error {
	if o.demo && c.data == "" {
		c.data = upDemo
	}
	base, err := c.load()
	if err != nil {
		return err
	}
	// Flags win over the file and the environment, and say so where a value of theirs is wrong.
	set, err := o.overrides(base.Config)
	if err != nil {
		return err
	}
	if c.data != "" {
		set = append(set, config.Override{Key: "data", Value: c.data, By: "--data"})
	}
	l, err := config.Load(c.configPath, c.env, set...)
	if err != nil {
		return err
	}
	// Certificates and folders are looked at before anything is bound, so that a start fails whole or not at all.
	if list := l.CheckFiles(); len(list) > 0 {
		return list
	}
	if len(o.stages) > 0 && len(l.Config.Bus.Brokers) == 0 {
		return ui.Usage("stages in processes of their own need a Kafka that all of them reach", "set bus.brokers: WEIR_BUS_BROKERS=host:9092; without one: weir up")
	}
	c.data = l.Config.Data // so that printed commands name it
	level := slog.LevelInfo
	if level.UnmarshalText([]byte(l.Config.Log.Level)) != nil || c.msg.TTY && level < slog.LevelWarn {
		level = slog.LevelWarn // the screen says the rest
	}
	return c.runApp(ctx, l.Config, o, c.logger(level))
}

// runApp starts, shows, and stops in order. Notices come from the app's goroutines and are shown by this one.
//
// Stop is called whatever ended Run, and with a context of its own: the one that Ctrl-C ended would end the stopping
// too. Its bound is generous, since a disk that is slow today still holds records that somebody sent.
func (c *cli) runApp(ctx context.Context, cfg config.Config, o upFlags, log *slog.Logger) error {
	// Room for a burst of alerts while one line is written.
	notices := make(chan app.Notice, 256)
	begin := c.now()
	a, err := c.engine.start(cfg, app.Options{Log: log, Stages: o.stages, Demo: o.demo, History: o.history, Version: buildVersion(), Notify: func(n app.Notice) {
		select {
		case notices <- n:
		default: // a terminal that stands still must not hold up the stream; the alert is in the list all the same
		}
	}})
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // who stood by for another process was told to stop
		}
		return err
	}
	s := &screen{c: c, name: c.name, demo: o.demo, stages: o.stages, log: log}
	s.first(a.Status(), c.now().Sub(begin))
	runErr := s.watch(ctx, a, notices)

	stopping := c.now()
	if ctx.Err() != nil {
		s.stopping(a.Status())
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), upStop)
	defer cancel()
	totals, err := a.Stop(limit)
	s.totals(totals, c.now().Sub(stopping))
	return errors.Join(runErr, err)
}

// running is the process: app.App. Start returns when everything is bound and works; Run ends with its context or with
// a failure of the process; Stop is called once, after Run. Status may be called at any time.
type running interface {
	Start(ctx context.Context) error
	Run(ctx context.Context) error
	Stop(ctx context.Context) (app.Totals, error)
	Status() control.Status
}

// watch shows notices and a line every ten seconds until the app ends. The goroutine of Run is waited for on every way
// out: there is one, its channel. Notices that are left are shown before the last lines, since one of them may be the
// reason.
func (s *screen) watch(ctx context.Context, a running, notices <-chan app.Notice) error {
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }() // ends with ctx; waited for below
	tick := time.NewTicker(upEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			for len(notices) > 0 { // what happened just before the end is shown too
				s.notice(<-notices)
			}
			return err
		case n := <-notices:
			s.notice(n)
		case <-tick.C:
			s.line(a.Status())
		}
	}
}
