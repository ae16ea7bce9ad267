package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"weir/internal/fault"
	"weir/rules/exceptions"
)

// Limits of one rule file.
const (
	maxConditions = 1000
	maxDocuments  = 1000
)

// Set is the outcome of one load: the rules that can run and what is wrong with the others. It is immutable.
type Set struct {
	// In the order of sources, files and documents; disabled rules too.
	Rules []*Rule
	// Errors and warnings; a rule with an error is not in Rules.
	Faults fault.List
	// Of ids and hashes of the rules and of their exceptions: equal sets detect the same.
	Hash string
	// Exceptions take events out of rules; nil: there are none.
	Exceptions *exceptions.List
	// Files read.
	Files int

	// Files with an error.
	refused map[string]bool
}

// LoadDir loads the rule files of a folder and the folders below it. The error tells that the folder itself cannot be
// read; everything else is in the set's faults.
func LoadDir(dir string, opts Options) (*Set, error) {
	if _, err := os.ReadDir(dir); err != nil {
		return nil, unreadable(dir, err)
	}
	return Load(opts, Source{Name: dir, FS: os.DirFS(dir)}), nil
}

// LoadFS loads the rule files of one source.
func LoadFS(fsys fs.FS, name string, opts Options) *Set {
	return Load(opts, Source{Name: name, FS: fsys})
}

// Load loads the rule files (.yaml, .yml) of several sources into one set, native ones and Sigma's. A rule whose id was
// seen before is refused, so what comes first wins; a Sigma filter is for the rules of all sources.
func Load(opts Options, sources ...Source) *Set {
	var files []*found
	for _, src := range sources {
		files = append(files, walk(src)...)
	}
	parallel(len(files), func(i int) { files[i].load(opts) })
	var readable []*source
	for _, f := range files {
		if f.src != nil {
			readable = append(readable, f.src)
		}
	}
	finish(readable, opts)
	s := &Set{refused: map[string]bool{}}
	// Over all sources: alert ids and state go by the id alone.
	seen := map[string]*Rule{}
	for _, f := range files {
		s.add(f, seen)
	}
	s.Hash = s.hash()
	return s
}

// add takes the rules of one file into the set. seen has the rules of all files before it, by id.
func (s *Set) add(f *found, seen map[string]*Rule) {
	if f.refused {
		s.refused[f.shown] = true
	}
	if f.fault != nil {
		s.Faults = append(s.Faults, f.fault)
		return
	}
	s.Files++
	faults := f.src.Faults()
	for _, r := range f.src.rules() {
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
		s.refused[f.shown] = true
	}
	s.Faults = append(s.Faults, faults...)
}

// HasErrors tells whether a list has faults that are more than warnings.
func HasErrors(list fault.List) bool {
	return slices.ContainsFunc(list, func(e *fault.Error) bool { return !e.Warn })
}

// Keep returns s with those rules of old added that came from files which now have an error: while somebody edits a
// file, the rules in it go on as they were. So do the rules that a filter of such a file was for: without it they would
// raise alerts that nobody wants.
func (s *Set) Keep(old *Set) *Set {
	if old == nil {
		return s
	}
	if kept := s.Exceptions.Keep(old.Exceptions); kept != s.Exceptions {
		s = s.except(kept)
	}
	if len(s.refused) == 0 {
		return s
	}
	have := map[string]int{}
	for i, r := range s.Rules {
		have[r.ID] = i
	}
	// Sets are immutable: s may be in use already.
	out := *s
	out.Rules = slices.Clone(s.Rules)
	for _, r := range old.Rules {
		i, ok := have[r.ID]
		switch {
		// A rule that moved to a file without a mistake counts as it stands there.
		case !ok && s.refused[r.File]:
			out.Rules = append(out.Rules, r)
		case ok && (s.lostFilter(r, s.Rules[i]) || s.lostUse(r, old, have)):
			out.Rules[i] = r
		}
	}
	out.Hash = out.hash()
	return &out
}

// Except returns s with exceptions, and with what is to be said about them.
func (s *Set) Except(list *exceptions.List) *Set {
	out := s.except(list)
	if list == nil {
		return out
	}
	var ids []string
	for _, r := range s.Rules {
		if r.Enabled {
			ids = append(ids, r.ID)
		}
	}
	out.Faults = slices.Concat(s.Faults, list.Faults, list.Doubts(ids))
	return out
}

// except returns s with exceptions. What they change is whether an event makes a signal, which state of rules does not
// depend on, but who says what ran must be able to tell.
func (s *Set) except(list *exceptions.List) *Set {
	out := *s
	out.Exceptions = list
	out.Hash = out.hash()
	return &out
}

// lostFilter tells whether a rule is without a filter now because the filter's file has an error.
func (s *Set) lostFilter(was, is *Rule) bool {
	return slices.ContainsFunc(was.filtered, func(file string) bool { return s.refused[file] && !slices.Contains(is.filtered, file) })
}

// lostUse tells whether a rule was part of a correlation that is kept although its file has an error now: by itself it would
// raise alerts that nobody wants.
func (s *Set) lostUse(was *Rule, old *Set, have map[string]int) bool {
	return slices.ContainsFunc(was.UsedBy, func(id string) bool {
		_, ok := have[id]
		by := old.Rule(id)
		return !ok && by != nil && s.refused[by.File]
	})
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
	if s.Exceptions != nil && s.Exceptions.Hash != "" {
		fmt.Fprintf(h, "exceptions %q\n", s.Exceptions.Hash)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
