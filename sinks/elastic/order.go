package elastic

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
)

// order keeps the highest source position of each source partition that was taken. Nearly all records of a batch come from
// one source partition: its position is kept aside, so that a record costs no look-up and no memory.
type order struct {
	high marks
	// prefix is topic/partition/ of the partition kept aside, key the same as in high; known says that it has a position.
	prefix []byte
	key    string
	pos    record.Pos
	known  bool
}

// snapshot returns the positions as they are now.
func (o *order) snapshot() marks {
	o.store()
	return maps.Clone(o.high)
}

// store puts the position kept aside to the others.
func (o *order) store() {
	if o.known {
		o.high[o.key] = o.pos
	}
}

// turn keeps another source partition aside.
func (o *order) turn(src []byte) error {
	pos, err := record.ParsePos(string(src))
	if err != nil {
		return err
	}
	o.store()
	o.key = markKey(pos)
	o.prefix = append(append(o.prefix[:0], o.key...), '/')
	o.pos, o.known = o.high[o.key]
	o.pos.Topic, o.pos.Partition = pos.Topic, pos.Partition
	return nil
}

// parse reads a source position, and keeps its source partition aside.
func (o *order) parse(src []byte) (record.Pos, error) {
	if len(o.prefix) == 0 || !bytes.HasPrefix(src, o.prefix) {
		if err := o.turn(src); err != nil {
			return record.Pos{}, err
		}
	}
	pos := o.pos
	offset, rest, ok := number(src[len(o.prefix):])
	if ok && len(rest) > 1 && rest[0] == '/' {
		var sub int64
		if sub, rest, ok = number(rest[1:]); ok && len(rest) == 0 && sub < 1<<31 {
			pos.Offset, pos.Sub = offset, int32(sub)
			return pos, nil
		}
	}
	return record.ParsePos(string(src)) // with its own words about what is wrong
}

// number reads decimal digits.
func number(b []byte) (n int64, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < 18 && b[i] >= '0' && b[i] <= '9'; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	return n, b[i:], i > 0
}

// hole is the last one met in a partition.
type hole struct {
	offset int64
	times  int
}

// holeTries is how often the same hole is met before it is taken for what it is: records that the topic no longer has.
const holeTries = 3

// errHole means that a record names one before it that was never read. The partition is read again.
var errHole = errors.New("a record is missing between this one and what was read before")

// check looks at the source position of a record: one that is not above what was taken is a copy, one that names a
// position before it which was never taken shows a hole. sub is its number among those made of one raw record.
func (w *worker) check(r *kgo.Record, h *header) (repeated bool, sub int32, err error) {
	if len(h.src) == 0 {
		return false, 0, nil
	}
	o := &w.order
	src, err := o.parse(h.src)
	if err != nil {
		w.log.Error("a record's source position cannot be read; it is sent without one", "offset", r.Offset, "err", err)
		return false, 0, nil
	}
	if o.known && src.Compare(o.pos) <= 0 {
		return true, src.Sub, nil
	}
	// The usual case: the position before it is that of the record before it.
	if len(h.prev) > 0 && !bytes.Equal(h.prev, w.last.src) {
		if err := w.hole(r, string(h.prev)); err != nil {
			return false, 0, err
		}
	}
	if !o.known {
		w.begins(strings.Clone(o.key), src)
	}
	o.pos, o.known = src, true
	return false, src.Sub, nil
}

// hole compares the position before a record with what was taken. One that stays after the partition was read again is a
// hole in the topic: it is said once, and the rest goes on.
func (w *worker) hole(r *kgo.Record, text string) error {
	prev, err := record.ParsePos(text)
	if err != nil {
		return nil //nolint:nilerr // it only says less
	}
	w.order.store()
	have, ok := w.order.high[markKey(prev)]
	if !ok || prev.Compare(have) <= 0 {
		return nil
	}
	if w.sink.metAgain(w.at, r.Offset) {
		w.log.Error("records are missing in the topic; going on without them", "offset", r.Offset, "have", have.String(), "before", text)
		return nil
	}
	return fmt.Errorf("at %s/%d offset %d, before %s: %w", r.Topic, r.Partition, r.Offset, text, errHole)
}

// begins keeps the first position taken of a source partition.
func (w *worker) begins(k string, src record.Pos) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.first[k]; !ok {
		w.first[k] = src
	}
}

// metAgain counts how often a hole was met, and tells whether it was too often.
func (s *Sink) metAgain(at place, offset int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.holes[at]
	if h.offset != offset {
		h = hole{offset: offset}
	}
	h.times++
	s.holes[at] = h
	return h.times > holeTries
}
