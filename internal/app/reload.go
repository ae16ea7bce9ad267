package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"weir/internal/app/build"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/processors/detect"
	"weir/rules"
)

// pollEvery is how often single files are looked at; folders are watched. An editor that replaces a file would take a
// watch on it along.
const pollEvery = 2 * time.Second

// watch reloads what can be reloaded while records flow, until ctx ends: rules and lists when a file in their folders
// changes, the inventory when it changes, and all of them on SIGHUP.
func (a *App) watch(ctx context.Context) {
	// Room for one: a second signal before the first was looked at asks for the same thing.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	var wg sync.WaitGroup
	defer wg.Wait()
	folders := []string{build.Within(a.cfg, a.cfg.Rules.Folder), build.Within(a.cfg, a.cfg.Rules.Lists)}
	wg.Go(func() {
		if err := detect.Watch(ctx, a.log, folders, a.started, a.reloadRules); err != nil {
			a.log.Warn("rules are not watched: send SIGHUP after a change", "component", "rules", "err", err)
		}
	})
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	file := build.Within(a.cfg, a.cfg.Normalise.Inventory)
	known := modified(file)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			a.reloadRules()
			a.reloadInventory()
		case <-poll.C:
			if now := modified(file); now != known {
				known = now
				a.reloadInventory()
			}
		}
	}
}

// modified tells when a file was last written; zero if it is not there, so that one that comes later is a change too.
func modified(name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// reloadRules puts the rules of this moment in place between two events. A file with a mistake keeps its old rules. The
// correlator gets them right after the detector: it passes over signals of rules that it does not know, but a signal
// travels over Kafka first, and that takes longer.
func (a *App) reloadRules() {
	faults, err := a.rules.Reload(func() (*rules.Set, match.Lists, error) { return build.Rules(a.cfg) })
	if err != nil {
		a.log.Error("rules not reloaded: the present ones go on", "component", "rules", "err", err)
		return
	}
	a.sayFaults(faults)
	a.correlator.setRules(a.rules.Rules().Rules)
	a.log.Info("rules reloaded", "component", "rules", "rules", a.rules.Load().Len())
}

// reloadInventory reads the file of devices again. With a mistake in it the present one goes on.
func (a *App) reloadInventory() {
	err := a.inv.Reload()
	if err == nil {
		a.log.Info("inventory reloaded", "component", "inventory", "devices", len(a.inv.Inventory().Devices()))
		return
	}
	var list fault.List
	if !errors.As(err, &list) {
		if !errors.Is(err, fs.ErrNotExist) {
			a.log.Error("inventory not reloaded: the present one goes on", "component", "inventory", "err", err)
		}
		return
	}
	a.sayFaults(list)
}
