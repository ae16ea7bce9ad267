package bulk

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
)

// The parts of a document in a request, beside its id and itself.
const (
	opening = `{"create":{"_id":"`
	middle  = "\"}}\n"
)

// The same for a revision. Documents that were created have version 1, so the numbers go on from there.
const (
	reopening = `{"index":{"_id":"`
	remiddle  = `","version":%d,"version_type":"external"}}` + "\n"
)

// The same for a document that was merged with the one that is stored, if that is the one still.
const mermiddle = `","if_seq_no":%d,"if_primary_term":%d}}` + "\n"

// overhead is what a document that is created takes in a request beside its id and itself.
const overhead = len(opening) + len(middle) + 1

// around returns what stands before and behind the id.
func (d *Doc) around() (before, behind string) {
	if d.end == "" {
		return opening, middle
	}
	return reopening, d.end
}

// stream is the body of a request: it reads documents straight out of their own memory, so that nothing is copied but into
// the transport's buffer. The transport may read on after an answer; that is why documents are never used again.
type stream struct {
	docs   []Doc
	places []int32
	at     int // document under way
	done   int // bytes of it that were read
	closed atomic.Bool
}

// size is what a document takes in a request.
func size(d *Doc) int {
	before, behind := d.around()
	return len(before) + len(behind) + 1 + len(d.ID) + len(d.JSON)
}

// length is the number of bytes of the whole body.
func (s *stream) length() int64 {
	n := 0
	for _, at := range s.places {
		n += size(&s.docs[at])
	}
	return int64(n)
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	n := 0
	for s.at < len(s.places) {
		d := &s.docs[s.places[s.at]]
		if whole := size(d); s.done == 0 && whole <= len(p)-n {
			before, behind := d.around()
			n += copy(p[n:], before)
			n += copy(p[n:], d.ID)
			n += copy(p[n:], behind)
			n += copy(p[n:], d.JSON)
			p[n] = '\n'
			n++
			s.at++
			continue
		}
		if n > 0 && len(p)-n < overhead {
			return n, nil // not worth a piece
		}
		k := s.piece(d, p[n:])
		if n += k; k == 0 {
			return n, nil
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// piece reads some of a document that does not fit.
func (s *stream) piece(d *Doc, p []byte) int {
	skip, n := s.done, 0
	take := func(length int, into func(p []byte, from int) int) {
		if skip >= length {
			skip -= length
			return
		}
		if n < len(p) {
			n += into(p[n:], skip)
			skip = 0
		}
	}
	text := func(t string) func([]byte, int) int { return func(p []byte, from int) int { return copy(p, t[from:]) } }
	raw := func(b []byte) func([]byte, int) int { return func(p []byte, from int) int { return copy(p, b[from:]) } }
	open, behind := d.around()
	for _, part := range []struct {
		n    int
		into func([]byte, int) int
	}{{len(open), text(open)}, {len(d.ID), raw(d.ID)}, {len(behind), text(behind)}, {len(d.JSON), raw(d.JSON)}, {1, text("\n")}} {
		before := n
		wanted := part.n - min(skip, part.n)
		take(part.n, part.into)
		if n-before < wanted {
			break // p is full
		}
	}
	if s.done += n; s.done == size(d) {
		s.at, s.done = s.at+1, 0
	}
	return n
}

// Close implements io.Closer. The transport calls it.
func (s *stream) Close() error {
	s.closed.Store(true)
	return nil
}

// packed is the memory of a compressed request. It is used again only after the transport has closed its reader: an
// answer may come before the body was read to its end.
type packed struct {
	out bytes.Buffer
	zip *gzip.Writer
}

// packs keep the memory of a few requests; each is as large as the largest that it held.
var packs = sync.Pool{New: func() any { return &packed{} }}

// fill compresses a body.
func (p *packed) fill(s *stream) error {
	p.out.Reset()
	if p.zip == nil {
		var err error
		if p.zip, err = gzip.NewWriterLevel(&p.out, gzip.BestSpeed); err != nil {
			return fmt.Errorf("compressing a request: %w", err)
		}
	} else {
		p.zip.Reset(&p.out)
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{p.zip}, struct{ io.Reader }{s}, make([]byte, 64<<10)); err != nil {
		return fmt.Errorf("compressing a request: %w", err)
	}
	if err := p.zip.Close(); err != nil {
		return fmt.Errorf("compressing a request: %w", err)
	}
	return nil
}

// reader is the compressed body as the transport reads it.
type reader struct {
	bytes.Reader
	closed atomic.Bool
}

// Close implements io.Closer.
func (r *reader) Close() error {
	r.closed.Store(true)
	return nil
}

// Tidy makes a document fit for a request, and returns it as it is where there is nothing to do. A line end between two
// tokens is legal in JSON and would end the document in a request, so it becomes a blank; inside of a string there can be
// none. An id that has quotes or control characters in it, as names of files may, is written as JSON writes it.
func Tidy(d Doc) Doc {
	if d.Version > 1 {
		d.end = fmt.Sprintf(remiddle, d.Version)
	}
	if bytes.IndexByte(d.JSON, '\n') >= 0 {
		d.JSON = bytes.ReplaceAll(d.JSON, []byte{'\n'}, []byte{' '})
	}
	for _, c := range d.ID {
		if c < ' ' || c == '"' || c == '\\' {
			d.ID = escaped(d.ID)
			break
		}
	}
	return d
}

// escaped returns an id as the inside of a JSON string.
func escaped(id []byte) []byte {
	const hex = "0123456789abcdef"
	dst := make([]byte, 0, len(id)+16)
	for _, c := range id {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

var (
	_ io.ReadCloser = (*stream)(nil)
	_ io.ReadCloser = (*reader)(nil)
)
