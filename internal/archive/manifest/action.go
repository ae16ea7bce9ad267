package manifest

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Kinds of actions.
const (
	KindExpiry  = "expiry"  // a segment went, because its class allowed it: Expiry
	KindHold    = "hold"    // somebody ordered events to be kept: Hold
	KindRelease = "release" // a hold ended: Release
	KindPolicy  = "policy"  // the rules of retention changed: File
	KindReview  = "review"  // a review was signed: File
	KindKey     = "key"     // the log's key changed: Key
)

// MaxAction bounds the JSON of an action: it must fit one entry of the transparency log.
const MaxAction = 48 << 10

// Action is something that was done with the archive and brought no events. It is a leaf of the transparency log.
type Action struct {
	Kind string    `json:"kind"`
	At   time.Time `json:"at"`
	By   string    `json:"by"` // who did it: a user, or weir
	// Body is what the kind says, in JSON.
	Body json.RawMessage `json:"body"`
}

// NewAction makes an action of its body.
func NewAction(kind, by string, at time.Time, body any) (Action, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return Action{}, fmt.Errorf("writing an action %s: %w", kind, err)
	}
	if len(b) > MaxAction {
		return Action{}, fmt.Errorf("an action %s of %d bytes: at most %d can be kept", kind, len(b), MaxAction)
	}
	return Action{Kind: kind, At: at.UTC(), By: by, Body: b}, nil
}

// Check says why an action is none that can be kept; empty: it can. Kinds that are not known are kept and mean nothing:
// a newer weir wrote them.
func (a Action) Check() string {
	var body any = new(any)
	switch a.Kind {
	case "":
		return "an action without a kind"
	case KindExpiry:
		body = new(Expiry)
	case KindHold:
		body = new(Hold)
	case KindRelease:
		body = new(Release)
	case KindPolicy, KindReview:
		body = new(File)
	case KindKey:
		body = new(Key)
	}
	if len(a.Body) > MaxAction {
		return fmt.Sprintf("action %s: %d bytes, at most %d can be kept", a.Kind, len(a.Body), MaxAction)
	}
	if err := json.Unmarshal(a.Body, body); err != nil {
		return "action " + a.Kind + ": " + err.Error()
	}
	switch b := body.(type) {
	case *Expiry:
		if !strings.HasPrefix(b.Path, "class=") || b.SHA256 == "" {
			return "action expiry: it names no segment"
		}
	case *Hold:
		if b.ID == "" {
			return "action hold: it has no id"
		}
	case *Release:
		if b.ID == "" {
			return "action release: it names no hold"
		}
	case *File:
		if !filepath.IsLocal(b.Path) || b.SHA256 == "" {
			return "action " + a.Kind + ": it names no file of the archive"
		}
	}
	return ""
}

// Expiry names a segment that went for good, and what allowed it.
type Expiry struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Class  string `json:"class"`
	Day    string `json:"day"`
	Rows   int    `json:"rows"`
	Policy string `json:"policy"` // SHA-256 of the policy that allowed it
	Due    string `json:"due"`    // local day from which it might go
}

// Hold is an order to keep what a query finds, whatever the policy says.
type Hold struct {
	ID     string    `json:"id"`
	Query  string    `json:"query"` // KQL; empty: everything
	From   time.Time `json:"from,omitzero"`
	To     time.Time `json:"to,omitzero"`
	Owner  string    `json:"owner"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until,omitzero"` // zero: until it is released
}

// Release ends a hold before its time.
type Release struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// File is a file that the archive keeps beside its segments: the text of a policy, a signed review.
type File struct {
	ID     string `json:"id"`   // of the review; the policy's number
	Path   string `json:"path"` // below the archive's folder: policy/SHA256.yaml, reviews/ID.json
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
	// Note says in words what it is, such as who signed.
	Note string `json:"note,omitempty"`
}

// Key says which key signs the log from here on. Both keys sign the text "weir-log-key\nOLD\nNEW\n" of their two verifier
// strings.
type Key struct {
	Old          string `json:"old"` // verifier strings as golang.org/x/mod/sumdb/note writes them
	New          string `json:"new"`
	OldSignature []byte `json:"old_signature"`
	NewSignature []byte `json:"new_signature"`
}
