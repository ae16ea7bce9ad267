package policy

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"weir/internal/fault"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// Shipped is the file of classes that weir ships.
//
//go:embed shipped.yaml
var shipped []byte

// Options say which files are read.
type Options struct {
	Classes string         // file of classes that are laid over those that weir ships; one that is not there has none
	Systems string         // file of the systems that hold personal data; one that is not there has none
	Zone    *time.Location // in whose days records fall due; nil: UTC
}

// Load reads the files. Every mistake of both is in faults, each with its place; warnings are among them. The policy is nil
// where something that is no warning was found. err is for a file that cannot be read at all.
func Load(o Options) (*Policy, fault.List, error) {
	classes, err := content(o.Classes)
	if err != nil {
		return nil, nil, err
	}
	systems, err := content(o.Systems)
	if err != nil {
		return nil, nil, err
	}
	p, faults := Parse(o, classes, systems)
	return p, faults, nil
}

// content reads a file; one that is not there is empty.
func content(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		defer f.Close()
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(f, yamlfile.MaxSize+1)); err == nil {
			return b, nil
		}
	}
	return nil, &fault.Error{Code: "class-file", What: "the file cannot be read", Where: name, Why: fault.Innermost(err), Do: "chmod u+r " + name, Exit: fault.ExitUsage, Cause: err}
}

// Parse reads the bytes of both files.
func Parse(o Options, classes, systems []byte) (*Policy, fault.List) {
	p := &Policy{zone: o.Zone, cycle: "monthly", grace: defaultGrace}
	if p.zone == nil {
		p.zone = time.UTC
	}
	ours, faults := parseClasses("shipped.yaml", shipped, nil)
	if len(faults) > 0 {
		panic("BUG: the classes that weir ships cannot be read: " + faults.Error())
	}
	for _, c := range ours {
		c.Shipped = true
	}
	own, faults := parseClasses(o.Classes, classes, ours)
	p.classes, p.own = own, len(own)
	if len(own) > 0 {
		p.files = append(p.files, o.Classes)
	}
	for _, c := range ours {
		if !slices.ContainsFunc(own, func(x *Class) bool { return x.Name == c.Name }) {
			p.classes = append(p.classes, c)
		}
	}
	if !blank(systems) {
		r := &systemReader{fileReader: open(o.Systems, "systems-file"), policy: p}
		r.read(systems)
		faults = append(faults, r.finish()...)
		p.files = append(p.files, o.Systems)
	}
	if slices.ContainsFunc(faults, func(f *fault.Error) bool { return !f.Warn }) {
		slices.SortStableFunc(faults, func(a, b *fault.Error) int { return rank(a) - rank(b) })
		return nil, faults
	}
	p.finish()
	return p, faults
}

// rank puts errors before warnings.
func rank(f *fault.Error) int {
	if f.Warn {
		return 1
	}
	return 0
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

// doubtCode is that of every warning about one of the files.
const doubtCode = "retention-doubt"

// fileReader reads one file strictly.
type fileReader struct {
	keys.Reader
	code string // of its faults
	name string
}

// open begins a reader; the bytes come with document.
func open(name, code string) fileReader { return fileReader{code: code, name: name} }

// document takes the bytes, and returns the one document in them; false where there is none.
func (r *fileReader) document(doc []byte) (yamlfile.Document, bool) {
	file, docs := yamlfile.Open(r.name, doc)
	r.Reader = keys.Reader{File: file}
	if len(docs) > 1 {
		r.Add(docs[1].Place(), 1, fault.Error{Code: r.code, What: "a second document begins here", Do: "one file has one; join them"})
		return yamlfile.Document{}, false
	}
	return append(docs, yamlfile.Document{})[0], len(docs) == 1
}

// finish returns what was found, with the code and in the words of this file: the reader's own are about rules.
func (r *fileReader) finish() fault.List {
	list := r.Faults()
	words := strings.NewReplacer("; put long lists of values into a list file and use in_list", "", "no rule can be read here", "nothing can be read here", "a rule is a list of keys and values", "the file is a list of keys and values",
		"in rule files", "here", "put --- alone on a line between two rules", "one file has one; join them", "begin with id: NAME", "begin with systems:")
	for _, f := range list {
		f.What, f.Do = words.Replace(f.What), words.Replace(f.Do)
		if f.Warn {
			f.Code = doubtCode
			continue
		}
		f.Code, f.Exit = r.code, fault.ExitUsage
	}
	return list
}

// warn notes a doubt at a place.
func (r *fileReader) warn(p yamlfile.Place, width int, what, why, do string) {
	r.Add(p, width, fault.Error{Code: doubtCode, What: what, Why: why, Do: do, Warn: true})
}

// date reads a civil day.
func date(text string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return t, fmt.Errorf("%q is no day", text)
	}
	return t, nil
}
