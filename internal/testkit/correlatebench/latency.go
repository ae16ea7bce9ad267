package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// latency is how long alerts took from the last line that they needed, written to a socket, to the webhook.
type latency struct {
	list    []time.Duration // sorted
	missing int
	rate    float64 // events a second that were sent
	took    time.Duration
}

// at returns a percentile.
func (l latency) at(percent int) time.Duration {
	if len(l.list) == 0 {
		return 0
	}
	return l.list[max(0, (len(l.list)*percent+99)/100-1)]
}

// The load: eventRate lines a second, of which a few are the third failure of an address, which the rule counts.
const (
	eventRate  = 5_000
	alertRate  = 10
	latencyFor = "latency" // id of the rule
)

const latencyRule = `id: latency
title: three failures of an address
level: high
when: {failed: 'event.outcome == "failure"'}
correlate: {count: {when: failed, at_least: 3}, by: [source.ip], within: 1m}
`

// hook is the webhook: it notes when the alert of an address came for the first time.
type hook struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	var msg struct {
		Alerts []struct {
			Rule  string            `json:"rule"`
			Group map[string]string `json:"group"`
		} `json:"alerts"`
	}
	if err := json.NewDecoder(r.Body).Decode(&msg); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range msg.Alerts {
		if _, there := h.seen[a.Group["source.ip"]]; !there && a.Rule == latencyFor {
			h.seen[a.Group["source.ip"]] = now
		}
	}
}

// measureLatency runs weir with everything that it does by default, sends lines for a while, and waits for the alerts.
func measureLatency(ctx context.Context, weir, dir string, span time.Duration) (latency, error) {
	h := &hook{seen: map[string]time.Time{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return latency{}, err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	var wg sync.WaitGroup
	wg.Go(func() { _ = srv.Serve(l) }) // ends with Close
	defer func() { _ = srv.Close(); wg.Wait() }()
	if err := os.MkdirAll(filepath.Join(dir, "rules"), 0o700); err != nil {
		return latency{}, err
	}
	settings := fmt.Sprintf("channels:\n  hook: {type: webhook, url: \"http://%s/\", limit: 60000}\nroute:\n  to: []\n  routes:\n"+
		"    - {match: {rule: %s}, to: [hook], group_by: [source.ip], group_wait: 0s}\n", l.Addr(), latencyFor)
	for name, content := range map[string]string{"notify.yaml": settings, "rules/latency.yaml": latencyRule} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return latency{}, err
		}
	}
	syslog, stop, err := startWeir(ctx, weir, dir)
	if err != nil {
		return latency{}, err
	}
	sent, rate, err := sendLoad(ctx, syslog, span)
	if err == nil {
		err = wait(ctx, 30*time.Second, func() bool {
			h.mu.Lock()
			defer h.mu.Unlock()
			return len(h.seen) >= len(sent)
		})
	}
	if err := errors.Join(err, stop()); err != nil {
		return latency{}, err
	}
	out := latency{rate: rate, took: span}
	h.mu.Lock()
	defer h.mu.Unlock()
	for ip, at := range sent {
		if came, ok := h.seen[ip]; ok {
			out.list = append(out.list, came.Sub(at))
		} else {
			out.missing++
		}
	}
	slices.Sort(out.list)
	return out, nil
}

// startWeir starts weir on ports of its own and waits until it is ready. stop ends it.
func startWeir(ctx context.Context, weir, dir string) (syslog string, stop func() error, err error) {
	cmd := exec.CommandContext(ctx, weir, "up", "--data", dir)
	cmd.Env = os.Environ()
	ports := map[string]string{}
	for _, name := range []string{"CONSOLE_LISTEN", "INPUTS_SYSLOG_LISTEN", "INPUTS_SYSLOG_TLS_LISTEN", "INPUTS_SYSLOG_RELP_LISTEN", "INPUTS_SNMPTRAP_LISTEN"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", nil, err
		}
		ports[name] = l.Addr().String()
		_ = l.Close() // only its number was wanted
		cmd.Env = append(cmd.Env, "WEIR_"+name+"="+ports[name])
	}
	log, err := os.Create(filepath.Join(dir, "weir.log"))
	if err != nil {
		return "", nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error {
		_ = cmd.Process.Signal(syscall.SIGINT) // it may have ended already, which Wait tells
		err := cmd.Wait()
		_ = log.Close()
		return err
	}
	ready := func() bool {
		resp, err := http.Get("http://" + ports["CONSOLE_LISTEN"] + "/readyz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}
	if err := wait(ctx, time.Minute, ready); err != nil || !ready() {
		return "", nil, errors.Join(fmt.Errorf("weir is not ready; see %s", log.Name()), err, stop())
	}
	return ports["INPUTS_SYSLOG_LISTEN"], stop, nil
}

// wait asks until ok or the limit.
func wait(ctx context.Context, limit time.Duration, ok func() bool) error {
	for until := time.Now().Add(limit); !ok() && time.Now().Before(until); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// sendLoad sends lines at the rate, in steps of ten milliseconds. It returns when the third failure of each address was
// written.
func sendLoad(ctx context.Context, addr string, span time.Duration) (sent map[string]time.Time, rate float64, err error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = conn.Close() }()
	const step = 10 * time.Millisecond
	perStep := int(eventRate * step / time.Second)
	sent = map[string]time.Time{}
	rnd := rand.New(rand.NewPCG(3, 4))
	began, events := time.Now(), 0
	var buf []byte
	for i := 0; time.Since(began) < span; i++ {
		buf = buf[:0]
		ip := ""
		left := perStep
		if i%(int(time.Second/step)/alertRate) == 0 {
			ip = fmt.Sprintf("198.18.%d.%d", i>>8&255, i&255)
			for range 3 {
				buf = frame(buf, fmt.Sprintf("Failed password for root from %s port %d ssh2", ip, 1024+rnd.IntN(60000)))
			}
			left -= 3
		}
		for range left {
			buf = frame(buf, fmt.Sprintf("pam_unix(sshd:session): session opened for user user%d by (uid=0)", rnd.IntN(40)))
		}
		if ip != "" {
			sent[ip] = time.Now()
		}
		if _, err := conn.Write(buf); err != nil {
			return nil, 0, err
		}
		events += perStep
		select {
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		case <-time.After(time.Until(began.Add(time.Duration(i+1) * step))):
		}
	}
	return sent, float64(events) / time.Since(began).Seconds(), nil
}

// frame appends a line of sshd with its length, as syslog over TCP has it.
func frame(dst []byte, text string) []byte {
	line := fmt.Sprintf("<86>1 %s web-1 sshd 4711 - - %s", time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), text)
	return fmt.Appendf(dst, "%d %s", len(line), line)
}
