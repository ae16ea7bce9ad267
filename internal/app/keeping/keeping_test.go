package keeping

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/app/auditing"
	"weir/internal/app/build"
	"weir/internal/archive"
	"weir/internal/archive/anchor"
	"weir/internal/archive/translog"
	"weir/internal/config"
	"weir/internal/control/archiving"
	"weir/internal/control/question"
	"weir/internal/control/retaining"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/report/schedule"
	"weir/internal/retention"
	"weir/internal/watchdog"
	"weir/sinks/notify"
)

var quiet = slog.New(slog.DiscardHandler)

// teller is a notify.yaml with two channels.
type teller struct {
	mu   sync.Mutex
	told []notify.Notice
	err  error
}

func (t *teller) Tell(_ context.Context, _ string, n notify.Notice) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.told = append(t.told, n)
	}
	return "250 ok", t.err
}

func (t *teller) Type(name string) (string, error) {
	if name == "mail" {
		return "email", nil
	}
	return "webhook", nil
}

func (t *teller) Mailing() []string { return []string{"mail"} }

// place is an archive under its keeping.
type place struct {
	*Keeping
	cfg   config.Config
	looks []auditing.Look
}

// kept opens one. change may be nil.
func kept(t *testing.T, change func(*config.Config)) *place {
	t.Helper()
	cfg := config.Default()
	cfg.Data = filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&cfg)
	}
	p := &place{cfg: cfg}
	p.open(t)
	return p
}

func (p *place) open(t *testing.T) {
	t.Helper()
	policies, _, err := build.Policy(p.cfg)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	p.Keeping, err = Open(t.Context(), Options{Log: quiet, Config: &p.cfg, Data: p.cfg.Data, Dir: build.Within(p.cfg, p.cfg.Archive.Folder), Name: "test", Writer: "w", Policies: policies,
		Note: func(_ context.Context, l auditing.Look) { mu.Lock(); defer mu.Unlock(); p.looks = append(p.looks, l) }})
	if err != nil {
		t.Fatal(err)
	}
}

// end stops it in the order of a process.
func (p *place) end(t *testing.T) {
	t.Helper()
	p.Close()
	if err := p.Archive().Close(); err != nil {
		t.Error(err)
	}
	p.CloseLog()
}

// store seals events.
func (p *place) store(t *testing.T, n int) {
	t.Helper()
	var rows []archive.Row
	at := p.Archive().Positions().Tail.Next[archive.Partition{Topic: "weir.events"}]
	for i := range n {
		rows = append(rows, archive.Row{Doc: fmt.Appendf(nil, `{"@timestamp":"2026-11-21T10:00:%02dZ","message":"hello"}`, i%60), Consumed: record.Pos{Topic: "weir.events", Offset: at + int64(i)}})
	}
	if err := errors.Join(p.Archive().Append(t.Context(), rows, nil), p.Archive().Seal(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// TestKeeping: what is sealed is in the log, which is signed beside the data folder, published at the end, and goes on at the
// next start.
func TestKeeping(t *testing.T) {
	out := t.TempDir()
	p := kept(t, func(c *config.Config) { c.Archive.Log.Publish, c.Archive.Log.Channels = out, []string{"mail"} })
	tell := &teller{}
	if err := p.Start(t.Context(), tell); err != nil {
		t.Fatal(err)
	}
	p.store(t, 5)
	if err := p.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := p.log.Status().Size
	if first < 2 {
		t.Fatalf("%d leaves", first)
	}
	p.end(t)
	if _, err := os.Stat(p.cfg.Data + ".keys/log.key"); err != nil {
		t.Error(err)
	}
	tell.mu.Lock()
	told := slices.Clone(tell.told)
	tell.mu.Unlock()
	if list, err := os.ReadDir(out); err != nil || len(list) == 0 || len(told) == 0 || !strings.Contains(told[0].Text, "weir.log/test") {
		t.Errorf("published: %v, %v, told %d", list, err, len(told))
	}
	p.open(t)
	p.store(t, 5)
	if err := p.Sync(t.Context()); err != nil || p.log.Status().Size <= first {
		t.Errorf("%v, %d leaves after %d", err, p.log.Status().Size, first)
	}
	if err := p.Wait(t.Context(), p.log.Status().Seq); err != nil {
		t.Error(err)
	}
	p.end(t)
}

// TestKeeping_Questions: holds and retention are answered live, and from the files alone.
func TestKeeping_Questions(t *testing.T) {
	p := kept(t, nil)
	if err := p.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	p.store(t, 3)
	table := p.Questions()
	ctx := question.WithWho(t.Context(), "ana")
	held, err := question.Ask[retaining.HoldAnswer](ctx, table, retaining.AskHold, retaining.HoldRequest{Query: "message: hello", Owner: "ana", Reason: "case 7"}, nil)
	if err != nil || held.Hold.ID == "" {
		t.Fatalf("%+v, %v", held, err)
	}
	if len(p.looks) == 0 || p.looks[0].Who != "ana" {
		t.Errorf("%+v", p.looks)
	}
	if err := p.checks.set(&archiving.Verified{OK: true, Segments: 1}); err != nil {
		t.Fatal(err)
	}
	facts, err := question.Ask[retention.Facts](ctx, table, retaining.AskReport, nil, nil)
	if err != nil || facts.Events != 3 || !facts.Verify.OK {
		t.Errorf("%+v, %v", facts, err)
	}
	p.end(t)
	ar, err := OpenReader(t.Context(), &p.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer ar.Close()
	off, err := Questions(&p.cfg, p.cfg.Data, ar, p.opts.Policies, p.opts.Note, quiet)
	if err != nil {
		t.Fatal(err)
	}
	holds, err := question.Ask[retaining.HoldsAnswer](ctx, off, retaining.AskHolds, nil, nil)
	if err != nil || len(holds.Holds) != 1 || holds.Holds[0].ID != held.Hold.ID {
		t.Errorf("%+v, %v", holds, err)
	}
	facts, err = question.Ask[retention.Facts](ctx, off, retaining.AskReport, nil, nil)
	if err != nil || facts.Policy.Enforce != p.cfg.Retention.Enforce || !facts.Verify.OK {
		t.Errorf("the report from the files: %+v, %+v, %v", facts.Policy, facts.Verify, err)
	}
}

// TestCopies: a second folder gets everything, and a copy that stands still is a concern.
func TestCopies(t *testing.T) {
	second := filepath.Join(t.TempDir(), "copy")
	p := kept(t, func(c *config.Config) { c.Archive.Copies = []string{second} })
	if err := p.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	p.store(t, 4)
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		_, err := os.Stat(filepath.Join(second, "manifest.jsonl"))
		if f := p.copyFacts(); err == nil && len(f) == 1 && f[0].OK && !f[0].At.IsZero() {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%+v", p.copyFacts())
		}
	}
	if c := p.Concerns(t.Context()); len(c) != 0 {
		t.Errorf("%+v", c)
	}
	p.end(t)
	// Files alone know that there is a copy, and not how far it is.
	p.copies = nil
	if f := p.copyFacts(); len(f) != 1 || f[0].Where != second || f[0].OK || f[0].Err == "" {
		t.Errorf("%+v", f)
	}
}

// TestConcerns: faults of the log and damage are said until they are over; what was only mended is not.
func TestConcerns(t *testing.T) {
	p := kept(t, nil)
	p.store(t, 3)
	p.fault("log", &fault.Error{Code: "x", What: "the log is torn", Why: "disk"})
	p.fault("publishing", &fault.Error{Code: "x", What: "mended", Warn: true})
	got := p.Concerns(t.Context())
	if len(got) != 1 || got[0].Rule != watchdog.RuleEvidenceBehind || got[0].EN != "the log is torn: disk" || got[0].KO == "" {
		t.Errorf("%+v", got)
	}
	p.fault("log", nil)
	if got := p.Concerns(t.Context()); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	p.end(t)
	for kind, rule := range map[string]string{retention.WarnHoldEnds: watchdog.RuleHoldEnding, retention.WarnBeyond: watchdog.RuleRetention, retention.WarnUnknown: watchdog.RuleRetention,
		retention.WarnClock: watchdog.RuleRetention, retention.WarnNeverChecked: ""} {
		if c, ok := concern(&retention.Warning{Kind: kind}); ok != (rule != "") || c.Rule != rule || ok && (c.EN == "" || c.KO == "") {
			t.Errorf("%s: %+v", kind, c)
		}
	}
}

// TestLock: a bucket locks for as long as the class must be kept, and never beyond the day on which it must be gone.
func TestLock(t *testing.T) {
	cfg := config.Default()
	cfg.Data = t.TempDir()
	classes := "- {name: short, keep_at_least: 30 days, delete_by: 60 days, when: event.module == 'x'}\n"
	if err := os.WriteFile(filepath.Join(cfg.Data, "classes.yaml"), []byte(classes), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Retention.Zone = "UTC"
	policies, _, err := build.Policy(cfg)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	lock := Lock(&cfg, policies, func() time.Time { return now })
	if got := lock("short", "2026-11-21"); got.Before(now.AddDate(0, 0, 29)) || got.After(now.AddDate(0, 0, 32)) {
		t.Errorf("locked until %s", got)
	}
	if got := lock("nobody-knows", "2026-11-21"); !got.IsZero() {
		t.Errorf("an unknown class is locked until %s", got)
	}
	if got := lock("short", "2020-01-01"); !got.IsZero() {
		t.Errorf("what is due is locked until %s", got)
	}
	cfg.Archive.S3.Lock = config.Default().Elastic.Keep // 90 days
	if got := lock("short", "2026-11-21"); got.After(now.AddDate(0, 0, 62)) {
		t.Errorf("locked beyond delete_by: %s", got)
	}
}

// TestTelling: a checkpoint goes out as a note that a verifier reads, and a report with its files under one id.
func TestTelling(t *testing.T) {
	tell := &teller{}
	if _, err := checkpoint(t.Context(), tell, "mail", anchor.Notice{Name: "2026-11-21", Title: "t", Note: []byte("note\n"), Line: "line", Checkpoint: translog.Checkpoint{Size: 3}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := deliver(t.Context(), tell, "mail", "s", "text", "ko", []schedule.File{{Name: "a.pdf", Type: "application/pdf", Body: []byte("x")}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(tell.told) != 3 || tell.told[0].Text != "note\n\nline\n" || tell.told[1].ID != tell.told[2].ID || tell.told[1].Files[0].Name != "a.pdf" || tell.told[1].Lang != "ko" {
		t.Errorf("%+v", tell.told)
	}
	tell.err = errors.New("away")
	if err := deliver(t.Context(), tell, "mail", "s", "", "", nil); !errors.Is(err, tell.err) {
		t.Error(err)
	}
}

// TestOpen_Failure: a bucket that cannot be named and certificates that are none end the start with a reason.
func TestOpen_Failure(t *testing.T) {
	if _, err := Place(t.Context(), new(config.Config), "gs://x"); err == nil {
		t.Error("a place that is none was opened")
	}
	bad := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bad, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := kept(t, func(c *config.Config) { c.Archive.Log.StampCA = bad })
	if err := p.Start(t.Context(), nil); fault.Code(err) != "certificate-bad" {
		t.Errorf("got %v", err)
	}
	p.end(t)
}
