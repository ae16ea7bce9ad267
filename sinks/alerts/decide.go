package alerts

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"weir/internal/alert"
	"weir/internal/fault"
)

// Decision is what somebody wants done with an alert.
type Decision struct {
	Kind     string // alert.ToState, Note or Assign
	State    string // of alert.ToState
	Verdict  string // of alert.Closed, which needs one
	Note     string
	Assignee string // of alert.Assign; "": nobody
	By       string
}

// Newest is the version of who decides about an alert as it is, whatever happened to it before.
const Newest = -1

// Verdicts are what a closed alert can be.
var Verdicts = []string{alert.TruePositive, alert.FalsePositive, alert.Benign, alert.Duplicate, alert.Resolved}

// Bounds of what people write. A note is not a report, and both travel in every record about the alert.
const (
	maxNote = 8 << 10
	maxName = 256
)

// Change decides about the alert with exactly this id. version is that of the Row on which the decision was made: if somebody
// else changed the alert since, nothing is done and the error, code alert-changed, says who and what. Newest decides about
// the alert as it is; but who then says again what another has said already is told so too: of two who close at once, one
// does.
//
// When Change returns, the decision is on disk, and in line for weir.changes.
func (s *Store) Change(ctx context.Context, id string, version int, d Decision) (Row, error) {
	if err := d.check(); err != nil {
		return Row{}, err
	}
	var row Row
	err := s.write(ctx, "changing alert "+id, func(tx *sql.Tx) error {
		now, err := one(ctx, tx, id)
		if err != nil {
			return err
		}
		if version != Newest && now.Version != version || version == Newest && d.repeats(&now) {
			last, err := changes(ctx, tx, id)
			if err != nil {
				return err
			}
			return told(&now, last)
		}
		if err := s.change(ctx, tx, &now, d.on(&now)); err != nil {
			return err
		}
		row, err = one(ctx, tx, id)
		return err
	})
	if err == nil {
		s.outbox.poke()
	}
	return row, err
}

// check refuses what can be no decision, whatever it is about.
func (d *Decision) check() error {
	bad := func(what, do string) error {
		return &fault.Error{Code: "alert-state", What: what, Do: do, Exit: fault.ExitUsage}
	}
	d.Note = strings.TrimSpace(strings.ToValidUTF8(d.Note, "\uFFFD"))
	states := []string{alert.Open, alert.Acknowledged, alert.Closed}
	switch {
	case strings.TrimSpace(d.By) == "":
		return bad("a change of an alert needs the name of who makes it", "say it with --by, or run the command as a user with a name")
	case d.Kind == alert.ToState && !slices.Contains(states, d.State):
		return bad("`"+d.State+"` is no state of an alert", "use open, acknowledged or closed")
	case d.Kind == alert.ToState && d.State == alert.Closed && !slices.Contains(Verdicts, d.Verdict):
		return bad("`"+d.Verdict+"` is no verdict", "close it with one of "+strings.Join(Verdicts, ", "))
	case d.Kind == alert.ToState && d.State != alert.Closed && d.Verdict != "":
		return bad("only a closed alert has a verdict", "leave it out, or close the alert")
	case d.Kind == alert.Note && d.Note == "":
		return bad("the note is empty", "write what you found")
	case !slices.Contains([]string{alert.ToState, alert.Note, alert.Assign}, d.Kind):
		return bad("`"+d.Kind+"` is nothing that can be done with an alert", "use state, note or assign")
	case len(d.Note) > maxNote:
		return bad(fmt.Sprintf("the note has %d bytes", len(d.Note)), fmt.Sprintf("write at most %d, and where the rest is", maxNote))
	case len(d.By) > maxName || len(d.Assignee) > maxName || !utf8.ValidString(d.By+d.Assignee):
		return bad("that is no name", fmt.Sprintf("names are text of at most %d bytes", maxName))
	}
	return nil
}

// repeats tells whether a decision comes too late: it would change nothing, or take work up that somebody has ended. A note
// never does.
func (d *Decision) repeats(row *Row) bool {
	switch d.Kind {
	case alert.ToState:
		return d.State == row.State || d.State == alert.Acknowledged && row.State == alert.Closed
	case alert.Assign:
		return d.Assignee == row.Assignee
	}
	return false
}

// on is the decision as a change of an alert. Who acknowledges an alert that is nobody's has it.
func (d *Decision) on(row *Row) alert.Change {
	c := alert.Change{Kind: d.Kind, State: row.State, Verdict: row.Verdict, Note: d.Note, Assignee: row.Assignee, By: strings.TrimSpace(d.By)}
	switch d.Kind {
	case alert.ToState:
		c.State, c.Verdict = d.State, d.Verdict
		if d.State == alert.Acknowledged && c.Assignee == "" {
			c.Assignee = c.By
		}
	case alert.Assign:
		c.Assignee = strings.TrimSpace(d.Assignee)
	}
	return c
}

// told says who did what with an alert, to who came second.
func told(row *Row, list []alert.Change) error {
	if len(list) == 0 {
		return &fault.Error{Code: "alert-state", What: "alert " + row.Short + " is " + row.State + " already", Why: "nobody has changed it yet", Do: "weir alerts show " + row.Short, Exit: fault.ExitUsage}
	}
	last := list[len(list)-1]
	return &fault.Error{Code: "alert-changed", What: last.Say(row.Short) + " meanwhile", Where: last.At.Format(time.RFC3339), Why: last.Note,
		Do: "weir alerts show " + row.Short + ", then decide again", Exit: fault.ExitFound}
}

// decide does what weir itself decides about an alert after a revision of it, if there is anything.
func (s *Store) decide(ctx context.Context, tx *sql.Tx, a *alert.Alert) error {
	row := Row{Alert: *a}
	err := tx.QueryRowContext(ctx, "SELECT state, verdict, assignee, version, decided FROM alerts WHERE id = ?", a.ID).Scan(&row.State, &row.Verdict, &row.Assignee, &row.Version, &row.decided)
	if err != nil {
		return err
	}
	d, ok := due(&row)
	if !ok {
		return nil
	}
	return s.change(ctx, tx, &row, d.on(&row))
}

// due is what weir decides about an alert. It follows from how the alert stands and nothing else, so it may be asked again
// at any time.
func due(row *Row) (d Decision, ok bool) {
	d = Decision{Kind: alert.ToState, State: alert.Closed, By: alert.Self}
	live := row.State != alert.Closed
	switch {
	case row.MergedInto != "":
		d.Verdict, d.Note = alert.Duplicate, "merged into "+row.MergedInto
		return d, live
	case row.Canary:
		d.Verdict, d.Note = alert.Resolved, "it answers weir canary"
		return d, live
	case row.Ended != nil:
		d.Verdict, d.Note = alert.Resolved, "it was over at "+row.Ended.UTC().Format(time.RFC3339)
		return d, live
	case live || row.Verdict == alert.FalsePositive || row.Verdict == alert.Duplicate || row.Count <= row.decided:
		return d, false
	}
	// What a person closed is not over. Whose it was it is again.
	more := row.Count - row.decided
	d.State, d.Note = alert.Open, fmt.Sprintf("%d further hits after it was closed", more)
	if more == 1 {
		d.Note = "one further hit after it was closed"
	}
	return d, true
}
