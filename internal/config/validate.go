package config

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"weir/internal/config/unit"

	"weir/internal/fault"
	"weir/internal/nearest"
)

// check is the report of one value that cannot be.
type check struct {
	key, what, why, do string
}

// A rule that looks at one value stands in checkAlone, one that compares addresses in checkListeners, one that compares
// other keys in validate. Each has a file in testdata, named after the mistake, that the table test reads.

// validate checks every value by itself and against the others. All rules about values stand here and in the two
// functions it calls, so that each has one row in one table test.
func (l *Loaded) validate() fault.List {
	var found []check
	bad := func(key, what, why, do string) { found = append(found, check{key, what, why, do}) }
	c := &l.Config
	checkAlone(l, bad)
	checkListeners(c, bad)
	checkBus(&c.Bus, bad)
	checkElastic(&c.Elastic, bad)

	s, e := &c.Inputs.Syslog, &c.Bus.Embedded
	if s.Enabled && s.Listen == "" && s.TLS.Listen == "" && s.RELP.Listen == "" {
		bad("inputs.syslog.enabled", "syslog is on and listens nowhere", "listen, tls.listen and relp.listen are empty", "give one of them an address, or write enabled: false")
	}
	if s.TLS.Cert != "" && s.TLS.Key == "" {
		bad("inputs.syslog.tls.cert", "a certificate without its key", "key is empty", "give both, or neither: weir makes its own")
	}
	if s.TLS.Key != "" && s.TLS.Cert == "" {
		bad("inputs.syslog.tls.key", "a key without its certificate", "cert is empty", "give both, or neither: weir makes its own")
	}
	if s.TLS.ClientCA != "" && s.TLS.Listen == "" {
		bad("inputs.syslog.tls.client_ca", "client certificates are asked for and TLS is off", "tls.listen is empty", "give tls.listen an address, or remove client_ca")
	}
	if int64(s.MaxRecord) > int64(c.Bus.InFlight) {
		bad("inputs.syslog.max_record", "one record may be larger than all that may be in flight", "bus.in_flight is "+c.Bus.InFlight.String(), "raise bus.in_flight, or lower max_record")
	}
	if s.MaxRecord > c.Bus.MaxRecord {
		bad("inputs.syslog.max_record", "one record would not be taken by Kafka", "bus.max_record is "+c.Bus.MaxRecord.String(), "lower it, or raise bus.max_record")
	}
	if len(c.Bus.Brokers) > 0 && e.KafkaListen != "" {
		bad("bus.embedded.kafka_listen", "there is no embedded broker to open", "bus.brokers names a real Kafka", "connect clients to that Kafka, and remove kafka_listen")
	}
	if a, err := netip.ParseAddrPort(strings.Replace(e.KafkaListen, "localhost:", "127.0.0.1:", 1)); err == nil && !a.Addr().IsLoopback() {
		bad("bus.embedded.kafka_listen", "the embedded broker opens only for this machine", a.Addr().String()+" is not a loopback address", "write 127.0.0.1:"+strconv.Itoa(int(a.Port())))
	}
	if e.SegmentBytes*4 > e.MaxBytes {
		bad("bus.embedded.segment_bytes", "a log file may be at most a quarter of the log", "bus.embedded.max_bytes is "+e.MaxBytes.String(), "write "+(e.MaxBytes/4).String()+" or less")
	}
	if c.Rules.Folder == c.Rules.Lists {
		bad("rules.lists", "rules and lists share one folder", "every file in it would be read as a rule", "give lists a folder of its own")
	}
	if p := c.Rules.Pipelines; p == c.Rules.Folder || p == c.Rules.Lists {
		bad("rules.pipelines", "pipelines share a folder with rules or lists", "every file in it would be read as both", "give pipelines a folder of its own")
	}
	if c.Correlate.Snapshot > unit.Duration(time.Hour) {
		bad("correlate.snapshot", "the state is written too seldom", "after a crash everything since then is read again", "write 1h or less")
	}

	var out fault.List
	for _, f := range found {
		o := l.origins[f.key]
		x := o.fault(l.source)
		if o.kind == fromDefault {
			x.Where = f.key + ", default " + textOf(keyOf(c, f.key))
		}
		x.Code, x.What, x.Why, x.Do, x.Exit = "config-bad-value", "`"+f.key+"`: "+f.what, f.why, f.do, fault.ExitUsage
		out = append(out, x)
	}
	return out
}

// keyOf returns the value of a key that exists.
// It is for messages alone; a key that does not exist is a mistake in this file, and shows as an empty default.
func keyOf(c *Config, path string) reflect.Value {
	for _, k := range keysOf(reflect.ValueOf(c).Elem(), "") {
		if k.path == path {
			return k.value
		}
	}
	return reflect.ValueOf("")
}

// checkAlone checks each value by itself.
func checkAlone(l *Loaded, bad func(key, what, why, do string)) {
	c := &l.Config
	for _, k := range keysOf(reflect.ValueOf(c).Elem(), "") {
		if v := k.value.String(); k.enum != nil && !slices.Contains(k.enum, v) {
			do := "one of " + strings.Join(k.enum, ", ")
			if near := nearest.Name(v, k.enum); near != "" {
				do = fmt.Sprintf("did you mean `%s`?", near)
			}
			bad(k.path, fmt.Sprintf("%q is not allowed", v), "", do)
		}
	}
	least := []struct {
		key   string
		value int64
		least int64
		unit  func(int64) string
	}{
		{"inputs.syslog.max_record", int64(c.Inputs.Syslog.MaxRecord), 1 << 10, bytesText},
		{"inputs.syslog.max_connections", int64(c.Inputs.Syslog.MaxConnections), 1, plain},
		{"inputs.syslog.idle_timeout", int64(c.Inputs.Syslog.IdleTimeout), int64(time.Second), spanText},
		{"inputs.syslog.sockets", int64(c.Inputs.Syslog.Sockets), 0, plain},
		{"inputs.syslog.relp.window", int64(c.Inputs.Syslog.RELP.Window), 1, plain},
		{"inputs.ebpf.ring", int64(c.Inputs.EBPF.Ring), 64 << 10, bytesText},
		{"inputs.ebpf.connections", int64(c.Inputs.EBPF.Connections), 1024, plain},
		{"bus.partitions", int64(c.Bus.Partitions), 0, plain},
		{"bus.replication", int64(c.Bus.Replication), 0, plain},
		{"bus.min_insync_replicas", int64(c.Bus.MinInSync), 0, plain},
		{"bus.batch_bytes", int64(c.Bus.BatchBytes), 16 << 10, bytesText},
		{"bus.fetch_min_bytes", int64(c.Bus.FetchMin), 1, bytesText},
		{"bus.fetch_wait", int64(c.Bus.FetchWait), int64(10 * time.Millisecond), spanText},
		{"bus.max_record", int64(c.Bus.MaxRecord), 64 << 10, bytesText},
		{"bus.in_flight", int64(c.Bus.InFlight), 1 << 20, bytesText},
		{"bus.embedded.max_bytes", int64(c.Bus.Embedded.MaxBytes), 64 << 20, bytesText},
		{"bus.embedded.segment_bytes", int64(c.Bus.Embedded.SegmentBytes), 1 << 20, bytesText},
		{"bus.spool.max_bytes", int64(c.Bus.Spool.MaxBytes), 64 << 20, bytesText},
		{"bus.spool.after", int64(c.Bus.Spool.After), int64(100 * time.Millisecond), spanText},
		{"correlate.snapshot", int64(c.Correlate.Snapshot), int64(time.Second), spanText},
		{"correlate.max_groups", int64(c.Correlate.MaxKeys), 1, plain},
		{"correlate.max_bytes", int64(c.Correlate.MaxBytes), 1 << 20, bytesText},
		{"archive.epoch_rows", int64(c.Archive.EpochRows), 1, plain},
		{"archive.epoch_bytes", int64(c.Archive.EpochBytes), 1 << 20, bytesText},
		{"archive.epoch_age", int64(c.Archive.EpochAge), int64(time.Second), spanText},
		{"elastic.keep", int64(c.Elastic.Keep), 0, spanText},
		{"elastic.shards", int64(c.Elastic.Shards), 1, plain},
		{"elastic.replicas", int64(c.Elastic.Replicas), -1, plain},
		{"elastic.refresh", int64(c.Elastic.Refresh), int64(time.Second), spanText},
		{"elastic.workers", int64(c.Elastic.Workers), 1, plain},
		{"elastic.bulk_bytes", int64(c.Elastic.BulkBytes), 64 << 10, bytesText},
		{"elastic.shard_budget", int64(c.Elastic.ShardBudget), 1, plain},
		{"ledger.interval", int64(c.Ledger.Interval), int64(time.Second), spanText},
		{"ledger.max_sources", int64(c.Ledger.MaxSources), 1, plain},
	}
	for _, v := range least {
		if v.value < v.least {
			bad(v.key, v.unit(v.value)+" is too small", "", "write "+v.unit(v.least)+" or more")
		}
	}
	if c.Data == "" {
		bad("data", "there is no data folder", "weir keeps everything in it", "write ./weir-data")
	}
	if c.Rules.Folder == "" {
		bad("rules.folder", "there is no folder for your rules", "", "write rules; it may be empty or missing")
	}
	if _, err := time.LoadLocation(c.Inputs.Syslog.TimeZone); err != nil {
		bad("inputs.syslog.time_zone", fmt.Sprintf("%q is no time zone", c.Inputs.Syslog.TimeZone), "", "write a name such as Asia/Seoul or UTC")
	}
	checkEBPF(&c.Inputs.EBPF, bad)
	checkDatasets(&c.Inputs.File, bad)
	checkLateness(&c.Correlate, bad)
	c.Enrich.Check(bad)
	c.Alerts.Check(bad)
	c.Watchdog.Check(bad)
	c.Normalise.Check(bad)
	c.Archive.Check(bad)
	c.Retention.Check(bad)
	if c.Inputs.Syslog.Limit < 0 {
		bad("inputs.syslog.limit", "a negative rate", "", "write 0 for no limit")
	}
	if filepath.Clean(c.Data) == "/" {
		bad("data", "the root of the file system is no data folder", "", "name a folder of its own")
	}
}

// checkEBPF checks what the kernel is to leave out and repeat.
func checkEBPF(c *EBPF, bad func(key, what, why, do string)) {
	const key = "inputs.ebpf."
	for _, p := range c.IgnorePorts {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			bad(key+"ignore_ports", fmt.Sprintf("%q is no port", p), "", "write numbers from 1 to 65535")
		}
	}
	if n := len(c.IgnorePorts); n > 256 {
		bad(key+"ignore_ports", fmt.Sprintf("%d ports are too many", n), "the kernel looks for each of them at every end of a connection", "write at most 256, and use drop_if for more")
	}
	if c.Report != 0 && c.Report < unit.Duration(10*time.Second) {
		bad(key+"report", spanText(int64(c.Report))+" is too small", "each time all open files of all processes are looked through", "write 10s or more, or 0 for never")
	}
	if c.Ring > 1<<30 {
		bad(key+"ring", bytesText(int64(c.Ring))+" is too large", "the kernel keeps it in memory", "write 1 GiB or less")
	}
}

// checkDatasets checks what says which format files are of. Whether there is such a format is known when formats are loaded.
func checkDatasets(c *File, bad func(key, what, why, do string)) {
	for _, s := range c.Datasets {
		pattern, dataset, ok := strings.Cut(s, "=")
		pack, stream, two := strings.Cut(dataset, ".")
		if !ok || pattern == "" || !two || pack == "" || stream == "" || !doublestar.ValidatePathPattern(pattern) {
			bad("inputs.file.datasets", fmt.Sprintf("%q names no format", s), "", "write PATTERN=dataset, such as /var/log/nginx/access*=nginx.access; datasets: weir formats list")
		}
	}
}

// plain, bytesText and spanText write a limit in the words of its key.
func plain(n int64) string     { return strconv.FormatInt(n, 10) }
func bytesText(n int64) string { return unit.Bytes(n).String() }
func spanText(n int64) string  { return unit.Duration(n).String() }

// listener is an address that something of ours binds.
type listener struct {
	key, protos, address string
}

// checkListeners checks addresses, and that no two things want one port. Two listeners on one port would be found by
// the system too, but only for the second of them, without a line of the file, and after the first has begun to
// receive.
func checkListeners(c *Config, bad func(key, what, why, do string)) {
	s := &c.Inputs.Syslog
	all := []listener{{"console.listen", "tcp", c.Console.Listen}, {"bus.embedded.kafka_listen", "tcp", c.Bus.Embedded.KafkaListen}}
	if s.Enabled {
		all = append(all, listener{"inputs.syslog.listen", "udp tcp", s.Listen},
			listener{"inputs.syslog.tls.listen", "tcp", s.TLS.Listen}, listener{"inputs.syslog.relp.listen", "tcp", s.RELP.Listen})
	}
	var taken []listener
	for _, l := range all {
		if l.address == "" {
			continue
		}
		if why := badAddress(l.address, true); why != "" {
			bad(l.key, fmt.Sprintf("%q is no address to listen on", l.address), why, "write 127.0.0.1:PORT, or 0.0.0.0:PORT for everybody")
			continue
		}
		for _, t := range taken {
			if sameSocket(l, t) {
				bad(l.key, "port "+l.address[strings.LastIndexByte(l.address, ':')+1:]+" is taken twice", t.key+" has it too", "give one of them another port")
			}
		}
		taken = append(taken, l)
	}
}

// sameSocket tells whether two listeners cannot both have their address. Port 0 asks the system for a free one.
// Whether a name and an address are the same is not asked: that needs a resolver, and this must work without a network.
func sameSocket(a, b listener) bool {
	if !strings.Contains(a.protos, b.protos) && !strings.Contains(b.protos, a.protos) {
		return false
	}
	hostA, portA, _ := net.SplitHostPort(a.address)
	hostB, portB, _ := net.SplitHostPort(b.address)
	everywhere := func(h string) bool { return h == "" || h == "0.0.0.0" || h == "::" }
	return portA == portB && portA != "0" && (hostA == hostB || everywhere(hostA) || everywhere(hostB))
}

// badAddress says what is wrong with host:port. A listener may leave the host out and may have port 0.
// Names are taken as they are: whether a host exists is found out by whoever connects.
func badAddress(s string, listens bool) string {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		if !strings.Contains(s, ":") {
			return "the port is missing"
		}
		return "host and port cannot be told apart"
	}
	if host == "" && !listens {
		return "the host is missing"
	}
	if strings.ContainsAny(host, " \t/@") {
		return fmt.Sprintf("%q is no host", host)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 && !listens {
		return fmt.Sprintf("%q is no port from 1 to 65535", port)
	}
	return ""
}
