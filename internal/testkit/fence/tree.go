// Package fence holds the rules of this project's layout that a compiler does not check: who may import whom, what may
// stand in which folder, and what may stand nowhere. Its test walks the whole tree; a finding fails it.
package fence

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// module is the prefix of our own import paths.
const module = "weir"

// Finding is one broken rule.
type Finding struct {
	Where string // file:line, file or folder, relative to the root
	What  string // which rule, in one sentence
}

// String returns where and what in one line.
func (f Finding) String() string { return f.Where + ": " + f.What }

// goFile is one parsed file of our own module.
type goFile struct {
	path      string // slash-separated, relative to the root
	pkg       string // its folder
	test      bool
	generated bool
	lines     int
	ast       *ast.File
	fset      *token.FileSet
}

// at names a place in the file.
func (f *goFile) at(pos token.Pos) string {
	return fmt.Sprintf("%s:%d", f.path, f.fset.Position(pos).Line)
}

// ours returns the imports of the file that are ours, as folders, with their places.
func (f *goFile) ours() map[string]token.Pos {
	out := map[string]token.Pos{}
	for _, spec := range f.ast.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		if rest, ok := strings.CutPrefix(path, module+"/"); ok {
			out[rest] = spec.Pos()
		}
	}
	return out
}

// source is what the checks look at: all Go files of the module and the text files beside them.
type source struct {
	files []*goFile
	texts map[string][]byte // every readable text file, Go files too, by path
}

// Check walks the tree in root and returns every broken rule, sorted by place.
func Check(root string) ([]Finding, error) {
	src, err := load(root)
	if err != nil {
		return nil, err
	}
	var out []Finding
	for _, check := range []func(*source) []Finding{
		imports, everything, shipped, inits, escapes, untested, fileMap, dependencies, machinePaths,
	} {
		out = append(out, check(src)...)
	}
	slices.SortFunc(out, func(a, b Finding) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out), nil
}

// load reads the tree. Hidden folders other than .ci are left out, and nested modules are read as text only.
func load(root string) (*source, error) {
	src := &source{texts: map[string][]byte{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			return skip(rel, d.Name())
		}
		info, err := d.Info()
		if err != nil || !d.Type().IsRegular() || info.Size() > 4<<20 {
			return err // sockets, links and data files hold no source
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if slices.Contains(text[:min(len(text), 8000)], 0) {
			return nil // a binary
		}
		src.texts[rel] = text
		if !strings.HasSuffix(rel, ".go") || strings.Contains("/"+rel, "/testdata/") || strings.HasPrefix(rel, "tools/") {
			return nil
		}
		return src.parse(rel, text)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the tree: %w", err)
	}
	return src, nil
}

// skip leaves out folders that are not source: version control, and what a weir started here leaves behind.
func skip(rel, name string) error {
	hidden := strings.HasPrefix(name, ".") && rel != "." && name != ".ci"
	if hidden || name == "vendor" || name == "bin" || strings.HasPrefix(name, "weir-") {
		return fs.SkipDir
	}
	return nil
}

// parse adds one Go file.
func (s *source) parse(rel string, text []byte) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	s.files = append(s.files, &goFile{
		path: rel, pkg: folder(rel), test: strings.HasSuffix(rel, "_test.go"), generated: ast.IsGenerated(file),
		lines: strings.Count(string(text), "\n"), ast: file, fset: fset,
	})
	return nil
}

// folder returns the folder of a path, "." for the root.
func folder(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return "."
}

// packages returns the folders that hold Go code which is not a test, sorted.
func (s *source) packages() []string {
	var out []string
	for _, f := range s.files {
		if !f.test {
			out = append(out, f.pkg)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// under tells whether pkg is dir or below it. dir ending in /* means below it only.
func under(pkg, dir string) bool {
	if below, ok := strings.CutSuffix(dir, "/*"); ok {
		return strings.HasPrefix(pkg, below+"/")
	}
	return pkg == dir || strings.HasPrefix(pkg, dir+"/")
}
