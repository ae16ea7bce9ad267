package file

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/ingest"
	"weir/internal/config"
	"weir/internal/record"
	"weir/internal/testkit/frontdoor"
)

// quick are the times of tests.
var quick = times{
	hot: 2 * time.Millisecond, cold: 2 * time.Millisecond, warm: time.Second, scan: 5 * time.Millisecond, close: 100 * time.Millisecond,
	copy: 50 * time.Millisecond, keep: 300 * time.Millisecond, save: 5 * time.Millisecond, stop: 200 * time.Millisecond,
}

// site is a folder of logs, and a weir that follows them: the source is started and stopped, the door stays.
type site struct {
	t     testing.TB
	dir   string // of the logs
	state string // what the source keeps
	cfg   config.File
	times times
	door  frontdoor.Door
	count frontdoor.Counter
	log   syncBuffer
	src   *Source
	stop  func()
}

// syncBuffer is a log that is read while it is written.
type syncBuffer struct {
	c   chan struct{}
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.c <- struct{}{}
	defer func() { <-b.c }()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.c <- struct{}{}
	defer func() { <-b.c }()
	return b.buf.String()
}

// newSite makes a folder whose files are followed by patterns within it.
func newSite(t testing.TB, patterns ...string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), state: filepath.Join(t.TempDir(), "state"), times: quick, log: syncBuffer{c: make(chan struct{}, 1)}}
	s.cfg = config.File{Start: "beginning", MaxRecord: 1 << 10, MaxFiles: 100}
	for _, p := range patterns {
		s.cfg.Paths = append(s.cfg.Paths, s.path(p))
	}
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

// start starts a source on what the last one kept.
func (s *site) start() {
	s.t.Helper()
	src, err := New(s.cfg, ingest.Options{Log: s.logger(), Counter: &s.count, Dir: s.state})
	if err != nil {
		s.t.Fatal(err)
	}
	src.times = s.times
	s.src = src
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan error, 1)
	go func() { done <- src.Run(ctx, s.door.Emit) }()
	s.stop = func() {
		s.t.Helper()
		cancel()
		select {
		case err := <-done:
			if err != nil {
				s.t.Errorf("Run returned %v", err)
			}
			done <- nil
		case <-time.After(time.Minute):
			s.t.Fatal("Run does not return")
		}
	}
	s.t.Cleanup(s.stop)
}

// crash ends the source as kill -9 would: what it writes down at its end is undone.
func (s *site) crash() {
	s.t.Helper()
	name := filepath.Join(s.state, "files.json")
	kept, err := os.ReadFile(name)
	if err != nil {
		s.t.Fatal(err)
	}
	s.stop()
	if err := os.WriteFile(name, kept, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// write appends to a file.
func (s *site) write(name, text string) {
	s.t.Helper()
	f, err := os.OpenFile(s.path(name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) rename(from, to string) {
	s.t.Helper()
	if err := os.Rename(s.path(from), s.path(to)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) truncate(name string) {
	s.t.Helper()
	if err := os.Truncate(s.path(name), 0); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) copy(from, to string) {
	s.t.Helper()
	data, err := os.ReadFile(s.path(from))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.path(to), data, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) remove(name string) {
	s.t.Helper()
	if err := os.Remove(s.path(name)); err != nil {
		s.t.Fatal(err)
	}
}

// numbered are lines that differ, each about 40 bytes.
func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "line %08d of a log that goes on and on\n", i)
	}
	return b.String()
}

// fresh returns what normalise lets through: of each key only what is above the highest place so far.
func (s *site) fresh() []record.Raw {
	last := map[string]int64{}
	var out []record.Raw
	for _, r := range s.door.Records() {
		if at, seen := last[r.Key]; seen && r.Line <= at {
			continue
		}
		last[r.Key] = r.Line
		out = append(out, r)
	}
	return out
}

// waits waits until as many lines came as want holds, and compares them whatever their order: files are read at once.
func (s *site) waits(want ...string) {
	s.t.Helper()
	count := map[string]int{}
	total := 0
	for _, w := range want {
		for l := range strings.Lines(w) {
			count[strings.TrimSuffix(l, "\n")]++
			total++
		}
	}
	s.eventually(fmt.Sprintf("%d lines", total), func() bool { return len(s.fresh()) >= total })
	for _, r := range s.fresh() {
		count[string(r.Value)]--
	}
	wrong := 0
	for text, n := range count {
		if n != 0 && wrong < 5 {
			wrong++
			s.t.Errorf("%.60q came %d times too often", text, -n)
		}
	}
	if wrong > 0 {
		s.t.Fatalf("%s", s.log.String())
	}
}

func (s *site) eventually(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("never: %s; there are %d records, of which %d are new\n%s", what, len(s.door.Records()), len(s.fresh()), s.log.String())
		}
	}
}

// saved waits until everything that was read is written down.
func (s *site) saved() {
	s.t.Helper()
	s.eventually("everything is written down", func() bool {
		s.src.registry.mu.Lock()
		defer s.src.registry.mu.Unlock()
		return !s.src.registry.dirty && s.src.pool.InFlight() == 0
	})
	if err := s.src.registry.save(); err != nil { // waits for one that is being written
		s.t.Fatal(err)
	}
}

func (s *site) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&s.log, nil)) }
