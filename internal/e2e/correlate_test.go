package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/bus"
	"weir/internal/signal"
	"weir/internal/testkit/relpclient"
	"weir/processors/correlate/oracle"
	"weir/rules"
	"weir/sinks/alerts"
)

// The proof of correlation: logins go through real processes while these are killed, or while others join and leave. Then
// the oracle evaluates each rule over the events that are in the archive, and every alert on weir.alerts must be one of its
// own: the same group, the same events, the same count, and each of them once.

// statefulRules has one rule of each kind. The shorter their times, the more often a kill falls into a window.
const statefulRules = `
id: p-single
title: a login as root
level: low
when: {event: 'event.outcome == "success" and user.name == "user0"'}
fold: {by: [source.ip], for: 2m}
---
id: p-count
title: many failures
level: high
when: {failed: 'event.outcome == "failure"'}
correlate: {count: {when: failed, at_least: 6}, by: [source.ip], within: 60s}
fold: {by: [source.ip], for: 2m}
---
id: p-tumbling
title: many failures in one minute of the clock
level: high
when: {failed: 'event.outcome == "failure"'}
correlate: {count: {when: failed, at_least: 5}, by: [source.ip], within: 60s, window: tumbling}
fold: {by: [source.ip], for: 2m}
---
id: p-session
title: failures without a pause
level: high
when: {failed: 'event.outcome == "failure"'}
correlate: {count: {when: failed, at_least: 8}, by: [source.ip], within: 20s, window: session}
fold: {by: [source.ip], for: 2m}
---
id: p-distinct
title: many users of one address
level: high
when: {failed: 'event.outcome == "failure"'}
correlate: {distinct: {when: failed, of: user.name, at_least: 5}, by: [source.ip], within: 60s}
fold: {by: [source.ip], for: 2m}
---
id: p-sum
title: the ports of an address come to a lot
level: high
when: {login: 'event.outcome == "success"'}
correlate: {sum: {when: login, of: source.port, at_least: 120000}, by: [source.ip], within: 60s}
fold: {by: [source.ip], for: 2m}
---
id: p-any-order
title: failures and a login
level: high
when: {failed: 'event.outcome == "failure"', login: 'event.outcome == "success"'}
correlate: {any_order: [{when: failed, at_least: 3}, {when: login, at_least: 2}], by: [source.ip], within: 60s}
fold: {by: [source.ip], for: 2m}
---
id: p-sequence
title: failures, a login, and away
level: high
when: {failed: 'event.outcome == "failure"', login: 'event.outcome == "success"', left: 'event.action == "ssh_disconnect"'}
correlate: {sequence: [{when: failed, at_least: 3}, {when: login}, {when: left}], by: [source.ip], within: 60s}
fold: {by: [source.ip], for: 2m}
---
id: p-any-order-not
title: failures and nobody leaves
level: high
when: {failed: 'event.outcome == "failure"', left: 'event.action == "ssh_disconnect"'}
correlate: {any_order: {steps: [{when: failed, at_least: 3}, {when: left}], condition: failed and not left}, by: [source.ip], within: 60s}
fold: {by: [source.ip], for: 2m}
---
id: p-absence
title: in and not out again
level: high
when: {login: 'event.outcome == "success"', left: 'event.action == "ssh_disconnect"'}
correlate: {absence: {after: login, of: left}, by: [source.ip], within: 3m}
fold: {by: [source.ip], for: 4m}
---
id: p-fewer
title: hardly any failures
level: high
when: {failed: 'event.outcome == "failure"'}
correlate: {count: {when: failed, is: {lt: 2}}, by: [source.ip], within: 60s}
fold: {by: [source.ip], for: 2m}
---
id: p-avg
title: high ports on average
level: high
when: {failed: 'event.outcome == "failure"'}
correlate: {avg: {when: failed, of: source.port, is: {gt: 52000}, min_values: 3}, by: [source.ip], within: 60s}
fold: {by: [source.ip], for: 2m}
---
id: p-percentile
title: low ports but for a few
level: high
when: {failed: 'event.outcome == "failure"'}
correlate: {percentile: {when: failed, of: source.port, percent: 75, is: {lt: 20000}, min_values: 3}, by: [source.ip], within: 60s}
fold: {by: [source.ip], for: 2m}
---
id: p-new-value
title: a user on a new host
level: high
when: {login: 'event.outcome == "success"'}
correlate: {new_value: {when: login, of: host.name, learn: 10m}, by: [user.name, source.ip], within: 1h}
fold: {by: [user.name, source.ip], for: 1h}
---
id: p-chain
title: bursts against several users
level: high
when: {failed: 'event.outcome == "failure"'}
correlate:
  distinct: {when: burst, of: user.name, at_least: 2}
  of: {burst: {count: {when: failed, at_least: 2}, by: [source.ip, user.name], within: 30s}}
  by: [source.ip]
  within: 3m
fold: {by: [source.ip], for: 5m}
`

// loginHolds is what the conditions of these rules ask, by name, worked out without them.
var loginHolds = map[string]func(doc map[string]any) bool{
	"event": func(d map[string]any) bool {
		return field(d, "event.outcome") == "success" && field(d, "user.name") == "user0"
	},
	"failed": func(d map[string]any) bool { return field(d, "event.outcome") == "failure" },
	"login":  func(d map[string]any) bool { return field(d, "event.outcome") == "success" },
	"left":   func(d map[string]any) bool { return field(d, "event.action") == "ssh_disconnect" },
}

// logins are numbered lines of sshd over two hours of event time, with addresses that try more and less.
type logins struct {
	n     int
	begin time.Time
	rnd   *rand.Rand
}

func newLogins(n int) *logins {
	return &logins{n: n, begin: time.Now().Add(-3 * time.Hour).Truncate(time.Second), rnd: rand.New(rand.NewPCG(uint64(n), 7))}
}

// line i, as it is sent.
func (l *logins) line(i int) []byte {
	at := l.begin.Add(time.Duration(i) * 2 * time.Hour / time.Duration(l.n)).UTC().Format("2006-01-02T15:04:05.000Z")
	ip := l.rnd.IntN(60)
	if l.rnd.IntN(3) == 0 {
		ip = i / 200 % 60 // one of them tries harder for a while
	}
	head := fmt.Sprintf("<86>1 %s web-%d sshd %d - - ", at, l.rnd.IntN(4), 1000+i%100)
	user, port := l.rnd.IntN(6), 1024+l.rnd.IntN(60000)
	switch l.rnd.IntN(5) {
	case 0:
		return fmt.Appendf(nil, "%sAccepted password for user%d from 203.0.113.%d port %d ssh2", head, user, ip, port)
	case 1:
		return fmt.Appendf(nil, "%sDisconnected from user user%d 203.0.113.%d port %d", head, user, ip, port)
	}
	return fmt.Appendf(nil, "%sFailed password for user%d from 203.0.113.%d port %d ssh2", head, user, ip, port)
}

// later is a line of another kind and a later time, by which the time of the stream goes on.
func (l *logins) later(i int) []byte {
	at := l.begin.Add(2*time.Hour + 50*time.Minute + time.Duration(i)*time.Second).UTC().Format("2006-01-02T15:04:05.000Z")
	return fmt.Appendf(nil, "<86>1 %s web-0 sshd 1 - - Server listening on 0.0.0.0 port 22.", at)
}

// send sends all lines by RELP, at a pace that leaves room for what breaks meanwhile; each calls fn before each line. Then
// it lets the time of the stream go on until the last windows are over.
func (l *logins) send(ctx context.Context, t *testing.T, addr string, fn func(i int)) {
	client, err := relpclient.Dial(ctx, addr, 50) // what is sent again must not come too late
	if err != nil {
		t.Error(err)
		return
	}
	for i := range l.n {
		fn(i)
		if err := client.Send(ctx, i, l.line(i)); err != nil {
			t.Errorf("sending %d: %v", i, err)
			return
		}
	}
	// A few at a time, so that each partition of the front door has some: what is not read there holds time back.
	for i := range 60 {
		if err := client.Send(ctx, l.n+i, l.later(i)); err != nil {
			t.Errorf("sending %d: %v", i, err)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err := client.Close(ctx); err != nil {
		t.Error(err)
	}
}

// stateful writes the rules into a data folder and reads them.
func stateful(t *testing.T, folders ...string) []*rules.Rule {
	t.Helper()
	for _, dir := range folders {
		if err := os.MkdirAll(filepath.Join(dir, "rules"), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "rules", "stateful.yaml"), statefulRules)
	}
	set, err := rules.LoadDir(filepath.Join(folders[0], "rules"), rules.Options{})
	if err != nil || len(set.Faults) > 0 {
		t.Fatalf("%v %v", err, set.Faults)
	}
	return set.Rules
}

// shownFields are those that the rules of these tests name.
var shownFields = []string{"source.ip", "source.port", "user.name", "host.name", "process.name"}

// signalsOf makes what a rule's conditions match of the documents, with the documents' own values. holds says what a
// condition asks.
func signalsOf(t testing.TB, r *rules.Rule, holds map[string]func(map[string]any) bool, docs []map[string]any) (out []*signal.Signal) {
	t.Helper()
	for _, d := range docs {
		at, err := time.Parse(time.RFC3339Nano, field(d, "weir.time"))
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]string{}
		for _, name := range shownFields {
			values[name] = field(d, name)
		}
		if port, err := strconv.ParseFloat(values["source.port"], 64); err == nil { // JSON may have it as 4e+04
			values["source.port"] = strconv.FormatFloat(port, 'f', -1, 64)
		}
		for _, c := range r.When {
			if !holds[c.Name](d) {
				continue
			}
			by := r.Fold.By
			if r.Correlate != nil {
				by = r.Correlate.By
				for _, in := range r.Correlate.Inner {
					by = in.By // these rules have their conditions in one place
				}
			}
			s := &signal.Signal{Kind: signal.Match, Rule: r.ID, Hash: r.Hash, When: c.Name, EventID: field(d, "event.id"), Time: at, Values: values}
			for _, name := range by {
				s.Group = append(s.Group, values[name])
			}
			if !slices.Contains(s.Group, "") { // an event without what the rule groups by is none of its matches
				out = append(out, s)
			}
		}
	}
	return out
}

// read hands over every record of a topic from its beginning.
func read(t *testing.T, b *bus.Bus, topic string, fn func(*kgo.Record)) {
	t.Helper()
	ends, err := b.Ends(within(t, 20*time.Second), topic)
	if err != nil {
		t.Fatal(err)
	}
	starts, err := b.Starts(within(t, 20*time.Second), topic)
	if err != nil {
		t.Fatal(err)
	}
	for p, start := range starts[b.Topic(topic)] {
		if start > 0 {
			t.Errorf("%s/%d begins at %d: what was before is trimmed", topic, p, start)
		}
	}
	left := map[int32]int64{}
	from := map[int32]kgo.Offset{}
	for p, end := range ends[b.Topic(topic)] {
		if start := starts[b.Topic(topic)][p]; end > start {
			left[p], from[p] = end, kgo.NewOffset().At(start)
		}
	}
	if len(left) == 0 {
		return
	}
	client, err := b.Client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{b.Topic(topic): from}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := within(t, time.Minute)
	for len(left) > 0 {
		got := client.PollFetches(ctx)
		if err := got.Err0(); err != nil {
			t.Fatal(err)
		}
		got.EachRecord(func(rec *kgo.Record) {
			if end, ok := left[rec.Partition]; ok {
				fn(rec)
				if rec.Offset+1 >= end {
					delete(left, rec.Partition)
				}
			}
		})
	}
}

// prove holds what is on weir.alerts against the oracle over the documents. It returns how many alerts of each rule are equal.
func prove(t *testing.T, list []*rules.Rule, docs []map[string]any, b *bus.Bus) map[string]int {
	t.Helper()
	said := map[string]oracle.Said{}
	trace, failed := map[string][]string{}, map[string]error{}
	records := 0
	read(t, b, bus.Alerts, func(rec *kgo.Record) {
		a := &alert.Alert{}
		if err := json.Unmarshal(rec.Value, a); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(list, func(r *rules.Rule) bool { return r.ID == a.Rule }) {
			return // of a rule that weir ships, or its own
		}
		if said[a.Rule] == nil {
			said[a.Rule] = oracle.Said{}
		}
		records++
		trace[a.ID] = append(trace[a.ID], fmt.Sprintf("%d at %d/%d", a.Revision, rec.Partition, rec.Offset))
		if err := said[a.Rule].Take(a); err != nil && failed[a.ID] == nil {
			failed[a.ID] = fmt.Errorf("%s: %w", a.Rule, err)
		}
	})
	for id, err := range failed {
		t.Errorf("%v; revisions of %s: %s", err, id, strings.Join(trace[id], ", "))
	}
	t.Logf("%d records on weir.alerts", records)
	return compared(t, list, docs, said)
}

// compared holds alerts against the oracle over the documents. It returns how many of each rule are equal.
func compared(t testing.TB, list []*rules.Rule, docs []map[string]any, said map[string]oracle.Said) map[string]int {
	t.Helper()
	equal, alerts := map[string]int{}, 0
	for _, r := range list {
		n, err := oracle.Compare(r, said[r.ID], oracle.Alerts(r, signalsOf(t, r, loginHolds, docs)))
		if err != nil {
			t.Errorf("%s differs from the oracle:\n%v", r.ID, err)
		}
		equal[r.ID] = n
		t.Logf("%-16s %4d alerts equal to the oracle's", r.ID, n)
		alerts += n
	}
	t.Logf("%d events, %d alerts compared", len(docs), alerts)
	return equal
}

// proveStored holds the alerts that a weir keeps, each by its last revision, against the oracle. Its log is no witness: an
// embedded broker trims what all readers have.
func (w *weir) proveStored(list []*rules.Rule, docs []map[string]any) {
	w.t.Helper()
	store, err := alerts.Open(filepath.Join(w.dir, "alerts.db"), alerts.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close()
	said := map[string]oracle.Said{}
	for _, r := range list {
		rows, err := store.List(w.t.Context(), alerts.Filter{Rule: r.ID, Suppressed: true})
		if err != nil {
			w.t.Fatal(err)
		}
		said[r.ID] = oracle.Said{}
		for i := range rows {
			said[r.ID][rows[i].ID] = []*alert.Alert{&rows[i].Alert}
		}
	}
	for id, n := range compared(w.t, list, docs, said) {
		if n == 0 {
			w.t.Errorf("%s: no alerts to compare", id)
		}
	}
}

// proveAll asks for alerts of every rule: with none there is nothing to compare.
func proveAll(t *testing.T, list []*rules.Rule, docs []map[string]any, b *bus.Bus) {
	t.Helper()
	for id, n := range prove(t, list, docs, b) {
		if n == 0 {
			t.Errorf("%s: no alerts to compare", id)
		}
	}
}

// logins in the archive.
func (w *weir) loginDocs(n int) (docs []map[string]any) {
	w.t.Helper()
	w.each(`event.dataset: system.auth and event.action: (ssh_login or ssh_disconnect)`, 10*n, func(doc map[string]any) { docs = append(docs, doc) })
	if len(docs) < n {
		w.t.Fatalf("%d documents of %d lines", len(docs), n)
	}
	return docs
}
