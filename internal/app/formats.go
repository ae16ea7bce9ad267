package app

import (
	"context"
	"log/slog"
	"time"

	"weir/internal/app/build"
	"weir/internal/fault"
)

// loadFormats reads the formats for the first time. It comes before the rules: a root of a vendor is one open field, and rules
// that name what lies below it are to find it.
func (a *App) loadFormats() {
	set, faults := build.Formats(a.cfg)
	a.formats.Store(set)
	a.sayFormats("left out, or read as far as it can be", append(faults, build.NamedFormats(a.cfg, set)...))
}

// reloadFormats puts the formats of this moment in place, before the next record of each worker. A file with a mistake keeps
// the format that it had; one that is new with a mistake in it is left out. The others go on.
func (a *App) reloadFormats() {
	set, faults := build.Formats(a.cfg)
	a.formats.Store(set.Keep(a.formats.Load(), faults))
	a.sayFormats("what was read of the file before stays in use", append(faults, build.NamedFormats(a.cfg, set)...))
	a.log.Info("formats reloaded", "component", "formats", "formats", len(set.List()), "faults", len(faults))
}

// sayFormats tells log and terminal what is wrong with formats, and what becomes of them.
func (a *App) sayFormats(then string, faults fault.List) {
	for _, f := range faults {
		level := slog.LevelError
		if f.Warn {
			level = slog.LevelWarn
		}
		why := f.Why
		if why == "" {
			why = f.Do
		}
		a.log.Log(context.Background(), level, "formats have a fault", "component", "formats", "what", f.What, "where", f.Where, "why", why, "then", then)
		a.opts.Notify(Notice{Time: time.Now(), Kind: "fault", Fault: f})
	}
}

// formatFolders are those that a user's formats are made of.
func (a *App) formatFolders() []string { return []string{build.Within(a.cfg, build.FormatsFolder)} }
