package aws

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"weir/ingest"
	"weir/internal/record"
)

// read hands all records of an object to the front door and returns when Kafka has them.
//
// A batch is handed over when the one before is in Kafka: so at every moment the lines of an object that are in Kafka are
// its first ones, which is what the cursors of normalise rest on.
func (s *Source) read(ctx context.Context, o object, emit ingest.Emit) error {
	in := &s3.GetObjectInput{Bucket: &o.bucket, Key: &o.key}
	if o.version != "" {
		in.VersionId = &o.version
	}
	out, err := s.buckets.GetObject(ctx, in, func(opts *s3.Options) {
		if o.region != "" && !s.foreign {
			opts.Region = o.region
		}
	})
	if err != nil {
		return err
	}
	defer out.Body.Close()
	wire := &wire{r: out.Body, want: aws.ToInt64(out.ContentLength), sized: out.ContentLength != nil}
	e := &emitter{source: s, emit: emit, origin: o.bucket, key: objectKey(o, out)}
	content, err := decompress(wire)
	if err != nil {
		if wire.err != nil {
			return wire.err
		}
		return e.dead(ctx, &badObject{reasonDamaged, err.Error()}, nil)
	}
	return e.all(ctx, newSplitter(content), wire)
}

// objectKey is the identity of what was read: the version where the bucket keeps versions, else the tag of the content. An
// object that was written again under its name is another one.
func objectKey(o object, out *s3.GetObjectOutput) string {
	version := aws.ToString(out.VersionId)
	if version == "" || version == "null" {
		version = strings.Trim(aws.ToString(out.ETag), `"`)
	}
	return "s3/" + o.bucket + "/" + o.key + "/" + version
}

// wire reads the body of an answer and remembers whether the way failed: then it is read again. What is wrong with all of
// its bytes at hand is wrong with the object.
type wire struct {
	r     io.Reader
	want  int64
	sized bool
	got   int64
	err   error
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.got += int64(n)
	if err == io.EOF && w.sized && w.got < w.want {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && err != io.EOF {
		w.err = fmt.Errorf("reading the object: %w", err)
	}
	return n, err
}

// decompress unpacks what is gzip by its first bytes, whatever its name is.
func decompress(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, window)
	if magic, _ := b.Peek(2); len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
		return b, nil
	}
	return gzip.NewReader(b)
}

// emitter makes raw records of one object. It belongs to one goroutine; the memory of a batch is used again when the front
// door has answered.
type emitter struct {
	source *Source
	emit   ingest.Emit
	origin string
	key    string
	line   int64

	arena []byte
	ends  []int // of the records in arena
	tags  [][]string
}

// Bounds of a batch.
const (
	batchRecords = 500
	batchBytes   = 1 << 20
)

// all emits every record, and a dead letter for what is none.
func (e *emitter) all(ctx context.Context, sp *splitter, w *wire) error {
	for {
		rec, whole, err := sp.next()
		switch {
		case err == nil && whole:
			err = e.add(ctx, rec, nil)
		case err == nil:
			err = e.add(ctx, rec, []string{record.TagTruncated, record.TagUnusable(reasonTooLong, fmt.Sprintf("the record has more than %d bytes, which is what goes through Kafka", maxRecord))})
		case errors.Is(err, io.EOF):
			return e.flush(ctx)
		case w.err != nil: // even if what could be read of it makes no sense
			return errors.Join(e.flush(ctx), w.err)
		default:
			bad := asBad(err)
			if bad.reason == reasonUnknown && sp.digest {
				return nil
			}
			if ferr := e.flush(ctx); ferr != nil {
				return ferr
			}
			return e.dead(ctx, bad, sp.rest())
		}
		if err != nil {
			return err
		}
	}
}

// asBad says what is wrong with an object that was read to its end.
func asBad(err error) *badObject {
	if bad, ok := errors.AsType[*badObject](err); ok {
		return bad
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &badObject{reasonCut, "the compressed data end too early"}
	}
	if _, ok := errors.AsType[flate.CorruptInputError](err); ok || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		return &badObject{reasonDamaged, "the compressed data are damaged (" + err.Error() + ")"}
	}
	return &badObject{reasonDamaged, err.Error()}
}

// dead emits what could not be read of the object, with the reason.
func (e *emitter) dead(ctx context.Context, bad *badObject, rest []byte) error {
	if e.source.noted.First(bad.reason + " " + e.key) {
		e.source.log.Error("an object cannot be read to its end; what could not be read is in the dead letters", "object", e.key, "records", e.line, "reason", bad.reason, "detail", bad.detail)
	}
	if err := e.add(ctx, rest, []string{record.TagUnusable(bad.reason, bad.detail)}); err != nil {
		return err
	}
	return e.flush(ctx)
}

// add takes one record into the batch. rec is copied.
func (e *emitter) add(ctx context.Context, rec []byte, tags []string) error {
	e.arena = append(e.arena, rec...)
	e.ends = append(e.ends, len(e.arena))
	e.tags = append(e.tags, tags)
	if len(e.ends) >= batchRecords || len(e.arena) >= batchBytes {
		return e.flush(ctx)
	}
	return nil
}

// flush hands the batch over and waits until it is in Kafka.
func (e *emitter) flush(ctx context.Context) error {
	if len(e.ends) == 0 {
		return nil
	}
	batch, now, from := make([]record.Raw, len(e.ends)), time.Now(), 0
	for i, end := range e.ends {
		batch[i] = record.Raw{Value: e.arena[from:end:end], Received: now, Proto: "s3", Input: Input, Tags: e.tags[i], Origin: e.origin, Key: e.key, Line: e.line}
		e.line++
		from = end
	}
	e.source.counter.Received(batch[0].Source(), len(batch), len(e.arena))
	done := make(chan error, 1)
	if err := e.emit(ctx, batch, func(err error) { done <- err }); err != nil {
		return fmt.Errorf("handing over records: %w", err)
	}
	if err := await(ctx, done, e.source.times.end); err != nil {
		return fmt.Errorf("handing over records: %w", err)
	}
	e.arena, e.ends, e.tags = e.arena[:0], e.ends[:0], e.tags[:0]
	return nil
}

// await waits for the front door's answer. A source that is being ended waits for it a little longer.
func await(ctx context.Context, done <-chan error, longer time.Duration) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(longer):
		return ctx.Err()
	}
}
