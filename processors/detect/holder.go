package detect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/rules"
	"weir/rules/pipelines"
)

// Loaded is what an engine is made of, as one reading of the folders found it.
type Loaded struct {
	Set   *rules.Set
	Lists match.Lists
	// Nil: the shipped ones.
	Pipes *pipelines.Set
	// Folder is the user's, as it stands before the names of files; what is broken is counted there. The shipped rules
	// beside it always load, and would make any folder look sound.
	Folder string
	// Missing says that there is no such folder.
	Missing bool
}

// Version is one rule set with its engine, as it was put in place. It is immutable but for the engine's counters.
type Version struct {
	*Engine
	// Set holds the rules that run, and those that are switched off. Its hash is that of the version.
	Set *rules.Set
	// Lost are the rules that ought to run and do not, each once, by id.
	Lost []string
	// Refused are the places of the rules that were refused when the set was read.
	Refused []string
	Lists   match.Lists
	pipes   *pipelines.Set
}

// Hash names the version: that of the set, and another one where rules of it do not run. Marks in the stream and records
// of coverage carry it, so it must not say more than is true.
func (v *Version) Hash() string { return v.Set.Hash }

// Class is the class of an event by its log source; it holds for this version.
func (v *Version) Class(e *event.Event) uint32 { return uint32(v.pipes.Classify(e)) }

// ClassName is the log sources of a class: products, categories and services with slashes between them.
func (v *Version) ClassName(class uint32) string { return v.pipes.Describe(pipelines.Class(class)) }

// Holder is the version of the moment. Workers ask it once for each batch; a reload builds the new engine beside the old
// one, swaps the two, and nobody waits. It is safe for many goroutines.
type Holder struct {
	now atomic.Pointer[Version]

	// mu keeps reloads apart: each begins with the rules that the one before it left.
	mu sync.Mutex
	// last is the set as it was loaded: with the rules that do not run, since a later load may mend what they lack.
	last *rules.Set
}

// Now returns the version of the moment, nil before the first Reload.
func (h *Holder) Now() *Version { return h.now.Load() }

// Load returns the engine of the moment, nil before the first Reload.
func (h *Holder) Load() *Engine {
	if v := h.now.Load(); v != nil {
		return v.Engine
	}
	return nil
}

// Rules returns the set as it was loaded last, nil before the first Reload.
func (h *Holder) Rules() *rules.Set {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// Signals asks the engine of the moment; without one there are no signals.
func (h *Holder) Signals(e *event.Event, src record.Pos) []signal.Signal {
	if v := h.now.Load(); v != nil {
		return v.Signals(e, src)
	}
	return nil
}

// Hash is that of the version of the moment, empty without one.
func (h *Holder) Hash() string {
	if v := h.now.Load(); v != nil {
		return v.Hash()
	}
	return ""
}

// Reload loads rules and lists and swaps the engine; before is called with the new version right before the swap, so that
// who reads the signals knows a rule before the first one comes. It may be nil. Reload may be called at any time and from
// any goroutine.
//
// If load cannot read them at all, or so much is broken that the folder cannot be meant like this, the old engine goes on
// and the error says why. A file with a mistake keeps the rules that it had before; the faults say what is wrong.
func (h *Holder) Reload(load func() (Loaded, error), before func(*Version)) (fault.List, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l, err := load()
	if err != nil {
		return nil, err
	}
	if broken := l.broken(h.last); broken != nil {
		return l.Set.Faults, broken
	}
	set := l.Set.Keep(h.last)
	v, faults := newVersion(set, l)
	if before != nil {
		before(v)
	}
	h.last = set
	h.now.Store(v)
	return append(append(fault.List{}, set.Faults...), faults...), nil
}

// newVersion makes the engine of a set. Rules that cannot run are taken out of the version's set: correlate must not wait
// for their signals, and nobody may read from a hash that they ran.
func newVersion(set *rules.Set, l Loaded) (*Version, fault.List) {
	engine, faults := New(set, l.Lists, l.Pipes)
	v := &Version{Engine: engine, Set: set, Lists: l.Lists, pipes: l.Pipes}
	if v.pipes == nil {
		v.pipes = pipelines.Shipped()
	}
	for _, f := range set.Faults {
		if !f.Warn {
			v.Refused = append(v.Refused, f.Where)
		}
	}
	runs := make(map[string]bool, engine.Len())
	for _, r := range engine.Rules() {
		runs[r.ID] = true
	}
	for _, r := range set.Rules {
		if r.Enabled && !runs[r.ID] {
			v.Lost = append(v.Lost, r.ID)
		}
	}
	if len(v.Lost) == 0 {
		return v, faults
	}
	slices.Sort(v.Lost)
	rest := *set
	rest.Rules = slices.DeleteFunc(slices.Clone(set.Rules), func(r *rules.Rule) bool { return r.Enabled && !runs[r.ID] })
	sum := sha256.Sum256(fmt.Appendf(nil, "%s without %q", set.Hash, v.Lost))
	rest.Hash = hex.EncodeToString(sum[:16])
	v.Set = &rest
	return v, faults
}

// broken tells whether what was read can be meant: not where the folder is gone, and not where several files that ran are
// refused at once and these are all, or more than half. A half-finished copy or a change of format looks like that, and
// the rules of hundreds of files must not depend on it.
func (l Loaded) broken(old *rules.Set) error {
	ran := files(old, l.Folder)
	if len(ran) == 0 {
		return nil
	}
	if l.Missing {
		return &fault.Error{Code: "rules-kept", What: "the rules folder is gone: the present rules go on", Where: l.Folder,
			Why: fmt.Sprintf("rules of %d files in it run", len(ran)), Do: "put it back; to run without rules, leave the folder empty", Exit: fault.ExitFound}
	}
	var first *fault.Error
	refused := 0
	for _, name := range ran {
		i := slices.IndexFunc(l.Set.Faults, func(f *fault.Error) bool { return !f.Warn && concernsFile(f.Where, name) })
		if i < 0 {
			continue
		}
		refused++
		if first == nil {
			first = l.Set.Faults[i]
		}
	}
	if refused < 2 || 2*refused <= len(ran) {
		return nil
	}
	return &fault.Error{Code: "rules-kept", What: fmt.Sprintf("the rules folder is broken: %d of %d files that run are refused, so the present rules go on", refused, len(ran)),
		Where: l.Folder, Why: "the first is " + first.Where + ": " + first.What, Do: "weir rules check " + l.Folder + "; the folder is read again when a file in it changes", Exit: fault.ExitFound, Cause: first}
}

// files returns the files in a folder from which rules of a set came.
func files(set *rules.Set, folder string) []string {
	if set == nil || folder == "" {
		return nil
	}
	folder = path.Clean(filepath.ToSlash(folder)) // as rules.Load writes names
	seen := map[string]bool{}
	var out []string
	for _, r := range set.Rules {
		if !seen[r.File] && strings.HasPrefix(r.File, folder+"/") {
			seen[r.File] = true
			out = append(out, r.File)
		}
	}
	return out
}

// concernsFile tells whether the place of a fault is a file, something in it, or a folder that it lies in.
func concernsFile(where, file string) bool {
	return where == file || strings.HasPrefix(where, file+":") || strings.HasPrefix(file, where+"/")
}
