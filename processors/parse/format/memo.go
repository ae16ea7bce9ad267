package format

import "strings"

// A search for all that formats ask for costs some nanoseconds a byte. But messages that begin alike are mostly of one format:
// what a message was found to be is remembered by its first bytes, and the next one is asked about that at once. A format is only
// remembered after a message that no other one fits, and only taken for a message that it fits and that no rival fits: what a
// message is then does not depend on those before it, unless it fits two formats that have nothing to do with each other.

// memo is what one goroutine remembers. Places are few and small, so that they stay in the nearest cache.
type memo struct {
	table *table // of which formats it is
	ways  [memoSize]*way
}

// memoSize is a power of two; memoHead is how many bytes of a message choose the place.
const (
	memoSize = 64
	memoHead = 8
)

// place returns where messages that begin like text are remembered. Digits count as one: they are times and numbers.
func place(text string) int {
	h := uint32(2166136261)
	for i := range min(len(text), memoHead) {
		c := text[i]
		if c >= '0' && c <= '9' {
			c = '0'
		}
		h = (h ^ uint32(c)) * 16777619
	}
	return int((h ^ h>>15) % memoSize)
}

// remembered returns the format of a message by what it has in it, nil if none fits.
func (l *Look) remembered(t *table) *Format {
	if l.memo == nil || l.memo.table != t { // formats were loaded again
		l.memo = &memo{table: t}
	}
	at := &l.memo.ways[place(l.Head.Message)]
	if w := *at; w != nil && w.fits(l) && !w.beaten(l) {
		return w.format
	}
	best, alone := l.found(t)
	if best == nil {
		return nil
	}
	if alone {
		*at = best
	}
	return best.format
}

// beaten tells whether a message fits a rival too.
func (w *way) beaten(l *Look) bool {
	for _, r := range w.rivals {
		if r.fits(l) {
			return true
		}
	}
	return false
}

// findRivals fills in the rivals of ways, which are in order.
func findRivals(ways []*way) {
	for i, w := range ways {
		if !w.searched() {
			continue
		}
		for _, r := range ways[:i] {
			if r.searched() && (!r.format.Shipped || r.refines(w)) {
				w.rivals = append(w.rivals, r)
			}
		}
	}
}

// searched tells whether a way is found by the search for texts.
func (w *way) searched() bool {
	return w.input == "" && !w.last && len(w.starts) == 0 && len(w.programs) == 0 && len(w.contains) > 0
}

// refines tells whether one of the alternatives of w asks for all that one of o's asks for.
func (w *way) refines(o *way) bool {
	for _, all := range o.contains {
		for _, more := range w.contains {
			if covers(more, all) {
				return true
			}
		}
	}
	return false
}

// covers tells whether each text of all is in one of more.
func covers(more, all []string) bool {
	for _, s := range all {
		in := false
		for _, t := range more {
			in = in || strings.Contains(t, s)
		}
		if !in {
			return false
		}
	}
	return true
}
