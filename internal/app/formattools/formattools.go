// Package formattools is the commands that work on format files without a process: list, check, test, explain.
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
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return files{}, &fault.Error{Code: "file-unreadable", What: "a format cannot be read", Where: p, Why: fault.Innermost(err), Do: "name files, or folders of them", Exit: fault.ExitUsage, Cause: err}
		}
		p = filepath.Clean(p)
		if info.IsDir() {
			sources = append(sources, format.Source{Name: p, FS: os.DirFS(p)})
			prefixes = append(prefixes, p+"/")
			continue
		}
		dir := filepath.Dir(p)
		sources = append(sources, format.Source{Name: dir, FS: oneFile{os.DirFS(dir), filepath.Base(p)}})
		prefixes = append(prefixes, path.Join(dir, filepath.Base(p)))
	}
	set, faults := format.Load(sources...)
	return files{set: set, faults: faults, wanted: func(file string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return file == p || strings.HasSuffix(p, "/") && strings.HasPrefix(file, p) })
	}}, nil
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

// mistaken warns of tests whose line another format takes for its own.
func mistaken(f *format.Format, results []formattest.Result) (out fault.List) {
	if len(f.Ways()) == 0 {
		return nil
	}
	for i, r := range results {
		if f.Tests[i].Errors > 0 {
			continue // of a damaged message nobody can say whose it is
		}
		if r.Recognised != "" && r.Recognised != f.Dataset && len(r.Problems) == 0 {
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
	e := &fault.Error{Code: "format-unknown", What: fmt.Sprintf("no format has the dataset %s", name), Do: "all formats: weir formats list", Exit: fault.ExitUsage}
	if near := nearest.Name(name, set.Datasets()); near != "" {
		e.Do = "did you mean `" + near + "`?"
	}
	return nil, e
}
