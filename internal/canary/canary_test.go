package canary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/alert"
	"weir/internal/control/watching"
	"weir/internal/fault"
)

// pipeline is a weir that takes lines: what it was sent comes out as an event and as an alert.
type pipeline struct {
	mu     sync.Mutex
	lines  [][]byte
	events map[int]func([]byte) error // who follows
	follow int
	alerts []alert.Alert
	down   string // the stage that stands still: door, archive, correlate
	route  []string
	asked  alert.Alert
}

var idIn = regexp.MustCompile(`weir canary ([A-Z2-7]{26})`)

// take is the front door.
func (p *pipeline) take(line []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, line)
	if p.down == "door" {
		return
	}
	id := idIn.FindSubmatch(line)[1]
	doc := fmt.Appendf(nil, `{"event":{"created":"2026-11-21T07:42:10.001Z","ingested":"2026-11-21T07:42:10.008Z","id":"a/1/2"},"log":{"source":{"address":"127.0.0.1"}},"weir":{"input":"syslog","class":"internal"},"trace":{"id":"%s"}}`, id)
	if p.down != "archive" {
		for _, each := range p.events {
			_ = each(doc) // the channel that it goes to takes one
		}
	}
	if p.down == "correlate" {
		return
	}
	p.hit(string(id))
}

// hit folds a canary into the alert of its sender, as the rule does.
func (p *pipeline) hit(id string) {
	if n := len(p.alerts); n > 0 && p.alerts[n-1].Count < 3 {
		p.alerts[n-1].Count++
		p.alerts[n-1].Evidence = append(slices.Clone(p.alerts[n-1].Evidence), alert.Evidence{Values: map[string]string{"trace.id": id}})
		return
	}
	p.alerts = append(p.alerts, alert.Alert{ID: fmt.Sprint(len(p.alerts)), Rule: Rule, Level: "informational", Canary: true, Labels: map[string]string{"canary": "true", "site": "seoul"}, Count: 1,
		Evidence: []alert.Evidence{{Values: map[string]string{"trace.id": id}}}})
}

// canaries are those of this pipeline.
func (p *pipeline) canaries(change func(*Options)) *Canaries {
	o := Options{
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Host: "log-1",
		Ports: func() []Port { return []Port{{TCP, "0.0.0.0:5514"}, {UDP, "127.0.0.1:5514"}} },
		Follow: func(ctx context.Context, query string, each func([]byte) error) error {
			if !strings.HasPrefix(query, `event.dataset: "weir.canary" and trace.id: "`) {
				return errors.New("asked for " + query)
			}
			p.mu.Lock()
			if p.follow++; p.events == nil {
				p.events = map[int]func([]byte) error{}
			}
			me := p.follow
			p.events[me] = each
			p.mu.Unlock()
			<-ctx.Done()
			p.mu.Lock()
			delete(p.events, me)
			p.mu.Unlock()
			return ctx.Err()
		},
		Alerts: func(context.Context, time.Time) ([]alert.Alert, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			return slices.Clone(p.alerts), nil
		},
		Route: func(a *alert.Alert) []string { p.asked = *a; return p.route },
		Send: func(_ context.Context, _, _ string, line []byte) (string, error) {
			p.follower()
			p.take(line)
			return "127.0.0.1", nil
		},
	}
	if change != nil {
		change(&o)
	}
	return New(o)
}

// follower waits until somebody follows.
func (p *pipeline) follower() {
	for range 200 {
		p.mu.Lock()
		n := len(p.events)
		p.mu.Unlock()
		if n > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// round sends one canary and returns its hops.
func round(t *testing.T, p *pipeline, c *Canaries, r watching.CanaryRequest) (hops []watching.Hop, res watching.CanaryResult, err error) {
	t.Helper()
	if r.Wait == 0 {
		r.Wait = 5 * time.Second
	}
	res, err = c.Round(t.Context(), r, func(h watching.Hop) error {
		hops = append(hops, h)
		if h.Hop == watching.HopSend {
			if c.opts.Follow != nil {
				p.follower()
			}
			p.take(h.Line)
		}
		return nil
	})
	return hops, res, err
}

// TestRound: each hop is said with its time, and the alert is the last word.
func TestRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipeline{route: []string{"mail-ops", "chat"}}
		c := p.canaries(nil)
		hops, res, err := round(t, p, c, watching.CanaryRequest{})
		if err != nil || res.Alert != "0" || len(res.ID) != 26 || res.Forged != 0 {
			t.Fatalf("%+v, %v", res, err)
		}
		got := map[string]watching.Hop{}
		for _, h := range hops {
			got[h.Hop] = h
		}
		if len(hops) != 6 || hops[0].Hop != watching.HopSend || hops[0].Via != UDP || hops[0].To != "127.0.0.1:5514" || hops[0].ID != res.ID || !Is(hops[0].Line) {
			t.Errorf("%+v", hops)
		}
		if h := got[watching.HopReceived]; h.Text != "syslog from 127.0.0.1" || h.At.Format("05.000") != "10.001" {
			t.Errorf("%+v", h)
		}
		if h := got[watching.HopNormalised]; h.Text != "event a/1/2" || h.At.Format("05.000") != "10.008" {
			t.Errorf("%+v", h)
		}
		if got[watching.HopStored].Text != "class internal" || got[watching.HopAlert].Text != "alert 0 of rule weir-canary" || got[watching.HopNotify].Text != "at level high it would go to: mail-ops, chat; canaries are not sent" {
			t.Errorf("%+v", hops)
		}
		if p.asked.Canary || p.asked.Level != "high" || p.asked.Labels["canary"] != "" || p.asked.Labels["site"] != "seoul" {
			t.Errorf("asked the routes about %+v", p.asked)
		}
	})
}

// TestRoundsFold: two canaries within a second are one alert, and both are answered.
func TestRoundsFold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipeline{}
		c := p.canaries(nil)
		for i := range 3 {
			if _, res, err := round(t, p, c, watching.CanaryRequest{}); err != nil || res.Alert != "0" || res.Forged != 0 {
				t.Errorf("canary %d: %+v, %v", i, res, err)
			}
		}
	})
}

// TestForged: canary lines that somebody else sends answer nothing and are counted, and so does one that is sent again.
func TestForged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipeline{down: "correlate"}
		c := p.canaries(nil)
		forge := func(id string) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.hit(id)
		}
		forge("CCCCCCCCCCCCCCCCCCCCCCCCCC") // of a start before this one
		c.count(t.Context())
		forge("AAAAAAAAAAAAAAAAAAAAAAAAAA")
		forge("BBBBBBBBBBBBBBBBBBBBBBBBBB")
		_, res, err := round(t, p, c, watching.CanaryRequest{Wait: 300 * time.Millisecond})
		if fault.Code(err) != "canary-lost" || res.Alert != "" || res.Forged != 2 {
			t.Fatalf("%+v, %v", res, err)
		}
		p.down = ""
		_, res, err = round(t, p, c, watching.CanaryRequest{})
		if err != nil || res.Forged != 2 {
			t.Errorf("%+v, %v", res, err)
		}
		forge(res.ID) // overheard, and sent again
		if _, res, err = round(t, p, c, watching.CanaryRequest{}); err != nil || res.Forged != 3 {
			t.Errorf("%+v, %v", res, err)
		}
	})
}

// TestLost: how far it came is said.
func TestLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tc := range []struct{ down, why string }{
			{"door", "nothing was seen of it"},
			{"archive", ""}, // its alert came: that is what counts
			{"correlate", "it is stored, and its alert did not come"},
		} {
			p := &pipeline{down: tc.down}
			_, _, err := round(t, p, p.canaries(nil), watching.CanaryRequest{Wait: 300 * time.Millisecond})
			if tc.why == "" {
				if err != nil {
					t.Errorf("%s: %v", tc.down, err)
				}
				continue
			}
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "canary-lost" || !strings.Contains(f.Why, tc.why) || f.Exit != fault.ExitFound || f.Where != "udp 127.0.0.1:5514" {
				t.Errorf("%s: %+v", tc.down, err)
			}
		}
	})
}

// TestArchiveElsewhere: a process without the archive waits for the alert alone.
func TestArchiveElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipeline{}
		hops, _, err := round(t, p, p.canaries(func(o *Options) { o.Follow, o.Route = nil, nil }), watching.CanaryRequest{})
		if err != nil || len(hops) != 3 || !strings.HasPrefix(hops[2].Text, "nobody is told of alerts by this process") {
			t.Errorf("%+v, %v", hops, err)
		}
	})
}

func TestDoor(t *testing.T) {
	p := &pipeline{}
	c := p.canaries(nil)
	for _, tc := range []struct {
		name string
		r    watching.CanaryRequest
		want Port
		code string
		do   string
	}{
		{"the first that is open", watching.CanaryRequest{}, Port{UDP, "127.0.0.1:5514"}, "", ""},
		{"one that listens everywhere", watching.CanaryRequest{Via: TCP}, Port{TCP, "127.0.0.1:5514"}, "", ""},
		{"one that is closed", watching.CanaryRequest{Via: RELP}, Port{}, "canary-door", "weir canary --via tcp"},
		{"another process", watching.CanaryRequest{To: "192.0.2.1:514"}, Port{UDP, "192.0.2.1:514"}, "", ""},
		{"no transport", watching.CanaryRequest{Via: "pigeon"}, Port{}, "usage", "one of udp, tcp, tls, relp"},
	} {
		got, err := c.door(tc.r)
		if got != tc.want || fault.Code(err) != tc.code {
			t.Errorf("%s: %+v, %v", tc.name, got, err)
		}
		if f, ok := errors.AsType[*fault.Error](err); ok && f.Do != tc.do {
			t.Errorf("%s: %s", tc.name, f.Do)
		}
	}
	none := p.canaries(func(o *Options) { o.Ports = nil })
	if _, err := none.door(watching.CanaryRequest{}); fault.Code(err) != "canary-door" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("got %v", err)
	}
}

// TestRoundEnds: who asked goes away, or cannot send: nothing is waited for.
func TestRoundEnds(t *testing.T) {
	p := &pipeline{down: "door"}
	ctx, cancel := context.WithCancel(t.Context())
	c := p.canaries(nil)
	_, err := c.Round(ctx, watching.CanaryRequest{Wait: time.Minute}, func(watching.Hop) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	broken := errors.New("no route to host")
	if _, err := c.Round(t.Context(), watching.CanaryRequest{Wait: time.Minute}, func(watching.Hop) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestMemoryIsBounded: a flood of alerts that nobody sent is counted, and forgotten when the list forgets it.
func TestMemoryIsBounded(t *testing.T) {
	p := &pipeline{}
	c := p.canaries(nil)
	c.count(t.Context())
	for i := range 5000 {
		p.alerts = []alert.Alert{{ID: fmt.Sprint(i), Rule: Rule, Count: 1}}
		c.count(t.Context())
	}
	if len(c.seen) != 1 || c.Forged() != 5000 {
		t.Errorf("%d are remembered, %d counted", len(c.seen), c.Forged())
	}
	c.give("old", time.Now().Add(-2*keepFor))
	c.give("new", time.Now())
	if len(c.given) != 1 {
		t.Errorf("%d ids", len(c.given))
	}
}
