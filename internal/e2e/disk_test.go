package e2e

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/internal/testkit"
	"weir/internal/testkit/relpclient"
)

// smallDisk mounts one of its own; root only.
func smallDisk(t testing.TB, size string) (dir string) {
	t.Helper()
	needRoot(t)
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		testkit.Skip(t, "root", "mounting a small disk: "+err.Error())
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes a file until only free bytes are left on its disk.
func fill(t testing.TB, name string, free int64) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	chunk := make([]byte, 64<<10)
	for left := freeBytes(t, filepath.Dir(name)) - free; left > 0; left -= int64(len(chunk)) {
		if _, err := f.Write(chunk[:min(left, int64(len(chunk)))]); err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		} else if err != nil {
			break
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func freeBytes(t testing.TB, dir string) int64 {
	t.Helper()
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		t.Fatal(err)
	}
	return int64(st.Bavail) * st.Bsize
}

// relpSender sends numbered messages by RELP until it is told to stop.
type relpSender struct {
	client *relpclient.Client
	over   chan struct{}
	once   sync.Once
	wg     sync.WaitGroup
	n      int
}

func startRELP(t testing.TB, w *weir, line func(i int) []byte) *relpSender {
	t.Helper()
	ctx := within(t, 5*time.Minute)
	c, err := relpclient.Dial(ctx, w.relp(), 200)
	if err != nil {
		t.Fatal(err)
	}
	s := &relpSender{client: c, over: make(chan struct{})}
	s.wg.Go(func() {
		for ; ; s.n++ {
			select {
			case <-s.over:
				return
			case <-time.After(200 * time.Microsecond):
			}
			if c.Send(ctx, s.n, line(s.n)) != nil {
				return // the test is over
			}
		}
	})
	t.Cleanup(func() { s.once.Do(func() { close(s.over) }); c.Abort(); s.wg.Wait() })
	return s
}

// finish stops sending, waits until everything is acknowledged, and returns how many messages there were.
func (s *relpSender) finish(t testing.TB) (int, relpclient.Report) {
	t.Helper()
	s.once.Do(func() { close(s.over) })
	s.wg.Wait()
	if err := s.client.Close(within(t, 2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	return s.n, s.client.Report()
}

func (s *relpSender) acked() int { return s.client.Report().Acked }

// checkStored compares what was acknowledged with what is stored.
func (w *weir) checkStored(n int, report relpclient.Report) {
	w.t.Helper()
	counts := w.stored(n)
	lost, excess := 0, 0
	for i, c := range counts {
		m := report.Messages[i]
		if m.Acked && c == 0 {
			lost++
		}
		if c > m.Frames {
			excess++
		}
	}
	if lost > 0 || excess > 0 {
		w.t.Errorf("of %d messages %d were acknowledged and lost, %d are stored more often than they were sent", n, lost, excess)
	}
}

// TestDisk_NearlyFull: weir stops taking before the disk is full, acknowledges nothing meanwhile, and goes on by
// itself.
func TestDisk_NearlyFull(t *testing.T) {
	disk := smallDisk(t, "64m")
	w := newWeir(t)
	w.dir = filepath.Join(disk, "data")
	w.start()
	s := startRELP(t, w, message)
	eventually(t, 20*time.Second, "the first acknowledgements", func() bool { return s.acked() > 500 })
	filler := filepath.Join(disk, "filler")
	fill(t, filler, 3<<20)
	w.logs("disk nearly full", 10*time.Second)
	held := settled(t, "the number of acknowledged messages", s.acked)
	time.Sleep(2 * time.Second)
	if got := s.acked(); got != held {
		t.Errorf("%d messages were acknowledged while the disk was full", got-held)
	}
	if w.ready() {
		t.Error("weir says that it is ready while it takes nothing")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	w.logs("disk has space again", 10*time.Second)
	eventually(t, 30*time.Second, "acknowledgements after space was freed", func() bool { return s.acked() > held+500 })
	n, report := s.finish(t)
	w.stop()
	w.checkStored(n, report)
	w.devices()
	t.Logf("sent %d, held at %d", n, held)
}

// TestDisk_Full: the disk is full from one moment to the next, and weir is even killed on it.
func TestDisk_Full(t *testing.T) {
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprintf("killed %v", killed), func(t *testing.T) {
			disk := smallDisk(t, "64m")
			w := newWeir(t)
			w.t = t
			w.dir = filepath.Join(disk, "data")
			w.start()
			s := startRELP(t, w, message)
			eventually(t, 20*time.Second, "the first acknowledgements", func() bool { return s.acked() > 500 })
			filler := filepath.Join(disk, "filler")
			fill(t, filler, 0)
			w.logs("disk nearly full", 10*time.Second)
			time.Sleep(time.Second)
			if killed {
				w.kill()
			}
			if err := os.Remove(filler); err != nil {
				t.Fatal(err)
			}
			if killed {
				w.start()
			}
			held := s.acked()
			eventually(t, 60*time.Second, "acknowledgements after space was freed", func() bool { return s.acked() > held+500 })
			n, report := s.finish(t)
			log := w.stop()
			w.checkStored(n, report)
			w.devices()
			if t.Failed() {
				t.Log(log)
			}
		})
	}
}

// TestLog_BoundPassedManyTimes: far more than the embedded log may hold goes through it; senders wait, nothing is lost,
// and the log keeps its bound.
func TestLog_BoundPassedManyTimes(t *testing.T) {
	const bound = 64 << 20 // the least that the configuration takes
	w := newWeir(t, fmt.Sprintf("WEIR_BUS_EMBEDDED_MAX_BYTES=%d", bound))
	w.start()
	ctx := within(t, 5*time.Minute)
	c, err := relpclient.Dial(ctx, w.relp(), 2000)
	if err != nil {
		t.Fatal(err)
	}
	const n, noise = 6_000, 6000 // bytes of noise that does not compress, as hexadecimal
	random := make([]byte, noise)
	peak, sent := int64(0), 0
	for i := range n {
		_, _ = rand.Read(random) // never fails
		line := fmt.Appendf(message(i), " %s", hex.EncodeToString(random))
		sent += len(line)
		if err := c.Send(ctx, i, line); err != nil {
			t.Fatal(err)
		}
		if i%500 == 0 {
			peak = max(peak, folderSize(t, filepath.Join(w.dir, "bus", "log")))
		}
	}
	if err := c.Close(ctx); err != nil {
		t.Fatal(err)
	}
	w.stop()
	t.Logf("%d MiB sent through a log of %d MiB, which held at most %d MiB", sent>>20, bound>>20, peak>>20)
	if sent < bound { // and twice as much again as events
		t.Errorf("only %d bytes were sent", sent)
	}
	if peak > bound*5/4 {
		t.Errorf("the log grew to %d bytes", peak)
	}
	w.checkStored(n, c.Report())
	w.devices()
}

// folderSize returns the bytes of the files below dir, which may come and go meanwhile.
func folderSize(t testing.TB, dir string) int64 {
	t.Helper()
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil {
			if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
				sum += info.Size()
			}
		}
		return nil // what went meanwhile takes no room
	})
	return sum
}
