// Package translog is the transparency log of the archive: what the manifest says, as an append-only Merkle tree whose
// root is signed, so that nothing of it can be changed, taken out or put in without being seen.
//
// The leaves are made from the lines of the manifest and nothing else (Leaves): one for the line, one for each of its
// segments, one for each action. Expiries, holds, policies, signed reviews and changes of the signing key are actions.
// The tree is that of RFC 6962. It lies in files as c2sp.org/tlog-tiles has it, so that other programs read it:
//
//	log/checkpoint               name, size and root of the newest tree, signed (a signed note)
//	log/tile/L/NNN[.p/W]         256 hashes of level L, or W of them while there are no more
//	log/tile/entries/NNN[.p/W]   the entries under them, each behind its length in two bytes
//	log/log.pub                  the key to check it with, for convenience: who checks brings his own
//
// # Order of writing
//
//	line of the manifest synced -> tiles synced -> the checkpoint noted beside the key -> log/checkpoint
//
// Every file is complete and synced when it gets its name. So the log never leads the manifest, and a crash leaves at
// most tiles that no checkpoint covers yet; the same ones are written again, since they follow from the manifest.
//
// # What the keeper refuses
//
// When it starts, the whole tree is made again from the manifest and held against the last checkpoints in the log and
// beside the key. If the manifest is shorter than what was signed, or another one, nothing is signed over it: the keeper
// says so and waits. A tile that is missing while the tree is right is made again and said.
package translog

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
	"weir/internal/fault"
)

// Names of what the log has beside its tiles.
const (
	// Folder is the log's folder below that of the archive.
	Folder         = "log"
	CheckpointName = "checkpoint"
)

// Options are what a keeper needs.
type Options struct {
	Log     *slog.Logger
	Archive string // the archive's folder, which has the manifest and the log
	Keys    string // the folder of the signing key: logkey.Place
	// Name of a log that is not there yet, such as weir.log/office: no spaces, no plus. A log keeps the one it began with.
	Name string
	// Published returns a channel that is closed when the manifest gets a line. nil: only what is there is taken.
	Published func() <-chan struct{}
	// Synced is up to where the manifest stays as it is, in bytes: archive.Archive.Synced. A line behind that may be taken
	// back when it cannot be synced. nil: the keeper syncs what it reads, as is right where nobody writes.
	Synced func() int64
	// Fault is told what is wrong, and nil when it is well again. What has Warn set was mended and needs no end. It is
	// called by the keeper's goroutine.
	Fault func(f *fault.Error)
	Now   func() time.Time
}

// Status is where the log is.
type Status struct {
	Origin   string    `json:"origin"`
	Verifier string    `json:"verifier"` // of the key that signs now
	Size     int64     `json:"size"`
	Root     string    `json:"root"`
	Seq      uint64    `json:"seq"`    // of the last line of the manifest that is in it
	Signed   time.Time `json:"signed"` // when it was last signed by this process; zero: not yet
	// Behind are bytes of whole lines of the manifest that are not in the log.
	Behind int64 `json:"behind"`
	// Fault says why nothing is signed; "": it is well.
	Fault string `json:"fault,omitempty"`
}

// backoff is how long to wait between two tries.
type backoff struct{ first, most time.Duration }

// Keeper writes the log of one archive: one goroutine, that of Run. The other methods are safe for many.
type Keeper struct {
	opts  Options
	retry backoff

	mu      sync.Mutex
	ring    *logkey.Ring // nil until the key was read
	status  Status
	note    []byte // the newest checkpoint
	head    Checkpoint
	offset  int64         // in the manifest, behind the last line that is in the log
	changed chan struct{} // closed and replaced when one of these changes
	faulty  bool
}

// New makes a keeper that does nothing before Run.
func New(o Options) *Keeper {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Published == nil {
		o.Published = func() <-chan struct{} { return nil }
	}
	if o.Fault == nil {
		o.Fault = func(*fault.Error) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Log = o.Log.With("component", "translog")
	return &Keeper{opts: o, retry: backoff{5 * time.Second, 10 * time.Minute}, changed: make(chan struct{})}
}

// Run keeps the log until ctx ends, and takes in what the manifest has then: call it off after the archive is closed.
// Whatever goes wrong is told to Options.Fault and tried again from the beginning, everything checked anew.
func (k *Keeper) Run(ctx context.Context) {
	wait := k.retry.first
	for {
		began := k.opts.Now()
		err := k.follow(ctx)
		if err == nil {
			return
		}
		k.raise(err)
		// It worked for a while, so this is other trouble than the last time.
		if k.opts.Now().Sub(began) > k.retry.most {
			wait = k.retry.first
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, k.retry.most)
	}
}

// Once brings the log up to the manifest and returns: for a command that acts on an archive that no weir runs on.
func (k *Keeper) Once() error {
	w, err := k.open()
	if err == nil {
		err = w.catchUp()
	}
	return err
}

// follow opens the log and takes in line by line. nil: ctx ended and everything is in.
func (k *Keeper) follow(ctx context.Context) error {
	w, err := k.open()
	if err != nil {
		return err
	}
	for {
		more := k.opts.Published() // taken before the manifest is read: a line that comes meanwhile closes it
		if err := w.catchUp(); err != nil {
			return err
		}
		k.well()
		select {
		case <-ctx.Done():
			return w.catchUp()
		case <-more:
		}
	}
}

// raise tells of trouble and keeps it for Status.
func (k *Keeper) raise(err error) {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok { // of the tree itself, such as an entry that is too long
		f = writeFault(filepath.Join(k.opts.Archive, Folder), err)
	}
	k.mu.Lock()
	k.status.Fault = f.Error()
	k.faulty = true
	k.wakeAll()
	k.mu.Unlock()
	k.opts.Log.Error("the log of the archive is not signed any further; the archive goes on", "err", err)
	k.opts.Fault(f)
}

// well ends the trouble that was told.
func (k *Keeper) well() {
	k.mu.Lock()
	was := k.faulty
	k.faulty, k.status.Fault = false, ""
	k.mu.Unlock()
	if was {
		k.opts.Log.Info("the log of the archive is signed again")
		k.opts.Fault(nil)
	}
}

// wakeAll wakes those who wait for a change. The lock is held.
func (k *Keeper) wakeAll() {
	close(k.changed)
	k.changed = make(chan struct{})
}

// Head returns the newest checkpoint, as a signed note and as what it says; false if there is none.
func (k *Keeper) Head() (note []byte, c Checkpoint, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.note, k.head, k.note != nil
}

// Status returns where the log is.
func (k *Keeper) Status() Status {
	k.mu.Lock()
	s, from := k.status, k.offset
	if k.ring != nil {
		s.Verifier = k.ring.Verifier()
	}
	k.mu.Unlock()
	s.Behind = k.behind(from)
	return s
}

// Sync waits until the log has all that was in the manifest when it was called, or cannot.
func (k *Keeper) Sync(ctx context.Context) error {
	k.mu.Lock()
	from := k.offset
	k.mu.Unlock()
	want := from + k.behind(from)
	return k.until(ctx, func() bool { return k.offset >= want })
}

// Wait waits until the leaves of a line of the manifest are under a checkpoint that is on disk, or cannot be: what a line
// says has gone may go from then on.
func (k *Keeper) Wait(ctx context.Context, seq uint64) error {
	return k.until(ctx, func() bool { return k.status.Seq >= seq })
}

// until waits for a condition, which is looked at under the lock. While the log is not signed it returns why.
func (k *Keeper) until(ctx context.Context, done func() bool) error {
	for {
		k.mu.Lock()
		ok, why, changed := done(), k.status.Fault, k.changed
		k.mu.Unlock()
		switch {
		case ok:
			return nil
		case why != "":
			return errors.New(why)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// behind counts the bytes of whole lines behind an offset of the manifest.
func (k *Keeper) behind(from int64) int64 {
	f, err := os.Open(filepath.Join(k.opts.Archive, manifest.Name))
	if err != nil {
		return 0
	}
	defer f.Close()
	n, err := k.whole(f, from)
	if err != nil {
		return 0 // whoever follows the manifest meets the same and says it
	}
	return max(n, 0)
}

// Rotate changes the signing key: logkey.Ring.Rotate with the key that this keeper has.
func (k *Keeper) Rotate(ctx context.Context, by string, act func(context.Context, []manifest.Action) (uint64, error)) (logkey.Rotated, error) {
	k.mu.Lock()
	ring := k.ring
	k.mu.Unlock()
	if ring == nil {
		return logkey.Rotated{}, &fault.Error{Code: "archive-log-key", What: "the log of this archive has no key yet", Where: k.opts.Keys,
			Why: "nothing was archived so far, or the key cannot be read", Do: "weir archive verify", Exit: fault.ExitMissing, Cause: fs.ErrNotExist}
	}
	return ring.Rotate(ctx, by, k.opts.Now(), act)
}
