// Package topicadmin makes, describes, grows and checks weir's topics on a Kafka that somebody else runs. What is there
// stays as its owner made it; what cannot work is said in one sentence.
package topicadmin

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/fault"
)

// Topic is what weir wants of one topic.
type Topic struct {
	Name       string        // in full
	Partitions int           // at least; of what is there, the largest number counts for all that are Joined
	Joined     bool          // a derived record goes to the partition number of its raw record: all of these have the same number
	Retention  time.Duration // 0: for ever
	Compact    bool          // the last record of each key stays
	MaxBytes   int           // largest batch that the topic must take
	Readers    []string      // groups, in full
}

// Plan is all of weir's topics and how many copies they have.
type Plan struct {
	Topics      []Topic
	Replication int // 0: the smaller of 3 and the brokers there are
	MinInSync   int // 0: 2 where three copies are kept, else 1
	Brokers     []string
}

// Admin works on the topics of a plan. It may be used by several goroutines.
type Admin struct {
	plan   Plan
	client *kadm.Client
}

// New makes an Admin that asks through client, which stays the caller's.
func New(client *kgo.Client, plan Plan) *Admin {
	return &Admin{plan: plan, client: kadm.NewClient(client)}
}

// Ensure makes the topics that are missing and returns how many partitions each has, by its full name, and the names of
// those that it made. Topics that do not fit together are refused.
func (a *Admin) Ensure(ctx context.Context) (partitions map[string]int, made []string, err error) {
	have, err := a.topics(ctx)
	if err != nil {
		return nil, nil, err
	}
	want := a.joined(have)
	partitions = map[string]int{}
	var missing []Topic
	for _, t := range a.plan.Topics {
		if t.Joined {
			t.Partitions = want
		}
		switch d := have[t.Name]; {
		case !have.Has(t.Name):
			missing = append(missing, t)
			partitions[t.Name] = t.Partitions
		case d.Err != nil:
			return nil, nil, fmt.Errorf("asking for topic %s: %w", t.Name, d.Err)
		case t.Joined && len(d.Partitions) < want:
			return nil, nil, a.tooFew(t.Name, len(d.Partitions), want)
		default:
			partitions[t.Name] = len(d.Partitions)
		}
	}
	if len(missing) == 0 {
		return partitions, nil, nil
	}
	copies, inSync, err := a.copies(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range missing {
		if err := a.create(ctx, t, copies, inSync); err != nil {
			return nil, made, err
		}
		made = append(made, t.Name)
	}
	return partitions, made, nil
}

// topics asks for all topics that this user may see. Without the rights in the answer the client would take it from its
// memory, where a topic that was just made is still missing.
func (a *Admin) topics(ctx context.Context) (kadm.TopicDetails, error) {
	have, err := a.client.ListTopics(kadm.WithAuthorizedOps(ctx))
	if err != nil {
		return nil, fmt.Errorf("listing topics: %w", err)
	}
	return have, nil
}

// joined returns how many partitions the joined topics have: the most that one of them has, at least what is planned.
func (a *Admin) joined(have kadm.TopicDetails) int {
	n := 1
	for _, t := range a.plan.Topics {
		if !t.Joined {
			continue
		}
		n = max(n, t.Partitions)
		if d := have[t.Name]; d.Err == nil {
			n = max(n, len(d.Partitions))
		}
	}
	return n
}

func (a *Admin) names() []string {
	out := make([]string, len(a.plan.Topics))
	for i, t := range a.plan.Topics {
		out[i] = t.Name
	}
	return out
}

func (a *Admin) tooFew(name string, has, needs int) error {
	return &fault.Error{
		Code: "kafka-partitions", What: fmt.Sprintf("topic %s has %d partitions, and weir needs %d", name, has, needs), Where: name,
		Why: "raw and derived topics must have the same number",
		Do:  fmt.Sprintf("weir topics resize %d --yes", needs), Exit: fault.ExitMissing,
	}
}

// copies decides how many copies a new topic has and how many of them must have a record, and refuses what the brokers
// there are cannot give.
func (a *Admin) copies(ctx context.Context) (replication, inSync int, err error) {
	brokers, err := a.client.ListBrokers(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("asking for the brokers: %w", err)
	}
	n := len(brokers)
	replication = a.plan.Replication
	if replication == 0 {
		replication = min(3, n)
	}
	if replication > n {
		return 0, 0, &fault.Error{Code: "kafka-replication", What: fmt.Sprintf("%d copies of each topic are wanted, and Kafka has %s", replication, plural(n, "broker")),
			Where: "bus.replication", Why: "every copy is on a broker of its own", Do: fmt.Sprintf("write bus.replication: %d, or start more brokers", n), Exit: fault.ExitMissing}
	}
	inSync = a.plan.MinInSync
	if inSync == 0 {
		inSync = 1
		if replication >= 3 {
			inSync = 2
		}
	}
	if inSync > replication {
		return 0, 0, &fault.Error{Code: "kafka-replication", What: fmt.Sprintf("%d copies must have each record, and topics here have %d", inSync, replication),
			Where: "bus.min_insync_replicas", Why: fmt.Sprintf("Kafka has %s", plural(n, "broker")), Do: fmt.Sprintf("write bus.min_insync_replicas: %d, or start more brokers", max(1, replication-1)), Exit: fault.ExitMissing}
	}
	return replication, inSync, nil
}

// create makes one topic. Another weir that starts at the same time may be faster: that is as good.
func (a *Admin) create(ctx context.Context, t Topic, replication, inSync int) error {
	conf := map[string]*string{}
	for k, v := range settings(t) {
		conf[k] = &v
	}
	isr := strconv.Itoa(inSync)
	conf["min.insync.replicas"] = &isr
	resp, err := a.client.CreateTopic(ctx, int32(t.Partitions), int16(replication), conf, t.Name)
	if err == nil {
		err = resp.Err
	}
	switch {
	case err == nil || errors.Is(err, kerr.TopicAlreadyExists):
		return nil
	case errors.Is(err, kerr.InvalidReplicationFactor):
		return &fault.Error{Code: "kafka-replication", What: fmt.Sprintf("Kafka cannot keep %s of topic %s", plural(replication, "copy"), t.Name), Where: t.Name,
			Why: answer(resp, err), Do: "start the brokers that are down, or write a smaller bus.replication", Exit: fault.ExitMissing, Cause: err}
	case errors.Is(err, kerr.PolicyViolation):
		return &fault.Error{Code: "kafka-policy", What: "a policy of this Kafka forbids topic " + t.Name, Where: t.Name,
			Why: answer(resp, err), Do: "ask who runs it to make the topics; docs/kafka.md lists them with their settings", Exit: fault.ExitMissing, Cause: err}
	}
	return fmt.Errorf("creating topic %s: %w", t.Name, err)
}

// answer is what the broker said beside its code.
func answer(resp kadm.CreateTopicResponse, err error) string {
	if resp.ErrMessage != "" {
		return resp.ErrMessage
	}
	return fault.Innermost(err)
}

// settings are the configurations of a topic but for its copies. Segments roll by time as well: a record is deleted with
// its segment only, so a quiet topic would keep the last records of a week for a second one.
func settings(t Topic) map[string]string {
	var policy []string
	out := map[string]string{"max.message.bytes": strconv.Itoa(t.MaxBytes), "retention.ms": "-1", "retention.bytes": "-1"}
	if t.Compact {
		policy = append(policy, "compact")
	}
	if t.Retention > 0 {
		policy = append(policy, "delete")
		out["retention.ms"] = strconv.FormatInt(t.Retention.Milliseconds(), 10)
		out["segment.ms"] = strconv.FormatInt(min(t.Retention/7, 24*time.Hour).Milliseconds(), 10)
	}
	out["cleanup.policy"] = strings.Join(policy, ",")
	return out
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if stem, ok := strings.CutSuffix(word, "y"); ok {
		word = stem + "ie"
	}
	return strconv.Itoa(n) + " " + word + "s"
}
