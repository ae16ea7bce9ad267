// Package why says where the values of an event come from: which step of which format wrote each, out of which bytes.
package why

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weir/event"
	"weir/internal/rerun"
	"weir/internal/trace"
	"weir/processors"
	"weir/processors/parse"
	"weir/processors/parse/format"
)

// Maker makes a parser as live has it, with the two functions of the options set that tell what it does. The parser is of
// one goroutine.
type Maker func(tell func(*parse.Options)) (*parse.Parser, error)

// Explainer reads an event's record again as live does, and follows its values. It may be used from many goroutines: each
// question has a parser of its own.
type Explainer struct {
	make  Maker
	added func(*event.Event) // enrichment and class; nil: none
}

// New makes an explainer. added puts to a parsed event what live adds behind the parser, so that what comes from there is
// told apart; it may be nil.
func New(m Maker, added func(*event.Event)) *Explainer { return &Explainer{m, added} }

// Origin says from where a value is.
type Origin string

// Origins.
const (
	Step  Origin = "step"  // a step of a format wrote it
	Added Origin = "added" // what follows the format added it: inventory, databases, the class
	Weir  Origin = "weir"  // weir itself: ids, times of receipt, the original
	Other Origin = "other" // today's formats do not make it: it is of an older one, or of another revision
)

// Field is one value and its way.
type Field struct {
	Path, Value string
	Origin      Origin
	// Of a step: its kind, and where it stands.
	Kind, File string
	Line       int
	// Reads are what the step looked at.
	Reads []string
	// From and To are where the value stands in the original, in bytes; -1 if it does not as it is.
	From, To int
	// Differs tells that today's formats give another value, which is Now.
	Differs bool
	Now     string
}

// Story is the way of a whole event.
type Story struct {
	Record   trace.Record
	Original string
	// Format is the name of the format that read it, File where it stands, By and What how it was recognised.
	Format, File, By, What string
	Header                 bool
	Fields                 []Field
	// Silent says why the record cannot be read again; the fields then have only their places in the original.
	Silent string
}

// own are fields that weir gives an event and no format.
var own = []string{"event.id", "event.ingested", "event.created", "event.original", "event.hash", "ecs.version", "log.source.", "weir.src", "weir.time", "weir.revision", "weir.input", "weir.transport", "weir.rules", "weir.original_base64", "weir.revised."}

// Explain follows the values of a stored document. The document itself says what is shown: what is read again only says
// where that came from.
func (x *Explainer) Explain(doc []byte) (*Story, error) {
	var e event.Event
	if err := e.Decode(doc); err != nil {
		return nil, fmt.Errorf("reading a document: %w", err)
	}
	s := &Story{Record: trace.RecordOf(&e), Original: trace.Original(&e)}
	values(&e, func(path, value string) {
		f := Field{Path: path, Value: value, Origin: Other, From: -1, To: -1}
		if slices.ContainsFunc(own, func(p string) bool { return path == p || strings.HasSuffix(p, ".") && strings.HasPrefix(path, p) }) {
			f.Origin = Weir
		} else {
			at := trace.Find(s.Original, trace.Part{Value: value})
			f.From, f.To = at.From, at.To
		}
		s.Fields = append(s.Fields, f)
	})
	slices.SortFunc(s.Fields, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	if x == nil {
		s.Silent = "the process that serves this page reads no records"
		return s, nil
	}
	if err := x.again(s, doc); err != nil {
		s.Silent = err.Error()
	}
	return s, nil
}

// errAnother ends the reading of a record that makes several events once the one that was asked for has come.
var errAnother = errors.New("enough")

// again reads the record once more with somebody watching, and writes what was seen to the fields.
func (x *Explainer) again(s *Story, doc []byte) error {
	var e event.Event
	order, original, err := rerun.Of(doc, &e)
	if err != nil {
		return err
	}
	w := watch{}
	p, err := x.make(func(o *parse.Options) { o.Trace, o.Recognised = w.step, func(r parse.Recognised) { w.recognised = r } })
	if err != nil {
		return fmt.Errorf("making a parser: %w", err)
	}
	raw := order.Raw(original)
	var got, added map[string]string
	err = p.ParseAgain("", order.Was, order.Part, &raw, &e, func(e *event.Event) error {
		got = table(e)
		if x.added != nil {
			x.added(e)
			added = table(e)
		}
		return errAnother
	})
	var dead *processors.DeadLetter
	switch {
	case errors.Is(err, errAnother):
	case errors.As(err, &dead):
		return fmt.Errorf("today it would be a dead letter: %w", dead)
	case err != nil:
		return err
	default:
		return errors.New("today's format drops it")
	}
	if r := w.recognised; r.Format != nil {
		s.Format, s.File, s.By, s.What, s.Header = r.Format.Name(), r.Format.File, r.By, r.What, r.Header
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.Origin == Weir {
			continue
		}
		now, parsed := got[f.Path]
		if t := w.last(f.Path); t != nil && parsed {
			f.Origin, f.Kind, f.File, f.Line = Step, t.kind, t.file, t.line
			f.Reads = t.reads
		} else if parsed {
			f.Origin = Step // the reader of the header, or what every event gets
		}
		if !parsed {
			now, parsed = added[f.Path], added[f.Path] != ""
			if parsed {
				f.Origin = Added
			}
		}
		f.Differs, f.Now = parsed && now != f.Value, now
	}
	return nil
}

// watch remembers what steps wrote. Its memory is bounded by the steps of one format.
type watch struct {
	recognised parse.Recognised
	steps      []written
}

// written is a step that wrote something.
type written struct {
	kind, file  string
	line, depth int
	places      []string
	reads       []string
}

// maxReads bounds what is shown of what a step looked at.
const maxReads = 4

func (w *watch) step(t format.Trace) {
	if t.Outcome == "skipped" || t.Outcome == "failed" || len(t.Writes) == 0 {
		return
	}
	s := written{kind: t.Kind, file: t.File, line: t.Line, depth: t.Depth}
	for _, a := range t.Writes {
		s.places = append(s.places, strings.Clone(a.Place))
	}
	for _, a := range t.Reads {
		if len(s.reads) < maxReads {
			s.reads = append(s.reads, strings.Clone(a.Place))
		}
	}
	w.steps = append(w.steps, s)
}

// last is the step that wrote a field last. A step around others is told after them and has written what they did: the
// innermost says where the value is really made.
func (w *watch) last(path string) (found *written) {
	for i := len(w.steps) - 1; i >= 0; i-- {
		s := &w.steps[i]
		if found != nil && s.depth <= found.depth {
			if s.depth < found.depth {
				break // before the one around
			}
			continue
		}
		if slices.ContainsFunc(s.places, func(place string) bool { return place == path || strings.HasPrefix(path, place+".") }) {
			found = s
		}
	}
	return found
}

// table is the values of an event by path, as texts of their own.
func table(e *event.Event) map[string]string {
	out := map[string]string{}
	values(e, func(path, value string) { out[path] = value })
	return out
}

// values calls each for every value of an event, members of objects with their whole path.
func values(e *event.Event, each func(path, value string)) {
	e.Each(func(f event.Field, v event.Value) bool { spread(f.Path(), v, each); return true })
	e.EachExtra(func(path string, v event.Value) bool { spread(path, v, each); return true })
}

func spread(path string, v event.Value, each func(path, value string)) {
	switch v.Kind() {
	case event.Object:
		for i := range v.Len() {
			key, x := v.Member(i)
			spread(path+"."+key, x, each)
		}
	case event.List:
		each(path, listText(v))
	default:
		each(path, string(v.AppendText(nil)))
	}
}

// listText is a list as people read it: its values with commas between, JSON where one of them is no plain value.
func listText(v event.Value) string {
	var parts []string
	for i := range v.Len() {
		x := v.Item(i)
		if x.Kind() == event.Object || x.Kind() == event.List {
			var b bytes.Buffer
			if json.Compact(&b, v.AppendJSON(nil)) != nil {
				return string(v.AppendJSON(nil))
			}
			return b.String()
		}
		parts = append(parts, string(x.AppendText(nil)))
	}
	return strings.Join(parts, ", ")
}

// Values calls each for every value of an event, members of objects with their whole path, lists as one text.
func Values(e *event.Event, each func(path, value string)) { values(e, each) }
