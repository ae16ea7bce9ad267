package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/settings"
)

// noon is when the clock of a world starts: a Saturday.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// world is a Notifier with a clock and channels of a test. Nothing runs beside the test: it looks at groups and sends
// when the test says so, and time goes from one thing that is due to the next.
type world struct {
	t       *testing.T
	dir     string
	n       *Notifier
	senders map[string]*sender
	offset  map[string]int64
	// most is how far time goes at once where nothing is due.
	most time.Duration

	mu     sync.Mutex
	clock  time.Time
	boxes  map[string]*box
	raised []*alert.Alert
}

// box is the other side of a channel: what arrived, and how it answers.
type box struct {
	w    *world
	name string
	most int // alerts of a message; 0: as for people
	got  []channel.Message
	// answer is asked for each attempt, numbered from 1; nil: all is well.
	answer func(n int, m *channel.Message) (channel.Receipt, error)
	tries  int
	closed int
}

// Send implements channel.Channel.
func (b *box) Send(ctx context.Context, m *channel.Message) (channel.Receipt, error) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.tries++
	if b.answer != nil {
		r, err := b.answer(b.tries, m)
		if err != nil {
			return r, err
		}
		b.got = append(b.got, *m)
		return r, nil
	}
	b.got = append(b.got, *m)
	return channel.Receipt{Said: "taken"}, nil
}

// Close implements channel.Channel.
func (b *box) Close() error {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.closed++
	return nil
}

// program is a box that can use many alerts of a message.
type program struct{ *box }

func (p program) MaxAlerts() int { return p.most }

// boxConfig is the configuration of the test's channels.
type boxConfig struct {
	Most int    `yaml:"most" doc:"alerts of a message"`
	Bad  string `yaml:"bad" doc:"refused with this word"`
}

func (w *world) kinds() []settings.Kind {
	return []settings.Kind{{Name: "box", Doc: "a test's", Limit: 20, Config: func() any { return &boxConfig{} }, New: func(c any, d channel.Deps) (channel.Channel, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.boxes[d.Name] == nil {
			w.boxes[d.Name] = &box{w: w, name: d.Name}
		}
		b := w.boxes[d.Name]
		if b.most = c.(*boxConfig).Most; b.most > 0 {
			return program{b}, nil
		}
		return b, nil
	}}}
}

// newWorld makes a world with a notify.yaml.
func newWorld(t *testing.T, file string) *world {
	t.Helper()
	w := &world{t: t, dir: folder(t), clock: noon, boxes: map[string]*box{}, offset: map[string]int64{}, most: 30 * time.Minute}
	w.write(file)
	w.open()
	t.Cleanup(func() { _ = w.n.Close() })
	return w
}

// folder is one for a test: in memory where that can be, since every step of a test is synced to the disk.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "notify") //nolint:usetesting // in memory: each write is synced
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (w *world) write(file string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, FileName), []byte(file), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// options are those of the worlds' notifiers.
func (w *world) options() Options {
	return Options{Data: w.dir, Alerts: "weir.alerts", Changes: "weir.changes", Zone: time.UTC, Now: w.now, Kinds: w.kinds(), Raise: func(_ context.Context, a *alert.Alert) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.raised = append(w.raised, a)
		return nil
	}}
}

// open opens the notifier anew, as after the end of a process: what was not in the store is gone.
func (w *world) open() {
	w.t.Helper()
	n, err := Open(w.options())
	if err != nil {
		w.t.Fatal(err)
	}
	n.jitter = func() float64 { return 1 }
	w.n, w.senders = n, map[string]*sender{}
}

// crash ends the notifier without a word and opens another one.
func (w *world) crash() {
	w.t.Helper()
	if err := w.n.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open()
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

// deliver gives records to a worker, as the runner would.
func (w *world) deliver(topic string, values ...any) {
	w.t.Helper()
	worker, err := w.n.NewWorker(w.t.Context(), topic, 0, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	defer worker.Close()
	var list []*kgo.Record
	for _, v := range values {
		doc, ok := v.([]byte)
		if !ok {
			if doc, err = json.Marshal(v); err != nil {
				w.t.Fatal(err)
			}
		}
		w.offset[topic]++
		list = append(list, &kgo.Record{Topic: topic, Offset: w.offset[topic], Value: doc, Timestamp: w.now()})
	}
	done := 0
	if err := worker.Process(w.t.Context(), list, func(err error) {
		if done++; err != nil {
			w.t.Errorf("done with %v", err)
		}
	}); err != nil {
		w.t.Fatal(err)
	}
	if done != 1 {
		w.t.Errorf("done was called %d times", done)
	}
}

// alert makes an alert of a rule on a host.
func (w *world) alert(id, rule, level, host string) alert.Alert {
	return alert.Alert{ID: id, Revision: 1, Rule: rule, Level: level, Title: "title of " + rule, Group: map[string]string{"host.name": host}, What: rule + " on " + host,
		First: w.now(), Last: w.now(), Created: w.now(), Count: 1, Conditions: []alert.Condition{}, Evidence: []alert.Evidence{}}
}

// comes has alerts arrive.
func (w *world) comes(list ...alert.Alert) {
	w.t.Helper()
	for _, a := range list {
		w.deliver("weir.alerts", a)
	}
}

// decides has a state of an alert change.
func (w *world) decides(id string, version int, state string) {
	w.t.Helper()
	w.deliver("weir.changes", alert.Change{Alert: id, Version: version, Kind: "state", State: state, By: "ana", At: w.now()})
}

// look does what Run does at one moment, and returns when something else is due.
func (w *world) look() time.Time {
	w.t.Helper()
	ctx := w.t.Context()
	w.n.reloadForTest(w)
	for _, f := range []func(context.Context) error{w.n.flush, w.n.summaries, w.n.expired} {
		if err := f(ctx); err != nil {
			w.t.Fatal(err)
		}
	}
	next, err := w.n.store.NextDue(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	file := w.n.current()
	if file == nil {
		return next
	}
	for _, name := range slices.Sorted(maps.Keys(file.Channels)) {
		s := w.senders[name]
		if s == nil || s.ch != file.Channels[name] {
			s = w.n.newSender(file.Channels[name])
			w.senders[name] = s
		}
		at, err := s.step(ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	if err := w.n.raise(ctx); err != nil {
		w.t.Fatal(err)
	}
	return next
}

// reloadForTest reads the file as Run does, without starting anything.
func (n *Notifier) reloadForTest(w *world) {
	gone, err := n.read()
	if err != nil {
		w.t.Log(err)
	}
	for _, c := range gone {
		_ = c.Channel.Close()
	}
}

// pass lets time go by, from one thing that is due to the next.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	end := w.now().Add(d)
	for {
		next := w.look()
		now := w.now()
		if !now.Before(end) {
			return
		}
		step := min(w.most, end.Sub(now))
		if !next.IsZero() && next.Before(now.Add(step)) {
			step = max(next.Sub(now), time.Millisecond)
		}
		w.mu.Lock()
		w.clock = w.clock.Add(step)
		w.mu.Unlock()
	}
}

// got writes what arrived at a channel since the last call: "kind group: alerts +more".
func (w *world) got(name string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.boxes[name]
	out := []string{}
	if b == nil {
		return out
	}
	for _, m := range b.got {
		out = append(out, shortly(&m))
	}
	b.got = nil
	return out
}

func shortly(m *channel.Message) string {
	var ids []string
	for _, a := range m.Alerts {
		id := a.ID
		if a.State != alert.Open {
			id += "/" + a.State
		}
		ids = append(ids, id)
	}
	s := fmt.Sprintf("%s %s: %s", m.Kind, m.Group, strings.Join(ids, " "))
	if m.More > 0 {
		s += fmt.Sprintf(" +%d", m.More)
	}
	return s
}

// want compares what arrived with what should have.
func (w *world) want(name string, want ...string) {
	w.t.Helper()
	if got := w.got(name); !slices.Equal(got, want) {
		w.t.Errorf("%s %s\n got  %s\n want %s", w.now().Format("15:04:05"), name, strings.Join(got, "\n      "), strings.Join(want, "\n      "))
	}
}

// simple is a file with one channel and one route.
const simple = `
channels: {mail: {type: box}}
route: {to: [mail], group_by: [rule, host.name]}
`
