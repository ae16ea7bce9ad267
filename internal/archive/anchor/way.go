package anchor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weir/internal/archive/translog"
	"weir/internal/fault"
)

// way is one way to publish. Its fields are written by the publisher's goroutine under the lock.
type way struct {
	how, where string
	send       func(ctx context.Context, pub publication) (said string, err error)

	pending bool
	next    time.Time // when it is tried
	wait    time.Duration
	noted   string    // the error that was recorded for this publication
	failing time.Time // since when nothing arrived; zero: it works
	lastOK  time.Time
	size    int64 // that arrived last
	err     string
	told    bool // that it is failing
}

// Way is how one way fares.
type Way struct {
	How     string    `json:"how"`
	Where   string    `json:"where"`
	At      time.Time `json:"at,omitzero"` // when a checkpoint last arrived
	Size    int64     `json:"size"`        // of that one
	Failing time.Time `json:"failing,omitzero"`
	Err     string    `json:"err,omitempty"`
	Next    time.Time `json:"next,omitzero"` // when it is tried again
}

// Status is what is published.
type Status struct {
	Name string    `json:"name,omitempty"` // of the newest publication
	Size int64     `json:"size"`           // anchored: the largest that arrived anywhere
	At   time.Time `json:"at,omitzero"`    // when
	Ways []Way     `json:"ways"`
}

// Status returns what is published. Size is 0 where nothing has left this machine.
func (p *Publisher) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Status{Name: p.last.name, Ways: make([]Way, 0, len(p.ways))}
	for _, w := range p.ways {
		row := Way{How: w.how, Where: w.where, At: w.lastOK, Size: w.size, Failing: w.failing, Err: w.err}
		if w.pending {
			row.Next = w.next
		}
		if w.size > s.Size {
			s.Size, s.At = w.size, w.lastOK
		}
		s.Ways = append(s.Ways, row)
	}
	return s
}

// pend makes the newest publication one that this way has still to send. The lock is held.
func (w *way) pend(now time.Time) {
	w.pending, w.next, w.wait, w.noted = true, now, 0, ""
}

// load takes up what was published before the process started.
func (p *Publisher) load() error {
	records, err := readFile(filepath.Join(p.dir, Name))
	if err != nil {
		return fmt.Errorf("reading %s: %w", Name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last, err = newest(p.dir); err != nil {
		return err
	}
	for _, w := range p.ways {
		// The last records count: of each way since when it fails, what arrived last, and whether the newest did.
		arrived := false
		for _, r := range records {
			if r.How != w.how || r.Where != w.where {
				continue
			}
			if !r.OK {
				if w.failing.IsZero() {
					w.failing = r.At
				}
				w.err = r.Err
				continue
			}
			w.failing, w.err, w.lastOK, w.size = time.Time{}, "", r.At, r.Size
			arrived = arrived || r.Name == p.last.name && r.Root == p.last.Root.String()
		}
		if p.last.name != "" && !arrived {
			w.pend(p.opts.Now())
		}
	}
	return nil
}

// newest is the last publication that is on disk.
func newest(dir string) (publication, error) {
	names, err := Names(os.DirFS(dir))
	if err != nil || len(names) == 0 {
		return publication{}, err
	}
	name := names[len(names)-1]
	note, err := os.ReadFile(filepath.Join(dir, Folder, name))
	if err != nil {
		return publication{}, err
	}
	c, err := translog.ParseCheckpoint(note)
	if err != nil {
		// Somebody changed it, which verify says. What is published next gets another name.
		return publication{}, fmt.Errorf("reading the checkpoint published as %s: %w", name, err)
	}
	return publication{name, note, c}, nil
}

// due are the ways to be tried now, open all that wait.
func (p *Publisher) due(now time.Time) (out []*way) {
	for _, w := range p.open() {
		if !w.next.After(now) {
			out = append(out, w)
		}
	}
	return out
}

// open are the ways by which the newest publication did not arrive yet.
func (p *Publisher) open() (out []*way) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.ways {
		if w.pending {
			out = append(out, w)
		}
	}
	return out
}

// try sends the newest publication by some ways, one after the other, and notes what came of it.
func (p *Publisher) try(ctx context.Context, ways []*way) []Record {
	out := make([]Record, 0, len(ways))
	for _, w := range ways {
		one, cancel := context.WithTimeout(ctx, tryFor)
		said, err := w.send(one, p.last)
		cancel()
		rec := Record{At: p.opts.Now().UTC(), Name: p.last.name, Size: p.last.Size, Root: p.last.Root.String(), How: w.how, Where: w.where, OK: err == nil, Said: said}
		if err != nil {
			rec.Err = err.Error()
		}
		out = append(out, rec)
		if p.outcome(w, rec) {
			if err := appendRecord(filepath.Join(p.dir, Name), rec); err != nil {
				p.opts.Log.Error("noting what was published", "err", err)
			}
		}
	}
	return out
}

// outcome takes the result of a try into the state of its way. It says whether it is worth a record: the same error again
// and again is not.
func (p *Publisher) outcome(w *way, r Record) (worth bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.OK {
		w.pending, w.failing, w.err, w.lastOK, w.size = false, time.Time{}, "", r.At, r.Size
		p.opts.Log.Info("checkpoint published", "how", w.how, "where", w.where, "name", r.Name, "size", r.Size)
		return true
	}
	// A way that fails keeps the publication; the next one takes its place with a fresh back-off.
	w.wait = min(max(2*w.wait, p.retry.first), p.retry.most)
	w.next = r.At.Add(w.wait)
	w.err = r.Err
	if w.failing.IsZero() {
		w.failing = r.At
	}
	worth = w.noted != r.Err
	w.noted = r.Err
	if worth {
		p.opts.Log.Warn("publishing a checkpoint; it is tried again", "how", w.how, "where", w.where, "err", r.Err)
	}
	return worth
}

// complain reports ways that did not work for two days, and those that work again.
func (p *Publisher) complain() {
	now := p.opts.Now()
	for _, w := range p.ways {
		// The fault is told without the lock: whoever is told may ask for the status.
		p.mu.Lock()
		bad := !w.failing.IsZero() && now.Sub(w.failing) > patience
		changed, since, why := bad != w.told, w.failing, w.err
		w.told = bad
		p.mu.Unlock()
		switch {
		case changed && bad:
			p.opts.Fault(w.how+" "+w.where, &fault.Error{Code: "archive-log-anchor", What: "no checkpoint of the archive's log was published since " + since.UTC().Format(time.RFC3339),
				Where: w.how + " " + w.where, Why: why, Do: "weir archive publish", Exit: fault.ExitMissing})
		case changed:
			p.opts.Fault(w.how+" "+w.where, nil)
		}
	}
}

// file puts a checkpoint into the folder that was configured. Its name has the log's in it: several may share a folder.
func (p *Publisher) file(_ context.Context, pub publication) (string, error) {
	// For others to read: what is published is no secret.
	path := filepath.Join(p.opts.Folder, fileName(pub))
	if err := writeOnce(path, pub.note, 0o644); err != nil {
		return "", err
	}
	return path, nil
}

// fileName is the name of a published file: of an origin what can stand in a name everywhere.
func fileName(pub publication) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}, pub.Origin)
	return strings.TrimLeft(clean, ".") + "-" + pub.name + ".checkpoint"
}

// tell sends a notice by a channel.
func tell(c Channel) func(context.Context, publication) (string, error) {
	return func(ctx context.Context, pub publication) (string, error) {
		return c.Tell(ctx, Notice{Name: pub.name, Note: pub.note, Checkpoint: pub.Checkpoint,
			Title: fmt.Sprintf("checkpoint %s of %s: %d entries", pub.name, pub.Origin, pub.Size),
			Line:  strings.Join(strings.Fields(string(pub.note)), " ")})
	}
}

// stamp gets a stamp and puts it beside the checkpoint. A stamp that is there already, of a try whose record was lost, is
// as good.
func (p *Publisher) stamp(s *stamper) func(context.Context, publication) (string, error) {
	return func(ctx context.Context, pub publication) (string, error) {
		path := filepath.Join(p.dir, Folder, pub.name+StampEnd)
		if old, err := os.ReadFile(path); err == nil {
			if was, err := CheckStamp(old, pub.note, s.roots); err == nil {
				return was.Time.UTC().Format(time.RFC3339), nil
			}
		}
		answer, at, err := s.stamp(ctx, pub.note)
		if err != nil {
			return "", err
		}
		if err := writeOnce(path, answer, 0o600); err != nil {
			return "", err
		}
		return at.UTC().Format(time.RFC3339), nil
	}
}
