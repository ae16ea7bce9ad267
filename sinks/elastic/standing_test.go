package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/ledger"
	"weir/internal/testkit/realelastic"
	"weir/sinks/elastic/bulk"
	"weir/sinks/elastic/indices"
)

const (
	alertsTopic  = "weir.alerts"
	changesTopic = "weir.changes"
)

var made = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// alertRec is a record of weir.alerts as the sink gets it: the document of one revision. The hits go on into the next day.
func alertRec(id string, revision int) *kgo.Record {
	a := alert.Alert{ID: id, Revision: revision, Rule: "r", Title: "t", Level: "high", What: fmt.Sprint("revision ", revision), Group: map[string]string{"user.name": "김민수"},
		First: made.Add(-time.Minute), Last: made.Add(time.Duration(revision) * 10 * time.Hour), Created: made, Count: revision, Evidence: []alert.Evidence{{EventID: fmt.Sprint("e", revision), When: "w", Time: made}}}
	var e event.Event
	alert.Event(&a, &e)
	e.SetStr(event.WeirClass, alertClass)
	return &kgo.Record{Topic: alertsTopic, Value: e.AppendJSON(nil), Timestamp: made}
}

// changeRec is a record of weir.changes as the sink gets it. Versions go through states, verdicts and hands.
func changeRec(id string, version int) *kgo.Record {
	c := alert.Change{Alert: id, Version: version, By: fmt.Sprint("u", version), At: made.Add(time.Duration(version) * time.Hour), Rule: "r", Created: made, Count: 1}
	switch version % 4 {
	case 1:
		c.Kind, c.State, c.Assignee = alert.ToState, alert.Acknowledged, c.By
	case 2:
		c.Kind, c.State, c.Assignee, c.Note = alert.Note, alert.Acknowledged, "u1", "a \"note\"\nof two lines"
	case 3:
		c.Kind, c.State, c.Verdict, c.Assignee = alert.ToState, alert.Closed, alert.Benign, "u1"
	case 0:
		c.Kind, c.State = alert.ToState, alert.Open
	}
	var e event.Event
	alert.ChangeEvent(&c, &e)
	e.SetStr(event.WeirClass, "audit")
	return &kgo.Record{Topic: changesTopic, Value: e.AppendJSON(nil), Timestamp: made}
}

// stands is what the document of an alert must say after a revision and a decision, whatever came in between.
func stands(revision, version int) string {
	state, verdict, who, by := "open", "-", "-", "-"
	switch version % 4 {
	case 1:
		state, who = "acknowledged", fmt.Sprint("u", version)
	case 2:
		state, who = "acknowledged", "u1"
	case 3:
		state, verdict, who = "closed", "benign", "u1"
	}
	if version > 0 {
		by = fmt.Sprint("u", version)
	}
	return fmt.Sprintf("%d %d %s %s %s %s", revision, version, state, verdict, who, by)
}

// standsAs reads the same out of a stored document.
func standsAs(t *testing.T, doc []byte) string {
	t.Helper()
	var d struct {
		Message string
		Weir    struct {
			Revision int
			Alert    struct {
				Changes                      int
				State, Verdict, Assignee, By string
				Evidence                     []struct {
					ID string `json:"event_id"`
				}
			}
		}
	}
	if err := json.Unmarshal(doc, &d); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	or := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	a := d.Weir.Alert
	if d.Message != fmt.Sprint("revision ", d.Weir.Revision) || len(a.Evidence) != 1 || a.Evidence[0].ID != fmt.Sprint("e", d.Weir.Revision) {
		t.Errorf("revisions are mixed: %s", doc)
	}
	return fmt.Sprintf("%d %d %s %s %s %s", d.Weir.Revision, a.Changes, or(a.State), or(a.Verdict), or(a.Assignee), or(a.By))
}

// tell gives records to workers of their topics, in their order, each in a batch of its own where one is true, and waits until
// all is answered.
func tell(ctx context.Context, s *Sink, list []*kgo.Record, one bool) error {
	for _, topic := range []string{alertsTopic, changesTopic} {
		var mine []*kgo.Record
		for _, r := range list {
			if r.Topic == topic {
				r.Offset = int64(len(mine))
				mine = append(mine, r)
			}
		}
		if len(mine) == 0 {
			continue
		}
		batches := [][]*kgo.Record{mine}
		if one {
			batches = slices.Collect(slices.Chunk(mine, 1))
		}
		if err := tellOne(ctx, s, topic, batches); err != nil {
			return err
		}
	}
	return nil
}

// tellOne is tell for one topic.
func tellOne(ctx context.Context, s *Sink, topic string, batches [][]*kgo.Record) error {
	w, err := s.NewWorker(ctx, topic, 0, 0)
	if err != nil {
		return err
	}
	defer w.Close()
	answers := make(chan error, len(batches))
	for _, b := range batches {
		if err := w.Process(ctx, b, func(err error) { answers <- err }); err != nil {
			return err
		}
	}
	for range batches {
		for waiting := true; waiting; {
			select {
			case err := <-answers:
				if err != nil {
					return err
				}
				waiting = false
			case <-time.After(20 * time.Millisecond):
				s.Flush()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// aboutAlerts makes a sink that knows the topics of alerts.
func aboutAlerts(o *Options) { o.Alerts, o.Changes = alertsTopic, changesTopic }

// TestStanding: an alert is one document, in the index of the day on which it was made, and says how it stands, in whatever
// order revisions and decisions come.
func TestStanding(t *testing.T) {
	const id, index = "3f9c0a1b2c3d4e5f", "logs-weir.alerts-2026.11.21"
	for name, list := range map[string][]*kgo.Record{
		"1 0": {alertRec(id, 1)},
		"3 0": {alertRec(id, 1), alertRec(id, 2), alertRec(id, 3), alertRec(id, 2)},
		"2 3": {alertRec(id, 1), changeRec(id, 1), changeRec(id, 2), alertRec(id, 2), changeRec(id, 3)},
		"4 4": {changeRec(id, 3), changeRec(id, 4), alertRec(id, 4), changeRec(id, 2), alertRec(id, 1)},
		"1 1": {changeRec(id, 1), changeRec(id, 1), alertRec(id, 1), alertRec(id, 1)},
	} {
		for _, one := range []bool{false, true} {
			t.Run(name+fmt.Sprint(" one by one ", one), func(t *testing.T) {
				k, f := newKafka(t), newFake(t)
				s, log := newSink(t, k, []string{f.URL}, aboutAlerts)
				if err := tell(t.Context(), s, list, one); err != nil {
					t.Fatal(err, log)
				}
				var revision, version int
				if _, err := fmt.Sscan(name, &revision, &version); err != nil {
					t.Fatal(err)
				}
				f.mu.Lock()
				defer f.mu.Unlock()
				doc := f.docs[index][id]
				if doc == nil {
					t.Fatalf("no document of the alert in %v\n%s", f.docs, log)
				}
				if got, want := standsAs(t, doc), stands(revision, version); got != want {
					t.Errorf("it stands as %s, want %s", got, want)
				}
				changes := map[string]bool{}
				for _, r := range list {
					if r.Topic == changesTopic {
						var e event.Event
						if err := e.Decode(r.Value); err != nil {
							t.Fatal(err)
						}
						changes[e.Str(event.EventID)] = true
					}
				}
				if n := len(f.docs["logs-weir.audit-2026.11.21"]); n != len(changes) {
					t.Errorf("%d decisions are documents of their own, want %d", n, len(changes))
				}
			})
		}
	}
}

// TestStanding_counts: a record is counted once, though a decision makes two documents; one of them that the server refuses
// is said and costs nothing else.
func TestStanding_counts(t *testing.T) {
	const id = "3f9c0a1b2c3d4e5f"
	k, f := newKafka(t), newFake(t)
	f.refuse = func(doc, body string) (int, string, string) {
		if doc == id && strings.Contains(body, `"changes":`) {
			return 400, "illegal_argument_exception", "for a reason of its own"
		}
		return 0, "", ""
	}
	s, _ := newSink(t, k, []string{f.URL}, aboutAlerts)
	if err := tell(t.Context(), s, []*kgo.Record{alertRec(id, 1), alertRec(id, 2), changeRec(id, 1), changeRec(id, 2)}, false); err != nil {
		t.Fatal(err)
	}
	counted := map[string]int64{}
	for _, r := range k.read(t, counts, 2) {
		e, ok, err := ledger.ParseElastic(r.Value)
		if err != nil || !ok {
			t.Fatal(err)
		}
		for source, c := range e.Sources {
			counted[source] += c.Indexed + 100*c.Conflicts
			for _, n := range c.Dead {
				counted[source] += 10_000 * n
			}
		}
	}
	if counted[alertsTopic] != 2 || counted[changesTopic] != 2 {
		t.Errorf("counted %v", counted)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if got := standsAs(t, f.docs["logs-weir.alerts-2026.11.21"][id]); got != stands(2, 0) {
		t.Errorf("it stands as %s", got)
	}
}

// TestStanding_other: what is about no alert, on a topic of alerts, is a document like any other.
func TestStanding_other(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	s, _ := newSink(t, k, []string{f.URL}, aboutAlerts)
	for name, value := range map[string]string{"no alert": string(doc("a", "alerts", "2026-11-21", "m")), "no id": `{"event":{"id":"b"},"weir":{"revision":1,"alert":{"created":"2026-11-21T10:00:00Z"}}}`,
		"no time": `{"event":{"id":"c"},"weir":{"revision":1,"alert":{"id":"x"}}}`, "no revision": `{"event":{"id":"d"},"weir":{"alert":{"id":"x","created":"2026-11-21T10:00:00Z"}}}`,
		"another shape": `{"event":{"id":"e"},"weir":{"revision":"x","alert":[]}}`} {
		if _, ok := s.revision([]byte(value)); ok {
			t.Errorf("%s is a revision", name)
		}
		if _, ok := s.decision([]byte(value)); ok {
			t.Errorf("%s is a decision", name)
		}
	}
}

// TestStanding_meanwhile: who writes between the reading and the writing of a document loses nothing, and neither does who
// was slower.
func TestStanding_meanwhile(t *testing.T) {
	const id, index = "3f9c0a1b2c3d4e5f", "logs-weir.alerts-2026.11.21"
	k, f := newKafka(t), newFake(t)
	s, log := newSink(t, k, []string{f.URL}, aboutAlerts)
	if err := tell(t.Context(), s, []*kgo.Record{alertRec(id, 1)}, false); err != nil {
		t.Fatal(err, log)
	}
	times := 0
	f.between = func(index string, _ []string) { // a decision of another process
		if times++; times > 3 {
			return
		}
		d, _ := s.decision(changeRec(id, times).Value)
		next, err := d.Merge(f.docs[index][id])
		if err != nil {
			t.Error(err)
		}
		f.docs[index][id] = next
		f.seqs[index+"/"+id]++
	}
	s2, log := newSink(t, k, []string{f.URL}, aboutAlerts, func(o *Options) { o.Group = "other" })
	if err := tell(t.Context(), s2, []*kgo.Record{alertRec(id, 2), alertRec(id, 3)}, false); err != nil {
		t.Fatal(err, log)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if got := standsAs(t, f.docs[index][id]); got != stands(3, 3) || times != 4 {
		t.Errorf("after %d readings it stands as %s", times, got)
	}
}

// FuzzStanding: whatever a record and the server hold, what is stored afterwards is JSON with the newer of both numbers, and
// to merge it again changes nothing.
func FuzzStanding(f *testing.F) {
	f.Add(string(alertRec("3f9c", 2).Value), string(changeRec("3f9c", 3).Value))
	f.Add(string(changeRec("3f9c", 3).Value), string(alertRec("3f9c", 2).Value))
	f.Add(`{"weir":{"revision":1e30,"alert":{"id":"\u0000\n","first":"2026-11-21T10:00:00Z","changes":1.5}}}`, `{"weir":[]}`)
	f.Add(`{"weir":{"revision":5,"alert":{"id":"x","first":"2026-11-21T10:00:00Z","changes":5}}}`, ``)
	s := &Sink{names: indices.Names{Prefix: "logs-weir."}}
	f.Fuzz(func(t *testing.T, value, stored string) {
		for _, read := range []func([]byte) (bulk.Doc, bool){s.revision, s.decision} {
			d, ok := read([]byte(value))
			if !ok {
				continue
			}
			var have []byte
			if stored != "" {
				have = []byte(stored)
			}
			next, err := d.Merge(have)
			if err != nil || next == nil {
				continue
			}
			after, err := readStanding(next)
			if err != nil || !json.Valid(next) || len(d.ID) == 0 {
				t.Fatalf("%q with %q makes %q, %v", value, stored, next, err)
			}
			if id, _ := after.alert()["id"].(string); id != string(d.ID) {
				t.Errorf("%q with %q is about %q", value, stored, id)
			}
			if again, err := d.Merge(next); again != nil || err != nil {
				t.Errorf("%q with %q makes %q, then %q, %v", value, stored, next, again, err)
			}
		}
	})
}

// TestRealStanding holds all of it to a real server: revisions and decisions of 60 alerts in any order, some twice, from
// two sinks at once, end with how each stands.
func TestRealStanding(t *testing.T) {
	server := realelastic.Start(t)
	k := newKafka(t)
	rnd := rand.New(rand.NewPCG(3, 9))
	want := map[string]string{}
	var halves [2][]*kgo.Record
	for i := range 60 {
		id := fmt.Sprintf("%016x", i)
		revisions, versions := 1+rnd.IntN(6), rnd.IntN(7)
		want[id] = stands(revisions, versions)
		for n := 1; n <= revisions; n++ {
			h := rnd.IntN(2)
			halves[h] = append(halves[h], alertRec(id, n), alertRec(id, 1+rnd.IntN(n)))
		}
		for n := 1; n <= versions; n++ {
			h := rnd.IntN(2)
			halves[h] = append(halves[h], changeRec(id, n), changeRec(id, 1+rnd.IntN(n)))
		}
	}
	errs := make(chan error, 2)
	for h := range halves {
		rnd.Shuffle(len(halves[h]), func(i, j int) { halves[h][i], halves[h][j] = halves[h][j], halves[h][i] })
		s, log := newSink(t, k, server.URLs, aboutAlerts, func(o *Options) { o.Group = fmt.Sprint("half", h) })
		go func() {
			err := tell(t.Context(), s, halves[h], h == 1)
			if st := s.Stats(); err == nil && st.Refused != 0 {
				err = fmt.Errorf("%+v\n%s", st, log)
			}
			errs <- err
		}()
	}
	for range halves {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := server.Count(t, "logs-weir.alerts"); n != 60 {
		t.Fatalf("%d documents of 60 alerts", n)
	}
	_, m := server.Do(t, "GET", "/logs-weir.alerts/_search?size=100", "")
	for _, h := range m["hits"].(map[string]any)["hits"].([]any) {
		hit := h.(map[string]any)
		doc, err := json.Marshal(hit["_source"])
		if err != nil {
			t.Fatal(err)
		}
		if got := standsAs(t, doc); got != want[hit["_id"].(string)] || hit["_index"] != "logs-weir.alerts-2026.11.21" {
			t.Errorf("%s in %s stands as %s, want %s", hit["_id"], hit["_index"], got, want[hit["_id"].(string)])
		}
	}
	// What people ask Kibana.
	if _, m := server.Do(t, "GET", "/logs-weir.alerts/_count?q=weir.alert.state:open", ""); fmt.Sprint(m["count"]) == "0" || fmt.Sprint(m["count"]) == "60" {
		t.Errorf("%v alerts are open", m["count"])
	}
}
