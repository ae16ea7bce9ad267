package fence

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// inits finds init functions: components are wired in one table, where a reader can see them.
func inits(s *source) []Finding {
	var out []Finding
	for _, f := range s.files {
		if f.generated {
			continue
		}
		for _, decl := range f.ast.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && fn.Recv == nil && fn.Name.Name == "init" {
				out = append(out, Finding{f.at(fn.Pos()), "func init() is not used here; wire it in internal/app"})
			}
		}
	}
	return out
}

// escapes finds terminal control sequences in string literals outside internal/term. Tests are free: they write hostile
// text on purpose.
func escapes(s *source) []Finding {
	var out []Finding
	for _, f := range s.files {
		if f.test || f.generated || under(f.pkg, "internal/term") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if text, err := strconv.Unquote(lit.Value); err == nil && strings.Contains(text, "\x1b"+"[") {
				out = append(out, Finding{f.at(lit.Pos()), "a terminal control sequence; only internal/term writes them"})
			}
			return true
		})
	}
	return out
}

// fileMap finds packages that DESIGN.md does not name.
func fileMap(s *source) []Finding {
	text, ok := s.texts["DESIGN.md"]
	if !ok {
		return []Finding{{"DESIGN.md", "is missing; it holds the map of all packages"}}
	}
	var out []Finding
	for _, pkg := range s.packages() {
		if !named(string(text), pkg) {
			out = append(out, Finding{pkg, "is not in the file map of DESIGN.md; add it with one line of what it is for"})
		}
	}
	return out
}

// dependencies finds direct requirements that CONTRIBUTING.md gives no reason for.
func dependencies(s *source) []Finding {
	text := string(s.texts["CONTRIBUTING.md"])
	var out []Finding
	for i, line := range strings.Split(string(s.texts["go.mod"]), "\n") {
		path, rest, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "require ")), " ")
		isModule := ok && strings.HasPrefix(rest, "v") && strings.Contains(path, ".")
		if !isModule || strings.Contains(rest, "// indirect") || named(text, path) {
			continue
		}
		out = append(out, Finding{fmt.Sprintf("go.mod:%d", i+1), path + " has no reason in CONTRIBUTING.md"})
	}
	return out
}

// named tells whether text names path as a whole, not as the beginning or the end of a longer one.
func named(text, path string) bool {
	inside := func(c byte) bool {
		return c == '/' || c == '-' || c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	for at := 0; ; {
		i := strings.Index(text[at:], path)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(path)
		rest := strings.TrimPrefix(text[to:], "/") // a folder may be written with its slash
		// A full stop ends a sentence unless a name goes on behind it.
		rest = strings.TrimPrefix(rest, ".")
		if (from == 0 || !inside(text[from-1])) && (rest == "" || !inside(rest[0])) {
			return true
		}
		at = to
	}
}

// developer matches paths that exist only on the machine of whoever wrote them.
var developer = regexp.MustCompile(`(?:/home|/Users)/[a-z0-9_.-]+/(?:go|src|work|dev|code|git|projects?|Documents|Desktop|\.cache)/` +
	`|/root/(?:go|src|work|\.cache)/` +
	`|/(?:work|workspace|builds?)/(?:main|shared|weir|src)\b` +
	`|[A-Z]:\\Users\\[A-Za-z]`)

// machinePaths finds such paths in every text file. Lines of sample logs hold paths of their own kind and do not match.
func machinePaths(s *source) []Finding {
	var out []Finding
	for path, text := range s.texts {
		if strings.HasPrefix(path, "internal/testkit/fence/") {
			continue // the pattern and its tests
		}
		for i, line := range strings.Split(string(text), "\n") {
			if m := developer.FindString(line); m != "" {
				out = append(out, Finding{fmt.Sprintf("%s:%d", path, i+1),
					fmt.Sprintf("%q is a path of one developer's machine; say it relative to the root", m)})
			}
		}
	}
	return out
}
