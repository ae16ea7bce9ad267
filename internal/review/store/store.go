// Package store keeps reviews while people work on them, and as they were signed, in files of the data folder.
//
//	reviews/ID/draft.json    the facts as they were drafted, without what people wrote
//	reviews/ID/work.json     comments, decisions and signatures, with a version that every change raises
//	reviews/ID/signed.json   the whole in its canonical form, once every system is signed
//
// # Two people at once
//
// Who changes a review names the version that they saw. Where somebody was quicker the change is refused and says so: a
// comment on something that was changed meanwhile may mean something else.
//
// # What a signature ends
//
// A part that is signed is closed: no comment and no decision is taken any more. When every system is signed the review is
// closed and its bytes never change; a mistake in it is corrected by another review that names it.
package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/internal/fault"
	"weir/internal/keep"
	"weir/internal/review"
)

// Store is the reviews of a data folder. Any goroutine may call its methods; one process writes.
type Store struct {
	dir string
	mu  sync.Mutex
}

// Open opens the reviews of a folder (DATA/reviews), which need not be there.
func Open(dir string) *Store { return &Store{dir: dir} }

// work is what people did with a draft.
type work struct {
	V          int                          `json:"v"`
	Version    int                          `json:"version"`
	Nr         int                          `json:"nr"`                  // of the last comment
	Comments   map[string][]review.Comment  `json:"comments,omitempty"`  // by system, "" for the whole
	Decisions  map[string][]review.Decision `json:"decisions,omitempty"` // by system and event
	Signatures []review.Signature           `json:"signatures,omitempty"`
	// Sealed says that the archive has it, with the number of its leaf.
	Sealed *Sealed `json:"sealed,omitempty"`
}

// Sealed is where a signed review lies in the archive.
type Sealed struct {
	At     time.Time `json:"at"`
	Path   string    `json:"path"`
	SHA256 string    `json:"sha256"`
	Seq    uint64    `json:"seq"` // line of the manifest
}

// View is a review as it stands.
type View struct {
	Version int           `json:"version"`
	Facts   *review.Facts `json:"facts"`
	Sealed  *Sealed       `json:"sealed,omitempty"`
}

var ids = regexp.MustCompile(`^[0-9]{4}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?(-[A-Za-z0-9][A-Za-z0-9_-]{0,60})?(\.[0-9]{1,3})?$`)

// plain are names of systems that stand in an id as they are.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$`)

// slug is a system in an id, which names folders and files: a name of other letters keeps those of ASCII, and gets the beginning of
// its hash behind them.
func slug(system string) string {
	if plain.MatchString(system) {
		return system
	}
	kept := strings.Trim(regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(system, "-"), "-")
	sum := sha256.Sum256([]byte(system))
	return strings.TrimPrefix(kept[:min(len(kept), 40)]+"-"+hex.EncodeToString(sum[:4]), "-")
}

// ID is the id of a review: its period, the system if it is about one only, and the number of a correction.
func ID(period, system string, revision int) string {
	id := period
	if system != "" {
		id += "-" + slug(system)
	}
	if revision > 1 {
		id += fmt.Sprintf(".%d", revision)
	}
	return id
}

// path is the file of a review. An id that is none leads nowhere.
func (s *Store) path(id, name string) (string, error) {
	if !ids.MatchString(id) {
		return "", unknown(id)
	}
	return filepath.Join(s.dir, id, name), nil
}

func unknown(id string) error {
	return &fault.Error{Code: "review-unknown", What: fmt.Sprintf("there is no review %q", id), Do: "weir review status lists them; weir review open --month 2026-10 begins one", Exit: fault.ExitUsage}
}

// List returns the ids of the reviews, oldest period first.
func (s *Store) List() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, s.broken(s.dir, err)
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() || !ids.MatchString(e.Name()) {
			continue
		}
		if _, err := os.Stat(filepath.Join(s.dir, e.Name(), "draft.json")); err == nil {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

func (s *Store) broken(where string, err error) error {
	return &fault.Error{Code: "review-store", What: "the reviews cannot be read or written", Where: where, Why: fault.Innermost(err), Do: "give this user the folder; a damaged file comes back from a copy, a signed review also from the archive", Exit: fault.ExitMissing, Cause: err}
}

// Mark changes whenever a review does: who has looked at one need not read it again before its mark is another.
func (s *Store) Mark(id string) string {
	var mark strings.Builder
	for _, name := range []string{"draft.json", "work.json"} {
		path, err := s.path(id, name)
		if err != nil {
			return ""
		}
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintf(&mark, "%d/%d ", info.ModTime().UnixNano(), info.Size())
		}
	}
	return mark.String()
}

// Get returns a review with all that people wrote put in its place.
func (s *Store) Get(id string) (View, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.get(id)
}

func (s *Store) get(id string) (View, error) {
	f, w, err := s.load(id)
	if err != nil {
		return View{}, err
	}
	return View{Version: w.Version, Facts: merge(f, w), Sealed: w.Sealed}, nil
}

// load reads both files of a review.
func (s *Store) load(id string) (*review.Facts, *work, error) {
	f, w := &review.Facts{}, &work{V: 1}
	for name, to := range map[string]any{"draft.json": f, "work.json": w} {
		path, err := s.path(id, name)
		if err != nil {
			return nil, nil, err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			if name == "draft.json" {
				return nil, nil, unknown(id)
			}
			continue // nobody has written anything yet
		}
		if err == nil {
			err = json.Unmarshal(b, to)
		}
		if err != nil {
			return nil, nil, s.broken(path, err)
		}
	}
	if f.ID != id {
		return nil, nil, s.broken(filepath.Join(s.dir, id), fmt.Errorf("the draft is of the review %q", f.ID))
	}
	if w.Comments == nil {
		w.Comments = map[string][]review.Comment{}
	}
	if w.Decisions == nil {
		w.Decisions = map[string][]review.Decision{}
	}
	return f, w, nil
}

// merge puts what people wrote into the facts, which are the caller's own.
func merge(f *review.Facts, w *work) *review.Facts {
	f.Comments = w.Comments[""]
	for i := range f.Systems {
		s := &f.Systems[i]
		s.Comments = w.Comments[s.ID]
		for j := range s.Downloads {
			s.Downloads[j].Decisions = w.Decisions[decisionKey(s.ID, s.Downloads[j].Event)]
		}
	}
	f.Signatures = w.Signatures
	switch {
	case len(f.Signatures) > 0 && len(f.Unsigned()) == 0:
		f.State = review.Signed
	case len(w.Comments)+len(w.Decisions)+len(w.Signatures) > 0:
		f.State = review.Commented
	default:
		f.State = review.Open
	}
	return f
}

func decisionKey(system, event string) string { return system + "\x00" + event }

// write writes a file of a review.
func (s *Store) write(id, name string, v any) error {
	path, err := s.path(id, name)
	if err != nil {
		return err
	}
	b, ok := v.([]byte)
	if !ok {
		if b, err = json.Marshal(v); err != nil {
			return fmt.Errorf("writing a review: %w", err)
		}
		b = append(b, '\n')
	}
	if err := keep.WriteFile(path, b); err != nil {
		return s.broken(path, err)
	}
	return nil
}

// Put takes a draft: a new review, or new facts of one that nobody has signed anything of. Comments and decisions of an older
// draft stay.
func (s *Store) Put(f *review.Facts) (View, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, w, err := s.load(f.ID)
	var e *fault.Error
	switch {
	case err == nil && len(w.Signatures) > 0:
		return View{}, closed(f.ID, "")
	case err == nil:
	case errors.As(err, &e) && e.Code == "review-unknown" && ids.MatchString(f.ID):
		w = &work{V: 1}
	default:
		return View{}, err
	}
	bare := *f
	bare.Comments, bare.Signatures, bare.State = nil, nil, review.Open
	if err := s.write(f.ID, "draft.json", &bare); err != nil {
		return View{}, err
	}
	w.Version++
	if err := s.write(f.ID, "work.json", w); err != nil {
		return View{}, err
	}
	return s.get(f.ID)
}

// closed is the answer to whoever wants to change what is signed.
func closed(id, system string) error {
	what := "the review " + id + " is signed: nothing of it changes any more"
	if system != "" {
		what = fmt.Sprintf("the system %s of the review %s is signed: nothing of it changes any more", system, id)
	}
	return &fault.Error{Code: "review-signed", What: what, Do: "a mistake is corrected by a review that names this one: weir review open --correct " + id + " --why TEXT", Exit: fault.ExitUsage}
}

// Change changes what people wrote. version is what the caller saw, 0 for whatever there is. f gets the review as it stands and
// returns what is to be changed about it.
func (s *Store) change(id string, version int, f func(facts *review.Facts, w *work) error) (View, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	facts, w, err := s.load(id)
	if err != nil {
		return View{}, err
	}
	if version != 0 && version != w.Version {
		return View{}, &fault.Error{Code: "review-changed", What: "somebody else changed the review meanwhile", Where: id, Why: fmt.Sprintf("you saw version %d, and it is at %d", version, w.Version), Do: "look at it again, then write again: weir review show " + id, Exit: fault.ExitFound}
	}
	if err := f(merge(facts, w), w); err != nil {
		return View{}, err
	}
	w.Version++
	if err := s.write(id, "work.json", w); err != nil {
		return View{}, err
	}
	return s.get(id)
}

// maxText bounds a comment.
const maxText = 16 << 10

// checkText says what is wrong with a text of a person.
func checkText(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return &fault.Error{Code: "review-text", What: "there is no text", Do: "write what is to be kept", Exit: fault.ExitUsage}
	case len(text) > maxText:
		return &fault.Error{Code: "review-text", What: fmt.Sprintf("the text is longer than %d KiB", maxText>>10), Do: "write the long of it elsewhere, and here where", Exit: fault.ExitUsage}
	}
	return nil
}

// Comment adds a comment to a system (or the whole, without one), or to one of its findings.
func (s *Store) Comment(id string, version int, system string, c review.Comment) (View, error) {
	if err := checkText(c.Text); err != nil {
		return View{}, err
	}
	return s.change(id, version, func(f *review.Facts, w *work) error {
		if err := openPart(f, system); err != nil {
			return err
		}
		if c.Finding != "" {
			sys := f.System(system)
			if sys == nil || !slices.ContainsFunc(sys.Findings, func(x review.Finding) bool { return x.ID == c.Finding }) {
				return &fault.Error{Code: "review-unknown", What: fmt.Sprintf("the review has no finding %q of this system", c.Finding), Where: id, Do: "weir review show " + id + " lists them; --system says of which system", Exit: fault.ExitUsage}
			}
		}
		w.Nr++
		c.Nr = w.Nr
		c.Text = strings.ToValidUTF8(c.Text, "\uFFFD")
		w.Comments[system] = append(w.Comments[system], c)
		return nil
	})
}

// openPart refuses a part that is signed or not there.
func openPart(f *review.Facts, system string) error {
	if system != "" && f.System(system) == nil {
		return &fault.Error{Code: "review-unknown", What: fmt.Sprintf("the review has no system %q", system), Where: f.ID, Do: "weir review show " + f.ID, Exit: fault.ExitUsage}
	}
	switch {
	case system == "" && len(f.Signatures) > 0: // the head is signed with the first system
		return closed(f.ID, "")
	case system != "" && !slices.Contains(f.Unsigned(), system):
		return closed(f.ID, system)
	}
	return nil
}

// Decide notes a decision about a download. The event may be shortened to any beginning that only one download has.
func (s *Store) Decide(id string, version int, eventID string, d review.Decision) (View, review.Handling, error) {
	var hit review.Handling
	if d.Kind != "approve" {
		if err := checkText(d.Text + d.Whom); err != nil {
			return View{}, hit, err
		}
	}
	v, err := s.change(id, version, func(f *review.Facts, w *work) error {
		system, h, err := download(f, eventID)
		if err != nil {
			return err
		}
		if err := openPart(f, system); err != nil {
			return err
		}
		if err := allowed(h, d); err != nil {
			return err
		}
		key := decisionKey(system, h.Event)
		w.Decisions[key] = append(w.Decisions[key], d)
		h.Decisions = w.Decisions[key]
		hit = *h
		return nil
	})
	return v, hit, err
}

// allowed refuses decisions that say nothing: nobody approves what has no reason, nor answers what was not asked.
func allowed(h *review.Handling, d review.Decision) error {
	status := h.Status()
	refuse := func(what, do string) error {
		return &fault.Error{Code: "review-decision", What: what, Where: "download " + h.Event, Do: do, Exit: fault.ExitUsage}
	}
	switch {
	case d.Kind == "approve" && (status == "none" || status == "asked"):
		return refuse("there is no reason yet that could be approved", "enter one with --reason, or ask for an explanation with --ask WHOM")
	case d.Kind == "approve" && strings.EqualFold(d.By, h.Account):
		return refuse("nobody approves their own download", "somebody else must")
	case d.Kind == "answer" && !slices.ContainsFunc(h.Decisions, func(x review.Decision) bool { return x.Kind == "ask" }):
		return refuse("nobody was asked for an explanation", "enter the reason with --reason")
	case !slices.Contains([]string{"reason", "approve", "ask", "answer"}, d.Kind):
		return refuse("the decision "+d.Kind+" is not known", "reason, approve, ask or answer")
	}
	return nil
}

// download finds a download by the beginning of its event's id.
func download(f *review.Facts, prefix string) (system string, hit *review.Handling, err error) {
	for i := range f.Systems {
		for j := range f.Systems[i].Downloads {
			h := &f.Systems[i].Downloads[j]
			if h.Event == prefix {
				return f.Systems[i].ID, h, nil
			}
			if prefix == "" || !strings.HasPrefix(h.Event, prefix) {
				continue
			}
			if hit != nil {
				return "", nil, &fault.Error{Code: "review-unknown", What: "more than one download begins like this", Where: prefix, Do: "write more of its id", Exit: fault.ExitUsage}
			}
			system, hit = f.Systems[i].ID, h
		}
	}
	if hit == nil {
		return "", nil, &fault.Error{Code: "review-unknown", What: fmt.Sprintf("the review has no download %q", prefix), Where: f.ID, Do: "weir review show " + f.ID + " lists them", Exit: fault.ExitUsage}
	}
	return system, hit, nil
}
