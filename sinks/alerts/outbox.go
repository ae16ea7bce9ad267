package alerts

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// What follows from a transaction of this file has to be on Kafka too: decisions on weir.changes, alerts about risk on
// weir.alerts. It is put in line in the same transaction, and a goroutine of its own sends it in order and takes it out of
// the line when Kafka has it. A crash between the two sends it again, under the same position, and its readers drop it.

// Kinds of what is posted.
const (
	postChange = "change"
	postAlert  = "alert"
)

// Message is something to be put on Kafka. One of Change and Alert is its value.
type Message struct {
	// Store and Seq say where it comes from: Seq ascends in a store, whose name is its own. A message that comes twice has
	// the same.
	Store string
	Seq   int64
	// Change and Alert are JSON; one of them is set.
	Change, Alert []byte
}

// post puts something in line.
func post(ctx context.Context, tx *sql.Tx, kind string, value []byte) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO outbox (kind, value) VALUES (?, ?)", kind, value)
	return err
}

// outbox is what the writers of the line and the one who sends tell each other.
type outbox struct {
	// fresh has room for one word: there is something in line.
	fresh chan struct{}

	mu      sync.Mutex
	sending bool
	sent    int64         // up to this number all was sent, as far as this process knows
	moved   chan struct{} // closed and made anew when sent has moved, or sending has
}

func (o *outbox) begin() { o.fresh, o.moved = make(chan struct{}, 1), make(chan struct{}) }

// poke wakes who sends.
func (o *outbox) poke() {
	select {
	case o.fresh <- struct{}{}:
	default: // it will look anyway
	}
}

// set says how far it is.
func (o *outbox) set(sending bool, sent int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sending, o.sent = sending, max(o.sent, sent)
	close(o.moved)
	o.moved = make(chan struct{})
}

// Pauses of a sender that fails, doubled each time.
const (
	sendPauseMin = 250 * time.Millisecond
	sendPauseMax = 15 * time.Second
	sendAtOnce   = 100
)

// Deliver sends what is in line, in order and one by one, until ctx ends. send returns when Kafka has it. There is one who
// delivers for a file at a time; the caller waits for it to return.
func (s *Store) Deliver(ctx context.Context, send func(context.Context, *Message) error) {
	s.outbox.set(true, 0)
	defer s.outbox.set(false, 0)
	pause, said := sendPauseMin, ""
	for {
		wait := time.Hour // a poke comes with whatever is put in line
		if more, err := s.deliver(ctx, send); err != nil {
			if ctx.Err() != nil {
				return
			}
			if said != err.Error() { // a Kafka that is away says the same for hours
				said = err.Error()
				s.log.Warn("decisions wait to be sent; they are kept", "err", err)
			}
			wait, pause = pause, min(2*pause, sendPauseMax)
		} else {
			if said != "" {
				s.log.Info("decisions are sent again")
			}
			if pause, said = sendPauseMin, ""; more {
				continue
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-s.outbox.fresh:
			timer.Stop()
		}
	}
}

// deliver sends the next few, and tells whether there are more.
func (s *Store) deliver(ctx context.Context, send func(context.Context, *Message) error) (more bool, err error) {
	list, err := s.line(ctx)
	for _, m := range list {
		if err = send(ctx, m); err != nil {
			err = fmt.Errorf("sending number %d: %w", m.Seq, err)
			break
		}
		if err = s.write(ctx, "noting what was sent", func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE seq <= ?", m.Seq)
			return err
		}); err != nil {
			break
		}
		s.outbox.set(true, m.Seq)
	}
	return len(list) == sendAtOnce, err
}

// line returns the first of what is in line.
func (s *Store) line(ctx context.Context) (list []*Message, err error) {
	err = each(ctx, s.db, func(scan func(...any) error) error {
		m, kind, value := &Message{Store: s.name}, "", []byte(nil)
		if err := scan(&m.Seq, &kind, &value); err != nil {
			return err
		}
		if kind == postChange {
			m.Change = value
		} else {
			m.Alert = value
		}
		list = append(list, m)
		return nil
	}, "SELECT seq, kind, value FROM outbox ORDER BY seq LIMIT ?", sendAtOnce)
	if err != nil {
		return nil, fmt.Errorf("reading what is to be sent: %w", s.explain(err))
	}
	return list, nil
}

// Sent waits until everything is sent that was put in line before, and tells whether it is; it gives up with ctx, and where
// nobody sends.
func (s *Store) Sent(ctx context.Context) bool {
	var last sql.NullInt64
	if err := s.db.QueryRowContext(ctx, "SELECT max(seq) FROM outbox").Scan(&last); err != nil {
		s.log.Debug("asking what is to be sent", slog.Any("err", err))
		return false
	}
	if !last.Valid {
		return true
	}
	s.outbox.poke()
	for {
		s.outbox.mu.Lock()
		sending, sent, moved := s.outbox.sending, s.outbox.sent, s.outbox.moved
		s.outbox.mu.Unlock()
		if sent >= last.Int64 {
			return true
		}
		if !sending {
			return false
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return false
		}
	}
}
