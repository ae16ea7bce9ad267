// Package reviewing has the questions about reviews of access and reviewers' keys that a command or the console asks a weir,
// and their answers: plain data.
package reviewing

import (
	"time"

	"weir/internal/review"
	"weir/internal/review/draft"
	"weir/internal/review/keys"
	"weir/internal/review/seal"
	"weir/internal/review/store"
)

// Names of the questions.
const (
	AskOpen    = "review/open"    // OpenRequest -> View, with Progress as documents before it
	AskShow    = "review/show"    // ShowRequest -> View
	AskStatus  = "review/status"  // StatusRequest -> Status
	AskComment = "review/comment" // CommentRequest -> View
	AskExplain = "review/explain" // ExplainRequest -> Explained
	AskPrepare = "review/prepare" // PrepareRequest -> store.ToSign
	AskSign    = "review/sign"    // SignRequest -> View
	AskHere    = "review/here"    // HereRequest -> View: signed with a key that this machine keeps
	AskKeyAdd  = "keys/add"       // KeyAddRequest -> keys.Key
	AskKeys    = "keys/list"      // nothing -> Keys
	AskRevoke  = "keys/revoke"    // RevokeRequest -> keys.Key
)

// Progress is one document of a draft under way.
type Progress = draft.Progress

// OpenRequest begins a review, or drafts one again that nobody has signed.
type OpenRequest struct {
	Month  string `json:"month,omitempty"`  // any month of the period: 2026-10; "" is the last period that is over
	System string `json:"system,omitempty"` // "" is all of them
	Zone   string `json:"zone,omitempty"`   // "" is that of the policy
	// Correct names a signed review that is wrong, Why what is wrong with it.
	Correct string `json:"correct,omitempty"`
	Why     string `json:"why,omitempty"`
	// Redraft reads the archive again for a review that is open already; else that one is shown as it is.
	Redraft bool `json:"redraft,omitempty"`
	// Preview drafts and keeps nothing: who only wants to see what there is opens no review by it.
	Preview bool `json:"preview,omitempty"`
}

// ShowRequest asks for one review.
type ShowRequest struct {
	ID string `json:"id"`
}

// View is a review as it stands.
type View struct {
	store.View
	// Due tells that it is overdue.
	Overdue bool `json:"overdue,omitempty"`
	// Check is about a signed review: does its signature hold, is the key known, is it in the archive as it was signed.
	Check *seal.Result `json:"check,omitempty"`
	// Existing tells an answer to AskOpen that it was there already.
	Existing bool `json:"existing,omitempty"`
	// Download is the id of the event that an answer to AskExplain is about.
	Download string `json:"download,omitempty"`
}

// StatusRequest asks for all periods, from the first that the archive knows.
type StatusRequest struct {
	// Periods bounds how many are told of, the newest, each with all of its reviews; 0: 36.
	Periods int `json:"periods,omitempty"`
}

// Status is how far reviewing is.
type Status struct {
	Cycle string    `json:"cycle"`
	Grace int       `json:"grace_days"`
	Zone  string    `json:"zone"`
	Rows  []Row     `json:"rows"` // newest period first
	At    time.Time `json:"at"`
}

// Row is one review, or a period that has none.
type Row struct {
	Period  string    `json:"period"`
	Month   string    `json:"month"`        // the first of the period, as AskOpen takes it
	ID      string    `json:"id,omitempty"` // "": nobody opened one
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Due     time.Time `json:"due"`
	State   string    `json:"state"` // missing, open, commented, signed, or overdue
	Systems int       `json:"systems"`
	Names   []string  `json:"names,omitempty"`  // of the systems that it is about; of a period without a review those that lack one
	Signed  []string  `json:"signed,omitempty"` // who signed
	Waits   []string  `json:"waits,omitempty"`  // systems that nobody signed
	Hits    int       `json:"hits"`             // findings that found something
	// Reasons are downloads whose reason is not known, or not answered.
	Reasons  int    `json:"reasons"`
	Comments int    `json:"comments"`
	Sealed   bool   `json:"sealed"`
	Corrects string `json:"corrects,omitempty"` // the review whose place it takes
	// Corrected names the review that takes the place of this one.
	Corrected string `json:"corrected,omitempty"`
}

// CommentRequest writes on a finding, a system or the whole.
type CommentRequest struct {
	ID      string `json:"id"`
	Version int    `json:"version,omitempty"` // that the writer saw; 0: whatever there is
	System  string `json:"system,omitempty"`
	Finding string `json:"finding,omitempty"`
	Text    string `json:"text"`
}

// ExplainRequest decides about a download.
type ExplainRequest struct {
	ID       string `json:"id"`
	Version  int    `json:"version,omitempty"`
	Download string `json:"download"` // id of its event, or a beginning that only one has
	Kind     string `json:"kind"`     // reason, approve, ask, answer
	Text     string `json:"text,omitempty"`
	Whom     string `json:"whom,omitempty"` // who is asked, or who answered
}

// PrepareRequest asks what a key would sign.
type PrepareRequest struct {
	ID      string   `json:"id"`
	Key     string   `json:"key"`
	Systems []string `json:"systems,omitempty"` // none: all that the key may sign
}

// SignRequest brings a signature.
type SignRequest struct {
	ID        string           `json:"id"`
	Signature review.Signature `json:"signature"`
}

// HereRequest asks weir to sign with a private key of its own machine: for the page, which has no keys. The passphrase is
// used for this and not kept.
type HereRequest struct {
	ID         string   `json:"id"`
	Version    int      `json:"version,omitempty"` // that the signer saw
	Key        string   `json:"key"`
	Passphrase string   `json:"passphrase"`
	Systems    []string `json:"systems,omitempty"`
}

// KeyAddRequest registers a public key.
type KeyAddRequest struct {
	Name     string   `json:"name"`
	Public   string   `json:"public"`
	Accounts []string `json:"accounts,omitempty"`
}

// RevokeRequest ends a key.
type RevokeRequest struct {
	Name string `json:"name"`
	Why  string `json:"why,omitempty"`
}

// Keys are the registered keys.
type Keys struct {
	Keys []keys.Key `json:"keys"`
}
