// Package page is the one page that a process shows of itself: how it does, and what to type next.
package page

import (
	"html/template"
	"net/http"
	"time"
)

// Status is what the page says.
type Status struct {
	Version  string
	Holding  string // what is full, so that senders wait; empty: nothing
	Since    time.Time
	Received int64
	Refused  int64
	Lost     int64         // in the kernel
	Rate     float64       // records a second
	Behind   time.Duration // of what is stored
	Rules    int
	Data     string
}

// Secured sets what every answer carries. The page has no script and loads nothing, and the policy says so: text of
// senders never gets onto it, but if it did one day, a browser would run none of it.
func Secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// statusTemplate is one page without any state: who wants more asks the command line, which the page names.
var statusTemplate = template.Must(template.New("status").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>weir</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}td,th{padding:.1rem 1.2rem .1rem 0;text-align:left;font-weight:400}td{font-variant-numeric:tabular-nums}code{font-size:.9em}</style>
<h1>weir {{.Version}}</h1>
<p>{{if .Holding}}Senders wait: the {{.Holding}} is full.{{else}}Running and taking records.{{end}} Up since {{.Since.Format "2006-01-02 15:04:05"}}.</p>
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

// Write answers with the page. The error is of a reader who went away.
func Write(w http.ResponseWriter, s Status) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	s.Behind = s.Behind.Round(time.Millisecond)
	return statusTemplate.Execute(w, s)
}
