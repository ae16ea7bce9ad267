package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weir/internal/review"
)

// Message is the text that a signature is over. Its Signature is not looked at.
func Message(id string, revision int, s review.Signature) []byte {
	b := fmt.Appendf(nil, "weir-review/1\nreview %s\nrevision %d\nkey %s %s\nby %s\nat %s\n", text(id), revision, text(s.Key), s.Public, text(s.By), s.At.UTC().Format(time.RFC3339))
	for _, p := range s.Parts {
		name := "*"
		if p.System != "" {
			name = text(p.System)
		}
		b = fmt.Appendf(b, "part %s %s\n", name, p.SHA256)
	}
	return b
}

// text writes a name so that it cannot break a line.
func text(s string) string { return string(appendText(nil, s)) }

// Sign signs the parts that s names. Public and Signature are set.
func Sign(id string, revision int, s review.Signature, key ed25519.PrivateKey) review.Signature {
	s.At = s.At.UTC().Truncate(time.Second)
	s.Public = base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	s.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(key, Message(id, revision, s)))
	return s
}

// Check tells whether a signature holds over its own text: that its key made it. It does not say that the key is anybody's.
func Check(id string, revision int, s review.Signature) error {
	public, err := base64.StdEncoding.DecodeString(s.Public)
	if err != nil || len(public) != ed25519.PublicKeySize {
		return errors.New("its public key is none")
	}
	sig, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil || !ed25519.Verify(public, Message(id, revision, s), sig) {
		return errors.New("the signature is not of this key and this text")
	}
	return nil
}

// Known finds the registered public key of a name, in base64; ok is false if nobody registered one.
type Known func(name string) (public string, ok bool)

// Result is what a check of a review found.
type Result struct {
	ID       string `json:"id"`
	Revision int    `json:"revision"`
	OK       bool   `json:"ok"` // every system is signed, by keys that are known where keys were given, and nothing was changed
	// Problems say what is wrong, in sentences.
	Problems []string `json:"problems,omitempty"`
	Signed   []Signer `json:"signed,omitempty"`
}

// Signer is one signature of a review.
type Signer struct {
	Key     string    `json:"key"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Systems []string  `json:"systems"`
	OK      bool      `json:"ok"`
	// Known tells that the key is the one registered by this name; false where no keys were given, too.
	Known bool `json:"known"`
}

// Verify checks a signed review with nothing but its own bytes and, if known is not nil, the registered keys.
func Verify(doc []byte, known Known) (Result, error) {
	var f struct {
		ID         string             `json:"id"`
		Revision   int                `json:"revision"`
		Signatures []review.Signature `json:"signatures"`
	}
	parts, err := Parts(doc)
	if err != nil {
		return Result{}, fmt.Errorf("reading a signed review: %w", err)
	}
	if err := json.Unmarshal(doc, &f); err != nil {
		return Result{}, fmt.Errorf("reading a signed review: %w", err)
	}
	r := Result{ID: f.ID, Revision: f.Revision}
	problem := func(format string, args ...any) { r.Problems = append(r.Problems, fmt.Sprintf(format, args...)) }
	if form, err := Canonical(doc); err != nil || !bytes.Equal(append(form, '\n'), doc) {
		problem("its bytes are not in the canonical form: two programs may read it in two ways")
	}
	covered := map[string]bool{}
	for i, s := range f.Signatures {
		signer := Signer{Key: s.Key, By: s.By, At: s.At}
		what := fmt.Sprintf("signature %d (%s)", i+1, s.Key)
		good := len(s.Parts) > 1 && s.Parts[0].System == ""
		if !good {
			problem("%s does not cover the head and a system", what)
		}
		if err := Check(f.ID, f.Revision, s); err != nil {
			problem("%s does not hold: %v", what, err)
			good = false
		}
		for _, p := range s.Parts {
			if p.System != "" {
				signer.Systems = append(signer.Systems, p.System)
			}
			if !slices.Contains(parts, p) {
				problem("%s is of other content: %s was changed since", what, partName(p.System))
				good = false
			}
		}
		if known != nil {
			public, ok := known(s.Key)
			signer.Known = ok && public == s.Public
			if !signer.Known {
				problem("%s is of a key that is not registered by this name", what)
				good = false
			}
		}
		for _, p := range s.Parts {
			covered[p.System] = covered[p.System] || good
		}
		signer.OK = good
		r.Signed = append(r.Signed, signer)
	}
	for _, p := range parts {
		if !covered[p.System] && p.System != "" {
			problem("%s has no valid signature", partName(p.System))
		}
	}
	// A review of no systems has nothing to sign, and is none that anybody vouches for.
	r.OK = len(r.Problems) == 0 && len(f.Signatures) > 0
	if len(f.Signatures) == 0 {
		problem("nobody has signed it")
	}
	return r, nil
}

func partName(system string) string {
	if system == "" {
		return "the head"
	}
	return "the system " + system
}
