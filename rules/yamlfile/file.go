// Package yamlfile reads files of several YAML documents that people write by hand: every mistake has a line, a column and
// the line itself, a mistake in one document leaves the others alone, and what reading costs is in proportion to the size,
// whatever the bytes are.
package yamlfile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"weir/internal/fault"
)

// MaxSize bounds a file, in bytes.
const MaxSize = 1 << 20

// MaxFaults bounds what one file is told; who has made that many mistakes has sent another kind of file.
const MaxFaults = 100

// File is one file while it is read. It belongs to one goroutine at a time.
type File struct {
	// Name stands in messages.
	Name   string
	lines  []string
	faults fault.List
	// Keys so far.
	keyed int
	// The present document has an error.
	refused bool
}

// Document is the part of a file between two --- lines.
type Document struct {
	text string
	// Lines before it.
	line int
}

// Place is a position in a file, from 1, columns in runes.
type Place struct{ Line, Col int }

// Text is what the document holds, without the --- line.
func (d Document) Text() string { return d.text }

// Open takes the bytes of a file and cuts them into documents. A file that is no text or too large has none, and a fault.
func Open(name string, doc []byte) (*File, []Document) {
	f := &File{Name: name}
	// Before anything else: every step below takes time in proportion to the size, or worse.
	if len(doc) > MaxSize {
		f.faults = append(f.faults, &fault.Error{Code: "rule-too-large", What: fmt.Sprintf("the file is larger than %d MiB", MaxSize>>20), Where: name,
			Do: "split it; put long lists of values into a list file and use in_list", Exit: fault.ExitFound})
		return f, nil
	}
	// Neither moves a letter within its line, so places stay those that an editor shows.
	text := strings.TrimPrefix(string(doc), "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	f.lines = strings.Split(text, "\n")
	if !f.checkText() {
		return f, nil
	}
	return f, split(text, f.lines)
}

// Faults are what was added so far.
func (f *File) Faults() fault.List { return f.faults }

// Full tells whether the file has so many faults that nobody wants to hear more.
func (f *File) Full() bool { return len(f.faults) >= MaxFaults }

// Refused tells whether the present document has an error.
func (f *File) Refused() bool { return f.refused }

// Refuse marks the present document as one with an error that was told already.
func (f *File) Refuse() { f.refused = true }

// Add notes a fault at a place of the file, with its line, and completes e with it.
func (f *File) Add(p Place, width int, e fault.Error) {
	e.Where = fmt.Sprintf("%s:%d:%d", f.Name, p.Line, p.Col)
	if p.Line >= 1 && p.Line <= len(f.lines) {
		e.Text = strings.ToValidUTF8(f.lines[p.Line-1], "\ufffd")
		// At the most one letter behind the line, where a thing is missing.
		long := utf8.RuneCountInString(e.Text)
		e.Mark = min(p.Col, long+1)
		e.Width = max(min(width, long-e.Mark+1), 1)
	}
	if !e.Warn {
		f.refused = true
		e.Exit = fault.ExitFound
	}
	if f.Full() {
		return
	}
	// One place may be read twice: as part of several rules, or by several aliases.
	for _, have := range f.faults {
		if have.Where == e.Where && have.What == e.What {
			return
		}
	}
	f.faults = append(f.faults, &e)
}

// Fail notes an error at a node.
func (f *File) Fail(n ast.Node, code, do, format string, args ...any) {
	p, width := Extent(n)
	f.Add(p, width, fault.Error{Code: code, What: fmt.Sprintf(format, args...), Do: do})
}

// Extent returns where a node begins and how many runes of its first line it covers.
func Extent(n ast.Node) (Place, int) {
	tok := n.GetToken()
	// The token of a block mapping is the colon behind its first key.
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		tok = m.Values[0].Key.GetToken()
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		tok = m.Key.GetToken()
	}
	width := utf8.RuneCountInString(tok.Value)
	if tok.Type == token.DoubleQuoteType || tok.Type == token.SingleQuoteType {
		width += 2
	}
	// A caret below one line cannot cover several.
	if i := strings.IndexByte(tok.Value, '\n'); i >= 0 {
		width = 1
	}
	return placeOf(tok), width
}

// placeOf returns where a token stands. The tokens of a document count the lines of the file, see tokens.
func placeOf(tok *token.Token) Place {
	return Place{tok.Position.Line, max(tok.Position.Column, 1)}
}

// checkText refuses what is no text.
func (f *File) checkText() bool {
	for i, line := range f.lines {
		if plain(line) {
			continue
		}
		col := 1
		for j, r := range line {
			_, size := utf8.DecodeRuneInString(line[j:])
			if r == utf8.RuneError && size == 1 || r < ' ' && r != '\t' || r == 0x7f {
				f.Add(Place{i + 1, col}, 1, fault.Error{Code: "rule-syntax", What: "the file is not plain UTF-8 text", Do: "save it as UTF-8"})
				return false
			}
			col++
		}
	}
	return true
}

// plain tells whether a line is ASCII without control characters, as nearly all lines are.
func plain(line string) bool {
	for i := range len(line) {
		if c := line[i]; c < ' ' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

// split cuts a file at its --- lines, so that a mistake in one document leaves the others alone. Such a line cannot be
// part of a text: YAML asks for the content of texts to be indented or not to look like one.
func split(text string, lines []string) []Document {
	var out []Document
	// The first line and byte of the present document, and whether it has more than comments.
	start, from, some := 0, 0, false
	flush := func(to int) {
		if some {
			out = append(out, Document{text[from:max(from, to)], start})
		}
	}
	at := 0
	for i, l := range lines {
		next := at + len(l) + 1
		if isSeparator(l) {
			flush(at)
			start, from, some = i+1, min(next, len(text)), false
		} else if t := strings.TrimSpace(l); t != "" && t[0] != '#' {
			some = true
		}
		at = next
	}
	flush(len(text))
	return out
}

// isSeparator tells whether a line is the --- between two documents, perhaps with a comment.
func isSeparator(line string) bool {
	rest, ok := strings.CutPrefix(line, "---")
	rest = strings.TrimLeft(rest, " \t")
	return ok && (strings.TrimSpace(rest) == "" || rest[0] == '#')
}

// Place returns the first line of a document.
func (d Document) Place() Place { return Place{d.line + 1, 1} }
