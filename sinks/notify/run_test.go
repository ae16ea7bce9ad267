package notify

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/alert"
	"weir/internal/control/notifying"
	"weir/internal/fault"
	"weir/sinks/notify/channel"
)

// running runs a world's notifier as the process does, on the clock of a synctest bubble. stop ends it and waits.
func (w *world) running(now func() time.Time) (stop func()) {
	w.t.Helper()
	w.n.opts.Now = now
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- w.n.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	}
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simple)
		stop := w.running(time.Now)
		w.comes(w.alert("a1", "ssh", "critical", "web-1"))
		time.Sleep(100 * time.Millisecond)
		w.want("mail", "firing rule=ssh host.name=web-1: a1") // at once: nobody waits for a poll
		w.comes(w.alert("b1", "ssh", "high", "web-2"))
		time.Sleep(9 * time.Second)
		w.want("mail")
		time.Sleep(1100 * time.Millisecond)
		w.want("mail", "firing rule=ssh host.name=web-2: b1")
		// A file that changes: a new channel is used, the one that stayed is not closed.
		w.write("channels: {mail: {type: box}, boss: {type: box}}\nroute: {to: [mail, boss], group_by: [rule]}\n")
		time.Sleep(3 * time.Second)
		w.comes(w.alert("c1", "sudo", "critical", "web-3"))
		time.Sleep(time.Second)
		w.want("boss", "firing rule=sudo: c1")
		w.want("mail", "firing rule=sudo: c1")
		w.mu.Lock()
		if n := w.boxes["mail"].closed; n != 1 { // the one that was only made to be looked at
			t.Errorf("closed %d times", n)
		}
		w.mu.Unlock()
		// And one that is gone is closed.
		w.write("channels: {boss: {type: box}}\nroute: {to: boss}\n")
		w.n.Reload()
		time.Sleep(time.Second)
		w.mu.Lock()
		if n := w.boxes["mail"].closed; n != 2 {
			t.Errorf("closed %d times", n)
		}
		w.mu.Unlock()
		stop()
	})
}

// TestRun_RaisesWhenItCan: a trouble that cannot be told yet is told later.
func TestRun_RaisesWhenItCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simple)
		var tried, told atomic.Int32
		w.n.opts.Raise = func(context.Context, *alert.Alert) error {
			if tried.Add(1) < 4 {
				return errors.New("Kafka is away")
			}
			told.Add(1)
			return nil
		}
		w.boxes["mail"].answer = func(int, *channel.Message) (channel.Receipt, error) {
			return channel.Receipt{}, &channel.Error{Permanent: true, Err: errors.New("no")}
		}
		stop := w.running(time.Now)
		w.comes(w.alert("a1", "ssh", "critical", "web-1"))
		time.Sleep(time.Minute)
		stop()
		if told.Load() != 1 || tried.Load() != 4 {
			t.Errorf("told %d times in %d tries", told.Load(), tried.Load())
		}
	})
}

// TestRun_StoreGone: a store that cannot be written is complained of, now and then, and keeps nobody busy.
func TestRun_StoreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simple)
		stop := w.running(time.Now)
		time.Sleep(time.Second)
		if err := w.n.store.Close(); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		time.Sleep(10 * time.Minute)
		stop()
		if time.Since(begun) > 11*time.Minute {
			t.Errorf("the end took %s", time.Since(begun))
		}
	})
}

// TestRun_WhileItCleans: alerts are told while what is long over is forgotten, however long that takes, and the end waits
// for it. It begins once an hour, and not while the last is under way.
func TestRun_WhileItCleans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simple)
		var begun, ended atomic.Int32
		w.n.clean = func(ctx context.Context, _ time.Time) error {
			if begun.Add(1) == 1 {
				time.Sleep(150 * time.Minute)
				return errors.New("no room")
			}
			<-ctx.Done()
			time.Sleep(time.Second)
			ended.Add(1)
			return ctx.Err()
		}
		stop := w.running(time.Now)
		for i, after := range []time.Duration{time.Minute, 2 * time.Hour, time.Hour} {
			time.Sleep(after)
			id := fmt.Sprint("a", i)
			w.comes(w.alert(id, "ssh", "critical", "web-"+id))
			time.Sleep(time.Second)
			w.want("mail", fmt.Sprintf("firing rule=ssh host.name=web-%s: %s", id, id))
			if n := begun.Load(); n != []int32{1, 1, 2}[i] {
				t.Errorf("step %d: it was begun %d times", i, n)
			}
		}
		stop()
		if ended.Load() != 1 {
			t.Error("it goes on after the end")
		}
	})
}

// TestRun_Cleans: what is long over is forgotten.
func TestRun_Cleans(t *testing.T) {
	w := newWorld(t, simple)
	w.comes(w.alert("a1", "ssh", "critical", "web-1"))
	w.pass(time.Minute)
	w.decides("a1", 1, "closed")
	w.pass(time.Hour)
	if err := w.n.store.Clean(t.Context(), w.now().Add(29*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if w.fate("a1") != "" {
		t.Error("explained wrongly")
	}
	if err := w.n.store.Clean(t.Context(), w.now().Add(31*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.n.NotifyRoute(t.Context(), notifying.RouteRequest{Alert: "a1"}); fault.Code(err) != "alert-unknown" {
		t.Errorf("after 31 days: %v", err)
	}
}

func TestOpen_Failure(t *testing.T) {
	if _, err := Open(Options{Data: t.TempDir() + "/none"}); err == nil {
		t.Error("a folder that is not there")
	}
	w := newWorld(t, simple)
	if err := w.n.store.Close(); err != nil {
		t.Fatal(err)
	}
	// A file with mistakes is no reason not to start.
	var told fault.List
	w.write("channels: {a: {type: nothing}}\n")
	o := w.options()
	o.Faults = func(list fault.List) { told = list }
	n, err := Open(o)
	if err != nil || len(told) != 1 {
		t.Fatalf("%v, told %v", err, told)
	}
	w.n = n
	w.comes(w.alert("a1", "ssh", "critical", "web-1"))
	if got := w.fateOf("a1"); got != fateNoFile {
		t.Errorf("fate %q", got)
	}
}

// fateOf is the fate that the store has.
func (w *world) fateOf(id string) string {
	w.t.Helper()
	a, err := w.n.store.Alert(w.t.Context(), id)
	if err != nil || a == nil {
		w.t.Fatal(fmt.Errorf("alert %s: %v, %w", id, a, err))
	}
	return a.Fate
}
