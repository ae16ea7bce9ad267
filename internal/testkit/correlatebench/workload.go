package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"time"

	"weir/internal/signal"
	"weir/rules"
)

// workload is signals of one rule as they would come for ever.
type workload struct {
	name string
	rule *rules.Rule
	// Groups that signals spread over, evenly by chance.
	groups int
	// Signals in a second of event time; with the rule's time, it says how many are in a window.
	rate int
	// Different values that a group's signals have.
	values int
	// Signals after which windows are full: what is measured comes after them.
	warm int
	// How often, of a thousand, each condition matches.
	share []int
}

// base is the time at which streams begin.
var base = time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)

// Names of the fields of the signals.
const (
	fieldIP    = "source.ip"
	fieldUser  = "user.name"
	fieldBytes = "source.bytes"
)

// ruleOf makes a rule around a correlation by the address.
func ruleOf(c rules.Correlate, conditions int) *rules.Rule {
	r := &rules.Rule{ID: "bench", Hash: "5d41402abc4b2a76", Enabled: true, Title: "bench", Level: rules.High, Fold: rules.Fold{By: []string{fieldIP}, For: time.Hour}}
	c.By = []string{fieldIP}
	if c.Window == "" {
		c.Window = rules.Sliding
	}
	for i := range conditions {
		name := string(rune('a' + i))
		r.When = append(r.When, rules.Condition{Name: name, Expr: fmt.Sprintf("event.action == %q", name)})
		c.Steps = append(c.Steps, rules.Step{When: name, AtLeast: 1})
	}
	r.Correlate = &c
	return r
}

func gte(n float64) []rules.Bound { return []rules.Bound{{Op: "gte", Value: n}} }

// many is more than any of these streams comes to.
const many = 1e12

// workloads are the rows of the table of speeds. Six matches of a group are in a window of those with 50,000 groups, and few
// of these groups fire: what fires costs less, since it is only counted.
func workloads() []workload {
	const groups, rate, minute = 50_000, 5_000, time.Minute
	wide := func(name string, c rules.Correlate, conditions int, share ...int) workload {
		c.Within = minute
		return workload{name: name, rule: ruleOf(c, conditions), groups: groups, rate: rate, values: 40, warm: 2 * rate * 60, share: share}
	}
	distinct := func(values int) workload {
		c := rules.Correlate{Kind: rules.Distinct, Field: []string{fieldUser}, Bounds: gte(float64(values + values/10 + 1)), Within: 10 * minute}
		return workload{name: fmt.Sprintf("value_count, %d values", values), rule: ruleOf(c, 1), groups: 100, rate: 1_000, values: values, warm: 700_000}
	}
	number := []string{fieldBytes}
	steps := []int{500, 499, 1}
	return []workload{
		wide("event_count", rules.Correlate{Kind: rules.Count, Bounds: gte(20)}, 1),
		wide("event_count, tumbling", rules.Correlate{Kind: rules.Count, Bounds: gte(20), Window: rules.Tumbling}, 1),
		distinct(10),
		distinct(1800),
		wide("value_sum", rules.Correlate{Kind: rules.Sum, Field: number, Bounds: gte(many)}, 1),
		wide("value_avg", rules.Correlate{Kind: rules.Avg, Field: number, Bounds: gte(many), MinValues: 5}, 1),
		wide("value_median", rules.Correlate{Kind: rules.Median, Field: number, Bounds: gte(many), MinValues: 5}, 1),
		wide("value_percentile", rules.Correlate{Kind: rules.Percentile, Field: number, Percent: 95, Bounds: gte(many), MinValues: 5}, 1),
		wide("temporal", rules.Correlate{Kind: rules.AnyOrder}, 3, steps...),
		wide("temporal_ordered", rules.Correlate{Kind: rules.Sequence}, 3, steps...),
		wide("absence", rules.Correlate{Kind: rules.Absence}, 2, 10, 990),
		wide("new_value", rules.Correlate{Kind: rules.NewValue, Field: []string{fieldUser}, Learn: minute}, 1),
	}
}

// stream makes the signals of a workload one after the other.
type stream struct {
	w     workload
	rnd   *rand.Rand
	n     int
	users []string
	mark  time.Time
	// Groups come one after the other, each once; else by chance, of the first few if there is a number.
	inTurn bool
	few    int
}

func newStream(w workload) *stream {
	s := &stream{w: w, rnd: rand.New(rand.NewPCG(1, 2)), mark: base}
	for i := range max(w.values, 1) {
		s.users = append(s.users, fmt.Sprintf("user-%04d", i))
	}
	return s
}

// next makes the next signal: a match, or a mark each second of event time.
func (s *stream) next() *signal.Signal {
	at := base.Add(time.Duration(s.n) * time.Second / time.Duration(s.w.rate))
	if at.Sub(s.mark) >= time.Second {
		s.mark = at
		return &signal.Signal{Kind: signal.Watermark, Dataset: "sshd", Time: at, Src: fmt.Sprintf("weir.raw.syslog/2/%d/9", s.n)}
	}
	s.n++
	number := s.n % s.w.groups
	if !s.inTurn {
		number = s.rnd.IntN(cmp.Or(s.few, s.w.groups))
	}
	// Made anew each time: a list of a million would be in what the groups are said to cost.
	ip := fmt.Sprintf("10.%d.%d.%d", number>>16&255, number>>8&255, number&255)
	when := "a"
	for i, at := 0, s.rnd.IntN(1000); i < len(s.w.share); i++ {
		if at < s.w.share[i] {
			when = string(rune('a' + i))
			break
		}
		at -= s.w.share[i]
	}
	return &signal.Signal{Kind: signal.Match, Rule: s.w.rule.ID, Hash: s.w.rule.Hash, When: when, Group: []string{ip}, Time: at, Dataset: "sshd",
		EventID: fmt.Sprintf("k3v9q1xw/3/%d", s.n), Src: fmt.Sprintf("weir.raw.syslog/2/%d/0", s.n),
		Values: map[string]string{
			"host.name": "web-01", "message": "Failed password for invalid user admin from 203.0.113.5 port 51234 ssh2",
			fieldIP: ip, fieldUser: s.users[s.rnd.IntN(len(s.users))], fieldBytes: fmt.Sprint(s.rnd.IntN(1500)),
		}}
}
