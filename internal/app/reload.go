package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"weir/internal/app/build"
	"weir/internal/fault"
	"weir/processors/detect"
)

// pollEvery is how often single files are looked at; folders are watched. An editor that replaces a file would take a
// watch on it along.
const pollEvery = 2 * time.Second

// watch reloads what can be reloaded while records flow, until ctx ends: rules and lists when a file in their folders
// changes, the files of the enrichment when they change, and all of them on SIGHUP.
func (a *App) watch(ctx context.Context) {
	// Room for one: a second signal before the first was looked at asks for the same thing.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		if err := detect.Watch(ctx, a.log, a.ruleFolders(), a.started, func() { a.reloadRules(ctx) }); err != nil {
			a.log.Warn("rules are not watched: send SIGHUP after a change", "component", "rules", "err", err)
		}
	})
	wg.Go(func() {
		if err := detect.Watch(ctx, a.log, a.formatFolders(), a.started, a.reloadFormats); err != nil {
			a.log.Warn("formats are not watched: send SIGHUP after a change", "component", "formats", "err", err)
		}
	})
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	files := append(a.enrich.Files(), a.policyFiles()...)
	known := make([]time.Time, len(files))
	for i, f := range files {
		known[i] = modified(f.Path)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			a.reloadRules(ctx)
			a.reloadFormats()
			if a.notifier != nil {
				a.notifier.Reload()
			}
			for _, f := range files {
				a.reloadFile(f)
			}
		case <-poll.C:
			for i, f := range files {
				if now := modified(f.Path); !now.Equal(known[i]) {
					known[i] = now
					a.reloadFile(f)
				}
			}
		}
	}
}

// policyFiles are those that say how long what is kept.
func (a *App) policyFiles() (out []build.EnrichFile) {
	for _, path := range a.policies.Paths() {
		out = append(out, build.EnrichFile{Path: path, Name: "retention", Reload: func() (int, error) {
			_, warnings, err := a.policies.Reload()
			a.sayFileFaults("retention", warnings)
			return len(a.policies.Current().Classes()), err
		}})
	}
	return out
}

// modified tells when a file was last written; zero if it is not there, so that one that comes later is a change too.
func modified(name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// reloadRules puts the rules of this moment in place, between two batches of each worker of normalise. A file with a
// mistake keeps its old rules, a folder that is broken altogether keeps all of them. The correlator knows the new rules
// before the first signal of theirs can be made, and keeps the old ones until the last of theirs has come.
func (a *App) reloadRules(ctx context.Context) {
	faults, err := a.rules.Reload(func() (l detect.Loaded, err error) {
		err = detect.Settled(ctx, a.ruleFolders(), func() (err error) { l, err = a.readRules(); return err })
		return l, err
	}, a.swapping)
	if err == nil {
		a.sayFaults(faults)
		a.log.Info("rules reloaded", "component", "rules", "rules", a.rules.Load().Len(), "set", a.rules.Hash())
		return
	}
	if ctx.Err() != nil {
		return
	}
	if f, ok := errors.AsType[*fault.Error](err); ok { // what is wrong with each file says more than that something is
		a.sayFaults(append(faults, f))
		return
	}
	a.log.Error("rules not reloaded: the present ones go on", "component", "rules", "err", err)
}

// swapping tells who must know of a version before it is used.
func (a *App) swapping(v *detect.Version) {
	a.correlator.SetRules(v.Set)
	if a.ruleSets != nil { // nil in a process without normalise
		a.ruleSets.Offer(v)
	}
}

// readRules reads the rules and lists that the configuration names.
func (a *App) readRules() (detect.Loaded, error) {
	set, lists, pipes, err := build.Rules(a.cfg)
	folder := build.Within(a.cfg, a.cfg.Rules.Folder)
	return detect.Loaded{Set: set, Lists: lists, Pipes: pipes, Folder: folder, Missing: !exists(folder)}, err
}

// ruleFolders are the folders and files that rules are made of.
func (a *App) ruleFolders() []string {
	r := &a.cfg.Rules
	return []string{build.Within(a.cfg, r.Folder), build.Within(a.cfg, r.Lists), build.Within(a.cfg, r.Pipelines), build.Within(a.cfg, r.Exceptions)}
}

// exists tells whether there is anything of that name.
func exists(name string) bool {
	_, err := os.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// loadEnrichment reads the files of the enrichment for the first time. A database of places that cannot be used is said, and
// everything else goes on.
func (a *App) loadEnrichment() (err error) {
	var faults fault.List
	if a.enrich, faults, err = build.LoadEnrichment(a.cfg, a.log); err != nil {
		return err
	}
	a.sayFileFaults("geoip", faults)
	if !a.enrich.HasGeo() {
		a.log.Info("events get no place and no operator: no GeoIP database is named (enrich.geoip.city, enrich.geoip.asn)", "component", "geoip")
	}
	return nil
}

// reloadFile reads a file of the enrichment again. With a mistake in it the present one goes on.
func (a *App) reloadFile(f build.EnrichFile) {
	n, err := f.Reload()
	if err == nil {
		a.log.Info("reloaded", "component", f.Name, "entries", n)
		return
	}
	if list, ok := errors.AsType[fault.List](err); ok {
		a.sayFileFaults(f.Name, list)
		return
	}
	if one, ok := errors.AsType[*fault.Error](err); ok {
		a.sayFileFaults(f.Name, fault.List{one})
		return
	}
	a.log.Error("not reloaded: the present one goes on", "component", f.Name, "err", err)
}

// sayFileFaults tells log and terminal what is wrong with files of a part. A warning is one, and no error.
func (a *App) sayFileFaults(name string, faults fault.List) {
	for _, f := range faults {
		level := slog.LevelError
		if f.Warn {
			level = slog.LevelWarn
		}
		a.log.Log(context.Background(), level, "a file has a fault", "component", name, "what", f.What, "where", f.Where, "why", f.Why)
		a.opts.Notify(Notice{Time: time.Now(), Kind: "fault", Fault: f})
	}
}
