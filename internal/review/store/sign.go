package store

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"weir/internal/fault"
	"weir/internal/review"
	"weir/internal/review/keys"
	"weir/internal/review/seal"
)

// ToSign is what a reviewer would sign: the signature with everything but its signature, and what they may not sign.
type ToSign struct {
	ID        string           `json:"id"`
	Revision  int              `json:"revision"`
	Version   int              `json:"version"`
	Signature review.Signature `json:"signature"`
	Refused   []Refusal        `json:"refused,omitempty"`
}

// Reviewer is who signs.
type Reviewer struct {
	Key keys.Key
	By  string // the user that the signature names
	// Person is that user where it is a person who signed in; "" where it is only the user that weir runs as: that root is an
	// account of a system does not keep everybody from signing.
	Person string
}

// Refusal is a system that somebody may not sign, and why.
type Refusal struct {
	System string `json:"system"`
	Why    string `json:"why"`
}

// Prepare says what a key would sign. systems limits it; none: every system that it may sign.
func (s *Store) Prepare(id string, r Reviewer, at time.Time, systems []string) (ToSign, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.get(id)
	if err != nil {
		return ToSign{}, err
	}
	return prepare(v, r, at, systems)
}

func prepare(v View, r Reviewer, at time.Time, systems []string) (ToSign, error) {
	f, k := v.Facts, r.Key
	out := ToSign{ID: f.ID, Revision: f.Revision, Version: v.Version}
	if !k.Active() {
		return out, &fault.Error{Code: "review-key", What: "the key " + k.Name + " is revoked", Why: "since " + k.Revoked.Format(time.DateOnly) + ", by " + k.RevokedBy, Do: "sign with another one: weir keys list", Exit: fault.ExitUsage}
	}
	if len(f.Signatures) > 0 && len(f.Unsigned()) == 0 {
		return out, closed(f.ID, "")
	}
	if f.Drafted.At.Before(f.Period.To) {
		return out, &fault.Error{Code: "review-early", What: "the review was drafted before its period was over", Where: f.ID, Why: "what came after " + f.Drafted.At.Format(time.RFC3339) + " is not in it", Do: "when the period is over: weir review open --month " + f.Period.From.In(f.Period.Location()).Format("2006-01") + " --redraft", Exit: fault.ExitUsage}
	}
	doc, err := seal.Document(f)
	if err != nil {
		return out, err
	}
	parts, err := seal.Parts(doc)
	if err != nil {
		return out, err
	}
	out.Signature = review.Signature{Key: k.Name, Public: k.Public, By: r.By, At: at.UTC().Truncate(time.Second), Parts: parts[:1:1]}
	for _, id := range systems {
		if f.System(id) == nil {
			return out, openPart(f, id)
		}
	}
	for _, p := range parts[1:] {
		if len(systems) > 0 && !slices.Contains(systems, p.System) {
			continue
		}
		if why := refused(f, f.System(p.System), k, r.Person); why != "" {
			out.Refused = append(out.Refused, Refusal{p.System, why})
			continue
		}
		out.Signature.Parts = append(out.Signature.Parts, p)
	}
	if len(out.Signature.Parts) == 1 {
		e := &fault.Error{Code: "review-own-access", What: "there is nothing in this review that " + k.Name + " may sign", Where: f.ID, Do: "another reviewer signs: weir review sign " + f.ID + " --key NAME", Exit: fault.ExitFound}
		for i, no := range out.Refused {
			if i > 0 {
				e.Why += "; "
			}
			e.Why += no.System + ": " + no.Why
		}
		return out, e
	}
	return out, nil
}

// refused says why a key may not sign a system, "" if it may. Nobody reviews their own access, nor somebody else's work that
// they are not named for.
func refused(f *review.Facts, s *review.System, k keys.Key, person string) string {
	if !slices.Contains(f.Unsigned(), s.ID) {
		return "it is signed already"
	}
	if len(s.Reviewers) > 0 && !slices.ContainsFunc(s.Reviewers, k.Owns) {
		return "its reviewers are " + strings.Join(s.Reviewers, ", ")
	}
	for i := range s.Accounts {
		a := &s.Accounts[i]
		if k.Owns(a.Name) || a.Person != "" && k.Owns(a.Person) {
			return "nobody reviews their own access, and " + a.Name + " has some"
		}
		if person != "" && (strings.EqualFold(person, a.Name) || strings.EqualFold(person, a.Person)) {
			return "nobody reviews their own access, and " + a.Name + " is who asks"
		}
	}
	return ""
}

// Sign takes a signature. Everything that Prepare would refuse is refused here again: what comes is not believed.
func (s *Store) Sign(id string, sig review.Signature, r Reviewer) (View, error) {
	return s.change(id, 0, func(f *review.Facts, w *work) error {
		var systems []string
		for _, p := range sig.Parts {
			if p.System != "" {
				systems = append(systems, p.System)
			}
		}
		want, err := prepare(View{Version: w.Version, Facts: f}, r, sig.At, systems)
		if err != nil {
			return err
		}
		if !slices.Equal(want.Signature.Parts, sig.Parts) {
			return &fault.Error{Code: "review-changed", What: "somebody else changed the review meanwhile", Where: id, Why: "the signature is of other content", Do: "look at it again, then sign again: weir review show " + id, Exit: fault.ExitFound}
		}
		if sig.Key != r.Key.Name || sig.Public != r.Key.Public || sig.By != r.By {
			return &fault.Error{Code: "review-key", What: "the signature is of another key or user than it says", Where: id, Exit: fault.ExitFound}
		}
		if err := seal.Check(f.ID, f.Revision, sig); err != nil {
			return &fault.Error{Code: "review-key", What: "the signature does not hold", Where: id, Why: err.Error(), Exit: fault.ExitFound, Cause: err}
		}
		w.Signatures = append(w.Signatures, sig)
		if whole := merge(f, w); whole.State == review.Signed {
			doc, err := seal.Document(whole)
			if err != nil {
				return err
			}
			// Before the signature is noted: what says that it is signed must have its bytes.
			return s.write(id, "signed.json", doc)
		}
		return nil
	})
}

// Signed returns the bytes of a signed review.
func (s *Store) Signed(id string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, err := s.path(id, "signed.json")
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, s.broken(path, err)
	}
	return b, nil
}

// Sealed notes where a signed review lies in the archive.
func (s *Store) Sealed(id string, at Sealed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, w, err := s.load(id)
	if err != nil {
		return err
	}
	if len(merge(f, w).Unsigned()) > 0 {
		return fmt.Errorf("the review %s is not signed", id)
	}
	w.Sealed = &at
	return s.write(id, "work.json", w)
}
