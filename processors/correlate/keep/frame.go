package keep

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A snapshot is its magic, a byte that is the version of its form, and frames: length and checksum (CRC-32C of the number
// of the frame and of its bytes) as four bytes each, then the bytes. The last frame is empty. So a snapshot is written
// and read a piece at a time, and one that was cut off, changed or put together from two is found out.
const (
	magic   = "weir correlate partition\n"
	version = 2
	headLen = 8
	// maxFrame bounds what a reader holds at once.
	maxFrame = 64 << 20
)

var (
	// ErrBroken tells that bytes are no snapshot, or not a whole one.
	ErrBroken = errors.New("the state is broken")
	// ErrVersion tells that a snapshot is of another version of weir.
	ErrVersion = errors.New("the state is of another version of weir")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Writer writes the frames of a snapshot.
type Writer struct {
	to     io.Writer
	number uint32
	size   int64
}

// NewWriter begins a snapshot.
func NewWriter(to io.Writer) (*Writer, error) {
	w := &Writer{to: to, size: int64(len(magic) + 1)}
	if _, err := to.Write(append([]byte(magic), version)); err != nil {
		return nil, err
	}
	return w, nil
}

// Frame writes some bytes. None are no frame.
func (w *Writer) Frame(body []byte) error {
	for len(body) > 0 {
		part := body[:min(len(body), maxFrame)]
		if err := w.frame(part); err != nil {
			return err
		}
		body = body[len(part):]
	}
	return nil
}

func (w *Writer) frame(body []byte) error {
	var head [headLen]byte
	binary.LittleEndian.PutUint32(head[:], uint32(len(body)))
	binary.LittleEndian.PutUint32(head[4:], sum(w.number, body))
	w.number++
	w.size += int64(headLen + len(body))
	if _, err := w.to.Write(head[:]); err != nil {
		return err
	}
	_, err := w.to.Write(body)
	return err
}

// Close writes the frame by which a reader knows that this is all. It closes nothing below.
func (w *Writer) Close() error { return w.frame(nil) }

// Size is how many bytes were written.
func (w *Writer) Size() int64 { return w.size }

// sum is the checksum of a frame: with its number, so that none can be left out or stand elsewhere.
func sum(number uint32, body []byte) uint32 {
	var n [4]byte
	binary.LittleEndian.PutUint32(n[:], number)
	return crc32.Update(crc32.Checksum(n[:], castagnoli), castagnoli, body)
}

// Reader reads what a Writer wrote.
type Reader struct {
	from   *bufio.Reader
	number uint32
	buf    []byte
	done   bool
}

// NewReader begins to read a snapshot.
func NewReader(from io.Reader) (*Reader, error) {
	r := &Reader{from: bufio.NewReaderSize(from, 64<<10)}
	head := make([]byte, len(magic)+1)
	if _, err := io.ReadFull(r.from, head); err != nil {
		return nil, r.ended(err)
	}
	if string(head[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: it does not begin as it must", ErrBroken)
	}
	if v := head[len(magic)]; v != version {
		return nil, fmt.Errorf("%w: its form is %d, and only %d is read here", ErrVersion, v, version)
	}
	return r, nil
}

// Next returns the bytes of the next frame, which are good until the next call, and io.EOF after the last.
func (r *Reader) Next() ([]byte, error) {
	if r.done {
		return nil, io.EOF
	}
	var head [headLen]byte
	if _, err := io.ReadFull(r.from, head[:]); err != nil {
		return nil, r.ended(err)
	}
	n := int(binary.LittleEndian.Uint32(head[:]))
	if n > maxFrame {
		return nil, fmt.Errorf("%w: a part of %d bytes cannot be", ErrBroken, n)
	}
	if err := r.fill(n); err != nil {
		return nil, err
	}
	if sum(r.number, r.buf) != binary.LittleEndian.Uint32(head[4:]) {
		return nil, fmt.Errorf("%w: the checksum of a part is wrong, it was changed", ErrBroken)
	}
	r.number++
	if n > 0 {
		return r.buf, nil
	}
	r.done = true
	if _, err := r.from.ReadByte(); err == nil {
		return nil, fmt.Errorf("%w: something follows its end", ErrBroken)
	}
	return nil, io.EOF
}

// fill reads n bytes. Room is made as they come, not as many as a broken length names.
func (r *Reader) fill(n int) error {
	const step = 1 << 20
	r.buf = r.buf[:0]
	for len(r.buf) < n {
		from := len(r.buf)
		more := min(n-from, step)
		for cap(r.buf) < from+more {
			r.buf = append(r.buf[:cap(r.buf)], 0)
		}
		r.buf = r.buf[:from+more]
		if _, err := io.ReadFull(r.from, r.buf[from:]); err != nil {
			return r.ended(err)
		}
	}
	return nil
}

// ended tells an end that comes too early from a disk that fails.
func (r *Reader) ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it was cut off", ErrBroken)
	}
	return err
}
