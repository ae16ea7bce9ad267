package export

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"weir/event"
	"weir/internal/query"
)

// table writes rows of comma-separated values (RFC 4180), the first of which are the fields' names.
type table struct {
	w     *csv.Writer
	paths []query.Path
	names []string
	row   []string
}

func newCSV(w io.Writer, t Table) (*table, error) {
	out := &table{w: csv.NewWriter(w), names: t.Columns, row: make([]string, len(t.Columns))}
	head := make([]string, len(t.Columns))
	for i, name := range t.Columns {
		out.paths = append(out.paths, query.MakePath(name))
		head[i] = name
		if _, ours := event.Lookup(name); !ours { // other names come out of the data, and are no more to be trusted
			head[i] = Guard(name)
		}
	}
	return out, out.w.Write(head)
}

func (t *table) add(e *event.Event, doc []byte) error {
	_ = e.Decode(doc) // what can be read of a broken document is what it holds
	for i, p := range t.paths {
		t.row[i] = t.cell(e, t.names[i], p)
	}
	return t.w.Write(t.row)
}

// cell is a value as a spreadsheet shows it: several as a JSON list.
func (t *table) cell(e *event.Event, name string, p query.Path) string {
	v := e.GetPath(name)
	switch v.Kind() {
	case event.Absent, event.Null:
	case event.String:
		return Guard(v.Str())
	case event.List, event.Object:
		return Guard(string(v.AppendJSON(nil)))
	default:
		return v.Text() // a number may begin with a minus
	}
	var items []event.Value // members of lists of objects
	p.Each(e, func(v event.Value) bool {
		items = append(items, v)
		return len(items) < 1000
	})
	if len(items) == 0 {
		return ""
	}
	list := event.Items(items...)
	return Guard(string(list.AppendJSON(nil)))
}

func (t *table) close() error {
	t.w.Flush()
	return t.w.Error()
}

// Guard makes a text harmless for spreadsheets: one that they would take for a formula gets an apostrophe before it, and what
// is no UTF-8 becomes a question mark. A number stays one.
func Guard(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \u00a0\u3000"))
	switch first {
	case '=', '@', '\t', '\r', '\n', '|', '%', '＝', '＠', '＋', '－', '\'':
		return "'" + s
	case '+', '-':
		if _, err := strconv.ParseFloat(s, 64); err != nil || strings.ContainsAny(s, "xXpPnN_") {
			return "'" + s
		}
	}
	return s
}
