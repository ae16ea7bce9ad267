package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/pipeline"
)

// Store keeps the fold of weir.ledger in a file, with the offset up to which it was read. It makes the worker of the
// ledger stage; Balance may be called from any goroutine.
type Store struct {
	file  string
	write func(name string, data []byte) error
	log   *slog.Logger

	mu     sync.Mutex
	fold   *Fold
	offset int64 // of weir.ledger, whose one partition is read
	saved  time.Time
}

// saveEvery bounds how often the file is written. What came since is read again after a crash, which changes no sum.
const saveEvery = 5 * time.Second

// stored is the file.
type stored struct {
	Offset int64 `json:"offset"`
	*Fold
}

// OpenStore reads the file, or begins with nothing. write replaces a file safely over a crash.
func OpenStore(file string, write func(string, []byte) error, log *slog.Logger) (*Store, error) {
	s := &Store{file: file, write: write, log: log, fold: NewFold()}
	b, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	st := stored{Fold: s.fold}
	if err := json.Unmarshal(b, &st); err != nil {
		return nil, fmt.Errorf("reading the ledger %s: %w", file, err)
	}
	s.offset = st.Offset
	return s, nil
}

// StartOffset returns the offset of weir.ledger to go on from.
func (s *Store) StartOffset(string, int32) (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.offset, true
}

// Balance lays the hops side by side.
func (s *Store) Balance(st State) Balance {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fold.Balance(st)
}

// Made returns what normalise made of the records of a source, over all starts.
func (s *Store) Made(source string) Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out Counts
	for _, sources := range s.fold.made() {
		if c := sources[source]; c != nil {
			out.add(c)
		}
	}
	return out
}

// Taken returns, per "topic/partition" of raw topics, the offset up to which records are counted.
func (s *Store) Taken() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fold.Taken()
}

// Missing is Fold.Missing over what was read so far.
func (s *Store) Missing(id string, stages []string, now time.Time, live time.Duration) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fold.Missing(id, stages, now, live)
}

// Remote is Fold.Remote over what was read so far.
func (s *Store) Remote(except string) (stored, read map[string]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fold.Remote(except)
}

// TakenElastic is Fold.TakenElastic over what was read so far.
func (s *Store) TakenElastic() (taken map[string]int64, open int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fold.TakenElastic()
}

// Door is Fold.Door over what was read so far.
func (s *Store) Door(st State) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fold.Door(st)
}

// NewWorker makes the worker of weir.ledger.
func (s *Store) NewWorker(context.Context, string, int32, int64) (pipeline.Worker, error) {
	return &worker{store: s}, nil
}

// worker folds records and answers them once the fold is on disk. There is one, since the topic has one partition; a new
// one after a failure finds the fold ahead of its offset and passes over what is in it.
type worker struct {
	store *Store
	held  []func(error)
}

// Process implements pipeline.Worker.
func (w *worker) Process(_ context.Context, batch []*kgo.Record, done func(error)) error {
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rec := range batch {
		if rec.Offset < s.offset {
			continue
		}
		if err := s.fold.Apply(rec.Value); err != nil {
			s.log.Warn("ledger record left out", "topic", rec.Topic, "offset", rec.Offset, "err", err)
		}
		s.offset = rec.Offset + 1
	}
	w.held = append(w.held, done)
	if time.Since(s.saved) < saveEvery {
		return nil
	}
	return w.save()
}

// save writes the fold; the store's lock is held.
func (w *worker) save() error {
	s := w.store
	b, err := json.Marshal(stored{Offset: s.offset, Fold: s.fold})
	if err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	if err := s.write(s.file, b); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	s.saved = time.Now()
	for _, done := range w.held {
		done(nil)
	}
	w.held = nil
	return nil
}

// Close writes what was folded since the last save.
func (w *worker) Close() {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if len(w.held) == 0 {
		return
	}
	if err := w.save(); err != nil {
		w.store.log.Error("writing the ledger at the end", "err", err)
	}
}
