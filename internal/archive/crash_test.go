package archive

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/internal/archive/copies"
	"weir/internal/archive/disk"
	"weir/internal/archive/manifest"
	"weir/internal/archive/sample"
	"weir/internal/archive/store"
	"weir/internal/record"
	"weir/internal/testkit"
)

// childEnv names the folder that the test binary, started again, appends to until it is killed. With busyEnv it also
// expires what is old, records other actions and fills a second copy beside the folder.
const (
	childEnv = "WEIR_ARCHIVE_CRASH_DIR"
	busyEnv  = "WEIR_ARCHIVE_CRASH_BUSY"
)

// fresh is after how many kills an archive is begun anew: every round looks at all events of the ones before.
const fresh = 20

// rounds returns how often the process is killed: WEIR_CRASH_ROUNDS, or a few.
func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("WEIR_CRASH_ROUNDS")); err == nil && n > 0 {
		return n
	}
	if testing.Short() {
		return 3
	}
	return 6
}

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		appendForever(dir)
		return
	}
	os.Exit(m.Run())
}

// numbered returns the document of one offset: the same in every process.
func numbered(off int64) []byte {
	return fmt.Appendf(nil, `{"@timestamp":"2026-11-%02dT07:00:%02d.000Z","event":{"id":"n%d","sequence":%d},"message":"number %d","weir":{"class":"c%d"}}`,
		20+off%3, off%60, off, off, off, off%2)
}

// appendForever feeds numbered rows from the archive's own position, with small epochs, and writes the offset behind
// every batch that is durable to stdout.
func appendForever(dir string) {
	a, err := Open(dir, Options{EpochRows: 150})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	at := Partition{"weir.events", 0}
	off, _, _ := a.Mark(at)
	if os.Getenv(busyEnv) != "" {
		go expireForever(a)
		c := copies.New(a, store.NewFolder(dir+"-copy"), copies.Options{Pause: time.Millisecond, Every: time.Millisecond})
		go c.Run(context.Background())
	}
	fmt.Println("ready")
	for {
		rows := make([]Row, 20)
		for i := range rows {
			pos := record.Pos{Topic: at.Topic, Offset: off}
			rows[i] = Row{Doc: numbered(off), Consumed: pos, Source: record.Pos{Topic: "weir.raw.syslog", Offset: off}, Account: "syslog/a" + strconv.FormatInt(off%2, 10)}
			if off%10 == 9 {
				rows[i].Doc = nil
			}
			off++
		}
		end := off
		if err := a.Append(context.Background(), rows, func(err error) { fmt.Println("done", end, err == nil) }); err != nil {
			fmt.Println("error", err)
			return
		}
	}
}

// expireForever leaves ten segments or so, writes a line where one went, and records something else each time.
func expireForever(a *Archive) {
	for n := 0; ; n++ {
		<-a.Published()
		var old []manifest.Expiry
		if s := a.Segments(); len(s) > 10 {
			for _, x := range s[:len(s)-10] {
				old = append(old, expiry(x))
			}
		}
		if err := a.Expire(context.Background(), "weir", old); err != nil {
			fmt.Println("error", err)
			return
		}
		if len(old) > 0 {
			fmt.Println("gone")
		}
		act, err := manifest.NewAction(manifest.KindHold, "kim", time.Now(), manifest.Hold{ID: "h" + strconv.Itoa(n)})
		if err == nil {
			_, err = a.Act(context.Background(), []manifest.Action{act})
		}
		if err != nil {
			fmt.Println("error", err)
			return
		}
	}
}

// killOnce runs the child, kills it with -9 some time after it wrote a line that begins with from, and returns the
// highest offset that it was told is durable.
func killOnce(t *testing.T, dir, from string, after time.Duration, env ...string) int64 {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(append(os.Environ(), childEnv+"="+dir), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var timer *time.Timer
	high := int64(0)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if timer == nil && strings.HasPrefix(lines.Text(), from) {
			timer = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
			defer timer.Stop()
		}
		f := strings.Fields(lines.Text())
		if len(f) == 1 && (f[0] == "ready" || f[0] == "gone") {
			continue
		}
		if len(f) != 3 || f[0] != "done" || f[2] != "true" {
			_ = cmd.Process.Kill()
			t.Errorf("child: %s", lines.Text())
			continue
		}
		n, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil || n < high {
			t.Errorf("child: %s after %d", lines.Text(), high)
		}
		high = n
	}
	var killed *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &killed) {
		t.Errorf("child ended with %v", err)
	}
	return high
}

// What was said to be durable is there after kill -9 exactly once, and feeding again from the archive's own position
// neither loses nor doubles anything.
func TestCrash_KillAtRandomMoments(t *testing.T) {
	dir := t.TempDir()
	kills := rounds()
	acked := int64(0)
	for i := range kills {
		if i > 0 && i%fresh == 0 {
			dir, acked = t.TempDir(), 0
		}
		from, after := "ready", rand.N(400*time.Millisecond)
		if i%fresh == 0 {
			from = "done" // at least one epoch
		}
		acked = max(acked, killOnce(t, dir, from, after))
		a := open(t, dir, Options{})
		if p := a.Problems(); len(p) > 0 {
			t.Fatalf("kill %d: %v", i, p)
		}
		next, source, _ := a.Mark(Partition{"weir.events", 0})
		if next < acked {
			t.Fatalf("kill %d: position %d, durable by word %d", i, next, acked)
		}
		if next > 0 && source[Partition{"weir.raw.syslog", 0}].Offset != next-1 {
			t.Fatalf("kill %d: source position %v at %d", i, source, next)
		}
		checkNumbers(t, a, next)
		checkLeftovers(t, dir)
		a.Close()
		t.Logf("kill %d after %s: %d durable by word, %d found", i, after.Round(time.Millisecond), acked, next)
	}
	if acked == 0 {
		t.Error("nothing was sealed before any kill: the test says nothing")
	}
}

// checkNumbers makes sure that every number below next is there once, and that the counts say so.
func checkNumbers(t *testing.T, a *Archive, next int64) {
	t.Helper()
	var want [][]byte
	var counts [2]Count
	for off := range next {
		if off%10 == 9 {
			counts[off%2].Duplicates++
			continue
		}
		counts[off%2].Stored++
		want = append(want, numbered(off))
	}
	same(t, find(t, a, ""), want...)
	for i, c := range counts {
		if got := a.Counts()["syslog/a"+strconv.Itoa(i)]; got != c {
			t.Fatalf("counts of source %d: %+v, want %+v", i, got, c)
		}
	}
}

// Killed while it seals, expires and copies: no event is lost or there twice, what expired is gone, what did not is
// there, and archive and copy are clean.
func TestCrash_ExpiringAndCopying(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	acked := int64(0)
	for i := range rounds() {
		if i > 0 && i%fresh == 0 {
			dir, acked = filepath.Join(t.TempDir(), "archive"), 0
		}
		from, after := "ready", rand.N(400*time.Millisecond)
		if i%fresh == 0 {
			from = "gone" // so that something expired before the end
		}
		acked = max(acked, killOnce(t, dir, from, after, busyEnv+"=1"))
		a := open(t, dir, Options{})
		if p := a.Problems(); len(p) > 0 {
			t.Fatalf("kill %d: %v", i, p)
		}
		next, _, _ := a.Mark(Partition{"weir.events", 0})
		if next < acked {
			t.Fatalf("kill %d: position %d, durable by word %d", i, next, acked)
		}
		want, gone := checkManifest(t, dir, next)
		same(t, find(t, a, ""), want...)
		checkLeftovers(t, dir)
		checkFiles(t, dir, a)
		c := copies.New(a, store.NewFolder(dir+"-copy"), copies.Options{Pause: time.Millisecond, Every: time.Millisecond})
		ctx, stop := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { c.Run(ctx) })
		until(t, "the copy has everything", func() bool {
			s := c.State()
			return !s.Done.IsZero() && s.Segments == 0 && s.Err == nil
		})
		stop()
		wg.Wait()
		r, err := OpenReader(dir + "-copy")
		if err != nil {
			t.Fatal(err)
		}
		if p := r.Problems(); len(p) > 0 {
			t.Fatalf("kill %d, the copy: %v", i, p)
		}
		same(t, find(t, r, ""), want...)
		checkFiles(t, dir+"-copy", r)
		r.Close()
		a.Close()
		t.Logf("kill %d after %s: %d durable by word, %d found, %d expired", i, after.Round(time.Millisecond), acked, next, gone)
		if i == rounds()-1 && gone == 0 {
			t.Error("nothing expired: the test says nothing")
		}
	}
}

// checkManifest makes sure that the manifest is clean and speaks of every number below next exactly once, and returns the
// documents of the segments that did not expire and how many expired.
func checkManifest(t *testing.T, dir string, next int64) (want [][]byte, gone int) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, manifest.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := manifest.Read(f)
	if err != nil || len(list.Problems) > 0 || list.Torn > 0 {
		t.Fatalf("%+v %v", list, err)
	}
	past := map[string]bool{}
	for _, r := range list.Records {
		for _, act := range r.Actions {
			var x manifest.Expiry
			if act.Kind != manifest.KindExpiry || json.Unmarshal(act.Body, &x) != nil {
				continue
			}
			if past[x.Path] {
				t.Errorf("%s expired twice", x.Path)
			}
			past[x.Path] = true
		}
	}
	at := int64(0)
	for _, r := range list.Records {
		span, ok := r.Sources["weir.events/0"]
		if !ok {
			continue
		}
		if span[0] != at {
			t.Fatalf("record %d begins at %d, not %d", r.Seq, span[0], at)
		}
		at = span[1]
		rows := 0
		for _, s := range r.Segments {
			rows += s.Rows
			n := 0
			for off := span[0]; off < span[1]; off++ {
				if off%10 == 9 || s.Class != fmt.Sprintf("c%d", off%2) || s.Day != fmt.Sprintf("2026-11-%02d", 20+off%3) {
					continue
				}
				if n++; !past[s.Path] {
					want = append(want, numbered(off))
				}
			}
			if n != s.Rows {
				t.Fatalf("%s has %d rows, want %d", s.Path, s.Rows, n)
			}
		}
	}
	if at != next {
		t.Fatalf("the records end at %d, the position is %d", at, next)
	}
	return want, len(past)
}

// checkFiles makes sure that the segments of an archive are there with their indexes, and no others.
func checkFiles(t *testing.T, dir string, a *Archive) {
	t.Helper()
	known := map[string]bool{}
	for _, s := range a.Segments() {
		known[filepath.Join(dir, s.Path)] = true
		known[indexName(filepath.Join(dir, s.Path))] = true
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if _, ok := seqOf(filepath.Base(path)); err == nil && ok {
			if !known[path] {
				t.Errorf("%s is left", path)
			}
			delete(known, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range known {
		t.Errorf("%s is missing", path)
	}
}

// checkLeftovers makes sure that nothing unpublished is left in the folder.
func checkLeftovers(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, disk.Unfinished) {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// On a full disk rows are kept, appending waits, and when there is room again everything goes on by itself.
func TestFullDisk_NothingIsLost(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		testkit.Skip(t, "root", "a small file system cannot be mounted: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	folder := filepath.Join(dir, "archive")
	a := open(t, folder, Options{EpochRows: 1000})
	t.Cleanup(func() { a.Close() }) // before the unmount
	docs := sample.Docs(20, 4000)
	add(t, a, rowsOf(docs[:500], 0))
	seal(t, a)
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	add(t, a, rowsOf(docs[500:1500], 500))
	add(t, a, rowsOf(docs[1500:2500], 1500))
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if err := a.Append(ctx, rowsOf(docs[2500:2600], 2500), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("appending to a full archive: %v", err)
	}
	if err := a.Seal(ctx); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("sealing on a full disk: %v", err)
	}
	same(t, find(t, a, ""), docs[:2500]...)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := <-add(t, a, rowsOf(docs[2500:3500], 2500)); err != nil {
		t.Fatal(err)
	}
	same(t, find(t, a, ""), docs[:3500]...)
	a.Close()
	a = open(t, folder, Options{})
	defer a.Close()
	if p := a.Problems(); len(p) > 0 {
		t.Errorf("problems: %v", p)
	}
	same(t, find(t, a, ""), docs[:3500]...)
	checkLeftovers(t, folder)
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{64 << 10, 512} {
		for err == nil {
			_, err = f.Write(bytes.Repeat([]byte{'x'}, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
}
