package search

import (
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/console/text"
	"weir/internal/console/why"
)

// usual are the columns of who has chosen none; those without a value on the page are left out.
var usual = []string{"event.dataset", "host", "source.ip", "user.name", "message"}

// What the columns message and host are made of, the best first.
var (
	messageFields = []string{"message", "event.original"}
	hostFields    = []string{"host.name", "observer.name", "host.hostname", "observer.hostname", "log.source.address"}
)

// maxCell is how many characters of a value a row shows; the rest is in the panel.
const maxCell = 400

// line is one event as a row needs it, cut: what a page holds of a hundred events is bounded whatever they hold.
type line struct {
	ID     string
	Time   time.Time
	values map[string]string
}

// read makes a line of a document. e is scratch, and doc may be gone afterwards.
func read(doc []byte, e *event.Event) (line, error) {
	if err := e.Decode(doc); err != nil {
		return line{}, err //nolint:wrapcheck // the caller says of what
	}
	l := line{ID: strings.Clone(e.Str(event.EventID)), values: map[string]string{}}
	if v := e.Get(event.Timestamp); v.Kind() == event.Time {
		l.Time = v.Time()
	}
	why.Values(e, func(path, value string) {
		short, _ := text.Cut(value, maxCell)
		l.values[path] = strings.Clone(short)
	})
	return l, nil
}

// text is the value of a column.
func (l *line) text(column string) string {
	switch column {
	case "host":
		return l.first(hostFields)
	case "message":
		return l.first(messageFields)
	}
	return l.values[column]
}

func (l *line) first(fields []string) string {
	for _, f := range fields {
		if s := l.values[f]; s != "" {
			return s
		}
	}
	return ""
}

// Column is a head of the table.
type Column struct {
	Name  string
	Class string
	Href  string // orders by it; "" if that makes no sense
	Dir   string // ascending or descending, of the one that is ordered by
}

// columns are those of a page.
func columns(s State, lines []line) []Column {
	names := s.Cols
	if len(names) == 0 {
		names = slices.DeleteFunc(slices.Clone(usual), func(c string) bool {
			return c != "message" && !slices.ContainsFunc(lines, func(l line) bool { return l.text(c) != "" })
		})
	}
	out := make([]Column, 0, len(names))
	for _, n := range names {
		c := Column{Name: n, Class: "c-" + classOf(n)}
		if n != "message" && n != "host" {
			c.Href = s.Sorted(n)
		}
		c.Dir = direction(s.Sort, n)
		out = append(out, c)
	}
	return out
}

func direction(sort, field string) string {
	switch sort {
	case field:
		return "ascending"
	case "-" + field:
		return "descending"
	}
	return ""
}

// classOf is what a column is for the style sheet: widths are there.
func classOf(name string) string {
	switch {
	case name == "message" || name == "event.original":
		return "message"
	case strings.HasSuffix(name, ".ip") || strings.HasSuffix(name, ".address"):
		return "ip"
	}
	return "value"
}

// Row is one event of the table.
type Row struct {
	ID    string
	Time  time.Time
	Href  string
	Open  bool
	Cells []Cell
}

// Cell is one value of it.
type Cell struct{ Text, Class string }

// row makes the row of a line.
func row(s State, l *line, cols []Column) Row {
	r := Row{ID: l.ID, Time: l.Time, Href: s.Open(l.ID, s.Tab), Open: l.ID == s.ID && s.ID != ""}
	for _, c := range cols {
		r.Cells = append(r.Cells, Cell{l.text(c.Name), c.Class})
	}
	return r
}
