package expire

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/retention/plan"
	"weir/internal/retention/policy"
)

// Gate answers, for another store that has the same events, what it may delete: never what the archive has not sealed, never
// what a hold may want; and what it must not keep any longer. Its methods may be called from any goroutine.
type Gate struct {
	archive interface {
		Segments() []archive.SegmentInfo
		Actions() []archive.ActionInfo
	}
	policy *policy.Store
	now    func() time.Time

	mu   sync.Mutex // of the list, which is made again when the manifest has grown
	seen [2]int
	days map[dayKey]bool // days of which something is sealed, or was, and expired
}

// dayKey is a day of a class as another store writes its name.
type dayKey struct{ class, day string }

// NewGate returns a gate before an archive, which may be one that is only read.
func NewGate(a interface {
	Segments() []archive.SegmentInfo
	Actions() []archive.ActionInfo
}, p *policy.Store, now func() time.Time) *Gate {
	if now == nil {
		now = time.Now
	}
	return &Gate{archive: a, policy: p, now: now}
}

// fold is a class as the name of an index has it: capitals, hyphens and other characters are lost there, so classes that differ
// in them alone are taken for one, and each has to agree.
func fold(class string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, strings.ToValidUTF8(class[:min(len(class), 100)], "_"))
}

// MayDrop tells whether the events of a class from a moment to another, whole UTC days, may be deleted elsewhere; why says why
// not. The class may be written as in the name of an index.
func (g *Gate) MayDrop(class string, from, to time.Time) (may bool, why string) {
	segments, actions := g.archive.Segments(), g.archive.Actions()
	class = fold(class)
	days := g.index(segments, actions)
	known := false
	for d := from.UTC().Truncate(24 * time.Hour); d.Before(to); d = d.AddDate(0, 0, 1) {
		// A day without any record has no file: one day of the span that is known shows that the archive is the right one, and
		// that it was sealed far enough is asked elsewhere.
		known = known || days[dayKey{class, d.Format(time.DateOnly)}]
	}
	if !known {
		return false, "the archive has sealed nothing of these days"
	}
	now := g.now()
	holds := plan.Holds(actions)
	for i := range segments {
		s := &segments[i]
		day, err := time.Parse(time.DateOnly, s.Day)
		if err != nil || day.Before(from) || !day.Before(to) || fold(s.Class) != class {
			continue
		}
		for j := range holds {
			// Whether the hold's query finds anything in it is not asked: a copy that is kept too long costs room, and no more.
			if h := &holds[j]; h.Active(now) && h.Overlaps(s) {
				return false, fmt.Sprintf("the hold %s may want them", h.ID)
			}
		}
	}
	return true, ""
}

// MustDrop tells whether the policy says that the events of a class of a UTC day must be gone by now. MayDrop is asked all the
// same: a hold wins.
func (g *Gate) MustDrop(class string, day time.Time) bool {
	p, now := g.policy.Current(), g.now()
	class = fold(class)
	for _, name := range p.Names() {
		if fold(name) != class {
			continue
		}
		if _, gone, ok := p.Due(name, day.UTC().Format(time.DateOnly)); ok && !gone.IsZero() && !now.Before(gone) {
			return true
		}
	}
	return false
}

// Keep is about how long events of a class are kept; 0: for ever, or nobody knows.
func (g *Gate) Keep(class string) time.Duration {
	p := g.policy.Current()
	class = fold(class)
	for _, name := range p.Names() {
		if fold(name) == class {
			return p.Class(name, g.now()).Keep.Span()
		}
	}
	return 0
}

// index returns the days of which the archive has sealed something, whether it is still there or has expired.
func (g *Gate) index(segments []archive.SegmentInfo, actions []archive.ActionInfo) map[dayKey]bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if seen := [2]int{len(segments), len(actions)}; g.days == nil || seen != g.seen {
		g.seen, g.days = seen, map[dayKey]bool{}
		for i := range segments {
			g.days[dayKey{fold(segments[i].Class), segments[i].Day}] = true
		}
		for i := range actions {
			var x manifest.Expiry
			if actions[i].Kind == manifest.KindExpiry && json.Unmarshal(actions[i].Body, &x) == nil {
				g.days[dayKey{fold(x.Class), x.Day}] = true
			}
		}
	}
	return g.days
}
