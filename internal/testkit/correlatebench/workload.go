package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
	"unsafe"

	"weir/internal/signal"
	"weir/rules"
	"weir/rules/correlation"
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
		c.Window = correlation.Sliding
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
		c := rules.Correlate{Kind: correlation.Distinct, Field: []string{fieldUser}, Bounds: gte(float64(values + values/10 + 1)), Within: 10 * minute}
		return workload{name: fmt.Sprintf("value_count, %d values", values), rule: ruleOf(c, 1), groups: 100, rate: 1_000, values: values, warm: 700_000}
	}
	number := []string{fieldBytes}
	steps := []int{500, 499, 1}
	return []workload{
		wide("event_count", rules.Correlate{Kind: correlation.Count, Bounds: gte(20)}, 1),
		wide("event_count, tumbling", rules.Correlate{Kind: correlation.Count, Bounds: gte(20), Window: correlation.Tumbling}, 1),
		distinct(10),
		distinct(1800),
		wide("value_sum", rules.Correlate{Kind: correlation.Sum, Field: number, Bounds: gte(many)}, 1),
		wide("value_avg", rules.Correlate{Kind: correlation.Avg, Field: number, Bounds: gte(many), MinValues: 5}, 1),
		wide("value_median", rules.Correlate{Kind: correlation.Median, Field: number, Bounds: gte(many), MinValues: 5}, 1),
		wide("value_percentile", rules.Correlate{Kind: correlation.Percentile, Field: number, Percent: 95, Bounds: gte(many), MinValues: 5}, 1),
		wide("temporal", rules.Correlate{Kind: correlation.AnyOrder}, 3, steps...),
		wide("temporal_ordered", rules.Correlate{Kind: correlation.Sequence}, 3, steps...),
		wide("absence", rules.Correlate{Kind: correlation.Absence}, 2, 10, 990),
		wide("new_value", rules.Correlate{Kind: correlation.NewValue, Field: []string{fieldUser}, Learn: minute}, 1),
	}
}

// stream makes the signals of a workload one after the other. It makes no garbage: that would be collected at the cost of what
// is measured.
type stream struct {
	w     workload
	rnd   *rand.Rand
	n     int
	mark  time.Time
	ips   []string // of workloads with few groups
	users []string
	// Groups come one after the other, each once; else by chance, of the first few if there is a number.
	inTurn bool
	few    int

	signal  signal.Signal
	scratch []byte // its texts
}

// fewGroups is up to how many groups their addresses are made once. A list of a million would be in what groups cost.
const fewGroups = 100_000

func newStream(w workload) *stream {
	s := &stream{w: w, rnd: rand.New(rand.NewPCG(1, 2)), mark: base}
	for i := range w.groups {
		if w.groups <= fewGroups {
			s.ips = append(s.ips, string(appendIP(nil, i)))
		}
	}
	for i := range max(w.values, 1) {
		s.users = append(s.users, fmt.Sprintf("user-%04d", i))
	}
	return s
}

func appendIP(dst []byte, n int) []byte {
	for _, part := range [...]int{10, n >> 16 & 255, n >> 8 & 255, n & 255} {
		dst = append(strconv.AppendInt(dst, int64(part), 10), '.')
	}
	return dst[:len(dst)-1]
}

// text returns what fn appends. It is good until the next signal.
func (s *stream) text(fn func([]byte) []byte) string {
	begin := len(s.scratch)
	s.scratch = fn(s.scratch)
	return unsafe.String(&s.scratch[begin], len(s.scratch)-begin)
}

// numbered returns a text with the number of the signal in it.
func (s *stream) numbered(before, after string) string {
	return s.text(func(dst []byte) []byte {
		return append(strconv.AppendInt(append(dst, before...), int64(s.n), 10), after...)
	})
}

// next makes the next signal: a match, or a mark each second of event time. It is good until the next call.
func (s *stream) next() *signal.Signal {
	if cap(s.scratch) < 1024 {
		s.scratch = make([]byte, 0, 1024) // texts must not move
	}
	s.scratch = s.scratch[:0]
	at := base.Add(time.Duration(s.n) * time.Second / time.Duration(s.w.rate))
	if at.Sub(s.mark) >= time.Second {
		s.mark = at
		s.signal = signal.Signal{Kind: signal.Watermark, Dataset: "sshd", Time: at, Src: s.numbered("weir.raw.syslog/2/", "/9"), Group: s.signal.Group[:0]}
		return &s.signal
	}
	s.n++
	number := s.n % s.w.groups
	if !s.inTurn {
		number = s.rnd.IntN(cmp.Or(s.few, s.w.groups))
	}
	ip := ""
	if number < len(s.ips) {
		ip = s.ips[number]
	} else {
		ip = s.text(func(dst []byte) []byte { return appendIP(dst, number) })
	}
	s.signal = signal.Signal{Kind: signal.Match, Rule: s.w.rule.ID, Hash: s.w.rule.Hash, When: s.when(), Group: append(s.signal.Group[:0], ip), Time: at,
		Dataset: "sshd", EventID: s.numbered("k3v9q1xw/3/", ""), Src: s.numbered("weir.raw.syslog/2/", "/0"), Packed: s.values(ip)}
	return &s.signal
}

// when chooses a condition by the shares of all.
func (s *stream) when() string {
	at := s.rnd.IntN(1000)
	for i, share := range s.w.share {
		if at < share {
			return "abc"[i : i+1]
		}
		at -= share
	}
	return "a"
}

// values are those that an alert of sshd shows, as they are packed: keys ascend.
func (s *stream) values(ip string) string {
	user, bytes := s.users[s.rnd.IntN(len(s.users))], s.rnd.IntN(1500)
	return s.text(func(dst []byte) []byte {
		dst = append(dst, `{"host.name":"web-01","message":"Failed password for invalid user admin from 203.0.113.5 port 51234 ssh2","`...)
		dst = append(append(append(append(dst, fieldBytes...), `":"`...), strconv.Itoa(bytes)...), `","`...)
		dst = append(append(append(append(dst, fieldIP...), `":"`...), ip...), `","`...)
		return append(append(append(append(dst, fieldUser...), `":"`...), user...), `"}`...)
	})
}
