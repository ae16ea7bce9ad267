package canary

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestRun: canaries go by every transport in turn, count as our own, and who stops waits for none.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipeline{}
		c := p.canaries(nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); c.Run(ctx, 5*time.Minute) }()
		time.Sleep(21 * time.Minute)
		synctest.Wait()
		if own := c.Own(); own["syslog/127.0.0.1"] != 4 {
			t.Errorf("%v", own)
		}
		list := c.Status()
		if len(list) != 2 || list[0].Via != TCP || list[1].Via != UDP || list[0].Lost+list[1].Lost != 0 || list[0].Answered.IsZero() {
			t.Errorf("%+v", list)
		}
		p.mu.Lock()
		p.down = "correlate"
		p.mu.Unlock()
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		if list = c.Status(); list[0].Lost != 1 || list[1].Lost != 1 || list[0].Hop != "stored" {
			t.Errorf("%+v", list)
		}
		p.mu.Lock()
		p.down = ""
		p.mu.Unlock()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if list = c.Status(); list[0].Lost != 0 || list[1].Lost != 0 {
			t.Errorf("%+v", list)
		}
		cancel()
		<-done
	})
}

// TestRunCannotSend: a front door that is closed is a canary that is lost.
func TestRunCannotSend(t *testing.T) {
	p := &pipeline{}
	c := p.canaries(func(o *Options) {
		o.Send = func(context.Context, string, string, []byte) (string, error) {
			return "", errors.New("connection refused")
		}
	})
	c.once(t.Context(), UDP, time.Second)
	if list := c.Status(); len(list) != 1 || list[0].Lost != 1 || list[0].Hop != "not sent: connection refused" || len(c.Own()) != 0 {
		t.Errorf("%+v, %v", list, c.Own())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c.once(ctx, UDP, time.Second)
	if list := c.Status(); list[0].Lost != 1 {
		t.Errorf("a stop is a loss: %+v", list)
	}
}

func TestPick(t *testing.T) {
	p := &pipeline{}
	c := p.canaries(nil)
	if c.pick(0, nil) != TCP || c.pick(1, nil) != UDP || c.pick(2, nil) != TCP || c.pick(5, []string{UDP}) != UDP || c.pick(0, []string{RELP}) != "" {
		t.Error("not in turn")
	}
	c.opts.Ports = nil
	if c.pick(0, nil) != "" {
		t.Error("a process without a front door sends canaries")
	}
}
