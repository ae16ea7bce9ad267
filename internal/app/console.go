package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"weir/ingest/syslog/bind"
	"weir/internal/app/metrics"
	"weir/internal/app/page"
)

// startConsole serves health, metrics and one plain status page. The addresses carry no events and no secrets, so they
// need no sign-in; the console listens on loopback unless the configuration opens it.
func (a *App) startConsole(ctx context.Context, wg *sync.WaitGroup) {
	ln := a.consolePort
	if ln == nil {
		return
	}
	addr := ln.Addr().String()
	a.console.Store(&addr)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics.Registry(a.reading()), promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /{$}", a.statusPage)
	srv := &http.Server{Handler: page.Secured(mux), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	// Two goroutines: Serve returns as soon as Shutdown begins, and only the second knows when the last reader is gone.
	a.serve(wg, "console", func() error {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	wg.Go(func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := srv.Shutdown(end); err != nil {
			_ = srv.Close() // whoever still reads has had two seconds
		}
	})
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
