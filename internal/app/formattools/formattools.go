// Package formattools is the commands that work on format files without a process: list, check, test, show, explain.
package formattools

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"weir/internal/app/build"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/processors/parse"
	"weir/processors/parse/format"
	"weir/processors/parse/formatdoc"
	"weir/processors/parse/formattest"
)

// Report is one file of a format, or of shared steps.
type Report struct {
	File string
	// Origin is shipped or yours.
	Origin string
	// Format is nil if the file was refused, and for shared steps.
	Format *format.Format
	// Faults are errors, with which the file is refused, and warnings.
	Faults fault.List
}

// files are the formats that a command works on.
type files struct {
	set    *format.Set
	faults fault.List
	// wanted tells whether a file was asked for.
	wanted func(file string) bool
}

// load loads the shipped formats, those of the data folder, and over them those of the paths: a file of a path may use what
// is shipped. Without paths all are wanted, else those of the paths.
func load(cfg config.Config, paths []string) (files, error) {
	if len(paths) == 0 {
		set, faults := build.Formats(cfg)
		return files{set: set, faults: faults, wanted: func(string) bool { return true }}, nil
	}
	sources := []format.Source{build.ShippedFormats()}
	if dir := build.Within(cfg, build.FormatsFolder); isDir(dir) {
		sources = append(sources, format.Source{Name: dir, FS: os.DirFS(dir)})
	}
	var prefixes []string
	wanted := func(file string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool {
			here := p == "./" && !filepath.IsAbs(file) && !strings.HasPrefix(file, build.ShippedFormats().Name+"/")
			return file == p || here || strings.HasSuffix(p, "/") && strings.HasPrefix(file, p)
		})
	}
	// Folders come first, so that a file of one that is named too is not read twice.
	paths = slices.Clone(paths)
	slices.SortStableFunc(paths, func(a, b string) int { return -cmp.Compare(rank(a), rank(b)) })
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return files{}, &fault.Error{Code: "file-unreadable", What: "a format cannot be read", Where: p, Why: fault.Innermost(err), Do: "name files, or folders of them", Exit: fault.ExitUsage, Cause: err}
		}
		if p = filepath.Clean(p); wanted(p) || info.IsDir() && wanted(p+"/") {
			continue // named twice, or as a part of a folder that is named
		}
		// Two of the paths may be two files of one folder: that they have one name is the same mistake as there.
		beside := len(prefixes) > 0
		if info.IsDir() {
			sources = append(sources, format.Source{Name: p, FS: os.DirFS(p), Beside: beside})
			prefixes = append(prefixes, p+"/")
			continue
		}
		dir := filepath.Dir(p)
		sources = append(sources, format.Source{Name: dir, FS: oneFile{os.DirFS(dir), filepath.Base(p)}, Beside: beside})
		prefixes = append(prefixes, path.Join(dir, filepath.Base(p)))
	}
	set, faults := format.Load(sources...)
	return files{set: set, faults: faults, wanted: wanted}, nil
}

// rank is 1 for a folder.
func rank(name string) int {
	if isDir(name) {
		return 1
	}
	return 0
}

// isDir tells whether a folder is there.
func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// oneFile is a folder in which only one file is listed, and the shared steps beside it: who names a file does not mean its
// neighbours, but it may use their tables.
type oneFile struct {
	fs.FS
	name string
}

// ReadDir implements fs.ReadDirFS.
func (o oneFile) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(o.FS, name)
	if name == "." {
		list = slices.DeleteFunc(list, func(d fs.DirEntry) bool { return d.Name() != o.name && d.Name() != "shared" })
	}
	return list, err //nolint:wrapcheck // the loader wraps it
}

// readFile returns a file by the name that messages call it.
func readFile(name string) ([]byte, error) {
	shipped := build.ShippedFormats()
	if rest, ok := strings.CutPrefix(name, shipped.Name+"/"); ok {
		return fs.ReadFile(shipped.FS, rest) //nolint:wrapcheck // of a file that was read before
	}
	return os.ReadFile(name) //nolint:wrapcheck // likewise
}

// Check reads formats, says what is wrong with each and what is doubtful, in the order of their files; an error only if
// a path cannot be read at all. Shared steps are among them where something is wrong with them.
func Check(cfg config.Config, paths []string) ([]Report, error) {
	in, err := load(cfg, paths)
	if err != nil {
		return nil, err
	}
	runner, err := formattest.New(parse.Options{Formats: in.set})
	if err != nil {
		return nil, err
	}
	by := map[string]*Report{}
	report := func(file string) *Report {
		r := by[file]
		if r == nil {
			r = &Report{File: file, Origin: "yours"}
			if strings.HasPrefix(file, build.ShippedFormats().Name+"/") {
				r.Origin = "shipped"
			}
			by[file] = r
		}
		return r
	}
	for _, f := range in.set.List() {
		if !in.wanted(f.File) {
			continue
		}
		r := report(f.File)
		r.Format = f
		if f.Shipped && len(paths) == 0 {
			continue // what is doubtful about those is for whoever ships them
		}
		if doc, err := readFile(f.File); err == nil {
			r.Faults = append(formatdoc.Lint(f.File, doc, f), mistaken(f, runner.Run(f))...)
		}
	}
	for _, e := range in.faults {
		if file := fileOf(e.Where); in.wanted(file) {
			r := report(file)
			r.Faults = append(r.Faults, e)
		}
	}
	out := make([]Report, 0, len(by))
	for _, r := range by {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Report) int { return cmp.Compare(a.File, b.File) })
	return out, nil
}

// mistaken warns of tests whose line another format takes for its own, or that the format itself would not recognise.
func mistaken(f *format.Format, results []formattest.Result) (out fault.List) {
	if len(f.Ways()) == 0 {
		return nil
	}
	for i, r := range results {
		if f.Tests[i].Errors > 0 {
			continue // of a damaged message nobody can say whose it is
		}
		if r.Recognised == "" || r.Recognised == f.Dataset || len(r.Problems) > 0 {
			continue
		}
		otherwise := "it is read as " + r.Recognised
		if r.Unknown {
			otherwise = "no format recognises it"
		}
		switch {
		case r.Misfit != "":
			out = append(out, &fault.Error{Code: "format-misfit", What: fmt.Sprintf("the line of the test `%s` does not fit the format's own `match`: %s", r.Name, r.Misfit), Where: fmt.Sprintf("%s:%d", f.File, r.Line),
				Why: otherwise, Do: "give the line the syslog header that it has live, or mend `match`", Warn: true})
		default:
			out = append(out, &fault.Error{Code: "format-recognised-otherwise", What: fmt.Sprintf("the line of the test `%s` is recognised as %s", r.Name, r.Recognised), Where: fmt.Sprintf("%s:%d", f.File, r.Line),
				Why: "nothing but its text says what it is, and that fits both", Do: "let `match` of one of them ask for more", Warn: true})
		}
	}
	return out
}

// fileOf returns the file of a place.
func fileOf(where string) string {
	for range 2 {
		at := strings.LastIndexByte(where, ':')
		if at < 0 || strings.Trim(where[at+1:], "0123456789") != "" {
			break
		}
		where = where[:at]
	}
	return where
}

// Test runs the tests of formats through the parser of live. paths empty: all that are known.
func Test(ctx context.Context, cfg config.Config, paths []string) (tools.TestRun, error) {
	var out tools.TestRun
	in, err := load(cfg, paths)
	if err != nil {
		return out, err
	}
	for _, e := range in.faults {
		if !e.Warn && in.wanted(fileOf(e.Where)) {
			out.Refused = append(out.Refused, e)
		}
	}
	// Without enrichment: what that adds depends on the inventory and the databases of this machine.
	runner, err := formattest.New(parse.Options{Formats: in.set})
	if err != nil {
		return out, err
	}
	found := false
	for _, f := range in.set.List() {
		if err := ctx.Err(); err != nil {
			return out, err // half the tests are no result
		}
		if !in.wanted(f.File) {
			continue
		}
		found = true
		out.Rules = append(out.Rules, outcome(f, runner.Run(f)))
	}
	if !found && len(out.Refused) > 0 {
		return tools.TestRun{}, out.Refused
	}
	return out, nil
}

// outcome puts the outcome of one format's tests into lines for people.
func outcome(f *format.Format, results []formattest.Result) tools.RuleTest {
	t := tools.RuleTest{File: f.File, Rule: f.Name()}
	for _, r := range results {
		c := tools.RuleCase{Name: r.Name, Line: r.Line, OK: len(r.Problems) == 0, Took: r.Took}
		for _, p := range r.Problems {
			what := p.What
			if p.Event >= 0 {
				what = fmt.Sprintf("event %d, %s", p.Event+1, p.What)
			}
			c.Diff = append(c.Diff, fmt.Sprintf("- %s: %s   expected", what, p.Want), fmt.Sprintf("+ %s: %s   got", what, p.Got))
		}
		t.Took += r.Took
		t.Cases = append(t.Cases, c)
	}
	return t
}

// List returns the formats that a configuration knows, in the order of their names.
func List(cfg config.Config) ([]*format.Format, fault.List) {
	set, faults := build.Formats(cfg)
	return set.List(), faults
}

// Text is a format with its steps in words.
type Text struct {
	Format        *format.Format
	Steps         []formatdoc.Step
	Known, Vendor []string // fields that it fills
}

// Source is the file of a format, or of shared steps, as it is written.
type Source struct {
	File string
	Doc  []byte
	// Shared are the names of the shared steps that it includes, Others those of the formats of its dataset besides.
	Shared, Others []string
}

// sharedFolder is where shared steps lie in a folder of formats, and how they are named: shared/NAME.
const sharedFolder = "shared/"

// Show finds the file of the format of a dataset, or of dataset/id, or of the shared steps shared/NAME.
func Show(cfg config.Config, name string) (*Source, error) {
	if rest, ok := strings.CutPrefix(name, sharedFolder); ok {
		return showShared(cfg, rest)
	}
	set, _ := build.Formats(cfg)
	f := set.Named(name)
	var others []string
	for _, one := range set.Of(strings.SplitN(name, "/", 2)[0]) {
		if one != f {
			others = append(others, one.Name())
		}
	}
	slices.Sort(others)
	if f == nil {
		e := unknown(name, set.Datasets())
		if len(others) > 0 {
			e.Do = "name one of its formats: " + strings.Join(others, ", ")
		}
		return nil, e
	}
	return source(f.File, others)
}

// showShared looks for shared steps where a format of the user's would find them: in the data folder, then among the shipped ones.
func showShared(cfg config.Config, name string) (*Source, error) {
	for _, dir := range []string{build.Within(cfg, build.FormatsFolder), build.ShippedFormats().Name} {
		if strings.Contains(name, "/") {
			break
		}
		if s, err := source(path.Join(dir, sharedFolder, name+".yaml"), nil); err == nil {
			return s, nil
		}
	}
	var known []string
	list, _ := fs.Glob(build.ShippedFormats().FS, sharedFolder+"*.yaml")
	for _, file := range list {
		known = append(known, strings.TrimSuffix(file, ".yaml"))
	}
	e := unknown(sharedFolder+name, known)
	e.What = fmt.Sprintf("there are no shared steps %s", name)
	return nil, e
}

// source reads a file and finds what it includes.
func source(file string, others []string) (*Source, error) {
	doc, err := readFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading a format: %w", err)
	}
	out := &Source{File: file, Doc: doc, Others: others}
	for _, s := range formatdoc.Describe(file, doc) {
		if s.Kind == "include" && !slices.Contains(out.Shared, s.What) {
			out.Shared = append(out.Shared, s.What)
		}
	}
	slices.Sort(out.Shared)
	return out, nil
}

// Explain finds the formats of a dataset, or the one of dataset/id, and says what each does.
func Explain(cfg config.Config, name string) ([]Text, error) {
	set, _ := build.Formats(cfg)
	var out []Text
	for _, f := range set.List() {
		if f.Dataset != name && f.Name() != name {
			continue
		}
		doc, err := readFile(f.File)
		if err != nil {
			return nil, fmt.Errorf("reading a format: %w", err)
		}
		known, vendor := formatdoc.Fields(f)
		out = append(out, Text{Format: f, Steps: formatdoc.Describe(f.File, doc), Known: known, Vendor: vendor})
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, unknown(name, set.Datasets())
}

// unknown says that a name is none of those that are known, and which is the nearest.
func unknown(name string, known []string) *fault.Error {
	e := &fault.Error{Code: "format-unknown", What: fmt.Sprintf("no format has the dataset %s", name), Do: "all formats: weir formats list", Exit: fault.ExitUsage}
	if near := nearest.Name(name, known); near != "" {
		e.Do = "did you mean `" + near + "`?"
	}
	return e
}
