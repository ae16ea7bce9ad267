// Package evidence makes packages that prove to somebody else what the archive has: the events that a query finds, the sealed
// segments that hold them, the proofs that those were sealed as they are, and what is needed to check all that without weir.
//
// A package is a folder or a zip of one:
//
//	README.txt README.ko.txt     what this is and how it is checked, for people who have never heard of weir
//	report.en.html report.ko.html   who made it, when, why, and what is in it
//	events.ndjson                the events, one JSON object a line, in the order of their times
//	package.json                 the same facts for programs, and the SHA-256 of every other file
//	package.sig                  the signature of package.json by the key that signs the log
//	proofs.json                  for each segment its leaf of the log and the hashes that lead from it to the signed root
//	verify.py                    a program of one page that checks it all
//	archive/                     the manifest, the segments that hold the events, policies, checkpoints: an archive in small
//
// The whole manifest is part of it. It has no events in it, but the numbers and the sources of all: only with it can somebody
// see that no segment between two others was left out.
package evidence

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"time"
)

// Names in a package.
const (
	listName   = "package.json"
	sigName    = "package.sig"
	eventsName = "events.ndjson"
	proofsName = "proofs.json"
	archiveDir = "archive"
)

// The forms of package.json. The first one was never signed.
const (
	unsigned = 1
	version  = 2
)

// Package is what package.json says.
type Package struct {
	V      int       `json:"v"`
	Made   time.Time `json:"made"`
	By     string    `json:"by"`
	Host   string    `json:"host,omitempty"`
	Weir   string    `json:"weir,omitempty"` // version
	Query  string    `json:"query"`          // KQL; empty: everything
	From   time.Time `json:"from,omitzero"`
	To     time.Time `json:"to,omitzero"` // not included
	Reason string    `json:"reason"`
	// Revisions: every revision of an event is an event here, the newest as well as those before it.
	Revisions bool             `json:"revisions"`
	Events    int64            `json:"events"`
	First     time.Time        `json:"first,omitzero"` // times of the first and last event
	Last      time.Time        `json:"last,omitzero"`
	Classes   map[string]int64 `json:"classes"`  // events by class of retention
	Segments  []string         `json:"segments"` // those below archive/ that hold them
	Searched  int              `json:"searched"` // segments that may have held some by their times, these included
	Log       Log              `json:"log,omitzero"`
	// Unsigned says why there is no package.sig; empty: there is one.
	Unsigned string `json:"unsigned,omitempty"`
	Files    []File `json:"files"` // every other file of the package, but for package.sig, which signs this list
}

// Log is the checkpoint that the proofs lead to.
type Log struct {
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   string `json:"root"`
	Key    string `json:"key"` // verifier string of the key that signed it
}

// File is one file of a package.
type File struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// Proofs is what proofs.json says. Hashes are in base64, as in checkpoints; those of a proof go from the leaf to the root
// (RFC 6962, 2.1.1).
type Proofs struct {
	Log      Log            `json:"log"`
	Segments []SegmentProof `json:"segments"`
}

// SegmentProof is that of one segment. Without a proof it was not in the log yet when the package was made.
type SegmentProof struct {
	Path  string   `json:"path"`
	Leaf  int64    `json:"leaf"`
	Entry string   `json:"entry,omitempty"` // the leaf's text
	Proof []string `json:"proof,omitempty"`
}

// IsPackage tells whether a folder is a package.
func IsPackage(files fs.FS) bool {
	st, err := fs.Stat(files, listName)
	return err == nil && !st.IsDir()
}

// maxList bounds package.json.
const maxList = 64 << 20

// readList reads package.json; raw is its text, which is what is signed.
func readList(files fs.FS) (p *Package, raw []byte, err error) {
	if raw, err = readSmall(files, listName, maxList); err != nil {
		return nil, nil, err
	}
	p = &Package{}
	if err := json.Unmarshal(raw, p); err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", listName, err)
	}
	if p.V != version && p.V != unsigned {
		return nil, nil, fmt.Errorf("%s has the form %d; this weir knows %d and %d", listName, p.V, unsigned, version)
	}
	return p, raw, nil
}

// readSmall reads a file whole that is never large. What is no ordinary file is not opened: a pipe would never answer.
func readSmall(files fs.FS, name string, most int64) ([]byte, error) {
	st, err := fs.Stat(files, name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > most {
		return nil, fmt.Errorf("%s is no ordinary file, or has more than %d bytes", name, most)
	}
	return fs.ReadFile(files, name)
}
