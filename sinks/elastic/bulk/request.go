package bulk

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
)

// request is the memory of one bulk request. It is used again only after the transport has closed it: an answer may come
// before the body was read to its end.
type request struct {
	plain  []byte
	packed bytes.Buffer
	zip    *gzip.Writer
}

// requests keep the memory of a few requests; each is as large as the largest that it held.
var requests = sync.Pool{New: func() any { return &request{} }}

// fill writes the body for the documents at places of docs, which all have the same index, and returns it.
//
// The bodies of documents are copied as they are. A line end between two tokens is legal in JSON and would end the
// document here, so it becomes a blank; inside of a string there can be none.
func (r *request) fill(docs []Doc, places []int32, compress bool) ([]byte, error) {
	dst := r.plain[:0]
	for _, at := range places {
		d := &docs[at]
		dst = append(dst, `{"create":{"_id":"`...)
		dst = appendEscaped(dst, d.ID)
		dst = append(dst, "\"}}\n"...)
		from := len(dst)
		dst = append(dst, d.JSON...)
		for body := dst[from:]; ; {
			i := bytes.IndexByte(body, '\n')
			if i < 0 {
				break
			}
			body[i] = ' '
			body = body[i+1:]
		}
		dst = append(dst, '\n')
	}
	r.plain = dst
	if !compress {
		return dst, nil
	}
	r.packed.Reset()
	if r.zip == nil {
		var err error
		if r.zip, err = gzip.NewWriterLevel(&r.packed, gzip.BestSpeed); err != nil {
			return nil, err
		}
	} else {
		r.zip.Reset(&r.packed)
	}
	if _, err := r.zip.Write(dst); err != nil {
		return nil, err
	}
	if err := r.zip.Close(); err != nil {
		return nil, err
	}
	return r.packed.Bytes(), nil
}

// appendEscaped appends an id as the inside of a JSON string. Ids are made of letters, digits and a few marks, but those
// of files and objects have names in them.
func appendEscaped(dst, id []byte) []byte {
	for _, c := range id {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// body is a request's body as the transport reads it. closed says that the transport is done with the memory.
type body struct {
	bytes.Reader
	closed atomic.Bool
}

// newBody returns a reader of b.
func newBody(b []byte) *body {
	r := &body{}
	r.Reset(b)
	return r
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.closed.Store(true)
	return nil
}

var _ io.ReadCloser = (*body)(nil)
