package archive

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/archive/sample"
)

// Two files of one epoch, and the second cannot be written: the first is not published, and after the trouble both are,
// once.
func TestSeal_HalfAnEpochIsNotPublished(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	if err := os.WriteFile(filepath.Join(dir, "class=b"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	docs := [][]byte{[]byte(`{"@timestamp":"2026-11-21T00:00:00.000Z","weir":{"class":"a"}}`), []byte(`{"@timestamp":"2026-11-21T00:00:00.000Z","weir":{"class":"b"}}`)}
	done := add(t, a, rowsOf(docs, 0))
	go a.Seal(t.Context()) //nolint:errcheck // the outcome is looked at through done
	first := filepath.Join(dir, "class=a", "day=2026-11-21", segmentName(1, ""))
	until(t, "the first file is written", func() bool {
		_, err := os.Stat(first)
		return err == nil
	})
	if b, err := os.ReadFile(filepath.Join(dir, manifest.Name)); err != nil || len(b) != 0 {
		t.Errorf("the manifest is %q, %v", b, err)
	}
	select {
	case err := <-done:
		t.Fatalf("done was called with %v", err)
	default:
	}
	same(t, find(t, a, ""), docs...)
	if err := os.Remove(filepath.Join(dir, "class=b")); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	same(t, find(t, a, ""), docs...)
}

// logs collects what is logged.
type logs struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logs) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), s)
}

// Trouble that lasts is said once and not with every try, and its end is said too.
func TestSeal_TroubleIsLoggedOnce(t *testing.T) {
	dir := t.TempDir()
	var out logs
	a := open(t, dir, Options{Log: slog.New(slog.NewTextHandler(&out, nil))})
	blocker := filepath.Join(dir, "class=default")
	if err := os.WriteFile(blocker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	done := add(t, a, rowsOf(sample.Docs(50, 3), 0))
	go a.Seal(t.Context()) //nolint:errcheck // the outcome is looked at through done
	until(t, "a try fails", func() bool { return out.count("tried again") > 0 })
	time.Sleep(60 * time.Millisecond) // further tries, which say nothing
	if err := os.Remove(blocker); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	seal(t, a) // the log line about the end comes after done
	if n := out.count("tried again"); n != 1 {
		t.Errorf("said %d times", n)
	}
	until(t, "the end of the trouble is said", func() bool { return out.count("sealing works again") == 1 })
}

// A record that could not be written whole is cut off again before the next try.
func TestAppendRecord_FailedTryIsCutOff(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	add(t, a, rowsOf(sample.Docs(51, 3), 0))
	seal(t, a)
	path := filepath.Join(dir, manifest.Name)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := a.manifest
	if a.manifest, err = os.Open(path); err != nil { // only for reading: writing fails
		t.Fatal(err)
	}
	rec := &manifest.Record{Seq: 2, Prev: a.last}
	if _, err := a.appendRecord(rec); err == nil {
		t.Error("written to a file that is open for reading")
	}
	a.manifest.Close()
	a.manifest = whole
	if _, err := whole.WriteAt([]byte(`{"seq":2,"half`), a.size); err != nil {
		t.Fatal(err)
	}
	add(t, a, rowsOf(sample.Docs(51, 3), 3))
	seal(t, a)
	after, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(after), string(before)) || strings.Contains(string(after), "half") {
		t.Errorf("the manifest is %q, %v", after, err)
	}
	l, err := manifest.Read(strings.NewReader(string(after)))
	if err != nil || len(l.Records) != 2 || len(l.Problems) != 0 || l.Torn != 0 {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestFolderFault(t *testing.T) {
	cases := map[string]struct {
		err  error
		what string
	}{
		"missing":   {fmt.Errorf("opening: %w", os.ErrNotExist), "there is no archive"},
		"no right":  {&os.PathError{Op: "open", Path: "x", Err: os.ErrPermission}, "may not be read or written"},
		"disk full": {&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "the disk is full"},
		"other":     {errors.New("odd"), "cannot be opened"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := folderFault("/data/archive", c.err)
			if !strings.Contains(err.Error(), c.what) || !errors.Is(err, c.err) || strings.Contains(err.Error(), "opening:") {
				t.Errorf("got %v", err)
			}
		})
	}
}
