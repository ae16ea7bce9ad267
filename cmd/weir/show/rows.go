package show

import (
	"slices"
	"strings"

	"weir/internal/term"
)

// rowsAtOnce bounds the rows that are kept to be aligned; more come in portions.
const rowsAtOnce = 1000

// Rows shows events as a table whose columns are known only when all rows of a portion are there.
// It belongs to one goroutine, that of the search; memory is bounded by the portion.
type Rows struct {
	face   *term.Face
	fields []string // asked for; nil: the usual ones
	docs   []Doc
}

// NewRows starts a table of the fields, the usual ones if there are none.
func NewRows(f *term.Face, fields []string) *Rows { return &Rows{face: f, fields: fields} }

// Needs returns the fields that documents must have for a table of these columns: a time is shown whatever is asked for,
// and two columns stand for several fields. None stays none, which is all.
func Needs(columns []string) []string {
	if len(columns) == 0 {
		return nil
	}
	out := []string{"@timestamp"}
	for _, name := range columns {
		switch name {
		case "host":
			out = append(out, hostFields...)
		case "message":
			out = append(out, messageFields...)
		case "@timestamp":
		default:
			out = append(out, name)
		}
	}
	return out
}

// Add takes one document.
func (r *Rows) Add(d Doc) error {
	if r.docs = append(r.docs, d); len(r.docs) >= rowsAtOnce {
		return r.Flush()
	}
	return nil
}

// Flush writes the rows of the portion. On a terminal columns without any value are left out; a pipe gets them all,
// since a program counts columns.
func (r *Rows) Flush() error {
	if len(r.docs) == 0 {
		return nil
	}
	names := r.fields
	if names == nil {
		names = []string{"event.dataset", "host", "source.ip", "user.name", "message"}
	}
	if r.face.TTY {
		names = slices.DeleteFunc(slices.Clone(names), func(f string) bool {
			return !slices.ContainsFunc(r.docs, func(d Doc) bool { return column(d, f) != "" })
		})
	}
	cols := []term.Column{{Head: "TIME " + r.face.Offset()}}
	for _, f := range names {
		cols = append(cols, term.Column{Head: heading(f), Cut: f != "source.ip" && f != "event.id"})
	}
	t := term.NewTable(r.face, cols...)
	for _, d := range r.docs {
		cells := []string{r.face.Clock(d.Time())}
		for _, f := range names {
			cells = append(cells, column(d, f))
		}
		t.Row(cells...)
	}
	r.docs = r.docs[:0]
	return t.Flush()
}

// column is the text of a column: two of them stand for more than one field.
// host and message are names of this table and not of ECS; --fields may ask for them all the same.
func column(d Doc, name string) string {
	switch name {
	case "host":
		return d.Host()
	case "message":
		return d.Message()
	}
	return d.Text(name)
}

// heading shortens the one name that would be wider than its values.
// All others are the names that one types after --fields.
func heading(field string) string {
	switch field {
	case "event.dataset":
		return "DATASET"
	}
	return strings.ToUpper(field)
}
