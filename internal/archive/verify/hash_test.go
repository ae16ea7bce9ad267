package verify_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
)

// BenchmarkRun measures what one core hashes: the speed is that of SHA-256 and of reading from memory.
func BenchmarkRun(b *testing.B) {
	a := archive(b)
	// One large segment in the place of a small one, which is then found: all of it is read.
	dir := verifytest.Copy(b, a.Folder)
	const size = 256 << 20
	if err := os.Truncate(filepath.Join(dir, a.Segments[0].Path), size); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	began, rounds := cpu(), 0
	for b.Loop() {
		rounds++
		v, err := verify.Run(context.Background(), verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}, Workers: 1})
		if err != nil || len(v.Findings) != 1 {
			b.Fatal(err, kinds(v))
		}
	}
	b.ReportMetric(float64(rounds)*size/1e6/(cpu()-began).Seconds(), "MB/cpu-s")
}

// cpu is the processor time that this process has used: what others do on the machine does not count.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestRun_Unreadable: a file that is there and cannot be read is named, and the others are checked.
func TestRun_Unreadable(t *testing.T) {
	a := archive(t)
	dir := verifytest.Copy(t, a.Folder)
	name := filepath.Join(dir, a.Segments[1].Path)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(name, 0o700); err != nil { // what every user fails to read
		t.Fatal(err)
	}
	verifytest.Flip(t, filepath.Join(dir, a.Segments[5].Path), 3)
	v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}})
	if got := kinds(v); got != "changed "+a.Segments[1].Path+"\nchanged "+a.Segments[5].Path || !strings.Contains(v.Findings[0].Why, "cannot be read") {
		t.Errorf("found %s: %s", got, v.Findings[0].Why)
	}
}
