package aws

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// What can be wrong with an object. The text of each is the reason of the dead letter that keeps what was not read.
const (
	reasonCut     = "object-cut"       // it ends within a record or before its closing brackets
	reasonDamaged = "object-damaged"   // it is compressed and cannot be decompressed, or is no JSON
	reasonUnknown = "object-unknown"   // it is not a list of records
	reasonTooLong = "record-too-large" // one record in it is longer than what goes through Kafka
)

// badObject says what is wrong with an object. It is no fault of the way to it: reading again would not help.
type badObject struct{ reason, detail string }

func (b *badObject) Error() string { return b.reason + ": " + b.detail }

// limits of what is kept in memory of one object.
const (
	maxRecord = 1 << 20   // CloudTrail's own limit is 256 KiB
	keptRest  = 256 << 10 // of what could not be read
	window    = 64 << 10
)

// splitter finds the records of {"Records":[...]} in a stream, as the bytes that they are. It looks for the ends of
// values only; whether what is between is JSON, the parser finds out. Its memory is bounded by the longest record and not
// by the object. Several such documents one after the other are taken as one.
type splitter struct {
	r    io.Reader
	buf  []byte
	pos  int // next byte
	end  int // of what is in buf
	mark int // start of what must stay in buf, -1: nothing
	fail error

	state  int
	first  []byte // beginning of an object in which there is no list of records yet
	found  bool   // there was one
	digest bool   // there was the key that only digest files have
	cut    []byte // beginning of a record that is too long
	long   bool   // and there is such a record
}

// States of a splitter: what comes next.
const (
	atStart = iota
	atMember
	atRecord
	atEnd
)

func newSplitter(r io.Reader) *splitter {
	return &splitter{r: r, buf: make([]byte, window), mark: -1}
}

// errEnd ends a scan that has no more bytes; s.fail says why there are none.
var errEnd = errors.New("no more bytes")

// next returns the next record, valid until the next call. whole is false for one that is too long, of which the beginning
// is returned. After the last one the error is io.EOF; a *badObject where the object is at fault; any other error is that
// of the reader.
func (s *splitter) next() (rec []byte, whole bool, err error) {
	s.mark, s.cut, s.long = -1, nil, false
	for {
		switch s.state {
		case atStart:
			err = s.open()
		case atMember:
			err = s.member()
		case atRecord:
			if rec, err = s.record(); err == nil && rec != nil {
				return rec, !s.long, nil
			}
		case atEnd:
			return nil, false, io.EOF
		}
		if err != nil {
			return nil, false, s.explain(err)
		}
	}
}

// explain tells an object that ends too early from a reader that failed.
func (s *splitter) explain(err error) error {
	if !errors.Is(err, errEnd) {
		return err
	}
	if !errors.Is(s.fail, io.EOF) {
		return s.fail
	}
	if s.state == atStart && s.found {
		s.state = atEnd
		return io.EOF
	}
	if !s.found && s.state == atStart {
		return &badObject{reasonUnknown, "there is no list of records in it"}
	}
	return &badObject{reasonCut, "it ends before its last bracket"}
}

// fill reads more. What lies before mark, or before pos where nothing is marked, is given up.
func (s *splitter) fill() error {
	if s.fail != nil {
		return errEnd
	}
	keep := s.pos
	if s.mark >= 0 {
		keep = s.mark
		if s.end-keep >= maxRecord { // the rest of it is passed over
			s.cut, s.long = bytes.Clone(s.buf[keep:keep+maxRecord]), true
			s.mark, keep = -1, s.pos
		}
	}
	if keep > 0 {
		copy(s.buf, s.buf[keep:s.end])
		s.pos, s.end = s.pos-keep, s.end-keep
		if s.mark >= 0 {
			s.mark = 0
		}
	}
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.r.Read(s.buf[s.end:])
	if !s.found && len(s.first) < window {
		s.first = append(s.first, s.buf[s.end:s.end+min(n, window-len(s.first))]...)
	}
	s.end += n
	if err != nil {
		s.fail = err
	}
	return nil
}

// peek returns the next byte.
func (s *splitter) peek() (byte, error) {
	for s.pos == s.end {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	return s.buf[s.pos], nil
}

// token goes over white space and returns the byte behind it.
func (s *splitter) token() (byte, error) {
	for {
		c, err := s.peek()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c, nil
		}
		s.pos++
	}
}

// open takes the bracket of the next document, or finds that there is none.
func (s *splitter) open() error {
	c, err := s.token()
	if err != nil {
		return err
	}
	if c != '{' {
		if s.found {
			return &badObject{reasonDamaged, fmt.Sprintf("there is %q behind its end", c)}
		}
		return &badObject{reasonUnknown, fmt.Sprintf("it begins with %q and not with a bracket", c)}
	}
	s.pos++
	s.state = atMember
	return nil
}

// member takes one key at the top of a document and passes over its value, unless it is the list of records.
func (s *splitter) member() error {
	c, err := s.token()
	if err != nil {
		return err
	}
	switch c {
	case '}':
		s.pos++
		s.state = atStart
		if !s.found {
			return s.unknown()
		}
		return nil
	case ',':
		s.pos++
		return nil
	case '"':
	default:
		return &badObject{reasonDamaged, fmt.Sprintf("there is %q where a key must be", c)}
	}
	s.mark = s.pos
	if err := s.text(); err != nil {
		return err
	}
	key := ""
	if s.mark >= 0 { // else it is so long that it is none of ours
		key = string(s.buf[s.mark+1 : s.pos-1])
	}
	s.mark, s.cut, s.long = -1, nil, false
	if c, err = s.token(); err != nil {
		return err
	}
	if c != ':' {
		return &badObject{reasonDamaged, fmt.Sprintf("there is %q behind a key", c)}
	}
	s.pos++
	if c, err = s.token(); err != nil {
		return err
	}
	if key == "Records" && c == '[' {
		s.pos++
		s.found, s.state = true, atRecord
		return nil
	}
	s.digest = s.digest || key == "digestS3Object"
	return s.value(c)
}

// unknown is an object without a list of records.
func (s *splitter) unknown() error {
	return &badObject{reasonUnknown, "there is no list of records in it"}
}

// record takes the next member of the list; nil at its end.
func (s *splitter) record() ([]byte, error) {
	c, err := s.token()
	if err != nil {
		return nil, err
	}
	switch c {
	case ']':
		s.pos++
		s.state = atMember
		return nil, nil
	case ',':
		s.pos++
		return nil, nil
	case '}', ':':
		return nil, &badObject{reasonDamaged, fmt.Sprintf("there is %q where a record must be", c)}
	}
	s.mark = s.pos
	if err := s.value(c); err != nil {
		return nil, err
	}
	if s.long {
		return s.cut, nil
	}
	return s.buf[s.mark:s.pos], nil
}

// value goes over one value that begins with c.
func (s *splitter) value(c byte) error {
	switch c {
	case '"':
		return s.text()
	case '{', '[':
		return s.nest()
	}
	for { // a number or a word
		c, err := s.peek()
		if err != nil {
			return err
		}
		if c == ',' || c == ']' || c == '}' || c == ' ' || c == '\n' || c == '\r' || c == '\t' {
			return nil
		}
		s.pos++
	}
}

// text goes over a text, from its first quote to behind its last.
func (s *splitter) text() error {
	s.pos++
	for {
		c, err := s.peek()
		if err != nil {
			return err
		}
		s.pos++
		if c == '"' {
			return nil
		}
		if c != '\\' {
			continue
		}
		if _, err := s.peek(); err != nil { // what is escaped counts for nothing
			return err
		}
		s.pos++
	}
}

// nest goes over an object or list. Brackets are counted without telling their kinds apart: the parser reads the grammar.
func (s *splitter) nest() error {
	for depth := 0; ; {
		c, err := s.peek()
		if err != nil {
			return err
		}
		switch c {
		case '"':
			if err := s.text(); err != nil {
				return err
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.pos++
		if depth == 0 {
			return nil
		}
	}
}

// rest returns what was not handed out, up to its bound: the record that the object ends in, or what is no record.
func (s *splitter) rest() []byte {
	if !s.found {
		for s.mark = -1; len(s.first) < window; {
			s.pos = s.end
			if s.fill() != nil {
				break
			}
		}
		return s.first
	}
	if s.long {
		return s.cut[:min(len(s.cut), keptRest)]
	}
	from := s.pos
	if s.mark >= 0 {
		from = s.mark
	}
	s.mark = from
	for s.end-from < keptRest {
		if s.fill() != nil {
			break
		}
		from = s.mark
	}
	return s.buf[from:min(s.end, from+keptRest)]
}
