// Package archive keeps every event in sealed Parquet files by UTC day and retention class, and answers from them and
// from the rows that are not sealed yet.
//
// Rows are taken into the open epoch, which is one over all classes and partitions. A closed epoch is sealed in the
// background: one file for each class and day, then one line in the manifest that publishes them together with the
// positions in the topics that they were made from and the counts of the ledger. Until then the rows are in memory and
// can be rebuilt from the topics; from then on they are durable and the callers of Append are told. Readers see each
// row exactly once all the time: the change from memory to file is one step under the lock.
//
// # On disk
//
//	class=C/day=YYYY-MM-DD/s-NNNNNNNN.parquet   a sealed segment (package segment)
//	class=C/day=YYYY-MM-DD/s-NNNNNNNN.idx       its index, derived, can be rebuilt (package index)
//	manifest.jsonl                              what is published (package manifest)
//
// The day is that of weir.time, so a day's folder may hold events of any logged time; what a segment really holds is
// in its manifest line, and that is what searches go by. NNNNNNNN is the number of the epoch.
//
// # Life of an epoch
//
//	Append -> open -> (rows, bytes, age, Seal) -> sealing -> files written, synced, named -> line synced -> published
//
// There is at most one open epoch and one that is sealed. While the sealed one cannot be finished, because the disk is
// full or gone, the open one fills up, and then Append blocks: pressure goes back through the group to the topics, and
// nothing is dropped. Sealing is tried again until it works.
//
// A crash may leave files of an epoch whose line was not written, and half a line. Both are removed when the folder is
// opened for writing: their rows are read again from the positions of the last whole line. A line is only ever
// appended, and only complete files are named by one.
//
// # Who does what
//
// Callers of Append decode on their own goroutines and take the lock for each row alone. One goroutine seals; it reads
// the tables of a closed epoch without the lock, because nobody adds to them any more, and calls the done functions,
// in the order of the appends. Readers take a snapshot under the lock and work without it. The lock is never held
// during input or output. The follower's lock and that of the open files are taken alone or after it, never before.
package archive

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"sync"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/archive/recall"
	"weir/internal/archive/replica"
	"weir/internal/fault"
	"weir/internal/record"
)

// ErrClosed is what calls return, and what callers of Append are told about rows that were not sealed, once the archive
// is closed. The rows are still in the topics.
var ErrClosed = errors.New("the archive is closed")

// Options are the settings of an archive that is written to.
type Options struct {
	Log        *slog.Logger
	EpochRows  int           // rows after which the open epoch is closed (65,536)
	EpochBytes int64         // size of documents after which it is closed (64 MiB)
	EpochAge   time.Duration // age of its first row after which it is closed (1 h)
	Writer     string        // who writes, for the manifest
	Now        func() time.Time

	// Logged waits until the transparency log has the record of a number on disk; what expires is not removed before. nil:
	// there is no log.
	Logged func(ctx context.Context, seq uint64) error

	// Bucket must have an epoch before it counts as published; nil: the folder alone.
	Bucket *replica.Replica
	// Local is how long sealed segments stay in the folder when a bucket has them; 0: always. What a search needs is
	// fetched again, and Cache bounds the bytes that are kept so (1 GiB).
	Local time.Duration
	Cache int64
	// Lock says until when a bucket must not let anybody delete the events of a class and day, where it can; nil: it may.
	Lock func(class, day string) time.Time
}

// withDefaults fills in what was left out, so that the zero Options work.
func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.EpochRows <= 0 {
		o.EpochRows = 65_536
	}
	if o.EpochBytes <= 0 {
		o.EpochBytes = 64 << 20
	}
	if o.EpochAge <= 0 {
		o.EpochAge = time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Cache <= 0 {
		o.Cache = 1 << 30
	}
	if o.Lock == nil {
		o.Lock = func(string, string) time.Time { return time.Time{} }
	}
	return o
}

// Count is what happened to the records of one account: stored, and dropped as duplicates.
type Count = manifest.Count

// Row is one record for the archive.
type Row struct {
	// Doc is one nested ECS object in JSON. It is read during the call, not changed and not kept. nil: the record at
	// Consumed is a duplicate, which is counted and not stored.
	Doc []byte
	// Consumed is where the record was read: topic, partition, offset.
	Consumed record.Pos
	// Source is the position that the record was derived from; the zero Pos if it has none.
	Source record.Pos
	// Account is the source in the ledger: "syslog/192.0.2.1".
	Account string
}

// Archive is one folder of sealed files and the rows that are not sealed yet. It is safe for many goroutines.
type Archive struct {
	dir    string
	opts   Options
	log    *slog.Logger
	files  *files
	recall *recall.Cache
	// bucket is where the archive is kept besides; nil: nowhere
	bucket *bucket

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced whenever waiting callers should look again
	closed   bool
	open     *epoch // nil in a reader
	sealing  *epoch
	segments []*segmentFile // replaced, never changed: a reader keeps the one it took
	actions  []ActionInfo
	past     map[string]string // SHA-256 of every segment that expired, by path
	leaving  []leaving         // what is removed once the log has it
	lines    chan struct{}     // closed and replaced when the manifest gets a line
	synced   int64             // bytes of the manifest that stay
	durable  Marks
	counts   map[string]Count // durable
	sealed   time.Time        // when the last epoch was published
	problems fault.List

	followers followers

	// The fields below belong to whoever has the pen: the sealing goroutine, or a call of Act.
	pen      chan struct{} // full while somebody has it; nil in a reader
	manifest *os.File
	size     int64 // bytes of the manifest's whole lines
	seq      uint64
	last     string // hash of the manifest's last line
	pending  *pending

	// The fields below belong to the sealing goroutine.
	retry backoff
	wake  chan struct{}
	left  chan struct{} // wakes who removes what expired
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// Open opens a folder for writing and reading, and makes it if it is not there. What a crash left half done is removed.
// A second writer is refused.
func Open(dir string, opts Options) (*Archive, error) {
	a := newArchive(dir, opts.withDefaults())
	if err := a.openWriter(); err != nil {
		a.files.close()
		if a.manifest != nil {
			_ = a.manifest.Close() // nothing was written
		}
		return nil, err
	}
	a.open = newEpoch()
	a.pen = make(chan struct{}, 1)
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	a.done.Go(func() { a.sealLoop(ctx) })
	a.done.Go(func() { a.leaveLoop(ctx) })
	if a.bucket != nil {
		a.done.Go(func() { a.bucketLoop(ctx) })
	}
	return a, nil
}

// OpenReader opens a folder for reading while nobody writes to it. Rows that were not sealed are not there. With a bucket,
// segments that left the folder are fetched from it.
func OpenReader(dir string, bucket ...*replica.Replica) (*Archive, error) {
	var opts Options
	for _, b := range bucket {
		opts.Bucket = b
	}
	a := newArchive(dir, opts.withDefaults())
	if err := a.openReader(); err != nil {
		return nil, err
	}
	return a, nil
}

// newArchive makes the parts that a writer and a reader have in common.
func newArchive(dir string, opts Options) *Archive {
	a := &Archive{
		dir: dir, opts: opts, log: opts.Log.With("component", "archive"), files: newFiles(), recall: recall.New(recall.Most),
		changed: make(chan struct{}), lines: make(chan struct{}), past: map[string]string{}, durable: newMarks(), counts: map[string]Count{}, wake: make(chan struct{}, 1), left: make(chan struct{}, 1),
		retry: backoff{first: 100 * time.Millisecond, most: 10 * time.Second},
	}
	if opts.Bucket != nil {
		a.bucket = newBucket(opts.Bucket, a.log)
		a.files.fetch = a.fetch
	}
	return a
}

// broadcast wakes everybody who waits for a change. The lock is held.
func (a *Archive) broadcast() {
	close(a.changed)
	a.changed = make(chan struct{})
}

// Problems returns what is wrong with the folder: segments that are missing or have the wrong size, lines of the
// manifest that were changed. The rest of the archive works.
func (a *Archive) Problems() fault.List {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append(fault.List(nil), a.problems...)
}

// Counts returns what was stored and dropped by account, sealed and not. After a crash it is what the manifest says,
// which goes with the positions that the manifest says.
func (a *Archive) Counts() map[string]Count {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := maps.Clone(a.counts)
	for _, e := range a.epochs() {
		e.addCounts(out)
	}
	return out
}

// epochs returns the epochs in memory, oldest first. The lock is held.
func (a *Archive) epochs() []*epoch {
	var out []*epoch
	for _, e := range []*epoch{a.sealing, a.open} {
		if e != nil {
			out = append(out, e)
		}
	}
	return out
}

// Close stops sealing and closes the files. Rows that are not sealed are dropped from memory, and whoever waits for
// them is told ErrClosed: call Seal before for a clean stop.
func (a *Archive) Close() error {
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		return nil
	}
	a.closed = true
	a.broadcast()
	a.mu.Unlock()
	if a.stop != nil {
		a.stop()
		a.done.Wait()
	}
	a.mu.Lock()
	left := a.epochs()
	a.open, a.sealing = nil, nil
	a.mu.Unlock()
	for _, e := range left {
		e.finish(ErrClosed)
	}
	a.followers.close()
	a.files.close()
	if a.manifest != nil {
		a.pen <- struct{}{} // whoever is writing ends first; who comes later sees that it is closed
		defer a.dropPen()
		return a.manifest.Close()
	}
	return nil
}
