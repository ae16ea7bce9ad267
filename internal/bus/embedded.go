package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"weir/internal/config"
)

// embedded is the broker inside the process: kfake, wrapped so that its known weaknesses cannot hurt. It holds a
// bounded log; nobody else on the machine can reach it unless a port is opened.
//
// What the wrapper must do, and why: retention.ms=-1, because an emptied partition restarts at offset 0; trimming by
// DeleteRecords never into the last file, for the same reason, and again after a start, because a crash forgets it;
// topic configurations issued again at every start, because retention stops otherwise; no compacted topics; producers
// made to wait when the log is full of records that somebody still needs, and before the disk is full, because the
// broker acknowledges commits on a full disk that it has not written.
type embedded struct {
	cfg config.Embedded
	bus config.Bus // what the sizes of records follow from
	dir string
	// What the broker advertises. Our own clients dial the socket, whatever is advertised.
	addr    string
	log     *slog.Logger
	cluster *kfake.Cluster

	listener *listener
	// The disk is nearly full: producers and commits wait. Written by the guard, read by the broker's goroutine.
	noDisk atomic.Bool

	// Guards what follows. The broker's one goroutine takes it for every produce request: hold it for no I/O.
	mu sync.Mutex
	// Topics by the id that newer produce requests carry instead of the name (KIP-516).
	names map[[16]byte]string
	// Bytes that each partition may still take until the guard looks again. A partition that is not in it is not weir's.
	rooms map[part]int64
	// A topic without room, as the guard saw it; "" if all have some.
	full string
	// A producer was held since the guard looked.
	waiting bool

	// Asks the guard to look now. It holds one question: whoever finds it full knows that the guard will come.
	poke chan struct{}
	// Ends the guard's goroutine; done waits for it.
	stop context.CancelFunc
	done sync.WaitGroup
}

// part names a partition of a topic.
type part struct {
	topic     string
	partition int32
}

// startEmbedded starts the broker without its guard, which needs a client. The broker reads all of its log here, and
// after a crash holds about as much memory as the log is large: max_bytes bounds that too.
func startEmbedded(cfg config.Bus, dir string, log *slog.Logger) (*embedded, error) {
	e := &embedded{cfg: cfg.Embedded, bus: cfg, dir: dir, log: log.With("component", "broker"), rooms: map[part]int64{}, poke: make(chan struct{}, 1)}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the broker's folder: %w", err)
	}
	// The listener comes first: a port that is taken must be an error of ours, with its place, and not one of the broker.
	var err error
	if e.listener, err = listen(filepath.Join(dir, "kafka.sock"), cfg.Embedded.KafkaListen, filepath.Join(dir, "kafka.password"), cfg.Prefix); err != nil {
		return nil, err
	}
	e.addr = e.listener.Addr().String()
	opts := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.DataDir(filepath.Join(dir, "log")),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return e.listener, nil }),
		kfake.DefaultNumPartitions(Partitions(cfg)),
		kfake.ClusterID("weir"),
		kfake.GroupMinSessionTimeout(time.Second),
		kfake.WithLogger(kfakeLog{e.log}),
		kfake.BrokerConfigs(map[string]string{
			"group.consumer.session.timeout.ms":    "10000",
			"group.consumer.heartbeat.interval.ms": "1000",
			"message.max.bytes":                    strconv.Itoa(Topic{Name: Events}.maxBatch(cfg)),
		}),
	}
	// Two syncs a batch. Without it a power cut may take what was acknowledged; a kill never does.
	if cfg.Embedded.Sync {
		opts = append(opts, kfake.SyncWrites())
	}
	if e.cluster, err = kfake.NewCluster(opts...); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded broker: %w", err), e.listener.Close())
	}
	e.cluster.ControlKey(int16(kmsg.Produce), e.holdProduce)
	e.cluster.ControlKey(int16(kmsg.OffsetCommit), e.holdCommit)
	return e, nil
}

// topicConfig is what a topic of the embedded broker gets. A topic with a small share gets small files, since only
// whole files can be trimmed and the last one always stays.
func (e *embedded) topicConfig(t Topic, partitions int) map[string]*string {
	str := func(s string) *string { return &s }
	segment := min(int64(e.cfg.SegmentBytes), max(e.share(t, partitions)/8, 64<<10))
	return map[string]*string{
		"retention.ms":      str("-1"),
		"retention.bytes":   str("-1"),
		"segment.bytes":     str(strconv.FormatInt(segment, 10)),
		"max.message.bytes": str(strconv.Itoa(t.maxBatch(e.bus))),
	}
}

// share returns how many bytes one partition of t may hold.
func (e *embedded) share(t Topic, partitions int) int64 {
	return int64(e.cfg.MaxBytes) * int64(t.Share) / 100 / int64(partitions)
}

// dial is how our own clients reach the broker: by its socket, past the gate.
func (e *embedded) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", filepath.Join(e.dir, "kafka.sock"))
}

// holdProduce answers producers of a full partition with a retriable error, so that they wait and keep their order.
// The broker calls it for each produce request, one at a time.
func (e *embedded) holdProduce(kreq kmsg.Request) (kmsg.Response, error, bool) { //nolint:revive // the broker's signature
	e.cluster.KeepControl() // else the hook would be gone after its first call
	req := kreq.(*kmsg.ProduceRequest)
	if e.admit(req) {
		return nil, nil, false
	}
	resp := req.ResponseKind().(*kmsg.ProduceResponse)
	for _, t := range req.Topics {
		rt := kmsg.NewProduceResponseTopic()
		rt.Topic, rt.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			rp := kmsg.NewProduceResponseTopicPartition()
			rp.Partition, rp.ErrorCode = p.Partition, kerr.NotEnoughReplicas.Code
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	return resp, nil, true
}

// admit takes the request's bytes from the room of its partitions. It refuses the request where one of them has none
// left: a partition passes its bound by one batch at the most.
func (e *embedded) admit(req *kmsg.ProduceRequest) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	// All or nothing: what is answered here never reaches the broker, and what reaches it is answered there.
	ok := !e.noDisk.Load()
	for _, t := range req.Topics {
		for _, p := range t.Partitions {
			left, known := e.rooms[part{e.nameOf(&t), p.Partition}]
			ok = ok && (!known || left > 0)
		}
	}
	if !ok {
		e.waiting = true
		select {
		case e.poke <- struct{}{}:
		default:
		}
		return false
	}
	for _, t := range req.Topics {
		for _, p := range t.Partitions {
			if k := (part{e.nameOf(&t), p.Partition}); e.rooms[k] > 0 {
				e.rooms[k] -= int64(len(p.Records))
			}
		}
	}
	return true
}

// nameOf returns the topic's name; the lock is held.
func (e *embedded) nameOf(t *kmsg.ProduceRequestTopic) string {
	if t.Topic != "" {
		return t.Topic
	}
	return e.names[t.TopicID]
}

// holdCommit refuses commits while the disk is nearly full: the broker would answer success and keep nothing. The code
// is one after which every client asks again. Nothing is lost by waiting: what is not committed is read once more.
func (e *embedded) holdCommit(kreq kmsg.Request) (kmsg.Response, error, bool) { //nolint:revive // the broker's signature
	e.cluster.KeepControl()
	if !e.noDisk.Load() {
		return nil, nil, false
	}
	req := kreq.(*kmsg.OffsetCommitRequest)
	resp := req.ResponseKind().(*kmsg.OffsetCommitResponse)
	for _, t := range req.Topics {
		rt := kmsg.NewOffsetCommitResponseTopic()
		rt.Topic, rt.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			rp := kmsg.NewOffsetCommitResponseTopicPartition()
			rp.Partition, rp.ErrorCode = p.Partition, kerr.CoordinatorNotAvailable.Code
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	return resp, nil, true
}

// close stops the broker, which saves its state, and then the listener. Clients are closed by then.
func (e *embedded) close() {
	e.cluster.Close()
	_ = e.listener.Close() // closed by the broker already; a second close only says so
}

// logFile is one file of a partition's log.
type logFile struct {
	base int64 // offset of its first record
	size int64
}

// files lists the log files of a partition, oldest first. The layout is kfake's, pinned by go.mod and by a test.
func (e *embedded) files(topic string, partition int32) []logFile {
	dir := filepath.Join(e.dir, "log", "partitions", url.PathEscape(topic)+"-"+strconv.Itoa(int(partition)))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // not written to yet
	}
	var out []logFile
	for _, de := range entries {
		name, ok := strings.CutSuffix(de.Name(), ".dat")
		if !ok {
			continue
		}
		base, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			continue
		}
		if info, err := de.Info(); err == nil {
			out = append(out, logFile{base, info.Size()})
		}
	}
	slices.SortFunc(out, func(a, b logFile) int { return int(a.base - b.base) })
	return out
}

// kfakeLog passes the broker's warnings on; its debug output is of no use to an operator.
type kfakeLog struct{ log *slog.Logger }

func (l kfakeLog) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		l.log.Error("embedded broker", "message", fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		l.log.Warn("embedded broker", "message", fmt.Sprintf(format, args...))
	}
}
