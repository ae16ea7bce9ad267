package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"weir/internal/alert"
	"weir/sinks/notify/plan"
	"weir/sinks/notify/routing"
)

// Group is what is told of together. It is open until all of it is over and was told as such.
type Group struct {
	ID    int64
	Route string // its key
	To    []string
	// Name is what the alerts have in common, in one line; Labels the same as a table.
	Name   string
	Labels map[string]string
	Begun  time.Time
	// Flushed and Sent are as in plan.Group.
	Flushed, Sent time.Time
}

// never is far beyond any clock: the due time of a group that waits for something to happen.
const never = int64(1) << 62

// Join puts an alert into the open group of its route, channels and labels, and makes one if there is none. A member that
// is there already has to be told of again. The group is looked at by the next Due.
func (tx *Tx) Join(ctx context.Context, g Group, a *Alert, now time.Time) error {
	to, _ := json.Marshal(g.To)         // texts always can be
	labels, _ := json.Marshal(g.Labels) // sorted by their names
	// Nul bytes between the parts: no name has one, so no two groups share a key.
	key := g.Route + "\x00" + string(to) + "\x00" + string(labels)
	var id int64
	err := tx.QueryRowContext(ctx, `SELECT id FROM groups WHERE key = ? AND closed = 0`, key).Scan(&id)
	// Another writer cannot come in between: transactions that write take the lock at their beginning.
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRowContext(ctx, `INSERT INTO groups (key, route, channels, name, labels, begun, due) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			key, g.Route, to, g.Name, labels, nanos(now), nanos(now)).Scan(&id)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO members (grp, alert, added) VALUES (?, ?, ?)
			ON CONFLICT (grp, alert) DO UPDATE SET told = 0, told_rank = 0, skipped = 0, escalated = 0`, id, a.ID, nanos(now))
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE groups SET due = min(due, ?) WHERE id = ?`, nanos(now), id)
	}
	if err != nil {
		return fmt.Errorf("putting alert %s into a group: %w", a.ID, err)
	}
	return nil
}

// Wake has the open groups of an alert looked at by the next Due, and tells whether there are any.
func (tx *Tx) Wake(ctx context.Context, id string, now time.Time) (bool, error) {
	res, err := tx.ExecContext(ctx, `UPDATE groups SET due = min(due, ?) WHERE closed = 0 AND id IN (SELECT grp FROM members WHERE alert = ?)`, nanos(now), id)
	if err != nil {
		return false, fmt.Errorf("waking the groups of alert %s: %w", id, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Due returns open groups that have to be looked at by now, a bounded number of them, those that wait longest first.
func (s *Store) Due(ctx context.Context, now time.Time, most int) (out []Group, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		g, err := readGroup(rows)
		out = append(out, g)
		return err
	}, `SELECT `+groupColumns+` FROM groups WHERE closed = 0 AND due <= ? ORDER BY due, id LIMIT ?`, nanos(now), most)
	if err != nil {
		return nil, fmt.Errorf("looking for groups that are due: %w", err)
	}
	return out, nil
}

// NextDue is when the next group has to be looked at; the zero time if none ever.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var due sql.NullInt64
	if err := s.db.QueryRowContext(ctx, `SELECT min(due) FROM groups WHERE closed = 0`).Scan(&due); err != nil {
		return time.Time{}, fmt.Errorf("looking for groups that are due: %w", err)
	}
	if !due.Valid || due.Int64 == never {
		return time.Time{}, nil
	}
	return moment(due.Int64), nil
}

// groupColumns are what readGroup reads.
const groupColumns = `id, route, channels, name, labels, begun, flushed, sent`

// readGroup reads a row of groupColumns.
func readGroup(rows *sql.Rows) (g Group, err error) {
	var to, labels []byte
	var begun, flushed, sent int64
	if err := rows.Scan(&g.ID, &g.Route, &to, &g.Name, &labels, &begun, &flushed, &sent); err != nil {
		return g, err
	}
	g.Begun, g.Flushed, g.Sent = moment(begun), moment(flushed), moment(sent)
	return g, errors.Join(json.Unmarshal(to, &g.To), json.Unmarshal(labels, &g.Labels))
}

// Members returns the alerts of a group as a plan is made of them. Whether one is held back is not known here.
func (tx *Tx) Members(ctx context.Context, id int64) (out []plan.Member, err error) {
	err = query(ctx, tx, func(rows *sql.Rows) error {
		var m plan.Member
		var added, told int64
		var state string
		err := rows.Scan(&m.Alert, &m.Rank, &m.Over, &state, &added, &told, &m.ToldRank, &m.Skipped, &m.Escalated)
		m.Acked, m.Added, m.Told = state == alert.Acknowledged, moment(added), moment(told)
		out = append(out, m)
		return err
	}, `SELECT m.alert, a.rank, a.over, a.state, m.added, m.told, m.told_rank, m.skipped, m.escalated
		FROM members m JOIN alerts a ON a.id = m.alert WHERE m.grp = ? ORDER BY m.added, m.alert`, id)
	if err != nil {
		return nil, fmt.Errorf("reading group %d: %w", id, err)
	}
	return out, nil
}

// Leave takes an alert out of a group, as if it had never been in it.
func (tx *Tx) Leave(ctx context.Context, id int64, alertID string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM members WHERE grp = ? AND alert = ?`, id, alertID)
	return err
}

// Settle writes down what a plan said of a group, so that the same plan is not made again. Its messages are the caller's to queue, in the same transaction.
func (tx *Tx) Settle(ctx context.Context, id int64, p plan.Plan, now time.Time) error {
	at := nanos(now)
	for _, a := range p.Told {
		if _, err := tx.ExecContext(ctx, `UPDATE members SET told_rank = (SELECT rank FROM alerts WHERE id = alert), told = iif(told = 0, ?, told) WHERE grp = ? AND alert = ?`, at, id, a); err != nil {
			return err
		}
	}
	for _, a := range p.Skipped {
		if _, err := tx.ExecContext(ctx, `UPDATE members SET skipped = 1 WHERE grp = ? AND alert = ?`, id, a); err != nil {
			return err
		}
	}
	for a, n := range p.Escalated {
		if _, err := tx.ExecContext(ctx, `UPDATE members SET escalated = ? WHERE grp = ? AND alert = ?`, n, id, a); err != nil {
			return err
		}
	}
	// One statement: a group is never half settled, and its index on due moves once.
	set, args := []string{"due = ?"}, []any{never}
	if !p.Due.IsZero() {
		args[0] = nanos(p.Due)
	}
	if p.News {
		set, args = append(set, "flushed = ?"), append(args, at)
	}
	if p.Said {
		set, args = append(set, "sent = ?"), append(args, at)
	}
	if p.Close {
		set, args = append(set, "closed = ?"), append(args, at)
	}
	_, err := tx.ExecContext(ctx, `UPDATE groups SET `+strings.Join(set, ", ")+` WHERE id = ?`, append(args, id)...)
	return err
}

// Parties are the channels that were told of a group, with what they call it.
func (tx *Tx) Parties(ctx context.Context, id int64) (map[string]string, error) {
	out := map[string]string{}
	err := query(ctx, tx, func(rows *sql.Rows) error {
		var channel, ticket string
		err := rows.Scan(&channel, &ticket)
		out[channel] = ticket
		return err
	}, `SELECT channel, ticket FROM parties WHERE grp = ?`, id)
	if err != nil {
		return nil, fmt.Errorf("reading whom group %d was told: %w", id, err)
	}
	return out, nil
}

// OpenGroups counts groups that go on. It is a number for people, and may be a moment old.
func (s *Store) OpenGroups(ctx context.Context) (n int64, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT count(*) FROM groups WHERE closed = 0`).Scan(&n)
	return n, err
}

// GroupOf is a group that an alert is or was in, with what was said of the alert there.
type GroupOf struct {
	Group
	Closed  time.Time
	Added   time.Time
	Told    time.Time
	Skipped bool
}

// GroupsOf returns the groups of an alert, in the order in which it came into them.
func (s *Store) GroupsOf(ctx context.Context, alertID string) (out []GroupOf, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		var g GroupOf
		var to, labels []byte
		var begun, flushed, sent, closed, added, told int64
		if err := rows.Scan(&g.ID, &g.Route, &to, &g.Name, &labels, &begun, &flushed, &sent, &closed, &added, &told, &g.Skipped); err != nil {
			return err
		}
		g.Begun, g.Flushed, g.Sent, g.Closed, g.Added, g.Told = moment(begun), moment(flushed), moment(sent), moment(closed), moment(added), moment(told)
		err := errors.Join(json.Unmarshal(to, &g.To), json.Unmarshal(labels, &g.Labels))
		out = append(out, g)
		return err
	}, `SELECT `+groupColumns+`, closed, m.added, m.told, m.skipped FROM members m JOIN groups g ON g.id = m.grp WHERE m.alert = ? ORDER BY m.added, g.id`, alertID)
	if err != nil {
		return nil, fmt.Errorf("reading the groups of alert %s: %w", alertID, err)
	}
	return out, nil
}

// GroupFor makes the group of an alert on a route.
func GroupFor(t routing.Target, a *alert.Alert) Group {
	labels := routing.Labels(t.Route.GroupBy, a)
	return Group{Route: t.Route.Key, To: t.To, Labels: labels, Name: routing.GroupName(t.Route.GroupBy, labels)}
}

// Retell has people told of an alert again in the open groups that it is in, and tells whether there are any.
func (tx *Tx) Retell(ctx context.Context, id string, now time.Time) (bool, error) {
	if _, err := tx.ExecContext(ctx, `UPDATE members SET told = 0, told_rank = 0, skipped = 0, escalated = 0 WHERE alert = ? AND grp IN (SELECT id FROM groups WHERE closed = 0)`, id); err != nil {
		return false, fmt.Errorf("telling of alert %s again: %w", id, err)
	}
	return tx.Wake(ctx, id, now)
}
