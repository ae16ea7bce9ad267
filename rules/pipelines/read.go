package pipelines

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/fault"
	"weir/rules/yamlfile"
)

//go:embed shipped/*.yaml
var shipped embed.FS

// shippedSource is the folder of files that come with weir.
func shippedSource() Source {
	sub, err := fs.Sub(shipped, "shipped")
	if err != nil { // the name is a constant
		return Source{Name: "shipped", FS: shipped}
	}
	return Source{Name: "shipped", FS: sub}
}

// readSource reads every pipeline file of a folder, in the order of names. Hidden files and folders are left alone:
// editors and git keep theirs there. A folder that is not there has no pipelines.
func readSource(src Source) ([]*pipe, fault.List) {
	var pipes []*pipe
	var faults fault.List
	unreadable := func(name string, err error) {
		faults = append(faults, &fault.Error{Code: "pipeline-unreadable", What: "the pipeline file cannot be read", Where: path.Join(src.Name, name), Why: fault.Innermost(err), Exit: fault.ExitFound, Cause: err})
	}
	_ = fs.WalkDir(src.FS, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if !(name == "." && errors.Is(err, fs.ErrNotExist)) {
				unreadable(name, err)
			}
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || path.Ext(name) != ".yaml" && path.Ext(name) != ".yml":
			return nil
		}
		doc, err := readFile(src.FS, name)
		if err != nil {
			unreadable(name, err)
			return nil
		}
		found, bad := parse(path.Join(src.Name, name), doc)
		pipes, faults = append(pipes, found...), append(faults, bad...)
		return nil
	})
	return pipes, faults
}

// readFile returns a file, at most one byte more than it may have.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, yamlfile.MaxSize+1))
}

// Check reads one pipeline file and tells what is wrong with it. It never panics, whatever the bytes are.
func Check(name string, doc []byte) fault.List {
	_, faults := parse(name, doc)
	return faults
}

// parse reads the pipelines of one file. A file with an error gives none.
func parse(name string, doc []byte) ([]*pipe, fault.List) {
	f, docs := documents(name, doc)
	var out []*pipe
	for _, n := range docs {
		if steps, ok := member(n, "transformations"); ok {
			out = append(out, f.pySigma(n, steps)...)
			continue
		}
		out = append(out, f.pipeline(n))
	}
	if f.refused {
		return nil, f.Faults()
	}
	return out, f.Faults()
}

// keys are those of a pipeline, for whom one is misspelt.
var keys = []string{"name", "description", "logsources", "events", "fields", "categories", "fallback"}

// pipeline reads one pipeline.
func (f *file) pipeline(n ast.Node) *pipe {
	p := &pipe{file: f.Name, byCategory: map[string]*names{}}
	f.group("a pipeline", n, func(key string, k, v ast.Node) {
		switch key {
		case "name":
			p.name = f.word("name", v)
		case "description":
			f.word("description", v)
		case "logsources":
			for _, it := range f.items(key, v) {
				p.sources = append(p.sources, f.pattern(it))
			}
		case "events":
			for _, it := range f.items(key, v) {
				p.rows = append(p.rows, f.row(it))
			}
		case "fields":
			f.fields(p, key, v, &p.fields)
		case "categories":
			f.group(key, v, func(category string, _, v ast.Node) {
				into := &names{}
				p.byCategory[strings.ToLower(category)] = into
				f.fields(nil, "a category", v, into)
			})
		case "fallback":
			p.fallback = f.fallback(v)
		default:
			f.unknown(k, key, keys)
		}
	})
	if p.name == "" && !f.refused {
		f.fail(n, "pipeline-value", "add `name: my-pipeline`", "the pipeline has no name")
	}
	if len(p.sources) == 0 && len(p.rows) == 0 && !f.refused {
		f.fail(n, "pipeline-value", "add `logsources:` and say which rules it is for", "the pipeline is for no log source")
	}
	return p
}

// unknown reports a key that does not exist.
func (f *file) unknown(n ast.Node, key string, have []string) {
	f.fail(n, "pipeline-value", "write one of "+strings.Join(have, ", "), "`%s` is no key here", key)
}

// parts are those of a log source.
var parts = []string{"product", "category", "service"}

// pattern reads the log sources that a pipeline is for.
func (f *file) pattern(n ast.Node) pattern {
	var p pattern
	f.group("a log source", n, func(key string, k, v ast.Node) {
		if part := p.part(key); part != nil {
			*part = lower(f.words(key, v))
			return
		}
		f.unknown(k, key, parts)
	})
	return p
}

// part returns the part of a pattern that a key names.
func (p *pattern) part(key string) *[]string {
	switch key {
	case "product":
		return &p.product
	case "category":
		return &p.category
	case "service":
		return &p.service
	}
	return nil
}

// row reads which events are of which log sources: fields with values, and what such events are.
func (f *file) row(n ast.Node) row {
	var r row
	var l pattern
	f.group("an entry of events", n, func(key string, k, v ast.Node) {
		if part := l.part(key); part != nil {
			*part = lower(f.words(key, v))
			return
		}
		field, ok := event.Lookup(key)
		if !ok || field.Type() != ecs.Keyword {
			f.fail(k, "pipeline-field", "use event.dataset, event.code, winlog.channel or another keyword field", "`%s` is no field that tells events apart", key)
			return
		}
		c := cond{field: field, values: lower(f.words(key, v))}
		if len(c.values) == 1 && c.values[0] == "*" {
			c.values = nil
		}
		switch {
		case len(c.values) == 0 && field.Array():
			f.fail(v, "pipeline-value", "write the values", "`%s` is a list in ECS: it needs values", key)
		case slices.ContainsFunc(c.values, func(v string) bool { return len(v) > maxValue }):
			f.fail(v, "pipeline-value", "", "a value of `%s` is longer than %d bytes", key, maxValue)
		}
		r.conds = append(r.conds, c)
	})
	r.labels = labels{l.product, l.category, l.service}
	if len(r.conds) == 0 {
		f.fail(n, "pipeline-value", "add a field, such as event.dataset: system.auth", "the entry says of no field what it must be")
	}
	if len(l.product)+len(l.category)+len(l.service) == 0 {
		f.fail(n, "pipeline-value", "add product, category or service", "the entry does not say what such events are")
	}
	return r
}

// lower returns words in lower case, sorted, each once.
func lower(words []string) []string {
	for i := range words {
		words[i] = strings.ToLower(words[i])
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// fields reads names of Sigma and the paths that they mean. A name that ends in .* stands for all that begin like it.
func (f *file) fields(p *pipe, what string, n ast.Node, into *names) {
	f.group(what, n, func(name string, k, v ast.Node) {
		list := f.words("the field of `"+name+"`", v)
		for _, path := range list {
			f.path(v, strings.TrimSuffix(path, ".*"))
		}
		begins, all := strings.CutSuffix(name, ".*")
		switch {
		case !all && slices.ContainsFunc(list, func(s string) bool { return strings.HasSuffix(s, ".*") }):
			f.fail(v, "pipeline-value", "write .* behind the name too", "`%s` is one name, and cannot stand for many fields", name)
		case !all:
			into.set(name, list)
		case p == nil || len(list) != 1 || !strings.HasSuffix(list[0], ".*"):
			f.fail(v, "pipeline-value", "write `"+name+": some.field.*` below fields", "`%s` stands for many names, and needs one field that ends in .*", name)
		default:
			p.prefixes = append(p.prefixes, prefix{begins + ".", strings.TrimSuffix(list[0], "*")})
		}
	})
}

// path refuses what cannot be the path of a field.
func (f *file) path(n ast.Node, path string) {
	if path == "" || strings.Contains("."+path+".", "..") || strings.ContainsAny(path, " \t{}*\"'") {
		f.fail(n, "pipeline-value", "write it as in process.executable", "`%s` cannot be a field", path)
	}
}

// fallback reads what becomes of names that fields does not have: a path with {} where the name goes.
func (f *file) fallback(n ast.Node) string {
	s := f.word("fallback", n)
	if before, after, ok := strings.Cut(s, "{}"); !ok || strings.Contains(after, "{}") {
		f.fail(n, "pipeline-value", "write it as in winlog.event_data.{}", "`%s` has no single {} for the name", s)
	} else {
		f.path(n, before+"x"+after)
	}
	return s
}

// String returns a pattern as people write it.
func (p pattern) String() string {
	return fmt.Sprintf("%s/%s/%s", strings.Join(p.product, "+"), strings.Join(p.category, "+"), strings.Join(p.service, "+"))
}
