// Package intake is what a command hands to a running weir so that it is stored, and what it is told about it.
package intake

import (
	"encoding/json"
	"time"
)

// Rows at most in one request, and the bytes that they may have together: a question over the socket is bounded.
const (
	MaxRows  = 2_000
	MaxBytes = 4 << 20
)

// Request is a part of a file whose rows become events. The parts of a file come in order; the last one says so.
type Request struct {
	File   string `json:"file"`   // its name, without a folder
	SHA256 string `json:"sha256"` // of its bytes, in hexadecimal
	// Scope keeps apart what the same bytes mean with other settings; "" without any.
	Scope string `json:"scope,omitempty"`
	By    string `json:"by"` // who imports it
	Rows  []Row  `json:"rows"`
	First bool   `json:"first,omitempty"`
	Last  bool   `json:"last,omitempty"`
	Total int    `json:"total"` // rows of the whole file
}

// Row is one row, whose line identifies it within the file.
type Row struct {
	Line int64           `json:"line"`
	Doc  json.RawMessage `json:"doc"`
}

// Summary says what became of a part.
type Summary struct {
	Stored int `json:"stored"` // rows that are on their way and will not be lost
	// Before says that the whole file was imported already, and by whom: nothing of it was taken.
	Before *Before `json:"before,omitempty"`
}

// Before is an import that is done.
type Before struct {
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	File string    `json:"file"`
	Rows int       `json:"rows"`
}
