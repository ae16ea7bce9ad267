// Package watchdog raises alerts about weir itself and about who has fallen silent.
//
// Every ten seconds it takes a reading of the process from functions that it was given (reading.go), lets each check say
// what is wrong in it (the table is in checks.go), and keeps an alert for each thing that is: opened when it has been wrong
// for long enough, counted while it lasts, ended by itself when it has been well for a while (ledger of open alerts:
// keeper.go). Silence of sources is judged by package rhythm.
//
// An alert's id follows from its rule, what it is about, and when that began. When it began is on disk before it is said,
// so that neither a crash nor a restart says anything twice.
package watchdog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
	"weir/internal/watchdog/rhythm"
)

// Options is what a watchdog needs. Functions of parts that the process does not have are nil: nothing is said of them.
// They are called by Run's goroutine alone.
type Options struct {
	Log *slog.Logger
	// Now is the time of the wall, Up that since the start by a clock that nobody sets.
	Now func() time.Time
	Up  func() time.Duration
	// Every is how often it looks; 0: ten seconds.
	Every time.Duration
	// Dir is where it keeps what must outlive it, by Write, which replaces a file so that a crash leaves the old or the new one.
	Dir   string
	Write func(name string, data []byte) error
	// Raise writes a revision of an alert and returns when it is durable. The same one may come again.
	Raise func(ctx context.Context, a *alert.Alert) error
	// Host is the name of this machine.
	Host string
	// Disable are ids of rules that raise nothing.
	Disable []string
	// Sources are watched for silence; nil: not by this process.
	Sources *Sources
	Reading Reading
}

// Sources says who is to be heard.
type Sources struct {
	// Heard returns what the ledger counts of each source, and the time of these counts. Names are as the ledger has them.
	Heard func() (at time.Time, list []rhythm.Heard)
	// Device is what the inventory knows of a source; nil: there is none.
	Device func(source string) Device
	// Expected are the devices that the inventory expects, each with when it was last heard; it may take a while, and is
	// asked once in ten minutes. Devices that skip names are sources of their own: they have a rhythm, and are left out. Nil:
	// there is no inventory.
	Expected func(ctx context.Context, skip func(name string) bool) []Expected
	// Own is how many records weir itself has sent to its front door, by source: canaries are no sign of life.
	Own func() map[string]int64
	// After is the least silence that is said, Every how often the ledger counts; 0: as often as the watchdog looks.
	After, Every time.Duration
	// QuietDays are like Sundays: 2026-12-25.
	QuietDays []string
	// Max bounds the sources that are kept.
	Max int
}

// Device is what the inventory knows of a source.
type Device struct {
	Name     string
	Zone     *time.Location // nil: not known
	Presence rhythm.Presence
}

// Expected is a device that should be heard.
type Expected struct {
	Name string
	// Heard is when; zero: never.
	Heard time.Time
}

// Watchdog watches. Run is called once; the other methods by any goroutine, at any time.
type Watchdog struct {
	opts   Options
	checks []check

	mu      sync.Mutex // of all below; never held while Raise or a function of Options runs
	keep    *keeper
	rhythms *rhythm.Rhythms
	missing []Expected // devices that are no sources of their own

	// Of Run's goroutine.
	memory memory
	looked time.Time // for devices
	saved  time.Time
}

const (
	lookEvery = 10 * time.Second
	// sayWithin bounds how long Kafka may take: who waits for it does not look.
	sayWithin = 5 * time.Second
	saveEvery = 10 * time.Minute
	// expectEvery is how often devices are looked for that never spoke.
	expectEvery = 10 * time.Minute
)

// New makes a watchdog with what one before it has kept. A file that cannot be read is put aside and said: what is known
// of rhythms is then learned anew, and alerts that are open stay so until somebody closes them.
func New(o Options) (*Watchdog, error) {
	if o.Every == 0 {
		o.Every = lookEvery
	}
	w := &Watchdog{opts: o, keep: newKeeper(o.Host), memory: newMemory()}
	for _, c := range checks {
		if !slices.Contains(o.Disable, c.ID) {
			w.checks = append(w.checks, c)
		}
	}
	if err := w.load(alertsFile, w.keep.decode); err != nil {
		return nil, err
	}
	now := o.Now()
	w.keep.start(now, now.Add(-o.Up()), w.runs)
	w.memory.began, w.memory.before = w.keep.began, w.keep.before
	if s := o.Sources; s != nil {
		w.rhythms = rhythm.New(rhythm.Options{
			After: s.After, Every: max(s.Every, o.Every), Max: s.Max, Zone: w.zone, Presence: w.presence,
			QuietDay: func(day string) bool { return slices.Contains(s.QuietDays, day) },
		})
		if err := w.load(rhythmsFile, w.rhythms.Decode); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// runs tells whether this process keeps alerts of a rule.
func (w *Watchdog) runs(rule string) bool {
	if slices.ContainsFunc(silenceRules, func(r *Rule) bool { return r.ID == rule }) {
		return w.opts.Sources != nil && !slices.Contains(w.opts.Disable, rule)
	}
	return slices.ContainsFunc(w.checks, func(c check) bool { return c.ID == rule })
}

// Files of the watchdog.
const (
	alertsFile  = "alerts.json"
	rhythmsFile = "rhythms"
)

// load reads a file of ours. A damaged one is put aside.
func (w *Watchdog) load(name string, decode func([]byte) error) error {
	file := filepath.Join(w.opts.Dir, name)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading what the watchdog keeps: %w", err)
	}
	if err := decode(data); err != nil {
		w.opts.Log.Warn("what the watchdog kept cannot be read and is put aside", "component", "watchdog", "err", err, "file", file+".bad")
		if err := os.Rename(file, file+".bad"); err != nil {
			return fmt.Errorf("putting a damaged file aside: %w", err)
		}
	}
	return nil
}

// Run looks until ctx ends, and then writes down what it knows. What cannot be raised, because Kafka is away, is kept and
// raised later.
func (w *Watchdog) Run(ctx context.Context) {
	tick := time.NewTicker(w.opts.Every)
	defer tick.Stop()
	defer w.save()
	for {
		w.Look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Look takes one reading and says what follows from it. Run calls it; tests may, with a clock of their own.
func (w *Watchdog) Look(ctx context.Context) {
	now := w.opts.Now()
	s := w.sample(ctx, now)
	w.mu.Lock()
	for i := range w.checks {
		c := &w.checks[i]
		if found, known := c.probe(&w.memory, s, w.keep.isOpen); known {
			w.keep.see(now, &c.Rule, found)
		}
	}
	w.memory.last = s
	w.mu.Unlock()
	w.listen(ctx, now)
	w.say(ctx, now)
	if now.Sub(w.saved) >= saveEvery || now.Before(w.saved) {
		w.save()
		w.saved = now
	}
}

// say raises what is to be said: written down first, so that it is never said under two ids.
func (w *Watchdog) say(ctx context.Context, now time.Time) {
	w.mu.Lock()
	w.keep.refresh(now)
	due := w.keep.due()
	var state []byte
	if w.keep.changed {
		state = w.keep.encode()
		w.keep.changed = false
	}
	w.mu.Unlock()
	if state != nil {
		if err := w.opts.Write(filepath.Join(w.opts.Dir, alertsFile), state); err != nil {
			w.opts.Log.Warn("writing down weir's own alerts", "component", "watchdog", "err", err)
			w.mu.Lock()
			w.keep.changed = true
			w.mu.Unlock()
		}
	}
	ctx, cancel := context.WithTimeout(ctx, sayWithin)
	defer cancel()
	for _, a := range due {
		if err := w.opts.Raise(ctx, a); err != nil {
			if !errors.Is(err, context.Canceled) {
				w.opts.Log.Warn("raising an alert: it is tried again", "component", "watchdog", "rule", a.Rule, "err", err)
			}
			return // the order is kept, and the next would most likely fail too
		}
		w.mu.Lock()
		w.keep.said(a)
		w.mu.Unlock()
	}
}

// save writes down what is known of rhythms.
func (w *Watchdog) save() {
	if w.rhythms == nil {
		return
	}
	if err := w.opts.Write(filepath.Join(w.opts.Dir, rhythmsFile), w.rhythms.Encode()); err != nil {
		w.opts.Log.Warn("writing down the rhythms of sources", "component", "watchdog", "err", err)
	}
}

// ErrOff is what is answered where the watchdog is switched off, or watches no sources.
func ErrOff() error {
	return &fault.Error{Code: "watchdog-off", What: "this weir does not watch who is silent", Why: "watchdog.enabled or watchdog.silence.enabled is false", Do: "WEIR_WATCHDOG_SILENCE_ENABLED=true, and start it anew", Exit: fault.ExitMissing}
}
