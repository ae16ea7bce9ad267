// Package frame cuts a byte stream into syslog records. The framing is recognised for each record by itself, so that
// senders with different habits may share one connection (a relay, a port forwarder): octet counting as in RFC 6587
// and RFC 5425, or a line that ends with LF, CRLF or NUL.
//
// What is cut depends on the bytes alone and never on how the network delivered them. The two exceptions are the end
// of the stream and Settle, which is the caller's word that it will wait no longer.
package frame

import "bytes"

// slack is more than the longest record start that has to be seen whole: seven digits, a blank, <191>.
const slack = 16

// Record is one record of the stream.
type Record struct {
	Bytes     []byte // aliases the buffer that was given to Next
	Truncated bool   // the sender's record was longer than the limit
}

// Counts are what a framer saw beside whole records.
type Counts struct {
	Empty       int // lines without a byte, skipped
	Truncated   int // records longer than the limit
	Skipped     int // bytes of those beyond the limit
	WrongCounts int // octet counts that did not fit what followed
}

// Framer holds the place in one stream. Its zero value is not usable: call New. One goroutine at a time.
type Framer struct {
	max    int
	counts Counts

	skipBytes int  // left to skip of a counted record beyond the limit
	skipLine  bool // inside a line beyond the limit: skip to its end
	// adrift means that no line end was seen since the last octet count. If that count was wrong, what comes now is
	// the rest of a record without an end of its own, so a record start with a count ends it too.
	adrift   bool
	searched int  // bytes at the front of the buffer that are known to hold no end of line
	settle   bool // see Settle
}

// New makes a framer for records of at most limit bytes.
func New(limit int) *Framer { return &Framer{max: limit} }

// Room is how many bytes a caller's buffer must be able to hold so that Next can always decide.
func (f *Framer) Room() int { return f.max + 4*slack }

// Counts returns the counts since the last call and starts them again from zero.
func (f *Framer) Counts() Counts {
	c := f.counts
	f.counts = Counts{}
	return c
}

// Settle tells the framer not to wait for further bytes where a record is whole but for a doubt, or where a count asks
// for more bytes while what is there holds a further record. It applies to the calls of Next until one finds no
// record. The caller decides how long a sender may keep such a record waiting.
func (f *Framer) Settle() { f.settle = true }

// Next takes the next record off the front of buf, which holds all bytes that were not consumed before. It returns how
// many bytes to consume, which may be more than 0 without a record, and whether there is one: if not, it needs more
// bytes. With eof the stream has ended, and what is left is the last record.
func (f *Framer) Next(buf []byte, eof bool) (r Record, n int, ok bool) {
	for n < len(buf) {
		r, k, ok := f.step(buf[n:], eof)
		n += k
		if ok {
			return r, n, true
		}
		if k == 0 {
			break
		}
	}
	f.settle = false
	return Record{}, n, false
}

// step takes one thing off buf: a record, an empty line, a wrong count, or bytes that are skipped.
func (f *Framer) step(buf []byte, eof bool) (Record, int, bool) {
	if f.skipBytes > 0 {
		n := min(f.skipBytes, len(buf))
		f.skipBytes -= n
		f.counts.Skipped += n
		return Record{}, n, false
	}
	if f.skipLine {
		if n := f.skip(buf, eof); n > 0 || f.skipLine {
			return Record{}, n, false
		}
	}
	if c := buf[0]; c >= '1' && c <= '9' && f.searched == 0 {
		head, count, is := countHead(buf)
		if is == yes {
			return f.counted(buf, head, count, eof)
		}
		if is == unsure && !eof {
			return Record{}, 0, false
		}
	}
	return f.line(buf, eof)
}

// counted takes a record whose octet count stands before it: head bytes, then count bytes.
//
// A count may be wrong. To look for a new record only inside a record would let whoever controls a message's text
// forge records, which octet counting is there to prevent; to look only behind it would let one wrong count swallow
// many records. So a record that holds what looks like another one is doubted, and the bytes behind it decide.
func (f *Framer) counted(buf []byte, head, count int, eof bool) (Record, int, bool) {
	keep := min(count, f.max)
	whole := len(buf) >= head+keep
	if !whole && !eof && !f.settle {
		return Record{}, 0, false
	}
	body := buf[head:min(head+keep, len(buf))]
	doubt := holdsStart(body)
	switch {
	case !whole && !eof && !doubt:
		return Record{}, 0, false
	case doubt && (!whole || count > f.max):
		return f.wrongCount(head)
	case doubt:
		switch startsRecord(buf[head+count:]) {
		case no:
			return f.wrongCount(head)
		case unsure:
			atEnd := len(buf) == head+count
			if !eof && !f.settle {
				return Record{}, 0, false
			}
			if !atEnd {
				return f.wrongCount(head)
			}
		}
	case !whole:
		f.counts.WrongCounts++ // the stream ended inside the record
	}
	f.adrift = true
	n := head + len(body)
	if count > f.max && whole {
		f.skipBytes = count - keep
		f.counts.Truncated++
		return Record{body, true}, n, true
	}
	return Record{Trim(body), false}, n, true
}

// wrongCount drops the count, so that what follows is read as lines.
func (f *Framer) wrongCount(head int) (Record, int, bool) {
	f.counts.WrongCounts++
	f.adrift = true
	return Record{}, head, false
}

// line takes a record that ends with LF, CRLF or NUL.
func (f *Framer) line(buf []byte, eof bool) (Record, int, bool) {
	// One byte beyond the limit may be the CR of a CRLF, one more its LF.
	need := f.max + 2
	if f.adrift {
		need += slack
	}
	region := buf[:min(len(buf), need)]
	end := indexEnd(region, f.searched)
	if f.adrift {
		stop := region
		if end >= 0 {
			stop = region[:end]
		}
		if p := indexCount(stop, max(f.searched-slack, 0), 1); p > 0 {
			return f.lineDone(buf[:p], p)
		}
	}
	switch {
	case end >= 0:
		f.adrift = false
		content := region[:end]
		if region[end] == '\n' {
			content = bytes.TrimSuffix(content, cr)
		}
		return f.lineDone(content, end+1)
	case len(region) == need:
		f.skipLine = true
		f.counts.Skipped -= len(region) - f.max // skip counts them again
		r, _, _ := f.lineDone(region, f.max)
		return r, f.max, true
	case eof:
		return f.lineDone(bytes.TrimSuffix(region, cr), len(region))
	}
	f.searched = len(region)
	return Record{}, 0, false
}

var cr = []byte{'\r'}

// lineDone ends a line of which n bytes are consumed.
func (f *Framer) lineDone(content []byte, n int) (Record, int, bool) {
	f.searched = 0
	if len(content) > f.max {
		f.counts.Truncated++
		f.counts.Skipped += len(content) - f.max
		return Record{content[:f.max:f.max], true}, n, true
	}
	if len(content) == 0 {
		f.counts.Empty++
		return Record{}, n, false
	}
	return Record{content, false}, n, true
}

// skip returns how many bytes of an over-long line to throw away.
func (f *Framer) skip(buf []byte, eof bool) int {
	end := indexEnd(buf, 0)
	n := end + 1
	stop := buf
	if end >= 0 {
		stop = buf[:end]
	}
	if f.adrift {
		if p := indexCount(stop, 0, 0); p >= 0 {
			f.skipLine = false
			f.counts.Skipped += p
			return p
		}
	}
	switch {
	case end >= 0:
		f.skipLine, f.adrift = false, false
		f.counts.Skipped += end
		return n
	case f.adrift && !eof:
		n = max(len(buf)-slack, 0) // the start of a record may be cut in two here
	default:
		n = len(buf)
	}
	f.counts.Skipped += n
	return n
}

// Trim removes line ends and NULs at the end of a record whose length is known otherwise: a datagram, a counted
// record, a RELP frame. Senders put them there from habit.
func Trim(b []byte) []byte {
	for len(b) > 0 {
		if c := b[len(b)-1]; c != '\n' && c != '\r' && c != 0 {
			break
		}
		b = b[:len(b)-1]
	}
	return b
}
