package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"weir/internal/fault"
)

// kind says who gave a value. The zero value is the default.
type kind int

const (
	fromDefault kind = iota
	fromFile
	fromEnvironment
	fromFlag
)

// origin is where a value came from.
type origin struct {
	kind kind
	at   place  // of the value, for fromFile
	name string // of the variable or flag
}

// place is a part of one line of the file, in runes from 1.
// It is kept as numbers and turned into a fault late: most places are never shown.
type place struct {
	line, col, width int
}

// source is the file as text, for quoting its lines.
// The lines are those of the file without carriage returns and byte order mark, as an editor counts them.
type source struct {
	file  string
	lines []string
}

// fault returns a fault that points at the origin.
func (o origin) fault(src source) *fault.Error {
	switch o.kind {
	case fromFile:
		return src.fault(o.at)
	case fromEnvironment:
		return &fault.Error{Where: "environment " + o.name}
	case fromFlag:
		return &fault.Error{Where: o.name}
	}
	return &fault.Error{Where: "defaults"}
}

// String is the origin in `config show`.
func (o origin) String(src source) string {
	switch o.kind {
	case fromFile:
		return src.file + ":" + strconv.Itoa(o.at.line)
	case fromEnvironment:
		return "environment " + o.name
	case fromFlag:
		return o.name
	}
	return "default"
}

// fault returns a fault that points at p, with its line.
// The line is quoted as it is, tabs and all; term places the caret.
func (s source) fault(p place) *fault.Error {
	e := &fault.Error{Where: fmt.Sprintf("%s:%d:%d", s.file, p.line, p.col), Mark: p.col, Width: max(1, p.width)}
	if p.line >= 1 && p.line <= len(s.lines) {
		e.Text = s.lines[p.line-1]
	}
	// A caret beyond the line, as for "something is missing here", stands right after it.
	e.Mark = min(max(1, e.Mark), utf8.RuneCountInString(e.Text)+1)
	e.Width = max(1, min(e.Width, utf8.RuneCountInString(e.Text)-e.Mark+1))
	return e
}

// lineOf reads the line out of file:line:column, 0 where there is none.
// It looks from the end, because a file's name may have colons in it.
func lineOf(where string) int {
	parts := strings.Split(where, ":")
	if len(parts) < 3 {
		return 0
	}
	n, err := strconv.Atoi(parts[len(parts)-2])
	if err != nil {
		return 0
	}
	return n
}

// Entry is one key of the effective configuration.
// Its JSON is what config show --json prints: keys are only ever added.
type Entry struct {
	Key    string   `json:"key"`
	Value  string   `json:"value"`  // as the file would have it; secrets masked
	Origin string   `json:"origin"` // default, file:line, environment NAME, or the flag
	Doc    string   `json:"-"`
	Env    string   `json:"-"` // variable that overrides it
	Enum   []string `json:"-"` // allowed values, if they are few
}

// Entries lists every key with its value and where that came from, in the order of the documentation.
func (l *Loaded) Entries() []Entry {
	var out []Entry
	for _, k := range keysOf(reflect.ValueOf(&l.Config).Elem(), "") {
		out = append(out, Entry{Key: k.path, Value: textOf(k.value), Origin: l.origins[k.path].String(l.source), Doc: k.doc,
			Env: k.environment(), Enum: k.enum})
	}
	return out
}
