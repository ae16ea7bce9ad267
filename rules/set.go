package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"weir/internal/fault"
	"weir/internal/match"
)

// Limits of one rule file.
const (
	maxFile       = 1 << 20
	maxConditions = 1000
	maxDocuments  = 1000
)

// Set is the outcome of one load: the rules that can run and what is wrong with the others. It is immutable.
type Set struct {
	// In the order of sources, files and documents; disabled rules too.
	Rules []*Rule
	// Errors and warnings; a rule with an error is not in Rules.
	Faults fault.List
	// Of ids and hashes of the rules: equal sets detect the same.
	Hash string
	// Files read.
	Files int

	// Files with an error.
	refused map[string]bool
}

// Source is one folder of rule files.
type Source struct {
	// What stands before a file's name in messages: rules, shipped.
	Name string
	FS   fs.FS
}

// LoadDir loads the rule files of a folder and the folders below it. The error tells that the folder itself cannot be
// read; everything else is in the set's faults.
func LoadDir(dir string, lists match.Lists) (*Set, error) {
	if _, err := os.ReadDir(dir); err != nil {
		return nil, unreadable(dir, err)
	}
	return Load(lists, Source{Name: dir, FS: os.DirFS(dir)}), nil
}

// LoadFS loads the rule files of one source.
func LoadFS(fsys fs.FS, name string, lists match.Lists) *Set {
	return Load(lists, Source{Name: name, FS: fsys})
}

// Load loads the rule files (.yaml, .yml) of several sources into one set. A rule whose id was seen before is refused,
// so what comes first wins.
func Load(lists match.Lists, sources ...Source) *Set {
	s := &Set{refused: map[string]bool{}}
	// Over all sources: alert ids and state go by the id alone.
	seen := map[string]*Rule{}
	for _, src := range sources {
		s.walk(src, lists, seen)
	}
	s.Hash = s.hash()
	return s
}

// walk reads every rule file of a source, in the order of names, so that the first of two equal ids is always the same.
// What cannot be read is noted and passed over. Hidden files and folders are left alone: editors and git keep theirs there.
func (s *Set) walk(src Source, lists match.Lists, seen map[string]*Rule) {
	err := fs.WalkDir(src.FS, ".", func(name string, d fs.DirEntry, err error) error {
		// Names in messages have slashes on every system, and are what Keep compares by.
		shown := filepath.ToSlash(path.Join(src.Name, name))
		switch {
		case err != nil:
			s.Faults = append(s.Faults, unreadable(shown, err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || !isRuleFile(name):
			return nil
		}
		doc, err := read(src.FS, name)
		if err != nil {
			s.refused[shown] = true
			s.Faults = append(s.Faults, unreadable(shown, err))
			return nil
		}
		s.Files++
		s.add(shown, doc, lists, seen)
		return nil
	})
	if err != nil {
		s.Faults = append(s.Faults, unreadable(src.Name, err))
	}
}

// isRuleFile tells whether a file holds rules. exceptions.yaml is the user's list of exceptions, not a rule.
func isRuleFile(name string) bool {
	ext := path.Ext(name)
	return (ext == ".yaml" || ext == ".yml") && path.Base(name) != "exceptions.yaml"
}

// read returns a file, at most one byte more than a rule file may have.
func read(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// add takes the rules of one file into the set. seen has the rules of all files before it, by id.
func (s *Set) add(name string, doc []byte, lists match.Lists, seen map[string]*Rule) {
	list, faults := Parse(name, doc, lists)
	for _, r := range list {
		first := seen[r.ID]
		// The first one wins and the second is told: two rules of one id would share their state.
		if first == nil {
			seen[r.ID] = r
			s.Rules = append(s.Rules, r)
			continue
		}
		faults = append(faults, &fault.Error{Code: "rule-duplicate", What: fmt.Sprintf("the id `%s` is used twice", r.ID),
			Where: fmt.Sprintf("%s:%d", r.File, r.Line), Why: fmt.Sprintf("it is the rule of %s:%d already, and that one runs", first.File, first.Line),
			Do: "give this rule an id of its own", Exit: fault.ExitFound})
	}
	if HasErrors(faults) {
		s.refused[name] = true
	}
	s.Faults = append(s.Faults, faults...)
}

// HasErrors tells whether a list has faults that are more than warnings.
func HasErrors(list fault.List) bool {
	return slices.ContainsFunc(list, func(e *fault.Error) bool { return !e.Warn })
}

// Keep returns s with those rules of old added that came from files which now have an error: while somebody edits a
// file, the rules in it go on as they were.
func (s *Set) Keep(old *Set) *Set {
	if old == nil || len(s.refused) == 0 {
		return s
	}
	have := map[string]bool{}
	for _, r := range s.Rules {
		have[r.ID] = true
	}
	// Sets are immutable: s may be in use already.
	out := *s
	out.Rules = slices.Clone(s.Rules)
	for _, r := range old.Rules {
		// A rule that moved to a file without a mistake counts as it stands there.
		if s.refused[r.File] && !have[r.ID] {
			out.Rules = append(out.Rules, r)
		}
	}
	out.Hash = out.hash()
	return &out
}

// Rule returns the rule of an id, nil if there is none.
func (s *Set) Rule(id string) *Rule {
	for _, r := range s.Rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// hash does not depend on the order of files or on texts: two sets with the same hash make the same signals.
func (s *Set) hash() string {
	list := slices.Clone(s.Rules)
	slices.SortFunc(list, func(a, b *Rule) int { return cmp.Compare(a.ID, b.ID) })
	h := sha256.New()
	for _, r := range list {
		fmt.Fprintf(h, "%q %q %v\n", r.ID, r.Hash, r.Enabled)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// unreadable turns an error of the file system into a fault that says what to do, where that is known.
func unreadable(where string, err error) *fault.Error {
	f := &fault.Error{Code: "rules-unreadable", What: "the rules cannot be read", Where: where, Cause: err, Exit: fault.ExitMissing}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Why, f.Do = "there is no such folder", "mkdir -p "+where
	case errors.Is(err, fs.ErrPermission):
		f.Why, f.Do = "this user may not read it", "chmod u+rX "+where
	default:
		f.Why = err.Error()
		// The path stands in Where already.
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			f.Why = pe.Err.Error()
		}
	}
	return f
}
