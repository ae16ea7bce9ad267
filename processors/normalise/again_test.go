package normalise_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/bus"
	"weir/internal/ledger"
	"weir/internal/record"
	"weir/internal/rerun"
	"weir/processors"
	"weir/processors/normalise"
)

// versions is a parser that is mended: a line says what each version makes of it. "1: ok A | 2: fail reason" is an event
// with the message A in version 1 and a dead letter in version 2; "split A,B" are two events, "drop" is none.
type versions struct{ now *string }

func (p versions) Parse(raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	return p.ParseDataset("test.lines", raw, e, emit)
}

func (p versions) ParseDataset(dataset string, raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	for part := range strings.SplitSeq(string(raw.Value), " | ") {
		version, what, _ := strings.Cut(part, ": ")
		if version != *p.now {
			continue
		}
		verb, rest, _ := strings.Cut(what, " ")
		texts := strings.Split(rest, ",")
		switch verb {
		case "fail":
			return &processors.DeadLetter{Reason: rest, Detail: "version " + version}
		case "drop":
			return nil
		}
		for _, text := range texts {
			if text == "FAIL" {
				return &processors.DeadLetter{Reason: "half", Detail: "version " + version}
			}
			e.Reset()
			e.SetStr(event.Message, text)
			e.SetStr(event.EventDataset, dataset)
			e.Set(event.Timestamp, event.At(raw.Received))
			e.Set(event.EventCreated, event.At(raw.Received))
			e.SetStr(event.WeirInput, raw.Input)
			e.SetStr(event.EventOriginal, string(raw.Value))
			e.SetStr(event.LogSourceAddress, raw.Peer.Addr().String())
			e.SetStr(event.WeirClass, "standard")
			if err := emit(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// reruns is a rig whose parser can be mended, and what was stored so far.
type reruns struct {
	*rig
	emit    func(batch ...record.Raw)
	version string
	seen    map[string]bool // records that were taken, by topic, partition and offset
	newest  map[string][]byte
}

func newReruns(t *testing.T) *reruns {
	t.Helper()
	r := &reruns{version: "1", seen: map[string]bool{}, newest: map[string][]byte{}}
	r.rig, r.emit = openRig(t)
	r.parser = func() processors.Parser { return versions{&r.version} }
	return r
}

// round lets the stage take what was sent and returns the new documents of both topics, sorted: what they are of, their
// revision, and what they say.
func (r *reruns) round() []string {
	r.t.Helper()
	r.start()
	r.stop()
	var out []string
	for _, topic := range []string{bus.Events, bus.DeadLetters} {
		for _, rec := range r.fresh(topic) {
			var e event.Event
			if err := e.Decode(rec.Value); err != nil {
				r.t.Fatal(err)
			}
			id := strings.Clone(e.Str(event.EventID))
			r.newest[id] = rec.Value
			text := e.Str(event.Message)
			if topic == bus.DeadLetters {
				text = "dead " + e.Str(event.WeirDeadletterReason)
				if outcome := e.Str(event.WeirDeadletterOutcome); outcome != "" {
					text = "closed " + outcome
				}
			}
			out = append(out, fmt.Sprintf("%s r%d %s", id[strings.LastIndexByte(id, '/')+1:], e.Get(event.WeirRevision).Int(), text))
		}
	}
	slices.Sort(out)
	return out
}

// fresh returns the records of a topic that were not taken yet.
func (r *reruns) fresh(topic string) (out []*kgo.Record) {
	r.t.Helper()
	for _, rec := range r.all(topic) {
		if k := fmt.Sprint(topic, rec.Partition, "/", rec.Offset); !r.seen[k] {
			r.seen[k] = true
			out = append(out, rec)
		}
	}
	return out
}

// send sends lines as a device would.
func (r *reruns) send(lines ...string) {
	r.t.Helper()
	for _, l := range lines {
		r.emit(record.Raw{Value: []byte(l), Received: time.Unix(1_700_000_000, 5_000_000), Peer: netip.MustParseAddrPort("192.0.2.1:5"), Proto: "tcp", Input: "syslog"})
	}
}

// again orders the newest documents to be read again: those of dead letters, or the others.
func (r *reruns) again(redrive bool) (orders int) {
	r.t.Helper()
	var e event.Event
	for _, doc := range r.newest {
		o, original, err := rerun.Of(doc, &e)
		if err != nil {
			r.t.Fatal(err)
		}
		if e.Decode(doc) != nil || e.Has(event.WeirDeadletterOutcome) || (o.By == rerun.InputRedrive) != redrive {
			continue
		}
		o.Run = "run"
		value, err := o.Append(nil, original)
		if err != nil {
			r.t.Fatal(err)
		}
		r.emit(rerun.Carrier(o.By, value, time.Now()))
		orders++
	}
	return orders
}

// row returns the ledger's row of a source; stored is what the archive would say.
func (r *reruns) row(source string, stored int64) ledger.Row {
	r.t.Helper()
	f := ledger.NewFold()
	for _, rec := range r.all(bus.LedgerTopic) {
		if err := f.Apply(rec.Value); err != nil {
			r.t.Fatal(err)
		}
	}
	for _, row := range f.Balance(ledger.State{Stored: map[string]int64{source: stored}}).Rows {
		if row.Source == source {
			return row
		}
	}
	return ledger.Row{}
}

func TestReadAgain(t *testing.T) {
	for _, tc := range []struct {
		name    string
		line    string
		first   string // documents of version 1
		redrive bool
		want    string // documents of version 2
		counts  string // received split stored duplicate dead filtered
	}{
		{"a dead letter is mended", "1: fail x | 2: ok A", "[1 r1 dead x]", true, "[1 r2 A]", "1 0 1 0 0 0"},
		{"it fails for another reason", "1: fail x | 2: fail y", "[1 r1 dead x]", true, "[1 r2 dead y]", "1 0 0 0 1 0"},
		{"it becomes several events", "1: fail x | 2: split A,B,C", "[1 r1 dead x]", true, "[1 r2 A 1-1 r1 B 1-2 r1 C]", "1 2 3 0 0 0"},
		{"what stood before it stays", "1: split A,B,FAIL | 2: split A,B,C", "[1 r1 A 1-1 r1 B 1-2 r1 dead half]", true, "[1-2 r2 C]", "1 2 1 2 0 0"},
		{"and nothing is left of it", "1: split A,B,FAIL | 2: split A,B", "[1 r1 A 1-1 r1 B 1-2 r1 dead half]", true, "[1-2 r2 closed absorbed]", "1 1 0 2 0 0"},
		{"it fails further back", "1: split A,FAIL | 2: split A,B,FAIL", "[1 r1 A 1-1 r1 dead half]", true, "[1-1 r2 B 1-2 r1 dead half]", "1 2 1 1 1 0"},
		{"it fails further in front", "1: split A,B,FAIL | 2: split A,FAIL", "[1 r1 A 1-1 r1 B 1-2 r1 dead half]", true, "[1-2 r2 dead half]", "1 1 0 1 1 0"},
		{"a filter drops it", "1: fail x | 2: ok noise", "[1 r1 dead x]", true, "[1 r2 closed filtered]", "1 0 0 0 0 1"},
		{"its format drops it", "1: fail x | 2: drop", "[1 r1 dead x]", true, "[1 r2 closed filtered]", "1 0 0 0 0 1"},
		{"an event says something else", "1: ok A | 2: ok B", "[1 r1 A]", false, "[1 r2 B]", "1 0 1 0 0 0"},
		{"an event says the same", "1: ok A | 2: ok A", "[1 r1 A]", false, "[]", "1 0 0 1 0 0"},
		{"an event cannot be read any more", "1: ok A | 2: fail x", "[1 r1 A]", false, "[]", "1 0 0 1 0 0"},
		{"an event becomes several", "1: ok A | 2: split A,B", "[1 r1 A]", false, "[1-x1 r1 B]", "1 1 1 1 0 0"},
		{"an event is dropped", "1: ok A | 2: drop", "[1 r1 A]", false, "[]", "1 0 0 0 0 1"},
		{"a filter would drop an event", "1: ok A | 2: ok noise", "[1 r1 A]", false, "[]", "1 0 0 0 0 1"},
		{"an alarm is no alarm again", "1: ok A | 2: ok alarm", "[1 r1 A]", false, "[1 r2 alarm]", "1 0 1 0 0 0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newReruns(t)
			r.send(tc.line)
			if got := fmt.Sprint(r.round()); got != tc.first {
				t.Fatalf("first: %s, want %s", got, tc.first)
			}
			r.version = "2"
			r.fresh(bus.Signals)
			if n := r.again(tc.redrive); n != 1 {
				t.Fatalf("%d orders", n)
			}
			got := r.round()
			if fmt.Sprint(got) != tc.want {
				t.Errorf("then %s, want %s", got, tc.want)
			}
			by := rerun.InputReparse
			if tc.redrive {
				by = rerun.InputRedrive
			}
			var stored int64
			for _, doc := range got {
				if !strings.Contains(doc, " dead ") && !strings.Contains(doc, " closed ") {
					stored++
				}
			}
			row := r.row(rerun.Source(by), stored)
			if counts := fmt.Sprint(row.Received, row.Split, row.Stored, row.Duplicate, row.Dead, row.Filtered); counts != tc.counts || row.Difference != 0 {
				t.Errorf("the ledger says %s, difference %d; want %s", counts, row.Difference, tc.counts)
			}
			for _, rec := range r.fresh(bus.Signals) {
				if strings.Contains(string(rec.Value), `"match"`) {
					t.Errorf("a rule saw a revision: %s", rec.Value)
				}
			}
		})
	}
}

// TestReadAgain_OnceMore: what was redriven is not open any more, and what failed as before makes no new document.
func TestReadAgain_OnceMore(t *testing.T) {
	r := newReruns(t)
	r.send("1: fail x | 2: ok A | 3: ok B", "1: fail y | 2: fail y | 3: ok C")
	r.round()
	if n := r.again(true); n != 2 { // nothing was mended
		t.Fatalf("%d orders", n)
	}
	if got := r.round(); len(got) != 0 {
		t.Errorf("documents of failures as before: %s", got)
	}
	r.version = "2"
	r.again(true)
	if got := fmt.Sprint(r.round()); got != "[1 r2 A 2 r2 dead y]" {
		t.Errorf("mended: %s", got)
	}
	if n := r.again(true); n != 1 {
		t.Errorf("%d dead letters are open, want 1", n)
	}
	r.version = "3"
	r.again(true)
	if got := fmt.Sprint(r.round()); !strings.HasSuffix(got, "r3 C]") && !strings.HasSuffix(got, "r4 C]") {
		t.Errorf("mended at last: %s", got)
	}
	r.again(false)
	if got := fmt.Sprint(r.round()); got != "[1 r3 B]" {
		t.Errorf("reparsed: %s", got)
	}
}

// TestReadAgain_WhatARevisionSays: its history, its headers for the readers, and whose it is.
func TestReadAgain_WhatARevisionSays(t *testing.T) {
	r := newReruns(t)
	r.send("1: ok A | 2: ok B")
	r.round()
	r.version = "2"
	r.again(false)
	r.start()
	r.stop()
	rec := r.fresh(bus.Events)[0]
	var e event.Event
	if err := e.Decode(rec.Value); err != nil {
		t.Fatal(err)
	}
	for _, tc := range [][2]string{
		{e.GetPath("weir.revised.at").Text(), `["2023-11-14T22:13:20.005Z"]`}, {e.Str(event.WeirRevisedBy), "reparse"}, {e.Str(event.WeirRevisedRun), "run"},
		{e.Str(event.WeirRevisedClass), "standard"}, {e.Str(event.WeirRevisedDay), "2023-11-14"}, {e.Str(event.WeirInput), "syslog"}, {e.Str(event.LogSourceAddress), "192.0.2.1"},
		{bus.Header(rec, record.HeaderID), e.Str(event.EventID)}, {bus.Header(rec, record.HeaderRev), "2"}, {bus.Header(rec, record.HeaderDay), "standard/2023-11-14"},
		{bus.Header(rec, record.HeaderInput), "reparse"}, {bus.Header(rec, record.HeaderOrigin), "events"}, {e.Str(event.WeirSrc), bus.Header(rec, record.HeaderSource)},
	} {
		if tc[0] != tc[1] {
			t.Errorf("got %q, want %q", tc[0], tc[1])
		}
	}
}

// TestReadAgain_As: an order may name the dataset that reads its original.
func TestReadAgain_As(t *testing.T) {
	r := newReruns(t)
	r.send("1: ok A")
	r.round()
	var e event.Event
	for _, doc := range r.newest {
		o, original, err := rerun.Of(doc, &e)
		if err != nil {
			t.Fatal(err)
		}
		o.As = "other.set"
		value, err := o.Append(nil, original)
		if err != nil {
			t.Fatal(err)
		}
		r.emit(rerun.Carrier(o.By, value, time.Now()))
	}
	if got := fmt.Sprint(r.round()); got != "[1 r2 A]" {
		t.Fatalf("got %s", got)
	}
	for _, doc := range r.newest {
		if e.Decode(doc) != nil || e.Str(event.EventDataset) != "other.set" {
			t.Errorf("stored %s", doc)
		}
	}
}

// TestReadAgain_NoOrder: what another client wrote is a dead letter, and stops nothing.
func TestReadAgain_NoOrder(t *testing.T) {
	r := newReruns(t)
	for _, value := range []string{"", "no order", "{}\n", `{"by":"redrive"}` + "\nx"} {
		r.emit(rerun.Carrier(rerun.InputRedrive, []byte(value), time.Now()))
	}
	r.send("1: ok A")
	if got := fmt.Sprint(r.round()); strings.Count(got, normalise.ReasonOrder) != 4 || !strings.Contains(got, "r1 A") {
		t.Errorf("got %s", got)
	}
}

// TestReader: what would be written is what is written, and nothing is written.
func TestReader(t *testing.T) {
	r := newReruns(t)
	r.send("1: ok A | 2: ok B", "1: ok A | 2: ok A", "1: fail x | 2: split A,B", "1: fail x | 2: fail y", "1: ok A | 2: drop", "1: ok A | 2: ok noise")
	r.round()
	r.version = "2"
	r.start()
	reader := r.st.NewReader()
	var got []string
	var e event.Event
	for _, doc := range r.newest {
		o, original, err := rerun.Of(doc, &e)
		if err != nil {
			t.Fatal(err)
		}
		read := reader.Read(&o, original)
		text := fmt.Sprint("same ", read.Same, " more ", read.More, " filtered ", read.Filtered)
		if read.Failed != nil {
			text = "fails " + read.Failed.Reason
		}
		if read.Doc != nil && e.Decode(read.Doc) == nil {
			text += fmt.Sprint(" ", e.Str(event.Message), " r", e.Get(event.WeirRevision).Int())
		}
		got = append(got, text)
	}
	r.stop()
	slices.Sort(got)
	want := []string{"fails y", "same false more 0 filtered 0 B r2", "same false more 0 filtered 1", "same false more 0 filtered 1", "same false more 1 filtered 0 A r2", "same true more 0 filtered 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if n := len(r.fresh(bus.Events)); n != 0 {
		t.Errorf("%d events were written", n)
	}
}

// TestForgedRevisions: a message may not say which revisions of its event there are.
func TestForgedRevisions(t *testing.T) {
	r, emit := openRig(t)
	r.parser = func() processors.Parser { return forger{} }
	emit(record.Raw{Value: []byte("x"), Received: time.Now(), Input: "syslog"})
	r.start()
	r.stop()
	if doc := string(r.all(bus.Events)[0].Value); strings.Contains(doc, "revised") {
		t.Errorf("stored %s", doc)
	}
}

// forger sets what only weir may.
type forger struct{}

func (forger) Parse(_ *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	e.Reset()
	e.Append(event.WeirRevisedAt, "2026-11-21T07:00:00Z")
	return emit(e)
}
