package normalise

import (
	"weir/event"
	"weir/internal/rerun"
	"weir/processors"
)

// Reader reads originals again as the stage would, and writes nothing. It belongs to one goroutine.
type Reader struct {
	opts   *Options
	parser processors.Parser
	e      event.Event
}

// NewReader makes a reader with today's formats, enrichment and filters.
func (s *Stage) NewReader() *Reader { return &Reader{opts: &s.opts, parser: s.opts.NewParser()} }

// Reading is what an original would become.
type Reading struct {
	// Doc is the document under the order's own id; nil: there is none, or it says the same as before.
	Doc  []byte
	Same bool // it says the same
	// More counts events under other ids, Filtered those that a filter drops.
	More, Filtered int
	// Failed is why it cannot be read to its end; nil: it can.
	Failed *processors.DeadLetter
}

// Read reads one original.
func (r *Reader) Read(o *rerun.Order, original []byte) Reading {
	a := &again{Order: *o, raw: o.Raw(original)}
	var out Reading
	sub := int32(0)
	err := a.parse(r.parser, &r.e, func(e *event.Event) error {
		at := sub
		sub++
		if at < a.Skip {
			return nil
		}
		id := a.id(at)
		e.Set(event.EventID, event.Str(id))
		e.Set(event.WeirRevision, event.Num(a.number(id)))
		if !e.Has(event.WeirTime) {
			e.Set(event.WeirTime, event.At(a.raw.Received))
		}
		switch {
		case !a.finish(e, r.opts, id == a.ID):
			out.Filtered++
		case id != a.ID:
			out.More++
		default:
			if out.Doc = e.AppendJSON(nil); a.same(out.Doc) {
				out.Doc, out.Same = nil, true
			}
		}
		return nil
	})
	switch {
	case err != nil:
		out.Failed = asDeadLetter(err)
	case sub == 0:
		out.Filtered++
	}
	return out
}
