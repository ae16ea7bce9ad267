// Package manifest is the list of what the archive holds: one line of JSON an epoch, each with the SHA-256 of the line
// before it. A segment is part of the archive because a line says so, and the positions in the topics are those of
// the lines: nothing else decides what is stored.
//
// A line is written and synced after every file that it names is synced under its name. What stands behind the last
// line's end was never acknowledged and is cut off. A whole line that cannot be read, or that does not follow the one
// before it, was changed by somebody: it is named, its segments are left where they are, and the other lines count.
package manifest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Name is the file's name in the archive's folder.
const Name = "manifest.jsonl"

// maxLine bounds a line: far more than 65,536 rows over all classes, days and sources give.
const maxLine = 64 << 20

// Record is one line: what one epoch published.
type Record struct {
	Seq       uint64    `json:"seq"` // from 1, without gaps
	Published time.Time `json:"published"`
	Writer    string    `json:"writer"`
	Epoch     string    `json:"epoch"` // first and last moment at which rows came in
	Segments  []Segment `json:"segments"`
	// Sources are the consumed positions by topic/partition: the first offset of the epoch, and the one after its last.
	Sources map[string][2]int64 `json:"sources"`
	// Marks are the highest source positions (offset, sub) by consumed topic/partition and source topic/partition.
	Marks  map[string]map[string][2]int64 `json:"marks,omitempty"`
	Counts map[string]Count               `json:"counts,omitempty"` // by account, of this epoch alone
	// Actions are what was done with the archive. A record has segments or actions, never both.
	Actions []Action `json:"actions,omitempty"`
	Prev    string   `json:"prev"` // SHA-256 of the line before, without its end; "" in the first
}

// Segment is one sealed file.
type Segment struct {
	Path   string    `json:"path"` // below the archive's folder, with slashes
	Class  string    `json:"class"`
	Day    string    `json:"day"`
	SHA256 string    `json:"sha256"`
	Bytes  int64     `json:"bytes"`
	Rows   int       `json:"rows"`
	Min    time.Time `json:"min"` // first and last sort time
	Max    time.Time `json:"max"`
	Schema int       `json:"schema"`
	// Revised bounds the sort times that revisions among the rows name, of the rows before them; nil: there are none.
	Revised *[2]time.Time `json:"revised,omitempty"`
}

// Count is what happened to the records of one account.
type Count struct {
	Stored     uint64 `json:"stored,omitempty"`
	Duplicates uint64 `json:"duplicates,omitempty"`
}

// Sum returns the SHA-256 of the segment as bytes; zero where the text is none.
func (s Segment) Sum() (sum [32]byte) {
	b, err := hex.DecodeString(s.SHA256)
	if err == nil && len(b) == len(sum) {
		copy(sum[:], b)
	}
	return sum
}

// Append appends the record as a line, its end included, and returns the hash that the next record names.
func (r *Record) Append(dst []byte) (line []byte, hash string, err error) {
	b, err := json.Marshal(r)
	if err != nil {
		return dst, "", fmt.Errorf("writing manifest record %d: %w", r.Seq, err)
	}
	return append(append(dst, b...), '\n'), Hash(b), nil
}

// Hash returns the hash of a line without its end.
func Hash(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// Problem is a line that is not as it was written.
type Problem struct {
	Line   int // from 1
	Reason string
}

// List is a manifest that was read.
type List struct {
	Records  []Record
	Last     string    // hash of the last line, which the next record names
	Size     int64     // bytes of whole lines: what is behind them is torn
	Torn     int64     // bytes behind the last whole line
	Problems []Problem // lines that cannot be read, or that do not follow the one before
}

// Read reads a manifest. Only reading itself can fail: every broken line becomes a Problem, and the others count.
func Read(r io.Reader) (*List, error) {
	l := &List{}
	br := bufio.NewReaderSize(r, 256<<10)
	var seq uint64
	for n := 1; ; n++ {
		line, err := readLine(br)
		if errors.Is(err, io.EOF) {
			l.Torn = int64(len(line))
			return l, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the manifest, line %d: %w", n, err)
		}
		l.Size += int64(len(line)) + 1
		rec, reason := Parse(line)
		switch {
		case reason != "":
			l.bad(n, reason)
		case rec.Prev != l.Last:
			l.bad(n, "it does not follow the line before it: that one was changed, or lines are missing")
		case seq != 0 && rec.Seq != seq+1:
			l.bad(n, fmt.Sprintf("number %d follows number %d", rec.Seq, seq))
		}
		if reason == "" {
			seq = rec.Seq
			l.Records = append(l.Records, rec)
		}
		l.Last = Hash(line)
	}
}

// bad notes a problem.
func (l *List) bad(n int, reason string) { l.Problems = append(l.Problems, Problem{n, reason}) }

// readLine returns the next line without its end; with io.EOF what is left without one.
func readLine(br *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := br.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		case len(line) > maxLine:
			return line, fmt.Errorf("a line of more than %d bytes", maxLine)
		}
	}
}

// Parse reads one line strictly, without its end; reason says why it is not a record.
func Parse(line []byte) (r Record, reason string) {
	d := json.NewDecoder(bytes.NewReader(line))
	if err := d.Decode(&r); err != nil {
		return r, "it is not a record: " + err.Error()
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return r, "something stands behind the record"
	}
	if r.Seq == 0 {
		return r, "it has no number"
	}
	for _, s := range r.Segments {
		if why := s.check(); why != "" {
			return r, "segment " + s.Path + ": " + why
		}
	}
	for _, a := range r.Actions {
		if why := a.Check(); why != "" {
			return r, why
		}
	}
	if len(r.Actions) > 0 && len(r.Segments) > 0 {
		return r, "it has segments and actions"
	}
	for at, p := range r.Sources {
		if p[0] < 0 || p[1] < p[0] {
			return r, fmt.Sprintf("source %s: from %d to %d", at, p[0], p[1])
		}
	}
	return r, ""
}

// check refuses what would lead out of the archive's folder or break a reader.
func (s Segment) check() string {
	switch {
	case !strings.HasPrefix(s.Path, "class=") || strings.Contains(s.Path, "..") || strings.Contains(s.Path, "\\"):
		return "the path leads elsewhere"
	case s.Rows <= 0 || s.Bytes <= 0:
		return "it is empty"
	case s.Sum() == [32]byte{}:
		return "the SHA-256 is none"
	case s.Max.Before(s.Min):
		return "it ends before it begins"
	}
	return ""
}
