package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sized is something with a place and a size, so that a measure can name its worst.
type sized struct {
	where string // file, file:line or package
	n     int
}

// tree is what was counted in one module.
type tree struct {
	files       []sized // non-test, lines
	funcs       []sized // non-test functions and methods, lines from func to the closing brace
	packages    []sized // non-test lines
	exported    []sized // names per package: functions, types, consts, vars; methods are not counted
	code, test  int     // lines
	untested    []sized // packages whose tests are under the floor, with the lines that they miss
	comments    int     // lines of non-test files that hold nothing but a comment
	silent      []sized // packages with fewer comments than the floor, with the lines that they miss
	uncommented []sized // exported names without a comment
	names       int     // exported names in all
	families    []string
}

// pkg is what was counted in one folder.
type pkg struct{ lines, tests, names, comments int }

// measure counts the module in root.
func measure(root string) (*tree, error) {
	t := &tree{}
	pkgs := map[string]*pkg{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipFolder(root, path, d)
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return t.add(rel, src, pkgs)
	})
	if err != nil {
		return nil, fmt.Errorf("counting %s: %w", root, err)
	}
	for name, p := range pkgs {
		if p.lines == 0 {
			continue // tests only
		}
		t.packages = append(t.packages, sized{name, p.lines})
		t.exported = append(t.exported, sized{name, p.names})
		if missing := int(minTests*float64(p.lines)) - p.tests; missing > 0 {
			t.untested = append(t.untested, sized{name, missing})
		}
		if missing := int(minComments/100*float64(p.lines)) - p.comments; missing > 0 {
			t.silent = append(t.silent, sized{name, missing})
		}
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, fmt.Errorf("reading the dependencies: %w", err)
	}
	t.families = families(string(mod))
	return t, nil
}

// skipFolder leaves out what is not hand-written here: hidden folders, testdata, vendor and nested modules.
func skipFolder(root, path string, d fs.DirEntry) error {
	name := d.Name()
	if path == root {
		return nil
	}
	if name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

// add counts one file.
func (t *tree) add(rel string, src []byte, pkgs map[string]*pkg) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, rel, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if ast.IsGenerated(file) {
		return nil
	}
	name := filepath.ToSlash(filepath.Dir(rel))
	p := pkgs[name]
	if p == nil {
		p = &pkg{}
		pkgs[name] = p
	}
	lines := countLines(src)
	if strings.HasSuffix(rel, "_test.go") {
		t.test += lines
		p.tests += lines
		return nil
	}
	t.code += lines
	t.files = append(t.files, sized{rel, lines})
	comments := commentLines(fset, file, src)
	t.comments += comments
	p.comments += comments
	t.addDecls(fset, file)

	names, bare := exportedNames(fset, file)
	p.lines += lines
	p.names += names
	t.names += names
	t.uncommented = append(t.uncommented, bare...)
	return nil
}

// addDecls counts the functions of file.
func (t *tree) addDecls(fset *token.FileSet, file *ast.File) {
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		from, to := fset.Position(fn.Pos()), fset.Position(fn.End())
		where := fmt.Sprintf("%s:%d %s", from.Filename, from.Line, fn.Name.Name)
		t.funcs = append(t.funcs, sized{where, to.Line - from.Line + 1})
	}
}

// countLines counts lines as wc does, and a last line without its end as well.
func countLines(src []byte) int {
	n := strings.Count(string(src), "\n")
	if len(src) > 0 && src[len(src)-1] != '\n' {
		n++
	}
	return n
}

// commentLines counts the lines of file that hold a comment and nothing else. Comments behind code are not counted:
// the stricter of the usual ways.
func commentLines(fset *token.FileSet, file *ast.File, src []byte) int {
	rows := strings.Split(string(src), "\n")
	n := 0
	for _, group := range file.Comments {
		for _, c := range group.List {
			from, to := fset.Position(c.Pos()), fset.Position(c.End())
			n += to.Line - from.Line
			before := strings.TrimSpace(rows[from.Line-1][:from.Column-1])
			after := strings.TrimSpace(rows[to.Line-1][to.Column-1:])
			if before == "" && after == "" {
				n++
			}
		}
	}
	return n
}

// exportedNames counts the exported names that file declares and returns those without a comment. A comment on a
// group of consts or vars serves all of the group, a comment behind a name serves that name.
func exportedNames(fset *token.FileSet, file *ast.File) (n int, bare []sized) {
	see := func(id *ast.Ident, docs ...*ast.CommentGroup) {
		if !id.IsExported() {
			return
		}
		n++
		for _, d := range docs {
			if d != nil {
				return
			}
		}
		at := fset.Position(id.Pos())
		bare = append(bare, sized{fmt.Sprintf("%s:%d %s", at.Filename, at.Line, id.Name), 0})
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				see(d.Name, d.Doc)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					see(s.Name, d.Doc, s.Doc, s.Comment)
				case *ast.ValueSpec:
					for _, name := range s.Names {
						see(name, d.Doc, s.Doc, s.Comment)
					}
				}
			}
		}
	}
	return n, bare
}
