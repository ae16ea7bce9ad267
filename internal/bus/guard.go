package bus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"golang.org/x/sys/unix"
)

// guardInterval is how often the guard looks at disk, log and groups; a producer that must wait makes it look sooner,
// but not more often than pokeInterval.
const (
	guardInterval = 500 * time.Millisecond
	pokeInterval  = 50 * time.Millisecond
)

// fullAt is the share of a partition's bytes, in percent, at which its producers wait.
const fullAt = 80

// guard starts the goroutine that trims and holds; stopGuard ends it.
func (e *embedded) guard(b *Bus) {
	ctx, cancel := context.WithCancel(context.Background())
	e.stop = cancel
	e.done.Go(func() {
		tick := time.NewTicker(guardInterval)
		defer tick.Stop()
		for {
			if err := e.check(ctx, b); err != nil && ctx.Err() == nil {
				e.log.Warn("checking the log", "err", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			case <-e.poke:
				time.Sleep(pokeInterval)
			}
		}
	})
}

// stopGuard ends the guard's goroutine and waits for it. It may be called again, and without a guard.
func (e *embedded) stopGuard() {
	if e.stop != nil {
		e.stop()
		e.done.Wait()
	}
}

// check looks at the disk, trims what nobody needs, and says how much each partition may still take.
func (e *embedded) check(ctx context.Context, b *Bus) error {
	// Rooms are made anew from what is on disk each time, so what producers took in between cannot drift.
	e.checkDisk()
	rooms, trim := map[part]int64{}, kadm.Offsets{}
	for _, t := range b.topics {
		name, n := b.Topic(t.Name), t.partitions(b.cfg)
		share := e.share(t, n)
		limit := share * fullAt / 100
		var needed map[int32]int64
		for p := range int32(n) {
			files := e.files(name, p)
			if len(files) < 2 {
				rooms[part{name, p}] = limit
				continue // the last file always stays
			}
			if needed == nil { // asked once a topic, and only where there is something that could go
				var err error
				if needed, err = b.needed(ctx, t); err != nil {
					return err
				}
			}
			from, bytes := keepFrom(files, needed[p])
			if from > files[0].base {
				trim.Add(kadm.Offset{Topic: name, Partition: p, At: from})
			}
			rooms[part{name, p}] = limit - bytes
		}
	}
	if len(trim) > 0 {
		// The broker deletes at its own pace. The bytes were left out of the room already: they are nobody's.
		resp, err := b.admin.DeleteRecords(ctx, trim)
		if err == nil {
			err = resp.Error()
		}
		if err != nil {
			return fmt.Errorf("trimming: %w", err)
		}
	}
	e.publish(rooms)
	return nil
}

// publish puts the new rooms in place and says when producers begin and end to wait: at the turn only, since the state
// may last for hours.
func (e *embedded) publish(rooms map[part]int64) {
	full := ""
	for k, left := range rooms {
		if left <= 0 {
			full = k.topic
		}
	}
	e.mu.Lock()
	e.rooms, e.waiting = rooms, false
	was := e.full
	e.full = full
	e.mu.Unlock()
	switch {
	case full != "" && was == "":
		e.log.Warn("log full: senders wait until its readers catch up", "topic", full, "max_bytes", int64(e.cfg.MaxBytes))
	case full == "" && was != "":
		e.log.Info("log has room again: senders go on", "topic", was)
	}
}

// keepFrom returns the base of the first file that stays and the bytes from there on. The last file always stays: a
// partition that was emptied begins again at offset 0.
func keepFrom(files []logFile, needed int64) (from, bytes int64) {
	for _, f := range files {
		bytes += f.size
	}
	from = files[0].base
	for i := 0; i < len(files)-1; i++ {
		if files[i+1].base > needed {
			break
		}
		bytes -= files[i].size
		from = files[i+1].base
	}
	return from, bytes
}

// needed returns, per partition, the lowest offset that a group of t's readers has not committed yet. A group that has
// never committed needs everything.
func (b *Bus) needed(ctx context.Context, t Topic) (map[int32]int64, error) {
	out := map[int32]int64{}
	for p := range int32(t.partitions(b.cfg)) {
		out[p] = math.MaxInt64
	}
	for _, group := range t.Readers {
		offsets, err := b.admin.FetchOffsets(ctx, b.cfg.Prefix+group)
		// A group that was never seen has read nothing. To stop here would stop the trimming of every other topic too.
		if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
			return nil, fmt.Errorf("asking for the offsets of group %s: %w", group, err)
		}
		for p := range out {
			o, ok := offsets.Lookup(b.Topic(t.Name), p)
			if !ok || o.At < 0 {
				out[p] = 0
				continue
			}
			out[p] = min(out[p], o.At)
		}
	}
	return out, nil
}

// checkDisk makes producers and commits wait while less than the configured space is free.
func (e *embedded) checkDisk() {
	var st unix.Statfs_t
	if err := unix.Statfs(e.dir, &st); err != nil {
		e.log.Warn("asking for free disk space", "err", err)
		return
	}
	free := int64(st.Bavail) * st.Bsize
	// On a disk smaller than eight times the reserve, an eighth of it is the reserve.
	e.holdForDisk(free, min(int64(e.cfg.MinFree), int64(st.Blocks)*st.Bsize/8))
}

// holdForDisk begins or ends the wait for disk space, and says so once. Requests see it from their next try on.
func (e *embedded) holdForDisk(free, reserve int64) {
	low := free < reserve
	if low != e.noDisk.Load() {
		if low {
			e.log.Error("disk nearly full: weir takes no more until space is free", "folder", e.dir, "free_bytes", free, "needed_bytes", reserve)
		} else {
			e.log.Info("disk has space again: weir goes on", "folder", e.dir, "free_bytes", free)
		}
		e.noDisk.Store(low)
	}
}

// Pressed tells whether a partition of one of the topics has used more than half of the bytes at which its producers
// are made to wait. A reader that holds records which it could make durable does so now: else it might wait for more
// of them, and they for it.
func (b *Bus) Pressed(names ...string) bool {
	if b.embedded == nil {
		return false // a real Kafka bounds its log by time, whoever has read it
	}
	e := b.embedded
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range b.topics {
		if !slices.Contains(names, t.Name) {
			continue
		}
		n := t.partitions(b.cfg)
		half := e.share(t, n) * fullAt / 100 / 2
		for p := range int32(n) {
			if left, known := e.rooms[part{b.Topic(t.Name), p}]; known && left < half {
				return true
			}
		}
	}
	return false
}

// Holding tells whether producers are made to wait, and why: "" if not.
func (b *Bus) Holding() string {
	switch {
	case b.embedded == nil:
		return ""
	case b.embedded.noDisk.Load():
		return "disk"
	}
	b.embedded.mu.Lock()
	defer b.embedded.mu.Unlock()
	if b.embedded.full != "" || b.embedded.waiting {
		return "log"
	}
	return ""
}
