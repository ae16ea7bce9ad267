package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/control/archiving"
)

// block is how much is read at once: large enough that the disk and the hash are never waiting for a call.
const block = 1 << 20

// tick is how often progress is told.
const tick = 100 * time.Millisecond

// digest is what a file was when it was read.
type digest struct {
	sum  string // "" where it was not there
	size int64
	time time.Time // when the disk says that it was written
	err  error     // why it cannot be read
}

// counters are what the workers share.
type counters struct {
	bytes    atomic.Int64
	segments atomic.Int64
	at       atomic.Pointer[string]
}

// hash reads every file that has to be there, on several goroutines, which are all waited for. What was read in an
// earlier look and was right is not read again.
func (c *check) hash(parent context.Context) error {
	var todo []string
	var total int64
	count := 0
	for i := range c.want {
		w := &c.want[i]
		if d, ok := c.known[w.path]; ok && d.sum == w.sha256 {
			continue
		}
		todo = append(todo, w.path)
		total += w.bytes
		if w.kind == segment {
			count++
		}
	}
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	// Each worker has a map of its own, so that nothing is locked while files are read.
	var shared counters
	jobs := make(chan string)
	results := make([]map[string]digest, max(1, min(c.o.Workers, len(todo))))
	var workers sync.WaitGroup
	for i := range results {
		results[i] = map[string]digest{}
		workers.Go(func() { // ends when jobs is closed; waited for by gather
			buf := make([]byte, block)
			for name := range jobs {
				results[i][name] = sum(ctx, c.o.Files, name, buf, &shared)
			}
		})
	}
	var feeder sync.WaitGroup
	feeder.Go(func() { // ends with its list, or with ctx
		defer close(jobs)
		for _, name := range todo {
			select {
			case jobs <- name:
			case <-ctx.Done():
				return
			}
		}
	})
	done := make(chan struct{})
	go func() { workers.Wait(); close(done) }() // ends with the workers, which the loop below waits for
	// The caller of Run draws the progress, so it must be told on its own goroutine.
	c.watch(done, &shared, archiving.Progress{BytesTotal: total, SegmentsTotal: count})
	cancel()
	feeder.Wait()
	for _, r := range results {
		maps.Copy(c.known, r)
	}
	return parent.Err()
}

// watch tells of progress until the workers are done.
func (c *check) watch(done <-chan struct{}, shared *counters, p archiving.Progress) {
	began := time.Now()
	tell := func() {
		if c.o.Progress == nil {
			return
		}
		p.Bytes, p.Segments = shared.bytes.Load(), min(int(shared.segments.Load()), p.SegmentsTotal)
		if s := shared.at.Load(); s != nil {
			p.At = *s
		}
		if took := time.Since(began); took > 0 && p.Bytes > 0 {
			p.Rate = float64(p.Bytes) / took.Seconds()
			p.Left = time.Duration(float64(max(0, p.BytesTotal-p.Bytes)) / p.Rate * float64(time.Second))
		}
		c.o.Progress(p)
	}
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-done:
			tell()
			return
		case <-t.C:
			tell()
		}
	}
}

// sum reads one file.
func sum(ctx context.Context, files fs.FS, name string, buf []byte, shared *counters) (d digest) {
	shared.at.Store(&name)
	defer shared.segments.Add(1)
	f, err := files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return digest{}
	}
	if err != nil {
		return digest{err: err}
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil {
		d.time = st.ModTime()
	}
	h := sha256.New()
	for {
		if err := ctx.Err(); err != nil {
			return digest{err: err}
		}
		// Whole blocks, since a hash is fastest on long runs. A short one is the end.
		n, err := io.ReadFull(f, buf)
		h.Write(buf[:n])
		d.size += int64(n)
		shared.bytes.Add(int64(n))
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			d.sum = hex.EncodeToString(h.Sum(nil))
			return d
		}
		if err != nil {
			return digest{err: fmt.Errorf("reading %s: %w", name, err), size: d.size, time: d.time}
		}
	}
}
