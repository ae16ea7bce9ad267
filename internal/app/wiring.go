package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weir/event"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/class"
	"weir/processors/correlate"
	"weir/processors/detect"
	"weir/processors/enrich"
	"weir/processors/parse"
	"weir/rules"
	"weir/rules/content"
)

// within resolves a path of the configuration: relative ones lie in the data folder, so that a folder that is moved takes
// its rules along.
func within(cfg config.Config, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(cfg.Data, name)
}

// loadSet loads the shipped rules and the user's. An id that a shipped rule has is refused in the user's folder.
func loadSet(cfg config.Config) (*rules.Set, match.Lists, error) {
	lists, faults := rules.LoadLists(within(cfg, cfg.Rules.Lists))
	var sources []rules.Source
	if cfg.Rules.Shipped {
		sources = append(sources, rules.Source{Name: content.Name, FS: content.FS()})
	}
	dir := within(cfg, cfg.Rules.Folder)
	switch _, err := os.ReadDir(dir); {
	case err == nil:
		sources = append(sources, rules.Source{Name: dir, FS: os.DirFS(dir)})
	case !errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("reading the rules folder: %w", err)
	}
	set := rules.Load(lists, sources...)
	set.Faults = append(set.Faults, faults...)
	off := map[string]bool{}
	for _, id := range cfg.Rules.Disable {
		off[id] = true
	}
	for i, r := range set.Rules {
		if off[r.ID] {
			stopped := *r // the shipped set is shared
			stopped.Enabled = false
			set.Rules[i] = &stopped
		}
	}
	return set, lists, nil
}

// loadRules loads the rules for the first time. Rules with mistakes do not keep weir from starting: they are said, counted,
// and left out.
func (a *App) loadRules() (*detect.Holder, error) {
	h := &detect.Holder{}
	faults, err := h.Reload(func() (*rules.Set, match.Lists, error) { return loadSet(a.cfg) })
	if err != nil {
		return nil, err
	}
	a.sayFaults(faults)
	return h, nil
}

// refusedRules counts the rules that do not run because of a mistake. Warnings are not counted: those rules run.
func (a *App) refusedRules() int {
	n := 0
	for _, f := range a.rules.Rules().Faults {
		if !f.Warn {
			n++
		}
	}
	return n
}

// sayFaults tells log and terminal what is wrong with rules. Work goes on without them.
func (a *App) sayFaults(faults fault.List) {
	for _, f := range faults {
		level := slog.LevelError
		if f.Warn {
			level = slog.LevelWarn
		}
		a.log.Log(context.Background(), level, "rules have a fault", "component", "rules", "what", f.What, "where", f.Where, "why", f.Why)
		a.opts.Notify(Notice{Time: time.Now(), Kind: "fault", Fault: f})
	}
}

// inventory is the file of devices as the process uses it. Its holder is swapped by a reload while workers read; what they
// took from it stays as it was.
type inventory struct{ *enrich.Holder }

// loadInventory reads the file of devices; one that is not there is empty.
func loadInventory(cfg config.Config) (inventory, error) {
	h, err := enrich.NewHolder(within(cfg, cfg.Normalise.Inventory))
	return inventory{h}, err
}

// NameOf returns the name of the device with an address, "" if it is not in the inventory, or if what stands where an
// address is expected is none.
func (inv inventory) NameOf(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if d := inv.Inventory().Lookup(addr); d != nil {
		return d.Name
	}
	return ""
}

// enrich adds what the inventory knows of the sender. It is a step of normalise, and called by its workers, each with an
// event of its own.
func (inv inventory) enrich(e *event.Event, raw *record.Raw) {
	if d := inv.Inventory().Find(raw.Peer.Addr(), e.Str(event.LogSyslogHostname)); d != nil {
		enrich.Enrich(e, d)
	}
}

// zone returns the time zone of a sender, nil if the inventory has none. The parser asks for each record whose time says no
// zone.
func (inv inventory) zone(peer netip.Addr, host string) *time.Location {
	return inv.Inventory().Zone(peer, host)
}

// zone is the time zone of devices that write none.
func (a *App) zone() *time.Location { return deviceZone(a.cfg) }

// deviceZone is the zone of the configuration, else that of this machine, which is usually where the devices stand.
func deviceZone(cfg config.Config) *time.Location {
	if name := cfg.Inputs.Syslog.TimeZone; name != "" {
		if loc, err := time.LoadLocation(name); err == nil { // checked by the configuration
			return loc
		}
	}
	return time.Local
}

// zoneName returns the name of a zone; this machine's is asked of the system, for "Local" would tell nobody anything.
func zoneName(loc *time.Location) string {
	if loc != time.Local {
		return loc.String()
	}
	if tz := os.Getenv("TZ"); tz != "" {
		return strings.TrimPrefix(tz, ":")
	}
	if link, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(link, "/zoneinfo/"); ok {
			return name
		}
	}
	return loc.String()
}

// parseOptions are those of every parser of a configuration.
func parseOptions(cfg config.Config, inv inventory, history bool) parse.Options {
	return parse.Options{
		ECSVersion: cfg.Normalise.ECS, DefaultZone: deviceZone(cfg), History: history,
		Zone: inv.zone,
	}
}

// newParser makes the parser of one worker. Parsers keep memory from record to record, so no two workers share one.
func (a *App) newParser() processors.Parser {
	p, err := parse.New(parseOptions(a.cfg, a.inv, a.opts.History))
	if err != nil { // the same options made one at the start
		panic("BUG: " + err.Error())
	}
	return p
}

// classOf returns the step that gives an event its retention class. What has one already keeps it: records of weir itself
// come with theirs.
func classOf(cfg config.Config) (func(*event.Event), error) {
	classes, err := class.Load(within(cfg, cfg.Normalise.Classes))
	if err != nil {
		return nil, err
	}
	return func(e *event.Event) {
		if !e.Has(event.WeirClass) {
			e.SetStr(event.WeirClass, classes.Of(e))
		}
	}, nil
}

// engineOptions are those of every correlation engine of a configuration.
func engineOptions(cfg config.Config, log *slog.Logger) correlate.Options {
	return correlate.Options{MaxGroups: cfg.Correlate.MaxKeys, Lateness: time.Duration(cfg.Correlate.Lateness), Log: log}
}
