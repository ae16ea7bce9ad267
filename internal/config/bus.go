package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"time"

	"weir/internal/config/unit"
)

// topicPrefix is what Kafka allows in a topic's name; 200 leaves room for the longest of ours.
var topicPrefix = regexp.MustCompile(`^[A-Za-z0-9._-]{0,200}$`)

// What the keys of the bus may be at most. The largest record is the largest that the whole way is proved with: its
// event must fit a request of Kafka (socket.request.max.bytes, 100 MiB) beside others.
const (
	maxRecordMost   = 4 << 20
	batchBytesMost  = 16 << 20
	fetchMinMost    = 16 << 20
	lingerMost      = unit.Duration(time.Minute)
	fetchWaitMost   = unit.Duration(30 * time.Second)
	topicNameLength = 249
)

// checkBus checks the keys of the bus against each other and against what Kafka can do.
func checkBus(b *Bus, bad func(key, what, why, do string)) {
	if b.Linger > lingerMost {
		bad("bus.linger", "records would wait longer than a minute", "", "write 1m or less")
	}
	if b.FetchWait > fetchWaitMost {
		bad("bus.fetch_wait", "readers would wait longer than half a minute", "a connection that stays silent that long is taken for broken", "write 30s or less")
	}
	for _, m := range []struct {
		key         string
		value, most unit.Bytes
	}{{"bus.max_record", b.MaxRecord, maxRecordMost}, {"bus.batch_bytes", b.BatchBytes, batchBytesMost}, {"bus.fetch_min_bytes", b.FetchMin, fetchMinMost}} {
		if m.value > m.most {
			bad(m.key, m.value.String()+" is too large", "", "write "+m.most.String()+" or less")
		}
	}
	for _, a := range b.Brokers {
		if why := badAddress(a, false); why != "" {
			bad("bus.brokers", fmt.Sprintf("%q is no address", a), why, "write host:9092")
		}
	}
	checkCopies(b, bad)
	checkTopicNames(b, bad)
	checkKafkaUser(b, bad)
}

// checkCopies compares the two numbers about copies. Both 0 is the usual case: the cluster decides.
func checkCopies(b *Bus, bad func(key, what, why, do string)) {
	if b.Replication > 0 && b.MinInSync > b.Replication {
		bad("bus.min_insync_replicas", "more copies must have a record than there are", "bus.replication is "+strconv.Itoa(b.Replication), "write "+strconv.Itoa(max(1, b.Replication-1)))
	}
	if b.Replication > 1 && b.MinInSync == b.Replication {
		bad("bus.min_insync_replicas", "every copy must have a record", "while one broker restarts nothing could be written", "write "+strconv.Itoa(b.Replication-1))
	}
}

// checkTopicNames checks the prefix and the names that stand for themselves. Two topics of one name would mix raw records
// with events, which no reader could tell apart.
func checkTopicNames(b *Bus, bad func(key, what, why, do string)) {
	if !topicPrefix.MatchString(b.Prefix) {
		bad("bus.prefix", fmt.Sprintf("%q cannot begin a topic's name", b.Prefix), "letters, digits, dot, dash and underscore can", "write weir.")
	}
	taken := map[string]string{}
	v := reflect.ValueOf(&b.Topics).Elem()
	for _, k := range keysOf(v, "bus.topics.") {
		name := k.value.String()
		if name == "" {
			continue
		}
		if !topicPrefix.MatchString(name) || len(name) > topicNameLength || name == "." || name == ".." {
			bad(k.path, fmt.Sprintf("%q is no name of a topic", name), "letters, digits, dot, dash and underscore can be in it", "leave the key out: the name follows bus.prefix")
		}
		if other := taken[name]; other != "" {
			bad(k.path, "two topics are called "+name, other+" is the other", "give one of them another name")
		}
		taken[name] = k.path
	}
}

// checkKafkaUser finds settings that would be ignored without a word.
func checkKafkaUser(b *Bus, bad func(key, what, why, do string)) {
	t, s := &b.TLS, &b.SASL
	if t.Cert != "" && t.Key == "" {
		bad("bus.tls.cert", "a certificate without its key", "key is empty", "give both, or neither")
	}
	if t.Key != "" && t.Cert == "" {
		bad("bus.tls.key", "a key without its certificate", "cert is empty", "give both, or neither")
	}
	for _, x := range []struct{ key, value string }{{"bus.tls.ca", t.CA}, {"bus.tls.cert", t.Cert}, {"bus.tls.server_name", t.ServerName}} {
		if x.value != "" && !t.Enabled {
			bad(x.key, "TLS is set up and off", "bus.tls.enabled is false", "write enabled: true below bus.tls")
			break
		}
	}
	switch {
	case s.Mechanism == "none" && (s.User != "" || s.Password != ""):
		bad("bus.sasl.mechanism", "a user is given and none is asked for", "mechanism is none", "write plain, scram-sha-256 or scram-sha-512, as the brokers want it")
	case s.Mechanism != "none" && s.User == "":
		bad("bus.sasl.user", "there is no user", "bus.sasl.mechanism is "+s.Mechanism, "give user and password")
	case s.Mechanism != "none" && s.Password == "":
		bad("bus.sasl.password", "there is no password", "bus.sasl.mechanism is "+s.Mechanism, "write file:PATH or env:NAME")
	}
	if len(b.Brokers) == 0 && (t.Enabled || s.Mechanism != "none") {
		bad("bus.brokers", "TLS or a user is set up and there is no Kafka to connect to", "bus.brokers is empty", "write host:9093")
	}
}
