package topicadmin_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus/topicadmin"
	"weir/internal/fault"
)

// start starts a broker in this process with the topics given, and returns an Admin of the plan.
func start(t *testing.T, brokers int, plan topicadmin.Plan, have map[string]int32) (*topicadmin.Admin, *kadm.Client) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(brokers))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.MetadataMinAge(20*time.Millisecond), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	adm := kadm.NewClient(client)
	for name, n := range have {
		if _, err := adm.CreateTopic(t.Context(), n, 1, nil, name); err != nil {
			t.Fatal(err)
		}
	}
	plan.Brokers = c.ListenAddrs()
	return topicadmin.New(client, plan), adm
}

// plan is a small copy of weir's topics.
func plan() topicadmin.Plan {
	week := 7 * 24 * time.Hour
	return topicadmin.Plan{Topics: []topicadmin.Topic{
		{Name: "w.raw.a", Partitions: 2, Joined: true, Retention: week, MaxBytes: 5 << 20, Readers: []string{"w.normalise"}},
		{Name: "w.events", Partitions: 2, Joined: true, Retention: week, MaxBytes: 17 << 20, Readers: []string{"w.archive", "w.elastic"}},
		{Name: "w.signals", Partitions: 16, Retention: week, MaxBytes: 17 << 20},
		{Name: "w.state", Partitions: 2, Joined: true, Compact: true, MaxBytes: 17 << 20},
		{Name: "w.ledger", Partitions: 1, Retention: 30 * 24 * time.Hour, MaxBytes: 17 << 20},
	}}
}

func TestEnsure(t *testing.T) {
	for _, tc := range []struct {
		name    string
		brokers int
		change  func(*topicadmin.Plan)
		have    map[string]int32
		want    map[string]int
		made    int
		code    string
		words   string
	}{
		{"nothing there", 1, nil, nil, map[string]int{"w.raw.a": 2, "w.events": 2, "w.signals": 16, "w.state": 2, "w.ledger": 1}, 5, "", ""},
		{"all there", 1, nil, map[string]int32{"w.raw.a": 2, "w.events": 2, "w.signals": 16, "w.state": 2, "w.ledger": 1},
			map[string]int{"w.raw.a": 2, "w.events": 2, "w.signals": 16, "w.state": 2, "w.ledger": 1}, 0, "", ""},
		{"one is larger: the missing ones follow", 1, nil, map[string]int32{"w.raw.a": 5}, map[string]int{"w.raw.a": 5, "w.events": 5, "w.signals": 16, "w.state": 5, "w.ledger": 1}, 4, "", ""},
		{"one is larger: another is too small", 1, nil, map[string]int32{"w.raw.a": 5, "w.events": 2}, nil, 0, "kafka-partitions", "weir topics resize 5 --yes"},
		{"a topic that is not joined keeps its number", 1, nil, map[string]int32{"w.signals": 3, "w.ledger": 4}, map[string]int{"w.raw.a": 2, "w.events": 2, "w.signals": 3, "w.state": 2, "w.ledger": 4}, 3, "", ""},
		{"more copies than brokers", 2, func(p *topicadmin.Plan) { p.Replication = 3 }, nil, nil, 0, "kafka-replication", "Kafka has 2 brokers"},
		{"more in step than copies", 3, func(p *topicadmin.Plan) { p.Replication, p.MinInSync = 1, 2 }, nil, nil, 0, "kafka-replication", "topics here have 1"},
		{"copies do not matter where nothing is made", 1, func(p *topicadmin.Plan) { p.Replication = 3 }, map[string]int32{"w.raw.a": 2, "w.events": 2, "w.signals": 16, "w.state": 2, "w.ledger": 1},
			map[string]int{"w.raw.a": 2, "w.events": 2, "w.signals": 16, "w.state": 2, "w.ledger": 1}, 0, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := plan()
			if tc.change != nil {
				tc.change(&p)
			}
			a, _ := start(t, tc.brokers, p, tc.have)
			got, made, err := a.Ensure(t.Context())
			if tc.code != "" {
				if fault.Code(err) != tc.code || !strings.Contains(sentence(err), tc.words) {
					t.Fatalf("%v", err)
				}
				return
			}
			if err != nil || len(made) != tc.made {
				t.Fatalf("made %v: %v", made, err)
			}
			for name, n := range tc.want {
				if got[name] != n {
					t.Errorf("%s has %d partitions, want %d", name, got[name], n)
				}
			}
		})
	}
}

// sentence is all that a fault says.
func sentence(err error) string {
	var f *fault.Error
	if e, ok := err.(*fault.Error); ok { //nolint:errorlint // what Ensure returns is not wrapped
		f = e
	} else {
		return err.Error()
	}
	return f.What + " | " + f.Why + " | " + f.Do
}

func TestEnsure_Settings(t *testing.T) {
	a, adm := start(t, 3, plan(), nil)
	if _, _, err := a.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]map[string]string{
		"w.events": {"cleanup.policy": "delete", "retention.ms": "604800000", "max.message.bytes": "17825792", "min.insync.replicas": "2", "segment.ms": "86400000"},
		"w.state":  {"cleanup.policy": "compact", "retention.ms": "-1", "min.insync.replicas": "2"},
	} {
		confs, err := adm.DescribeTopicConfigs(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, c := range confs[0].Configs {
			got[c.Key] = c.MaybeValue()
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %s is %s, want %s", name, k, got[k], v)
			}
		}
	}
}

func TestCheck_SaysWhereKafkaKeepsLess(t *testing.T) {
	a, adm := start(t, 1, plan(), nil)
	if _, _, err := a.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, list, err := a.Check(t.Context()); err != nil || len(list) != 0 {
		t.Fatalf("as weir made them: %v %v", list, err)
	}
	for _, tc := range []struct{ name, topic, key, value, code, what, do string }{
		{"time", "w.events", "retention.ms", "3600000", "kafka-retention", "Kafka keeps topic w.events for 1h, and weir counts on 7d", "retention.ms=604800000"},
		{"more time is fine", "w.events", "retention.ms", "1209600000", "", "", ""},
		{"for ever is fine", "w.events", "retention.ms", "-1", "", "", ""},
		{"size", "w.raw.a", "retention.bytes", "1073741824", "kafka-retention", "at most 1 GiB of each partition of topic w.raw.a", "retention.bytes=-1"},
		{"compacted", "w.events", "cleanup.policy", "compact", "kafka-retention", "Kafka compacts topic w.events", "cleanup.policy=delete"},
		{"not compacted", "w.state", "cleanup.policy", "delete", "kafka-retention", "forgets the oldest of topic w.state", "cleanup.policy=compact"},
		{"small batches", "w.events", "max.message.bytes", "1048588", "kafka-too-large", "topic w.events takes batches of", "max.message.bytes=17825792"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := func(op kadm.IncrementalOp, v *string) {
				if _, err := adm.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Op: op, Name: tc.key, Value: v}}, tc.topic); err != nil {
					t.Fatal(err)
				}
			}
			infos, _, err := a.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			was := map[string]string{"retention.ms": "604800000", "retention.bytes": "-1", "cleanup.policy": "delete", "max.message.bytes": "17825792"}[tc.key]
			if i := slices.IndexFunc(infos, func(x topicadmin.Info) bool { return x.Name == tc.topic }); tc.key == "cleanup.policy" {
				was = infos[i].Cleanup
			}
			set(kadm.SetConfig, &tc.value)
			defer set(kadm.SetConfig, &was)
			_, list, err := a.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if tc.code == "" {
				if len(list) != 0 {
					t.Errorf("%v", list)
				}
				return
			}
			if len(list) != 1 || list[0].Code != tc.code || !list[0].Warn || !strings.Contains(list[0].What, tc.what) || !strings.HasSuffix(list[0].Do, tc.do) {
				t.Fatalf("%+v", list)
			}
		})
	}
}

func TestResize(t *testing.T) {
	for _, tc := range []struct {
		name string
		have map[string]int32
		to   int
		dry  bool
		want string // changes; "" if none
		code string
	}{
		{"grows joined topics, raw ones last", map[string]int32{"w.raw.a": 2, "w.events": 2, "w.state": 2, "w.signals": 16}, 4, false, "w.events 2 4, w.state 2 4, w.raw.a 2 4", ""},
		{"dry", map[string]int32{"w.raw.a": 2, "w.events": 2}, 4, true, "w.events 2 4, w.raw.a 2 4", ""},
		{"only what is smaller", map[string]int32{"w.raw.a": 4, "w.events": 2}, 4, false, "w.events 2 4", ""},
		{"nothing to do", map[string]int32{"w.raw.a": 4, "w.events": 4}, 4, false, "", ""},
		{"not smaller", map[string]int32{"w.raw.a": 4, "w.events": 4}, 3, false, "", "kafka-resize"},
		{"no topics", nil, 3, false, "", "kafka-resize"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, adm := start(t, 1, plan(), tc.have)
			got, err := a.Resize(t.Context(), tc.to, tc.dry)
			if fault.Code(err) != tc.code {
				t.Fatalf("%v", err)
			}
			if err != nil {
				return
			}
			var words []string
			for _, c := range got {
				words = append(words, c.Name+" "+string(rune('0'+c.From))+" "+string(rune('0'+c.To)))
			}
			if s := strings.Join(words, ", "); s != tc.want {
				t.Errorf("%s, want %s", s, tc.want)
			}
			now, err := adm.ListTopics(kadm.WithAuthorizedOps(t.Context()))
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range got {
				want := c.To
				if tc.dry {
					want = c.From
				}
				if n := len(now[c.Name].Partitions); n != want {
					t.Errorf("%s has %d partitions, want %d", c.Name, n, want)
				}
			}
			if n := len(now["w.signals"].Partitions); n != 0 && n != 16 {
				t.Errorf("signals were resized to %d", n)
			}
		})
	}
	if len(topicadmin.Effects()) < 3 || !strings.HasPrefix(topicadmin.Effects()[0], "order: ") {
		t.Errorf("%v", topicadmin.Effects())
	}
}

func TestListAndBehind(t *testing.T) {
	a, adm := start(t, 1, plan(), nil)
	list, err := a.List(t.Context())
	if err != nil || len(list) != 5 || !list[0].Missing {
		t.Fatalf("nothing there: %+v %v", list, err)
	}
	if _, _, err := a.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers(t, adm)...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for i := range 10 {
		at := time.Now().Add(-time.Duration(50-i) * time.Hour)
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "w.events", Partition: int32(i % 2), Value: []byte("x"), Timestamp: at}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	commit := func(group string, at0, at1 int64) {
		o := kadm.Offsets{}
		o.Add(kadm.Offset{Topic: "w.events", Partition: 0, At: at0, LeaderEpoch: -1})
		o.Add(kadm.Offset{Topic: "w.events", Partition: 1, At: at1, LeaderEpoch: -1})
		if err := adm.CommitAllOffsets(t.Context(), group, o); err != nil {
			t.Fatal(err)
		}
	}
	commit("w.archive", 5, 5)
	commit("w.elastic", 5, 2)
	if list, err = a.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	if x := list[1]; x.Records != 10 || x.Lag != 3 || x.Group != "w.elastic" || x.Partitions != 2 || x.Hours != 168 {
		t.Errorf("%+v", x)
	}
	reader := func(opts ...kgo.Opt) (*kgo.Client, error) {
		return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(brokers(t, adm)...)}, opts...)...)
	}
	lags, err := a.Behind(t.Context(), reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lags {
		late := l.Group == "w.elastic" && l.Topic == "w.events"
		// The oldest that elastic has not read is number 5: 45 hours old.
		if late != (l.Share > 0) || late && (l.Age < 44*time.Hour || l.Age > 46*time.Hour || l.Share < 0.26 || l.Share > 0.28) {
			t.Errorf("%+v", l)
		}
	}
}

func brokers(t *testing.T, adm *kadm.Client) (out []string) {
	t.Helper()
	list, err := adm.ListBrokers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range list {
		out = append(out, b.Host+":"+itoa(int(b.Port)))
	}
	return out
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
