// Package anchor publishes checkpoints of the archive's log where this machine cannot take them back: in a folder, by
// mail, by a webhook, and stamped by a time-stamp server.
//
// The log proves that nothing changed since a checkpoint; whoever has the key can make another log and sign that. A
// checkpoint that somebody else has holds it to the old one: everything up to that size is fixed from that day on.
//
// A checkpoint is published once a UTC day, when the process stops, and when somebody asks. Each gets a file of its own,
// log/checkpoints/YYYY-MM-DD, which is never written again; the next one of the same day gets a number behind the date.
// Stamps lie beside them. Each way is tried until it works or a newer checkpoint takes its place, since that one vouches
// for all that is in the older one. Every outcome is noted in log/anchors.jsonl.
//
// One goroutine, that of Run, does all of it. The manager of channels is not known here: a Channel is a function.
package anchor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"weir/internal/archive/translog"
	"weir/internal/fault"
)

// Folder is the folder of published checkpoints below that of the log.
const Folder = "checkpoints"

// Notice is a checkpoint as people get it.
type Notice struct {
	Name  string // of the publication: 2026-11-21
	Title string // one line in English
	// Note is the signed note, of several lines. Line is the same in one line, for channels that join lines:
	// translog.FindCheckpoint and verify.py read both.
	Note []byte
	Line string
	translog.Checkpoint
}

// Channel sends notices to people or programs: by mail, to a webhook.
type Channel struct {
	How  string // HowMail or HowWebhook
	Name string // of the channel in the configuration
	// Tell returns when the other side has taken it, with what it answered.
	Tell func(ctx context.Context, n Notice) (said string, err error)
}

// Options are what a publisher needs. Ways that are not configured are left zero.
type Options struct {
	Log     *slog.Logger
	Archive string // the archive's folder
	// Head is translog.Keeper.Head.
	Head     func() (note []byte, c translog.Checkpoint, ok bool)
	Folder   string // where files are put, outside the archive
	Channels []Channel
	Stamp    string         // address of a time-stamp server
	Roots    *x509.CertPool // that its certificates must lead to; nil: any that the stamp brings
	Client   *http.Client   // for the time-stamp server
	// Fault is told of a way that did not work for two days, and nil when it works again. where names it.
	Fault func(where string, f *fault.Error)
	Now   func() time.Time
}

// Times of the publisher.
const (
	patience  = 48 * time.Hour   // after which a way that does not work is reported
	tryFor    = 30 * time.Second // one try
	stopFor   = 10 * time.Second // all tries at the end of the process
	lookEvery = time.Minute      // for a new day, and for a first checkpoint: clocks jump
)

// backoff is how long to wait between two tries.
type backoff struct{ first, most time.Duration }

// Publisher publishes. Run does it; the other methods are safe for many goroutines.
type Publisher struct {
	opts  Options
	dir   string // the log's folder
	retry backoff
	ask   chan chan outcome

	mu   sync.Mutex
	last publication // the newest one; its name is "" if there is none
	ways []*way
}

// publication is a checkpoint that is published.
type publication struct {
	name string
	note []byte
	translog.Checkpoint
}

// outcome is what came of a publication that somebody asked for.
type outcome struct {
	records []Record
	err     error
}

// New makes a publisher that does nothing before Run.
func New(o Options) (*Publisher, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Fault == nil {
		o.Fault = func(string, *fault.Error) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: tryFor}
	}
	o.Log = o.Log.With("component", "anchor")
	p := &Publisher{opts: o, dir: filepath.Join(o.Archive, translog.Folder), retry: backoff{time.Minute, 6 * time.Hour}, ask: make(chan chan outcome)}
	if o.Folder != "" {
		p.ways = append(p.ways, &way{how: HowFile, where: o.Folder, send: p.file})
	}
	for _, c := range o.Channels {
		p.ways = append(p.ways, &way{how: c.How, where: c.Name, send: tell(c)})
	}
	if o.Stamp != "" {
		u, err := url.Parse(o.Stamp)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, &fault.Error{Code: "archive-log-stamp", What: "archive.log.stamp is no address of a time-stamp server", Do: "write it as http://HOST/PATH or https://HOST/PATH", Exit: fault.ExitUsage}
		}
		s := &stamper{url: o.Stamp, roots: o.Roots, client: o.Client}
		p.ways = append(p.ways, &way{how: HowStamp, where: s.where(), send: p.stamp(s)})
	}
	return p, nil
}

// Run publishes until ctx ends, and then what was not published yet, each way once: call it off after the keeper of the
// log has ended.
func (p *Publisher) Run(ctx context.Context) {
	// Without what was published before it goes on: at worst a checkpoint arrives twice.
	if err := p.load(); err != nil {
		p.opts.Log.Warn("reading what was published before", "err", err)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			// ctx has ended, and this is the one thing that is still to be done; it has a bound of its own.
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopFor)
			p.atEnd(end)
			cancel()
			return
		case answer := <-p.ask:
			answer <- p.now(ctx)
		case <-timer.C:
			if err := p.daily(); err != nil {
				p.opts.Log.Error("publishing the checkpoint of the day; it is tried again", "err", err)
			}
			p.try(ctx, p.due(p.opts.Now()))
		}
		p.complain()
		timer.Reset(p.wait())
	}
}

// Publish publishes the newest checkpoint now, by every way, and returns what came of each.
func (p *Publisher) Publish(ctx context.Context) ([]Record, error) {
	// Room for one, so that Run never waits for a caller that has gone.
	answer := make(chan outcome, 1)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case p.ask <- answer:
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case o := <-answer:
		return o.records, o.err
	}
}

// daily makes the publication of the day, if there is none.
func (p *Publisher) daily() error {
	today := p.opts.Now().UTC().Format(time.DateOnly)
	// Not before: after a clock that was ahead the days come again, and have their checkpoint already.
	if day, _, _ := cutName(p.last.name); day >= today {
		return nil
	}
	_, err := p.publish(today)
	return err
}

// now publishes because somebody asked. Where nothing came since the last time, that one is tried again where it did
// not arrive.
func (p *Publisher) now(ctx context.Context) outcome {
	if _, err := p.publish(p.opts.Now().UTC().Format(time.DateOnly)); err != nil {
		return outcome{err: err}
	}
	if p.last.name == "" {
		return outcome{err: &fault.Error{Code: "archive-log-anchor", What: "there is no checkpoint to publish yet", Where: p.dir,
			Why: "nothing was archived so far, or the log cannot be signed", Do: "weir archive verify", Exit: fault.ExitMissing}}
	}
	return outcome{records: p.try(ctx, p.open())}
}

// atEnd publishes what came since the last time.
func (p *Publisher) atEnd(ctx context.Context) {
	if _, err := p.publish(p.opts.Now().UTC().Format(time.DateOnly)); err != nil {
		p.opts.Log.Error("publishing the last checkpoint", "err", err)
	}
	p.try(ctx, p.open())
}

// publish makes a publication of the newest checkpoint, unless that one is published already.
func (p *Publisher) publish(day string) (bool, error) {
	note, head, ok := p.opts.Head()
	if !ok || p.last.name != "" && head.Size <= p.last.Size {
		return false, nil
	}
	name, err := p.store(day, note)
	if err != nil {
		return false, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// What a way had still to send is in the new one, so it is not sent any more.
	p.last = publication{name, note, head}
	for _, w := range p.ways {
		w.pend(p.opts.Now())
	}
	return true, nil
}

// store gives a checkpoint its file. One that is there is left as it is and the next name taken.
func (p *Publisher) store(day string, note []byte) (string, error) {
	dir := filepath.Join(p.dir, Folder)
	if err := makeFolder(dir); err != nil {
		return "", fmt.Errorf("making the folder of published checkpoints: %w", err)
	}
	for n := 1; ; n++ {
		name := makeName(day, n)
		err := writeOnce(filepath.Join(dir, name), note, 0o600)
		if err == nil {
			return name, nil
		}
		// Something else has the name: a checkpoint of this day that was published, or what somebody made of it.
		if !errors.Is(err, errOther) || n == maxPerDay {
			return "", err
		}
	}
}

// wait is how long nothing is due.
func (p *Publisher) wait() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.opts.Now()
	// Never long: timers stand still while a machine sleeps, and a clock may be set to another day.
	d := lookEvery
	for _, w := range p.ways {
		if w.pending {
			d = min(d, w.next.Sub(now))
		}
	}
	return max(d, 10*time.Millisecond)
}
