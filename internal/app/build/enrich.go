package build

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"weir/event"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/retention/policy"
	"weir/processors/enrich"
	"weir/processors/enrich/geo"
	"weir/processors/enrich/threat"
	"weir/processors/enrich/users"
	"weir/processors/redact"
)

// Enrichment is everything that is added to events, with the files that it comes from. It is safe for many goroutines:
// workers read what a reload swaps.
type Enrichment struct {
	Inventory Inventory
	users     *users.Holder
	geo       *geo.Databases
	threat    *threat.Store // nil: no folder is named
	redact    atomic.Pointer[redact.Rules]
	chain     *enrich.Chain
	files     []EnrichFile
}

// EnrichFile is a file that counts again when it has changed.
type EnrichFile struct {
	Path string
	// Name is what people call it, and Reload reads it again: it says what it has now, and what is wrong. After a fault what
	// was there before goes on.
	Name   string
	Reload func() (size int, err error)
}

// LoadEnrichment reads what the configuration names. A database of places that cannot be used is no error, since everything
// else goes on without it: it is in the faults.
func LoadEnrichment(cfg config.Config, log *slog.Logger) (*Enrichment, fault.List, error) {
	n := &Enrichment{}
	var err error
	if n.Inventory, err = LoadInventory(cfg); err != nil {
		return nil, nil, err
	}
	if n.users, err = users.NewHolder(Within(cfg, cfg.Enrich.Users)); err != nil {
		return nil, nil, err
	}
	opts := enrich.Options{Internal: cfg.Enrich.InternalNetworks, Inventory: n.Inventory.Inventory, Users: n.users.List, UserAgent: cfg.Enrich.UserAgent}
	var faults fault.List
	if places := geoOptions(cfg); !places.None() {
		n.geo, faults = geo.Open(places)
		opts.Geo = n.geo
	}
	if cfg.Enrich.Threat != "" {
		if n.threat, err = threat.New(threat.Options{Folder: Within(cfg, cfg.Enrich.Threat), Log: log.With("component", "threat")}); err != nil {
			return nil, nil, fmt.Errorf("reading threat indicators: %w", err)
		}
		opts.More = append(opts.More, n.threat.Enrich)
	}
	rules := Within(cfg, cfg.Normalise.Redact)
	if _, err = n.reloadRedact(rules); err != nil {
		return nil, nil, err
	}
	if n.chain, err = enrich.New(opts); err != nil {
		return nil, nil, fmt.Errorf("making the enrichment: %w", err)
	}
	n.files = []EnrichFile{
		{Within(cfg, cfg.Normalise.Inventory), "inventory", func() (int, error) {
			err := n.Inventory.Reload()
			return len(n.Inventory.Inventory().Devices()), err
		}},
		{Within(cfg, cfg.Enrich.Users), "users", func() (int, error) {
			err := n.users.Reload()
			return n.users.List().Len(), err
		}},
		{rules, "redact", func() (int, error) { return n.reloadRedact(rules) }},
	}
	if n.geo != nil {
		for _, path := range n.geo.Files() {
			n.files = append(n.files, EnrichFile{path, "geoip", func() (int, error) { return n.reloadGeo(path) }})
		}
	}
	return n, faults, nil
}

// reloadGeo reads a database if it has changed, and says how many are in use.
func (n *Enrichment) reloadGeo(path string) (int, error) {
	_, faults := n.geo.Reload(path)
	if len(faults) > 0 {
		return len(n.geo.Built()), faults
	}
	return len(n.geo.Built()), nil
}

// Places reads the databases of places of a configuration to look at them: when each was made, by its name. It is nil where
// none is named.
func Places(cfg config.Config) (built map[string]time.Time, faults fault.List) {
	o := geoOptions(cfg)
	if o.None() {
		return nil, nil
	}
	d, faults := geo.Open(o)
	return d.Built(), faults
}

// reloadRedact reads the rules of redaction. With a mistake in them the present ones go on.
func (n *Enrichment) reloadRedact(file string) (int, error) {
	r, err := redact.Load(file)
	if err != nil {
		return n.redact.Load().Len(), err //nolint:wrapcheck // a fault says everything
	}
	n.redact.Store(r)
	return r.Len(), nil
}

// geoOptions are the databases of a configuration.
func geoOptions(cfg config.Config) geo.Options {
	g := &cfg.Enrich.GeoIP
	within := func(name string) string {
		if name == "" {
			return ""
		}
		return Within(cfg, name)
	}
	return geo.Options{City: within(g.City), Country: within(g.Country), ASN: within(g.ASN), Anonymous: within(g.Anonymous), Details: g.Details}
}

// Step enriches one event. It is a step of normalise, and called by its workers, each with an event of its own.
func (n *Enrichment) Step(e *event.Event, raw *record.Raw) { n.chain.Step(e, raw) }

// Redact takes out of an event what must not be stored. It is a step of normalise, behind the one that decides the class.
func (n *Enrichment) Redact(e *event.Event, _ *record.Raw) { n.redact.Load().Apply(e) }

// Original is the step behind it: it does to the bytes of the record what the class of the event says.
func (n *Enrichment) Original(policies *policy.Store) func(*event.Event, *record.Raw) {
	return func(e *event.Event, _ *record.Raw) {
		if how := policies.Current().Originals()[e.Str(event.WeirClass)]; how != "" {
			n.redact.Load().Original(e, how)
		}
	}
}

// Users is the list of users.
func (n *Enrichment) Users() *users.List { return n.users.List() }

// Threat has the threat indicators, nil where no folder is named. Whoever runs a process runs it.
func (n *Enrichment) Threat() *threat.Store { return n.threat }

// Class gives the events of a device the retention class that the inventory says, unless a class that has a condition took
// them: what the law asks to keep is decided by what an event is, not by who sent it. It runs behind the step of classes.
func (n *Enrichment) Class(e *event.Event, raw *record.Raw) {
	if e.Str(event.WeirClass) == policy.Standard {
		e.SetStr(event.WeirClass, n.Inventory.Inventory().Class(e, raw.Peer.Addr()))
	}
}

// Counts are how often each enrichment knew something.
func (n *Enrichment) Counts() []enrich.Count {
	out := n.chain.Counts()
	if n.threat != nil {
		hits, tried := n.threat.Hits()
		out = append(out, enrich.Count{Name: "threat", Hits: hits, Misses: tried - hits})
	}
	hits, tried := n.redact.Load().Hits()
	return append(out, enrich.Count{Name: "redact", Hits: hits, Misses: tried - hits})
}

// Files are those to be watched.
func (n *Enrichment) Files() []EnrichFile { return n.files }

// HasGeo tells whether any database of places is named.
func (n *Enrichment) HasGeo() bool { return n.geo != nil }
