package alerts

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
)

// minShort is the least length of a shortened id.
const minShort = 4

// Row is an alert and what people did with it.
type Row struct {
	alert.Alert
	Short   string    // shortest start of the id, at least 4 characters, that no other alert has
	State   string    // alert.Open, Acknowledged or Closed
	Version int       // of the state: how often it was changed; SetState asks for it
	By      string    // who changed the state last
	Note    string    // what they wrote
	Changed time.Time // when; zero if nobody did
}

// Filter narrows a list. Empty fields match everything.
type Filter struct {
	State    string
	Level    string    // this level and above
	Rule     string    // id
	From, To time.Time // of the last hit; From included, To not
	Size     int       // at most so many; 0: all
}

// columns reads an alert with the ids beside its own, from which its short id follows. Both are look-ups in the primary
// key: a list costs no walk over the others.
const columns = `SELECT a.doc, a.state, a.version, a.by, a.note, a.changed,
	coalesce((SELECT max(id) FROM alerts b WHERE b.id < a.id), ''), coalesce((SELECT min(id) FROM alerts b WHERE b.id > a.id), '')
	FROM alerts a `

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// query reads alerts; where is SQL behind FROM, and values only ever come in by args.
// Rows are read to the end before anything else is asked, since one connection carries one answer at a time.
func query(ctx context.Context, q querier, where string, args ...any) (list []Row, err error) {
	rows, err := q.QueryContext(ctx, columns+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r Row
		var doc []byte
		var before, after string
		var at int64
		if err := rows.Scan(&doc, &r.State, &r.Version, &r.By, &r.Note, &at, &before, &after); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(doc, &r.Alert); err != nil {
			return nil, fmt.Errorf("reading a stored alert: %w", err)
		}
		if at != 0 {
			r.Changed = time.Unix(0, at).UTC()
		}
		r.Short = shorten(r.ID, before, after)
		list = append(list, r)
	}
	return list, rows.Err()
}

// shorten returns the shortest start of id that its neighbours do not have. The next alert may need more; an id that
// was printed yesterday may then be ambiguous, which Get says with the candidates.
func shorten(id, before, after string) string {
	n := minShort
	for _, other := range []string{before, after} {
		same := 0
		for same < len(id) && same < len(other) && id[same] == other[same] {
			same++
		}
		n = max(n, same+1)
	}
	return id[:min(n, len(id))]
}

// List returns the alerts that the filter lets through, the newest last hit first.
//
// Text of a filter only ever comes in as an argument of the statement, never as part of it.
func (s *Store) List(ctx context.Context, f Filter) ([]Row, error) {
	var conds []string
	var args []any
	add := func(cond string, arg any) {
		conds, args = append(conds, cond), append(args, arg)
	}
	if f.State != "" {
		add("a.state = ?", f.State)
	}
	if f.Level != "" {
		add("a.level >= ?", rank[f.Level])
	}
	if f.Rule != "" {
		add("a.rule = ?", f.Rule)
	}
	if !f.From.IsZero() {
		add("a.last >= ?", nanos(f.From))
	}
	if !f.To.IsZero() {
		add("a.last < ?", nanos(f.To))
	}
	where := ""
	if len(conds) > 0 {
		where = "WHERE " + strings.Join(conds, " AND ")
	}
	where += " ORDER BY a.last DESC, a.id"
	if f.Size > 0 {
		where += " LIMIT ?"
		args = append(args, f.Size)
	}
	rows, err := query(ctx, s.db, where, args...)
	if err != nil {
		return nil, fmt.Errorf("listing alerts: %w", err)
	}
	return rows, nil
}

// maxCandidates is how many ids an error names.
const maxCandidates = 5

// Get returns the alert whose id is, or alone begins with, prefix. The error names what else begins so.
// A prefix is a range of the primary key, so a look-up costs the same in a file of ten alerts and of a million.
func (s *Store) Get(ctx context.Context, prefix string) (Row, error) {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	if prefix == "" || strings.Trim(prefix, "0123456789abcdef") != "" {
		return Row{}, &fault.Error{Code: "alert-unknown", What: "`" + prefix + "` is no alert id", Why: "ids are made of 0-9 and a-f", Do: "weir alerts list --all", Exit: fault.ExitUsage}
	}
	rows, err := query(ctx, s.db, "WHERE a.id >= ? AND a.id < ? ORDER BY a.id LIMIT ?", prefix, prefix+"g", maxCandidates+1)
	switch {
	case err != nil:
		return Row{}, fmt.Errorf("looking for alert %s: %w", prefix, err)
	case len(rows) == 0:
		return Row{}, &fault.Error{Code: "alert-unknown", What: "no alert's id begins with " + prefix, Do: "weir alerts list --all", Exit: fault.ExitUsage}
	case len(rows) == 1 || rows[0].ID == prefix:
		return rows[0], nil
	}
	var names []string
	for _, r := range rows[:min(len(rows), maxCandidates)] {
		names = append(names, r.Short)
	}
	if len(rows) > maxCandidates {
		names = append(names, "...")
	}
	return Row{}, &fault.Error{Code: "alert-ambiguous", What: "more than one alert's id begins with " + prefix, Why: strings.Join(names, ", "),
		Do: "weir alerts show " + names[0], Exit: fault.ExitUsage}
}

// one returns the alert with exactly this id.
// It is for ids that weir itself has, not for what a person typed.
func one(ctx context.Context, q querier, id string) (Row, error) {
	rows, err := query(ctx, q, "WHERE a.id = ?", id)
	if err != nil {
		return Row{}, err
	}
	if len(rows) == 0 {
		return Row{}, &fault.Error{Code: "alert-unknown", What: "there is no alert " + id, Do: "weir alerts list --all", Exit: fault.ExitUsage}
	}
	return rows[0], nil
}
