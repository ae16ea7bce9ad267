package bus

import "weir/internal/config"

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
	// Retention on a real Kafka, where the disk is somebody else's to guard.
	Hours int
}

// Names of the topics, without the prefix.
const (
	RawSyslog   = "raw.syslog"
	RawSNMP     = "raw.snmp"
	RawEBPF     = "raw.ebpf"
	RawFile     = "raw.file"
	RawCloud    = "raw.cloud"
	RawAudit    = "raw.audit"
	Events      = "events"
	Signals     = "signals"
	Alerts      = "alerts"
	DeadLetters = "deadletters"
	LedgerTopic = "ledger"
)

// Topics is the one table of all topics.
var Topics = []Topic{
	{Name: RawSyslog, Key: "none or source", Share: 24, Writer: "ingest", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawSNMP, Key: "none or source", Share: 3, Writer: "ingest", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawEBPF, Key: "none or source", Share: 3, Writer: "ingest", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawFile, Key: "file", Share: 8, Writer: "ingest", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawCloud, Key: "object", Share: 4, Writer: "ingest", Readers: []string{"normalise"}, Hours: 168},
	{Name: RawAudit, Key: "none", Share: 2, Writer: "control", Readers: []string{"normalise"}, Hours: 168},
	{Name: Events, Key: "none: the partition of its raw record", Share: 38, Writer: "normalise", Readers: []string{"archive"}, Hours: 168},
	{Name: Signals, Key: "rule and group; marks go to all", Share: 8, Writer: "normalise", Readers: []string{"correlate"}, Hours: 168},
	{Name: Alerts, Key: "the partition of its signal", Share: 4, Writer: "correlate", Readers: []string{"archive", "alerts"}, Hours: 168},
	{Name: DeadLetters, Key: "source", Single: true, Share: 3, Writer: "all stages", Readers: []string{"archive"}, Hours: 720},
	{Name: LedgerTopic, Key: "instance", Single: true, Share: 3, Writer: "all stages", Readers: []string{"ledger"}, Hours: 720},
}

// RawTopics returns the names of the topics that normalise reads.
func RawTopics() []string {
	return []string{RawSyslog, RawSNMP, RawEBPF, RawFile, RawCloud, RawAudit}
}

// partitions returns how many partitions t has.
func (t Topic) partitions(cfg config.Bus) int {
	if t.Single {
		return 1
	}
	return Partitions(cfg)
}
