package alerts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/alert"
)

// kafka is what messages are sent to: it keeps those that it has, and refuses while it is away.
type kafka struct {
	mu   sync.Mutex
	away error
	got  []Message
	// lost is called before a message is acknowledged: a crash.
	lost func()
}

func (k *kafka) send(_ context.Context, m *Message) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.away != nil {
		return k.away
	}
	k.got = append(k.got, *m)
	if k.lost != nil {
		k.lost()
		return errors.New("never heard")
	}
	return nil
}

func (k *kafka) set(away error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.away = away
}

// said are the changes that it has, in order.
func (k *kafka) said(t *testing.T) (list []string) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range k.got {
		var c alert.Change
		if err := json.Unmarshal(m.Change, &c); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s/%d %s", c.Alert[:4], c.Version, c.State))
	}
	return list
}

// deliver runs the sender until the returned function is called.
func deliver(t *testing.T, s *Store, k *kafka) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { s.Deliver(ctx, k.send) })
	end := sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(end)
	for { // it runs
		s.outbox.mu.Lock()
		sending := s.outbox.sending
		s.outbox.mu.Unlock()
		if sending {
			return end
		}
		time.Sleep(time.Millisecond)
	}
}

// sent waits until all is sent.
func sent(t *testing.T, s *Store) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return s.Sent(ctx)
}

// TestDeliver: decisions are sent in their order, those of people and those of weir, each once.
func TestDeliver(t *testing.T) {
	s, k := open(t), &kafka{}
	put(t, s, sample("aaaa000000000001", 1), sample("bbbb000000000001", 1))
	change(t, s, "aaaa000000000001", to(alert.Acknowledged, "", "ana", ""))
	if s.Sent(t.Context()) {
		t.Error("nobody sends, and all is sent")
	}
	deliver(t, s, k)
	if !sent(t, s) {
		t.Fatal("what was in line before is not sent")
	}
	change(t, s, "bbbb000000000001", to(alert.Closed, alert.Benign, "ana", ""))
	put(t, s, sample("bbbb000000000001", 2)) // opens it again
	if !sent(t, s) {
		t.Fatal("not sent")
	}
	if got := strings.Join(k.said(t), ", "); got != "aaaa/1 acknowledged, bbbb/1 closed, bbbb/2 open" {
		t.Errorf("got %s", got)
	}
	for i, m := range k.got {
		if m.Store == "" || m.Store != k.got[0].Store || m.Alert != nil || i > 0 && m.Seq <= k.got[i-1].Seq {
			t.Errorf("message %d: %+v", i, m)
		}
	}
	if st, err := s.Stats(t.Context()); err != nil || st.Waiting != 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestDeliver_away: while Kafka is away decisions are kept and said once to be; nobody waits longer than they want to.
func TestDeliver_away(t *testing.T) {
	var log bytes.Buffer
	s, err := Open(filepath.Join(t.TempDir(), "alerts.db"), Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	k := &kafka{away: errors.New("no broker")}
	stop := deliver(t, s, k)
	put(t, s, sample(id, 1))
	change(t, s, id, to(alert.Acknowledged, "", "ana", ""))
	short, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if s.Sent(short) {
		t.Error("it is sent to nobody")
	}
	change(t, s, id, Decision{Kind: alert.Note, Note: "x", By: "ana"})
	if st, err := s.Stats(t.Context()); err != nil || st.Waiting != 2 {
		t.Errorf("%+v, %v", st, err)
	}
	k.set(nil)
	if !sent(t, s) || strings.Join(k.said(t), ", ") != "3f9c/1 acknowledged, 3f9c/2 acknowledged" {
		t.Errorf("got %v", k.said(t))
	}
	stop()
	if n := strings.Count(log.String(), "decisions wait to be sent"); n != 1 || !strings.Contains(log.String(), "decisions are sent again") {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestDeliver_crash: what Kafka has and nobody noted is sent again by the next start, under the number that it had: its
// readers know it by that.
func TestDeliver_crash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.db")
	s, err := Open(path, Options{Risk: &weights})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, sample(id, 1))
	change(t, s, id, to(alert.Acknowledged, "", "ana", ""))
	change(t, s, id, to(alert.Closed, alert.Benign, "ana", ""))
	crashed := &kafka{}
	ctx, cancel := context.WithCancel(t.Context())
	crashed.lost = cancel
	s.Deliver(ctx, crashed.send)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(path, Options{Risk: &weights}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	k := &kafka{}
	deliver(t, s, k)
	if !sent(t, s) || len(crashed.got) != 1 || len(k.got) != 2 || k.got[0].Seq != crashed.got[0].Seq || k.got[0].Store != crashed.got[0].Store || !bytes.Equal(k.got[0].Change, crashed.got[0].Change) {
		t.Errorf("before %+v, after %+v", crashed.got, k.got)
	}
	// Numbers go on where they ended, although the line is empty.
	change(t, s, id, to(alert.Open, "", "ana", ""))
	if !sent(t, s) || k.got[2].Seq != k.got[1].Seq+1 {
		t.Errorf("%+v", k.got)
	}
}
