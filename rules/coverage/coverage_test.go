package coverage

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"weir/event"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// at is so many minutes after noon.
func at(min int) time.Time { return noon.Add(time.Duration(min) * time.Minute) }

func stretch(set string, partition int32, from, to int64, began, ended int, spans ...Span) Stretch {
	return Stretch{Topic: "weir.raw.syslog", Partition: partition, From: from, To: to, Set: set, Began: at(began), Ended: at(ended), Spans: spans}
}

// written returns what a document becomes on its way through the archive.
func written(t testing.TB, fill func(e *event.Event)) *event.Event {
	t.Helper()
	var e, back event.Event
	fill(&e)
	if err := back.Decode(e.AppendJSON(nil)); err != nil {
		t.Fatal(err)
	}
	return &back
}

func TestStretch_RoundTrip(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]Stretch{
		"several spans": stretch("0123456789abcdef0123456789abcdef", 3, 10, 70, 0, 1,
			Span{"system.auth", "linux//sshd+sudo", 50, at(-9).Add(time.Millisecond), at(1)}, Span{"cisco_asa.log", "", 9, at(-90), at(0)}),
		"one span":  stretch("s", 0, 0, 1, 0, 0, Span{"d", "windows/process_creation/", 1, at(0), at(0)}),
		"no events": stretch("s", 0, 5, 9, 0, 2),
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := ReadStretch(written(t, s.Event))
			if !ok || !reflect.DeepEqual(got, s) {
				t.Errorf("got  %+v\nwant %+v", got, s)
			}
		})
	}
}

func TestStretch_Document(t *testing.T) {
	t.Parallel()
	s := stretch("0123456789abcdef0123456789abcdef", 3, 10, 70, 0, 1, Span{"a", "", 50, at(-9), at(1)}, Span{"b", "", 9, at(-90), at(0)})
	e := written(t, s.Event)
	for path, want := range map[string]string{
		"@timestamp": "2026-11-21T12:01:00.000Z", "event.id": "weir.raw.syslog/3/10-70/01234567", "event.dataset": "weir.coverage", "event.action": "events-evaluated",
		"weir.class": "audit", "weir.coverage.events": "59", "weir.coverage.first": "2026-11-21T10:30:00.000Z", "weir.coverage.last": "2026-11-21T12:01:00.000Z",
		"weir.ruleset.hash": "0123456789abcdef0123456789abcdef", "event.kind": "state",
		"message": "rule set 01234567 evaluated 59 events of weir.raw.syslog/3, offsets 10 to 69",
	} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	if a, b := written(t, s.Event).AppendJSON(nil), written(t, s.Event).AppendJSON(nil); string(a) != string(b) {
		t.Error("a stretch that is written again is another document")
	}
}

func TestReadStretch_Others(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"an event":         `{"event":{"dataset":"system.auth"}}`,
		"a rule set":       `{"event":{"dataset":"weir.coverage","action":"rules-used"}}`,
		"no offsets":       `{"event":{"dataset":"weir.coverage","action":"events-evaluated"},"weir":{"ruleset":{"hash":"h"},"coverage":{"topic":"t"}}}`,
		"turned about":     `{"event":{"dataset":"weir.coverage","action":"events-evaluated"},"weir":{"ruleset":{"hash":"h"},"coverage":{"topic":"t","from":9,"to":3}}}`,
		"without its set":  `{"event":{"dataset":"weir.coverage","action":"events-evaluated"},"weir":{"coverage":{"topic":"t","from":1,"to":3}}}`,
		"without a topic":  `{"event":{"dataset":"weir.coverage","action":"events-evaluated"},"weir":{"ruleset":{"hash":"h"},"coverage":{"from":1,"to":3}}}`,
		"strange spans":    `{"event":{"dataset":"weir.coverage","action":"events-evaluated"},"weir":{"ruleset":{"hash":"h"},"coverage":{"topic":"t","from":1,"to":1,"sources":[1,"x"]}}}`,
		"nothing whatever": `{}`,
	} {
		var e event.Event
		if err := e.Decode([]byte(doc)); err != nil {
			t.Fatal(err)
		}
		if s, ok := ReadStretch(&e); ok {
			t.Errorf("%s was read as %+v", name, s)
		}
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	var s Stretch
	s.Add([]Span{{"a", "x", 1, at(5), at(6)}, {"b", "x", 1, at(0), at(0)}})
	s.Add([]Span{{"a", "x", 2, at(4), at(5)}, {"a", "y", 4, at(1), at(9)}})
	want := []Span{{"a", "x", 3, at(4), at(6)}, {"b", "x", 1, at(0), at(0)}, {"a", "y", 4, at(1), at(9)}}
	if !reflect.DeepEqual(s.Spans, want) || s.Events() != 8 {
		t.Errorf("%+v", s.Spans)
	}
	if first, last := s.times(); !first.Equal(at(0)) || !last.Equal(at(9)) {
		t.Errorf("from %s to %s", first, last)
	}
}

// TestAdd_Apart: an old event among new ones is a span of its own, whatever the order in which they come; there is room for so many,
// and what is more goes to the nearest.
func TestAdd_Apart(t *testing.T) {
	t.Parallel()
	var s Stretch
	s.Add([]Span{{"a", "x", 1, at(0), at(5)}})
	s.Add([]Span{{"a", "x", 1, at(-9000), at(-9000)}, {"a", "x", 1, at(15), at(16)}, {"b", "x", 1, at(-9000), at(-9000)}})
	s.Add([]Span{{"a", "x", 2, at(-9010), at(-9009)}, {"a", "x", 1, at(27), at(28)}, {"a", "y", 1, at(16), at(16)}})
	s.Add([]Span{{"a", "x", 1, at(20), at(20)}})
	want := []Span{{"a", "x", 3, at(0), at(20)}, {"a", "x", 3, at(-9010), at(-9000)}, {"b", "x", 1, at(-9000), at(-9000)}, {"a", "x", 1, at(27), at(28)}, {"a", "y", 1, at(16), at(16)}}
	if !reflect.DeepEqual(s.Spans, want) {
		t.Errorf("%+v", s.Spans)
	}
	s = Stretch{}
	for i := range 3 * maxSpans {
		s.Add([]Span{{"a", "x", 1, at(20 * i), at(20 * i)}})
	}
	s.Add([]Span{{"a", "x", 1, at(-50), at(-50)}, {"new", "x", 1, at(0), at(0)}})
	if len(s.Spans) != maxApart+1 || s.Events() != 3*maxSpans+2 || !s.Spans[0].First.Equal(at(-50)) || !s.Spans[0].Last.Equal(at(0)) || !s.Spans[maxApart-1].Last.Equal(at(20*(3*maxSpans-1))) || s.Spans[maxApart].Dataset != "new" {
		t.Errorf("%d spans, %d events: %+v", len(s.Spans), s.Events(), s.Spans[0])
	}
}

// TestAdd_IsBounded: a sender that invents datasets makes no document of any size, and no event is lost from the counts.
func TestAdd_IsBounded(t *testing.T) {
	t.Parallel()
	var s Stretch
	for i := range 3 * maxSpans {
		s.Add([]Span{{fmt.Sprintf("d%d", i), "x", 1, at(i), at(i)}})
	}
	if len(s.Spans) != maxSpans+1 || s.Events() != 3*maxSpans {
		t.Errorf("%d spans, %d events", len(s.Spans), s.Events())
	}
	if o := s.nearest(&Span{Dataset: other}); o == nil || o.Events != 2*maxSpans || !o.Last.Equal(at(3*maxSpans-1)) {
		t.Errorf("%+v", o)
	}
}

// Whatever stands in an archive: what is read as a stretch is one, and reads the same when it is written again.
func FuzzReadStretch(f *testing.F) {
	s := stretch("h", 1, 2, 9, 0, 1, Span{"d", "a/b/c", 7, at(0), at(1)})
	var e event.Event
	s.Event(&e)
	f.Add(e.AppendJSON(nil))
	f.Add([]byte(`{"event":{"dataset":"weir.coverage","action":"events-evaluated","start":"2026-11-21T00:00:00Z"},"weir":{"ruleset":{"hash":"h"},"coverage":{"topic":"t","from":1,"to":3,"sources":{"dataset":"d","events":"7"}}}}`))
	f.Add([]byte(`{"event":{"dataset":"weir.coverage","action":"rules-used"},"weir":{"ruleset":{"hash":"h","part":1,"parts":1,"rules":[{"id":"a","needs":["x y"]}]}}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		var e event.Event
		if e.Decode(doc) != nil {
			return
		}
		var sets Sets
		sets.Read(&e)
		for hash, set := range sets.All() {
			if set.Hash != hash {
				t.Fatalf("%q is kept as %q", set.Hash, hash)
			}
		}
		s, ok := ReadStretch(&e)
		if !ok {
			return
		}
		if s.From >= s.To || s.Topic == "" {
			t.Fatalf("%+v is no stretch", s)
		}
		again, ok := ReadStretch(written(t, s.Event))
		if !ok || again.From != s.From || again.To != s.To || again.Events() != s.Events() || len(again.Spans) != len(s.Spans) {
			t.Fatalf("%+v became %+v", s, again)
		}
	})
}
