package state

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"
)

// A file is the magic and then one frame for each Save: length and checksum (CRC-32C) of the body as four bytes each,
// then the body: the number of changes, and for each the length of the key, the key, the length of the value plus one,
// the value; 0 in place of the length: forgotten.
const (
	fileMagic = "weir state 1\n"
	frameHead = 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errBroken = errors.New("the state is broken")

// appendFrame appends the frame of one Save.
func appendFrame(dst []byte, changes []Change) []byte {
	from := len(dst)
	dst = append(dst, make([]byte, frameHead)...)
	dst = binary.AppendUvarint(dst, uint64(len(changes)))
	for _, c := range changes {
		dst = binary.AppendUvarint(dst, uint64(len(c.Key)))
		dst = append(dst, c.Key...)
		if c.Value == nil {
			dst = append(dst, 0)
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(len(c.Value))+1)
		dst = append(dst, c.Value...)
	}
	body := dst[from+frameHead:]
	binary.LittleEndian.PutUint32(dst[from:], uint32(len(body)))
	binary.LittleEndian.PutUint32(dst[from+4:], crc32.Checksum(body, castagnoli))
	return dst
}

// nextFrame returns the body of the first frame of b and what follows it; ok is false where there is no whole frame.
func nextFrame(b []byte) (body, rest []byte, ok bool) {
	if len(b) < frameHead {
		return nil, b, false
	}
	n := uint64(binary.LittleEndian.Uint32(b))
	if uint64(len(b)-frameHead) < n {
		return nil, b, false
	}
	body = b[frameHead : frameHead+n]
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
		return nil, b, false
	}
	return body, b[frameHead+n:], true
}

// applyFrame puts the changes of a frame into values, which alias body.
func applyFrame(values map[string][]byte, body []byte) error {
	r := reader{b: body}
	for n := r.count(); n > 0 && !r.failed; n-- {
		key := string(r.take(r.count()))
		size := r.count()
		if size == 0 {
			if !r.failed {
				delete(values, key)
			}
			continue
		}
		if value := r.take(size - 1); !r.failed {
			values[key] = slices.Clip(value)
		}
	}
	if r.failed || len(r.b) > 0 {
		return errBroken
	}
	return nil
}

// reader reads numbers and bytes; after the first that is not there, failed is set and everything is empty.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) count() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > math.MaxInt32 {
		r.failed, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) take(n uint64) []byte {
	if uint64(len(r.b)) < n {
		r.failed, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}
