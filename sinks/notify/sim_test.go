package notify

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control/notifying"
	"weir/sinks/notify/channel"
)

// day is a simulated day of alerts on three channels, of which each fails in its own way, with ends of the process at random
// moments. The test keeps its own books of what should have been told.
type day struct {
	*world
	r       *rand.Rand
	open    map[string]alert.Alert
	states  map[string]string
	version map[string]int
	// owed are the alerts of which each channel has to hear, as firing and, once over, as resolved.
	owed map[string]map[string]bool
	n    int
}

const dayFile = `
channels:
  mail: {type: box}
  phone: {type: box, limit: 0}
  log: {type: box, most: 10, limit: 0}
route:
  to: [mail, log]
  group_by: [rule, host.name]
  group_interval: 2m
  repeat: 3h
  escalate: [{after: 30m, to: phone}]
  routes:
    - {match: {level: critical}, to: [phone, mail, log], group_by: [rule]}
`

func newDay(t *testing.T, seed uint64) *day {
	d := &day{world: newWorld(t, dayFile), r: rand.New(rand.NewPCG(seed, 7)), open: map[string]alert.Alert{}, states: map[string]string{}, version: map[string]int{}, owed: map[string]map[string]bool{}}
	for _, name := range []string{"mail", "phone", "log"} {
		d.owed[name] = map[string]bool{}
		d.boxes[name].answer = d.flaky(name)
	}
	return d
}

// flaky fails for some hours of the day, and now and then: before the other side had the message, or after.
func (d *day) flaky(name string) func(int, *channel.Message) (channel.Receipt, error) {
	from := d.clock.Add(time.Duration(d.r.IntN(20)) * time.Hour)
	until := from.Add(time.Duration(d.r.IntN(180)) * time.Minute)
	return func(_ int, m *channel.Message) (channel.Receipt, error) {
		down := !d.clock.Before(from) && d.clock.Before(until)
		switch luck := d.r.IntN(20); {
		case down:
			return channel.Receipt{}, errors.New("down")
		case luck == 0:
			d.boxes[name].got = append(d.boxes[name].got, *m) // it arrived, and the answer did not
			return channel.Receipt{}, errors.New("the answer was lost")
		case luck == 1:
			return channel.Receipt{}, &channel.Error{RetryAfter: time.Duration(d.r.IntN(300)) * time.Second, Err: errors.New("busy")}
		}
		return channel.Receipt{}, nil
	}
}

// happens does one thing.
func (d *day) happens() {
	switch k := d.r.IntN(20); {
	case k < 9:
		d.n++
		level := []string{"low", "medium", "high", "critical"}[d.r.IntN(4)]
		a := d.alert(fmt.Sprintf("a%04d", d.n), fmt.Sprint("rule-", d.r.IntN(6)), level, fmt.Sprint("host-", d.r.IntN(5)))
		d.comes(a)
		d.open[a.ID], d.states[a.ID] = a, alert.Open
		to := []string{"mail", "log"}
		if level == "critical" {
			to = append(to, "phone")
		}
		for _, c := range to {
			d.owed[c][a.ID] = true
		}
	case k < 12 && len(d.open) > 0: // more hits
		a := d.open[d.some()]
		a.Revision++
		a.Count++
		d.open[a.ID] = a
		d.comes(a, a)
	case k < 17 && len(d.open) > 0: // somebody decides
		id := d.some()
		state := alert.Acknowledged
		if d.r.IntN(3) > 0 {
			state = alert.Closed
		}
		d.version[id]++
		d.decides(id, d.version[id], state)
		if d.states[id] = state; state == alert.Closed {
			delete(d.open, id)
		}
	case k == 17:
		d.crash()
	case k == 18: // what came is read again, as after a crash of the runner
		if len(d.open) > 0 {
			d.comes(d.open[d.some()])
		}
	default:
		for range d.r.IntN(60) { // a small storm
			d.n++
			a := d.alert(fmt.Sprintf("a%04d", d.n), "storm", "low", fmt.Sprint("host-", d.r.IntN(40)))
			d.comes(a)
			d.open[a.ID], d.states[a.ID] = a, alert.Open
			d.owed["mail"][a.ID], d.owed["log"][a.ID] = true, true
		}
	}
}

// some is one of the alerts that go on.
func (d *day) some() string {
	ids := slices.Sorted(maps.Keys(d.open))
	return ids[d.r.IntN(len(ids))]
}

// TestDay: over a day with failures and crashes every channel hears of every alert that it is owed, by name or in the
// count of a message that stands for many; a program hears of each by name; and what was told and is over is told as over.
func TestDay(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			d := newDay(t, seed)
			for end := noon.Add(24 * time.Hour); d.now().Before(end); {
				d.happens()
				d.pass(time.Duration(d.r.IntN(900)) * time.Second)
			}
			for _, b := range d.boxes {
				b.answer = nil
			}
			d.pass(3 * time.Hour)
			for _, name := range []string{"mail", "phone", "log"} {
				d.audit(name)
			}
		})
	}
}

// audit compares what arrived with what was owed.
func (d *day) audit(name string) {
	d.t.Helper()
	if s := d.status(name); s.Waiting != 0 || s.Dead != 0 {
		d.t.Errorf("%s: %d wait, %d are dead", name, s.Waiting, s.Dead)
	}
	heard, resolved, more, texts := map[string]bool{}, map[string]bool{}, 0, map[string]string{}
	for _, m := range d.boxes[name].got {
		text := shortly(&m)
		// A copy has the id of the first, and what it names is the same; only states may have moved on.
		bare := strings.NewReplacer("/closed", "", "/acknowledged", "").Replace(text)
		if first := texts[m.ID]; first != "" && first != bare {
			d.t.Errorf("%s: %s was sent as %q and as %q", name, m.ID, first, bare)
		} else if first == "" {
			more += m.More
		}
		texts[m.ID] = bare
		for _, a := range m.Alerts {
			heard[a.ID] = true
			if m.Kind == channel.Resolved || m.Kind == channel.Digest && a.State == alert.Closed {
				resolved[a.ID] = true
			}
		}
	}
	missing := 0
	for id := range d.owed[name] {
		if heard[id] {
			continue
		}
		// Not told by name: it was over before its group had waited, or it is one of those that a message counted.
		r, err := d.explained(id)
		if err != nil {
			d.t.Fatal(err)
		}
		if !slices.ContainsFunc(r.Past, func(p notifying.Past) bool { return p.What == "skipped" || p.What == "told" }) {
			d.t.Errorf("%s never heard of %s: %+v", name, id, r.Past)
		}
		if slices.ContainsFunc(r.Past, func(p notifying.Past) bool { return p.What == "told" }) {
			missing++
		}
	}
	if missing > more || name == "log" && missing > 0 {
		d.t.Errorf("%s: %d alerts were told without a name, and messages count only %d others", name, missing, more)
	}
	if name != "log" {
		return
	}
	// The program hears of every end by name, unless the group goes on.
	for id := range heard {
		if d.states[id] == alert.Closed && !resolved[id] {
			r, _ := d.explained(id)
			if i := slices.IndexFunc(r.Past, func(p notifying.Past) bool { return p.Kind == "resolved" }); i >= 0 {
				d.t.Errorf("%s: the end of %s was queued and never came", name, id)
			}
		}
	}
}

func (d *day) explained(id string) (notifying.Route, error) {
	return d.world.n.NotifyRoute(d.t.Context(), notifying.RouteRequest{Alert: id})
}
