// Package saved keeps searches in files, one each: searches/NAME.yaml of the data folder. weir brings some of its own,
// which a file of the same name replaces.
package saved

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"weir/internal/control/searching"
	"weir/internal/fault"
	"weir/internal/keep"
	"weir/internal/nearest"
	"weir/internal/query"
	"weir/internal/term"
)

//go:embed shipped/*.yaml
var shipped embed.FS

// Folder is where saved searches are, below the data folder.
const Folder = "searches"

// Bounds on what is read: a saved search is written by a person.
const (
	maxFile  = 64 << 10
	maxFiles = 1000
	maxName  = 60
)

// Load returns all saved searches in the order of their names, and a fault for each file that is none. One bad file does
// not keep the others from being used.
func Load(dataDir string) ([]searching.Saved, fault.List) {
	by := map[string]searching.Saved{}
	var bad fault.List
	entries, err := shipped.ReadDir("shipped")
	if err != nil {
		panic("BUG: no shipped searches: " + err.Error())
	}
	for _, en := range entries {
		b, err := shipped.ReadFile(path.Join("shipped", en.Name()))
		if err != nil {
			panic("BUG: a shipped search cannot be read: " + err.Error())
		}
		s, f := Parse(en.Name(), b)
		if f != nil {
			panic("BUG: a shipped search is none: " + f.Error())
		}
		s.Shipped = true
		by[s.Name] = s
	}
	dir := filepath.Join(dataDir, Folder)
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		bad = append(bad, unreadable(dir, err))
	}
	for i, en := range files {
		if i == maxFiles {
			bad = append(bad, &fault.Error{Code: "saved-search", What: fmt.Sprintf("only the first %d files are read", maxFiles), Where: dir, Do: "remove those that nobody needs", Exit: fault.ExitUsage})
			break
		}
		if en.IsDir() || filepath.Ext(en.Name()) != ".yaml" || strings.HasPrefix(en.Name(), ".") {
			continue
		}
		s, f := read(filepath.Join(dir, en.Name()))
		if f != nil {
			bad = append(bad, f)
			continue
		}
		by[s.Name] = s
	}
	out := make([]searching.Saved, 0, len(by))
	for _, s := range by {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b searching.Saved) int { return strings.Compare(a.Name, b.Name) })
	return out, bad
}

// read reads one file.
func read(file string) (searching.Saved, *fault.Error) {
	info, err := os.Stat(file)
	if err == nil && info.Size() > maxFile {
		return searching.Saved{}, &fault.Error{Code: "saved-search", What: "a saved search is not this long", Where: file, Why: fmt.Sprintf("%d bytes, and at most %d are read", info.Size(), maxFile), Exit: fault.ExitUsage}
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(file)
	}
	if err != nil {
		return searching.Saved{}, unreadable(file, err)
	}
	return Parse(file, b)
}

func unreadable(where string, err error) *fault.Error {
	return &fault.Error{Code: "saved-search", What: "a saved search cannot be read", Where: where, Why: fault.Innermost(err), Exit: fault.ExitUsage, Cause: err}
}

// Parse reads a saved search and holds it to all rules: a key that nobody knows is an error, as is a query or time that
// cannot be read. The name is that of the file.
func Parse(file string, b []byte) (searching.Saved, *fault.Error) {
	name := strings.TrimSuffix(filepath.Base(file), ".yaml")
	var s searching.Saved
	dec := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict(), yaml.DisallowUnknownField())
	if err := dec.Decode(&s); err != nil {
		return s, &fault.Error{Code: "saved-search", What: "this is no saved search", Where: file, Why: yaml.FormatError(err, false, false), Do: "keys: title, title.ko, query, from, to, sort, size, fields, count_by, histogram", Exit: fault.ExitUsage, Cause: err}
	}
	if s.Name == "" {
		s.Name = name
	}
	if s.Name != name {
		return s, &fault.Error{Code: "saved-search", What: "the name in the file is not that of the file", Where: file, Why: "name: " + s.Name, Do: "leave `name` out, or rename the file", Exit: fault.ExitUsage}
	}
	return s, check(file, s)
}

// check holds a search to the rules.
func check(where string, s searching.Saved) *fault.Error {
	wrong := func(what, why, do string) *fault.Error {
		return &fault.Error{Code: "saved-search", What: what, Where: where, Why: why, Do: do, Exit: fault.ExitUsage}
	}
	if s.Name == "" || len(s.Name) > maxName || strings.Trim(s.Name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" || s.Name[0] == '.' || s.Name[0] == '-' {
		return wrong("this is no name for a saved search", "name: "+s.Name, fmt.Sprintf("use up to %d of a-z 0-9 - _ .", maxName))
	}
	if _, err := query.Parse(s.Query); err != nil {
		f, ok := errors.AsType[*fault.Error](err)
		if !ok {
			return wrong("the query cannot be read", err.Error(), "")
		}
		g := *f // the caret stays, the place becomes the file
		g.Where = where + ", query"
		return &g
	}
	now := time.Now()
	for key, v := range map[string]string{"from": s.From, "to": s.To} {
		if v == "" {
			continue
		}
		if _, err := term.ParseTime(v, now, time.UTC); err != nil {
			return wrong("`"+key+"` is no time", v, "forms: weir help time")
		}
	}
	switch {
	case s.Size < 0 || s.Size > searching.MaxSize:
		return wrong("`size` is out of range", fmt.Sprint(s.Size), fmt.Sprintf("0 to %d", searching.MaxSize))
	case len(s.CountBy) > searching.MaxCountBy:
		return wrong("`count_by` has too many fields", strings.Join(s.CountBy, ", "), fmt.Sprintf("name %d at most", searching.MaxCountBy))
	case slices.Contains(s.CountBy, "") || slices.Contains(s.Fields, ""):
		return wrong("a field has no name", "count_by and fields are lists of names", "")
	}
	return nil
}

// Find returns the search of a name.
func Find(list []searching.Saved, bad fault.List, name string) (searching.Saved, error) {
	for _, s := range list {
		if s.Name == name {
			return s, nil
		}
	}
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
	}
	for _, f := range bad {
		if strings.HasPrefix(filepath.Base(f.Where), name+".yaml") {
			return searching.Saved{}, f
		}
	}
	e := &fault.Error{Code: "saved-search", What: "there is no saved search of this name", Where: name, Do: "weir search --list", Exit: fault.ExitUsage}
	if n := nearest.Name(name, names); n != "" {
		e.Do = "did you mean `" + n + "`? weir search --list"
	}
	return searching.Saved{}, e
}

// Save keeps a search in a file that is there whole or not at all.
func Save(dataDir string, s searching.Saved, replace bool) (searching.Saved, error) {
	file := filepath.Join(dataDir, Folder, s.Name+".yaml")
	s.Shipped = false
	if f := check(file, s); f != nil {
		return s, f
	}
	if _, err := os.Stat(file); err == nil && !replace {
		return s, &fault.Error{Code: "saved-search", What: "there is a saved search of this name", Where: file, Do: "take another name, or edit or remove the file", Exit: fault.ExitUsage}
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return s, fmt.Errorf("making the folder of saved searches: %w", err)
	}
	out := s
	out.Name = "" // the file has it
	b, err := yaml.Marshal(out)
	if err != nil {
		return s, fmt.Errorf("writing a saved search: %w", err)
	}
	if err := keep.WriteFile(file, b); err != nil {
		return s, fmt.Errorf("writing a saved search: %w", err)
	}
	return s, nil
}
