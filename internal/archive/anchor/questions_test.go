package anchor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
	"weir/internal/archive/translog"
	"weir/internal/control/question"
	"weir/internal/fault"
)

// process is a keeper and a publisher over a manifest that the test writes.
type process struct {
	t        *testing.T
	dir      string
	seq      uint64
	last     string
	lastBy   string
	mu       sync.Mutex
	more     chan struct{}
	deps     Deps
	failWith error
}

// newProcess starts both.
func newProcess(t *testing.T, out string) *process {
	t.Helper()
	p := &process{t: t, dir: t.TempDir(), more: make(chan struct{})}
	keeper := translog.New(translog.Options{Archive: p.dir, Keys: filepath.Join(t.TempDir(), "keys"), Name: "weir.log/office", Published: p.published})
	pub, err := New(Options{Archive: p.dir, Head: keeper.Head, Folder: out})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { keeper.Run(ctx) })
	done.Go(func() { pub.Run(ctx) })
	t.Cleanup(func() { stop(); done.Wait() })
	p.deps = Deps{Keeper: keeper, Publisher: pub, Act: p.act, User: "root"}
	return p
}

func (p *process) published() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.more
}

// act appends a line with actions, as the archive does.
func (p *process) act(_ context.Context, list []manifest.Action) (uint64, error) {
	if p.failWith != nil {
		return 0, p.failWith
	}
	p.seq++
	rec := &manifest.Record{Seq: p.seq, Published: time.Now().UTC(), Writer: "test", Prev: p.last, Segments: []manifest.Segment{}, Sources: map[string][2]int64{}, Actions: list}
	line, hash, err := rec.Append(nil)
	if err != nil {
		return 0, err
	}
	f, err := os.OpenFile(filepath.Join(p.dir, manifest.Name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	_, err = f.Write(line)
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	p.last = hash
	if len(list) > 0 {
		p.lastBy = list[0].By
	}
	p.mu.Lock()
	close(p.more)
	p.more = make(chan struct{})
	p.mu.Unlock()
	return p.seq, nil
}

func TestQuestions(t *testing.T) {
	out := t.TempDir()
	p := newProcess(t, out)
	ctx, table := t.Context(), Questions(p.deps)
	if _, err := question.Ask[Published](ctx, table, AskPublish, PublishRequest{}, nil); fault.Code(err) != "archive-log-anchor" {
		t.Errorf("nothing to publish: %v", err)
	}
	hold, err := manifest.NewAction(manifest.KindHold, "kim", time.Now(), manifest.Hold{ID: "h1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.act(ctx, []manifest.Action{hold}); err != nil {
		t.Fatal(err)
	}
	if err := p.deps.Keeper.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	r, err := question.Ask[logkey.Rotated](question.WithWho(ctx, "ana"), table, AskRotate, logkey.RotateRequest{}, nil)
	if err != nil || r.Seq != 2 || p.lastBy != "ana" {
		t.Fatalf("%+v by %s: %v", r, p.lastBy, err)
	}
	// When the answer is there, the log is signed with the new key already.
	s, err := question.Ask[LogStatus](ctx, table, AskStatus, StatusRequest{}, nil)
	if err != nil || s.Log.Verifier != r.New || s.Log.Seq != 2 || s.Log.Size != 4 {
		t.Errorf("%+v %v", s, err)
	}
	if _, err := question.Ask[logkey.Rotated](ctx, table, AskRotate, logkey.RotateRequest{}, nil); err != nil || p.lastBy != "root" {
		t.Errorf("by %s: %v", p.lastBy, err)
	}
	got, err := question.Ask[Published](ctx, table, AskPublish, PublishRequest{}, nil)
	if err != nil || got.Size != 6 || got.Ways != 1 || len(got.Records) != 1 || !got.Records[0].OK {
		t.Errorf("%+v %v", got, err)
	}
	if s, err = question.Ask[LogStatus](ctx, table, AskStatus, StatusRequest{}, nil); err != nil || s.Anchor.Size != 6 || s.Anchor.Name != got.Name {
		t.Errorf("%+v %v", s, err)
	}
	p.failWith = errors.New("disk full")
	if _, err := question.Ask[logkey.Rotated](ctx, table, AskRotate, logkey.RotateRequest{}, nil); fault.Code(err) != "archive-log-key" {
		t.Errorf("no line: %v", err)
	}
	p.deps.Publisher = nil
	table = Questions(p.deps)
	if _, err := question.Ask[Published](ctx, table, AskPublish, PublishRequest{}, nil); fault.Code(err) != "archive-log-anchor" {
		t.Errorf("nobody publishes: %v", err)
	}
	if _, err := question.Ask[LogStatus](ctx, table, AskStatus, StatusRequest{}, nil); err != nil {
		t.Errorf("status without a publisher: %v", err)
	}
}
