package schedule

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/control/reporting"
	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/internal/report/prose"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// Entry is one line of reports.yaml.
type Entry struct {
	Report  string
	Name    string // of a mapping
	Every   Every
	Zone    *time.Location
	Lang    string
	Formats []string
	To      []string // channels of notify.yaml
	Folder  string   // absolute; "" for none
	Line    int
}

// id names an entry by what it says: one that is changed is another, and begins anew.
func (e *Entry) id() string {
	b, _ := json.Marshal([]any{e.Report, e.Name, e.Every.String(), e.Zone.String(), e.Lang, e.Formats, e.To, e.Folder}) // texts always can be
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// code is that of every fault of the file.
const code = "report-schedule"

// maxEntries bounds a file.
const maxEntries = 200

// FileOptions are what a file is read with.
type FileOptions struct {
	// Name is the path of the file; folders in it that are not absolute lie beside it.
	Name string
	// Zone is that of entries that name none; nil: UTC.
	Zone *time.Location
	// Mappings and Channels are the names that there are; nil: any is taken, and missed when it is used.
	Mappings, Channels []string
}

// reader reads one file.
type reader struct {
	keys.Reader
	opts FileOptions
	out  []Entry
}

// Read reads the bytes of reports.yaml. Every mistake is in faults with its place; with one there are no entries. A file
// with nothing but comments is right and has none.
func Read(doc []byte, o FileOptions) ([]Entry, fault.List) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	file, docs := yamlfile.Open(o.Name, doc)
	r := &reader{Reader: keys.Reader{File: file}, opts: o}
	switch {
	case len(file.Faults()) > 0 || blank(doc):
	case len(docs) > 1:
		r.Add(docs[1].Place(), 1, fault.Error{Code: code, What: "a second document begins here", Do: "one file has one; join them"})
	case len(docs) == 1:
		for i, n := range r.List(docs[0], "report: access-review") {
			if i >= maxEntries {
				r.Fail(n, code, "", "the file has more than %d reports", maxEntries)
				break
			}
			r.entry(n)
		}
	}
	faults := r.Faults()
	words := strings.NewReplacer("no rule can be read here", "no list can be read here", "a rule is a list of keys and values", "a report is a list of keys and values", "in rule files", "here")
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
	return r.out, faults
}

// blank tells whether a file has nothing but comments.
func blank(doc []byte) bool {
	for line := range strings.Lines(strings.TrimPrefix(string(doc), "\ufeff")) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}

// entry reads one entry.
func (r *reader) entry(n ast.Node) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		r.Fail(n, code, "write `- {report: access-review, every: month on 3 08:00, folder: reports}`", "an entry is a list of keys and values")
		return
	}
	at, _ := yamlfile.Extent(n)
	e := Entry{Zone: r.opts.Zone, Lang: "en", Line: at.Line}
	before := len(r.Faults())
	every := false
	r.Keys(" in a report", list, map[string]func(ast.Node){
		"report": r.OneOf("report", reporting.Kinds(), &e.Report),
		"name":   r.Text("name", &e.Name),
		"every": func(n ast.Node) {
			every = true
			text, ok := yamlfile.Text(n)
			var err error
			if e.Every, err = parseEvery(text); err != nil || !ok {
				r.Fail(n, code, strings.TrimPrefix(fmt.Sprint(err), "<nil>"), "`every` cannot be read")
			}
		},
		"timezone": func(n ast.Node) {
			text, _ := yamlfile.Text(n)
			zone, err := prose.Zone(text)
			if err != nil || text == "" {
				r.Fail(n, code, "write Asia/Seoul or UTC", "there is no time zone `%s`", text)
				return
			}
			e.Zone = zone
		},
		"lang":   r.OneOf("lang", []string{"en", "ko"}, &e.Lang),
		"folder": r.Text("folder", &e.Folder),
		"format": func(n ast.Node) {
			r.Each("format", n, func(n ast.Node, s string) { r.oneOf(n, "form", s, reporting.Formats(), &e.Formats) })
		},
		"to": func(n ast.Node) {
			r.Each("to", n, func(n ast.Node, s string) { r.oneOf(n, "channel of notify.yaml", s, r.opts.Channels, &e.To) })
		},
	})
	r.check(n, &e, every)
	if len(r.Faults()) == before {
		r.out = append(r.out, e)
	}
}

// oneOf takes a word that is one of those that there are, each once.
func (r *reader) oneOf(n ast.Node, what, s string, there []string, into *[]string) {
	if there != nil && !slices.Contains(there, s) {
		do := "there are " + strings.Join(there, ", ")
		if near := nearest.Name(s, there); near != "" {
			do = "did you mean `" + near + "`?"
		}
		r.Fail(n, code, do, "there is no %s `%s`", what, s)
		return
	}
	if slices.Contains(*into, s) {
		r.Fail(n, code, "write it once", "`%s` is there twice", s)
		return
	}
	*into = append(*into, s)
}

// check looks at what only the whole entry shows.
func (r *reader) check(n ast.Node, e *Entry, every bool) {
	switch {
	case e.Report == "":
		r.Fail(n, code, "add report: one of "+strings.Join(reporting.Kinds(), ", "), "the entry has no `report`")
	case !every:
		r.Fail(n, code, "add every: month on 3 08:00", "the entry has no `every`")
	case (e.Report == reporting.Mapping) != (e.Name != ""):
		r.Fail(n, code, "write report: mapping with name: pci-dss-10", "`name` belongs to a report of a mapping, and only to that")
	case e.Name != "" && r.opts.Mappings != nil && !slices.Contains(r.opts.Mappings, e.Name):
		r.Fail(n, code, "there are "+strings.Join(r.opts.Mappings, ", "), "there is no mapping `%s`", e.Name)
	case len(e.To) == 0 && e.Folder == "":
		r.Fail(n, code, "add folder: reports, or to: [a channel of notify.yaml]", "the report goes nowhere")
	}
	if len(e.Formats) == 0 {
		e.Formats = []string{"pdf"}
	}
	if e.Folder != "" && !filepath.IsAbs(e.Folder) {
		e.Folder = filepath.Join(filepath.Dir(r.opts.Name), e.Folder)
	}
}
