package file

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"weir/ingest"
	"weir/ingest/syslog/arena"
	"weir/internal/record"
)

const (
	// maxLines is how many records a batch may hold. With lines of 200 bytes a chunk of memory holds about as many.
	maxLines = 2048
	// quota is what is read of one file before the others have their turn.
	quota = 8 << 20
)

// outcome is what a look into a file came to.
type outcome int

const (
	idle       outcome = iota // read to its end
	again                     // there is more
	replaced                  // it holds another content now
	packed                    // it is compressed
	unreadable                // the disk or the server does not give it
	held                      // what was emitted is not in Kafka yet, or was not taken
	stopped                   // the source stops
)

// Pauses before what was not taken is tried again.
const (
	firstPause = 200 * time.Millisecond
	lastPause  = 30 * time.Second
)

// truncated is the tag list of every truncated record; nobody may append in place to it.
var truncated = []string{record.TagTruncated}[:1:1]

// tail is one content of one file that is followed. The scheduler owns it but while a worker has it: then the worker
// does, but for the fields that are said to be the scheduler's.
type tail struct {
	f      *os.File
	entry  *entry
	key    string
	origin string // the path where it was first seen
	source string // its name in counts
	began  bool   // something of it was read in this run, or it is not compressed for certain

	next fingerprint // where the next line begins, and what is before it
	head []byte      // the beginning of the file, next.HeadLen long
	// skip tells that a line is being passed over, of which the first bytes were emitted; the next byte to read then
	// is at pos, while next stays where the line begins.
	skip bool
	pos  int64

	progress progress
	resume   time.Time // not to be read before: it was not taken
	tries    int       // how often that was, at the same place
	failedAt int64     // that place
	final    bool      // it will not grow any more: a last line without an end is one

	// The scheduler's.
	path string    // where it is now, "" when it has left all paths
	seen status    // when last looked at
	grew time.Time // when that changed last
	busy bool      // a worker has it, or it is queued for one
	due  bool      // it is to be read again although nothing was seen to change
}

// reader reads a file from a place on. One goroutine at a time.
type reader struct {
	f   *os.File
	pos int64
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.f.ReadAt(p, r.pos)
	r.pos += int64(n)
	return n, err
}

// read emits what is new in a file, up to quota. ctx ends when the source stops; hand a while later, so that a batch in
// hand can be handed over.
func (s *Source) read(ctx, hand context.Context, t *tail) outcome {
	if failed, settled := t.progress.state(); failed {
		if !settled {
			return held
		}
		if err := s.rewind(t); err != nil {
			s.sayOnce(t, "writing down where a file is read again", err)
		}
		return held
	}
	now, err := look(t.f)
	if err != nil {
		s.sayOnce(t, "asking about a file", err)
		return unreadable
	}
	if now.size < t.place() || !begins(t.f, t.head) || !t.next.marked(t.f) {
		return replaced
	}
	if !t.began {
		if how := compressed(t.f); how != "" && t.next.Offset == 0 {
			s.say(t, "a compressed file is not read", "how", how)
			return packed
		}
		t.began = now.size >= 6
	}
	return s.readOn(ctx, hand, t)
}

// readOn is read after everything was found to be in order.
func (s *Source) readOn(ctx, hand context.Context, t *tail) outcome {
	src := &reader{t.f, t.place()}
	in := s.pool.NewReader(int(s.cfg.MaxRecord) + 2)
	defer in.Close()
	for from := src.pos; src.pos-from < quota; {
		if ctx.Err() != nil {
			return stopped
		}
		n, err := in.Fill(src)
		if err != nil && !errors.Is(err, io.EOF) {
			s.sayOnce(t, "reading a file", err)
			return unreadable
		}
		end := n == 0 || errors.Is(err, io.EOF)
		// A file that was cut while it was read gave bytes of two contents: nothing of them is used.
		if !begins(t.f, t.head) {
			return replaced
		}
		for more := true; more; {
			var failed error
			if more, failed = s.deliver(hand, t, in, end); failed != nil {
				return s.failed(hand, t, failed)
			}
		}
		if end {
			return idle
		}
	}
	return again
}

// failed says what follows from an error of deliver.
func (s *Source) failed(hand context.Context, t *tail, err error) outcome {
	switch {
	case errors.Is(err, errReplaced):
		return replaced
	case hand.Err() != nil:
		return stopped
	case !errors.Is(err, ingest.ErrRefused):
		s.sayOnce(t, "a file cannot be followed", err)
		t.resume = time.Now().Add(time.Second)
	}
	return held
}

// deliver cuts what was read into lines and emits them as one batch, counted. It returns true when there may be lines
// left. end tells that the file has no more.
func (s *Source) deliver(hand context.Context, t *tail, in *arena.Reader, end bool) (more bool, err error) {
	b := s.pool.Batch()
	base := t.place()
	cut := cutter{limit: int(s.cfg.MaxRecord), skip: t.skip, end: end, final: end && t.final}
	data := in.Data()
	size := t.fill(b, &cut, data, base)
	records := len(b.Recs)
	if err := s.learn(t, base+int64(cut.at)); err != nil {
		b.Drop()
		return false, err
	}
	upTo := t.passed(data, base, &cut)
	if records > 0 {
		in.HoldIn(b)
	}
	in.Consume(cut.at)
	switch {
	case records > 0:
		err = s.emitPart(hand, t, b, upTo, size)
	case cut.lineAt > 0: // empty lines, or the end of a long one
		b.Drop()
		s.passBy(t, upTo)
	default:
		b.Drop()
	}
	if err != nil {
		return false, err
	}
	t.next, t.skip, t.pos = upTo, cut.skip, base+int64(cut.at)
	return records == maxLines, nil
}

// place is where the next byte is to be read.
func (t *tail) place() int64 {
	if t.skip {
		return t.pos
	}
	return t.next.Offset
}

// fill cuts data, which begins at base, into records of b. They point into data. It returns their size.
func (t *tail) fill(b *arena.Batch, cut *cutter, data []byte, base int64) (size int) {
	now := time.Now()
	for len(b.Recs) < maxLines {
		line, ok := cut.next(data)
		if !ok {
			break
		}
		r := record.Raw{Value: line.bytes, Received: now, Proto: Input, Input: Input, Origin: t.origin, Key: t.key, Line: base + int64(line.at)}
		if line.long {
			r.Tags = truncated
		}
		b.Recs = append(b.Recs, r)
		size += len(line.bytes)
	}
	return size
}

// errReplaced tells that a file was cut off while it was read.
var errReplaced = errors.New("the file holds another content")

// learn writes down the beginning of a file before anything of it is emitted. After a crash the file is then known to
// hold the same content, or not: lines of another content must not come under the keys of this one. It happens a few
// times in the life of a file.
func (s *Source) learn(t *tail, upTo int64) error {
	want := int(min(upTo, headSize))
	if want <= len(t.head) {
		return nil
	}
	head := make([]byte, want)
	if n, _ := t.f.ReadAt(head, 0); n < want || !bytes.HasPrefix(head, t.head) {
		return errReplaced
	}
	t.head = head
	t.next.HeadLen, t.next.Head = want, sum(head)
	s.registry.learn(t.entry, head)
	return s.registry.save()
}

// passed returns the fingerprint behind the whole lines that were cut off data. A line of which only a part was cut off
// is not passed: a restart begins with it again.
func (t *tail) passed(data []byte, base int64, cut *cutter) fingerprint {
	p := t.next
	if cut.lineAt == 0 {
		return p
	}
	p.Offset = base + int64(cut.lineAt)
	last := data[max(0, cut.lineAt-markSize):cut.lineAt]
	p.MarkLen, p.Mark = len(last), sum(last)
	return p
}

// emitPart counts a batch and hands it over. The part is done when the front door says so, from its goroutine.
func (s *Source) emitPart(hand context.Context, t *tail, b *arena.Batch, upTo fingerprint, size int) error {
	s.opts.Counter.Received(t.source, len(b.Recs), size)
	it, e := t.progress.begin(upTo), t.entry
	err := b.Emit(hand, s.emit, func(err error) {
		if safe, moved := t.progress.end(it, err); moved {
			s.registry.advance(e, safe)
		}
	})
	if err != nil {
		t.progress.end(it, err)
	}
	return err
}

// passBy marks a stretch without records as done, in its turn.
func (s *Source) passBy(t *tail, upTo fingerprint) {
	if safe, moved := t.progress.end(t.progress.begin(upTo), nil); moved {
		s.registry.advance(t.entry, safe)
	}
}

// rewind goes back to the place that is safe after a part was not taken, and lets some time pass, more each time. A part
// behind the lost one that is in Kafka makes the rest another content, under a key of its own: normalise would take the
// lost part for one that it has had.
func (s *Source) rewind(t *tail) error {
	safe := s.registry.place(t.entry)
	if t.progress.restart() {
		t.key = s.registry.rekey(t.entry)
		if err := s.registry.save(); err != nil {
			return err
		}
	}
	if safe.Offset > t.failedAt {
		t.tries = 0
	}
	t.failedAt = safe.Offset
	t.resume = time.Now().Add(min(firstPause<<min(t.tries, 16), lastPause))
	t.tries++
	if head, ok := safe.holds(t.f); ok { // else the next look finds that it was replaced
		t.head = head
	}
	t.next, t.skip, t.pos = safe, false, safe.Offset
	return nil
}
