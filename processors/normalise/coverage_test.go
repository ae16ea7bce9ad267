package normalise

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/internal/state"
	"weir/rules/coverage"
)

var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// part makes an acknowledged batch of offsets, with so many events, read by a set at a second.
func part(set string, from, to int64, events int64, second int) *batch {
	b := &batch{from: from, to: to, set: set, at: start.Add(time.Duration(second) * time.Second)}
	if events > 0 {
		b.tried = []tried{{"d", 0, events, start.UnixNano() + from, start.UnixNano() + to}}
	}
	return b
}

func short(s *coverage.Stretch) string {
	return fmt.Sprintf("%s %d-%d:%d", s.Set, s.From, s.To, s.Events())
}

func TestCover(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		batches []*batch
		now     int // seconds after the start
		due     string
		open    string
	}{
		"a first batch stays open":           {[]*batch{part("A", 5, 9, 3, 0)}, 1, "", "A 5-9:3"},
		"batches are one stretch":            {[]*batch{part("A", 5, 9, 3, 0), part("A", 9, 20, 0, 1), part("A", 20, 22, 2, 2)}, 3, "", "A 5-22:5"},
		"a minute is enough":                 {[]*batch{part("A", 5, 9, 3, 0), part("A", 9, 20, 1, 59)}, 60, "A 5-20:4", " 0-0:0"},
		"another set begins another":         {[]*batch{part("A", 5, 9, 3, 0), part("B", 9, 20, 1, 1), part("C", 20, 21, 1, 2)}, 3, "A 5-9:3, B 9-20:1", "C 20-21:1"},
		"what holds no event is no document": {[]*batch{part("A", 5, 9, 0, 0)}, 500, "", "A 5-9:0"},
		"and goes to the set after it":       {[]*batch{part("A", 5, 9, 0, 0), part("B", 9, 20, 1, 1)}, 500, "B 5-20:1", " 0-0:0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &covering{Coverage: &Coverage{}}
			var due []string
			for _, d := range c.cover(tt.batches, "raw", 4, start.Add(time.Duration(tt.now)*time.Second)) {
				due = append(due, short(&d.stretch))
			}
			if got := strings.Join(due, ", "); got != tt.due || short(&c.open) != tt.open {
				t.Errorf("due %q, open %q", got, short(&c.open))
			}
			var k kept
			if err := json.Unmarshal(c.value(), &k); err != nil || len(k.Closing) != len(due) || (k.Open != nil) != (c.open.To > 0) {
				t.Errorf("kept %s, %v", c.value(), err)
			}
			for _, d := range c.closing {
				d.acked.Store(true)
			}
			if c.value(); len(c.closing) != 0 {
				t.Error("what the broker has is kept for ever")
			}
		})
	}
}

// covered makes a worker that begins at offset 100 of a partition whose store holds value. asked are the rule sets whose
// description was asked for.
func covered(t *testing.T, value string) (w *worker, out *written, store func() kept, asked *[]string) {
	t.Helper()
	dir := t.TempDir()
	opener := state.Folder(dir, slog.New(slog.DiscardHandler))
	if value != "" {
		s, err := opener.Open("raw", 4)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := state.SaveAndWait(t.Context(), s, []state.Change{{Key: stretchKey, Value: []byte(value)}}); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	w, out, _ = lone(t)
	asked = &[]string{}
	w.opts.Coverage = &Coverage{
		Store:   opener.Open,
		RuleSet: func(hash string, done func(error)) { *asked = append(*asked, hash); done(nil) },
	}
	if err := w.openCoverage(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	store = func() (k kept) {
		s, err := opener.Open("raw", 4)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		values, err := s.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v := values[stretchKey]; v != nil {
			if err := json.Unmarshal(v, &k); err != nil {
				t.Fatal(err)
			}
		}
		return k
	}
	return w, out, store, asked
}

func keptText(t *testing.T, k kept) string {
	t.Helper()
	b, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestOpenCoverage: what a worker that died has left is written, or goes on.
func TestOpenCoverage(t *testing.T) {
	s := func(from, to int64, events int64) coverage.Stretch {
		x := coverage.Stretch{Topic: "raw", Partition: 4, From: from, To: to, Set: "A", Began: start, Ended: start}
		if events > 0 {
			x.Spans = []coverage.Span{{Dataset: "d", Events: events, First: start, Last: start}}
		}
		return x
	}
	ptr := func(x coverage.Stretch) *coverage.Stretch { return &x }
	for name, tt := range map[string]struct {
		value string
		docs  string // ends of the stretches that are written
		open  string
	}{
		"nothing":                          {"", "", " 0-0:0"},
		"it goes on":                       {keptText(t, kept{Open: ptr(s(50, 100, 7))}), "", "A 50-100:7"},
		"records are read again":           {keptText(t, kept{Open: ptr(s(50, 130, 7))}), "129", " 0-0:0"},
		"a hole stays one":                 {keptText(t, kept{Open: ptr(s(50, 90, 7))}), "89", " 0-0:0"},
		"without events it is no document": {keptText(t, kept{Open: ptr(s(50, 130, 0))}), "", " 0-0:0"},
		"documents on their way":           {keptText(t, kept{Open: ptr(s(80, 100, 1)), Closing: []coverage.Stretch{s(0, 50, 1), s(50, 80, 1)}}), "49 79", "A 80-100:1"},
		"what cannot be read":              {`{"open":7}`, "", " 0-0:0"},
	} {
		t.Run(name, func(t *testing.T) {
			w, out, _, asked := covered(t, tt.value)
			var docs []string
			prev := ""
			for _, r := range out.take("events") {
				pos, err := record.ParsePos(string(r.Headers[0].Value))
				if err != nil || pos.Topic != "raw"+CoverageChain || pos.Partition != 4 || string(r.Headers[1].Value) != prev || r.Partition != 4 {
					t.Errorf("%s stands at %s behind %s, %v", r.Value, r.Headers[0].Value, r.Headers[1].Value, err)
				}
				prev = string(r.Headers[0].Value)
				docs = append(docs, fmt.Sprint(pos.Offset))
			}
			if got := strings.Join(docs, " "); got != tt.docs || short(&w.covering.open) != tt.open || len(*asked) != len(docs) {
				t.Errorf("written %q, open %s, described %v", got, short(&w.covering.open), *asked)
			}
		})
	}
}

// TestCoverageIsKeptBeforeTheOffsetIs: a checkpoint is answered when counts, what is open, the document and the description
// are durable, and not before.
func TestCoverageIsKeptBeforeTheOffsetIs(t *testing.T) {
	w, out, store, asked := covered(t, "")
	answered := 0
	var failed error
	b := part("A", 100, 110, 5, 0) // long ago, so a document is due
	b.answer, b.acked = func(err error) { answered, failed = answered+1, err }, make(chan struct{})
	close(b.acked)
	w.pending = []*batch{b}
	w.checkpoint()
	if k := store(); len(k.Closing) != 1 || k.Open != nil || short(&k.Closing[0]) != "A 100-110:5" {
		t.Errorf("kept %+v", k)
	}
	if answered != 0 || fmt.Sprint(*asked) != "[A]" {
		t.Errorf("answered %d times before the broker has anything, described %v", answered, *asked)
	}
	recs := out.take("events")
	if len(recs) != 1 {
		t.Fatalf("%d documents", len(recs))
	}
	var e event.Event
	if err := e.Decode(recs[0].Value); err != nil {
		t.Fatal(err)
	}
	if s, ok := coverage.ReadStretch(&e); !ok || short(&s) != "A 100-110:5" || e.Str(event.WeirSrc) != "raw#coverage/4/109/0" {
		t.Errorf("%s", recs[0].Value)
	}
	names := ""
	for _, h := range recs[0].Headers {
		names += h.Key + " "
	}
	if names != "weir-src weir-prev weir-id weir-day " { // an input would make it a received record
		t.Errorf("headers %s", names)
	}
	a := w.answers.open[0]
	for _, err := range []error{nil, errors.New("refused")} { // the counts and the document
		if answered != 0 {
			t.Error("answered too early")
		}
		w.answers.got(a, err)
	}
	if answered != 1 || failed == nil {
		t.Errorf("answered %d times with %v", answered, failed)
	}
}

// TestSee counts by dataset and log source, and is bounded.
func TestSee(t *testing.T) {
	t.Parallel()
	b := &batch{classes: twoClasses{}}
	see := func(dataset, message string, at int64) {
		var e event.Event
		e.SetStr(event.EventDataset, dataset)
		e.SetStr(event.Message, message)
		e.Set(event.WeirTime, event.At(time.Unix(at, 0)))
		b.see(&e)
	}
	for i, x := range [][2]string{{"a", "x"}, {"a", "x"}, {"b", "x"}, {"a", "yy"}, {"a", "x"}} {
		see(x[0], x[1], int64(10-i))
	}
	var got []string
	for _, s := range b.spans() {
		got = append(got, fmt.Sprintf("%s %s %d %d-%d", s.Dataset, s.Source, s.Events, s.First.Unix(), s.Last.Unix()))
	}
	if want := []string{"a class 1 3 6-10", "b class 1 1 8-8", "a class 2 1 7-7"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for i := range 2 * maxTried {
		see(fmt.Sprint("many", i), "x", 1)
	}
	n := int64(0)
	for _, s := range b.spans() {
		n += s.Events
	}
	if len(b.tried) != maxTried+1 || n != 5+2*maxTried {
		t.Errorf("%d rows, %d events", len(b.tried), n)
	}
}

// TestSee_Apart: an event of another time than the rest is a row of its own, up to a bound, and then the nearest takes it.
func TestSee_Apart(t *testing.T) {
	t.Parallel()
	b := &batch{}
	var e event.Event
	see := func(dataset string, min int) {
		e.SetStr(event.EventDataset, dataset)
		e.Set(event.WeirTime, event.At(start.Add(time.Duration(min)*time.Minute)))
		b.see(&e)
	}
	rows := func() string {
		var got []string
		for _, s := range b.spans() {
			got = append(got, fmt.Sprintf("%s %d %.0f-%.0f", s.Dataset, s.Events, s.First.Sub(start).Minutes(), s.Last.Sub(start).Minutes()))
		}
		return strings.Join(got, ", ")
	}
	for _, min := range []int{0, 1, -20000, 2, -20005, 12, 23, -20016, 13, -8, -19} {
		see("a", min)
	}
	see("b", -20000)
	if got := rows(); got != "a 6 -8-13, a 2 -20005--20000, a 1 23-23, a 1 -20016--20016, a 1 -19--19, b 1 -20000--20000" {
		t.Error(got)
	}
	b = &batch{}
	for i := range 3 * maxTried {
		see("a", 20*i)
	}
	see("a", -50)
	see("new", 0)
	n := int64(0)
	for _, s := range b.spans() {
		n += s.Events
	}
	if len(b.tried) != maxApart+1 || n != 3*maxTried+2 || !strings.HasPrefix(rows(), "a 2 -50-0, a 1 20-20, ") || !strings.HasSuffix(rows(), fmt.Sprintf(" %d-%d, new 1 0-0", 20*(maxApart-1), 20*(3*maxTried-1))) {
		t.Errorf("%d rows, %d events: %s", len(b.tried), n, rows())
	}
}

// twoClasses tells events apart by the length of their message.
type twoClasses struct{}

func (twoClasses) Class(e *event.Event) uint32   { return uint32(len(e.Str(event.Message))) }
func (twoClasses) ClassName(class uint32) string { return fmt.Sprint("class ", class) }

// BenchmarkSee is what coverage costs for each event.
func BenchmarkSee(b *testing.B) {
	var e event.Event
	e.SetStr(event.EventDataset, "system.auth")
	e.Set(event.WeirTime, event.At(start))
	batch := &batch{}
	b.ReportAllocs()
	for b.Loop() {
		batch.see(&e)
	}
}
