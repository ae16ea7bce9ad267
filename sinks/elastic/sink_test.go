package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/record"
)

const account = "syslog/192.0.2.1"

func TestSink_EachDocumentOnce(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	s, log := newSink(t, k, []string{f.URL})
	all := recs(0, 3000)
	if err := feed(t, s, all[:1000], all[1000:1500], all[1500:]); err != nil {
		t.Fatal(err, log)
	}
	if f.count() != 3000 || s.Stats().Indexed != 3000 {
		t.Errorf("%d documents, %+v", f.count(), s.Stats())
	}
	p := k.balance(t, 0, 1)
	if c := p.Sources()[account]; c == nil || c.Indexed != 3000 || p.Taken() != 3000 {
		t.Errorf("the ledger says %+v up to %d", c, p.Taken())
	}
	if at, ok := s.StartOffset(events, 0); !ok || at != 3000 {
		t.Errorf("goes on at %d %v", at, ok)
	}
	if _, ok := s.StartOffset(events, 1); ok {
		t.Error("a partition that was never read has a position")
	}
	if f.templates["/_index_template/logs-weir.standard"] == nil {
		t.Error("no template was written")
	}
}

// TestSink_AfterACrash: what was sent and not counted is sent again by the next worker, and counted once.
func TestSink_AfterACrash(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	all := recs(0, 200)
	first, _ := newSink(t, k, []string{f.URL})
	if err := feed(t, first, all[:50]); err != nil {
		t.Fatal(err)
	}
	// Sent, never counted: the process dies.
	dies, _ := newSink(t, k, []string{f.URL})
	w, err := dies.NewWorker(t.Context(), events, 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Process(t.Context(), all[50:120], func(error) { t.Error("answered before it was counted") }); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return f.count() == 120 })
	w.(*worker).cancel()

	s, _ := newSink(t, k, []string{f.URL})
	at, ok := s.StartOffset(events, 0)
	if !ok || at != 50 {
		t.Fatalf("goes on at %d %v", at, ok)
	}
	if err := feed(t, s, all[at:]); err != nil {
		t.Fatal(err)
	}
	p := k.balance(t, 0, 2)
	if c := p.Sources()[account]; c.Indexed != 130 || c.Conflicts != 70 || p.Taken() != 200 || f.count() != 200 {
		t.Errorf("%+v up to %d, %d documents", c, p.Taken(), f.count())
	}
}

// TestSink_CopiesOfNormalise: a normalise that died writes the same records again, further on in the topic.
func TestSink_CopiesOfNormalise(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	s, _ := newSink(t, k, []string{f.URL})
	all := recs(0, 100)
	if err := feed(t, s, all); err != nil {
		t.Fatal(err)
	}
	again := recs(60, 80) // 40 copies and 40 new ones
	for i, r := range again {
		r.Offset = int64(100 + i)
	}
	if err := feed(t, s, again); err != nil {
		t.Fatal(err)
	}
	c := k.balance(t, 0, 2).Sources()[account]
	if c.Indexed != 140 || c.Repeated != 40 || c.Conflicts != 0 || f.count() != 140 {
		t.Errorf("%+v, %d documents", c, f.count())
	}
}

func TestSink_Hole(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	s, log := newSink(t, k, []string{f.URL})
	all := recs(0, 20)
	holed := append(append([]*kgo.Record{}, all[:10]...), all[12:]...)
	for range holeTries {
		w, err := s.NewWorker(t.Context(), events, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Process(t.Context(), holed, func(error) {}); !errors.Is(err, errHole) {
			t.Fatalf("%v, want a hole", err)
		}
		w.Close()
	}
	if err := feed(t, s, holed); err != nil {
		t.Fatal(err)
	}
	if f.count() != 18 || !strings.Contains(log.String(), "records are missing") {
		t.Errorf("%d documents\n%s", f.count(), log)
	}
}

func TestSink_DeadLetters(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	f.refuse = func(id, _ string) (int, string, string) {
		if strings.HasSuffix(id, "7") {
			return 400, "document_parsing_exception", "[1:2] failed to parse field [source.ip] of type [ip]"
		}
		return 0, "", ""
	}
	s, log := newSink(t, k, []string{f.URL})
	all := recs(0, 30)
	all[3].Value = []byte("no document")
	all[3].Headers = all[3].Headers[:2] // its place alone: the document has to say the rest
	if err := feed(t, s, all[:15], all[15:]); err != nil {
		t.Fatal(err)
	}
	dead := k.read(t, letters, 4)
	if len(dead) != 4 {
		t.Fatalf("%d dead letters, want 4", len(dead))
	}
	prev := ""
	for i, want := range []struct {
		offset int64
		reason string
	}{{3, reasonUnreadable}, {7, reasonRefused}, {17, reasonRefused}, {27, reasonRefused}} {
		src := fmt.Sprintf("weir.events/0/%d/0", want.offset)
		var d struct {
			Event struct{ ID, Original, Dataset, Kind string }
			Weir  struct {
				Class, Src string
				Deadletter struct{ Reason, Stage string }
			}
			Error struct{ Message string }
		}
		if err := json.Unmarshal(dead[i].Value, &d); err != nil {
			t.Fatal(err)
		}
		if d.Weir.Src != src || d.Weir.Deadletter.Reason != want.reason || d.Weir.Deadletter.Stage != "elastic" || d.Event.Original != string(all[want.offset].Value) ||
			d.Weir.Class != letterClass || d.Event.Dataset != letterDataset || d.Event.ID != src+"-elastic" {
			t.Errorf("%s", dead[i].Value)
		}
		var h header
		h.read(dead[i])
		if string(h.src) != src || string(h.prev) != prev {
			t.Errorf("dead letter %d has position %s after %s", i, h.src, h.prev)
		}
		prev = src
		if want.reason == reasonRefused && !strings.Contains(d.Error.Message, "failed to parse field [source.ip]") {
			t.Errorf("the server's words are not in %q", d.Error.Message)
		}
	}
	sum := k.balance(t, 0, 1).Sources()
	if c := sum[account]; c.Indexed != 26 || c.Dead[reasonRefused] != 3 || sum[events].Dead[reasonUnreadable] != 1 {
		t.Errorf("%+v %+v", c, sum[events])
	}
	if n := strings.Count(log.String(), "because of the field source.ip"); n != 1 {
		t.Errorf("the field was named %d times\n%s", n, log)
	}
}

// TestSink_ConflictsAreCompared: a document that is stored with another content is found and counted.
func TestSink_ConflictsAreCompared(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	s, log := newSink(t, k, []string{f.URL})
	all := recs(0, 2)
	stored := map[string]json.RawMessage{"ing/1/0": all[0].Value, "ing/1/1": doc("ing/1/1", "standard", "2026-11-21", "another")}
	f.docs["logs-weir.standard-2026.11.21"] = stored
	w, err := s.NewWorker(t.Context(), events, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 2)
	for _, r := range all { // each in a request of its own
		if err := w.Process(t.Context(), []*kgo.Record{r}, func(err error) { answered <- err }); err != nil {
			t.Fatal(err)
		}
		if err := w.(*worker).flushDocs(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, func() bool { return s.Stats().Differing == 1 })
	w.Close()
	if err := errors.Join(<-answered, <-answered); err != nil {
		t.Fatal(err)
	}
	if c := k.balance(t, 0, 1).Sources()[account]; c.Conflicts != 2 || c.Differing != 1 {
		t.Errorf("%+v", c)
	}
	if !strings.Contains(log.String(), "elastic-differs") {
		t.Errorf("nothing was said: %s", log)
	}
}

func TestSink_SeveralNodes(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	dead := newFake(t)
	dead.Close()
	s, log := newSink(t, k, []string{dead.URL, f.URL})
	all := recs(0, 500)
	if err := feed(t, s, all[:250], all[250:]); err != nil {
		t.Fatal(err, log)
	}
	if f.count() != 500 {
		t.Errorf("%d documents by the node that is there", f.count())
	}
}

func TestSink_NothingIsCountedAfterAFailure(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	f.answer = func(w http.ResponseWriter, n int, _ []byte) bool {
		if n == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return n == 1
	}
	s, _ := newSink(t, k, []string{f.URL})
	w, err := s.NewWorker(t.Context(), events, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	answers := make(chan error, 2)
	all := recs(0, 20)
	if err := w.Process(t.Context(), all[:10], func(err error) { answers <- err }); err != nil {
		t.Fatal(err)
	}
	w.(*worker).fail(errGivenUp)
	if err := w.Process(t.Context(), all[10:], func(err error) { answers <- err }); err != nil {
		t.Fatal(err)
	}
	s.Flush()
	w.Close()
	for range 2 {
		if err := <-answers; !errors.Is(err, errGivenUp) {
			t.Errorf("answered with %v", err)
		}
	}
	if _, ok := s.StartOffset(events, 0); ok {
		t.Error("a position was kept after a failure")
	}
}

func TestCheck(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	s, _ := newSink(t, k, []string{f.URL})
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	gone, _ := newSink(t, k, []string{"http://127.0.0.1:1"})
	if err := gone.Check(t.Context()); fault.Code(err) != "elastic-unreachable" {
		t.Errorf("%v", err)
	}
	_, err := New(Options{Config: config.Elastic{URLs: []string{f.URL}, CA: "no-such-file.pem"}, Producer: k.client})
	if fault.Code(err) != "certificate-bad" {
		t.Errorf("%v", err)
	}
}

// TestSink_Gap: what Kafka deleted comes from the archive, beside what it still has.
func TestSink_Gap(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	fails := 1
	replay := func(_ context.Context, topic string, p int32, from, to int64, each func([]byte) error) error {
		if fails--; fails >= 0 {
			return errors.New("not sealed yet")
		}
		if topic != events || p != 0 || from != 10 || to != 40 {
			t.Errorf("asked for %s/%d [%d, %d)", topic, p, from, to)
		}
		for i := from; i < to+5; i++ { // the archive gives whole epochs: five rows are after the gap
			d := doc(fmt.Sprintf("ing/1/%d", i), "standard", "2026-11-21", "from the archive")
			d = append(d[:len(d)-2], fmt.Sprintf(`,"src":"weir.raw.syslog/0/%d/0"}}`, i)...)
			if err := each(d); err != nil {
				return err
			}
		}
		return nil
	}
	s, log := newSink(t, k, []string{f.URL}, func(o *Options) { o.Replay = replay })
	if err := feed(t, s, recs(0, 10)); err != nil {
		t.Fatal(err)
	}
	w := newWorker(s, place{events, 0}, mustLoad(t, s))
	w.gaps, w.next, w.order = []gap{{10, 40}}, 40, order{high: marks{}} // as findGap leaves it where the topic begins at 40
	w.begin()
	done := make(chan error, 1)
	if err := w.Process(t.Context(), recs(40, 20), func(err error) { done <- err }); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return strings.Contains(log.String(), "trying again") && s.Stats().Indexed == 30 })
	w.poke(true)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if pos := mustLoad(t, s); pos.to != 60 || fmt.Sprint(pos.gaps) != "[{10 40}]" {
		t.Errorf("the position forgets the gap: %+v", pos)
	}
	if p := k.balance(t, 0, 2); fmt.Sprint(p.Open) != "[[10 40]]" {
		t.Errorf("the ledger does not show it: %v", p.Open)
	}
	if err := w.fillGap(gap{10, 40}); err != nil { // the pause before the next attempt is a minute
		t.Fatal(err)
	}
	w.Close()
	p := k.balance(t, 0, 3)
	if c := p.Sources()[account]; c.Indexed != 60 || c.Conflicts != 0 || len(p.Open) != 0 || f.count() != 60 {
		t.Errorf("%+v, open %v, %d documents", c, p.Open, f.count())
	}
}

// mustLoad reads the position of partition 0.
func mustLoad(t *testing.T, s *Sink) position {
	t.Helper()
	pos, _, err := s.positions.load(t.Context(), events, 0)
	if err != nil {
		t.Fatal(err)
	}
	return pos
}

func TestWorker_FindGap(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	s, log := newSink(t, k, []string{f.URL})
	for range 30 {
		if err := k.client.ProduceSync(t.Context(), &kgo.Record{Topic: events, Value: []byte("{}")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	w := newWorker(s, place{events, 0}, position{to: 5, high: marks{}})
	defer w.cancel()
	if err := w.findGap(t.Context(), 12); err != nil || len(w.gaps) != 0 || w.next != 5 {
		t.Errorf("offsets that a compacted topic leaves out are taken for a gap: %v %v", w.gaps, err)
	}
	if _, err := s.positions.admin.DeleteRecords(t.Context(), deleteBefore(20)); err != nil {
		t.Fatal(err)
	}
	if err := w.findGap(t.Context(), 20); err != nil || fmt.Sprint(w.gaps) != "[{5 20}]" || w.next != 20 {
		t.Errorf("%v, next %d: %v", w.gaps, w.next, err)
	}
	if !strings.Contains(log.String(), "elastic-gap") {
		t.Errorf("nothing was said: %s", log)
	}
}

func TestHouse(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	for _, index := range []string{"logs-weir.standard-2026.01.01", "logs-weir.standard-2026.11.20", "logs-weir.standard-2026.02.01"} {
		f.docs[index] = map[string]json.RawMessage{}
	}
	s, log := newSink(t, k, []string{f.URL}, func(o *Options) {
		o.Sealed = func() time.Time { return time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC) }
	})
	if err := s.Sweep(t.Context(), time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(f.deleted) != "[logs-weir.standard-2026.01.01]" {
		t.Errorf("deleted %v", f.deleted)
	}
	if !strings.Contains(log.String(), "logs-weir.standard-2026.02.01 is older than it is kept, and stays") {
		t.Errorf("nothing is said of what stays: %s", log)
	}
	s.opts.Sealed = nil // nobody knows what the archive has
	if err := s.Sweep(t.Context(), time.Date(2030, 11, 21, 0, 0, 0, 0, time.UTC)); err != nil || len(f.deleted) != 1 {
		t.Errorf("deleted %v, %v", f.deleted, err)
	}
	for range 2 {
		if err := s.checkBudget(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "855 of the 1000 shards"); n != 1 {
		t.Errorf("said %d times: %s", n, log)
	}
}

func TestFieldOf(t *testing.T) {
	for reason, want := range map[string]string{
		"[1:99] failed to parse field [source.ip] of type [ip] in document with id 'a'":               "source.ip",
		"mapping set to strict, dynamic introduction of [zone] within [source] is not allowed":        "source.zone",
		"mapping set to strict, dynamic introduction of [zone] within [_doc] is not allowed":          "zone",
		"object mapping for [user] tried to parse field [user] as object, but found a concrete value": "user",
		"Limit of total fields [1000] has been exceeded":                                              "",
		"failed to parse field [cut": "",
	} {
		if got := fieldOf(reason); got != want {
			t.Errorf("%s: %q, want %q", reason, got, want)
		}
	}
}

func TestHeader(t *testing.T) {
	for _, tc := range []struct {
		name    string
		headers map[string]string
		source  string
		id      string
	}{
		{"an address", map[string]string{record.HeaderInput: "syslog", record.HeaderPeer: "[::ffff:192.0.2.1]:514", record.HeaderID: "a/1/2"}, account, "a/1/2-3"},
		{"a file", map[string]string{record.HeaderInput: "file", record.HeaderOrigin: "/var/log/x", record.HeaderID: "f/9"}, "file//var/log/x", "f/9-3"},
		{"no sender", map[string]string{record.HeaderInput: "kafka"}, "kafka/unknown", ""},
		{"an alert", map[string]string{}, events, ""},
		{"an address that is none", map[string]string{record.HeaderInput: "syslog", record.HeaderPeer: "x"}, "syslog/x", ""},
	} {
		r := &kgo.Record{}
		for k, v := range tc.headers {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: k, Value: []byte(v)})
		}
		var h header
		h.read(r)
		if h.source(events) != tc.source || string(h.eventID(3)) != tc.id || string(h.eventID(0)) != tc.headers[record.HeaderID] {
			t.Errorf("%s: source %q id %q", tc.name, h.source(events), h.eventID(3))
		}
	}
}

func TestCompress(t *testing.T) {
	for _, tc := range []struct {
		setting string
		urls    []string
		want    bool
	}{
		{"auto", []string{"http://127.0.0.1:9200", "http://[::1]:9200", "https://localhost:9200"}, false},
		{"auto", []string{"http://127.0.0.1:9200", "http://es2:9200"}, true},
		{"auto", []string{"http://10.0.0.1:9200"}, true},
		{"gzip", []string{"http://127.0.0.1:9200"}, true},
		{"none", []string{"http://es2:9200"}, false},
	} {
		if got := compress(&config.Elastic{Compression: tc.setting, URLs: tc.urls}); got != tc.want {
			t.Errorf("%s %q: %v", tc.setting, tc.urls, got)
		}
	}
}
