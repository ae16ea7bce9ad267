package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"weir/cmd/weir/topics"
	"weir/internal/bus/topicadmin"
	"weir/internal/config"
	"weir/internal/control"
)

// fakeKafka answers with what it is given, and remembers what it was asked for.
type fakeKafka struct {
	list    []topicadmin.Info
	resized int
	dry     bool
}

func (k *fakeKafka) List(context.Context) ([]topicadmin.Info, error) { return k.list, nil }

func (k *fakeKafka) Ensure(context.Context) (map[string]int, []string, error) {
	made, partitions := []string{}, map[string]int{}
	for _, x := range k.list {
		made, partitions[x.Name] = append(made, x.Name), 2
	}
	return partitions, made, nil
}

func (k *fakeKafka) Resize(_ context.Context, n int, dry bool) ([]topicadmin.Change, error) {
	k.resized, k.dry = n, dry
	return []topicadmin.Change{{Name: "weir.events", From: 2, To: n}}, nil
}

func TestTopics_OnARealKafka(t *testing.T) {
	k, closed := &fakeKafka{list: []topicadmin.Info{
		{Name: "weir.events", Partitions: 2, Copies: 3, Cleanup: "delete", Retention: 168 * time.Hour, MaxSize: -1, Records: 1204, Lag: 7, Group: "weir.archive"},
		{Name: "weir.state", Missing: true},
	}}, 0
	s := shell{terminal: 120, env: []string{"WEIR_BUS_BROKERS=k1:9092"}}
	s.engine.kafka = func(_ context.Context, cfg config.Bus, _ *slog.Logger) (topics.Kafka, func(), error) {
		if len(cfg.Brokers) != 1 {
			t.Errorf("brokers %v", cfg.Brokers)
		}
		return k, func() { closed++ }, nil
	}
	out, msg, code := s.run(t, "topics", "list")
	if code != 0 || !strings.Contains(out, "weir.events           2       3  7d         1,204   0 B       7  weir.archive") || !strings.Contains(out, "missing") || !strings.Contains(msg, "1 topic missing: weir topics create") {
		t.Errorf("list %d:\n%s%s", code, out, msg)
	}
	if out, _, _ := s.run(t, "topics", "list", "--json"); strings.Count(out, "\n") != 2 || !strings.Contains(out, `"retention_hours":0`) {
		t.Errorf("--json: %s", out)
	}
	if _, msg, code := s.run(t, "topics", "create"); code != 0 || !strings.Contains(msg, "made weir.events with 2 partitions") {
		t.Errorf("create %d: %s", code, msg)
	}
	if _, msg, code := s.run(t, "topics", "resize", "4"); code != 0 || k.resized != 4 || !k.dry || !strings.Contains(msg, "order: ") || !strings.Contains(msg, "state: ") || !strings.Contains(msg, "resize 4 --yes") {
		t.Errorf("resize %d: %s", code, msg)
	}
	if _, msg, _ := s.run(t, "topics", "resize", "4", "--yes"); k.dry || !strings.Contains(msg, "1 topic grown") {
		t.Errorf("resize --yes: %s", msg)
	}
	if _, msg, code := s.run(t, "topics", "resize", "many"); code != 2 || !strings.HasPrefix(msg, "error[usage]") {
		t.Errorf("resize many: %d %s", code, msg)
	}
	if closed != 6 {
		t.Errorf("closed %d times, used 6 times", closed)
	}
}

func TestTopics_NothingToChangeOnTheEmbeddedBroker(t *testing.T) {
	s := shell{}
	s.engine.kafka = topics.Connect
	for _, args := range [][]string{{"topics", "create"}, {"topics", "resize", "4"}} {
		if _, msg, code := s.run(t, args...); code != 2 || !strings.Contains(msg, "there is no Kafka to work on") {
			t.Errorf("%v: %d %s", args, code, msg)
		}
	}
}

func TestTopics(t *testing.T) {
	st := control.Status{Running: true, Embedded: true, Topics: []control.Topic{{Name: "weir.raw.syslog", Partitions: 2, Records: 1204, Bytes: 3 << 20, Lag: 7, Group: "normalise"}}}
	out, msg, _ := shell{b: &fake{status: st}, terminal: 100}.run(t, "topics", "list")
	same(t, "stdout", out, "TOPIC            PARTITIONS  RECORDS   SIZE  BEHIND  GROUP\nweir.raw.syslog           2    1,204  3 MiB       7  normalise\n")
	same(t, "stderr", msg, "1 topic in the broker built in\n")
	_, msg, _ = shell{b: &fake{status: control.Status{Data: "./weir-data"}}, terminal: 100}.run(t, "topics", "list")
	same(t, "stopped", msg, "no weir runs on ./weir-data: topics are only known to a running one\n")
}
