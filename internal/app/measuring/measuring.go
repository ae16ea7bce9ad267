// Package measuring reads what the parts of a process count, in the words in which Prometheus is told of it.
package measuring

import (
	"context"
	"slices"
	"time"

	"weir/internal/app/correlating"
	"weir/internal/app/metrics"
	"weir/internal/bus"
	"weir/internal/pipeline"
	"weir/sinks/notify"
)

// Stage is a stage that runs in this process.
type Stage struct {
	Name   string
	Topics []string // without the prefix
	Runner *pipeline.Runner
}

// Positions are how far stages are.
func Positions(list []Stage) (out []metrics.Position) {
	for _, st := range list {
		for topic, ps := range st.Runner.Processed() {
			for p, at := range ps {
				out = append(out, metrics.Position{Stage: st.Name, Topic: topic, Partition: p, Offset: at})
			}
		}
	}
	return out
}

// Lags asks Kafka where topics begin and end, once for all stages. Only partitions of this process count, so that the sum
// over all processes is right; one of which nothing was taken waits from its first record on.
func Lags(ctx context.Context, b *bus.Bus, list []Stage) (out []metrics.Lag, err error) {
	var names []string
	for _, st := range list {
		names = append(names, st.Topics...)
	}
	if len(names) == 0 {
		return nil, nil
	}
	slices.Sort(names)
	names = slices.Compact(names)
	starts, err := b.Starts(ctx, names...)
	if err != nil {
		return nil, err
	}
	ends, err := b.Ends(ctx, names...)
	if err != nil {
		return nil, err
	}
	for _, st := range list {
		for topic, ps := range st.Runner.Processed() {
			l := metrics.Lag{Stage: st.Name, Topic: topic}
			for p, at := range ps {
				l.Records += max(0, ends[topic][p]-max(at, starts[topic][p]))
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// Spool is what the spool holds by topic.
func Spool(list []bus.SpoolUse) (out []metrics.Spool) {
	for _, u := range list {
		out = append(out, metrics.Spool{Topic: u.Topic, Bytes: u.Bytes, MaxBytes: u.MaxBytes, Used: u.Used})
	}
	return out
}

// Retention is how close groups are to losing records. Every process on a Kafka sees all of them.
func Retention(b *bus.Bus) (out []metrics.Retention) {
	for _, l := range b.Behind() {
		out = append(out, metrics.Retention{Topic: l.Topic, Group: l.Group, Used: l.Share})
	}
	return out
}

// Correlation is what rules hold and let go in this process.
func Correlation(ws *correlating.Workers) metrics.Correlation {
	st := ws.Stats()
	out := metrics.Correlation{Matches: int64(st.Matches), Late: int64(st.Late), Held: int64(st.Held), Evicted: int64(st.EvictedGroups + st.EvictedFolds)}
	for _, r := range ws.RuleStats() {
		out.Groups += int64(r.Groups)
		out.Bytes += r.Bytes
	}
	return out
}

// notifyWithin bounds how long a scrape waits for the store of notifications.
const notifyWithin = time.Second

// Channels are the ways in which people are told. What cannot be read now is left out.
func Channels(n *notify.Notifier) (out []metrics.Channel) {
	ctx, cancel := context.WithTimeout(context.Background(), notifyWithin)
	defer cancel()
	list, err := n.Counts(ctx)
	if err != nil {
		return nil
	}
	for _, c := range list {
		out = append(out, metrics.Channel{Name: c.Channel, Sent: c.Sent, Failed: c.Failed, Silenced: c.Silenced, Waiting: c.Waiting, Dead: c.Dead, Up: c.Up})
	}
	return out
}
