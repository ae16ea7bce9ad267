package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/internal/archive/disk"
	"weir/internal/archive/manifest"
	"weir/internal/fault"
)

// ErrReader is what calls that write return in an archive that was opened for reading.
var ErrReader = errors.New("the archive is open for reading only")

// maxActions bounds the actions of one record, so that a line stays far below what a reader takes.
const maxActions = 1000

// ActionInfo is an action and the number of the record that has it.
type ActionInfo struct {
	manifest.Action
	Seq uint64
}

// Act appends one record with actions to the manifest; it is synced when Act returns. An error means that no line was
// added, so the caller may try again: a full disk passes. Only where the archive is in a bucket that did not answer, the
// line may come later all the same. Act waits for an epoch that is just being written.
func (a *Archive) Act(ctx context.Context, actions []manifest.Action) (seq uint64, err error) {
	if len(actions) == 0 || len(actions) > maxActions {
		return 0, fmt.Errorf("recording %d actions: from 1 to %d go into one record", len(actions), maxActions)
	}
	list := make([]manifest.Action, len(actions))
	for i, act := range actions {
		if act.At.IsZero() {
			act.At = a.opts.Now()
		}
		act.At = act.At.UTC()
		if why := act.Check(); why != "" {
			return 0, fmt.Errorf("recording an action: %s", why)
		}
		var err error
		if act.Body, err = json.Marshal(act.Body); err != nil { // as it will stand in the line: whoever reads it back compares bytes
			return 0, fmt.Errorf("recording an action %s: %w", act.Kind, err)
		}
		list[i] = act
	}
	if err := a.takePen(ctx); err != nil {
		return 0, err
	}
	defer a.dropPen()
	return a.write(ctx, list)
}

// write appends the record of some actions and does what follows from it. The pen is held.
func (a *Archive) write(ctx context.Context, list []manifest.Action) (uint64, error) {
	if err := a.settle(ctx); err != nil { // what was begun before goes first
		return 0, err
	}
	rec := &manifest.Record{Seq: a.seq + 1, Writer: a.opts.Writer, Prev: a.last, Published: a.opts.Now().UTC(), Segments: []manifest.Segment{},
		Sources: map[string][2]int64{}, Actions: list}
	err := a.commit(ctx, rec, nil)
	for tries := 1; err != nil && a.pending != nil && tries < 3; tries++ { // it may be in the bucket, or not: that must be found out
		select {
		case <-ctx.Done():
			return 0, errors.Join(err, ctx.Err())
		case <-time.After(a.retry.first << tries):
		}
		err = a.settle(ctx)
	}
	if err != nil {
		return 0, err
	}
	return rec.Seq, nil
}

// takePen waits for the right to append to the manifest, which one epoch or one call of Act has at a time.
func (a *Archive) takePen(ctx context.Context) error {
	if a.pen == nil {
		return ErrReader
	}
	select {
	case a.pen <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting to write the manifest: %w", ctx.Err())
	}
	a.mu.Lock()
	closed := a.closed
	a.mu.Unlock()
	if closed {
		a.dropPen()
		return ErrClosed
	}
	return nil
}

// dropPen gives the right back.
func (a *Archive) dropPen() { <-a.pen }

// act notes the actions of a record, and returns the segments that expired by it. The lock is held.
func (a *Archive) act(rec *manifest.Record) (gone []*segmentFile) {
	before := len(a.past)
	for _, act := range rec.Actions {
		a.actions = append(a.actions, ActionInfo{Action: act, Seq: rec.Seq})
		var x manifest.Expiry
		if act.Kind == manifest.KindExpiry && json.Unmarshal(act.Body, &x) == nil {
			a.past[x.Path] = x.SHA256
		}
	}
	if len(a.past) == before {
		return nil
	}
	left := make([]*segmentFile, 0, len(a.segments))
	for _, s := range a.segments {
		if a.past[s.Path] != s.SHA256 {
			left = append(left, s)
			continue
		}
		s.gone = true
		gone = append(gone, s)
	}
	a.segments = left
	return gone
}

// Expire records that segments go for good, and removes them: from every search that begins later at once, from the
// disk when the log has the record and the last that reads them has ended. What a crash leaves is removed at the next
// start, because the record stands. Segments that went before are left out; one that the archive does not have, or has otherwise, is an error,
// and then nothing goes.
func (a *Archive) Expire(ctx context.Context, by string, list []manifest.Expiry) error {
	if err := a.takePen(ctx); err != nil {
		return err
	}
	defer a.dropPen()
	if err := a.settle(ctx); err != nil { // it may be the record of an expiry whose caller comes again
		return fmt.Errorf("expiring segments: %w", err)
	}
	actions, err := a.expiries(by, list)
	if err != nil {
		return err
	}
	for len(actions) > 0 {
		n := min(len(actions), maxActions)
		if _, err := a.write(ctx, actions[:n]); err != nil {
			return fmt.Errorf("expiring segments: %w", err)
		}
		actions = actions[n:]
	}
	return nil
}

// expiries makes the actions of what did not expire before.
func (a *Archive) expiries(by string, list []manifest.Expiry) (actions []manifest.Action, err error) {
	now := a.opts.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	have := make(map[string]*segmentFile, len(a.segments))
	for _, s := range a.segments {
		have[s.Path] = s
	}
	twice := map[string]bool{}
	for _, x := range list {
		s := have[x.Path]
		switch {
		case s == nil && x.SHA256 != "" && a.past[x.Path] == x.SHA256, twice[x.Path]:
			continue
		case s == nil:
			return nil, fmt.Errorf("expiring %s: the archive has no such segment", x.Path)
		case s.SHA256 != x.SHA256 || s.Class != x.Class || s.Day != x.Day || s.Rows != x.Rows:
			return nil, fmt.Errorf("expiring %s: the manifest says otherwise what it is", x.Path)
		}
		act, err := manifest.NewAction(manifest.KindExpiry, by, now, x)
		if err != nil {
			return nil, err
		}
		actions = append(actions, act)
		twice[x.Path] = true
	}
	return actions, nil
}

// fileFolders are where files beside the segments may be.
var fileFolders = []string{"policy", "reviews"}

// PutFile keeps a file beside the segments: below policy/ or reviews/, with slashes. It is on disk when PutFile returns.
// A file of that name with other content is not replaced.
func (a *Archive) PutFile(ctx context.Context, name string, b []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if a.pen == nil {
		return ErrReader
	}
	folder, base := path.Split(name)
	folder = strings.TrimSuffix(folder, "/")
	allowed := false
	for _, f := range fileFolders {
		allowed = allowed || folder == f
	}
	if !allowed || !filepath.IsLocal(base) || strings.ContainsAny(base, "\\/") || strings.HasSuffix(base, disk.Unfinished) {
		return fmt.Errorf("keeping %q: only files directly below policy/ and reviews/ are kept", name)
	}
	if err := a.takePen(ctx); err != nil { // two callers with one name would write over each other
		return err
	}
	defer a.dropPen()
	full := filepath.Join(a.dir, folder, base)
	switch have, err := os.ReadFile(full); {
	case err == nil && bytes.Equal(have, b):
		return a.shareFile(ctx, name)
	case err == nil:
		return &fault.Error{Code: "archive-file", What: "the archive already keeps another file of this name", Where: full,
			Do: "name it otherwise: what the archive keeps is never replaced"}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("keeping %s: %w", name, err)
	}
	if err := disk.MakeFolder(a.dir, folder); err != nil {
		return fmt.Errorf("keeping %s: %w", name, err)
	}
	if _, err := disk.WriteFile(filepath.Join(a.dir, folder), base, nil, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
		return err
	}
	if err := disk.SyncFolder(filepath.Join(a.dir, folder)); err != nil {
		return err
	}
	return a.shareFile(ctx, name)
}

// shareFile brings a file into the bucket, if there is one.
func (a *Archive) shareFile(ctx context.Context, name string) error {
	if a.bucket == nil {
		return nil
	}
	return a.bucket.PutFile(ctx, a.dir, name)
}

// SegmentInfo is one segment that the archive has.
type SegmentInfo struct {
	manifest.Segment
	Seq       uint64
	Published time.Time
	// Quarantined says why it is not read; empty: it is.
	Quarantined string
}

// Segments returns the segments that did not expire, in the order of the manifest.
func (a *Archive) Segments() []SegmentInfo {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]SegmentInfo, len(a.segments))
	for i, s := range a.segments {
		out[i] = SegmentInfo{Segment: s.Segment, Seq: s.seq, Published: s.published}
		if s.bad != nil {
			out[i].Quarantined = s.bad.What
		}
	}
	return out
}

// Actions returns what was done with the archive, oldest first.
func (a *Archive) Actions() []ActionInfo {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clip(a.actions)
}

// Published returns a channel that is closed when the next line is added to the manifest. Whoever follows takes it,
// reads the manifest, and then waits for it.
func (a *Archive) Published() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lines
}

// Synced returns how many bytes of the manifest are there for good: a line behind them may be taken back when the disk is
// full.
func (a *Archive) Synced() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.synced
}

// announce tells those who follow the manifest that it has a new line. Lock and pen are held.
func (a *Archive) announce() {
	a.synced = a.size
	close(a.lines)
	a.lines = make(chan struct{})
}

// Folder returns the archive's folder.
func (a *Archive) Folder() string { return a.dir }
