package threat

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Formats of feeds.
const (
	FormatAuto = "auto" // found out from the first bytes
	FormatCSV  = "csv"  // also a plain list, one value a line
	FormatMISP = "misp" // events of a MISP, as its API and its feeds give them
	FormatSTIX = "stix" // a bundle of STIX 2.1
)

// Formats are all of them.
func Formats() []string { return []string{FormatAuto, FormatCSV, FormatMISP, FormatSTIX} }

// source is one file or feed that is being read.
type source struct {
	name       string
	confidence int // of indicators that name none
	now        time.Time
	add        func(Indicator) error
	count      Counts
}

// Counts says what was in a source.
type Counts struct {
	Taken   int
	Skipped int    // expired, revoked, not meant for detection, or of a kind that no event has
	Broken  int    // values that are not what they are said to be
	Example string // what is wrong with the first broken one
}

// mark is the byte order mark of UTF-8.
const mark = "\ufeff"

// read reads all indicators of r. The error is about the source as a whole: it is not of its format, or ends too early.
func (s *source) read(format string, r io.Reader) error {
	br := bufio.NewReaderSize(r, 1<<16)
	if head, _ := br.Peek(len(mark)); string(head) == mark { // editors on Windows write it; neither CSV nor JSON has it
		_, _ = br.Discard(len(mark)) // it is in the buffer
	}
	if format == "" || format == FormatAuto {
		format = detect(br)
	}
	switch format {
	case FormatMISP:
		return s.readMISP(br)
	case FormatSTIX:
		return s.readSTIX(br)
	}
	return s.readCSV(br)
}

// detect finds the format of a feed from its first bytes: JSON is STIX if it says that it is a bundle, else MISP.
func detect(r *bufio.Reader) string {
	head, _ := r.Peek(4096) // a shorter file is as long as it is
	head = bytes.TrimLeft(head, " \t\r\n")
	if len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return FormatCSV
	}
	if bytes.Contains(head, []byte(`"bundle"`)) || bytes.Contains(head, []byte(`"indicator--`)) {
		return FormatSTIX
	}
	return FormatMISP
}

// take adds one indicator and counts what became of it.
//
// What has expired already is skipped here; what expires while it is in the table is skipped by each look into the table.
func (s *source) take(i Indicator) error {
	if !i.Expires.IsZero() && i.Expires.Before(s.now) {
		s.count.Skipped++
		return nil
	}
	i.Feed = s.name
	if i.Confidence < 0 {
		i.Confidence = s.confidence
	}
	switch err := s.add(i); {
	case errors.Is(err, errFull):
		return err
	case err != nil:
		s.broken(err.Error())
	default:
		s.count.Taken++
	}
	return nil
}

// broken counts a value that cannot be used.
func (s *source) broken(why string) {
	if s.count.Broken++; s.count.Example == "" {
		s.count.Example = why
	}
}

// readTime reads the times of feeds; one that cannot be read is none.
//
// Times without a zone are UTC. A time that is not understood means that the indicator never expires: to know too much is the smaller
// mistake.
func readTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return t
		}
	}
	return time.Time{}
}

// eachItem calls fn for each item of the array that dec stands before. Only one item is in memory at a time: feeds have
// hundreds of megabytes.
func eachItem(dec *json.Decoder, fn func() error) error {
	if err := delim(dec, '['); err != nil {
		return err
	}
	for dec.More() {
		if err := fn(); err != nil {
			return err
		}
	}
	return delim(dec, ']')
}

// eachMember calls fn for each member of the object that dec stands before; fn reads the value.
//
// Keys come in the order of the text, and each value must be read by fn, or the decoder would take it for the next key.
func eachMember(dec *json.Decoder, fn func(key string) error) error {
	if err := delim(dec, '{'); err != nil {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fmt.Errorf("reading JSON: %w", err)
		}
		name, _ := key.(string) // a key of an object is always one
		if err := fn(name); err != nil {
			return err
		}
	}
	return delim(dec, '}')
}

// skip reads a value that nobody wants.
func skip(dec *json.Decoder) error {
	var v json.RawMessage
	return decode(dec, &v)
}

func decode(dec *json.Decoder, into any) error {
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("reading JSON at byte %d: %w", dec.InputOffset(), err)
	}
	return nil
}

func delim(dec *json.Decoder, want json.Delim) error {
	t, err := dec.Token()
	if err != nil {
		return fmt.Errorf("reading JSON: %w", err)
	}
	if t != want {
		return fmt.Errorf("reading JSON at byte %d: %v where %v should stand", dec.InputOffset(), t, want)
	}
	return nil
}
