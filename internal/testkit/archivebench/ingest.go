package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/pipeline"
	archivesink "weir/sinks/archive"
)

// ingested is what the way from the topic to sealed files cost.
type ingested struct {
	n          int
	first      time.Time // of the first event
	spent      spent
	raw, bytes int64 // of the events, and of the sealed files
	beside     int64 // of their indexes
	rss        int64 // largest resident memory of the process, with broker and client
}

// ingest puts the events into a topic of the embedded broker, and measures what it costs to take them from there into sealed
// files: the broker's reading and the client are in it.
func ingest(ctx context.Context, f flags, events, folder string) (in ingested, err error) {
	b, err := bus.Open(ctx, config.Default().Bus, filepath.Join(f.dir, "bus"), quiet())
	if err != nil {
		return in, fmt.Errorf("starting the broker: %w", err)
	}
	defer os.RemoveAll(filepath.Join(f.dir, "bus"))
	defer b.Close()
	if err := in.fill(ctx, b, events); err != nil {
		return in, err
	}
	runtime.GC()
	a, err := archive.Open(folder, archive.Options{Log: quiet()})
	if err != nil {
		return in, fmt.Errorf("opening the archive: %w", err)
	}
	sink := archivesink.New(a, quiet())
	before := now()
	r, err := pipeline.Start(pipeline.Stage{Name: "archive", Group: "bench.archive", Topics: []string{b.Topic(bus.Events)}, Client: b.Client, Log: quiet(),
		New: func(_ context.Context, topic string, p int32, _ int64) (pipeline.Worker, error) {
			return sink.NewWorker(topic, p), nil
		}})
	if err != nil {
		return in, fmt.Errorf("starting the stage: %w", err)
	}
	ends, err := b.Ends(ctx, bus.Events)
	if err == nil {
		err = r.CatchUp(ctx, ends)
	}
	if err == nil {
		err = a.Seal(ctx)
	}
	in.spent = now().since(before)
	r.Stop(ctx)
	if e := a.Close(); err == nil {
		err = e
	}
	if err != nil {
		return in, fmt.Errorf("archiving: %w", err)
	}
	in.rss = resident()
	in.bytes, in.beside, err = sizes(folder)
	return in, err
}

// fill puts the events into the topic.
func (in *ingested) fill(ctx context.Context, b *bus.Bus, events string) error {
	p, err := b.Producer()
	if err != nil {
		return fmt.Errorf("making a producer: %w", err)
	}
	defer p.Close()
	ends, err := b.Ends(ctx, bus.Events)
	if err != nil {
		return err
	}
	partitions := max(1, len(ends[b.Topic(bus.Events)]))
	var failed error
	var once sync.Once
	err = lines(events, func(line []byte) error {
		if in.n == 0 {
			var e event.Event
			if err := e.Decode(line); err != nil {
				return fmt.Errorf("reading the first event: %w", err)
			}
			in.first = e.Get(event.Timestamp).Time()
		}
		in.raw += int64(len(line))
		r := &kgo.Record{Topic: b.Topic(bus.Events), Partition: int32(in.n / 1000 % partitions), Value: append([]byte(nil), line...)}
		in.n++
		p.Produce(ctx, r, func(_ *kgo.Record, err error) {
			if err != nil {
				once.Do(func() { failed = err })
			}
		})
		return nil
	})
	if err == nil {
		err = p.Flush(ctx)
	}
	if err == nil {
		err = failed
	}
	return err
}

// write writes the figures of the way in.
func (in *ingested) write(out io.Writer) {
	m := 1e6 / float64(in.n)
	fmt.Fprintf(out, "ingest     %d events of %d B: %.1f CPU-s and %.1f s per million, %.0f events a second\n", in.n, in.raw/int64(in.n), in.spent.cpu.Seconds()*m, in.spent.wall.Seconds()*m, float64(in.n)/in.spent.wall.Seconds())
	fmt.Fprintf(out, "disk       %.0f B an event: %.0f in sealed files, %.0f in indexes; %.1f times smaller than the events\n", float64(in.bytes+in.beside)/float64(in.n), float64(in.bytes)/float64(in.n), float64(in.beside)/float64(in.n), float64(in.raw)/float64(in.bytes+in.beside))
	fmt.Fprintf(out, "memory     %d MB at most, with broker and clients\n", in.rss>>20)
}

// sizes adds up sealed files and their indexes.
func sizes(folder string) (sealed, beside int64, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if filepath.Ext(path) == ".parquet" {
			sealed += info.Size()
		} else {
			beside += info.Size()
		}
		return nil
	})
	return sealed, beside, err
}

// moment is the clock on the wall and the CPU time of this process.
type moment struct {
	at  time.Time
	cpu time.Duration
}

func now() moment {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail for this process
	return moment{time.Now(), time.Duration(u.Utime.Nano() + u.Stime.Nano())}
}

func (m moment) since(o moment) spent { return spent{m.at.Sub(o.at), m.cpu - o.cpu} }

// resident is the largest resident memory of this process so far.
func resident() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64) // 0 where it is no number
			return kb << 10
		}
	}
	return 0
}
