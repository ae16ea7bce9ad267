package file

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"weir/ingest"
	"weir/ingest/internal/limit"
	"weir/ingest/syslog/arena"
	"weir/internal/config"
	"weir/internal/fault"
)

// Input is the name of this input in records and counts.
const Input = "file"

// times are how often things are looked at; tests have less patience.
type times struct {
	hot   time.Duration // between looks at files that grow
	cold  time.Duration // between looks at the others
	warm  time.Duration // how long a file is hot after it grew
	scan  time.Duration // between looks for new files, at least
	close time.Duration // how long a file that has left must not grow until it is closed
	copy  time.Duration // how long a file that may become a copy is left alone after it grew
	keep  time.Duration // how long one that is a copy of a file that goes on waits for that to be cut off
	save  time.Duration // between writings of the places
	stop  time.Duration // how long a stop waits for the front door
}

var usualTimes = times{
	hot: 100 * time.Millisecond, cold: time.Second, warm: 10 * time.Second, scan: time.Second, close: time.Minute,
	copy: 10 * time.Second, keep: time.Minute, save: time.Second, stop: 5 * time.Second,
}

// Source follows files. New checks the paths, Run follows.
type Source struct {
	cfg      config.File
	opts     ingest.Options
	log      *slog.Logger
	pool     *arena.Pool
	noted    limit.Noted
	paths    []string // absolute
	exclude  []string
	registry *registry
	times    times
	emit     ingest.Emit // set by Run before anything is read
}

// New checks the paths and reads what is remembered of files. Errors are *fault.Error wherever a user can do something
// about them.
func New(cfg config.File, opts ingest.Options) (*Source, error) {
	if opts.Config == "" {
		opts.Config = "inputs." + Input
	}
	s := &Source{cfg: cfg, opts: opts, log: opts.Log.With("component", Input), pool: arena.NewPool(arena.DefaultBudget), times: usualTimes}
	var err error
	if s.paths, err = patterns(cfg.Paths, opts.Config+".paths"); err != nil {
		return nil, err
	}
	if s.exclude, err = patterns(cfg.Exclude, opts.Config+".exclude"); err != nil {
		return nil, err
	}
	if opts.Data != "" { // what weir writes must not come back to it
		own, err := filepath.Abs(opts.Data)
		if err != nil {
			return nil, fmt.Errorf("finding the data folder: %w", err)
		}
		s.exclude = append(s.exclude, quoted(own)+"/**")
	}
	if s.registry, err = openRegistry(opts.Dir); err != nil {
		return nil, err
	}
	return s, nil
}

// patterns makes the paths of a key absolute.
func patterns(in []string, key string) ([]string, error) {
	var out []string
	for _, p := range in {
		if !doublestar.ValidatePathPattern(p) {
			return nil, &fault.Error{Code: "config-bad-value", What: fmt.Sprintf("%q is no pattern of paths", p), Where: key, Why: "a bracket or brace in it is never closed", Do: `put \ before a bracket that is part of a name`, Exit: fault.ExitUsage}
		}
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, fmt.Errorf("finding the folder of %s: %w", p, err)
		}
		out = append(out, abs)
	}
	return out, nil
}

// quoted is a path as a pattern that only it matches.
func quoted(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `{`, `\{`).Replace(path)
}

// wanted tells whether a path is to be followed.
func (s *Source) wanted(path string) bool {
	return matches(s.paths, path) && !matches(s.exclude, path)
}

func matches(patterns []string, path string) bool {
	for _, p := range patterns {
		if ok, _ := doublestar.PathMatch(p, path); ok { // validated
			return true
		}
	}
	return false
}

// Listening returns nothing: files are fetched.
func (s *Source) Listening() []ingest.Listener { return nil }

// Close has nothing to let go of: files are open only while Run runs.
func (s *Source) Close() {}

// Run follows until ctx ends. Batches in hand are then handed over, the front door is waited for, at most five seconds,
// and the places are written down. It may be called once.
func (s *Source) Run(ctx context.Context, emit ingest.Emit) error {
	s.emit = emit
	// A batch in hand is handed over after ctx has ended too.
	hand, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(s.times.stop, cancel) })
	defer stop()
	w := newWatch(s.log)
	sch := newScheduler(s, w)
	var wg sync.WaitGroup
	for range min(max(runtime.NumCPU(), 2), 8) {
		wg.Go(func() { s.work(ctx, hand, sch.jobs, sch.results) })
	}
	wg.Go(func() { s.keep(ctx) })
	wg.Go(w.run)
	sch.run(ctx)
	w.close()
	wg.Wait()
	s.settle(hand)
	sch.closeAll()
	if err := s.registry.save(); err != nil {
		s.log.Error("files will be read again in part after the next start", "err", err)
	}
	return nil
}

// work reads the files that the scheduler hands out, until it closes jobs.
func (s *Source) work(ctx, hand context.Context, jobs <-chan *tail, results chan<- result) {
	for t := range jobs {
		results <- result{t, s.read(ctx, hand, t)}
	}
}

// keep writes the places down again and again until ctx ends. A registry of many files takes longer, and is written less
// often, so that it never costs more than a twentieth of the time.
func (s *Source) keep(ctx context.Context) {
	pause := time.NewTimer(s.times.save)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		begun := time.Now()
		if err := s.registry.save(); err != nil && s.noted.First("save") {
			s.log.Error("how far files were read cannot be kept: after a crash more of them is read again", "err", err)
		}
		pause.Reset(max(s.times.save, 20*time.Since(begun)))
	}
}

// settle waits until the front door is done with every batch, or hand ends. Workers have ended, so the number of batches
// only falls; looking at it every 2 ms costs less than a lock around each of them would.
func (s *Source) settle(hand context.Context) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for s.pool.InFlight() > 0 {
		select {
		case <-tick.C:
		case <-hand.Done():
			s.log.Warn("stopped before everything read was acknowledged: it is read again at the next start", "batches", s.pool.InFlight())
			return
		}
	}
}

// say logs what is odd about a file, once an hour.
func (s *Source) say(t *tail, what string, args ...any) {
	if s.noted.First(what + t.origin) {
		s.log.Warn("trouble with a file", append([]any{"what", what, "source", t.source}, args...)...)
	}
}

// sayOnce is say for an error.
func (s *Source) sayOnce(t *tail, what string, err error) { s.say(t, what, "err", err) }
