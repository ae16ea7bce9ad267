package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"weir/sinks/notify/channel"
)

// States of a message.
const (
	Waiting = "waiting"
	Sent    = "sent"
	Dead    = "dead"   // the other side will never take it
	Folded  = "folded" // it became part of another one
)

// Listed is how many alerts a message names at the most; the others are counted.
const Listed = 100

// Message is one message over one channel. What the channel gets is made of it when it is sent.
type Message struct {
	Row     int64
	ID      string // of Row, the same for ever
	Group   int64  // 0: of no group
	Channel string
	Kind    channel.Kind
	Name    string // of the group
	Labels  map[string]string
	Lang    string
	Rank    int // of its worst alert
	// Alerts are ids, the worst first; More is how many others it stands for.
	Alerts   []string
	More     int
	Made     time.Time
	State    string
	Attempts int
	// Next is when it may be tried; Ended when it was sent or given up.
	Next, Ended time.Time
	Error, Said string
	Ticket      string // what the channel calls the group
	Into        string // the message that it became a part of
	// Whole asks Queue for a message of its own, whatever waits.
	Whole bool
}

// id is what a row is called outside: short, and never given twice, also not by another weir that tells the same people.
func (s *Store) id(row int64) string { return s.instance + "-" + strconv.FormatInt(row, 10) }

// strength orders kinds that may become one message: the stronger one gives it its kind.
var strength = map[channel.Kind]int{channel.Repeat: 1, channel.Firing: 2, channel.Escalation: 3}

// Queue writes a message that waits to be sent. Where one about the same group waits on the same channel and nobody has
// tried it yet, they become one, which says all that both say; a repetition is left out where anything waits. The end of a
// group is always a message of its own. It returns the row.
func (tx *Tx) Queue(ctx context.Context, m Message, now time.Time) (int64, error) {
	row, err := tx.queue(ctx, m, now)
	if err != nil {
		return 0, fmt.Errorf("queueing a message for %s: %w", m.Channel, err)
	}
	return row, nil
}

// queue is Queue without the words around its errors. Whom a group was told over is noted with the message and not when it
// arrives: the end goes to all of them, behind what still waits.
func (tx *Tx) queue(ctx context.Context, m Message, now time.Time) (int64, error) {
	// An end (strength 0) never joins, or a receiver would see it before what it ends.
	if strength[m.Kind] > 0 && m.Group > 0 && !m.Whole {
		// The last one decides: what waits before it is said before it.
		row, attempts, kind, err := tx.waitingFor(ctx, m)
		switch {
		case err != nil:
			return 0, err
		case row > 0 && m.Kind == channel.Repeat:
			return row, nil
		case row > 0 && attempts == 0 && strength[kind] > 0:
			return row, tx.join(ctx, row, kind, m)
		}
	}
	// Alerts beyond those that it names are counted from the beginning: nobody can add them later.
	labels, _ := json.Marshal(m.Labels) // texts always can be
	var row int64
	err := tx.QueryRowContext(ctx, `INSERT INTO deliveries (grp, channel, kind, name, labels, lang, rank, more, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		m.Group, m.Channel, m.Kind, m.Name, labels, m.Lang, m.Rank, m.More+max(0, len(m.Alerts)-Listed), nanos(now)).Scan(&row)
	if err != nil {
		return 0, err
	}
	if err := tx.carry(ctx, row, m.Alerts[:min(len(m.Alerts), Listed)], 0); err != nil {
		return 0, err
	}
	if m.Group > 0 {
		_, err = tx.ExecContext(ctx, `INSERT OR IGNORE INTO parties (grp, channel) VALUES (?, ?)`, m.Group, m.Channel)
	}
	return row, err
}

// waitingFor returns the last message about a group that waits on a channel: the only one that another may become a part of.
func (tx *Tx) waitingFor(ctx context.Context, m Message) (row int64, attempts int, kind channel.Kind, err error) {
	err = tx.QueryRowContext(ctx, `SELECT id, attempts, kind FROM deliveries WHERE grp = ? AND channel = ? AND state = 'waiting' ORDER BY id DESC LIMIT 1`,
		m.Group, m.Channel).Scan(&row, &attempts, &kind)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return row, attempts, kind, err
}

// WaitsFor tells whether anything about a group waits on a channel.
func (tx *Tx) WaitsFor(ctx context.Context, group int64, name string) (bool, error) {
	row, _, _, err := tx.waitingFor(ctx, Message{Group: group, Channel: name})
	return row > 0, err
}

// join puts what m says into a message that nobody has tried yet. What was in it stays: its alerts may be over by now, and
// people are told of them all the same.
func (tx *Tx) join(ctx context.Context, row int64, kind channel.Kind, m Message) error {
	have, err := tx.carriedBy(ctx, row)
	if err != nil {
		return err
	}
	// The new ones first: they are the state of now, and the worst of them leads.
	all := slices.Clone(m.Alerts)
	for _, id := range have {
		if !slices.Contains(m.Alerts, id) {
			all = append(all, id)
		}
	}
	// Said once more under the stronger word: who is escalated to must not read that it is a repetition.
	if strength[m.Kind] > strength[kind] {
		kind = m.Kind
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM carried WHERE delivery = ?`, row); err != nil {
		return err
	}
	if err := tx.carry(ctx, row, all[:min(len(all), Listed)], 0); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE deliveries SET kind = ?, rank = max(rank, ?), more = max(more, ?) + ? WHERE id = ?`, kind, m.Rank, m.More, max(0, len(all)-Listed), row)
	return err
}

// carry notes which alerts a message names, in this order. The alerts themselves are read when it is sent: people get them as
// they are then.
func (tx *Tx) carry(ctx context.Context, row int64, alerts []string, from int) error {
	for i, id := range alerts {
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO carried (delivery, alert, place) VALUES (?, ?, ?)`, row, id, from+i); err != nil {
			return err
		}
	}
	return nil
}

// carriedBy returns the alerts that a message names.
func (tx *Tx) carriedBy(ctx context.Context, row int64) (out []string, err error) {
	err = query(ctx, tx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	}, `SELECT alert FROM carried WHERE delivery = ? ORDER BY place`, row)
	return out, err
}

// messageColumns are of deliveries d with the ticket of its group and channel.
const messageColumns = `d.id, d.grp, d.channel, d.kind, d.name, d.labels, d.lang, d.rank, d.more, d.made, d.state, d.attempts, d.next, d.ended, d.error, d.said, d.into_id, coalesce(p.ticket, '')`

const messageTables = ` FROM deliveries d LEFT JOIN parties p ON p.grp = d.grp AND p.channel = d.channel `

// readMessage reads a row of messageColumns. The alerts stay where they are: a queue is looked at far more often than sent.
func (s *Store) readMessage(rows interface{ Scan(...any) error }) (m Message, err error) {
	var labels []byte
	var made, next, ended, into int64
	if err := rows.Scan(&m.Row, &m.Group, &m.Channel, &m.Kind, &m.Name, &labels, &m.Lang, &m.Rank, &m.More, &made, &m.State, &m.Attempts, &next, &ended, &m.Error, &m.Said, &into, &m.Ticket); err != nil {
		return m, err
	}
	m.ID, m.Made, m.Next, m.Ended = s.id(m.Row), moment(made), moment(next), moment(ended)
	if into > 0 {
		m.Into = s.id(into)
	}
	return m, json.Unmarshal(labels, &m.Labels)
}

// Queued returns what waits on a channel, in the order in which it has to go, without the alerts.
func (s *Store) Queued(ctx context.Context, name string, most int) (out []Message, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		m, err := s.readMessage(rows)
		out = append(out, m)
		return err
	}, `SELECT `+messageColumns+messageTables+`WHERE d.channel = ? AND d.state = 'waiting' ORDER BY d.id LIMIT ?`, name, most)
	if err != nil {
		return nil, fmt.Errorf("reading what waits for %s: %w", name, err)
	}
	return out, nil
}

// Carried returns the alerts that a message names, as they are now, the worst first.
func (s *Store) Carried(ctx context.Context, row int64, most int) (out []Alert, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		a, err := readAlert(rows)
		if a != nil {
			out = append(out, *a)
		}
		return err
	}, `SELECT a.id, a.revision, a.doc, a.state, a.verdict, a.assignee, a.version, a.fate, a.seen FROM carried c JOIN alerts a ON a.id = c.alert
		WHERE c.delivery = ? ORDER BY a.rank DESC, c.place LIMIT ?`, row, most)
	if err != nil {
		return nil, fmt.Errorf("reading the alerts of a message: %w", err)
	}
	return out, nil
}

// Attempt notes that somebody is about to try a message: from here on it says what it says.
func (s *Store) Attempt(ctx context.Context, row int64) error {
	return s.Write(ctx, "noting an attempt", func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE deliveries SET attempts = attempts + 1 WHERE id = ? AND state = 'waiting'`, row)
		return err
	})
}

// Outcome is what became of an attempt: it arrived, never will, or is tried again.
type Outcome struct {
	OK bool
	// Ticket and Said are the answer of the other side.
	Ticket, Said string
	// Error of one that did not arrive. Permanent: it never will. Else it is tried again at Next.
	Error     string
	Permanent bool
	Next      time.Time
}

// Finish notes what became of a message, and how its channel does. A channel whose state changed has done so since now.
func (s *Store) Finish(ctx context.Context, m *Message, o Outcome, now time.Time) error {
	return s.Write(ctx, "noting what became of a message", func(tx *Tx) error {
		// One transaction for message, ticket and health: a crash leaves either what was or what is.
		at := nanos(now)
		var err error
		switch {
		case o.OK:
			_, err = tx.ExecContext(ctx, `UPDATE deliveries SET state = 'sent', ended = ?, said = ?, error = '' WHERE id = ?`, at, o.Said, m.Row)
			// The end of a group ends its ticket; any other message that gets none keeps the one that there is.
			if err == nil && m.Group > 0 && (o.Ticket != "" || m.Kind == channel.Resolved) {
				_, err = tx.ExecContext(ctx, `UPDATE parties SET ticket = ? WHERE grp = ? AND channel = ?`, o.Ticket, m.Group, m.Channel)
			}
		case o.Permanent:
			_, err = tx.ExecContext(ctx, `UPDATE deliveries SET state = 'dead', ended = ?, error = ? WHERE id = ?`, at, o.Error, m.Row)
		default:
			_, err = tx.ExecContext(ctx, `UPDATE deliveries SET next = ?, error = ? WHERE id = ?`, nanos(o.Next), o.Error, m.Row)
		}
		if err != nil {
			return err
		}
		// What the other side refuses it has read: the channel itself is up.
		return tx.health(ctx, m.Channel, o.OK || o.Permanent, o, at)
	})
}

// health counts an attempt. The time of a state is that of its change.
func (tx *Tx) health(ctx context.Context, name string, up bool, o Outcome, at int64) error {
	failed, sent := 1, 0
	if o.OK {
		failed, sent = 0, 1
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO health (channel, up, since, error, error_at, sent, failed) VALUES (?1, ?2, ?3, ?4, iif(?4 = '', 0, ?3), ?5, ?6)
		ON CONFLICT (channel) DO UPDATE SET since = iif(up = ?2 AND since > 0, since, ?3), up = ?2, error = iif(?4 = '', error, ?4), error_at = iif(?4 = '', error_at, ?3),
		sent = sent + ?5, failed = failed + ?6`, name, up, at, o.Error, sent, failed)
	return err
}

// SentSince tells a storm: it returns how many messages a channel was sent after t, and when the first of them was.
func (s *Store) SentSince(ctx context.Context, name string, t time.Time) (n int, first time.Time, err error) {
	var ns sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT count(*), min(ended) FROM deliveries WHERE channel = ? AND state = 'sent' AND ended > ?`, name, nanos(t)).Scan(&n, &ns)
	if err != nil {
		return 0, first, fmt.Errorf("counting what was sent to %s: %w", name, err)
	}
	return n, moment(ns.Int64), nil
}

// Sooner has everything that waits on a channel tried at once, but for what was tried most times.
func (s *Store) Sooner(ctx context.Context, name string, below int) error {
	return s.Write(ctx, "bringing messages forward", func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE deliveries SET next = 0 WHERE channel = ? AND state = 'waiting' AND attempts < ?`, name, below)
		return err
	})
}

// Retry has the dead messages of a channel, or of all, tried again, and counts them. How often they were tried stays: nothing
// joins them.
func (s *Store) Retry(ctx context.Context, name string) (n int64, err error) {
	err = s.Write(ctx, "trying dead messages again", func(tx *Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = 'waiting', ended = 0, next = 0 WHERE state = 'dead' AND (? = '' OR channel = ?)`, name, name)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	return n, err
}

// Fold makes one message out of several that wait: in a storm people get one that says how much there is. name is its
// heading, which is made when the number of alerts is known. The alerts that it names are the worst; it returns the row.
func (s *Store) Fold(ctx context.Context, list []Message, name func(alerts int) string, groups int, now time.Time) (row int64, err error) {
	err = s.Write(ctx, "folding messages", func(tx *Tx) error {
		// Read within the transaction: a group that is being looked at may have put more into them.
		ids := map[string]bool{}
		more := 0
		for i := range list {
			carried, err := tx.carriedBy(ctx, list[i].Row)
			if err != nil {
				return err
			}
			for _, id := range carried {
				ids[id] = true
			}
			m := 0
			if err := tx.QueryRowContext(ctx, `SELECT more FROM deliveries WHERE id = ?`, list[i].Row).Scan(&m); err != nil {
				return err
			}
			more += m
		}
		worst, err := tx.worst(ctx, slices.Sorted(maps.Keys(ids)))
		if err != nil {
			return err
		}
		m := Message{Channel: list[0].Channel, Kind: channel.Digest, Name: name(len(worst) + more), Labels: map[string]string{"groups": strconv.Itoa(groups)}, Lang: list[0].Lang, Alerts: worst, More: more}
		for i := range list {
			m.Rank = max(m.Rank, list[i].Rank)
		}
		if row, err = tx.queue(ctx, m, now); err != nil {
			return err
		}
		for i := range list {
			if _, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = 'folded', ended = ?, into_id = ? WHERE id = ?`, nanos(now), row, list[i].Row); err != nil {
				return err
			}
		}
		return nil
	})
	return row, err
}

// worst puts alerts into the order of their levels, as they are now.
func (tx *Tx) worst(ctx context.Context, ids []string) ([]string, error) {
	rank := make(map[string]int, len(ids))
	for _, id := range ids {
		var r int
		if err := tx.QueryRowContext(ctx, `SELECT rank FROM alerts WHERE id = ?`, id).Scan(&r); err != nil {
			return nil, err
		}
		rank[id] = r
	}
	slices.SortStableFunc(ids, func(a, b string) int { return rank[b] - rank[a] })
	return ids, nil
}

// Waits are the channels on which something waits, those too that no file has any more.
func (s *Store) Waits(ctx context.Context) (out []string, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		out = append(out, name)
		return err
	}, `SELECT DISTINCT channel FROM deliveries WHERE state = 'waiting' ORDER BY channel`)
	return out, err
}

// MessagesOf returns the messages that named an alert, those too that became part of others, in the order in which they were made.
func (s *Store) MessagesOf(ctx context.Context, alertID string) (out []Message, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		m, err := s.readMessage(rows)
		out = append(out, m)
		return err
	}, `SELECT `+messageColumns+messageTables+`JOIN carried c ON c.delivery = d.id WHERE c.alert = ? ORDER BY d.id`, alertID)
	if err != nil {
		return nil, fmt.Errorf("reading the messages about alert %s: %w", alertID, err)
	}
	return out, nil
}

// Message returns one message; nil if there is none. Its alerts are asked for by Carried.
func (s *Store) Message(ctx context.Context, row int64) (*Message, error) {
	m, err := s.readMessage(s.db.QueryRowContext(ctx, `SELECT `+messageColumns+messageTables+`WHERE d.id = ?`, row))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading message %d: %w", row, err)
	}
	return &m, nil
}
