package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus/dial"
	"weir/internal/bus/topicadmin"
	"weir/internal/config"
	"weir/internal/fault"
)

// reachWithin is how long Kafka has to answer when weir starts.
const reachWithin = 5 * time.Second

// remote is what a bus on a real Kafka has besides: the topics as they are, and a goroutine that watches over them.
type remote struct {
	admin *topicadmin.Admin
	// By full name, as found at the start: the front door and the workers count on it.
	partitions map[string]int
	limits     map[string]int // max.message.bytes, by full name
	log        *slog.Logger

	stop context.CancelFunc
	done sync.WaitGroup

	// mu guards what the watch has seen.
	mu      sync.Mutex
	lags    []topicadmin.Lag
	alerted map[string]bool // groups and topics that are over half, so that each is said once
	missing map[string]bool // topics that are gone, likewise
}

// openRemote connects to a Kafka that somebody else runs. dir is where the embedded broker would be.
func openRemote(ctx context.Context, cfg config.Bus, dir string, log *slog.Logger) (*Bus, error) {
	b, err := connect(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	b.dir = dir
	var made []string
	if b.remote.partitions, made, err = b.remote.admin.Ensure(ctx); err != nil {
		err = b.explain(err, "creating topics")
		b.Close()
		return nil, err
	}
	if len(made) > 0 {
		b.log.Info("topics made on Kafka", "component", "bus", "topics", strings.Join(made, " "))
	}
	found, warnings, err := b.remote.admin.Check(ctx)
	if err != nil { // who may not ask for settings may still write and read
		b.log.Warn("what Kafka keeps could not be compared with what weir needs", "component", "bus", "err", err)
	}
	b.remote.limits = map[string]int{}
	for _, t := range found {
		b.remote.limits[t.Name] = t.MaxBytes
	}
	b.say(warnings)
	b.remote.watch(b)
	return b, nil
}

// connect finds the brokers and makes the client that asks them; nothing is changed on Kafka.
func connect(ctx context.Context, cfg config.Bus, log *slog.Logger) (*Bus, error) {
	b := &Bus{cfg: cfg, topics: table, names: renamed(cfg.Topics), log: log}
	if err := b.reach(ctx); err != nil {
		return nil, err
	}
	var err error
	if b.client, err = b.Client(); err != nil {
		return nil, fmt.Errorf("connecting to Kafka: %w", err)
	}
	b.admin = kadm.NewClient(b.client)
	b.remote = &remote{admin: topicadmin.New(b.client, b.plan()), log: log.With("component", "bus"), alerted: map[string]bool{}, missing: map[string]bool{}}
	return b, nil
}

// Admin connects to a real Kafka for commands that look at topics or change them; nothing is made. close ends it.
func Admin(ctx context.Context, cfg config.Bus, log *slog.Logger) (admin *topicadmin.Admin, close func(), err error) {
	b, err := connect(ctx, cfg, log)
	if err != nil {
		return nil, nil, err
	}
	return b.remote.admin, b.Close, nil
}

// plan is the table of topics as this configuration wants it on a real Kafka.
func (b *Bus) plan() topicadmin.Plan {
	p := topicadmin.Plan{Replication: b.cfg.Replication, MinInSync: b.cfg.MinInSync, Brokers: b.cfg.Brokers}
	for _, t := range b.topics {
		x := topicadmin.Topic{Name: b.Topic(t.Name), Partitions: Partitions(b.cfg), Joined: true, Retention: time.Duration(t.Hours) * time.Hour,
			Compact: t.Compact, MaxBytes: t.maxBatch(b.cfg)}
		switch {
		case t.Single:
			x.Partitions, x.Joined = 1, false
		case t.Wide:
			x.Partitions, x.Joined = max(16, 4*x.Partitions), false
		}
		for _, r := range t.Readers {
			x.Readers = append(x.Readers, b.cfg.Prefix+r)
		}
		p.Topics = append(p.Topics, x)
	}
	return p
}

// explain puts the user's words in front of an error of a client, where there are any.
func (b *Bus) explain(err error, doing string) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if f := dial.Explain(err, b.cfg, strings.Join(b.cfg.Brokers, ",")); f != nil {
		return f
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// say tells the log what is not as it should be on Kafka.
func (b *Bus) say(list fault.List) {
	for _, f := range list {
		b.log.Warn("a fault", "what", f.What, "component", "bus", "topic", f.Where, "why", f.Why, "do", f.Do)
	}
}

// reach asks every configured broker at once for an answer. One is enough: the client learns the others from it.
func (b *Bus) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	reasons := make([]error, len(b.cfg.Brokers))
	var wg sync.WaitGroup
	for i, addr := range b.cfg.Brokers {
		wg.Go(func() { reasons[i] = b.try(ctx, addr) })
	}
	wg.Wait()
	var why, there []string
	var known *fault.Error
	guesses := 0 // hanging up is a sign of several things, so all must do it
	for i, err := range reasons {
		if err == nil {
			there = append(there, b.cfg.Brokers[i])
			continue
		}
		f, ok := errors.AsType[*fault.Error](err)
		if !ok {
			f = dial.Explain(err, b.cfg, b.cfg.Brokers[i])
		}
		if f != nil && f.Code == "kafka-tls" {
			guesses++
		}
		if f != nil && (known == nil || known.Code == "kafka-tls") {
			known = f
		}
		why = append(why, b.cfg.Brokers[i]+": "+dial.Reason(err, reachWithin))
	}
	if len(there) > 0 {
		b.cfg.Brokers = there // a client that began with one of the others could give up before it asks these
		return nil
	}
	if known != nil && (known.Code != "kafka-tls" || guesses == len(reasons)) {
		return known
	}
	return &fault.Error{
		Code: "kafka-unreachable", What: "no broker of Kafka answers", Where: "bus.brokers", Why: strings.Join(why, "; "),
		Do: "start Kafka, or correct bus.brokers: WEIR_BUS_BROKERS=host:9092 weir up", Exit: fault.ExitMissing, Cause: errors.Join(reasons...),
	}
}

// try asks one broker for an answer and for what it can do.
func (b *Bus) try(ctx context.Context, addr string) error {
	one := b.cfg
	one.Brokers = []string{addr}
	c, err := (&Bus{cfg: one}).Client(kgo.RequestRetries(0))
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Ping(ctx); err != nil {
		return err
	}
	return dial.CheckVersion(ctx, c, addr)
}

// Reachable tells whether Kafka answers now: nil, or the sentence that says why not. It is for whoever is about to wait
// for Kafka, such as a process that stops. The embedded broker always answers.
func (b *Bus) Reachable(ctx context.Context) error {
	if b.remote == nil {
		return nil
	}
	all := &Bus{cfg: b.cfg}
	return all.reach(ctx)
}
