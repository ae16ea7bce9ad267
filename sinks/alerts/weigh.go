package alerts

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/internal/alert"
	"weir/sinks/alerts/risk"
)

// Risk is an entity and what made its score.
type Risk struct {
	risk.Entity
	Score  float64
	At     time.Time // of the score
	Alerts int       // that count
	Rules  int       // behind them
	Alert  string    // id of the alert about it that is under way
	Parts  []risk.Part
}

// weighed is an entity whose score is higher than it was, and what it was.
type weighed struct {
	risk.Entity
	rank   float64
	newest time.Time
	at     time.Time // of the contribution
}

// weigh makes the contributions of an alert what they must be: there once, if it counts, and not if it does not. It returns
// the entities whose score rose.
func (s *Store) weigh(ctx context.Context, tx *sql.Tx, a *alert.Alert) (list []weighed, err error) {
	if !s.risk.On() || strings.HasPrefix(a.Rule, alert.Self+"-") {
		return nil, nil
	}
	verdict, there := "", 0
	if err := tx.QueryRowContext(ctx, "SELECT verdict, (SELECT count(*) FROM risk_parts WHERE alert = ?1) FROM alerts WHERE id = ?1", a.ID).Scan(&verdict, &there); err != nil {
		return nil, err
	}
	points := s.risk.Weights[a.Level]
	counts := points > 0 && !a.Canary && !a.Historic && a.SuppressedBy == "" && a.MergedInto == "" && verdict != alert.FalsePositive && verdict != alert.Duplicate
	switch {
	case counts && there == 0:
		for _, e := range risk.Entities(a) {
			w, ok, err := s.add(ctx, tx, e, a, points)
			if err != nil {
				return nil, err
			}
			if ok {
				list = append(list, w)
			}
		}
	case !counts && there > 0:
		return nil, s.takeBack(ctx, tx, a.ID)
	}
	return list, nil
}

// ahead is how far a clock may be ahead of ours. What is given in the year 2099 outweighs all that is given until then, so
// one such alert would hide what its entity does today.
const ahead = 24 * time.Hour

// add puts the contribution of an alert to the score of an entity, unless it is so old that it is
// nothing, or from the future.
func (s *Store) add(ctx context.Context, tx *sql.Tx, e risk.Entity, a *alert.Alert, points float64) (weighed, bool, error) {
	w := weighed{Entity: e, rank: risk.Nothing, at: a.Created}
	if w.at.IsZero() {
		w.at = a.First
	}
	if w.at.After(s.now().Add(ahead)) {
		return w, false, nil
	}
	var newest int64
	err := tx.QueryRowContext(ctx, "SELECT rank, newest FROM risk WHERE kind = ? AND value = ?", e.Kind, e.Value).Scan(&w.rank, &newest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return w, false, err
	}
	w.newest = moment(newest)
	latest := w.newest
	if w.at.After(latest) {
		latest = w.at
	}
	forgotten := s.risk.Forgotten(latest)
	if w.at.Before(forgotten) {
		return w, false, nil
	}
	rank := s.risk.Rank(points, w.at)
	for _, x := range []struct {
		text string
		args []any
	}{
		{"DELETE FROM risk_parts WHERE kind = ? AND value = ? AND at < ?", []any{e.Kind, e.Value, nanos(forgotten)}},
		{"INSERT INTO risk_parts (kind, value, rank, alert, rule, at) VALUES (?, ?, ?, ?, ?, ?)", []any{e.Kind, e.Value, rank, a.ID, a.Rule, nanos(w.at)}},
		{"INSERT INTO risk (kind, value, rank, newest) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (kind, value) DO UPDATE SET rank = excluded.rank, newest = excluded.newest",
			[]any{e.Kind, e.Value, risk.Add(w.rank, rank), nanos(latest)}},
	} {
		if _, err := tx.ExecContext(ctx, x.text, x.args...); err != nil {
			return w, false, err
		}
	}
	return w, true, nil
}

// takeBack takes the contributions of an alert out of all scores, which are then added up anew: taking one number off
// another would leave what rounding makes of it.
func (s *Store) takeBack(ctx context.Context, tx *sql.Tx, id string) error {
	var entities []risk.Entity
	err := each(ctx, tx, func(scan func(...any) error) error {
		var e risk.Entity
		err := scan(&e.Kind, &e.Value)
		entities = append(entities, e)
		return err
	}, "SELECT kind, value FROM risk_parts WHERE alert = ?", id)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM risk_parts WHERE alert = ?", id); err != nil {
		return err
	}
	for _, e := range entities {
		sum := risk.Nothing
		err := each(ctx, tx, func(scan func(...any) error) error {
			var rank float64
			err := scan(&rank)
			sum = risk.Add(sum, rank)
			return err
		}, "SELECT rank FROM risk_parts WHERE kind = ? AND value = ? ORDER BY rank", e.Kind, e.Value)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE risk SET rank = ? WHERE kind = ? AND value = ?", sum, e.Kind, e.Value); err != nil {
			return err
		}
	}
	return nil
}

// each calls row for every row of an answer.
func each(ctx context.Context, q querier, row func(scan func(...any) error) error, text string, args ...any) error {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// raise puts the alerts in line that follow from what the batch added: one revision for each entity.
func (b *batch) raise(ctx context.Context) error {
	if b.rebuilding {
		return nil // what is about to be read back says what was raised
	}
	order := func(x, y weighed) int { return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Value, y.Value)) }
	for _, w := range slices.SortedFunc(maps.Values(b.weighed), order) {
		if err := b.evaluate(ctx, b.tx, w); err != nil {
			return fmt.Errorf("risk of %s %s: %w", w.Kind, w.Value, err)
		}
	}
	return nil
}

// evaluate looks whether an entity has crossed the threshold, or goes on being above it.
func (s *Store) evaluate(ctx context.Context, tx *sql.Tx, w weighed) error {
	var rank float64
	var newest, begin int64
	revision, ended := 0, false
	if err := tx.QueryRowContext(ctx, "SELECT rank, newest, begin, revision, ended FROM risk WHERE kind = ? AND value = ?", w.Kind, w.Value).Scan(&rank, &newest, &begin, &revision, &ended); err != nil {
		return err
	}
	e := risk.Episode{Entity: w.Entity, Begin: moment(begin), Revision: revision + 1, At: moment(newest)}
	e.Score = s.risk.Score(rank, e.At)
	// What the score had fallen to when the first contribution of this batch came.
	before := w.at
	if w.newest.After(before) {
		before = w.newest
	}
	ended = ended || s.risk.Score(w.rank, before) < s.risk.Threshold/2
	if err := s.describe(ctx, tx, &e); err != nil {
		return err
	}
	crossed := e.Score >= s.risk.Threshold && e.Rules >= s.risk.Rules
	if ended && crossed {
		if !e.Begin.Equal(e.At) { // else it fell and rose within one moment: that is one episode
			e.Begin, e.Revision = e.At, 1
		}
		ended = false
	} else if ended {
		_, err := tx.ExecContext(ctx, "UPDATE risk SET ended = 1 WHERE kind = ? AND value = ?", w.Kind, w.Value)
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE risk SET begin = ?, revision = ?, ended = 0 WHERE kind = ? AND value = ?", nanos(e.Begin), e.Revision, w.Kind, w.Value); err != nil {
		return err
	}
	a := s.risk.Alert(&e)
	value, err := json.Marshal(&a)
	if err != nil {
		return err
	}
	return post(ctx, tx, postAlert, value)
}

// describe adds up what counts in an episode, and reads the largest contributions.
func (s *Store) describe(ctx context.Context, tx querier, e *risk.Episode) error {
	r, err := s.parts(ctx, tx, e.Entity, e.At, shownParts)
	e.Alerts, e.Rules, e.Parts, e.First = r.Alerts, r.Rules, r.Parts, r.At
	return err
}

// shownParts is how many contributions are listed.
const shownParts = 20

// parts reads what counts in the score of an entity at a moment. At of the answer is the time of the oldest of it.
func (s *Store) parts(ctx context.Context, q querier, e risk.Entity, at time.Time, most int) (Risk, error) {
	r := Risk{Entity: e, At: at}
	counts := s.risk.Rank(risk.Counts, at)
	var first sql.NullInt64
	err := each(ctx, q, func(scan func(...any) error) error { return scan(&r.Alerts, &r.Rules, &first) },
		"SELECT count(*), count(DISTINCT rule), min(at) FROM risk_parts WHERE kind = ? AND value = ? AND rank >= ?", e.Kind, e.Value, counts)
	if err != nil {
		return r, err
	}
	if first.Valid {
		r.At = moment(first.Int64)
	}
	err = each(ctx, q, func(scan func(...any) error) error {
		var rank float64
		var when int64
		var doc []byte
		var a alert.Alert
		if err := scan(&rank, &when, &doc); err != nil {
			return err
		}
		if err := json.Unmarshal(doc, &a); err != nil {
			return fmt.Errorf("reading a stored alert: %w", err)
		}
		r.Parts = append(r.Parts, risk.Part{Alert: a.ID, Revision: a.Revision, Rule: a.Rule, Level: a.Level, What: a.What, At: moment(when), Points: s.risk.Score(rank, at)})
		return nil
	}, "SELECT p.rank, p.at, d.doc FROM (SELECT rank, at, alert FROM risk_parts WHERE kind = ? AND value = ? AND rank >= ? ORDER BY rank DESC, alert LIMIT ?) p JOIN docs d ON d.id = p.alert ORDER BY p.rank DESC, p.alert",
		e.Kind, e.Value, counts, most)
	return r, err
}

// remember takes over what an alert about risk says of its episode. It is no news where this store made it; it is where the
// store was made anew and the alert comes back from Kafka.
func remember(ctx context.Context, tx *sql.Tx, e risk.Entity, a *alert.Alert) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO risk (kind, value, rank, newest, begin, revision, ended) VALUES (?1, ?2, ?3, 0, ?4, ?5, 0) ON CONFLICT (kind, value) DO UPDATE SET
		ended = CASE WHEN begin < ?4 THEN 0 ELSE ended END, revision = CASE WHEN begin < ?4 THEN ?5 WHEN begin = ?4 THEN max(revision, ?5) ELSE revision END, begin = max(begin, ?4)`,
		e.Kind, e.Value, risk.Nothing, nanos(a.Created), a.Revision)
	return err
}

// Risks returns the entities with the highest score at a moment, the highest first, with what made each. value narrows it
// to the entities of that name; size bounds the list, 0 does not.
func (s *Store) Risks(ctx context.Context, at time.Time, value string, size int) (list []Risk, err error) {
	if !s.risk.On() {
		return nil, nil
	}
	if size <= 0 {
		size = -1
	}
	doing := func(err error) error { return fmt.Errorf("reading risk: %w", s.explain(err)) }
	err = each(ctx, s.db, func(scan func(...any) error) error {
		var r Risk
		var rank float64
		var newest, begin int64
		revision, ended := 0, false
		if err := scan(&r.Kind, &r.Value, &rank, &newest, &begin, &revision, &ended); err != nil {
			return err
		}
		// A score is nothing before its newest contribution was given.
		if r.At = at; moment(newest).After(at) {
			r.At = moment(newest)
		}
		r.Score = s.risk.Score(rank, r.At)
		if !ended && r.Score >= s.risk.Threshold/2 {
			r.Alert = (&risk.Episode{Entity: r.Entity, Begin: moment(begin)}).ID()
		}
		list = append(list, r)
		return nil
	}, "SELECT kind, value, rank, newest, begin, revision, ended FROM risk WHERE rank >= ?1 AND (?2 = '' OR value = ?2) ORDER BY rank DESC, kind, value LIMIT ?3", s.risk.Rank(risk.Counts, at), folded(value), size)
	if err != nil {
		return nil, doing(err)
	}
	for i := range list {
		r := &list[i]
		more, err := s.parts(ctx, s.db, r.Entity, r.At, shownParts)
		if err != nil {
			return nil, doing(err)
		}
		r.Alerts, r.Rules, r.Parts = more.Alerts, more.Rules, more.Parts
	}
	return list, nil
}
