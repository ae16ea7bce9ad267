// Package notify tells people of alerts. It reads weir.alerts and weir.changes, puts alerts into groups by the routes of
// notify.yaml, and sends messages about them over channels, as often as it takes.
//
// What must not be lost is in a store of its own before an offset is committed: which alerts there are, what was said of
// them to whom, and every message until the other side has taken it. So each message is sent at least once, always under
// the same id, whatever ends the process and whichever channel is down. What is not sent has a reason that can be asked for.
package notify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/routing"
	"weir/sinks/notify/settings"
	"weir/sinks/notify/store"
)

// FileName and StoreName are those in the data folder.
const (
	FileName  = "notify.yaml"
	StoreName = "notify.db"
)

// Options are what a Notifier is made with. Data is needed.
type Options struct {
	Data string // folder of the store
	File string // notify.yaml; relative to Data; empty: FileName
	// Alerts and Changes are the full names of the topics.
	Alerts, Changes string
	URL             string         // where people look at alerts; empty: messages have no links
	Zone            *time.Location // of hours where the file names none
	Version         string
	// Raise tells of weir's own troubles by an alert. It is called by Run and may be nil.
	Raise func(ctx context.Context, a *alert.Alert) error
	// Faults is told what is wrong with a file that was read. It may be nil.
	Faults func(list fault.List)
	Log    *slog.Logger     // nil: none
	Now    func() time.Time // nil: the clock of the machine
	// Kinds are the types of channels; nil: all that there are.
	Kinds []settings.Kind
}

// Notifier is the stage. Its methods are safe for many goroutines; Run is called once.
type Notifier struct {
	opts  Options
	path  string // of notify.yaml
	store *store.Store
	log   *slog.Logger
	// jitter spreads tries: 0 to 1. clean forgets what is long over. Tests put their own.
	jitter func() float64
	clean  func(ctx context.Context, now time.Time) error
	// kick wakes Run: an alert came, or a file is to be read again. One word is enough, whoever it is from.
	kick chan struct{}

	// mu guards what follows.
	mu     sync.RWMutex
	file   *settings.File // nil: none is in use
	loaded time.Time
	faults fault.List
	// seen is the file that was read last, whether it was taken or not.
	seen    stamp
	senders map[string]*sender // while Run runs
	// reread asks Run to read the file whatever it looks like.
	reread bool
}

// stamp tells whether a file may have changed.
type stamp struct {
	there bool
	mod   time.Time
	size  int64
}

// Open opens the store and reads the file. A file with mistakes is no error: they are told, and nobody is until it is
// mended; what comes meanwhile is kept with that reason.
func Open(o Options) (*Notifier, error) {
	// What a test or a command leaves out has the meaning that it has in a process.
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.File == "" {
		o.File = FileName
	}
	if o.Kinds == nil {
		o.Kinds = Kinds()
	}
	path := o.File
	if !filepath.IsAbs(path) {
		path = filepath.Join(o.Data, path)
	}
	st, err := store.Open(filepath.Join(o.Data, StoreName), o.Now())
	if err != nil {
		return nil, err
	}
	n := &Notifier{opts: o, path: path, store: st, log: o.Log.With("component", "notify"), jitter: rand.Float64, clean: st.Clean, kick: make(chan struct{}, 1)}
	if _, err := n.read(); err != nil {
		n.log.Error("notify.yaml is not in use: nobody is told", "err", err)
	}
	return n, nil
}

// Close closes channels and store. Run has ended before.
func (n *Notifier) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.file != nil {
		n.file.Close()
		n.file = nil
	}
	return n.store.Close()
}

// Reload reads the file again, soon, whether it looks changed or not. A file with mistakes leaves the present one in use.
func (n *Notifier) Reload() {
	n.mu.Lock()
	n.reread = true
	n.mu.Unlock()
	n.wake()
}

// wake has Run look for what is due.
func (n *Notifier) wake() {
	select {
	case n.kick <- struct{}{}:
	default:
	}
}

// current is the file in use; nil if there is none.
func (n *Notifier) current() *settings.File {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.file
}

// read reads the file if it changed, and puts it in place of the present one if it has no mistakes. It tells whether it did.
// Channels whose settings did not change stay open; those that are gone are the caller's to close when nobody sends over them.
func (n *Notifier) read() (gone []*settings.Channel, err error) {
	// Outside of the lock: a file on a slow disk must not hold up who only looks at the present one.
	now, doc, err := look(n.path)
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil && now == n.seen && !n.reread {
		return nil, nil
	}
	// Noted before it is read: a file with mistakes is told of once, and not every two seconds.
	n.seen, n.reread = now, false
	if err != nil {
		// A right to read that is given later changes neither time nor size.
		n.seen = stamp{size: -1}
		return nil, fmt.Errorf("reading notify.yaml: %w", err)
	}
	var file *settings.File
	if now.there {
		var faults fault.List
		file, faults = settings.Read(doc, n.readOptions())
		// Kept until the next reading, also those of a file that was taken: they are warnings then.
		n.faults = faults
		if n.opts.Faults != nil && len(faults) > 0 {
			n.opts.Faults(faults)
		}
		if file == nil {
			return nil, faults
		}
	}
	gone = replace(n.file, file)
	n.file, n.loaded = file, n.opts.Now()
	if file != nil {
		n.log.Info("notify.yaml is in use", "channels", len(file.Channels), "maintenance", len(file.Maintenance))
	}
	return gone, nil
}

// readOptions are what the file is read with.
func (n *Notifier) readOptions() settings.Options {
	return settings.Options{Name: n.path, Kinds: n.opts.Kinds, Zone: n.opts.Zone, Deps: channel.Deps{Log: n.opts.Log, Now: n.opts.Now, Version: n.opts.Version}}
}

// replace lets channels of the old file go on in the new one where they are the same, and returns the others.
func replace(old, file *settings.File) (gone []*settings.Channel) {
	if old == nil {
		return nil
	}
	// An open connection is worth keeping, and what a channel knows of a message that it sent in part.
	for name, c := range old.Channels {
		if file != nil && c.Same(file.Channels[name]) {
			_ = file.Channels[name].Channel.Close() // was only made to be looked at
			file.Channels[name].Channel = c.Channel
			continue
		}
		gone = append(gone, c)
	}
	return gone
}

// maxFile bounds notify.yaml.
const maxFile = 1 << 20

// look reads the file. One that is not there is no error: then nobody is told.
func look(path string) (stamp, []byte, error) {
	fi, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return stamp{}, nil, nil
	}
	if err != nil {
		return stamp{}, nil, err
	}
	s := stamp{there: true, mod: fi.ModTime(), size: fi.Size()}
	if s.size > maxFile {
		return s, nil, &fault.Error{Code: "notify-too-large", What: "notify.yaml is larger than 1 MiB", Where: path, Do: "remove what is not needed", Exit: fault.ExitUsage}
	}
	doc, err := os.ReadFile(path)
	return s, doc, err
}

// holds is what holds alerts back at one moment.
type holds struct {
	silences []store.Silence
	windows  []*routing.Window
	now      time.Time
}

// holding reads what may hold alerts back now.
func (n *Notifier) holding(ctx context.Context, file *settings.File, now time.Time) (holds, error) {
	h := holds{now: now}
	var err error
	if h.silences, err = n.store.Silences(ctx, now, false); err != nil || file == nil {
		return h, err
	}
	for _, w := range file.Maintenance {
		if w.Active(now) {
			h.windows = append(h.windows, w)
		}
	}
	return h, nil
}

// none tells whether nothing holds anything back: then no alert has to be read for it.
func (h *holds) none() bool { return len(h.silences) == 0 && len(h.windows) == 0 }

// of returns what holds an alert back: a silence before maintenance, since somebody asked for it by hand.
func (h *holds) of(a *alert.Alert) (kind, name string, digest, held bool) {
	// The first that fits is named: one reason is enough, and each counts what it held back.
	for i := range h.silences {
		if h.silences[i].Holds(a, h.now) {
			return store.BySilence, h.silences[i].ID, false, true
		}
	}
	for _, w := range h.windows {
		if w.Holds(a, h.now) {
			return store.ByMaintenance, w.Name, w.Digest, true
		}
	}
	return "", "", false, false
}
