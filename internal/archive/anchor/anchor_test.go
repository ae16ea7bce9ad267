package anchor

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"weir/internal/archive/translog"
	"weir/internal/fault"
)

// world is an archive's folder with a log whose head the test sets, and a place to publish to.
type world struct {
	t       testing.TB
	archive string
	folder  string
	signer  note.Signer
	key     string

	mu     sync.Mutex
	note   []byte
	head   translog.Checkpoint
	faults []string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, archive: t.TempDir(), folder: t.TempDir()}
	secret, key, err := note.GenerateKey(nil, "weir.log/office")
	if err != nil {
		t.Fatal(err)
	}
	w.key = key
	if w.signer, err = note.NewSigner(secret); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(w.archive, "log"), 0o700); err != nil {
		t.Fatal(err)
	}
	return w
}

// grow signs a log of a size.
func (w *world) grow(size int64) {
	w.t.Helper()
	c := translog.Checkpoint{Origin: "weir.log/office", Size: size, Root: sha256.Sum256(fmt.Append(nil, size))}
	msg, err := note.Sign(&note.Note{Text: c.Text()}, w.signer)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.note, w.head = msg, c
	w.mu.Unlock()
}

func (w *world) top() ([]byte, translog.Checkpoint, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.note, w.head, w.note != nil
}

// run starts a publisher and returns what ends it.
func (w *world) run(o Options) (*Publisher, func()) {
	w.t.Helper()
	o.Archive, o.Head = w.archive, w.top
	o.Fault = func(where string, f *fault.Error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if f == nil {
			w.faults = append(w.faults, where+": well")
			return
		}
		w.faults = append(w.faults, where+": "+f.Code)
	}
	p, err := New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { p.Run(ctx) })
	end := sync.OnceFunc(func() { stop(); done.Wait() })
	w.t.Cleanup(end)
	return p, end
}

// told returns what was reported, and forgets it.
func (w *world) told() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := strings.Join(w.faults, "; ")
	w.faults = nil
	return out
}

// published returns the names and sizes of the publications on disk.
func (w *world) published() string {
	w.t.Helper()
	names, err := Names(os.DirFS(filepath.Join(w.archive, "log")))
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(w.archive, "log", Folder, n))
		if err != nil {
			w.t.Fatal(err)
		}
		c, err := translog.OpenCheckpoint(b, w.key)
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s:%d", n, c.Size))
	}
	return strings.Join(out, " ")
}

// records returns what was noted: how, where, name, and ok or not.
func (w *world) records() string {
	w.t.Helper()
	list, err := readFile(filepath.Join(w.archive, "log", Name))
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, r := range list {
		out = append(out, fmt.Sprintf("%s %s %s %v", r.How, filepath.Base(r.Where), r.Name, r.OK))
	}
	return strings.Join(out, "\n")
}

// inbox is a channel that a test looks into.
type inbox struct {
	mu   sync.Mutex
	got  []Notice
	errs []error // of the next calls
}

func (b *inbox) tell(_ context.Context, n Notice) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errs) > 0 {
		err := b.errs[0]
		b.errs = b.errs[1:]
		if err != nil {
			return "", err
		}
	}
	b.got = append(b.got, n)
	return "250 ok", nil
}

func (b *inbox) fail(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errs = slices.Repeat([]error{errors.New("450 try later")}, n)
}

func (b *inbox) sizes() (out []int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.got {
		out = append(out, n.Size)
	}
	return out
}

// Tests run in a bubble: the clock is that of the test and stands while somebody works. It begins on 2000-01-01.

func TestPublisher_OnceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var mail inbox
		p, stop := w.run(Options{Folder: w.folder, Channels: []Channel{{HowMail, "audit", mail.tell}}})
		time.Sleep(time.Hour)
		if got := w.published(); got != "" {
			t.Errorf("published of nothing: %s", got)
		}
		if s := p.Status(); s.Size != 0 || s.Name != "" || len(s.Ways) != 2 {
			t.Errorf("%+v", s)
		}
		w.grow(10)
		time.Sleep(2 * time.Minute)
		w.grow(20)
		time.Sleep(10 * time.Hour)
		if got := w.published(); got != "2000-01-01:10" {
			t.Errorf("the first day: %s", got)
		}
		time.Sleep(24 * time.Hour)
		if got := w.published(); got != "2000-01-01:10 2000-01-02:20" {
			t.Errorf("the second day: %s", got)
		}
		time.Sleep(48 * time.Hour) // nothing new in the log
		if got := w.published(); got != "2000-01-01:10 2000-01-02:20" {
			t.Errorf("days without anything: %s", got)
		}
		w.grow(30)
		time.Sleep(24 * time.Hour)
		w.grow(40)
		stop()
		if got := w.published(); got != "2000-01-01:10 2000-01-02:20 2000-01-04:30 2000-01-05:40" && got != "2000-01-01:10 2000-01-02:20 2000-01-04:30 2000-01-04.2:40" {
			t.Errorf("at the end: %s", got)
		}
		if got := fmt.Sprint(mail.sizes()); got != "[10 20 30 40]" {
			t.Errorf("mails: %s", got)
		}
		files, err := os.ReadDir(w.folder)
		if err != nil || len(files) != 4 || files[0].Name() != "weir.log_office-2000-01-01.checkpoint" {
			t.Errorf("files: %v %v", files, err)
		}
		if s := p.Status(); s.Size != 40 || s.At.IsZero() || s.Ways[0].Err != "" {
			t.Errorf("%+v", s)
		}
		if got := w.told(); got != "" {
			t.Errorf("faults: %s", got)
		}
	})
}

func TestPublisher_OnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var hook inbox
		p, _ := w.run(Options{Channels: []Channel{{HowWebhook, "siem", hook.tell}}})
		if _, err := p.Publish(t.Context()); fault.Code(err) != "archive-log-anchor" {
			t.Errorf("nothing to publish: %v", err)
		}
		w.grow(5)
		list, err := p.Publish(t.Context())
		if err != nil || len(list) != 1 || !list[0].OK || list[0].Size != 5 || list[0].Said != "250 ok" || list[0].Name != "2000-01-01" {
			t.Errorf("%+v %v", list, err)
		}
		w.grow(6)
		hook.fail(1)
		if list, err = p.Publish(t.Context()); err != nil || len(list) != 1 || list[0].OK || list[0].Err != "450 try later" || list[0].Name != "2000-01-01.2" {
			t.Errorf("%+v %v", list, err)
		}
		if list, err = p.Publish(t.Context()); err != nil || len(list) != 1 || !list[0].OK || list[0].Size != 6 {
			t.Errorf("the same once more: %+v %v", list, err)
		}
		if list, err = p.Publish(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("arrived already: %+v %v", list, err)
		}
		n := hook.got[0]
		if c, err := translog.OpenCheckpoint(n.Note, w.key); err != nil || c.Size != 5 {
			t.Errorf("note: %v", err)
		}
		if found, ok := translog.FindCheckpoint([]byte("text before: " + n.Line + "\r\n")); !ok || !bytes.Equal(found, n.Note) {
			t.Errorf("line %q", n.Line)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Publish(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

func TestNew_Failure(t *testing.T) {
	for _, url := range []string{"x", "ftp://a/b", "http://", "://"} {
		if _, err := New(Options{Stamp: url}); fault.Code(err) != "archive-log-stamp" {
			t.Errorf("%s: %v", url, err)
		}
	}
}
