package bus

import (
	"fmt"
	"slices"
	"testing"

	"weir/internal/config"
)

func TestTheTableOfTopics(t *testing.T) {
	share, names := 0, map[string]bool{}
	for _, topic := range table {
		share += topic.Share
		if names[topic.Name] {
			t.Errorf("%s stands there twice", topic.Name)
		}
		names[topic.Name] = true
		// A topic that no group reads would never be trimmed: its producers would wait for ever once it is full. What is
		// compacted is no part of the embedded broker.
		if len(topic.Readers) == 0 || topic.Writer == "" || topic.Key == "" || topic.Compact != (topic.Share < 1) || topic.Hours < 24 && !topic.Compact {
			t.Errorf("%s is not complete: %+v", topic.Name, topic)
		}
	}
	if share != 100 {
		t.Errorf("the shares are %d %% of the log", share)
	}
	for _, raw := range RawTopics() {
		i := slices.IndexFunc(table, func(t Topic) bool { return t.Name == raw })
		if i < 0 || !slices.Equal(table[i].Readers, []string{"normalise"}) {
			t.Errorf("%s is not read by normalise alone", raw)
		}
	}
}

func TestPartitionsOfATopic(t *testing.T) {
	for _, tc := range []struct {
		configured  int
		topic       string
		want, least int
	}{
		{configured: 5, topic: Events, want: 5},
		{configured: 5, topic: LedgerTopic, want: 1},
		{configured: 0, topic: RawSyslog, least: 2},
		{configured: 1, topic: RawSyslog, want: 1},
		{configured: 5, topic: "none of ours", want: 0},
	} {
		b := &Bus{cfg: config.Bus{Partitions: tc.configured}, topics: table}
		got := b.Partitions(tc.topic)
		if tc.least == 0 && got != tc.want || got < tc.least {
			t.Errorf("%s of %d has %d partitions", tc.topic, tc.configured, got)
		}
	}
}

func TestNamesWithAndWithoutPrefix(t *testing.T) {
	for _, tc := range []struct{ prefix, name, full string }{{"weir.", "events", "weir.events"}, {"", "events", "events"}, {"a.b.", "x", "a.b.x"}} {
		b := &Bus{cfg: config.Bus{Prefix: tc.prefix}}
		if got := b.Topic(tc.name); got != tc.full {
			t.Errorf("%q is %q in full", tc.name, got)
		}
		if got := b.Name(tc.full); got != tc.name {
			t.Errorf("%q is %q in short", tc.full, got)
		}
	}
	if got := (&Bus{cfg: config.Bus{Prefix: "weir."}}).Name("x"); got != "" {
		t.Errorf("a topic shorter than the prefix is called %q", got)
	}
}

func TestSharesAndFileSizes(t *testing.T) {
	e := &embedded{cfg: config.Embedded{MaxBytes: 1 << 30, SegmentBytes: 16 << 20}}
	for _, tc := range []struct {
		topic      string
		partitions int
		share      int64
		segment    string
	}{
		{RawSyslog, 1, 1 << 30 * 22 / 100, fmt.Sprint(16 << 20)},
		{RawSyslog, 16, 1 << 30 * 22 / 100 / 16, fmt.Sprint(1 << 30 * 22 / 100 / 16 / 8)}, // an eighth: files are what can be trimmed
		{LedgerTopic, 1, 1 << 30 * 3 / 100, fmt.Sprint(1 << 30 * 3 / 100 / 8)},
		{LedgerTopic, 1024, 1 << 30 * 3 / 100 / 1024, "65536"}, // but no file for every batch
	} {
		i := slices.IndexFunc(table, func(t Topic) bool { return t.Name == tc.topic })
		if got := e.share(table[i], tc.partitions); got != tc.share {
			t.Errorf("%s over %d: share %d, want %d", tc.topic, tc.partitions, got, tc.share)
		}
		if got := *e.topicConfig(table[i], tc.partitions)["segment.bytes"]; got != tc.segment {
			t.Errorf("%s over %d: files of %s, want %s", tc.topic, tc.partitions, got, tc.segment)
		}
	}
}

func TestKeepFrom(t *testing.T) {
	files := []logFile{{0, 10}, {100, 20}, {200, 30}, {300, 40}}
	for _, tc := range []struct {
		name        string
		files       []logFile
		needed      int64
		from, bytes int64
	}{
		{"nothing was read", files, 0, 0, 100},
		{"within the first file", files, 99, 0, 100},
		{"the first file is done", files, 100, 100, 90},
		{"within the third", files, 250, 200, 70},
		{"all was read", files, 400, 300, 40},
		{"beyond all", files, 1 << 60, 300, 40},
		{"the last file always stays", []logFile{{700, 5}}, 1 << 60, 700, 5},
	} {
		if from, bytes := keepFrom(tc.files, tc.needed); from != tc.from || bytes != tc.bytes {
			t.Errorf("%s: from %d with %d bytes, want %d with %d", tc.name, from, bytes, tc.from, tc.bytes)
		}
	}
}
