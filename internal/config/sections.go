// Package config is weir's configuration: one strict YAML file, environment overrides, defaults for every key.
//
// All sections are plain data and live here and in the packages below, so that the file, its documentation and its JSON
// Schema come from one place; components take their section as it is.
package config

import (
	"time"

	"weir/internal/config/alerting"
	"weir/internal/config/enrichment"
	"weir/internal/config/keeping"
	"weir/internal/config/unit"
	"weir/internal/config/watching"
)

// Config is the whole file. A key is a field with two tags: its name and one sentence of what it is for. Adding one
// here adds it to the reader, the environment, the schema and the reference. A key is never renamed: files of years ago
// must be read, or refused with the new name.
type Config struct {
	Data      string               `yaml:"data" doc:"folder of everything weir keeps"`
	Console   Console              `yaml:"console" doc:"web console, health and metrics"`
	Inputs    Inputs               `yaml:"inputs" doc:"where records come from; the key is the input's name"`
	Bus       Bus                  `yaml:"bus" doc:"Kafka, embedded or real"`
	Normalise enrichment.Normalise `yaml:"normalise" doc:"from raw records to ECS"`
	Enrich    enrichment.Enrich    `yaml:"enrich" doc:"what is added to every event"`
	Rules     Rules                `yaml:"rules" doc:"detection rules"`
	Correlate Correlate            `yaml:"correlate" doc:"counting and sequences over time"`
	Notify    Notify               `yaml:"notify" doc:"who is told of alerts, and how"`
	Alerts    alerting.Alerts      `yaml:"alerts" doc:"what becomes of alerts"`
	Watchdog  watching.Watchdog    `yaml:"watchdog" doc:"what weir watches: itself, and who has fallen silent"`
	Archive   keeping.Archive      `yaml:"archive" doc:"sealed Parquet, searched and kept"`
	Retention keeping.Retention    `yaml:"retention" doc:"how long what is kept"`
	Reports   keeping.Reports      `yaml:"reports" doc:"reports that are made on a schedule"`
	Elastic   Elastic              `yaml:"elastic" doc:"Elasticsearch or OpenSearch, where people look with Kibana"`
	Ledger    Ledger               `yaml:"ledger" doc:"what every hop counted"`
	Log       Log                  `yaml:"log" doc:"weir's own log"`
}

// Console is the HTTP address of health, metrics and pages.
type Console struct {
	Listen string   `yaml:"listen" doc:"address of the console"`
	Hosts  []string `yaml:"hosts" doc:"names by which browsers call it, beside its addresses, localhost and this machine's name; other names are refused"`
}

// Inputs holds one section per kind of source.
type Inputs struct {
	Syslog   Syslog   `yaml:"syslog" doc:"syslog over UDP, TCP, TLS and RELP"`
	SNMPTrap SNMPTrap `yaml:"snmptrap" doc:"SNMP traps and informs, v1, v2c and v3"`
	EBPF     EBPF     `yaml:"ebpf" doc:"TCP connections of this machine, seen in the kernel"`
	File     File     `yaml:"file" doc:"lines of files as they are written"`
	AWS      AWS      `yaml:"aws" doc:"CloudTrail objects in S3, announced by SQS"`
}

// Syslog receives RFC 3164, RFC 5424 and anything like them.
type Syslog struct {
	Enabled        bool          `yaml:"enabled" doc:"receive syslog"`
	Listen         string        `yaml:"listen" doc:"address for UDP and TCP; empty: neither"`
	TLS            SyslogTLS     `yaml:"tls" doc:"syslog over TLS (RFC 5425)"`
	RELP           RELP          `yaml:"relp" doc:"reliable event logging protocol: the sender is answered after Kafka has the record"`
	MaxRecord      unit.Bytes    `yaml:"max_record" doc:"longest record; of a longer one the bytes up to here are kept and it is tagged truncated"`
	MaxConnections int           `yaml:"max_connections" doc:"open connections over all stream listeners"`
	IdleTimeout    unit.Duration `yaml:"idle_timeout" doc:"a connection without a byte for this long is closed"`
	Limit          unit.Rate     `yaml:"limit" doc:"records per second and source address; what is above is refused and counted; 0: no limit"`
	DropIf         string        `yaml:"drop_if" doc:"expr over the parsed event; what matches is filtered and counted"`
	Dataset        string        `yaml:"dataset" doc:"format of all messages that no device of the inventory has one for; empty: recognised by what they say"`
	Sockets        int           `yaml:"sockets" doc:"UDP sockets that share the port (SO_REUSEPORT); 0: one per core"`
	ReceiveBuffer  unit.Bytes    `yaml:"receive_buffer" doc:"kernel buffer asked for per UDP socket; what was granted is reported"`
	TimeZone       string        `yaml:"time_zone" doc:"zone of senders that write none and are not in the inventory; empty: this machine's"`
}

// SyslogTLS is the TLS listener.
type SyslogTLS struct {
	Listen   string `yaml:"listen" doc:"address; empty: off"`
	Cert     string `yaml:"cert" doc:"certificate file (PEM); empty: weir makes its own"`
	Key      string `yaml:"key" doc:"key file (PEM)"`
	ClientCA string `yaml:"client_ca" doc:"CA file: clients must show a certificate signed by it"`
}

// RELP is the RELP listener.
type RELP struct {
	Listen string `yaml:"listen" doc:"address; empty: off"`
	Window int    `yaml:"window" doc:"unanswered records per connection"`
}

// SNMPTrap receives traps and informs.
type SNMPTrap struct {
	Enabled       bool       `yaml:"enabled" doc:"receive traps"`
	Listen        string     `yaml:"listen" doc:"UDP address"`
	Credentials   string     `yaml:"credentials" doc:"file (YAML) of the communities that are let in and of SNMPv3 users with their keys; relative to data; absent: any community, no v3"`
	Limit         unit.Rate  `yaml:"limit" doc:"traps per second and source address; what is above is refused and counted; 0: no limit"`
	DropIf        string     `yaml:"drop_if" doc:"expr over the parsed event; what matches is filtered and counted"`
	ReceiveBuffer unit.Bytes `yaml:"receive_buffer" doc:"kernel buffer asked for; what was granted is reported"`
}

// EBPF watches the kernel of this machine.
type EBPF struct {
	Enabled        bool          `yaml:"enabled" doc:"record TCP connections; needs CAP_BPF and CAP_PERFMON and a kernel with BTF"`
	Ring           unit.Bytes    `yaml:"ring" doc:"buffer between kernel and weir, a power of two; what does not fit is counted as lost"`
	Connections    int           `yaml:"connections" doc:"open connections followed at once (216 bytes each); of more, those longest unused lose their process and times"`
	Report         unit.Duration `yaml:"report" doc:"a connection that stays open is reported again after this long; 0: only when it ends"`
	IgnoreLoopback bool          `yaml:"ignore_loopback" doc:"leave out connections to 127.0.0.0/8 and ::1"`
	IgnorePorts    []string      `yaml:"ignore_ports" doc:"leave out connections with one of these ports at either end"`
	Own            bool          `yaml:"own" doc:"record weir's own connections too"`
	DropIf         string        `yaml:"drop_if" doc:"expr over the parsed event; what matches is filtered and counted"`
}

// File follows files.
type File struct {
	Paths     []string   `yaml:"paths" doc:"files to follow, with * and **; empty: none"`
	Exclude   []string   `yaml:"exclude" doc:"files to leave out, with * and **"`
	Datasets  []string   `yaml:"datasets" doc:"format of files whose lines do not show theirs, as PATTERN=dataset; the first that fits"`
	Start     string     `yaml:"start" enum:"end,beginning" doc:"where to begin in a file that was there before weir first ran: end or beginning"`
	MaxRecord unit.Bytes `yaml:"max_record" doc:"longest line; of a longer one the bytes up to here are kept and it is tagged truncated"`
	MaxFiles  int        `yaml:"max_files" doc:"files followed at once; what is above waits its turn"`
	DropIf    string     `yaml:"drop_if" doc:"expr over the parsed event; what matches is filtered and counted"`
}

// AWS reads what a trail delivers. Credentials come as the AWS tools find them: environment, profile, role.
type AWS struct {
	Queue    string        `yaml:"queue" doc:"URL of the SQS queue that gets the bucket's notifications; empty: off"`
	Region   string        `yaml:"region" doc:"region; empty: as the AWS tools find it"`
	Endpoint string        `yaml:"endpoint" doc:"address of another service that speaks as AWS does; empty: AWS"`
	Wait     unit.Duration `yaml:"wait" doc:"how long one question to the queue waits for an answer, at most 20s"`
	Workers  int           `yaml:"workers" doc:"objects read at once"`
	DropIf   string        `yaml:"drop_if" doc:"expr over the parsed event; what matches is filtered and counted"`
}

// Bus is Kafka.
type Bus struct {
	Brokers     []string      `yaml:"brokers" doc:"host:port of a real Kafka; empty: the embedded broker"`
	Prefix      string        `yaml:"prefix" doc:"prefix of every topic name and consumer group"`
	Topics      BusTopics     `yaml:"topics" doc:"whole names of topics that do not follow the prefix; empty: prefix and key, raw_syslog is raw.syslog"`
	Partitions  int           `yaml:"partitions" doc:"partitions of raw and event topics; 0: one per core, at least 2"`
	Replication int           `yaml:"replication" doc:"copies of a topic that weir makes on a real Kafka; 0: 3, or as many as there are brokers"`
	MinInSync   int           `yaml:"min_insync_replicas" doc:"copies that must have a record before it counts as taken; 0: 2 of 3 copies, else 1"`
	Key         string        `yaml:"key" enum:"spread,source" doc:"spread: one busy source uses every partition; source: a source stays on one"`
	Compression string        `yaml:"compression" enum:"snappy,lz4,zstd,none" doc:"snappy, lz4, zstd or none"`
	Linger      unit.Duration `yaml:"linger" doc:"how long a producer waits to fill a batch"`
	BatchBytes  unit.Bytes    `yaml:"batch_bytes" doc:"largest batch of records before compression; a topic whose records may be larger takes batches of that size"`
	FetchWait   unit.Duration `yaml:"fetch_wait" doc:"how long a real Kafka may wait for fetch_min_bytes before it answers a reader"`
	FetchMin    unit.Bytes    `yaml:"fetch_min_bytes" doc:"bytes that a real Kafka collects before it answers a reader"`
	MaxRecord   unit.Bytes    `yaml:"max_record" doc:"largest raw record; its event may be four times as large"`
	InFlight    unit.Bytes    `yaml:"in_flight" doc:"received and not yet acknowledged; above it senders wait or are refused"`
	TLS         BusTLS        `yaml:"tls" doc:"encryption between weir and a real Kafka"`
	SASL        BusSASL       `yaml:"sasl" doc:"who weir is to a real Kafka"`
	Embedded    Embedded      `yaml:"embedded" doc:"the broker inside weir"`
	Spool       Spool         `yaml:"spool" doc:"queue on disk for what is received while a real Kafka is away"`
}

// BusTopics gives topics names of their own. A key is the topic's name with _ for the dot.
type BusTopics struct {
	RawSyslog   string `yaml:"raw_syslog" doc:"what syslog received"`
	RawSNMP     string `yaml:"raw_snmp" doc:"what came as SNMP traps"`
	RawEBPF     string `yaml:"raw_ebpf" doc:"connections that the kernel reported"`
	RawFile     string `yaml:"raw_file" doc:"lines of files"`
	RawCloud    string `yaml:"raw_cloud" doc:"records of cloud objects"`
	RawAudit    string `yaml:"raw_audit" doc:"what people did with weir"`
	RawReparse  string `yaml:"raw_reparse" doc:"kept originals that are read again"`
	Events      string `yaml:"events" doc:"ECS documents"`
	Signals     string `yaml:"signals" doc:"matches of rules, and marks of time"`
	Alerts      string `yaml:"alerts" doc:"alerts and their revisions"`
	Changes     string `yaml:"changes" doc:"what people decided about alerts"`
	State       string `yaml:"state" doc:"snapshots of correlation; real Kafka only"`
	Cursors     string `yaml:"cursors" doc:"how far files and objects were read; real Kafka only"`
	DeadLetters string `yaml:"deadletters" doc:"what could not be used, with the reason"`
	Ledger      string `yaml:"ledger" doc:"what every hop counted"`
}

// BusTLS is how weir encrypts and whom it believes.
type BusTLS struct {
	Enabled    bool   `yaml:"enabled" doc:"speak TLS to the brokers"`
	CA         string `yaml:"ca" doc:"file of the CA (PEM) that signed the brokers' certificates; empty: those of this system"`
	Cert       string `yaml:"cert" doc:"client certificate file (PEM), where the brokers ask for one"`
	Key        string `yaml:"key" doc:"its key file (PEM)"`
	ServerName string `yaml:"server_name" doc:"name that the brokers' certificates must have; empty: that of bus.brokers"`
}

// BusSASL is a user on Kafka.
type BusSASL struct {
	Mechanism string      `yaml:"mechanism" enum:"none,plain,scram-sha-256,scram-sha-512" doc:"none, plain, scram-sha-256 or scram-sha-512"`
	User      string      `yaml:"user" doc:"name of the user"`
	Password  unit.Secret `yaml:"password" doc:"password: file:PATH, env:NAME, or the password itself"`
}

// Spool is the queue of the front door before a real Kafka.
type Spool struct {
	MaxBytes unit.Bytes    `yaml:"max_bytes" doc:"size on disk; at 80 % of it senders wait or are refused"`
	After    unit.Duration `yaml:"after" doc:"how long records wait for an answer of Kafka before the queue takes them"`
}

// Embedded is the broker in the process.
type Embedded struct {
	MaxBytes     unit.Bytes `yaml:"max_bytes" doc:"log kept over all topics; at 80 % of it that somebody still needs, producers wait"`
	SegmentBytes unit.Bytes `yaml:"segment_bytes" doc:"size of one log file"`
	Sync         bool       `yaml:"sync" doc:"sync every batch to disk before it is acknowledged"`
	MinFree      unit.Bytes `yaml:"min_free" doc:"below this much free disk producers wait"`
	KafkaListen  string     `yaml:"kafka_listen" doc:"open the broker to Kafka clients on this loopback address; empty: private"`
}

// Rules says where rules are.
type Rules struct {
	Folder string `yaml:"folder" doc:"your rules; watched; relative to data"`
	Lists  string `yaml:"lists" doc:"lists that rules name; watched; relative to data"`
	// Pipelines come before those that weir ships.
	Pipelines string `yaml:"pipelines" doc:"your pipelines: what log sources and field names of Sigma rules are here; watched; relative to data"`
	// Exceptions stand beside the rules, so that an update of a rule never overwrites them.
	Exceptions string   `yaml:"exceptions" doc:"your exceptions: which events a rule passes over, with owner, reason and end; watched; relative to data"`
	Shipped    bool     `yaml:"shipped" doc:"run the rules that weir ships"`
	Disable    []string `yaml:"disable" doc:"ids of rules that do not run"`
}

// Correlate is the second stage of detection.
type Correlate struct {
	Lateness unit.Duration `yaml:"lateness" doc:"how far behind the newest event of a dataset an event may be"`
	Snapshot unit.Duration `yaml:"snapshot" doc:"how often state is written"`
	MaxKeys  int           `yaml:"max_groups" doc:"groups kept per rule"`
	MaxBytes unit.Bytes    `yaml:"max_bytes" doc:"memory of the groups of a rule, on each partition"`
	// DatasetLateness comes before Lateness.
	DatasetLateness []string `yaml:"dataset_lateness" doc:"lateness of datasets that come otherwise than the others, as PATTERN=time; the first that fits"`
}

// Notify tells people of alerts.
type Notify struct {
	File string `yaml:"file" doc:"channels, routes and maintenance windows; watched; relative to data"`
	URL  string `yaml:"url" doc:"address of the console as people reach it, for the links in messages; empty: no links"`
}

// Elastic is an Elasticsearch or OpenSearch that gets every event and alert.
type Elastic struct {
	URLs        []string      `yaml:"urls" doc:"http(s)://host:port of its nodes; empty: off"`
	APIKey      unit.Secret   `yaml:"api_key" doc:"API key as the server gave it, encoded: file:PATH, env:NAME, or the key itself"`
	User        string        `yaml:"user" doc:"name of a user, where there is no API key"`
	Password    unit.Secret   `yaml:"password" doc:"password: file:PATH, env:NAME, or the password itself"`
	CA          string        `yaml:"ca" doc:"file of the CA (PEM) that signed the nodes' certificates; empty: those of this system"`
	Flavour     string        `yaml:"flavour" enum:"auto,elasticsearch,opensearch" doc:"what answers there; auto asks it"`
	Prefix      string        `yaml:"prefix" doc:"beginning of the name of every index and alias; the class follows"`
	Keep        unit.Duration `yaml:"keep" doc:"indices older than this are deleted, once the archive has sealed their days; 0: never"`
	Shards      int           `yaml:"shards" doc:"primary shards of an index"`
	Replicas    int           `yaml:"replicas" doc:"copies of a shard; -1: one where there are two nodes or more, else none"`
	Refresh     unit.Duration `yaml:"refresh" doc:"how long until a document can be found"`
	Workers     int           `yaml:"workers" doc:"bulk requests under way at once; fewer while the server is busy"`
	BulkBytes   unit.Bytes    `yaml:"bulk_bytes" doc:"size of a bulk request before compression; smaller while the server is busy"`
	Compression string        `yaml:"compression" enum:"auto,gzip,none" doc:"gzip, none, or auto: gzip unless all nodes are on this machine"`
	ShardBudget int           `yaml:"shard_budget" doc:"percent of the shards that the cluster may have open; weir warns above it"`
}

// Ledger counts.
type Ledger struct {
	Interval   unit.Duration `yaml:"interval" doc:"how often hops publish their counts"`
	MaxSources int           `yaml:"max_sources" doc:"sources kept apart; the rest fold into other"`
}

// Log is weir's own log on stderr.
type Log struct {
	Level string `yaml:"level" enum:"debug,info,warn,error" doc:"debug, info, warn or error"`
}

// Default returns the configuration of a weir without a file. It must start on a laptop as it is: only this machine is
// listened to, nothing needs a right, and the folder is a local one.
func Default() Config {
	return Config{
		Data:    "./weir-data",
		Console: Console{Listen: "127.0.0.1:8514"},
		Inputs: Inputs{Syslog: Syslog{
			Enabled: true, Listen: "127.0.0.1:5514",
			TLS: SyslogTLS{Listen: "127.0.0.1:6514"}, RELP: RELP{Listen: "127.0.0.1:2514", Window: 1024},
			MaxRecord: 64 << 10, MaxConnections: 2000, IdleTimeout: unit.Duration(30 * time.Minute), ReceiveBuffer: 32 << 20,
		},
			SNMPTrap: SNMPTrap{Enabled: true, Listen: "127.0.0.1:1162", Credentials: "snmp.yaml", ReceiveBuffer: 4 << 20},
			EBPF:     EBPF{Ring: 4 << 20, Connections: 65_536},
			File:     File{Start: "end", MaxRecord: 1 << 20, MaxFiles: 10_000},
			AWS:      AWS{Wait: unit.Duration(20 * time.Second), Workers: 4},
		},
		Bus: Bus{Prefix: "weir.", Key: "spread", Compression: "snappy", Linger: unit.Duration(5 * time.Millisecond), InFlight: 64 << 20,
			BatchBytes: 1 << 20, FetchWait: unit.Duration(500 * time.Millisecond), FetchMin: 1, MaxRecord: 4 << 20, SASL: BusSASL{Mechanism: "none"},
			Embedded: Embedded{MaxBytes: 1 << 30, SegmentBytes: 16 << 20, Sync: true, MinFree: 512 << 20},
			Spool:    Spool{MaxBytes: 1 << 30, After: unit.Duration(2 * time.Second)}},
		Normalise: enrichment.Normalise{Inventory: "inventory.csv", Classes: "classes.yaml", Redact: "redact.yaml", ECS: "8.11.0"},
		Enrich:    enrichment.Enrich{InternalNetworks: []string{"private"}, Users: "users.csv", UserAgent: true, Threat: "threat"},
		Rules:     Rules{Folder: "rules", Lists: "lists", Pipelines: "pipelines", Exceptions: "exceptions.yaml", Shipped: true},
		Correlate: Correlate{Lateness: unit.Duration(5 * time.Minute), Snapshot: unit.Duration(30 * time.Second), MaxKeys: 100_000, MaxBytes: 256 << 20,
			DatasetLateness: []string{"aws.*=1h", "azure.*=1h", "gcp.*=1h", "google_workspace.*=1h", "o365.*=1h", "okta.*=1h"}},
		Notify:   Notify{File: "notify.yaml"},
		Alerts:   alerting.Default(),
		Watchdog: watching.Default(),
		Archive:  keeping.DefaultArchive(), Retention: keeping.DefaultRetention(), Reports: keeping.DefaultReports(),
		Elastic: Elastic{Flavour: "auto", Prefix: "logs-weir.", Keep: unit.Duration(90 * 24 * time.Hour), Shards: 1, Replicas: -1,
			Refresh: unit.Duration(5 * time.Second), Workers: 4, BulkBytes: 4 << 20, Compression: "auto", ShardBudget: 80},
		Ledger: Ledger{Interval: unit.Duration(10 * time.Second), MaxSources: 10_000},
		Log:    Log{Level: "info"},
	}
}
