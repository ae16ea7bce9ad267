package normalise_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/ledger"
	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/internal/state"
	"weir/processors"
	"weir/processors/normalise"
)

// lineParser makes one event a line; "split N" makes N, "bad" none, "half" one and then fails.
type lineParser struct{}

func (lineParser) Parse(raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	line := string(raw.Value)
	n := 1
	if _, err := fmt.Sscanf(line, "split %d", &n); err != nil {
		n = 1
	}
	if line == "bad" {
		return &processors.DeadLetter{Reason: "asked-for", Detail: "the line says bad"}
	}
	for range n {
		e.Reset()
		e.SetStr(event.Message, line)
		e.SetStr(event.EventDataset, "test.lines")
		e.Set(event.WeirTime, event.At(time.Unix(1000, 0)))
		if err := emit(e); err != nil {
			return err
		}
	}
	if line == "half" {
		return errors.New("the second half is unreadable")
	}
	return nil
}

// wordDetector sees a signal in each event that says alarm.
type wordDetector struct{}

func (wordDetector) Signals(e *event.Event, src record.Pos) []signal.Signal {
	if !strings.Contains(e.Str(event.Message), "alarm") {
		return nil
	}
	return []signal.Signal{{Kind: signal.Match, Rule: "alarm", When: "event", Group: []string{"x"}, EventID: e.Str(event.EventID), Src: src.String()}}
}

func (wordDetector) Hash() string { return "words" }

type rig struct {
	t    testing.TB
	bus  *bus.Bus
	prod *kgo.Client
	run  *pipeline.Runner
	st   *normalise.Stage

	steps   []processors.Step
	parser  func() processors.Parser // nil: lineParser
	cursors func(topic string, partition int32) (state.Store, error)
	adm     *kadm.Client // nil until it is needed
}

func (r *rig) start() {
	r.t.Helper()
	topic := r.bus.Topic
	if r.parser == nil {
		r.parser = func() processors.Parser { return lineParser{} }
	}
	r.st = normalise.New(normalise.Options{
		Producer: r.prod, Events: topic(bus.Events), Signals: topic(bus.Signals), DeadLetters: topic(bus.DeadLetters), Ledger: topic(bus.LedgerTopic),
		EventWriter:      func(topic string, p int32) (normalise.EventWriter, error) { return r.bus.Partition(topic, p) },
		SignalPartitions: 2, ReadBack: r.bus.ReadBack, CursorStore: r.cursors, Steps: r.steps, NewParser: r.parser,
		DropIf:   func(e *event.Event) bool { return e.Str(event.Message) == "noise" },
		Detector: func() processors.Detector { return wordDetector{} }, Route: func(s *signal.Signal) []string { return s.Group },
		Self: record.Ing{Ingester: "n", Start: 1}, Interval: time.Hour, Log: slog.New(slog.DiscardHandler),
	})
	var err error
	r.run, err = pipeline.Start(pipeline.Stage{Name: "normalise", Group: "weir.normalise", Topics: []string{topic(bus.RawSyslog)}, New: r.st.NewWorker, Client: r.bus.Client, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) stop() {
	r.t.Helper()
	ends, err := r.bus.Ends(r.t.Context(), bus.RawSyslog)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	if err := r.run.CatchUp(ctx, ends); err != nil {
		r.t.Fatal(err, ends, r.run.Processed())
	}
	r.run.Stop(ctx)
}

// all returns every record of a topic, in the order of its partitions.
func (r *rig) all(topic string) []*kgo.Record {
	r.t.Helper()
	ends, err := r.bus.Ends(r.t.Context(), topic)
	if err != nil {
		r.t.Fatal(err)
	}
	var out []*kgo.Record
	for p, end := range ends[r.bus.Topic(topic)] {
		recs, err := r.bus.ReadBack(r.t.Context(), r.bus.Topic(topic), p, end, int(end))
		if err != nil {
			r.t.Fatal(err)
		}
		out = append(out, recs...)
	}
	return out
}

func newRig(t testing.TB) (*rig, func(lines ...string)) {
	t.Helper()
	r, emit := openRig(t)
	return r, func(lines ...string) {
		t.Helper()
		batch := make([]record.Raw, len(lines))
		for i, l := range lines {
			batch[i] = record.Raw{Value: []byte(l), Received: time.Now(), Peer: netip.MustParseAddrPort("192.0.2.1:5"), Proto: "tcp", Input: "syslog"}
		}
		emit(batch...)
	}
}

// openRig is newRig for records of any kind.
func openRig(t testing.TB) (*rig, func(batch ...record.Raw)) {
	t.Helper()
	cfg := config.Default().Bus
	cfg.Partitions = 2
	cfg.Embedded.MinFree = 0
	dir := t.TempDir()
	b, err := bus.Open(t.Context(), cfg, filepath.Join(dir, "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	prod, err := b.Producer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(prod.Close)
	self := record.Ing{Ingester: "door", Start: 1}
	door, err := bus.OpenDoor(b, self, ledger.NewBook(self, 10))
	if err != nil {
		t.Fatal(err)
	}
	emit := door.Emit(bus.RawSyslog)
	return &rig{t: t, bus: b, prod: prod}, func(batch ...record.Raw) {
		t.Helper()
		done := make(chan error, 1)
		if err := emit(t.Context(), batch, func(err error) { done <- err }); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

func messages(t testing.TB, recs []*kgo.Record) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, rec := range recs {
		var e event.Event
		if err := e.Decode(rec.Value); err != nil {
			t.Fatalf("%s: %v", rec.Value, err)
		}
		out[e.Str(event.Message)]++
	}
	return out
}

func TestEveryRecordBecomesWhatItShould(t *testing.T) {
	r, send := newRig(t)
	send("one", "split 3", "noise", "bad", "half", "alarm here", "two")
	r.start()
	r.stop()
	events := r.all(bus.Events)
	if got := fmt.Sprint(messages(t, events)); got != "map[alarm here:1 half:1 one:1 split 3:3 two:1]" {
		t.Errorf("events: %s", got)
	}
	ids := map[string]bool{}
	for _, rec := range events {
		var e event.Event
		if err := e.Decode(rec.Value); err != nil {
			t.Fatal(err)
		}
		id := e.Str(event.EventID)
		if id == "" || ids[id] {
			t.Errorf("event id %q is empty or came twice", id)
		}
		ids[id] = true
		if bus.Header(rec, record.HeaderInput) != "syslog" || bus.Header(rec, record.HeaderPeer) != "192.0.2.1:5" || e.Str(event.WeirSrc) != bus.Header(rec, record.HeaderSource) {
			t.Errorf("headers of %s", rec.Value)
		}
	}
	var reasons []string
	for _, rec := range r.all(bus.DeadLetters) {
		var e event.Event
		if err := e.Decode(rec.Value); err != nil {
			t.Fatal(err)
		}
		reasons = append(reasons, e.Str(event.WeirDeadletterReason)+":"+e.Str(event.EventOriginal))
	}
	if got := fmt.Sprint(reasons); got != "[asked-for:bad unreadable:half]" {
		t.Errorf("dead letters: %s", got)
	}
	matches := 0
	for _, rec := range r.all(bus.Signals) {
		var s signal.Signal
		if err := json.Unmarshal(rec.Value, &s); err != nil {
			t.Fatal(err)
		}
		if s.Kind == signal.Match {
			matches++
		}
	}
	if matches != 1 {
		t.Errorf("%d matches", matches)
	}
	f := ledger.NewFold()
	for _, rec := range r.all(bus.LedgerTopic) {
		if err := f.Apply(rec.Value); err != nil {
			t.Fatal(err)
		}
	}
	row := f.Balance(ledger.State{Stored: map[string]int64{"syslog/192.0.2.1": 7}}).Rows[0]
	if got := fmt.Sprint(row.Received, row.Split, row.Stored, row.Dead, row.Filtered, row.Difference); got != "7 3 7 2 1 0" {
		t.Errorf("ledger: %s", got)
	}
}

func TestPositionsAscendWithoutHolesAndComeAgainTheSame(t *testing.T) {
	r, send := newRig(t)
	for i := range 20 {
		send(fmt.Sprintf("split %d", i%4+1), "noise", "bad")
	}
	r.start()
	r.stop()
	first := r.all(bus.Events)
	check := func(recs []*kgo.Record) map[string]string {
		values, last := map[string]string{}, map[string]record.Pos{}
		for _, rec := range recs {
			pos, err := record.ParsePos(bus.Header(rec, record.HeaderSource))
			if err != nil {
				t.Fatal(err)
			}
			if pos.Partition != rec.Partition {
				t.Fatalf("%s was written to partition %d", pos, rec.Partition)
			}
			k := fmt.Sprint(rec.Partition)
			if prev := bus.Header(rec, record.HeaderPrev); prev == "" {
				delete(last, k) // a new run
			} else if prev != last[k].String() {
				t.Fatalf("%s names %s before it, but %s was", pos, prev, last[k])
			}
			if before, ok := last[k]; ok && pos.Compare(before) <= 0 {
				t.Fatalf("%s after %s", pos, before)
			}
			last[k] = pos
			var e event.Event
			if err := e.Decode(rec.Value); err != nil {
				t.Fatal(err)
			}
			values[pos.String()] = e.Str(event.EventID) + e.Str(event.Message)
		}
		return values
	}
	want := check(first)
	// The group's offsets are lost: everything is made again, under the same positions.
	r.start()
	r.stop()
	if n := len(r.all(bus.Events)); n != len(first) {
		t.Fatalf("a clean restart made %d more events", n-len(first))
	}
	adminReset(t, r)
	r.start()
	r.stop()
	all := r.all(bus.Events)
	if len(all) != 2*len(first) {
		t.Fatalf("%d events after doing all again, want %d", len(all), 2*len(first))
	}
	if got := check(all); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("the second run gave other events for the same positions")
	}
}

// adminReset takes the group's offsets back to the start.
func adminReset(t testing.TB, r *rig) {
	t.Helper()
	c, err := r.bus.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	zero := kadm.Offsets{}
	for p := range int32(2) {
		zero.Add(kadm.Offset{Topic: r.bus.Topic(bus.RawSyslog), Partition: p, At: 0})
	}
	if err := kadm.NewClient(c).CommitAllOffsets(t.Context(), "weir.normalise", zero); err != nil {
		t.Fatal(err)
	}
}

func TestACopyMadeByARetryIsDropped(t *testing.T) {
	r, send := newRig(t)
	send("one")
	recs := r.all(bus.RawSyslog)
	again := *recs[0]
	copyOf := &kgo.Record{Topic: again.Topic, Partition: again.Partition, Value: again.Value, Headers: again.Headers}
	if err := r.prod.ProduceSync(t.Context(), copyOf).FirstErr(); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.stop()
	if n := len(r.all(bus.Events)); n != 1 {
		t.Errorf("%d events of one record and its copy", n)
	}
	third := &kgo.Record{Topic: again.Topic, Partition: again.Partition, Value: again.Value, Headers: again.Headers}
	if err := r.prod.ProduceSync(t.Context(), third).FirstErr(); err != nil {
		t.Fatal(err)
	}
	r.start() // the new worker reads back what was seen
	r.stop()
	if n := len(r.all(bus.Events)); n != 1 {
		t.Errorf("%d events after a restart and another copy", n)
	}
}

// fold reads the ledger of normalise and returns its row for the only sender of these tests.
func (r *rig) fold(source string, stored int64) ledger.Row {
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
	r.t.Fatalf("no row of %s", source)
	return ledger.Row{}
}

// TestARecordThatCannotFitAnywhereStopsNobody sends what grows sixfold as JSON: the event does not fit a batch, and the
// dead letter would not either if it kept the record as a text.
func TestARecordThatCannotFitAnywhereStopsNobody(t *testing.T) {
	r, send := newRig(t)
	wide := strings.Repeat("\x01", 900<<10)
	send("one", wide, "two")
	r.start()
	r.stop()
	if got := fmt.Sprint(messages(t, r.all(bus.Events))); got != "map[one:1 two:1]" {
		t.Errorf("events: %.200s", got)
	}
	dead := r.all(bus.DeadLetters)
	if len(dead) != 1 {
		t.Fatalf("%d dead letters", len(dead))
	}
	var e event.Event
	if err := e.Decode(dead[0].Value); err != nil {
		t.Fatal(err)
	}
	kept, err := base64.StdEncoding.DecodeString(e.Str(event.WeirOriginalBase64))
	if e.Str(event.WeirDeadletterReason) != "event-too-large" || err != nil || string(kept) != wide {
		t.Errorf("reason %s, %d of %d bytes kept (%v)", e.Str(event.WeirDeadletterReason), len(kept), len(wide), err)
	}
	if row := r.fold("syslog/192.0.2.1", 2); row.Difference != 0 || row.Received != 3 || row.Dead != 1 || row.Split != 0 {
		t.Errorf("ledger: %+v", row)
	}
}

// TestRecordsThatNoDoorNumbered are written by another Kafka client, and by weir's own audit: each has its name.
func TestRecordsThatNoDoorNumbered(t *testing.T) {
	r, _ := newRig(t)
	put := func(value string, headers ...kgo.RecordHeader) {
		rec := &kgo.Record{Topic: r.bus.Topic(bus.RawSyslog), Value: []byte(value), Headers: headers}
		if err := r.prod.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	audit := kgo.RecordHeader{Key: record.HeaderInput, Value: []byte(normalise.InputAudit)}
	put("foreign")
	put("foreign") // the same again is another record: nothing says that it is a copy
	put("odd", kgo.RecordHeader{Key: record.HeaderPeer, Value: []byte("nonsense")})
	put(`{"message":"who searched","event":{"dataset":"weir.audit"}}`, audit)
	put(`{"message":`, audit)
	r.start()
	r.stop()
	got := map[string]string{}
	for _, rec := range r.all(bus.Events) {
		var e event.Event
		if err := e.Decode(rec.Value); err != nil {
			t.Fatal(err)
		}
		got[e.Str(event.EventID)] = e.Str(event.Message) + " of " + bus.Header(rec, record.HeaderInput)
	}
	want := map[string]string{
		"weir.raw.syslog/0/0/0": "foreign of kafka", "weir.raw.syslog/0/1/0": "foreign of kafka",
		"weir.raw.syslog/0/2/0": "odd of kafka", "weir.raw.syslog/0/3/0": "who searched of audit",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if dead := r.all(bus.DeadLetters); len(dead) != 1 || !strings.Contains(string(dead[0].Value), "unreadable") {
		t.Errorf("%d dead letters", len(dead))
	}
	if row := r.fold("kafka/unknown", 3); row.Received != 3 || row.Difference != 0 {
		t.Errorf("ledger: %+v", row)
	}
}

func TestSignalsOfOneGroupGoToOnePartitionAndMarksToAll(t *testing.T) {
	r, send := newRig(t)
	for range 5 {
		send("alarm one", "alarm two", "quiet")
	}
	r.start()
	r.stop()
	matches, marks := map[int32]int{}, map[int32]int{}
	for _, rec := range r.all(bus.Signals) {
		var s signal.Signal
		if err := json.Unmarshal(rec.Value, &s); err != nil {
			t.Fatal(err)
		}
		switch s.Kind {
		case signal.Match:
			matches[rec.Partition]++
		case signal.Watermark:
			marks[rec.Partition]++
			if s.Dataset != "test.lines" || s.Time.Unix() != 1000 {
				t.Errorf("mark %+v", s)
			}
		}
	}
	if len(matches) != 1 {
		t.Errorf("signals of one rule and group are on partitions %v", matches)
	}
	if marks[0] == 0 || marks[0] != marks[1] {
		t.Errorf("marks by partition: %v", marks)
	}
}

func TestFlushPublishesTheCountsOfThisMoment(t *testing.T) {
	r, send := newRig(t)
	send("one", "two")
	r.start() // counts come once an hour here
	defer r.stop()
	deadline := time.Now().Add(time.Minute)
	for len(r.all(bus.LedgerTopic)) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("no counts came")
		}
		r.st.Flush()
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAWorkerThatCannotLearnWhatWasSeenDoesNotBegin(t *testing.T) {
	st := normalise.New(normalise.Options{NewParser: func() processors.Parser { return lineParser{} }, Interval: time.Hour,
		ReadBack: func(context.Context, string, int32, int64, int) ([]*kgo.Record, error) {
			return nil, errors.New("no log")
		}})
	if w, err := st.NewWorker(t.Context(), "t", 0, 5); err == nil {
		w.Close()
		t.Error("it would take copies for records")
	}
	st.Flush() // and it is not asked for counts either
}

func TestStepsRunBeforeTheFilterAndSeeTheRecord(t *testing.T) {
	r, send := newRig(t)
	r.steps = []processors.Step{
		func(e *event.Event, raw *record.Raw) { e.SetStr(event.HostName, raw.Proto) },
		func(e *event.Event, _ *record.Raw) {
			if e.Str(event.HostName) == "tcp" && e.Str(event.Message) == "hush" { // the step before has run
				e.SetStr(event.Message, "noise")
			}
		},
	}
	send("one", "hush")
	r.start()
	r.stop()
	if got := fmt.Sprint(messages(t, r.all(bus.Events))); got != "map[one:1]" {
		t.Errorf("events: %s", got)
	}
	if row := r.fold("syslog/192.0.2.1", 1); row.Filtered != 1 || row.Difference != 0 {
		t.Errorf("ledger: %+v", row)
	}
}
