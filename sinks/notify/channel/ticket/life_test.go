package ticket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/ticket"
)

// TestLife follows a group from its first alert to its end, and the next time that it comes.
func TestLife(t *testing.T) {
	d := newDesk()
	c := start(t, config(t, d))
	kept := ""
	for i, step := range []struct {
		kind channel.Kind
		kept string // after it
	}{
		{channel.Firing, "SOC-1"}, {channel.Repeat, "SOC-1"}, {channel.Escalation, "SOC-1"}, {channel.Firing, "SOC-1"}, {channel.Resolved, ""},
		{channel.Resolved, ""}, {channel.Firing, "SOC-2"},
	} {
		receipt, err := c.Send(t.Context(), message(fmt.Sprint("m", i), step.kind, kept))
		if err != nil || receipt.Ticket != step.kept || receipt.Said == "" {
			t.Fatalf("step %d, %s: %+v, %v", i, step.kind, receipt, err)
		}
		kept = receipt.Ticket
	}
	want := []string{"create SOC-1", "comment SOC-1", "comment SOC-1", "comment SOC-1", "close SOC-1", "create SOC-2"}
	if !slices.Equal(d.calls, want) {
		t.Errorf("got  %v\nwant %v", d.calls, want)
	}
	first := d.issues["SOC-1"]
	if !first.Closed || first.Summary != "[high] 203.0.113.5 guessed root's password on web-1 (+4 more)" || first.Comments[3] != "benign" || !strings.Contains(first.Comments[0], "repeat: This is still open.") {
		t.Errorf("%+v", first)
	}
}

// TestLate: a ticket whose making was answered after our time to wait is not made a second time.
func TestLate(t *testing.T) {
	d := newDesk()
	d.hold = make(chan struct{})
	c := config(t, d)
	c.Timeout = unit.Duration(300 * time.Millisecond)
	ch := start(t, c)
	_, err := ch.Send(t.Context(), message("m1", channel.Firing, ""))
	if e, ok := errors.AsType[*channel.Error](err); !ok || e.Permanent {
		t.Fatalf("first attempt: %v", err)
	}
	receipt, err := ch.Send(t.Context(), message("m1", channel.Firing, ""))
	if err != nil || receipt.Ticket != "SOC-1" || len(d.issues) != 1 {
		t.Errorf("%+v, %v, %d tickets", receipt, err, len(d.issues))
	}
}

// TestGone: a ticket that somebody deleted is made again, and one that is to be closed is closed.
func TestGone(t *testing.T) {
	d := newDesk()
	c := start(t, config(t, d))
	receipt, err := c.Send(t.Context(), message("m1", channel.Repeat, "SOC-99"))
	if err != nil || receipt.Ticket != "SOC-1" {
		t.Errorf("%+v, %v", receipt, err)
	}
	receipt, err = c.Send(t.Context(), message("m2", channel.Resolved, "SOC-99"))
	if err != nil || receipt.Ticket != "" {
		t.Errorf("%+v, %v", receipt, err)
	}
	if want := []string{"comment SOC-99", "create SOC-1", "close SOC-99"}; !slices.Equal(d.calls, want) {
		t.Errorf("got %v", d.calls)
	}
}

// TestOnlyCreate: a system that is only told of new groups.
func TestOnlyCreate(t *testing.T) {
	d := newDesk()
	c := config(t, d)
	c.Update, c.Close = ticket.Request{}, ticket.Request{}
	ch := start(t, c)
	for i, kind := range []channel.Kind{channel.Firing, channel.Repeat, channel.Resolved, channel.Test} {
		kept := "SOC-1"
		if kind == channel.Firing || kind == channel.Test {
			kept = ""
		}
		if _, err := ch.Send(t.Context(), message(fmt.Sprint("m", i), kind, kept)); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"create SOC-1", "create SOC-2"}; !slices.Equal(d.calls, want) {
		t.Errorf("got %v", d.calls)
	}
}

// TestTest: trying the channel leaves no open ticket.
func TestTest(t *testing.T) {
	d := newDesk()
	receipt, err := start(t, config(t, d)).Send(t.Context(), message("m1", channel.Test, ""))
	if err != nil || receipt.Ticket != "" || !d.issues["SOC-1"].Closed {
		t.Errorf("%+v, %v, %v", receipt, err, d.calls)
	}
}
