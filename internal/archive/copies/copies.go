// Package copies keeps second copies of an archive, on another disk or in a bucket of another place, so that the loss of
// one is not the loss of the evidence. A copy is laid out as the archive is, with its manifest and its log, so whoever
// reads and verifies the one reads and verifies the other.
//
// A copy follows the manifest in its order: the files of a record, then its line. So at every moment, and after every
// crash, a copy is an archive that ends earlier. Where it goes on is what its own manifest says; nothing is remembered
// elsewhere. What expires in the archive expires in the copy once the copy has the record of it.
//
// A copy is never made to fit: if its manifest is not the beginning of the archive's, one of them was changed or lost
// its end, and copying stops with that said. What an attacker does to the archive does not reach what was copied before.
package copies

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/archive/replica"
	"weir/internal/archive/store"
	"weir/internal/fault"
)

// Source is the archive that is copied.
type Source interface {
	Folder() string
	Published() <-chan struct{}
	// Synced is how many bytes of the manifest stay, whatever happens.
	Synced() int64
	// WithFile calls fn with the path of a segment's file, which is there as long as fn runs.
	WithFile(segment string, fn func(path string) error) error
}

// Options are the settings of a copy.
type Options struct {
	Log *slog.Logger
	Now func() time.Time
	// Lock says until when a bucket must not let anybody delete the events of a class and day; nil: it may.
	Lock func(class, day string) time.Time
	// Pause is the first pause after an error, doubled each time up to MaxPause (1 s, 1 min). Every is how often the
	// log is looked at when nothing is published (1 min).
	Pause, MaxPause, Every time.Duration
}

// State is how far a copy is.
type State struct {
	Place    string    // as the configuration names it
	Seq      uint64    // last record that it has
	Segments int       // that it lacks
	Bytes    int64     // of those
	Since    time.Time // when the oldest record that it lacks was published; zero: it lacks none
	Done     time.Time // when it last had everything
	Err      error     // why it does not get on; nil: it does
	// Missing are segments that the archive itself cannot give: lost or damaged before they were copied.
	Missing []string
	// Locked are expired segments that the copy keeps until a time.
	Locked map[string]time.Time
}

// Copy is one second copy.
type Copy struct {
	src  Source
	rep  *replica.Replica
	opts Options
	log  *slog.Logger

	// The fields below belong to the goroutine of Run.
	at      int64  // bytes of the archive's manifest that were read
	hash    string // of the last line that was read
	queue   []line // read and not copied yet
	past    map[string]bool
	leaves  int64            // entries of the log that follow from the lines that were read
	signed  int64            // entries that the archive's log had when the round began
	leaving map[string]int64 // segments that expired, and the entries that the log has when it says so; nothing of them goes before
	reaper  *replica.Reaper  // of what expired
	retry   map[string]manifest.Segment
	copied  uint64
	started bool
	logged  time.Time

	mu    sync.Mutex
	state State
}

// line is one record of the archive's manifest.
type line struct {
	rec  manifest.Record
	text []byte
}

// New returns a copy of an archive in a store. Nothing is done until Run is called.
func New(src Source, st store.Store, o Options) *Copy {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Lock == nil {
		o.Lock = func(string, string) time.Time { return time.Time{} }
	}
	for p, d := range map[*time.Duration]time.Duration{&o.Pause: time.Second, &o.MaxPause: time.Minute, &o.Every: time.Minute} {
		if *p <= 0 {
			*p = d
		}
	}
	log, rep := o.Log.With("component", "copies", "copy", st.String()), replica.New(st)
	return &Copy{src: src, rep: rep, opts: o, log: log, reaper: replica.NewReaper(rep, log), past: map[string]bool{}, leaving: map[string]int64{}, retry: map[string]manifest.Segment{}, state: State{Place: st.String()}}
}

// State returns how far the copy is.
func (c *Copy) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.state
	s.Missing, s.Locked = slices.Clone(s.Missing), c.reaper.Locked()
	return s
}

// Run copies until ctx ends. Trouble is told in State and in the log, and tried again.
func (c *Copy) Run(ctx context.Context) {
	pause := c.opts.Pause
	for ctx.Err() == nil {
		lines := c.src.Published()
		err := c.step(ctx)
		c.note(err)
		var again <-chan time.Time
		switch {
		case err != nil || c.signed < c.leaves: // the log's own turn comes some milliseconds after that of the manifest
			again = time.After(pause)
			pause = min(2*pause, c.opts.MaxPause)
			if err != nil {
				lines = nil
			}
		default:
			again = time.After(c.opts.Every)
			pause = c.opts.Pause
		}
		select {
		case <-ctx.Done():
		case <-lines:
		case <-again:
		}
	}
}

// note tells how a round went.
func (c *Copy) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && !errors.Is(err, context.Canceled) {
		if c.opts.Now().Sub(c.logged) >= time.Minute || c.state.Err == nil {
			c.logged = c.opts.Now()
			c.log.Error("the copy does not get on; it is tried again", "err", err)
		}
		c.state.Err = err
		return
	}
	if err == nil {
		if c.state.Err != nil {
			c.log.Info("the copy gets on again")
		}
		c.state.Err, c.state.Done = nil, c.opts.Now()
	}
}

// step brings the copy as far as the archive is.
func (c *Copy) step(ctx context.Context) (err error) {
	if !c.started {
		if err := c.start(ctx); err != nil {
			return err
		}
		c.started = true
	}
	if c.signed, err = signed(c.src.Folder()); err != nil {
		return err
	}
	c.part()
	log, err := c.rep.TakeLog(c.src.Folder()) // before the manifest is read: what it speaks of is then there
	if err != nil {
		return err
	}
	if err := c.read(); err != nil {
		return err
	}
	c.measure()
	for len(c.queue) > 0 {
		if err := c.record(ctx, c.queue[0]); err != nil {
			c.started = false // where the copy is must be asked again: a line may have come through
			return err
		}
		c.queue = c.queue[1:]
		c.measure()
	}
	return errors.Join(c.again(ctx), c.rep.SyncLog(ctx, c.src.Folder(), log), c.reaper.Reap(ctx, c.opts.Now()))
}

// start finds out how far the copy is, and puts right what a crash, or somebody, left in it.
func (c *Copy) start(ctx context.Context) error {
	there, err := c.rep.State(ctx)
	if err != nil {
		return err
	}
	c.at, c.hash, c.queue, c.copied, c.leaves = 0, "", nil, there.Seq, 0
	clear(c.past)
	clear(c.leaving)
	if c.signed, err = signed(c.src.Folder()); err != nil {
		return err
	}
	if err := c.read(); err != nil {
		return err
	}
	n := slices.IndexFunc(c.queue, func(l line) bool { return l.rec.Seq == there.Seq })
	switch {
	case there.Seq == 0:
	case n < 0:
		return &fault.Error{Code: "archive-copy-differs", What: fmt.Sprintf("the copy has %d records, the archive fewer", there.Seq), Where: c.rep.Store().String(),
			Why: "the archive lost its end, or the copy is of another one", Do: "keep both as they are and compare them: weir archive verify"}
	case manifest.Hash(c.queue[n].text) != there.Hash:
		return &fault.Error{Code: "archive-copy-differs", What: fmt.Sprintf("record %d of the archive is not the one that was copied", there.Seq), Where: c.rep.Store().String(),
			Why: "one of the two was changed, or the copy is of another archive", Do: "keep both as they are and compare them: weir archive verify"}
	}
	have, err := c.rep.Segments(ctx)
	if err != nil {
		return err
	}
	clear(c.retry)
	for _, l := range c.queue[:n+1] {
		for _, s := range l.rec.Segments {
			i, ok := have[s.Path]
			switch {
			case c.past[s.Path] && ok:
				c.reaper.Doom(s.Path)
			case !c.past[s.Path] && (!ok || i.Size != s.Bytes):
				c.retry[s.Path] = s
			}
		}
	}
	c.queue = c.queue[n+1:]
	return nil
}

// read takes in the lines that the archive's manifest has got since, in order. They must follow each other.
func (c *Copy) read() error {
	lines, err := readFrom(c.src.Folder(), c.at, c.src.Synced())
	if err != nil {
		return err
	}
	for _, text := range lines {
		rec, reason := manifest.Parse(text)
		if reason == "" && rec.Prev != c.hash {
			reason = "it does not follow the line before it"
		}
		if reason != "" {
			return &fault.Error{Code: "archive-manifest", What: "a line of the manifest was changed; nothing behind it is copied", Where: fmt.Sprintf("%s/%s, byte %d", c.src.Folder(), manifest.Name, c.at),
				Why: reason, Do: "keep the folder as it is now, and compare it with the copy"}
		}
		c.hash = manifest.Hash(text)
		c.at += int64(len(text)) + 1
		c.leaves += 1 + int64(len(rec.Segments)+len(rec.Actions))
		for _, x := range expired(&rec) {
			c.leaving[x] = c.leaves
		}
		c.queue = append(c.queue, line{rec, text})
	}
	for path, entries := range c.leaving {
		c.past[path] = entries <= c.signed
	}
	return nil
}

// part gives up what expired and what the log says so of by now.
func (c *Copy) part() {
	for path, entries := range c.leaving {
		if entries > c.signed {
			continue
		}
		c.past[path] = true
		delete(c.leaving, path)
		delete(c.retry, path)
		c.reaper.Doom(path)
	}
}

// measure tells what the copy lacks.
func (c *Copy) measure() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Seq, c.state.Segments, c.state.Bytes, c.state.Since = c.copied, len(c.retry), 0, time.Time{}
	for _, s := range c.retry {
		c.state.Bytes += s.Bytes
	}
	for i, l := range c.queue {
		if i == 0 {
			c.state.Since = l.rec.Published
		}
		for _, s := range l.rec.Segments {
			if !c.past[s.Path] {
				c.state.Segments++
				c.state.Bytes += s.Bytes
			}
		}
	}
	c.state.Missing = slices.Sorted(maps.Keys(c.retry))
}

// record copies one record: what it names, then its line, then what follows from it.
func (c *Copy) record(ctx context.Context, l line) error {
	var until time.Time
	for _, s := range l.rec.Segments {
		if c.past[s.Path] {
			continue // it went from the archive before it came here; the record of it follows
		}
		lock := c.opts.Lock(s.Class, s.Day)
		if until.Before(lock) {
			until = lock
		}
		if err := c.segment(ctx, s, lock); err != nil {
			return err
		}
	}
	for _, key := range files(&l.rec) {
		if err := c.rep.PutFile(ctx, c.src.Folder(), key); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err // one that is missing in the archive is for verify to name
		}
	}
	if err := c.rep.PutLine(ctx, l.rec.Seq, l.text, until); err != nil {
		return err
	}
	c.copied = l.rec.Seq
	for _, path := range expired(&l.rec) {
		if c.past[path] {
			c.reaper.Doom(path)
			delete(c.retry, path)
		}
	}
	return nil
}

// segment copies one segment. One that the archive itself cannot give does not stop the others: it is tried again with
// every round, for it may be brought back.
func (c *Copy) segment(ctx context.Context, s manifest.Segment, until time.Time) error {
	err := c.src.WithFile(s.Path, func(path string) error { return c.rep.PutSegment(ctx, path, s, until) })
	if err == nil {
		delete(c.retry, s.Path)
		return nil
	}
	if errors.Is(err, store.ErrOther) || ctx.Err() != nil || !ownFault(err) {
		return err
	}
	_, known := c.retry[s.Path]
	if _, goes := c.leaving[s.Path]; !known && !goes {
		c.log.Error("a segment cannot be copied, because the archive's own file is gone or damaged", "path", s.Path, "err", err)
	}
	c.retry[s.Path] = s
	return nil
}

// ownFault tells whether an error is about the archive's file and not about the copy.
func ownFault(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrContent)
}

// again tries what was missing.
func (c *Copy) again(ctx context.Context) (failed error) {
	for _, path := range slices.Sorted(maps.Keys(c.retry)) {
		s := c.retry[path]
		if c.past[path] {
			delete(c.retry, path)
			continue
		}
		if err := c.segment(ctx, s, c.opts.Lock(s.Class, s.Day)); err != nil {
			failed = err
		}
	}
	c.measure()
	return failed
}
