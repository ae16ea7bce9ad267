package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/routing"
)

// t0 is when groups of these tests begin.
var t0 = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// usual are the settings where a test says nothing.
func usual() routing.Settings {
	return routing.Settings{To: []string{"mail"}, Wait: 10 * time.Second, Interval: 5 * time.Minute, Repeat: 4 * time.Hour, Resolve: true,
		Escalate: []routing.Step{{After: 15 * time.Minute, To: []string{"boss"}}, {After: time.Hour, To: []string{"chief"}}}}
}

// text writes a plan: "firing a,b; escalation>boss a; told a; due +10s".
func text(p Plan, now time.Time) string {
	var out []string
	for _, m := range p.Messages {
		to := ""
		if m.To != nil {
			to = ">" + strings.Join(m.To, ",")
		}
		out = append(out, fmt.Sprintf("%s%s %s", m.Kind, to, strings.Join(m.Alerts, ",")))
	}
	if len(p.Told) > 0 {
		out = append(out, "told "+strings.Join(p.Told, ","))
	}
	if len(p.Skipped) > 0 {
		out = append(out, "skipped "+strings.Join(p.Skipped, ","))
	}
	if p.Close {
		out = append(out, "close")
	}
	if !p.Due.IsZero() {
		out = append(out, "due +"+p.Due.Sub(now).String())
	}
	return strings.Join(out, "; ")
}

func TestDecide(t *testing.T) {
	told := func(id string, after time.Duration) Member {
		return Member{Alert: id, Rank: 4, ToldRank: 4, Added: t0, Told: t0.Add(after)}
	}
	with := func(m Member, f func(*Member)) Member { f(&m); return m }
	fresh := Member{Alert: "n", Rank: 4, Added: t0}
	for _, tc := range []struct {
		name    string
		at      time.Duration
		members []Member
		flushed time.Duration // after t0; 0: never
		set     func(*routing.Settings)
		want    string
	}{
		{"new: it waits for company", 0, []Member{fresh}, 0, nil, "due +10s"},
		{"new: told when it has waited", 10 * time.Second, []Member{fresh}, 0, nil, "firing n; told n; due +15m0s"},
		{"critical does not wait", 0, []Member{fresh, {Alert: "c", Rank: 5, Added: t0}}, 0, nil, "firing c,n; told n,c; due +15m0s"},
		{"critical waits where somebody chose that", 0, []Member{{Alert: "c", Rank: 5, Added: t0}}, 0, func(s *routing.Settings) { s.WaitSet = true }, "due +10s"},
		{"grown: not before the interval", 4 * time.Minute, []Member{told("a", 0), fresh}, 0 + time.Second, nil, "due +1m1s"},
		{"grown: told with what goes on, the new ones first", 6 * time.Minute, []Member{told("a", 0), fresh}, time.Second, nil, "firing n,a; told n; due +9m0s"},
		{"worse than it was told", 6 * time.Minute, []Member{with(told("a", 0), func(m *Member) { m.Rank = 5 })}, time.Second, nil, "firing a; told a; due +9m0s"},
		{"over before anybody was told", 10 * time.Second, []Member{{Alert: "n", Over: true, Rank: 4}}, 0, nil, "skipped n; close"},
		{"one over before, another new", 10 * time.Second, []Member{{Alert: "x", Over: true, Rank: 4}, fresh}, 0, nil, "firing n; told n; skipped x; due +15m0s"},
		{"nobody acknowledged: first step", 15 * time.Minute, []Member{told("a", 0)}, time.Second, nil, "escalation>boss a; due +45m0s"},
		{"first step was taken", 16 * time.Minute, []Member{with(told("a", 0), func(m *Member) { m.Escalated = 1 })}, time.Second, nil, "due +44m0s"},
		{"both steps after a long stop", 2 * time.Hour, []Member{told("a", 0)}, time.Second, nil, "escalation>boss a; escalation>chief a; due +4h0m0s"},
		{"each alert has a time of its own", 16 * time.Minute, []Member{told("a", 0), told("b", 10*time.Minute)}, 10 * time.Minute, nil, "escalation>boss a; due +9m0s"},
		{"acknowledged: no step", time.Hour, []Member{with(told("a", 0), func(m *Member) { m.Acked = true })}, time.Second, nil, ""},
		{"repeat", 4 * time.Hour, []Member{with(told("a", 0), func(m *Member) { m.Escalated = 2 })}, time.Second, nil, "due +1s"},
		{"repeat is due", 5 * time.Hour, []Member{with(told("a", 0), func(m *Member) { m.Escalated = 2 })}, time.Second, nil, "repeat a; due +4h0m0s"},
		{"no repeat", 5 * time.Hour, []Member{with(told("a", 0), func(m *Member) { m.Escalated = 2 })}, time.Second, func(s *routing.Settings) { s.Repeat = 0 }, ""},
		{"no repeat of what is acknowledged", 5 * time.Hour, []Member{with(told("a", 0), func(m *Member) { m.Acked = true })}, time.Second, nil, ""},
		{"repeat leaves out what is acknowledged", 5 * time.Hour, []Member{with(told("a", 0), func(m *Member) { m.Acked = true }), with(told("b", 0), func(m *Member) { m.Escalated = 2 })}, time.Second, nil, "repeat b; due +4h0m0s"},
		{"all over", 10 * time.Minute, []Member{with(told("a", 0), func(m *Member) { m.Over = true })}, time.Second, nil, "resolved a; close"},
		{"all over: not before the interval", 2 * time.Minute, []Member{with(told("a", 0), func(m *Member) { m.Over = true })}, time.Second, nil, "due +3m1s"},
		{"some over", 10 * time.Minute, []Member{with(told("a", 0), func(m *Member) { m.Over = true }), told("b", 0)}, time.Second, nil, "due +5m0s"},
		{"all over, nobody wants to know", time.Minute, []Member{with(told("a", 0), func(m *Member) { m.Over = true })}, time.Second, func(s *routing.Settings) { s.Resolve = false }, "close"},
		{"all over while a silence is on it", 10 * time.Minute, []Member{with(told("a", 0), func(m *Member) { m.Over, m.Held = true, true })}, time.Second, nil, "due +1m0s"},
		{"held: no step and no repeat", 5 * time.Hour, []Member{with(told("a", 0), func(m *Member) { m.Held = true })}, time.Second, nil, "due +1m0s"},
		{"nothing in it", 0, nil, 0, nil, "close"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := usual()
			if tc.set != nil {
				tc.set(&set)
			}
			g := Group{Begun: t0, Members: tc.members}
			if tc.flushed > 0 {
				g.Flushed, g.Sent = t0.Add(tc.flushed), t0.Add(tc.flushed)
			}
			now := t0.Add(tc.at)
			if got := text(Decide(g, set, now), now); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

// settle does to a group what a plan says of it.
func settle(g *Group, p Plan, now time.Time) {
	for i := range g.Members {
		m := &g.Members[i]
		if slices.Contains(p.Told, m.Alert) {
			m.ToldRank = m.Rank
			if m.Told.IsZero() {
				m.Told = now
			}
		}
		m.Skipped = m.Skipped || slices.Contains(p.Skipped, m.Alert)
		if n, ok := p.Escalated[m.Alert]; ok {
			m.Escalated = n
		}
	}
	if p.News {
		g.Flushed = now
	}
	if p.Said {
		g.Sent = now
	}
}

// TestDecide_Random: over any life of a group every alert that goes on is told exactly once, the end is said once and last,
// asking again at once says nothing, nothing is said between what was due, and due times lie ahead.
func TestDecide_Random(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		set := usual()
		set.Repeat = time.Duration(r.IntN(3)) * time.Hour
		set.WaitSet = r.IntN(2) == 0
		g := Group{Begun: t0}
		firings, ended := map[string]int{}, false
		now, due := t0, t0
		for step := 0; step < 200 && !ended; step++ {
			touched := r.IntN(4) == 0
			if touched {
				change(r, &g, step, now)
			}
			p := Decide(g, set, now)
			if len(p.Messages) > 0 && !touched && (due.IsZero() || now.Before(due)) {
				t.Fatalf("seed %d: %s is said before it was due", seed, text(p, now))
			}
			if !p.Due.IsZero() && !p.Due.After(now) {
				t.Fatalf("seed %d: due %s at %s", seed, p.Due, now)
			}
			for _, m := range p.Messages {
				if len(m.Alerts) == 0 || m.Kind == channel.Resolved && !p.Close {
					t.Fatalf("seed %d: %+v", seed, m)
				}
			}
			for _, id := range p.Told {
				firings[id]++
			}
			settle(&g, p, now)
			ended = p.Close
			if !ended {
				if again := Decide(g, set, now); len(again.Messages)+len(again.Told)+len(again.Skipped) > 0 {
					t.Fatalf("seed %d: asked again it says %s", seed, text(again, now))
				}
			}
			if due = p.Due; due.IsZero() || r.IntN(3) > 0 {
				now = now.Add(time.Duration(r.IntN(600)) * time.Second)
			} else {
				now = due
			}
		}
		later := Decide(g, set, now.Add(time.Hour))
		for _, m := range g.Members {
			if !ended && !m.Over && !m.Held && m.Told.IsZero() && !slices.Contains(later.Told, m.Alert) {
				t.Errorf("seed %d: nobody is ever told of %s", seed, m.Alert)
			}
		}
		for id, n := range firings {
			if n != 1 {
				t.Errorf("seed %d: %s was told %d times", seed, id, n)
			}
		}
		for _, m := range g.Members {
			if m.Over && m.Told.IsZero() && !m.Skipped {
				t.Errorf("seed %d: of %s nothing was said", seed, m.Alert)
			}
		}
	}
}

// change does something to a group: an alert comes, is acknowledged, held, or over.
func change(r *rand.Rand, g *Group, n int, now time.Time) {
	if len(g.Members) == 0 || r.IntN(3) == 0 && len(g.Members) < 8 {
		g.Members = append(g.Members, Member{Alert: fmt.Sprint("a", n), Rank: 1 + r.IntN(5), Added: now})
		return
	}
	m := &g.Members[r.IntN(len(g.Members))]
	switch r.IntN(4) {
	case 0:
		m.Acked = true
	case 1:
		m.Held = !m.Held && !m.Told.IsZero() // one that nobody was told of leaves its group
	default:
		m.Over = true
	}
}

func BenchmarkDecide(b *testing.B) {
	g := Group{Begun: t0, Flushed: t0, Sent: t0}
	for i := range 1000 {
		g.Members = append(g.Members, Member{Alert: fmt.Sprint(i), Rank: 1 + i%5, ToldRank: 5, Told: t0, Added: t0})
	}
	set := usual()
	b.ReportAllocs()
	for b.Loop() {
		Decide(g, set, t0.Add(time.Minute))
	}
}
