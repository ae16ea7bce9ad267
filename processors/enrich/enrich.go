// Package enrich adds to every event what its message does not say, in one fixed order: the inventory's names, what is known
// of the users, what follows from addresses and ports, where in the world they are, which program a user agent is, and last
// what all of that names together (related.*).
//
// The order matters where one enrichment feeds another: names of the inventory go into related.*, the protocol's number
// into the community id. Addresses are read once for all of them.
package enrich

import (
	"fmt"
	"sync/atomic"

	"weir/event"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/enrich/agent"
	"weir/processors/enrich/asset"
	"weir/processors/enrich/geo"
	"weir/processors/enrich/network"
	"weir/processors/enrich/related"
	"weir/processors/enrich/role"
	"weir/processors/enrich/users"
)

// Options are the settings of a chain. The zero value has no lists, no databases and no networks of one's own.
type Options struct {
	// Internal are one's own networks, and the word private; none: no direction is said.
	Internal []string
	// Inventory and Users return what counts at the moment; nil: there is none. They are called for each event.
	Inventory func() *asset.Inventory
	Users     func() *users.List
	// Geo may be nil.
	Geo *geo.Databases
	// UserAgent tells whether user agents are read.
	UserAgent bool
	// More are called between the enrichments of this package and related.*, so that what they add is found too.
	More []processors.Step
}

// Chain is all enrichments in their order. It is safe for many goroutines.
type Chain struct {
	opts   Options
	own    *network.Ranges
	agents *agent.Parser
	counts [enrichments]counter
}

// The enrichments that are counted.
const (
	inventory = iota
	people
	communityID
	direction
	geoip
	userAgent
	enrichments
)

var names = [enrichments]string{"inventory", "users", "community_id", "direction", "geoip", "user_agent"}

// counter is written by all workers: each has a cache line of its own.
type counter struct {
	hits, misses atomic.Int64
	_            [48]byte
}

func (c *counter) add(hits, misses int) {
	if hits > 0 {
		c.hits.Add(int64(hits))
	}
	if misses > 0 {
		c.misses.Add(int64(misses))
	}
}

func (c *counter) one(hit bool) {
	if hit {
		c.hits.Add(1)
	} else {
		c.misses.Add(1)
	}
}

// New makes a chain. The only thing that can be wrong are the networks.
func New(o Options) (*Chain, error) {
	c := &Chain{opts: o}
	var err error
	if c.own, err = network.NewRanges(o.Internal); err != nil {
		return nil, fmt.Errorf("reading internal networks: %w", err)
	}
	if o.UserAgent {
		c.agents = agent.New()
	}
	return c, nil
}

// Default makes the chain of a weir without a configuration: everything that needs no file.
func Default() *Chain {
	c, err := New(Options{Internal: []string{network.Private}, UserAgent: true})
	if err != nil {
		panic("BUG: " + err.Error()) // the word is ours
	}
	return c
}

// Step enriches one event. It is a processors.Step, and runs behind the parser and before everything that decides by
// fields. What an event says itself is never changed.
func (c *Chain) Step(e *event.Event, raw *record.Raw) {
	addrs := role.Read(e)
	if c.opts.Inventory != nil {
		found, missed := c.opts.Inventory().Add(e, raw.Peer.Addr(), &addrs)
		c.counts[inventory].add(found, missed)
	}
	if c.opts.Users != nil {
		found, missed := c.opts.Users().Add(e)
		c.counts[people].add(found, missed)
	}
	if known, id, way := network.Add(e, addrs[role.Source], addrs[role.Destination], c.own); known {
		c.counts[communityID].one(id)
		if c.own != nil {
			c.counts[direction].one(way)
		}
	}
	if c.opts.Geo != nil {
		found, missed := c.opts.Geo.Add(e, &addrs)
		c.counts[geoip].add(found, missed)
	}
	if c.agents != nil {
		if found, missed := c.agents.Add(e); found || missed {
			c.counts[userAgent].one(found)
		}
	}
	for _, step := range c.opts.More {
		step(e, raw)
	}
	related.Add(e)
}

// Count is how often an enrichment knew what it was asked for, and how often it did not.
type Count struct {
	Name         string
	Hits, Misses int64
}

// Counts returns the counts of all enrichments of the chain since it was made.
func (c *Chain) Counts() []Count {
	out := make([]Count, 0, enrichments)
	has := [enrichments]bool{
		c.opts.Inventory != nil, c.opts.Users != nil, true, c.own != nil, c.opts.Geo != nil, c.agents != nil,
	}
	for i := range c.counts {
		if has[i] {
			out = append(out, Count{names[i], c.counts[i].hits.Load(), c.counts[i].misses.Load()})
		}
	}
	return out
}
