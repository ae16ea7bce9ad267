package app

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"weir/ingest/syslog/bind"
	"weir/internal/app/metrics"
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
	srv := &http.Server{Handler: secured(mux), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
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
		a.stack.add("console port", func(context.Context) error {
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

// secured sets what every answer carries. The page has no script and loads nothing, and the policy says so: text of
// senders never gets onto it, but if it did one day, a browser would run none of it.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
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

// statusTemplate is one page without any state: who wants more asks the command line, which the page names.
var statusTemplate = template.Must(template.New("status").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>weir</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}td,th{padding:.1rem 1.2rem .1rem 0;text-align:left;font-weight:400}td{font-variant-numeric:tabular-nums}code{font-size:.9em}</style>
<h1>weir {{.Version}}</h1>
<p>{{if .Holding}}Senders wait: the {{.Holding}} is full.{{else}}Running and taking records.{{end}} Up since {{.Since}}.</p>
<table>
<tr><th>received<td>{{.Received}}
<tr><th>refused by a limit<td>{{.Refused}}
<tr><th>lost in the kernel before weir could read it<td>{{.Lost}}
<tr><th>rate over the last 10 s<td>{{printf "%.1f" .Rate}}/s
<tr><th>behind<td>{{.Behind}}
<tr><th>rules<td>{{.Rules}}
<tr><th>data<td><code>{{.Data}}</code>
</table>
<h2>Look closer</h2>
<p><code>weir search 'event.outcome: failure'</code><br><code>weir alerts list</code><br><code>weir ledger</code></p>
<p><a href="metrics">metrics</a> <a href="healthz">health</a> <a href="readyz">readiness</a></p>
`))

// statusPage shows numbers that are at hand. Only the delay asks the broker, which has a second to answer.
func (a *App) statusPage(w http.ResponseWriter, _ *http.Request) {
	received, refused, lost := a.book.Totals()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	err := statusTemplate.Execute(w, map[string]any{
		"Version": a.opts.Version, "Holding": a.bus.Holding(), "Since": a.started.Format(time.DateTime), "Received": received, "Refused": refused, "Lost": lost,
		"Rate": float64(a.rates.perSecond.Load()) / 1000, "Behind": a.behind().Round(time.Millisecond), "Rules": a.rules.Load().Len(), "Data": a.folder.Path,
	})
	if err != nil {
		a.log.Debug("writing the status page", "err", err) // the reader went away
	}
}
