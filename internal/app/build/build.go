// Package build makes what a configuration names: rules, inventory, classes, the options of parsers and engines. The
// process and the commands that work on lines make them alike, so that what a command shows is what would be stored.
package build

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"weir/event"
	"weir/internal/canary"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/record"
	"weir/internal/retention/policy"
	"weir/processors/correlate"
	"weir/processors/correlate/clock"
	"weir/processors/enrich/asset"
	"weir/processors/parse"
	"weir/rules"
	"weir/rules/content"
	"weir/rules/exceptions"
	"weir/rules/pipelines"
)

// Within resolves a path of the configuration: relative ones lie in the data folder, so that a folder that is moved takes
// its rules along.
func Within(cfg config.Config, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(cfg.Data, name)
}

// Pipelines loads the user's pipelines before those that weir ships. What is wrong with a file is in the faults; the others
// are used.
func Pipelines(cfg config.Config) (*pipelines.Set, fault.List) {
	dir := Within(cfg, cfg.Rules.Pipelines)
	if _, err := os.Stat(dir); err != nil {
		return pipelines.Shipped(), nil //nolint:nilerr // who has no folder of pipelines uses those of weir
	}
	return pipelines.Load(pipelines.Source{Name: dir, FS: os.DirFS(dir)})
}

// Rules loads the shipped rules and the user's, with the lists and pipelines that they are read with. An id that a shipped
// rule has is refused in the user's folder.
func Rules(cfg config.Config) (*rules.Set, match.Lists, *pipelines.Set, error) {
	folder := Within(cfg, cfg.Rules.Lists)
	lists, faults := rules.LoadLists(folder)
	pipes, more := Pipelines(cfg)
	faults = append(faults, more...)
	var sources []rules.Source
	if cfg.Rules.Shipped {
		sources = append(sources, rules.Source{Name: content.Name, FS: content.FS()})
	}
	dir := Within(cfg, cfg.Rules.Folder)
	switch _, err := os.ReadDir(dir); {
	case err == nil:
		sources = append(sources, rules.Source{Name: dir, FS: os.DirFS(dir)})
	case !errors.Is(err, fs.ErrNotExist):
		return nil, nil, nil, fmt.Errorf("reading the rules folder: %w", err)
	}
	set := rules.Load(rules.Options{Lists: lists, Pipelines: pipes, Placeholders: rules.ListValues(folder), ListDir: folder}, sources...)
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
	return set.Except(exceptions.Load(Within(cfg, cfg.Rules.Exceptions), lists, time.Now())), lists, pipes, nil
}

// Inventory is the file of devices as the process uses it. Its holder is swapped by a reload while workers read; what they
// took from it stays as it was.
type Inventory struct{ *asset.Holder }

// LoadInventory reads the file of devices; one that is not there is empty.
func LoadInventory(cfg config.Config) (Inventory, error) {
	h, err := asset.NewHolder(Within(cfg, cfg.Normalise.Inventory))
	return Inventory{h}, err
}

// NameOf returns the name of the device with an address, "" if it is not in the inventory, or if what stands where an
// address is expected is none.
func (inv Inventory) NameOf(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if d := inv.Inventory().Lookup(addr, 0); d != nil {
		return d.Name
	}
	return ""
}

// Zone returns the time zone of a sender, nil if the inventory has none. The parser asks for each record whose time says no
// zone.
func (inv Inventory) Zone(peer netip.Addr, host string) *time.Location {
	return inv.Inventory().Zone(peer, host)
}

// Dataset returns the format of the messages of a sender, "" if the inventory has none. The parser asks for each record.
func (inv Inventory) Dataset(raw *record.Raw, host string) string {
	return inv.Inventory().Dataset(raw.Peer.Addr(), host)
}

// Zone is the zone of the configuration, else that of this machine, which is usually where the devices stand.
func Zone(cfg config.Config) *time.Location {
	if name := cfg.Inputs.Syslog.TimeZone; name != "" {
		if loc, err := time.LoadLocation(name); err == nil { // checked by the configuration
			return loc
		}
	}
	return time.Local
}

// ZoneName returns the name of a zone; this machine's is asked of the system, for "Local" would tell nobody anything.
func ZoneName(loc *time.Location) string {
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

// ParseOptions are those of every parser of a configuration.
func ParseOptions(cfg config.Config, inv Inventory, history bool) parse.Options {
	return parse.Options{
		ECSVersion: cfg.Normalise.ECS, DefaultZone: Zone(cfg), History: history,
		Zone: inv.Zone, Dataset: datasets(cfg.Inputs, inv.Dataset),
	}
}

// datasets returns what says which format a record is of: the setting of a file's path, then the inventory.
func datasets(inputs config.Inputs, inventory func(*record.Raw, string) string) func(*record.Raw, string) string {
	if len(inputs.File.Datasets) == 0 && inputs.Syslog.Dataset == "" {
		return inventory
	}
	return func(raw *record.Raw, host string) string {
		if canary.Is(raw.Value) {
			return "" // weir knows its own, whatever a setting says of its sender
		}
		switch raw.Input {
		case inputSyslog:
			return cmp.Or(inventory(raw, host), inputs.Syslog.Dataset)
		case inputFile:
			for _, s := range inputs.File.Datasets {
				pattern, dataset, _ := strings.Cut(s, "=")
				name := raw.Origin
				if !strings.Contains(pattern, "/") {
					name = path.Base(name) // a pattern without a folder means files of that name anywhere
				}
				if ok, _ := doublestar.PathMatch(pattern, name); ok { // validated
					return dataset
				}
			}
		}
		return inventory(raw, host)
	}
}

// Inputs whose settings name formats. The origin of a line of a file is its path.
const (
	inputFile   = "file"
	inputSyslog = "syslog"
)

// Policy opens what says how long records are kept, and which class an event has. With a mistake in its files there is no
// start: nobody would know what may be deleted.
func Policy(cfg config.Config) (*policy.Store, fault.List, error) {
	return policy.Open(policy.Options{Classes: Within(cfg, cfg.Normalise.Classes), Systems: Within(cfg, cfg.Retention.Systems), Zone: KeepingZone(cfg)})
}

// KeepingZone is the zone in whose days records fall due.
func KeepingZone(cfg config.Config) *time.Location {
	name := cfg.Retention.Zone
	if name == "" { // by its own name: it becomes part of the policy's text, and "Local" means another zone elsewhere
		name = ZoneName(time.Local)
	}
	zone, err := time.LoadLocation(name)
	if err != nil { // one of the configuration was checked when it was read
		return time.Local
	}
	return zone
}

// Classes returns the step that gives an event its retention class, by the files as they are now.
func Classes(cfg config.Config) (func(*event.Event), error) {
	policies, _, err := Policy(cfg) // its warnings are said where a process starts
	if err != nil {
		return nil, err
	}
	return Class(policies), nil
}

// Class returns the step that gives an event its retention class, by the policy of the moment. What has one already keeps it:
// records of weir itself come with theirs.
func Class(policies *policy.Store) func(*event.Event) {
	return func(e *event.Event) {
		if !e.Has(event.WeirClass) {
			e.SetStr(event.WeirClass, policies.Current().Choose(e))
		}
	}
}

// Engine are those of every correlation engine of a configuration.
func Engine(cfg config.Config, log *slog.Logger) correlate.Options {
	o := correlate.Options{MaxGroups: cfg.Correlate.MaxKeys, MaxBytes: int64(cfg.Correlate.MaxBytes), Lateness: time.Duration(cfg.Correlate.Lateness),
		Datasets: Datasets, Log: log}
	for _, l := range cfg.Correlate.Latenesses() {
		o.DatasetLateness = append(o.DatasetLateness, clock.Lateness{Pattern: l.Pattern, Span: l.Span})
	}
	return o
}
