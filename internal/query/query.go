package query

import (
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/nearest"
)

// Query is a parsed query, ready to be held against events. It is immutable: any number of goroutines may use it.
//
// Reading a query costs microseconds, holding it against an event tens of nanoseconds: parse once, match often.
type Query struct {
	root   Node
	match  matcher
	fields []Lit
}

// Parse reads a query; now and dates without a zone are those of the local clock at this moment. The error is a
// *fault.Error that points into the query.
func Parse(src string) (*Query, error) { return ParseAt(src, time.Now()) }

// ParseAt reads a query as if it were the moment now; dates without a zone are read in the zone of now.
func ParseAt(src string, now time.Time) (*Query, error) {
	p := parser{lex: lexer{src: src}, now: now}
	root, err := p.parse()
	if err != nil {
		return nil, err
	}
	c := compiler{src: src, now: now}
	m, err := c.compile(root, scope{})
	if err != nil {
		return nil, err
	}
	return &Query{root: root, match: m, fields: p.fields}, nil
}

// Root returns the tree of the query.
func (q *Query) Root() Node { return q.root }

// Match tells whether the query is true for e.
func (q *Query) Match(e *event.Event) bool { return q.match.match(e, nil) }

// Fields returns the names of the fields that the query asks for, as they are written, each once.
func (q *Query) Fields() []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range q.fields {
		if !seen[f.Text] {
			seen[f.Text] = true
			out = append(out, f.Text)
		}
	}
	return out
}

// String returns the query in one plain form: parsed again it means the same.
func (q *Query) String() string {
	var b strings.Builder
	q.root.appendTo(&b, precOr)
	return b.String()
}

// Unknown returns a warning for each field that is neither in the field lists nor, as has says, in the data: such a
// condition cannot match. candidates are further names that a suggestion may come from.
//
// It is a warning because a field may come tomorrow, with the first event of a new device; an alert rule or a saved
// search must not break until then.
func (q *Query) Unknown(has func(path string) bool, candidates ...string) []*fault.Error {
	var out []*fault.Error
	src := q.String()
	for _, f := range q.fields {
		if f.Wild() || known(f.Text) || has != nil && has(f.Text) {
			continue
		}
		w := &fault.Error{Code: "kql-unknown-field", Warn: true, What: "no event in this time has the field `" + f.Text + "`",
			Where: "query, column " + strconv.Itoa(f.Col), Why: "not in ECS and not in the data", Do: "weir search '" + src + "' --fields shows which fields there are"}
		names := candidates
		for _, id := range event.Fields() {
			names = append(names, id.Path())
		}
		if n := nearest.Name(f.Text, names); n != "" {
			w.Do = "did you mean `" + n + "`?"
		}
		out = append(out, w)
	}
	return out
}

// known tells whether path is a field, a key below an open one, or the parent of fields.
// Open fields take any key, so a key below one is never unknown.
// It is asked when a person looks at a warning, not per event, and so may walk over all fields.
func known(path string) bool {
	if _, ok := event.Lookup(path); ok || openKey(path) {
		return true
	}
	return len(fieldsBelow(path)) > 0
}
