package dial

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"weir/internal/fault"
)

// needs are the requests that weir cannot do without, in the version in which they have what it uses. Together they mean
// Kafka 3.3, the first whose KRaft is made for production.
var needs = []struct {
	key, version int16
	what         string
}{
	{0, 9, "producing"},                    // Produce
	{1, 13, "reading by a topic's id"},     // Fetch: a topic that was made anew is another one
	{22, 4, "idempotent producers"},        // InitProducerID
	{8, 8, "committing offsets"},           // OffsetCommit
	{44, 1, "changing a topic's settings"}, // IncrementalAlterConfigs
	{60, 0, "describing the cluster"},      // DescribeCluster
}

// leaderAndISR is a request that only brokers with ZooKeeper offer to clients.
const leaderAndISR = 4

// CheckVersion asks the broker that c is connected to what it can do. It refuses one that is too old, or that still runs
// on ZooKeeper.
func CheckVersion(ctx context.Context, c *kgo.Client, addr string) error {
	req := kmsg.NewPtrApiVersionsRequest()
	req.ClientSoftwareName, req.ClientSoftwareVersion = "weir", "1"
	resp, err := req.RequestWith(ctx, c)
	if err != nil {
		return fmt.Errorf("asking %s for its version: %w", addr, err)
	}
	have := map[int16]int16{}
	for _, k := range resp.ApiKeys {
		have[k.ApiKey] = k.MaxVersion
	}
	f := &fault.Error{Code: "kafka-version", Where: addr, Do: "use Kafka 4.0, or 3.3 and later with KRaft", Exit: fault.ExitMissing,
		Why: "it looks like Kafka " + kversion.FromApiVersionsResponse(resp).VersionGuess()}
	if _, zk := have[leaderAndISR]; zk {
		f.What = "this Kafka runs on ZooKeeper, and weir needs KRaft"
		return f
	}
	for _, n := range needs {
		if max, ok := have[n.key]; !ok || max < n.version {
			f.What = "this Kafka is too old: it lacks " + n.what
			return f
		}
	}
	return nil
}
