package notify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/control/notifying"
)

// fate is why nobody is told of an alert, as it is explained.
func (w *world) fate(id string) string {
	w.t.Helper()
	r, err := w.n.NotifyRoute(w.t.Context(), notifying.RouteRequest{Alert: id})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range r.Past {
		if p.What == "withheld" {
			return p.Detail
		}
	}
	return ""
}

func TestTake_Withheld(t *testing.T) {
	ended := noon
	for _, tc := range []struct {
		name string
		set  func(*alert.Alert)
		want string
	}{
		{"canary", func(a *alert.Alert) { a.Canary = true }, fateCanary},
		{"historic", func(a *alert.Alert) { a.Historic = true }, fateHistoric},
		{"suppressed", func(a *alert.Alert) { a.SuppressedBy = "9b" }, "alert 9b speaks for it"},
		{"ended already", func(a *alert.Alert) { a.Ended = &ended }, fateOver},
		{"merged already", func(a *alert.Alert) { a.MergedInto = "9b" }, fateOver},
		{"nobody is told", func(a *alert.Alert) { a.Rule = "noise" }, fateNobody},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, "channels: {mail: {type: box}}\nroute: {to: mail, routes: [{match: {rule: noise}, to: []}]}\n")
			a := w.alert("a1", "ssh", "critical", "web-1")
			tc.set(&a)
			w.comes(a)
			w.pass(24 * time.Hour)
			w.want("mail")
			if got := w.fate("a1"); !strings.HasPrefix(got, tc.want) {
				t.Errorf("explained as %q", got)
			}
		})
	}
}

func TestTake_NoFile(t *testing.T) {
	w := newWorld(t, "# nobody yet\n")
	w.comes(w.alert("a1", "ssh", "high", "web-1"))
	w.pass(time.Minute)
	w.write(simple)
	w.comes(w.alert("a2", "ssh", "high", "web-2"))
	w.pass(time.Minute) // the file is read here; a2 came before
	w.comes(w.alert("a3", "ssh", "high", "web-3"))
	w.pass(time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-3: a3")
	if got := w.fate("a1"); got != fateNoFile {
		t.Errorf("a1: %q", got)
	}
	// One that goes on is told after all.
	again := w.alert("a1", "ssh", "high", "web-1")
	again.Revision, again.Count = 2, 5
	w.comes(again)
	w.pass(time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a1")
}

// TestTake_Before: a store that is made on a site with a week of alerts does not tell of that week.
func TestTake_Before(t *testing.T) {
	w := newWorld(t, simple)
	old := func(id string, revision int, at time.Time) {
		a := w.alert(id, "ssh", "high", "web-1")
		a.Revision = revision
		doc, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		worker, err := w.n.NewWorker(t.Context(), "weir.alerts", 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := worker.Process(t.Context(), []*kgo.Record{{Topic: "weir.alerts", Value: doc, Timestamp: at}}, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	old("a1", 1, noon.Add(-7*24*time.Hour))
	old("a1", 2, noon.Add(-24*time.Hour))
	old("a2", 1, noon.Add(-5*time.Minute)) // clocks differ
	w.pass(time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a2")
	if got := w.fate("a1"); got != fateBefore {
		t.Errorf("a1: %q", got)
	}
	old("a1", 3, noon.Add(time.Minute))
	w.pass(10 * time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a1 a2")
}

// TestTake_Again: what comes twice, or late, changes nothing.
func TestTake_Again(t *testing.T) {
	w := newWorld(t, simple)
	first := w.alert("a1", "ssh", "high", "web-1")
	second := first
	second.Revision, second.Count = 2, 9
	w.comes(second, first, second, first)
	w.pass(time.Hour)
	w.want("mail", "firing rule=ssh host.name=web-1: a1")
	w.comes(first, second)
	w.decides("a1", 1, "acknowledged")
	w.decides("a1", 1, "acknowledged")
	w.decides("a1", 0, "open")
	w.pass(5 * time.Hour)
	w.want("mail")
}

// TestTake_ChangeFirst: a decision may come before the alert that it is about.
func TestTake_ChangeFirst(t *testing.T) {
	w := newWorld(t, simple)
	w.decides("a1", 1, "closed")
	w.decides("a2", 1, "acknowledged")
	w.comes(w.alert("a1", "ssh", "high", "web-1"), w.alert("a2", "ssh", "high", "web-2"))
	w.pass(5 * time.Hour)
	w.want("mail", "firing rule=ssh host.name=web-2: a2/acknowledged")
	if got := w.fate("a1"); got != fateOver {
		t.Errorf("a1: %q", got)
	}
}

// TestTake_Reopened: what goes on after its end is told again.
func TestTake_Reopened(t *testing.T) {
	w := newWorld(t, simple)
	w.comes(w.alert("a1", "ssh", "high", "web-1"))
	w.pass(time.Minute)
	w.decides("a1", 1, "closed")
	w.pass(10 * time.Minute)
	w.decides("a1", 2, "open")
	w.pass(time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a1", "resolved rule=ssh host.name=web-1: a1/closed", "firing rule=ssh host.name=web-1: a1")
	// Closed and opened before anybody was told of the end: the group is still there.
	w.comes(w.alert("a2", "ssh", "high", "web-1"))
	w.pass(5 * time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a2 a1")
	w.decides("a2", 1, "closed")
	w.pass(time.Minute)
	w.decides("a2", 2, "open")
	w.pass(10 * time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a2 a1")
}

// TestTake_Ends: alerts of weir itself end by themselves, and begin again.
func TestTake_Ends(t *testing.T) {
	w := newWorld(t, simple)
	a := w.alert("a1", "weir-silence", "high", "web-1")
	w.comes(a)
	w.pass(time.Minute)
	ended := w.now()
	a.Revision, a.Ended = 2, &ended
	w.comes(a)
	w.pass(10 * time.Minute)
	a.Revision, a.Ended = 3, nil
	w.comes(a)
	w.pass(10 * time.Minute)
	w.want("mail", "firing rule=weir-silence host.name=web-1: a1", "resolved rule=weir-silence host.name=web-1: a1", "firing rule=weir-silence host.name=web-1: a1")
}

// TestTake_Rises: an alert that got worse is told again, one that only grew is not.
func TestTake_Rises(t *testing.T) {
	w := newWorld(t, simple)
	a := w.alert("a1", "ssh", "medium", "web-1")
	w.comes(a)
	w.pass(time.Minute)
	for a.Revision = 2; a.Revision < 50; a.Revision++ {
		a.Count++
		w.comes(a)
	}
	w.pass(time.Hour)
	w.want("mail", "firing rule=ssh host.name=web-1: a1")
	a.Level = "critical"
	w.comes(a)
	w.pass(time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a1")
}

// TestTake_Unreadable: what is no alert is passed over, and the others of its batch are taken.
func TestTake_Unreadable(t *testing.T) {
	w := newWorld(t, simple)
	w.deliver("weir.alerts", []byte("{"), []byte(`{"id":""}`), []byte(`{"id":"x","revision":0}`), w.alert("a1", "ssh", "high", "web-1"))
	w.deliver("weir.changes", []byte("null"), []byte(`{"alert":"a1"}`))
	w.pass(time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a1")
	if _, err := w.n.NewWorker(t.Context(), "weir.events", 0, 0); err == nil {
		t.Error("a topic that is not ours is taken")
	}
}

// FuzzTake: whatever a record holds, it is taken or passed over, and the one behind it is taken.
func FuzzTake(f *testing.F) {
	f.Add([]byte(`{"id":"a","revision":1,"rule":"x","level":"high","group":{"host.name":"h"},"tags":["t"],"ended":"2026-11-21T12:00:00Z"}`), []byte(`{"alert":"a","version":1,"kind":"state","state":"closed"}`))
	f.Add([]byte("{\"id\":\"\\u0000\",\"revision\":2147483648}"), []byte(`{"alert":"z","version":9,"state":"what"}`))
	f.Fuzz(func(t *testing.T, doc, change []byte) {
		w := newWorld(t, simple)
		w.deliver("weir.alerts", doc, w.alert("zz", "rule-of-the-test", "high", "web-1"))
		w.deliver("weir.changes", change)
		w.pass(20 * time.Second)
		for _, m := range w.got("mail") {
			if strings.Contains(m, "zz") {
				return
			}
		}
		r, err := w.n.NotifyRoute(t.Context(), notifying.RouteRequest{Alert: "zz"})
		if err != nil || len(r.Past) < 2 {
			t.Errorf("%v: nothing became of the alert behind %q", err, doc)
		}
	})
}

// BenchmarkProcess: alerts of one batch, from records to groups on disk.
func BenchmarkProcess(b *testing.B) {
	w := &world{dir: b.TempDir(), clock: noon, boxes: map[string]*box{}, offset: map[string]int64{}}
	if err := os.WriteFile(filepath.Join(w.dir, FileName), []byte(simple), 0o600); err != nil {
		b.Fatal(err)
	}
	n, err := Open(w.options())
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	worker, err := n.NewWorker(b.Context(), "weir.alerts", 0, 0)
	if err != nil {
		b.Fatal(err)
	}
	id := 0
	b.ReportAllocs()
	for b.Loop() {
		var list []*kgo.Record
		for range 500 {
			id++
			doc, err := json.Marshal(w.alert(strings.Repeat("0", 12)+time.Duration(id).String(), "ssh", "high", "web-1"))
			if err != nil {
				b.Fatal(err)
			}
			list = append(list, &kgo.Record{Topic: "weir.alerts", Value: doc, Timestamp: noon})
		}
		if err := worker.Process(b.Context(), list, func(error) {}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(id)/b.Elapsed().Seconds(), "alerts/s")
}
