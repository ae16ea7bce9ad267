// Package geo adds to the addresses of an event where in the world they are and to whom they belong, from databases in the
// format of MaxMind: GeoLite2, GeoIP2, and those of other makers.
//
// A database is read into memory as a whole, checked as a whole, and then put in place of the one before it with one
// pointer. So a file may be replaced, cut or overwritten at any time: a look-up never meets a file, and what is broken is
// refused while the old one goes on.
package geo

import (
	"net/netip"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"

	"weir/event"
	"weir/internal/fault"
	"weir/processors/enrich/cache"
	"weir/processors/enrich/role"
)

// Options name the databases; an empty path is none. Of City and Country the first one that knows an address is believed.
type Options struct {
	City, Country, ASN, Anonymous string
	// Details adds time zone and postal code.
	Details bool
}

// paths are those of the options by kind.
func (o *Options) paths() [kinds]string { return [kinds]string{o.City, o.Country, o.ASN, o.Anonymous} }

// None tells whether no database is named.
func (o *Options) None() bool { return o.paths() == [kinds]string{} }

// cacheSize is how many addresses are remembered: those of a busy site within some minutes. Each takes some hundred bytes
// at most, so it is a few MiB.
const cacheSize = 1 << 14

// Databases are all databases of a process. They are safe for many goroutines.
type Databases struct {
	opts  Options
	paths [kinds]string
	now   atomic.Pointer[snapshot]

	// mu is held by Reload; nobody who looks up takes it.
	mu     sync.Mutex
	stamps [kinds]stamp
}

// snapshot is what counts at one moment, with what was looked up in it: new databases begin with an empty memory.
type snapshot struct {
	dbs   [kinds]*maxminddb.Reader
	known *cache.Cache[netip.Addr, *place]
}

// stamp tells a file from the one that was there before.
type stamp struct {
	modified time.Time
	size     int64
}

// Open reads the databases. One that cannot be used is a fault, and the others are used: Databases is never nil.
func Open(o Options) (*Databases, fault.List) {
	d := &Databases{opts: o, paths: o.paths()}
	d.now.Store(&snapshot{})
	_, faults := d.Reload()
	return d, faults
}

// Reload reads those files again that have changed since they were last read, and tells how many it took over: of the
// paths that are named, without any of all. One that is broken, gone or still being written is a fault, and the one from
// before stays; the next Reload looks at it again.
func (d *Databases) Reload(paths ...string) (taken int, faults fault.List) {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := snapshot{dbs: d.now.Load().dbs}
	for k := range kinds {
		now := stampOf(d.paths[k])
		if d.paths[k] == "" || now == d.stamps[k] && next.dbs[k] != nil || len(paths) > 0 && !slices.Contains(paths, d.paths[k]) {
			continue
		}
		db, f := open(k, d.paths[k])
		if f == nil {
			next.dbs[k], d.stamps[k] = db, now
			taken++
			continue
		}
		if next.dbs[k] != nil {
			f.Why += "; the one from before goes on"
		}
		faults = append(faults, f)
	}
	if taken > 0 {
		next.known = cache.New[netip.Addr, *place](cacheSize)
		d.now.Store(&next)
	}
	return taken, faults
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// Files are those that Reload looks at.
func (d *Databases) Files() (out []string) {
	for _, p := range d.paths {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// Built tells of each database that is in use what it calls itself and when it was made: old ones are wrong ones.
func (d *Databases) Built() map[string]time.Time {
	out := map[string]time.Time{}
	for _, db := range d.now.Load().dbs {
		if db != nil {
			out[db.Metadata.DatabaseType] = db.Metadata.BuildTime()
		}
	}
	return out
}

// Add adds what is known of the addresses of an event, and counts those that were found and those that were not. Addresses
// that are nobody's own (private, loopback, multicast) are not looked up.
func (d *Databases) Add(e *event.Event, addrs *role.Addresses) (found, missed int) {
	s := d.now.Load()
	if s.known == nil {
		return 0, 0
	}
	for r, a := range addrs {
		if !role.Public(a) {
			continue
		}
		p, ok := s.known.Get(a)
		if !ok {
			p = s.look(a)
			s.known.Put(a, p)
		}
		if p == nil {
			missed++
			continue
		}
		found++
		p.set(e, &byRole[r], d.opts.Details)
	}
	return found, missed
}
