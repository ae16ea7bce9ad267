package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/archive/sample"
	"weir/internal/record"
	"weir/internal/testkit"
)

// childEnv names the folder that the test binary, started again, appends to until it is killed.
const childEnv = "WEIR_ARCHIVE_CRASH_DIR"

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

// killOnce runs the child, kills it with -9 some time after it wrote a line that begins with from, and returns the
// highest offset that it was told is durable.
func killOnce(t *testing.T, dir, from string, after time.Duration) int64 {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
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
		if len(f) == 1 && f[0] == "ready" {
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
	kills := 6
	if testing.Short() {
		kills = 3
	}
	acked := int64(0)
	for i := range kills {
		from, after := "ready", rand.N(150*time.Millisecond)
		if i == 0 {
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

// checkLeftovers makes sure that nothing unpublished is left in the folder.
func checkLeftovers(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, tmpEnd) {
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
