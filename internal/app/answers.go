package app

import (
	"context"
	"sync"
	"time"

	"weir/internal/app/auditing"
	"weir/internal/app/keeping"
	"weir/internal/archive"
	"weir/internal/control"
	"weir/internal/control/notifying"
	"weir/internal/control/watching"
	"weir/internal/watchdog"
	"weir/sinks/alerts"
)

// openArchive opens the archive with its transparency log. The log ends behind it, and so takes in its last line.
func (a *App) openArchive(ctx context.Context, dir string) error {
	k, err := keeping.Open(ctx, keeping.Options{Log: a.log, Config: &a.cfg, Data: a.folder.Path, Dir: dir, Name: a.archiveName, Writer: a.self.Ingester, Policies: a.policies,
		Note: a.note, History: a.opts.History})
	if err != nil {
		return err
	}
	a.keeping, a.archive = k, k.Archive()
	a.stack.Add("archive log", func(context.Context) error {
		k.CloseLog()
		if a.notifier != nil { // the last checkpoint was told over its channels
			return a.notifier.Close()
		}
		return nil
	})
	a.stack.Add("archive", func(context.Context) error { return a.archive.Close() })
	a.stack.Add("archive keeping", func(context.Context) error { k.Close(); return nil })
	return nil
}

// note records a look, where this process has a door; else nothing is looked at here.
func (a *App) note(ctx context.Context, l auditing.Look) {
	if a.trail != nil {
		a.trail.Note(ctx, l)
	}
}

// startAnswers says what this process answers to questions by name, before anybody can ask, and begins what the answers need.
func (a *App) startAnswers(run context.Context, wg *sync.WaitGroup) error {
	o := keeping.DeskOptions{
		Log: a.log, Config: a.cfg, Data: a.folder.Path, Archive: a.theArchive, Policies: a.policies, Users: a.enrich.Users, Alerts: func() *alerts.Store { return a.alerts },
		Ledger: func(ctx context.Context) (control.Ledger, error) {
			return a.live().Ledger(ctx, control.LedgerRequest{})
		},
		Heard: func(ctx context.Context) (watching.Sources, error) {
			return a.live().Sources(ctx, watching.SourcesRequest{})
		},
		Note: a.note, Table: a.answers,
	}
	if a.notifier != nil {
		o.Teller = a.notifier
		o.Told = func(ctx context.Context, id string) ([]notifying.Past, error) {
			r, err := a.notifier.NotifyRoute(ctx, notifying.RouteRequest{Alert: id})
			return r.Past, err
		}
	}
	if a.keeping != nil {
		if err := a.keeping.Start(run, o.Teller); err != nil {
			return err
		}
		a.answers.Add(a.keeping.Questions())
		o.Sync = a.keeping.Sync
	}
	var err error
	if a.desks, err = keeping.NewDesks(o); err != nil {
		return err
	}
	wg.Go(func() { a.desks.Run(run, a.archive != nil); a.desks.Close() })
	return nil
}

// theArchive is the archive, or where it is.
func (a *App) theArchive() (*archive.Archive, error) {
	return a.archive, a.needs("archive", a.archive != nil)
}

// concernsWithin bounds looking for holds in segments.
const concernsWithin = 30 * time.Second

// concerns are what is wrong with what is kept.
func (a *App) concerns() []watchdog.Concern {
	out := a.desks.Concerns()
	if a.keeping != nil {
		ctx, cancel := context.WithTimeout(context.Background(), concernsWithin)
		defer cancel()
		out = append(out, a.keeping.Concerns(ctx)...)
	}
	return out
}
