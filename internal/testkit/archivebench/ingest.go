package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/pipeline"
	"weir/internal/record"
	archivesink "weir/sinks/archive"
)

// ingested is what the way into a store cost. Sizes are those of all events together.
type ingested struct {
	n             int
	first         time.Time // of the first event
	raw           int64     // bytes of the events
	spent         spent
	bytes, beside int64 // of the sealed files, and of indexes and manifest beside them; of a peer all is in bytes
	merged        int64 // Elasticsearch: after a force-merge
	rss           int64 // largest resident memory meanwhile
}

// perMillion is CPU-seconds per million events.
func (in *ingested) perMillion() float64 { return in.spent.cpu.Seconds() * 1e6 / float64(in.n) }

// each is bytes an event.
func (in *ingested) each(bytes int64) float64 { return float64(bytes) / float64(in.n) }

// ingest puts the events into a topic of the embedded broker, and measures what it costs to take them from there into sealed
// files. The broker's reading and the client are in it; what filled the topic is not.
func ingest(ctx context.Context, dir, folder string, events feed) (in *ingested, err error) {
	queue := filepath.Join(dir, "bus")
	for _, d := range []string{folder, queue} {
		if err := os.RemoveAll(d); err != nil {
			return nil, fmt.Errorf("clearing the folder: %w", err)
		}
	}
	conf := config.Default().Bus
	conf.Embedded.MaxBytes = 1 << 40 // all events lie in the topic before the first is taken
	b, err := bus.Open(ctx, conf, queue, quiet())
	if err != nil {
		return nil, fmt.Errorf("starting the broker: %w", err)
	}
	defer os.RemoveAll(queue)
	defer b.Close()
	in = &ingested{}
	if err := in.fill(ctx, b, events); err != nil {
		return nil, err
	}
	if in.n == 0 {
		return nil, fmt.Errorf("there are no events")
	}
	a, err := archive.Open(folder, archive.Options{Log: quiet()})
	if err != nil {
		return nil, fmt.Errorf("opening the archive: %w", err)
	}
	forget()
	err = in.take(ctx, b, a)
	in.rss = resident()
	if e := a.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, fmt.Errorf("archiving: %w", err)
	}
	in.bytes, in.beside, err = sizes(folder)
	return in, err
}

// take runs the archive's stage until everything in the topic is sealed.
func (in *ingested) take(ctx context.Context, b *bus.Bus, a *archive.Archive) error {
	sink := archivesink.New(a, quiet())
	before := now()
	r, err := pipeline.Start(pipeline.Stage{Name: "archive", Group: "bench.archive", Topics: []string{b.Topic(bus.Events)}, Client: b.Client, Log: quiet(),
		New: func(_ context.Context, topic string, p int32, _ int64) (pipeline.Worker, error) {
			return sink.NewWorker(topic, p), nil
		}})
	if err != nil {
		return fmt.Errorf("starting the stage: %w", err)
	}
	defer r.Stop(ctx)
	ends, err := b.Ends(ctx, bus.Events)
	if err == nil {
		err = r.CatchUp(ctx, ends)
	}
	if err == nil {
		err = a.Seal(ctx)
	}
	in.spent = now().since(before)
	if err != nil {
		return err
	}
	var stored uint64
	for _, c := range a.Counts() {
		stored += c.Stored
	}
	if stored != uint64(in.n) {
		return fmt.Errorf("%d of %d events are there", stored, in.n)
	}
	return nil
}

// runOf is how many events follow each other in a partition, as a batch of normalise would.
const runOf = 1000

// fill puts the events into the topic, with the headers that normalise writes.
func (in *ingested) fill(ctx context.Context, b *bus.Bus, events feed) error {
	p, err := b.Producer(kgo.MaxBufferedRecords(4 * runOf)) // more would wait in memory, and the broker answer late
	if err != nil {
		return fmt.Errorf("making a producer: %w", err)
	}
	defer p.Close()
	ends, err := b.Ends(ctx, bus.Events)
	if err != nil {
		return err
	}
	partitions := max(1, len(ends[b.Topic(bus.Events)]))
	before := make([]string, partitions)
	var failed error
	var once sync.Once
	err = events(ctx, func(doc []byte) error {
		if in.n == 0 {
			var e event.Event
			if err := e.Decode(doc); err != nil {
				return fmt.Errorf("reading the first event: %w", err)
			}
			in.first = e.Get(event.Timestamp).Time()
		}
		at := in.n / runOf % partitions
		src := record.Pos{Topic: "weir.raw.syslog", Partition: int32(at), Offset: int64(in.n)}.String()
		rec := &kgo.Record{Topic: b.Topic(bus.Events), Partition: int32(at), Value: append([]byte(nil), doc...), Headers: []kgo.RecordHeader{
			{Key: record.HeaderSource, Value: []byte(src)}, {Key: record.HeaderPrev, Value: []byte(before[at])},
			{Key: record.HeaderInput, Value: []byte("syslog")}, {Key: record.HeaderPeer, Value: []byte("192.0.2." + strconv.Itoa(in.n%200) + ":514")},
		}}
		before[at] = src
		in.n++
		in.raw += int64(len(doc))
		p.Produce(ctx, rec, func(_ *kgo.Record, err error) {
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
		err = failed // every promise was kept before Flush returned
	}
	return err
}
