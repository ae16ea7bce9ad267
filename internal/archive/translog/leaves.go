package translog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"weir/internal/archive/manifest"
)

// leafVersion is the form of the entries.
const leafVersion = 1

// Kinds of leaves that are no actions; those of actions are manifest.Kind*.
const (
	KindRecord  = "record"  // one for every line of the manifest, first
	KindSegment = "segment" // one for every segment of the line
)

// Leaf is an entry of the log as it was read. Fields that a kind does not have are zero.
type Leaf struct {
	V        int             `json:"v"`
	Kind     string          `json:"kind"`
	Seq      uint64          `json:"seq"`
	SHA256   string          `json:"sha256,omitempty"`   // of the manifest's line, without its end
	Segments int             `json:"segments,omitempty"` // leaves that follow
	Actions  int             `json:"actions,omitempty"`
	N        int             `json:"n,omitempty"` // in the record, from 0
	At       string          `json:"at,omitempty"`
	By       string          `json:"by,omitempty"`
	Body     json.RawMessage `json:"body,omitempty"`
}

// Leaves are the entries that the log has for one record of the manifest, in their order. They follow from the line and
// nothing else, so that everybody who has the manifest can make them again and compare. lineHash is manifest.Hash of it.
func Leaves(rec *manifest.Record, lineHash string) [][]byte {
	out := make([][]byte, 0, 1+len(rec.Segments)+len(rec.Actions))
	out = append(out, fmt.Appendf(nil, `{"v":%d,"kind":"record","seq":%d,"sha256":%s,"segments":%d,"actions":%d}`,
		leafVersion, rec.Seq, text(lineHash), len(rec.Segments), len(rec.Actions)))
	for i := range rec.Segments {
		body := text(&rec.Segments[i])
		out = append(out, fmt.Appendf(nil, `{"v":%d,"kind":"segment","seq":%d,"n":%d,"body":%s}`, leafVersion, rec.Seq, i, body))
	}
	for i := range rec.Actions {
		a := &rec.Actions[i]
		out = append(out, fmt.Appendf(nil, `{"v":%d,"kind":%s,"seq":%d,"n":%d,"at":%s,"by":%s,"body":%s}`,
			leafVersion, text(a.Kind), rec.Seq, i, text(a.At), text(a.By), text(a.Body)))
	}
	return out
}

// text is a value in JSON. Parts of a record that was read or is about to be written can always be written: what they
// hold came out of JSON or goes into it in the same form.
func text(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return b
}

// ParseLeaf reads an entry. It refuses what Leaves does not make, as far as one entry by itself can tell.
func ParseLeaf(entry []byte) (Leaf, error) {
	var l Leaf
	d := json.NewDecoder(bytes.NewReader(entry))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return l, fmt.Errorf("reading an entry of the log: %w", err)
	}
	switch {
	case d.InputOffset() != int64(len(entry)):
		return l, fmt.Errorf("an entry of the log with %d bytes behind it", int64(len(entry))-d.InputOffset())
	case l.V != leafVersion:
		return l, fmt.Errorf("an entry of the log of form %d; this weir knows %d", l.V, leafVersion)
	case l.Kind == "" || l.Seq == 0:
		return l, errors.New("an entry of the log without a kind or number")
	}
	return l, nil
}
