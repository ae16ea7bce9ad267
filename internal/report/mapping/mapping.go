// Package mapping shows the controls of a standard by searches and by sections of other reports: which they are stands in
// files, by the number of each control and in words of our own.
package mapping

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/internal/query"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

//go:embed *.yaml
var shipped embed.FS

// Text is a text in the languages that reports speak. One that is missing in a language is said in the other.
type Text struct {
	En string `json:"en,omitempty"`
	Ko string `json:"ko,omitempty"`
}

// In returns the text in a language: en or ko.
func (t Text) In(lang string) string {
	if lang == "ko" && t.Ko != "" || t.En == "" {
		return t.Ko
	}
	return t.En
}

// Mapping is one file: a standard, or a part of one.
type Mapping struct {
	ID       string    `json:"id"`
	Title    Text      `json:"title"`
	Note     Text      `json:"note,omitzero"`
	Controls []Control `json:"controls"`
	// File is where it was read; that of a shipped one has no folder.
	File string `json:"file"`
}

// Control is one number of the standard.
type Control struct {
	Number string `json:"number"`
	Shows  Text   `json:"shows"`
	// Status is read, secondary, memory or never, and Checked the day on which somebody read it, or never.
	Status   string   `json:"status"`
	Checked  string   `json:"checked"`
	Searches []Search `json:"searches,omitempty"`
	Sections []string `json:"sections,omitempty"` // report/section
}

// What a search has to find.
const (
	Any   = "any"   // it only counts
	Some  = "some"  // at least one event, or the control is not shown
	None  = "none"  // no event, or somebody has to look
	Daily = "daily" // at least one event a day
)

// Search is one search behind a control.
type Search struct {
	Name   Text   `json:"name"`
	KQL    string `json:"kql"`
	Top    string `json:"top,omitempty"` // field whose most frequent values are shown
	Expect string `json:"expect"`
}

// code is that of every fault of these files.
const code = "report-mapping"

// Options say which files are read.
type Options struct {
	// Folder holds files that are laid over the shipped ones: one with the same id takes its place. "" has none.
	Folder string
	// Sections says which sections a kind of report has; nil for a kind that is none.
	Sections func(kind string) []string
}

// Load reads all mappings, by id. A file with mistakes is left out, and each mistake is in faults with its place; err is for
// a folder that cannot be read.
func Load(o Options) (list []*Mapping, faults fault.List, err error) {
	names, _ := fs.Glob(shipped, "*.yaml") // a pattern of ours
	for _, name := range names {
		b, _ := shipped.ReadFile(name)
		m, bad := parse(name, b, o.Sections)
		if len(bad) > 0 {
			panic("BUG: a mapping that weir ships cannot be read: " + bad.Error())
		}
		list = append(list, m)
	}
	if o.Folder != "" {
		own, err := filepath.Glob(filepath.Join(o.Folder, "*.yaml"))
		if err != nil {
			return nil, nil, fmt.Errorf("listing mappings: %w", err)
		}
		slices.Sort(own)
		for _, name := range own {
			b, err := content(name)
			if err != nil {
				return nil, nil, err
			}
			m, bad := parse(name, b, o.Sections)
			faults = append(faults, bad...)
			if m == nil {
				continue
			}
			list = slices.DeleteFunc(list, func(x *Mapping) bool { return x.ID == m.ID })
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b *Mapping) int { return strings.Compare(a.ID, b.ID) })
	return list, faults, nil
}

// content reads a file, and no more of it than a file may have.
func content(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err == nil {
		defer f.Close()
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(f, yamlfile.MaxSize+1)); err == nil {
			return b, nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return nil, &fault.Error{Code: code, What: "the file cannot be read", Where: name, Why: fault.Innermost(err), Do: "chmod u+r " + name, Exit: fault.ExitUsage, Cause: err}
}

// Find returns a mapping by its id. The error of one that is not there names those that are.
func Find(list []*Mapping, id string) (*Mapping, error) {
	var ids []string
	for _, m := range list {
		if m.ID == id {
			return m, nil
		}
		ids = append(ids, m.ID)
	}
	do := "there are " + strings.Join(ids, ", ")
	if near := nearest.Name(id, ids); near != "" {
		do = "did you mean `" + near + "`?"
	}
	return nil, &fault.Error{Code: code, What: fmt.Sprintf("there is no mapping `%s`", id), Do: do, Exit: fault.ExitUsage}
}

// reader reads one file.
type reader struct {
	keys.Reader
	sections func(kind string) []string
}

// parse reads the bytes of one file. With mistakes there is no mapping.
func parse(name string, doc []byte, sections func(string) []string) (*Mapping, fault.List) {
	file, docs := yamlfile.Open(name, doc)
	r := &reader{Reader: keys.Reader{File: file}, sections: sections}
	m := &Mapping{File: name}
	switch {
	case len(docs) > 1:
		r.Add(docs[1].Place(), 1, fault.Error{Code: code, What: "a second document begins here", Do: "one file has one"})
	case len(docs) == 1:
		if body := r.Body(docs[0]); body != nil {
			r.NoAnchors(body)
			if !r.Refused() {
				r.mapping(body, m)
			}
		}
	}
	faults := r.Faults()
	words := strings.NewReplacer("no rule can be read here", "no mapping can be read here", "a rule is a list of keys and values", "a mapping is a list of keys and values", "in rule files", "here")
	bad := false
	for _, f := range faults {
		f.What, f.Do, f.Code = words.Replace(f.What), words.Replace(f.Do), code
		if !f.Warn {
			f.Exit, bad = fault.ExitUsage, true
		}
	}
	if bad {
		return nil, faults
	}
	return m, faults
}

// mapping reads the whole file.
func (r *reader) mapping(body *yamlfile.Body, m *Mapping) {
	r.Keys(" in a mapping", body.Pairs, map[string]func(ast.Node){
		"id": r.Text("id", &m.ID), "title": r.text("title", &m.Title), "note": r.text("note", &m.Note),
		"controls": func(n ast.Node) {
			r.each("controls", n, func(n ast.Node) { m.Controls = append(m.Controls, r.control(n)) })
		},
	})
	switch {
	case m.ID == "" || !slug(m.ID):
		r.Fail(body.Node, code, "write id: pci-dss-10", "the mapping has no `id` of small letters, digits and hyphens")
	case len(m.Controls) == 0:
		r.Fail(body.Node, code, "add controls:", "the mapping has no `controls`")
	case m.Title == Text{}:
		m.Title.En = m.ID
	}
}

// slug tells names that can be parts of file names.
func slug(s string) bool {
	return len(s) <= 60 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s[0] != '-'
}

// each calls fn for the entries of a list.
func (r *reader) each(key string, n ast.Node, fn func(ast.Node)) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.Fail(n, code, "begin each entry with a dash", "`%s` is a list", key)
		return
	}
	for _, v := range seq.Values {
		fn(v)
	}
}

// text reads a text, or one in each language.
func (r *reader) text(key string, into *Text) func(ast.Node) {
	return func(n ast.Node) {
		if list, ok := yamlfile.Mapping(n); ok {
			r.Keys(" in `"+key+"`", list, map[string]func(ast.Node){"en": r.Text("en", &into.En), "ko": r.Text("ko", &into.Ko)})
			return
		}
		r.Text(key, &into.En)(n)
	}
}

// control reads one control.
func (r *reader) control(n ast.Node) Control {
	c := Control{Status: "never", Checked: "never"}
	list, ok := yamlfile.Mapping(n)
	if !ok {
		r.Fail(n, code, `write - {number: "10.4", shows: ...}`, "a control is a list of keys and values")
		return c
	}
	r.Keys(" in a control", list, map[string]func(ast.Node){
		"number": r.Text("number", &c.Number), "shows": r.text("shows", &c.Shows), "status": r.OneOf("status", []string{"read", "secondary", "memory", "never"}, &c.Status),
		"checked": func(n ast.Node) {
			r.Text("checked", &c.Checked)(n)
			if _, err := time.Parse(time.DateOnly, c.Checked); err != nil && c.Checked != "never" {
				r.Fail(n, code, "write 2026-11-21, or never", "`%s` is no day", c.Checked)
			}
		},
		"searches": func(n ast.Node) {
			r.each("searches", n, func(n ast.Node) { c.Searches = append(c.Searches, r.search(n)) })
		},
		"sections": func(n ast.Node) {
			r.Each("sections", n, func(n ast.Node, s string) {
				r.section(n, s)
				c.Sections = append(c.Sections, s)
			})
		},
	})
	if c.Number == "" {
		r.Fail(n, code, `add number: "10.4"`, "the control has no `number`")
	}
	if len(c.Searches)+len(c.Sections) == 0 {
		r.Fail(n, code, "add searches: or sections:", "nothing shows this control")
	}
	return c
}

// search reads one search. Its KQL is read now: a mistake is told where it stands, and not a month later.
func (r *reader) search(n ast.Node) Search {
	s := Search{Expect: Any}
	list, ok := yamlfile.Mapping(n)
	if !ok {
		r.Fail(n, code, "write - {name: Failed logons, kql: ...}", "a search is a list of keys and values")
		return s
	}
	r.Keys(" in a search", list, map[string]func(ast.Node){
		"name": r.text("name", &s.Name), "expect": r.OneOf("expect", []string{Any, Some, None, Daily}, &s.Expect),
		"top": func(n ast.Node) {
			r.Text("top", &s.Top)(n)
			r.Field(s.Top, n)
		},
		"kql": func(n ast.Node) {
			r.Text("kql", &s.KQL)(n)
			if _, err := query.Parse(s.KQL); err != nil {
				why := err.Error()
				if f, ok := errors.AsType[*fault.Error](err); ok {
					why = f.What
				}
				r.Fail(n, code, "try it with weir search; KQL in one page: weir help kql", "this is no KQL: %s", why)
			}
		},
	})
	if s.KQL == "" {
		r.Fail(n, code, "add kql:", "the search has no `kql`")
	}
	if s.Name == (Text{}) {
		s.Name.En = s.KQL
	}
	return s
}

// section checks that a section exists.
func (r *reader) section(n ast.Node, s string) {
	kind, name, _ := strings.Cut(s, "/")
	var there []string
	if r.sections != nil {
		there = r.sections(kind)
	}
	switch {
	case there == nil:
		r.Fail(n, code, "write report/section, such as retention/classes", "`%s` is a section of no report", s)
	case !slices.Contains(there, name):
		do := "sections of " + kind + ": " + strings.Join(there, ", ")
		if near := nearest.Name(name, there); near != "" {
			do = "did you mean `" + kind + "/" + near + "`?"
		}
		r.Fail(n, code, do, "the report %s has no section `%s`", kind, name)
	}
}
