package alerts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"weir/internal/fault"
)

// Filter narrows a list. Empty fields match everything.
type Filter struct {
	State    string
	Live     bool      // not closed
	Level    string    // this level and above
	Rule     string    // id
	Entity   string    // a value of the group, or what the alert is about: host, user or address
	Assignee string    // whose it is
	Tag      string    // one of its rule's
	From, To time.Time // of the last hit; From included, To not
	// Suppressed adds alerts for which another one speaks, Canary those that answer weir canary.
	Suppressed, Canary bool
	Sort               string // one of Sorts; "": last
	Size               int    // at most so many; 0: all
}

// Sorts are the orders of a list, by the word for each. What comes first is what matters most.
var Sorts = []string{"last", "first", "level", "count"}

// orders are those of Sorts. The id makes each of them one order.
var orders = map[string]string{"": "last DESC, id", "last": "last DESC, id", "first": "first DESC, id", "level": "level DESC, last DESC, id", "count": "count DESC, last DESC, id"}

// Kinds of words.
const (
	wordEntity = 0
	wordTag    = 1
)

// List returns the alerts that the filter lets through, by its order.
//
// Text of a filter only ever comes in as an argument of the statement, never as part of it. The rows are picked without
// their documents, which come in for those alone that are shown.
func (s *Store) List(ctx context.Context, f Filter) ([]Row, error) {
	order, ok := orders[f.Sort]
	if !ok {
		return nil, &fault.Error{Code: "alert-state", What: "alerts cannot be sorted by `" + f.Sort + "`", Do: "sort by one of " + strings.Join(Sorts, ", "), Exit: fault.ExitUsage}
	}
	where, args := f.where()
	size := f.Size
	if size <= 0 {
		size = -1
	}
	picked := "FROM (SELECT id FROM alerts " + where + " ORDER BY " + order + " LIMIT ?) p JOIN alerts a ON a.id = p.id JOIN docs d ON d.id = a.id ORDER BY "
	by := strings.Split(order, ", ")
	for i := range by {
		by[i] = "a." + by[i]
	}
	rows, err := query(ctx, s.db, picked+strings.Join(by, ", "), append(args, size)...)
	if err != nil {
		return nil, fmt.Errorf("listing alerts: %w", s.explain(err))
	}
	return rows, nil
}

// where writes a filter as a condition with its arguments.
func (f *Filter) where() (text string, args []any) {
	var conds []string
	add := func(cond string, more ...any) {
		conds, args = append(conds, cond), append(args, more...)
	}
	if f.State != "" {
		add("state = ?", f.State)
	}
	if f.Live {
		add("state IN ('open', 'acknowledged')")
	}
	switch { // suppressed are 1, canaries 2
	case !f.Suppressed && !f.Canary:
		add("hidden = 0")
	case !f.Canary:
		add("hidden IN (0, 1)")
	case !f.Suppressed:
		add("hidden IN (0, 2)")
	}
	if f.Level != "" {
		add("level >= ?", rank[f.Level])
	}
	if f.Rule != "" {
		add("rule = ?", f.Rule)
	}
	if f.Assignee != "" {
		add("assignee = ?", f.Assignee)
	}
	for kind, word := range []string{wordEntity: f.Entity, wordTag: f.Tag} {
		if word != "" {
			add("id IN (SELECT alert FROM words WHERE kind = ? AND word = ?)", kind, folded(word))
		}
	}
	if !f.From.IsZero() {
		add("last >= ?", nanos(f.From))
	}
	if !f.To.IsZero() {
		add("last < ?", nanos(f.To))
	}
	if len(conds) == 0 {
		return "", nil
	}
	return "WHERE " + strings.Join(conds, " AND "), args
}

// folded is how words are kept: who looks for ROOT looks for root.
func folded(word string) string { return strings.ToLower(strings.TrimSpace(word)) }

// maxCandidates is how many ids an error names.
const maxCandidates = 5

// Get returns the alert whose id is, or alone begins with, prefix. The error names what else begins so.
// A prefix is a range of the primary key, so a look-up costs the same in a file of ten alerts and of a million.
func (s *Store) Get(ctx context.Context, prefix string) (Row, error) {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	if prefix == "" || strings.Trim(prefix, "0123456789abcdef") != "" {
		return Row{}, &fault.Error{Code: "alert-unknown", What: "`" + prefix + "` is no alert id", Why: "ids are made of 0-9 and a-f", Do: "weir alerts list --all", Exit: fault.ExitUsage}
	}
	rows, err := query(ctx, s.db, from+"WHERE a.id >= ? AND a.id < ? ORDER BY a.id LIMIT ?", prefix, prefix+"g", maxCandidates+1)
	switch {
	case err != nil:
		return Row{}, fmt.Errorf("looking for alert %s: %w", prefix, s.explain(err))
	case len(rows) == 0:
		return Row{}, &fault.Error{Code: "alert-unknown", What: "no alert's id begins with " + prefix, Do: "weir alerts list --all; what is older than alerts.keep: weir search 'weir.alert.id: " + prefix + "*'", Exit: fault.ExitUsage}
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
