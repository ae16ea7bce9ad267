// Package archiving has the questions about the archive and their answers: what is in it, whether it is as it was written, what
// becomes of it. Plain data, asked by name (package question).
package archiving

import (
	"time"

	"weir/internal/fault"
)

// Names of the questions.
const (
	AskList     = "archive/list"          // ListRequest -> List
	AskSeal     = "archive/seal"          // nothing -> SealedAll: everything that came is in a segment when it returns
	AskVerify   = "archive/verify"        // VerifyRequest -> Status: begins a check in the background, or ends one
	AskStatus   = "archive/verify-status" // nothing -> Status
	AskRebuild  = "archive/rebuild"       // RebuildRequest -> Rebuilt, one document Progress now and then
	AskExported = "archive/exported"      // Exported -> nothing: records who handed what on
)

// ListRequest narrows the list.
type ListRequest struct {
	Class    string    `json:"class,omitempty"` // empty: all
	From     time.Time `json:"from,omitzero"`   // days that a segment belongs to, To not included
	To       time.Time `json:"to,omitzero"`
	Segments bool      `json:"segments,omitempty"` // each segment as a document
}

// List is what the archive holds, a row a class.
type List struct {
	Folder   string         `json:"folder"`
	Classes  []Class        `json:"classes"`
	Segments int            `json:"segments"` // that are there
	Events   int64          `json:"events"`
	Bytes    int64          `json:"bytes"`
	Expired  int            `json:"expired,omitempty"`  // went, with their leaf
	Unsealed int64          `json:"unsealed,omitempty"` // events in memory only; -1: not known
	Last     time.Time      `json:"last,omitzero"`      // when the newest line was published
	Log      Log            `json:"log"`
	Faults   []*fault.Error `json:"faults,omitempty"` // what is wrong with the folder
}

// Class is one class of retention.
type Class struct {
	Class    string    `json:"class"`
	Days     int       `json:"days"`
	Oldest   string    `json:"oldest"` // day
	Newest   string    `json:"newest"`
	Segments int       `json:"segments"`
	Events   int64     `json:"events"`
	Bytes    int64     `json:"bytes"`
	Min      time.Time `json:"min,omitzero"` // first and last time of its events
	Max      time.Time `json:"max,omitzero"`
	Expired  int       `json:"expired,omitempty"`
	// Bad segments are not searched: they are missing, or not what the manifest says.
	Bad int `json:"bad,omitempty"`
}

// Segment is one sealed file.
type Segment struct {
	Path      string    `json:"path"`
	Class     string    `json:"class"`
	Day       string    `json:"day"`
	State     string    `json:"state"` // one of the states below
	Events    int       `json:"events"`
	Bytes     int64     `json:"bytes"`
	Min       time.Time `json:"min"`
	Max       time.Time `json:"max"`
	Published time.Time `json:"published"`
	Seq       uint64    `json:"seq"` // of its line in the manifest
	SHA256    string    `json:"sha256"`
	Why       string    `json:"why,omitempty"` // of what is quarantined or expired
}

// States of a segment.
const (
	StateSealed      = "sealed"
	StateExpired     = "expired"
	StateQuarantined = "quarantined"
)

// Log is how far the transparency log is.
type Log struct {
	On        bool      `json:"on"`
	Size      int64     `json:"size"`             // leaves under the newest checkpoint
	Anchored  int64     `json:"anchored"`         // leaves under the newest checkpoint that was published elsewhere
	Until     time.Time `json:"until,omitzero"`   // when that was
	How       string    `json:"how,omitempty"`    // file, mail, webhook or stamp
	Behind    int       `json:"behind,omitempty"` // lines of the manifest that are not in the log yet
	Published int       `json:"published_times"`  // how often a checkpoint was published
	Failed    string    `json:"failed,omitempty"` // why the last try did not work
	Stamps    int       `json:"stamps,omitempty"` // of a time stamping service
	Key       string    `json:"key,omitempty"`    // verifier string of the newest key
}

// SealedAll is the answer to AskSeal.
type SealedAll struct {
	Segments int   `json:"segments"`
	Events   int64 `json:"events"`
}

// VerifyRequest begins a check, or ends the one under way.
type VerifyRequest struct {
	Copy int  `json:"copy,omitempty"` // 1: the archive itself, 2 and up: its copies
	Stop bool `json:"stop,omitempty"`
}

// Status is how a check stands.
type Status struct {
	Running  bool      `json:"running"`
	Copy     int       `json:"copy,omitempty"`
	Progress Progress  `json:"progress,omitzero"`
	Began    time.Time `json:"began,omitzero"`
	By       string    `json:"by,omitempty"`     // who asked; weir where it looks by itself
	Failed   string    `json:"failed,omitempty"` // why the last check could not be made
	Last     *Verified `json:"last,omitempty"`
}

// Progress is how far a long work is.
type Progress struct {
	Bytes         int64         `json:"bytes"`
	BytesTotal    int64         `json:"bytes_total"`
	Segments      int           `json:"segments"`
	SegmentsTotal int           `json:"segments_total"`
	Rate          float64       `json:"bytes_per_second"`
	Left          time.Duration `json:"left_ns"` // 0: not known
	At            string        `json:"at,omitempty"`
}

// Verified is the outcome of a check. It is the last line of weir archive verify --json.
type Verified struct {
	OK       bool      `json:"ok"`
	Segments int       `json:"segments"` // that have to be there
	Events   int64     `json:"events"`
	Bytes    int64     `json:"bytes"`
	Expired  int       `json:"expired"`        // went with their leaf
	Findings []Finding `json:"list,omitempty"` // not in the line of the command: each has its own
	Found    int       `json:"findings"`
	Notes    []string  `json:"notes,omitempty"`
	TookMS   int64     `json:"took_ms"`
	At       time.Time `json:"at"`
	Copy     int       `json:"copy,omitempty"`
	Where    string    `json:"where"`

	// Proof says what it rests on: key (one that was given or lies outside the archive), own (a key beside the log, which
	// proves that the archive fits itself), chain (no log: the manifest's hashes alone).
	Proof      string    `json:"proof"`
	Key        string    `json:"key,omitempty"`   // verifier string of the key that signed the newest checkpoint
	Size       int64     `json:"checkpoint_size"` // leaves under the newest checkpoint
	Anchored   int64     `json:"anchored_size"`   // leaves under the newest published one
	Until      time.Time `json:"anchored_until,omitzero"`
	Anchors    []Anchor  `json:"anchors,omitempty"`   // the newest of each place
	Stamps     int       `json:"stamps"`              // time stamps beside the checkpoints
	Unanchored int       `json:"unanchored_segments"` // newest segments that no published checkpoint covers
	Unlogged   int       `json:"unlogged_segments"`   // newest segments that are not in the log yet
}

// Anchor is a place where a checkpoint was published.
type Anchor struct {
	At    time.Time `json:"at"`
	Size  int64     `json:"size"`
	How   string    `json:"how"` // file, mail, webhook, stamp
	Where string    `json:"where"`
}

// Finding is one thing that is not as it was written. It is one line of weir archive verify --json.
type Finding struct {
	Kind    string    `json:"kind"` // changed, removed, added, swapped, ...: package verify has the list
	Path    string    `json:"path"` // below the archive's folder
	Leaf    int64     `json:"leaf"` // number in the transparency log from 0; -1: none
	Seq     uint64    `json:"seq,omitempty"`
	Sealed  time.Time `json:"sealed,omitzero"`
	Is      string    `json:"sha256_is,omitempty"`
	Must    string    `json:"sha256_must,omitempty"`
	Written time.Time `json:"written,omitzero"` // of the file, as the disk says
	Why     string    `json:"why"`
	Do      string    `json:"do,omitempty"`
}

// RebuildRequest makes the indexes beside the segments anew.
type RebuildRequest struct {
	All bool `json:"all,omitempty"` // good ones too
}

// Rebuilt is its answer.
type Rebuilt struct {
	Indexes int   `json:"indexes"`
	TookMS  int64 `json:"took_ms"`
}

// KindVerify marks an Exported that is no export: somebody checked the archive from the files.
const KindVerify = "verify"

// Exported is what was handed on, or checked, by a command that worked on the files: it becomes a record of weir's audit.
type Exported struct {
	Kind   string    `json:"kind,omitempty"` // empty: an export
	Query  string    `json:"query"`
	From   time.Time `json:"from,omitzero"`
	To     time.Time `json:"to,omitzero"`
	Reason string    `json:"reason"`
	Where  string    `json:"where"`
	SHA256 string    `json:"sha256"` // of package.json
	Events int64     `json:"events"`
	TookMS int64     `json:"took_ms"`
	Failed string    `json:"failed,omitempty"`
	// Checked is the result of a check, without its findings.
	Checked *Verified `json:"checked,omitempty"`
}
