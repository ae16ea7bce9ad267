// Package realkafka starts a real Kafka for tests, by the script that people use too: deploy/dev/kafka.sh.
package realkafka

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"weir/internal/testkit"
)

// Cluster is a Kafka of one or more brokers. It is gone with the test.
type Cluster struct {
	// Brokers are the addresses without TLS and user.
	Brokers []string
	// Dir holds the data, logs, and in tls the certificates of a secure one.
	Dir string

	t      testing.TB
	script string
	port   int
}

// Start starts n brokers; args are options of the script. Where no Kafka can be started the test is skipped, or fails where
// WEIR_REQUIRE names kafka.
func Start(t testing.TB, n int, args ...string) *Cluster {
	t.Helper()
	return StartIn(t, t.TempDir(), n, args...)
}

// StartIn is Start with a folder in which certificates may lie already.
func StartIn(t testing.TB, dir string, n int, args ...string) *Cluster {
	t.Helper()
	k := &Cluster{t: t, Dir: dir, script: filepath.Join(testkit.Root(t), "deploy", "dev", "kafka.sh")}
	if why := k.missing(); why != "" {
		testkit.Skip(t, "kafka", why)
	}
	k.port = testkit.FreePorts(t)
	t.Cleanup(func() { _, _ = k.do("wipe") })
	out := k.Do(append([]string{"start", "--port", fmt.Sprint(k.port), "--brokers", fmt.Sprint(n), "--heap", "400m"}, args...)...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	k.Brokers = strings.Split(lines[len(lines)-1], ",")
	Ready(t, k.Brokers)
	return k
}

// Ready waits until brokers that have just begun do all that a test may ask of them: each knows all of them, and groups have
// coordinators.
func Ready(t testing.TB, brokers []string) {
	t.Helper()
	for _, broker := range brokers {
		knows(t, broker, len(brokers))
	}
	coordinate(t, brokers)
}

// patience is how long a Kafka may take for each of these: machines that test are slow at times.
const patience = 2 * time.Minute

// knows waits until a broker knows all brokers. Each is ready by itself a moment before the others have heard of it, and a
// topic that is made then gets fewer copies.
func knows(t testing.TB, broker string, all int) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		// The seed itself is asked: the client would ask any broker that it knows by now.
		meta, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, client.SeedBrokers()[0])
		if err == nil && len(meta.Brokers) == all {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s does not know %d brokers: %v", broker, all, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// coordinate waits until groups have coordinators. The topic of their offsets is made when the first group asks for it, and its
// partitions are loaded one by one; until then requests about a group fail, and who manages groups does not ask again for as long
// as a member does.
func coordinate(t testing.TB, brokers []string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for group := 0; group < 100; { // enough names that every one of the topic's partitions is likely asked
		fetch := kmsg.NewPtrOffsetFetchRequest()
		fetch.Group = fmt.Sprint("weir-test-ready-", group)
		resp, err := fetch.RequestWith(ctx, client)
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		if err == nil {
			group++
			continue
		}
		select {
		case <-ctx.Done():
			t.Fatalf("a group has no coordinator: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// missing says what is missing for a start. Fetching Kafka is left to those who require it.
func (k *Cluster) missing() string {
	if os.Getenv("WEIR_KAFKA") == "" && !testkit.Required(k.t, "kafka") {
		return "a real Kafka is started where WEIR_KAFKA=1 is set"
	}
	if _, err := exec.LookPath("java"); err != nil {
		return "no java"
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	if _, err := os.Stat(filepath.Join(cache, "weir-dev", "kafka-4.0.0", "libs", ".complete")); err != nil && !testkit.Required(k.t, "kafka") {
		return "Kafka is not in the cache: deploy/dev/kafka.sh fetch"
	}
	return ""
}

// Do calls the script with --dir and returns what it prints; an error ends the test.
func (k *Cluster) Do(args ...string) string {
	k.t.Helper()
	out, err := k.do(args...)
	if err != nil {
		k.t.Fatalf("kafka.sh %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (k *Cluster) do(args ...string) (string, error) {
	out, err := exec.Command(k.script, append(args, "--dir", k.Dir)...).CombinedOutput()
	return string(out), err
}

// Listener returns the address of another listener of the first broker: tls, sasl, sasltls or mutual.
func (k *Cluster) Listener(name string) string {
	return fmt.Sprintf("127.0.0.1:%d", k.port+map[string]int{"tls": 20, "sasl": 30, "sasltls": 40, "mutual": 50}[name])
}
