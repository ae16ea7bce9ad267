package pipeline_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/pipeline"
	"weir/internal/testkit/realkafka"
)

// groupPartitions is how many partitions the members of these tests share.
const groupPartitions = 8

// line is one record that a member has done.
type line struct {
	member    string
	partition int32
	offset    int64
	at        int64 // ns
}

// members collects what all members have done, those of other processes too.
type members struct {
	mu    sync.Mutex
	lines []line
}

func (m *members) add(l line) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines = append(m.lines, l)
}

func (m *members) all() []line {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]line(nil), m.lines...)
}

// since returns the partitions that a member worked on after a moment.
func (m *members) since(member string, at time.Time) map[int32]bool {
	out := map[int32]bool{}
	for _, l := range m.all() {
		if l.member == member && l.at > at.UnixNano() {
			out[l.partition] = true
		}
	}
	return out
}

// recorder is a worker that says what it has done, and is done with it at once.
type recorder struct {
	name string
	say  func(line)
}

func (w recorder) Process(_ context.Context, batch []*kgo.Record, done func(error)) error {
	for _, r := range batch {
		w.say(line{w.name, r.Partition, r.Offset, time.Now().UnixNano()})
	}
	done(nil)
	return nil
}

func (recorder) Close() {}

// join makes a member of the group. nextGen takes the group protocol of Kafka 4 in place of weir's.
func join(b *bus.Bus, name string, nextGen bool, say func(line)) (*pipeline.Runner, error) {
	return pipeline.Start(pipeline.Stage{
		Name: "normalise", Group: "weir.normalise", Topics: []string{b.Topic(bus.RawSyslog)}, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		New: func(context.Context, string, int32, int64) (pipeline.Worker, error) { return recorder{name, say}, nil },
		Client: func(opts ...kgo.Opt) (*kgo.Client, error) {
			if nextGen {
				opts = append(opts, kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer()))
			}
			return b.Client(opts...)
		},
	})
}

func openReal(t testing.TB, brokers string) *bus.Bus {
	t.Helper()
	cfg := config.Default().Bus
	cfg.Brokers, cfg.Partitions = strings.Split(brokers, ","), groupPartitions
	b, err := bus.Open(t.Context(), cfg, filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// TestReal_Member is no test: it is the process that is killed. It ends when its stdin does.
func TestReal_Member(t *testing.T) {
	brokers := os.Getenv("WEIR_TEST_MEMBER")
	if brokers == "" {
		return
	}
	var mu sync.Mutex
	r, err := join(openReal(t, brokers), "killed", os.Getenv("WEIR_TEST_NEXTGEN") != "", func(l line) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf("done %d %d %d\n", l.partition, l.offset, l.at)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	r.Stop(t.Context())
}

// startMember starts TestReal_Member as a process and collects what it does. kill ends it, and returns when all that it has
// said is collected.
func startMember(t *testing.T, brokers string, nextGen bool, m *members) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestReal_Member$")
	cmd.Env = append(os.Environ(), "WEIR_TEST_MEMBER="+brokers)
	if nextGen {
		cmd.Env = append(cmd.Env, "WEIR_TEST_NEXTGEN=1")
	}
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() { // ends with the process
		defer close(read)
		for s := bufio.NewScanner(out); s.Scan(); {
			l := line{member: "killed"}
			if n, _ := fmt.Sscanf(s.Text(), "done %d %d %d", &l.partition, &l.offset, &l.at); n == 3 {
				m.add(l)
			}
		}
	}()
	kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		<-read                 // before Wait, which closes the pipe whatever is still in it
		_ = cmd.Wait()         // it says that it was killed
	})
	t.Cleanup(kill)
	return kill
}

// steady writes one record to each partition every 10 ms until stop is called, which returns how many each has.
func steady(t *testing.T, b *bus.Bus) (stop func() int64) {
	t.Helper()
	p, err := b.Producer()
	if err != nil {
		t.Fatal(err)
	}
	end, done := make(chan struct{}), make(chan int64)
	go func() { // ends by stop
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := int64(0); ; n++ {
			for i := range int32(groupPartitions) {
				p.Produce(context.Background(), &kgo.Record{Topic: b.Topic(bus.RawSyslog), Partition: i, Value: fmt.Append(nil, n)}, nil)
			}
			select {
			case <-end:
				done <- n + 1
				return
			case <-tick.C:
			}
		}
	}()
	return func() int64 {
		close(end)
		n := <-done
		if err := p.Flush(context.Background()); err != nil {
			t.Error(err)
		}
		p.Close()
		return n
	}
}

// longest returns the longest time between two records of one partition, over all members, that ended after a moment.
func (m *members) longest(after time.Time) (longest time.Duration, paused int) {
	last := map[int32]int64{}
	worst := map[int32]time.Duration{}
	for _, l := range m.all() {
		if was := last[l.partition]; was > 0 && l.at > after.UnixNano() {
			worst[l.partition] = max(worst[l.partition], time.Duration(l.at-was))
		}
		last[l.partition] = max(last[l.partition], l.at)
	}
	if os.Getenv("WEIR_MEASURE") != "" {
		fmt.Fprintln(os.Stderr, "pauses by partition", worst)
	}
	for _, d := range worst {
		longest = max(longest, d)
		if d > 100*time.Millisecond {
			paused++
		}
	}
	return longest, paused
}

// TestReal_TwoProcessesShareALeaverAndAKilledOneHandOver is the whole life of a group: one member, a second that comes and
// goes, and one that is killed. Work moves; what was committed is never done again.
func TestReal_TwoProcessesShareALeaverAndAKilledOneHandOver(t *testing.T) {
	k := realkafka.Start(t, 1)
	for _, nextGen := range []bool{false, true} {
		name := "cooperative-sticky"
		if nextGen {
			name = "KIP-848"
			if os.Getenv("WEIR_MEASURE") == "" {
				continue // weir does not use it: it is here to be compared
			}
		}
		t.Run(name, func(t *testing.T) { handOver(t, k, nextGen) })
	}
}

func handOver(t *testing.T, k *realkafka.Cluster, nextGen bool) {
	cfg := strings.Join(k.Brokers, ",")
	b := openReal(t, cfg)
	cl, err := b.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	_, _ = adm.DeleteGroup(t.Context(), "weir.normalise") // of the subtest before
	ends, err := b.Ends(t.Context(), bus.RawSyslog)
	if err != nil {
		t.Fatal(err)
	}
	topic := b.Topic(bus.RawSyslog)
	offsets := kadm.Offsets{}
	for p, o := range ends[topic] {
		offsets.Add(kadm.Offset{Topic: topic, Partition: p, At: o, LeaderEpoch: -1})
	}
	if err := adm.CommitAllOffsets(t.Context(), "weir.normalise", offsets); err != nil {
		t.Fatal(err)
	}
	m := &members{}
	stop := steady(t, b)
	first, err := join(b, "first", nextGen, m.add)
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "the first has all", func() bool { return len(m.since("first", time.Now().Add(-time.Second))) == groupPartitions })

	joined := time.Now()
	second, err := join(b, "second", nextGen, m.add)
	if err != nil {
		t.Fatal(err)
	}
	half := func(a, b string) func() bool {
		return func() bool {
			at := time.Now().Add(-300 * time.Millisecond)
			x, y := m.since(a, at), m.since(b, at)
			for p := range x {
				if y[p] {
					return false
				}
			}
			return len(x) == groupPartitions/2 && len(y) == groupPartitions/2
		}
	}
	wait(t, "two share", half("first", "second"))
	gap, paused := m.longest(joined)
	t.Logf("a member joins: the longest pause of a partition %s, %d of %d paused", gap.Round(time.Millisecond), paused, groupPartitions)

	left := time.Now()
	second.Stop(t.Context())
	wait(t, "the first has all again", func() bool { return len(m.since("first", time.Now().Add(-300*time.Millisecond))) == groupPartitions })
	gap, paused = m.longest(left)
	t.Logf("a member leaves: the longest pause of a partition %s, %d of %d paused", gap.Round(time.Millisecond), paused, groupPartitions)
	if twice := doneTwice(m.all()); len(twice) != 0 {
		t.Errorf("done twice although everybody left in order: %v", twice)
	}

	kill := startMember(t, cfg, nextGen, m)
	wait(t, "the process shares", half("first", "killed"))
	killed := time.Now()
	kill()
	commits, err := adm.FetchOffsets(t.Context(), "weir.normalise")
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "the first has all after the kill", func() bool { return len(m.since("first", time.Now().Add(-300*time.Millisecond))) == groupPartitions })
	gap, paused = m.longest(killed)
	t.Logf("a member is killed: the longest pause of a partition %s, %d of %d paused", gap.Round(time.Millisecond), paused, groupPartitions)

	n := stop()
	wait(t, "all is done", func() bool { return len(distinct(m.all())) == int(n)*groupPartitions })
	first.Stop(t.Context())
	twice := doneTwice(m.all())
	for _, l := range twice {
		if o, ok := commits.Lookup(topic, l.partition); ok && l.offset < o.At {
			t.Errorf("partition %d: %d was committed (%d) and is done again", l.partition, l.offset, o.At)
		}
	}
	t.Logf("%d records, %d done again after the kill: none of them was committed", n*groupPartitions, len(twice))
}

// wait is for what a group takes its time for: a session runs out after ten seconds, and that on a machine that is slow.
func wait(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited too long until %s", what)
		}
	}
}

func distinct(lines []line) map[[2]int64]bool {
	out := map[[2]int64]bool{}
	for _, l := range lines {
		out[[2]int64{int64(l.partition), l.offset}] = true
	}
	return out
}

// doneTwice returns the records that were done before by anybody.
func doneTwice(lines []line) (out []line) {
	seen := map[[2]int64]bool{}
	for _, l := range lines {
		k := [2]int64{int64(l.partition), l.offset}
		if seen[k] {
			out = append(out, l)
		}
		seen[k] = true
	}
	return out
}
