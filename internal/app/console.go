package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"weir/ingest/syslog/bind"
	"weir/internal/app/build"
	"weir/internal/app/metrics"
	"weir/internal/app/page"
	"weir/internal/config"
	"weir/internal/console"
	"weir/internal/console/auth"
	"weir/internal/console/why"
	"weir/internal/keep"
	"weir/processors/parse"
)

// startConsole serves health and metrics, which carry no events and no secrets and so need no sign-in, and the console where
// this process answers questions; else one page of numbers. It listens on loopback unless the configuration opens it.
func (a *App) startConsole(ctx context.Context, wg *sync.WaitGroup) error {
	ln := a.consolePort
	if ln == nil {
		return nil
	}
	addr := ln.Addr().String()
	a.console.Store(&addr)
	own := http.NewServeMux()
	own.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	own.HandleFunc("GET /readyz", a.ready)
	own.Handle("GET /metrics", promhttp.HandlerFor(metrics.Registry(a.reading()), promhttp.HandlerOpts{}))
	mux := http.NewServeMux()
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		mux.Handle(path, page.Secured(own))
	}
	if a.does("console") {
		if err := a.openConsole(mux, addr); err != nil {
			return err
		}
	} else {
		own.HandleFunc("GET /{$}", a.statusPage)
		mux.Handle("/", page.Secured(own))
	}
	a.serve(wg, "console", func() error { return page.Serve(ctx, ln, mux) })
	return nil
}

// openConsole puts the pages under their addresses, and makes the address by which the first person signs in: it is good
// once, and lies in a file that only the user of this process can read.
func (a *App) openConsole(mux *http.ServeMux, addr string) error {
	people := auth.NewKeeper(time.Now)
	a.answers.Add(console.Questions(people, addr))
	o := console.Options{Backend: a.live(), Auth: people, Log: a.log, Version: a.opts.Version, Listen: addr, Hosts: a.cfg.Console.Hosts, Why: why.New(a.explaining, nil)}
	if a.folder.Path != config.Default().Data {
		o.Data = a.folder.Path
	}
	mux.Handle("/", console.New(o))
	token, _, err := people.Mint(console.UserName())
	if err != nil {
		return fmt.Errorf("making the address of the first sign-in: %w", err)
	}
	a.signIn = console.Address(addr, token)
	name := a.folder.Join(SignInFile)
	if err := keep.WriteFile(name, []byte(a.signIn+"\n")); err != nil {
		return fmt.Errorf("writing the address of the first sign-in: %w", err)
	}
	a.stack.Add("sign-in", func(context.Context) error { return os.Remove(name) })
	return nil
}

// SignInFile is the file in the data folder that holds the address of the first sign-in while weir runs.
const SignInFile = "console-address"

// explaining makes a parser that tells what it reads, to explain where a value comes from.
func (a *App) explaining(tell func(*parse.Options)) (*parse.Parser, error) {
	o := build.ParseOptions(a.cfg, a.enrich.Inventory, a.opts.History)
	o.Live = a.formats.Load
	tell(&o)
	return parse.New(o)
}

// bindPorts binds the console's port, and sees that the broker will get its own, which it binds itself: a start that
// fails must fail before the log has been opened, with the key of the configuration that names the port.
func (a *App) bindPorts() error {
	if addr := a.cfg.Console.Listen; addr != "" {
		ln, err := bind.TCP(bind.Place{Name: "console", Network: "tcp", Address: addr, Key: "console.listen"})
		if err != nil {
			return err
		}
		a.consolePort = ln
		a.stack.Add("console port", func(context.Context) error {
			_ = ln.Close() // the server has closed it, if there was one
			return nil
		})
	}
	if addr := a.cfg.Bus.Embedded.KafkaListen; addr != "" {
		probe, err := bind.TCP(bind.Place{Name: "kafka", Network: "tcp", Address: addr, Key: "bus.embedded.kafka_listen"})
		if err != nil {
			return err
		}
		if err := probe.Close(); err != nil {
			return fmt.Errorf("closing the probe of %s: %w", addr, err)
		}
	}
	return nil
}

// ready tells whether records can be taken: the broker takes them, and no limit holds senders back. A load balancer that
// asks here sends to another weir meanwhile; health stays well, since a restart would help nobody.
func (a *App) ready(w http.ResponseWriter, _ *http.Request) {
	if why := a.bus.Holding(); why != "" {
		http.Error(w, "senders wait: "+why+" full", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// statusPage shows numbers that are at hand. Only the delay asks the broker, which has a second to answer.
func (a *App) statusPage(w http.ResponseWriter, _ *http.Request) {
	received, refused, lost := a.book.Totals()
	err := page.Write(w, page.Status{
		Version: a.opts.Version, Holding: a.bus.Holding(), Since: a.started, Received: received, Refused: refused, Lost: lost,
		Rate: a.rates.PerSecond(), Behind: a.behind(), Rules: a.rules.Load().Len(), Data: a.folder.Path,
	})
	if err != nil {
		a.log.Debug("writing the status page", "err", err) // the reader went away
	}
}
