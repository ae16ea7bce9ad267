package alerts

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
)

// minShort is the least length of a shortened id.
const minShort = 4

// Row is an alert and what people did with it.
type Row struct {
	alert.Alert
	Short    string    // shortest start of the id, at least 4 characters, that no other alert has
	State    string    // alert.Open, Acknowledged or Closed
	Verdict  string    // of a closed one
	Assignee string    // whose it is; "": nobody's
	Version  int       // how often it was changed; Change may ask for it
	By       string    // who changed the state last
	Note     string    // what they wrote
	Changed  time.Time // when; zero if nobody did

	decided int // hits at that moment
}

// columns reads an alert with the ids beside its own, from which its short id follows, and with the number of those that it
// spoke for. All are look-ups in an index: a list costs no walk over the others.
const columns = `SELECT d.doc, a.state, a.verdict, a.assignee, a.version, a.by, a.note, a.changed, a.decided,
	(SELECT count(*) FROM alerts s WHERE s.suppressor = a.id AND s.suppressor <> ''),
	coalesce((SELECT max(id) FROM alerts b WHERE b.id < a.id), ''), coalesce((SELECT min(id) FROM alerts b WHERE b.id > a.id), '') `

// from is where columns come from, for a condition on a.
const from = `FROM alerts a JOIN docs d ON d.id = a.id `

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// query reads alerts; rest is SQL behind columns, and values only ever come in by args.
// Rows are read to the end before anything else is asked, since one connection carries one answer at a time.
func query(ctx context.Context, q querier, rest string, args ...any) (list []Row, err error) {
	rows, err := q.QueryContext(ctx, columns+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r Row
		var doc []byte
		var before, after string
		var at int64
		suppressed := 0
		if err := rows.Scan(&doc, &r.State, &r.Verdict, &r.Assignee, &r.Version, &r.By, &r.Note, &at, &r.decided, &suppressed, &before, &after); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(doc, &r.Alert); err != nil {
			return nil, fmt.Errorf("reading a stored alert: %w", err)
		}
		r.Suppressed = max(r.Suppressed, suppressed)
		r.Changed = moment(at)
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

// one returns the alert with exactly this id.
// It is for ids that weir itself has, not for what a person typed.
func one(ctx context.Context, q querier, id string) (Row, error) {
	rows, err := query(ctx, q, from+"WHERE a.id = ?", id)
	if err != nil {
		return Row{}, err
	}
	if len(rows) == 0 {
		return Row{}, &fault.Error{Code: "alert-unknown", What: "there is no alert " + id, Do: "weir alerts list --all", Exit: fault.ExitUsage}
	}
	return rows[0], nil
}

// nanos is for ordering: years that no int64 of nanoseconds holds become the nearest that it does, and no time at all is 0.
// The stored document has the time as it was; only the column for sorting is bounded.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	const far = 9_000_000_000 // seconds
	return time.Unix(min(max(t.Unix(), -far), far), int64(t.Nanosecond())).UnixNano()
}

// moment is the other way round.
func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
