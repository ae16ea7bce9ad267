package format

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/processors/parse/format/reading"
	"weir/processors/parse/format/step"
	"weir/processors/parse/format/writing"
	"weir/processors/parse/readers"
	"weir/rules/yamlfile"
)

// Source is one folder of formats. Of several, a format of a later one takes the place of one with the same dataset and id.
type Source struct {
	// Name stands before the names of files in messages: formats, shipped.
	Name string
	FS   fs.FS
	// Beside tells that the source is one with the one before it: formats of one name in both are a mistake.
	Beside bool
}

// Set is the formats of some sources. It is immutable and safe for many goroutines.
type Set struct {
	list  []*Format
	by    map[string][]*Format // by dataset
	table *table
	roots []string
}

// loader is one load of all sources.
type loader struct {
	sources []*folder
	readers map[string]readers.Reader
	kinds   []step.Kind
	drafts  []*draft
	faults  fault.List
	schema  *step.Schema
}

// folder is one source while it is read.
type folder struct {
	Source
	number int
	group  int // the first of the sources that are one with it
	shared map[string]*draft
}

// draft is one file that was parsed and not compiled yet.
type draft struct {
	file   *step.File
	body   *yamlfile.Body
	src    *folder
	format *Format
	// Nodes that are compiled when all files are read.
	match, steps, split ast.Node
	where               ast.Node
	replaced            bool   // a later source has one of the same name
	over                *draft // the one whose place it takes, nil if there is none
}

// Load reads and compiles all formats. A file with a mistake is left out and a fault says why; the others go on.
func Load(sources ...Source) (*Set, fault.List) { return LoadWith(readers.Table(), sources...) }

// LoadWith is Load with readers of the caller's.
func LoadWith(table map[string]readers.Reader, sources ...Source) (*Set, fault.List) {
	l := &loader{readers: table, kinds: Kinds(), schema: step.NewSchema()}
	for i, s := range sources {
		src := &folder{Source: s, number: i, group: i, shared: map[string]*draft{}}
		if s.Beside && i > 0 {
			src.group = l.sources[0].group
		}
		l.sources = append([]*folder{src}, l.sources...) // names are looked for in the last one first
		l.walk(src)
	}
	l.replace()
	set := &Set{by: map[string][]*Format{}, roots: l.schema.Roots(l.roots())}
	for _, d := range l.drafts {
		if !d.replaced && !d.file.Refused() {
			l.compile(d)
		}
	}
	for _, d := range slices.Backward(l.drafts) { // the newest first: what it stood in for may stand in for another one
		if d.over != nil && !d.replaced && d.file.Refused() {
			d.over.replaced = false // it is used as long as the other one has a mistake
			l.compile(d.over)
		}
	}
	for _, d := range l.drafts {
		l.faults = append(l.faults, renamed(d.file.Faults())...)
		if d.replaced || d.file.Refused() {
			continue
		}
		set.list = append(set.list, d.format)
		set.by[d.format.Dataset] = append(set.by[d.format.Dataset], d.format)
	}
	set.roots = slices.DeleteFunc(set.roots, func(root string) bool {
		return !slices.ContainsFunc(set.list, func(f *Format) bool { return f.Root == root || strings.HasPrefix(f.Root, root+".") })
	})
	for _, src := range l.sources {
		for _, name := range slices.Sorted(maps.Keys(src.shared)) {
			l.faults = append(l.faults, renamed(src.shared[name].file.Faults())...)
		}
	}
	set.table = newTable(set.list)
	return set, l.faults
}

// ownCodes begin the codes of faults of formats.
const ownCodes = "format-"

// renamed gives faults of the YAML reader, which rules share, the codes of formats.
func renamed(list fault.List) fault.List {
	for _, f := range list {
		if rest, ok := strings.CutPrefix(f.Code, "rule-"); ok {
			f.Code = ownCodes + rest
			for _, h := range hints {
				if f.Do == "" && strings.Contains(f.What, h.what) {
					f.Do = h.do
				}
			}
			f.Do = strings.ReplaceAll(f.Do, "begin with id: NAME", "begin with dataset: package.stream")
			f.What = strings.NewReplacer("no rule can be read here", "no format can be read here", "a rule is a list", "a format is a list", "in rule files", "in formats").Replace(f.What)
			f.Do = strings.ReplaceAll(f.Do, "; put long lists of values into a list file and use in_list", "; put long tables into a CSV file")
		}
	}
	return list
}

// hints are what to do about mistakes in YAML that formats invite, by a part of the sentence.
var hints = []struct{ what, do string }{
	{"could not find flow map content", "put texts with {{ }}, commas, brackets or `: ` in quotes"},
	{"corresponding to", "put texts with brackets, braces or `: ` in quotes"},
	{"unknown escape character", "write patterns in single quotes"},
	{"end character of", "a quote is missing"},
}

// walk parses the files of a source. Hidden files and folders are left alone.
//
// A folder that cannot be read is a fault of its own and the others are read. Links are followed as far as the source does.
func (l *loader) walk(src *folder) {
	err := fs.WalkDir(src.FS, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if name == "." && errors.Is(err, fs.ErrNotExist) {
				return fs.SkipAll // a user without formats of their own
			}
			l.unreadable(path.Join(src.Name, name), err)
			return nil
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && (path.Ext(name) == ".yaml" || path.Ext(name) == ".yml"):
			l.read(src, name)
		}
		return nil
	})
	if err != nil {
		l.unreadable(src.Name, err)
	}
}

// unreadable notes a file or folder that the system does not give.
func (l *loader) unreadable(where string, err error) {
	l.faults = append(l.faults, &fault.Error{Code: "format-unreadable", What: "a format cannot be read", Where: where, Why: plainError(err).Error(), Do: "chmod u+rX " + where, Exit: fault.ExitMissing, Cause: err})
}

// read parses one file.
//
// A file of a folder called shared has steps for others, any other one is a format.
func (l *loader) read(src *folder, name string) {
	shown := path.Join(src.Name, name)
	doc, err := fs.ReadFile(src.FS, name)
	if err != nil {
		l.unreadable(shown, err)
		return
	}
	yf, docs := yamlfile.Open(shown, doc)
	d := &draft{file: &step.File{File: yf, FS: src.FS, Source: src.number, Dir: path.Dir(name)}, src: src}
	shared := path.Base(path.Dir(name)) == "shared"
	switch {
	case len(yf.Faults()) > 0:
	case len(docs) == 0:
		yf.Add(yamlfile.Place{Line: 1, Col: 1}, 1, fault.Error{Code: "format-syntax", What: "the file is empty", Do: "begin with `dataset: package.stream` and `title: Vendor Product`"})
	case len(docs) != 1:
		yf.Add(yamlfile.Place{Line: 1, Col: 1}, 1, fault.Error{Code: "format-syntax", What: "a file has one format", Do: "make a file of each"})
	default:
		if d.body = yf.Body(docs[0]); d.body != nil {
			yf.NoAnchors(d.body)
		}
	}
	if d.body == nil || yf.Refused() {
		l.faults = append(l.faults, renamed(yf.Faults())...)
		return
	}
	if shared {
		src.shared[strings.TrimSuffix(path.Base(name), path.Ext(name))] = d
		d.file.Pairs("shared steps", d.body.Pairs, map[string]func(ast.Node){"steps": func(ast.Node) {}, "title": func(ast.Node) {}, "about": func(ast.Node) {}})
		return
	}
	d.header()
	l.drafts = append(l.drafts, d)
}

// replace marks the formats that a later source has too, and refuses two of one name in one source.
func (l *loader) replace() {
	last := map[string]*draft{}
	for _, d := range l.drafts {
		name := d.format.Name()
		old := last[name]
		switch {
		case d.file.Refused():
			continue
		case old == nil:
		case old.src.group == d.src.group:
			d.file.Fail(d.where, "format-duplicate", "give one of them another `id:`", "%s has the dataset and id %s too", old.file.Name, name)
			continue
		default:
			old.replaced, d.over = true, old
		}
		last[name] = d
	}
}

// roots are those of all formats.
func (l *loader) roots() (out []string) {
	for _, d := range l.drafts {
		if !d.replaced && !d.file.Refused() {
			out = append(out, d.format.Root)
		}
	}
	return out
}

// Format implements step.Library.
func (l *loader) Format(name string) (*step.File, *yamlfile.Body) {
	for _, d := range l.drafts {
		if d.format.Name() == name && !d.replaced {
			return d.file, d.body
		}
	}
	return nil, nil
}

// Names implements step.Library.
func (l *loader) Names(shared bool) (out []string) {
	if !shared {
		for _, d := range l.drafts {
			out = append(out, d.format.Name())
		}
		return out
	}
	for _, src := range l.sources {
		out = append(out, slices.Sorted(maps.Keys(src.shared))...)
	}
	return out
}

// Readers implements step.Library.
func (l *loader) Readers() map[string]readers.Reader { return l.readers }

// Shared implements step.Library: steps of the same source come first.
func (l *loader) Shared(of *step.File, name string) (*step.File, *yamlfile.Body) {
	var found *draft
	for _, src := range l.sources {
		if s := src.shared[path.Clean(name)]; s != nil && (found == nil || src.number == of.Source) {
			found = s
		}
	}
	if found == nil {
		return nil, nil
	}
	return found.file, found.body
}

// Table implements step.Library: a file beside the format, or below the top of its source or of any other one, or else the only one
// of that name in the folder of any package: a copy of a shipped format finds the table of that.
func (l *loader) Table(of *step.File, name string) ([]byte, error) {
	name = path.Clean(name)
	doc, err := fs.ReadFile(of.FS, path.Join(of.Dir, name))
	if err == nil {
		return doc, nil
	}
	if doc, again := fs.ReadFile(of.FS, name); again == nil {
		return doc, nil
	}
	for _, src := range l.sources {
		if doc, again := fs.ReadFile(src.FS, name); again == nil {
			return doc, nil
		}
	}
	for _, src := range l.sources {
		if list, bad := fs.Glob(src.FS, path.Join("*", name)); bad == nil && len(list) == 1 {
			if doc, again := fs.ReadFile(src.FS, list[0]); again == nil {
				return doc, nil
			}
		}
	}
	return nil, plainError(err)
}

// plainError is the reason without the path, which stands in the message already.
func plainError(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// compile compiles what a format says of its messages.
func (l *loader) compile(d *draft) {
	f := d.format
	f.program.Dataset, f.program.Root, f.program.Module = f.Dataset, f.Root, f.Module()
	c := &compiler{step.NewCompiler(d.file, f.Name(), f.program, l, l.schema, l.kinds), f, l}
	if d.match != nil {
		f.ways = c.ways(d.match)
	}
	if d.split != nil {
		f.split = c.split(d.split)
	}
	c.Compile(d.steps)
	for i := range f.Tests {
		for _, list := range f.Tests[i].Expect {
			for _, w := range list {
				if why := l.schema.Unknown(f.program, w.Path); why != "" {
					d.file.Add(w.at, w.width, fault.Error{Code: "format-place", What: "a test expects " + w.Path + ", which no list of fields has", Do: why, Warn: true})
				}
			}
		}
	}
	filled := f.program.Fields()
	f.Foreign = f.Foreign || slices.Contains(filled, "*")
	f.Names = f.Foreign || slices.Contains(filled, "event.dataset")
}

// compiler compiles what is not a step: match and split.
type compiler struct {
	*step.Compiler
	format *Format
	l      *loader
}

// Kinds returns the table of steps, in the order in which documents show it.
func Kinds() []step.Kind {
	return slices.Concat(reading.Kinds(), writing.Kinds(), step.ControlKinds())
}

// List returns all formats, in the order of their names.
func (s *Set) List() []*Format {
	out := slices.Clone(s.list)
	slices.SortFunc(out, func(a, b *Format) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

// Keep returns the set with those formats of an older one whose files have a mistake now: what a user is writing must not end
// what worked. Shipped formats come back by themselves.
func (s *Set) Keep(old *Set, faults fault.List) *Set {
	broken := map[string]bool{}
	for _, f := range faults {
		if name, _, _ := strings.Cut(f.Where, ":"); !f.Warn {
			broken[name] = true
		}
	}
	byName := map[string]*Format{}
	for _, f := range s.list {
		byName[f.Name()] = f
	}
	kept := false
	for _, f := range old.list {
		if now := byName[f.Name()]; !f.Shipped && broken[f.File] && (now == nil || now.Shipped) {
			byName[f.Name()], kept = f, true
		}
	}
	if !kept {
		return s
	}
	out := &Set{by: map[string][]*Format{}, roots: slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(s.roots), old.roots...))))}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		f := byName[name]
		out.list = append(out.list, f)
		out.by[f.Dataset] = append(out.by[f.Dataset], f)
	}
	out.table = newTable(out.list)
	return out
}

// Named returns the format that `use` would find: dataset or dataset/id.
func (s *Set) Named(name string) *Format {
	dataset, id, _ := strings.Cut(name, "/")
	for _, f := range s.by[dataset] {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// Of returns the formats of a dataset.
func (s *Set) Of(dataset string) []*Format { return s.by[dataset] }

// Datasets returns the names of all datasets, sorted.
func (s *Set) Datasets() []string { return slices.Sorted(maps.Keys(s.by)) }

// Roots returns the paths below which formats keep fields of vendors, sorted: each is one flattened field.
func (s *Set) Roots() []string { return slices.Clone(s.roots) }

// header reads all of a format but match, split and steps, which are compiled when all files are read.
func (d *draft) header() {
	f := &Format{File: d.file.Name, Shipped: d.src.number == 0, program: &step.Program{Keep: true}}
	d.format, d.where = f, d.body.Node
	have := map[string]ast.Node{}
	header := "auto"
	var empty []string
	d.file.Pairs("a format", d.body.Pairs, map[string]func(ast.Node){
		"dataset": func(n ast.Node) { d.where = n; have["dataset"] = n; d.file.TextKey("dataset", &f.Dataset)(n) },
		"id":      d.file.TextKey("id", &f.ID),
		"title":   func(n ast.Node) { have["title"] = n; d.file.TextKey("title", &f.Title)(n) },
		"about":   func(ast.Node) {},
		"observer": func(n ast.Node) {
			f.Observer = &Observer{}
			d.file.Keys("observer", n, map[string]func(ast.Node){"vendor": d.file.TextKey("vendor", &f.Observer.Vendor), "product": d.file.TextKey("product", &f.Observer.Product), "type": d.file.TextKey("type", &f.Observer.Type)})
		},
		"root":         func(n ast.Node) { have["root"] = n; d.file.TextKey("root", &f.Root)(n) },
		"header":       d.file.OneOf("header", &header, "auto", "none"),
		"match":        func(n ast.Node) { d.match = n },
		"empty":        d.file.Texts("empty", &empty),
		"zone":         func(n ast.Node) { d.zone(n) },
		"split":        func(n ast.Node) { d.split = n },
		"keep_message": d.file.Boolean("keep_message", &f.program.Keep),
		"foreign":      d.file.Boolean("foreign", &f.Foreign),
		"charset":      func(n ast.Node) { d.charset(n) },
		"steps":        func(n ast.Node) { d.steps = n },
		"tests":        func(n ast.Node) { f.Tests = tests(d.file, n) },
	})
	for _, key := range []string{"dataset", "title"} {
		if have[key] == nil {
			d.file.Add(yamlfile.Place{Line: 1, Col: 1}, 1, fault.Error{Code: "format-missing-key", What: fmt.Sprintf("the format has no `%s`", key), Do: map[string]string{"dataset": "add `dataset: package.stream`", "title": "add `title: Vendor Product`"}[key]})
		}
	}
	if pack, stream, ok := strings.Cut(f.Dataset, "."); have["dataset"] != nil && (!ok || !isName(pack) || !isName(stream)) {
		d.file.Refuse(have["dataset"], "write package.stream in small letters, such as fortinet_fortigate.log", "`%s` is no dataset", f.Dataset)
	}
	f.Whole, f.program.Empty = header == "none", step.NewWords(empty)
	if f.Root == "" {
		f.Root = f.Module()
	}
	if names, ok := step.ParsePath(f.Root); have["root"] != nil && (!ok || f.Root[0] == '_' || len(names) > 4) {
		d.file.Refuse(have["root"], "write vendor or vendor.product", "`%s` is no root", f.Root)
	}
}

// zone reads the fixed zone of a format.
func (d *draft) zone(n ast.Node) {
	name, _ := yamlfile.Text(n)
	if d.format.program.Zone = step.ZoneNamed(name); d.format.program.Zone == nil {
		d.file.Refuse(n, "write Asia/Seoul, UTC or +09:00", "`%s` is no time zone", name)
	}
}

// isName tells whether s can be a part of a dataset.
func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && (c != '.' || i == 0) {
			return false
		}
	}
	return s != ""
}
