package bus

import (
	"maps"
	"slices"
	"strings"

	"weir/internal/config"
)

// Topic is one row of the table of topics: what it is for, and how it is kept.
type Topic struct {
	// Without the prefix.
	Name string
	// What its records are keyed by, for the operator; the writers decide.
	Key string
	// One partition; else as many as bus.partitions.
	Single bool
	// Of bus.embedded.max_bytes, in percent, divided by the partitions.
	Share int
	// The stage that writes it.
	Writer string
	// Groups that must have read a record before it may be trimmed. A topic without any would fill up and stop its
	// writer for ever.
	Readers []string
	// Readers that not every site has. Before the first commit of such a group nothing is kept for it: a log that waits for
	// a stage which never runs would stop its writers for ever.
	Optional []string
	// Retention on a real Kafka, where the disk is somebody else's to guard; 0: for ever.
	Hours int
	// Kafka keeps the last record of each key. The embedded broker has no such topics: there its stage keeps files.
	Compact bool
	// Partitions on a real Kafka are 16, or four times those of raw topics if that is more, and are never resized: rules
	// count by the partition.
	Wide bool
}

// Names of the topics, without the prefix.
const (
	RawSyslog   = "raw.syslog"
	RawSNMP     = "raw.snmp"
	RawEBPF     = "raw.ebpf"
	RawFile     = "raw.file"
	RawCloud    = "raw.cloud"
	RawAudit    = "raw.audit"
	RawReparse  = "raw.reparse"
	Events      = "events"
	Signals     = "signals"
	Alerts      = "alerts"
	Changes     = "changes"
	State       = "state"
	Cursors     = "cursors"
	DeadLetters = "deadletters"
	LedgerTopic = "ledger"
)

// table is the one table of all topics. Alerts are not compacted, since each revision names the one before it
// (weir-prev): a reader would take what compaction removed for a hole.
var table = []Topic{
	{Name: RawSyslog, Key: "none or source", Share: 22, Writer: "ingest", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawSNMP, Key: "none or source", Share: 3, Writer: "ingest", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawEBPF, Key: "none or source", Share: 3, Writer: "ingest", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawFile, Key: "file", Share: 8, Writer: "ingest", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawCloud, Key: "object", Share: 4, Writer: "ingest", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawAudit, Key: "none", Share: 2, Writer: "control", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawReparse, Key: "none", Share: 2, Writer: "control", Readers: []string{"normalise"}, Hours: 168},
	{Name: Events, Key: "none: the partition of its raw record", Share: 36, Writer: "normalise", Readers: []string{"archive", "elastic"}, Optional: []string{"elastic"}, Hours: 168},
	{Name: Signals, Key: "rule and group; marks go to all", Share: 8, Writer: "normalise", Readers: []string{"correlate"}, Hours: 168, Wide: true},
	{Name: Alerts, Key: "the partition of its signal", Share: 4, Writer: "correlate", Readers: []string{"archive", "elastic", "alerts", "notify"}, Optional: []string{"elastic", "notify"}, Hours: 168},
	{Name: Changes, Key: "alert", Single: true, Share: 2, Writer: "console", Readers: []string{"archive", "elastic", "alerts", "notify"}, Optional: []string{"elastic", "notify"}, Hours: 2160},
	{Name: State, Key: "partition, rule and shard", Writer: "correlate", Readers: []string{"correlate"}, Compact: true},
	{Name: Cursors, Key: "object or file", Writer: "normalise", Readers: []string{"normalise"}, Hours: 336, Compact: true},
	{Name: DeadLetters, Key: "source", Single: true, Share: 3, Writer: "all stages", Readers: []string{"archive"}, Hours: 720},
	{Name: LedgerTopic, Key: "instance", Single: true, Share: 3, Writer: "all stages", Readers: []string{"ledger"}, Hours: 720},
}

// RawTopics returns the names of the topics that normalise reads.
func RawTopics() []string {
	return []string{RawSyslog, RawSNMP, RawEBPF, RawFile, RawCloud, RawAudit, RawReparse}
}

// partitions returns how many partitions t has on the embedded broker.
func (t Topic) partitions(cfg config.Bus) int {
	if t.Single {
		return 1
	}
	return Partitions(cfg)
}

// embeddedTopics are the rows of the table that the embedded broker has, without the readers that are absent.
func embeddedTopics(absent ...string) []Topic {
	list := slices.DeleteFunc(slices.Clone(table), func(t Topic) bool { return t.Compact })
	for i := range list {
		list[i].Readers = slices.DeleteFunc(slices.Clone(list[i].Readers), func(r string) bool { return slices.Contains(absent, r) })
	}
	return list
}

// renamed returns the names of topics that the configuration gives them in place of prefix and name, by the name in the
// table: the key of raw.syslog is raw_syslog.
func renamed(t config.BusTopics) map[string]string {
	out := map[string]string{
		RawSyslog: t.RawSyslog, RawSNMP: t.RawSNMP, RawEBPF: t.RawEBPF, RawFile: t.RawFile, RawCloud: t.RawCloud, RawAudit: t.RawAudit, RawReparse: t.RawReparse,
		Events: t.Events, Signals: t.Signals, Alerts: t.Alerts, Changes: t.Changes, State: t.State, Cursors: t.Cursors, DeadLetters: t.DeadLetters, LedgerTopic: t.Ledger,
	}
	maps.DeleteFunc(out, func(_, name string) bool { return name == "" })
	return out
}

// headroom is what a batch needs beside the values of its records: headers, keys, framing.
const headroom = 64 << 10

// growth is how much larger than its raw record an event may be: the text stands in it twice, as message and as
// event.original, and JSON writes quotes, backslashes and line ends as two bytes. What is larger still (a record of
// nothing but control characters has six bytes each) is a dead letter.
const growth = 4

// maxBatch is the largest batch of the topic, before compression: bus.batch_bytes, or what one record needs.
func (t Topic) maxBatch(cfg config.Bus) int {
	most := int(cfg.MaxRecord)
	if !strings.HasPrefix(t.Name, "raw.") {
		most *= growth
	}
	return max(int(cfg.BatchBytes), most+headroom)
}
