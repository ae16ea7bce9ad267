package index

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"weir/internal/archive/column"
)

// Reader answers from one index. It is safe for several goroutines. Every error but those of opening wraps ErrDamaged:
// the caller then does without the index.
type Reader struct {
	src    io.ReaderAt
	closer io.Closer
	size   int64
	t      trailer
	blocks []block
}

type block struct {
	first    string
	off, len int64
	sum      uint32
}

// decoders are shared: one of them owns buffers of its own for each call that runs.
var decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(64<<20))
})

// Open opens the index file of the segment with this SHA-256 and so many rows.
func Open(path string, sha [32]byte, rows int) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening an index: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		_ = f.Close() // only read
		return nil, fmt.Errorf("opening an index: %w", err)
	}
	r, err := NewReader(f, st.Size(), Of(sha), rows)
	if err != nil {
		_ = f.Close() // only read
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	r.closer = f
	return r, nil
}

// NewReader reads the directory of an index of size bytes for a segment (see Of) of so many rows.
func NewReader(src io.ReaderAt, size int64, segment uint64, rows int) (*Reader, error) {
	r := &Reader{src: src, size: size}
	if size < trailerSize {
		return nil, ErrDamaged
	}
	end, err := r.read(size-trailerSize, trailerSize)
	if err != nil {
		return nil, err
	}
	t, ok := parseTrailer(end)
	if !ok || t.segment != segment || int(t.rows) != rows {
		return nil, ErrDamaged
	}
	r.t = t
	dir, err := r.read(int64(t.dirOff), int64(t.dirLen))
	if err != nil || len(dir) < 4 {
		return nil, ErrDamaged
	}
	body := dir[:len(dir)-4]
	plain, err := r.unpack(body, binary.LittleEndian.Uint32(dir[len(body):]))
	if err != nil {
		return nil, err
	}
	return r, r.directory(plain)
}

// directory reads the list of blocks, which stays in memory: a few kilobytes for a segment.
func (r *Reader) directory(b []byte) error {
	p := cursor{b: b}
	for len(p.b) > 0 && !p.bad {
		bl := block{first: string(p.bytes(p.num())), off: p.num(), len: p.num(), sum: p.sum()}
		r.blocks = append(r.blocks, bl)
	}
	if p.bad {
		return ErrDamaged
	}
	return nil
}

// read returns n bytes at off, both of which may come from the file itself.
func (r *Reader) read(off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off > r.size || n > r.size-off {
		return nil, ErrDamaged
	}
	buf := make([]byte, n)
	if _, err := r.src.ReadAt(buf, off); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return buf, nil
}

// unpack checks and decompresses one part of the file.
func (r *Reader) unpack(b []byte, sum uint32) ([]byte, error) {
	if checksum(b) != sum {
		return nil, ErrDamaged
	}
	d, err := decoder()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	plain, err := d.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return plain, nil
}

// Close closes the file.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// cursor reads numbers and bytes; bad stays set after the first that is not there.
type cursor struct {
	b   []byte
	bad bool
}

// num reads a number. Numbers above 2^62 are refused, so that sums of two do not overflow.
func (p *cursor) num() int64 {
	n, w := binary.Uvarint(p.b)
	if w <= 0 || n > 1<<62 {
		p.bad, p.b = true, nil
		return 0
	}
	p.b = p.b[w:]
	return int64(n)
}

// bytes reads n bytes without a copy.
func (p *cursor) bytes(n int64) []byte {
	if n > int64(len(p.b)) {
		p.bad, p.b = true, nil
		return nil
	}
	out := p.b[:n]
	p.b = p.b[n:]
	return out
}

// sum reads a checksum.
func (p *cursor) sum() uint32 {
	b := p.bytes(4)
	if p.bad {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

// entry is one term of a block as it is walked over. term is only valid until the next one.
type entry struct {
	term      []byte
	inline    []byte
	off, size int64
	sum       uint32
}

// walk calls fn for the terms of a block in order until it returns false.
func (r *Reader) walk(bl block, fn func(entry) (bool, error)) error {
	b, err := r.read(bl.off, bl.len)
	if err != nil {
		return err
	}
	plain, err := r.unpack(b, bl.sum)
	if err != nil {
		return err
	}
	p := cursor{b: plain}
	var term []byte
	for len(p.b) > 0 {
		shared := p.num()
		suffix := p.bytes(p.num())
		n := p.num()
		if p.bad || shared > int64(len(term)) {
			return ErrDamaged
		}
		term = append(term[:shared], suffix...)
		en := entry{term: term}
		if n <= inlineMax {
			en.inline = p.bytes(n)
		} else {
			en.off, en.size, en.sum = p.num(), p.num(), p.sum()
		}
		if p.bad {
			return ErrDamaged
		}
		if more, err := fn(en); err != nil || !more {
			return err
		}
	}
	return nil
}

// rows adds the rows of a term to set.
func (r *Reader) rows(en entry, set column.Bits) error {
	post := en.inline
	if post == nil {
		b, err := r.read(en.off, en.size)
		if err != nil {
			return err
		}
		if post, err = r.unpack(b, en.sum); err != nil {
			return err
		}
	}
	if !addPostings(set, post, int(r.t.rows)) {
		return ErrDamaged
	}
	return nil
}

// Rows adds the rows that hold a term to set. The text of a token is folded.
func (r *Reader) Rows(space Space, text string, set column.Bits) error {
	term := string(space) + text
	i := sort.Search(len(r.blocks), func(i int) bool { return r.blocks[i].first > term }) - 1
	if i < 0 {
		return nil
	}
	return r.walk(r.blocks[i], func(en entry) (bool, error) {
		switch c := strings.Compare(string(en.term), term); {
		case c < 0:
			return true, nil
		case c == 0:
			return false, r.rows(en, set)
		}
		return false, nil
	})
}

// Each calls match for every term of a space, without its space byte, and adds the rows of those it chooses to set.
// The text is only valid during the call.
func (r *Reader) Each(space Space, match func(text string) bool, set column.Bits) error {
	from := sort.Search(len(r.blocks), func(i int) bool { return r.blocks[i].first >= string(space) })
	for i := max(from-1, 0); i < len(r.blocks) && r.blocks[i].first < string(space+1); i++ {
		err := r.walk(r.blocks[i], func(en entry) (bool, error) {
			if len(en.term) == 0 || en.term[0] < byte(space) {
				return true, nil
			}
			if en.term[0] > byte(space) {
				return false, nil
			}
			if match(string(en.term[1:])) {
				return true, r.rows(en, set)
			}
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Has tells whether a string may be the whole value of a field (see Whole); false is certain. Without a field it is
// about all fields that are not Rare.
func (r *Reader) Has(field, value string) (bool, error) {
	return inBloom(r.src, int64(r.t.bloomOff), int(r.t.bloomLen), hash(field, value))
}

// Check reads the whole index and returns ErrDamaged if any part of it is not as it was written.
func (r *Reader) Check() error {
	set := column.NewBits(int(r.t.rows))
	for _, bl := range r.blocks {
		if err := r.walk(bl, func(en entry) (bool, error) { return true, r.rows(en, set) }); err != nil {
			return err
		}
	}
	filter, err := r.read(int64(r.t.bloomOff), int64(r.t.bloomLen))
	if err != nil {
		return err
	}
	for len(filter) > 0 {
		n := min(len(filter), bloomPage+4)
		if n < 4+bloomBlock || checksum(filter[:n-4]) != binary.LittleEndian.Uint32(filter[n-4:n]) {
			return ErrDamaged
		}
		filter = filter[n:]
	}
	return nil
}
