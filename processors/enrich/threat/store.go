package threat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options say where indicators come from.
type Options struct {
	// Folder has files of indicators (*.csv, *.txt, *.json), the list of feeds in feeds.yaml, and below feeds/ what they said
	// last, so that a start needs no network. It need not be there.
	Folder string
	Client *http.Client // nil: one with a time limit
	Log    *slog.Logger
	// Look is how often the folder is looked at; 0: every 5 s.
	Look time.Duration
}

// Store has the indicators of now. Its table is replaced as a whole; who looks something up is never held.
type Store struct {
	opts  Options
	table atomic.Pointer[Table]
	hits  atomic.Int64
	tried atomic.Int64

	mu     sync.Mutex // of what follows
	feeds  []Feed
	listed time.Time // when the list of feeds was written that they are from
	seen   string    // what the files looked like when they were read
	status map[string]Status
}

// Status is what is known of one file or feed.
type Status struct {
	Name    string
	URL     string // empty: a file of the folder
	Counts  Counts
	Fetched time.Time // when its content was last known to be of today: modified, or the feed said so
	Error   string    // why the last attempt failed; the content of before is still in use
}

// New makes a store with what is on disk; the network is only asked by Run. The error is about the list of feeds; what is
// wrong with files is in Status and in the log, and the other files are used.
func New(opts Options) (*Store, error) {
	if opts.Client == nil {
		opts.Client = &http.Client{Timeout: 5 * time.Minute}
	}
	if opts.Look == 0 {
		opts.Look = 5 * time.Second
	}
	s := &Store{opts: opts, status: map[string]Status{}}
	s.table.Store(newBuilder().build())
	s.listed = modified(s.feedsFile())
	var err error
	if s.feeds, err = loadFeeds(s.feedsFile()); err != nil {
		return nil, err
	}
	s.Reload()
	return s, nil
}

// feedsFile is where the feeds are named.
func (s *Store) feedsFile() string { return filepath.Join(s.opts.Folder, "feeds.yaml") }

// Table returns the indicators of now.
func (s *Store) Table() *Table { return s.table.Load() }

// Status returns what is known of all files and feeds, by name.
func (s *Store) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Status, 0, len(s.status))
	for _, st := range s.status {
		out = append(out, st)
	}
	slices.SortFunc(out, func(a, b Status) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Hits returns how many events had an indicator, and how many were looked at.
func (s *Store) Hits() (hits, tried int64) { return s.hits.Load(), s.tried.Load() }

// Run fetches the feeds when they are due and reads files that have changed, until ctx ends.
func (s *Store) Run(ctx context.Context) {
	stop := s.followAll(ctx)
	tick := time.NewTicker(s.opts.Look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			stop()
			return
		case <-tick.C:
		}
		if s.reloadFeeds() {
			stop()
			stop = s.followAll(ctx)
		}
		s.Reload()
	}
}

// followAll follows all feeds that are named now. What it returns ends that, and waits for it.
func (s *Store) followAll(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	s.mu.Lock()
	feeds := s.feeds
	s.mu.Unlock()
	for _, f := range feeds {
		wg.Go(func() { s.follow(ctx, f) })
	}
	return func() {
		cancel()
		wg.Wait()
	}
}

// reloadFeeds reads the list of feeds again if it was written. One with a mistake is refused, and the old one stays.
func (s *Store) reloadFeeds() bool {
	written := modified(s.feedsFile())
	s.mu.Lock()
	same := written.Equal(s.listed)
	s.listed = written
	s.mu.Unlock()
	if same {
		return false
	}
	feeds, err := loadFeeds(s.feedsFile())
	if err != nil {
		s.opts.Log.Error("the list of threat feeds is not taken: the present one goes on", "err", err)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feeds = feeds
	maps.DeleteFunc(s.status, func(_ string, st Status) bool { return st.URL != "" })
	s.seen = "" // a feed that is not named any more is not used any more
	return true
}

// modified tells when a file was last written; zero if it is not there.
func modified(name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// cache is where feeds are kept.
func (s *Store) cache() string { return filepath.Join(s.opts.Folder, "feeds") }

// file is one source on disk.
type file struct {
	name, path, format string
	feed               *Feed
	info               fs.FileInfo
}

// Reload reads everything anew if a file has changed. A file that cannot be read as a whole leaves the table as it is: the
// indicators of before are worth more than a part of those of today.
//
// All files are read for one that has changed: a table cannot forget. Events go on with the old table meanwhile; both are in
// memory for that time.
func (s *Store) Reload() {
	s.mu.Lock()
	defer s.mu.Unlock()
	files := s.files()
	sign := signature(files)
	if sign == s.seen {
		return
	}
	first := s.table.Load().Len() == 0
	b := newBuilder()
	var failed bool
	status := map[string]Status{}
	for _, f := range files {
		st, err := readFile(f, b)
		if err != nil {
			failed = true
			st.Error = err.Error()
			s.opts.Log.Warn("threat indicators cannot be read", "source", f.name, "err", err)
		} else if st.Counts.Taken == 0 && st.Counts.Skipped == 0 {
			s.opts.Log.Warn("a file of threat indicators has none", "source", f.name)
		} else if st.Counts.Broken > 0 {
			s.opts.Log.Warn("some threat indicators cannot be used", "source", f.name, "broken", st.Counts.Broken, "taken", st.Counts.Taken, "first", st.Counts.Example)
		}
		status[f.name] = st
	}
	if sign != signature(s.files()) {
		return // changed while it was read; the next look takes it
	}
	s.seen = sign
	for name, st := range status {
		old := s.status[name]
		if st.Error != "" {
			st.Counts, st.Fetched = old.Counts, old.Fetched
		} else if st.URL != "" {
			st.Error = old.Error
		}
		status[name] = st
	}
	for name, old := range s.status { // feeds that have never answered
		if _, ok := status[name]; !ok && old.URL != "" {
			status[name] = old
		}
	}
	s.status = status
	if failed && !first {
		return
	}
	t := b.build()
	s.table.Store(t)
	s.opts.Log.Info("threat indicators", "indicators", t.Len(), "sources", len(files), "bytes", t.size())
}

// files are the sources that are on disk now, in the order of their names.
func (s *Store) files() []file {
	var out []file
	for _, pattern := range []string{"*.csv", "*.txt", "*.json"} {
		names, err := filepath.Glob(filepath.Join(s.opts.Folder, pattern))
		if err != nil || s.opts.Folder == "" {
			continue // the pattern is a constant, but for brackets in the name of the folder
		}
		for _, path := range names {
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				out = append(out, file{name: filepath.Base(path), path: path, info: info})
			}
		}
	}
	for i := range s.feeds {
		f := &s.feeds[i]
		path := f.path(s.cache())
		if info, err := os.Stat(path); err == nil {
			out = append(out, file{name: f.Name, path: path, format: f.Format, feed: f, info: info})
		}
	}
	return out
}

// signature tells whether files are the same as before.
// Size and time of writing are enough: what writes a file within the clock's step and to the same length would be missed until the
// next write.
func signature(files []file) string {
	var b bytes.Buffer
	b.WriteByte('.')
	for _, f := range files {
		fmt.Fprintf(&b, "%s %d %d\n", f.path, f.info.Size(), f.info.ModTime().UnixNano())
	}
	return b.String()
}

// readFile reads one source into b.
//
// The file is open only while it is read. Words alone are an error of the whole file, as for a page that says "log in".
func readFile(f file, b *builder) (Status, error) {
	st := Status{Name: f.name, Fetched: f.info.ModTime()}
	src := source{name: f.name, confidence: -1, now: time.Now(), add: b.add}
	if f.feed != nil {
		st.URL = f.feed.URL
		if f.feed.Confidence > 0 {
			src.confidence = f.feed.Confidence
		}
	}
	r, err := os.Open(f.path)
	if err != nil {
		return st, fmt.Errorf("opening %s: %w", f.path, err)
	}
	defer r.Close()
	err = src.read(f.format, r)
	st.Counts = src.count
	if err == nil && src.count.Taken == 0 && src.count.Broken > 0 {
		err = errors.New("no line of it is an indicator: " + src.count.Example)
	}
	return st, err
}
