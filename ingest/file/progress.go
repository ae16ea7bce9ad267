package file

import (
	"sync"
)

// progress follows what of one content was emitted and what of it is in Kafka. Batches are done in any order, and the
// place that is safe is the end of those before the first that is not. The worker that reads the file and the front
// door's goroutines use it.
type progress struct {
	mu      sync.Mutex
	pending []*part // in the order of the file
	open    int     // of pending, emitted and not heard of
	failed  bool    // one of pending was not taken
}

// part is a stretch of a file that was emitted as one batch.
type part struct {
	upTo fingerprint // what is known of the file when the part is done
	done bool
}

// begin adds a part that is about to be emitted.
func (p *progress) begin(upTo fingerprint) *part {
	it := &part{upTo: upTo}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pending = append(p.pending, it)
	p.open++
	return it
}

// end says what became of a part. It returns the place that is safe now, if that moved.
func (p *progress) end(it *part, err error) (safe fingerprint, moved bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
	if err != nil {
		p.failed = true
		return fingerprint{}, false
	}
	it.done = true
	for len(p.pending) > 0 && p.pending[0].done {
		safe, moved = p.pending[0].upTo, true
		p.pending[0] = nil
		p.pending = p.pending[1:]
	}
	return safe, moved
}

// state tells whether a part failed, and whether all of them were heard of.
func (p *progress) state() (failed, settled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed, p.open == 0
}

// restart forgets the parts from the first failed one on, for another try, and tells whether there was one behind it
// that is in Kafka. All parts must have been heard of.
func (p *progress) restart() (hole bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, it := range p.pending {
		hole = hole || it.done
	}
	p.pending, p.failed = nil, false
	return hole
}
