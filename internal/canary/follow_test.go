package canary

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/alert"
	"weir/internal/control/watching"
	"weir/internal/fault"
)

// TestAlertsUnreadable: a store that is busy for a moment loses no canary.
func TestAlertsUnreadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipeline{}
		tries := 0
		c := p.canaries(nil)
		list := c.opts.Alerts
		c.opts.Alerts = func(ctx context.Context, since time.Time) ([]alert.Alert, error) {
			if tries++; tries > 1 && tries < 4 {
				return nil, errors.New("the database is locked")
			}
			return list(ctx, since)
		}
		if _, _, err := round(t, p, c, watching.CanaryRequest{}); err != nil || tries < 4 {
			t.Errorf("%d tries, %v", tries, err)
		}
	})
}

// TestSince: what came before the start of the process is no business of its canaries, and never forged.
func TestSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipeline{}
		var asked time.Time
		c := p.canaries(func(o *Options) {
			list := o.Alerts
			o.Alerts = func(ctx context.Context, since time.Time) ([]alert.Alert, error) {
				asked = since
				return list(ctx, since)
			}
		})
		if _, _, err := round(t, p, c, watching.CanaryRequest{}); err != nil || !asked.Equal(c.start) {
			t.Errorf("asked since %s, started %s, %v", asked, c.start, err)
		}
		c.start = c.start.Add(-5 * time.Hour)
		if _, _, err := round(t, p, c, watching.CanaryRequest{}); err != nil || time.Since(asked) > keepFor+time.Minute {
			t.Errorf("asked since %s, %v", asked, err)
		}
	})
}

// TestStoredUnreadable: a document that cannot be read hides no alert.
func TestStoredUnreadable(t *testing.T) {
	p := &pipeline{}
	c := p.canaries(func(o *Options) {
		o.Follow = func(ctx context.Context, _ string, each func([]byte) error) error {
			if err := each([]byte("{")); err != nil {
				return err
			}
			return errors.New("the archive is closed")
		}
	})
	c.opts.Ports = func() []Port { return []Port{{UDP, "127.0.0.1:1"}} }
	res, err := c.Round(t.Context(), watching.CanaryRequest{Wait: 300 * time.Millisecond}, func(h watching.Hop) error {
		if h.Hop == watching.HopSend {
			p.take(h.Line)
		}
		return nil
	})
	if err != nil || res.Alert == "" || fault.Code(err) != "" {
		t.Errorf("%+v, %v", res, err)
	}
}
