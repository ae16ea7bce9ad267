package topicadmin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"weir/internal/config/unit"
	"weir/internal/fault"
)

// Info is one topic as it is on Kafka. JSON names are those of weir topics list --json.
type Info struct {
	Name       string        `json:"name"`
	Missing    bool          `json:"missing,omitempty"`
	Partitions int           `json:"partitions"`
	Copies     int           `json:"copies"`
	MinInSync  int           `json:"min_insync_replicas"`
	Cleanup    string        `json:"cleanup"`
	Retention  time.Duration `json:"-"` // 0: for ever
	Hours      float64       `json:"retention_hours"`
	MaxSize    int64         `json:"retention_bytes"` // of a partition; -1: no bound
	MaxBytes   int           `json:"max_message_bytes"`
	Records    int64         `json:"records"`
	Bytes      int64         `json:"bytes"` // of one copy; 0 where Kafka does not tell
	Lag        int64         `json:"lag"`   // of the group furthest behind
	Group      string        `json:"group,omitempty"`
}

// List describes the topics of the plan, with the group that is furthest behind on each.
func (a *Admin) List(ctx context.Context) ([]Info, error) {
	have, err := a.topics(ctx)
	if err != nil {
		return nil, err
	}
	var there []string
	for _, n := range a.names() {
		if have.Has(n) {
			there = append(there, n)
		}
	}
	confs, err := a.configs(ctx, there)
	if err != nil {
		return nil, err
	}
	out := make([]Info, len(a.plan.Topics))
	for i, t := range a.plan.Topics {
		out[i] = Info{Name: t.Name, Missing: !have.Has(t.Name)}
		if d := have[t.Name]; !out[i].Missing {
			out[i].Partitions = len(d.Partitions)
			for _, p := range d.Partitions {
				out[i].Copies = max(out[i].Copies, len(p.Replicas))
			}
			out[i].apply(confs[t.Name])
		}
	}
	if len(there) == 0 {
		return out, nil
	}
	return out, a.fill(ctx, out, there)
}

// apply reads the settings of a topic.
func (i *Info) apply(conf map[string]string) {
	i.Cleanup = conf["cleanup.policy"]
	i.MaxSize = number(conf["retention.bytes"], -1)
	i.MaxBytes = int(number(conf["max.message.bytes"], 0))
	i.MinInSync = int(number(conf["min.insync.replicas"], 0))
	if ms := number(conf["retention.ms"], -1); ms > 0 && strings.Contains(i.Cleanup, "delete") {
		i.Retention = time.Duration(min(ms, int64(100*365*24*time.Hour/time.Millisecond))) * time.Millisecond
	}
	i.Hours = i.Retention.Hours()
}

// fill adds what the topics hold, and who is behind. Sizes are left out where Kafka does not give them to this user.
func (a *Admin) fill(ctx context.Context, out []Info, there []string) error {
	starts, err := a.client.ListStartOffsets(ctx, there...)
	if err != nil {
		return fmt.Errorf("asking for the start of topics: %w", err)
	}
	ends, err := a.client.ListEndOffsets(ctx, there...)
	if err != nil {
		return fmt.Errorf("asking for the end of topics: %w", err)
	}
	sizes, ours := map[string]int64{}, kadm.TopicsSet{}
	ends.Each(func(o kadm.ListedOffset) { ours.Add(o.Topic, o.Partition) })
	if dirs, err := a.client.DescribeAllLogDirs(ctx, ours); err == nil {
		for _, broker := range dirs {
			broker.EachPartition(func(p kadm.DescribedLogDirPartition) { sizes[p.Topic] += p.Size })
		}
	}
	groups := a.groups()
	commits := a.client.FetchManyOffsets(ctx, groups...)
	for i := range out {
		x := &out[i]
		for p, end := range ends[x.Name] {
			start, _ := starts.Lookup(x.Name, p)
			x.Records += end.Offset - start.Offset
		}
		if x.Copies > 0 {
			x.Bytes = sizes[x.Name] / int64(x.Copies)
		}
		for _, g := range a.plan.Topics[i].Readers {
			if lag := behind(x.Name, ends, starts, commits[g].Fetched); lag > x.Lag || x.Group == "" {
				x.Lag, x.Group = lag, g
			}
		}
	}
	return nil
}

// behind returns how many records a group has not committed.
func behind(topic string, ends, starts kadm.ListedOffsets, commits kadm.OffsetResponses) (lag int64) {
	for p, end := range ends[topic] {
		start, _ := starts.Lookup(topic, p)
		at := start.Offset
		if c, ok := commits.Lookup(topic, p); ok && c.At > at {
			at = c.At
		}
		lag += max(0, end.Offset-at)
	}
	return lag
}

// groups returns the groups of all readers, each once.
func (a *Admin) groups() []string {
	var out []string
	for _, t := range a.plan.Topics {
		for _, g := range t.Readers {
			if !slices.Contains(out, g) {
				out = append(out, g)
			}
		}
	}
	return out
}

// configs asks for the settings of topics.
func (a *Admin) configs(ctx context.Context, names []string) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	if len(names) == 0 {
		return out, nil
	}
	resp, err := a.client.DescribeTopicConfigs(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("asking for the settings of topics: %w", err)
	}
	for _, r := range resp {
		if r.Err != nil {
			return nil, fmt.Errorf("asking for the settings of topic %s: %w", r.Name, r.Err)
		}
		out[r.Name] = map[string]string{}
		for _, c := range r.Configs {
			out[r.Name][c.Key] = c.MaybeValue()
		}
	}
	return out, nil
}

// Check compares what Kafka keeps with what weir needs. What it finds are warnings: weir works, until it is stopped for
// longer than Kafka keeps records. The topics as they are come along.
func (a *Admin) Check(ctx context.Context) (list []Info, out fault.List, err error) {
	if list, err = a.List(ctx); err != nil {
		return nil, nil, err
	}
	warn := func(code, topic, what, why, set string) {
		out = append(out, &fault.Error{Code: code, What: what, Where: topic, Why: why, Warn: true,
			Do: fmt.Sprintf("kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config %s", strings.Join(a.plan.Brokers, ","), topic, set)})
	}
	for i, x := range list {
		t := a.plan.Topics[i]
		if x.Missing {
			continue
		}
		needs := strconv.FormatInt(t.Retention.Milliseconds(), 10)
		switch {
		case !t.Compact && strings.Contains(x.Cleanup, "compact"):
			warn("kafka-retention", x.Name, "Kafka compacts topic "+x.Name+", and weir needs every record of it", "cleanup.policy is "+x.Cleanup, "cleanup.policy=delete")
		case t.Compact && !strings.Contains(x.Cleanup, "compact"):
			warn("kafka-retention", x.Name, "Kafka forgets the oldest of topic "+x.Name+", and weir needs the last record of each key", "cleanup.policy is "+x.Cleanup, "cleanup.policy="+settings(t)["cleanup.policy"])
		case t.Retention > 0 && x.Retention > 0 && x.Retention < t.Retention:
			warn("kafka-retention", x.Name, fmt.Sprintf("Kafka keeps topic %s for %s, and weir counts on %s", x.Name, span(x.Retention), span(t.Retention)),
				"a stage that stands still for longer loses what it has not read", "retention.ms="+needs)
		case x.MaxSize > 0:
			warn("kafka-retention", x.Name, fmt.Sprintf("Kafka keeps at most %s of each partition of topic %s, however old", unit.Bytes(x.MaxSize), x.Name),
				"at a high rate that is less than the "+span(t.Retention)+" that weir counts on", "retention.bytes=-1")
		}
		if x.MaxBytes > 0 && x.MaxBytes < t.MaxBytes {
			warn("kafka-too-large", x.Name, fmt.Sprintf("topic %s takes batches of %s, and weir may write %s", x.Name, unit.Bytes(x.MaxBytes), unit.Bytes(t.MaxBytes)),
				"a larger record would be refused and counted", "max.message.bytes="+strconv.Itoa(t.MaxBytes))
		}
	}
	return list, out, nil
}

// span writes a duration in the largest unit that is whole.
func span(d time.Duration) string { return unit.Duration(d).String() }

// number reads a setting; what is no number counts as otherwise.
func number(s string, otherwise int64) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}
