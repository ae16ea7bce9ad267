// Package keeping is what a process with an archive does beside storing: it writes the transparency log and publishes it,
// keeps second copies, lets go what is due, seals reviews that were signed, and says what is wrong with any of it.
package keeping

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"weir/internal/app/auditing"
	"weir/internal/app/build"
	"weir/internal/archive"
	"weir/internal/archive/anchor"
	"weir/internal/archive/copies"
	"weir/internal/archive/logkey"
	"weir/internal/archive/translog"
	"weir/internal/config"
	"weir/internal/control/question"
	"weir/internal/fault"
	"weir/internal/retention"
	"weir/internal/retention/expire"
	"weir/internal/retention/policy"
)

// Options are what a process has.
type Options struct {
	Log    *slog.Logger
	Config *config.Config
	Data   string // folder
	Dir    string // folder of the archive
	Name   string // of the archive
	Writer string // who writes, for its manifest
	// Policies say how long what is kept.
	Policies *policy.Store
	// Note records what was done.
	Note func(ctx context.Context, l auditing.Look)
	// History means that events of any age are stored: then nothing expires by itself.
	History bool
	Now     func() time.Time // nil: time.Now
}

// Keeping does it. Open begins with the log, Start with all the rest; Close ends the rest, CloseLog the log, after the
// archive was closed: so the log has its last line, and the last checkpoint is published.
type Keeping struct {
	opts      Options
	archive   *archive.Archive
	log       *translog.Keeper
	publisher *anchor.Publisher
	copies    []*copies.Copy
	expiry    *expire.Runner
	checks    checks

	ended   sync.WaitGroup // of what Start began
	end     context.CancelFunc
	logged  sync.WaitGroup
	endLog  context.CancelFunc
	told    sync.WaitGroup
	endTold context.CancelFunc

	mu     sync.Mutex
	faults map[string]*fault.Error // of the log and of ways to publish, by what they are about
	// warned are warnings of the policy as they were at warnedAt.
	warned   []retention.Warning
	warnedAt time.Time
}

// Open opens the archive for writing, and begins to keep its log.
func Open(ctx context.Context, o Options) (*Keeping, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	k := &Keeping{opts: o, faults: map[string]*fault.Error{}, checks: checksOf(o.Data)}
	keys, warning, err := logkey.Place(o.Data, o.Config.Archive.Log.KeyFolder)
	if err != nil {
		return nil, err
	}
	if warning != nil {
		o.Log.Warn("the key of the archive's log", "component", "log", "what", warning.What, "where", warning.Where, "why", warning.Why)
	}
	opts, err := archiveOptions(ctx, &o)
	if err != nil {
		return nil, err
	}
	opened := make(chan struct{}) // the archive asks for the log before there is one
	opts.Logged = func(ctx context.Context, seq uint64) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-opened:
			return k.log.Wait(ctx, seq)
		}
	}
	if k.archive, err = archive.Open(o.Dir, opts); err != nil {
		return nil, err
	}
	if k.expiry, err = expire.New(k.expiring(o.Config.Retention.Enforce && !o.History)); err != nil {
		return nil, errors.Join(err, k.archive.Close())
	}
	k.log = translog.New(translog.Options{Log: o.Log.With("component", "log"), Archive: k.archive.Folder(), Keys: keys, Name: "weir.log/" + o.Name,
		Published: k.archive.Published, Synced: k.archive.Synced, Fault: func(f *fault.Error) { k.fault("log", f) }, Now: o.Now})
	close(opened)
	o.Policies.Watch(func(*policy.Policy) { k.expiry.Kick() })
	k.endLog = begin(&k.logged, k.log.Run)
	return k, nil
}

// Archive is the archive. Whoever opened it closes it, between Close and CloseLog.
func (k *Keeping) Archive() *archive.Archive { return k.archive }

// begin runs f on a goroutine of its own until what it returns is called.
func begin(wg *sync.WaitGroup, f func(context.Context)) context.CancelFunc {
	ctx, cancel := context.WithCancel(context.Background())
	wg.Go(func() { f(ctx) })
	return cancel
}

// publishing says where checkpoints go.
func (k *Keeping) publishing(t Teller) (anchor.Options, error) {
	o, cfg := &k.opts, &k.opts.Config.Archive.Log
	p := anchor.Options{Log: o.Log.With("component", "log"), Archive: k.archive.Folder(), Head: k.log.Head, Stamp: cfg.Stamp,
		Fault: func(where string, f *fault.Error) { k.fault("publishing to "+where, f) }, Now: o.Now}
	if cfg.Publish != "" {
		p.Folder = build.Within(*o.Config, cfg.Publish)
	}
	if cfg.StampCA != "" {
		roots, err := readRoots(build.Within(*o.Config, cfg.StampCA))
		if err != nil {
			return p, err
		}
		p.Roots = roots
	}
	for _, name := range cfg.Channels {
		if t == nil {
			o.Log.Error("no checkpoint is told: this process does not have the stage notify", "component", "log", "channel", name)
			continue
		}
		how := anchor.HowWebhook
		if kind, err := t.Type(name); err == nil && kind == "email" {
			how = anchor.HowMail
		}
		p.Channels = append(p.Channels, anchor.Channel{How: how, Name: name, Tell: func(ctx context.Context, n anchor.Notice) (string, error) { return checkpoint(ctx, t, name, n) }})
	}
	return p, nil
}

// Start begins what needs the rest of the process: t tells people, nil where this process tells nobody. It ends with Close,
// but for the publisher, which ends behind the log.
func (k *Keeping) Start(ctx context.Context, t Teller) error {
	where, err := k.publishing(t)
	if err != nil {
		return err
	}
	if k.publisher, err = anchor.New(where); err != nil {
		return err
	}
	k.endTold = begin(&k.told, k.publisher.Run)
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	k.end = cancel
	if err := k.startCopies(run); err != nil {
		cancel()
		return err
	}
	k.ended.Go(func() { _ = k.expiry.Run(run) }) // what goes wrong is logged and tried again: its end is that of run
	k.ended.Go(func() { k.scrub(run) })
	return nil
}

// Close ends what Start began.
func (k *Keeping) Close() {
	if k.end != nil {
		k.end()
		k.ended.Wait()
	}
}

// CloseLog takes in what the manifest has, signs it, publishes what was not published yet, and ends. Call it when the archive
// was closed.
func (k *Keeping) CloseLog() {
	k.endLog()
	k.logged.Wait()
	if k.endTold != nil {
		k.endTold()
		k.told.Wait()
	}
}

// Questions are what commands and the console may ask.
func (k *Keeping) Questions() question.Table {
	t := question.Table{}
	t.Add(anchor.Questions(anchor.Deps{Keeper: k.log, Publisher: k.publisher, Act: k.archive.Act, User: auditing.Self()}))
	t.Add(k.expiry.Questions())
	return t
}

// Questions are what the files of a weir that does not run answer about holds and retention. Nothing expires there, since
// nobody runs what this makes; a report says what the configuration says.
func Questions(cfg *config.Config, data string, a *archive.Archive, policies *policy.Store, note func(context.Context, auditing.Look), log *slog.Logger) (question.Table, error) {
	k := &Keeping{archive: a, opts: Options{Config: cfg, Data: data, Policies: policies, Note: note, Log: log, Now: time.Now}, checks: checksOf(data)}
	var err error
	if k.expiry, err = expire.New(k.expiring(cfg.Retention.Enforce)); err != nil {
		return nil, err
	}
	return stopped(k.expiry.Questions(), data), nil
}

// expiring are the settings of what lets segments go.
func (k *Keeping) expiring(enforce bool) expire.Options {
	o := &k.opts
	return expire.Options{Archive: k.archive, Policy: o.Policies, Clock: filepath.Join(o.Data, "retention-clock.json"), Enforce: enforce, Settle: settle(o.Config),
		Now: o.Now, Tell: k.tell, Copies: k.copyFacts, Verified: k.checks.facts, Log: o.Log.With("component", "retention")}
}

// Wait waits until the log has the record of a number under a signed checkpoint.
func (k *Keeping) Wait(ctx context.Context, seq uint64) error { return k.log.Wait(ctx, seq) }

// Sync waits until the log has everything that the manifest has now.
func (k *Keeping) Sync(ctx context.Context) error { return k.log.Sync(ctx) }

// tell records what expiry and people with holds did.
func (k *Keeping) tell(n expire.Note) {
	query := n.Query
	if query == "" {
		query = n.Message
	}
	k.opts.Note(context.Background(), auditing.Look{Who: n.By, Action: n.Action, Query: query, Reason: n.Message, Hits: n.Events})
}

// fault keeps what is wrong with the log; nil is that it is well again. What was mended is said once, by whoever mended it.
func (k *Keeping) fault(about string, f *fault.Error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case f == nil:
		delete(k.faults, about)
	case !f.Warn:
		k.faults[about] = f
		k.opts.Log.Error("the archive's log", "component", "log", "about", about, "what", f.What, "where", f.Where, "why", f.Why)
	default:
		k.opts.Log.Warn("the archive's log", "component", "log", "about", about, "what", f.What, "where", f.Where, "why", f.Why)
	}
}

// roots reads certificates of a PEM file.
func readRoots(file string) (*x509.CertPool, error) {
	b, err := readFile(file)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(b) {
		return nil, &fault.Error{Code: "certificate-bad", What: "there is no certificate in the file", Where: file, Do: "archive.log.stamp_ca names a PEM file", Exit: fault.ExitUsage}
	}
	return roots, nil
}
