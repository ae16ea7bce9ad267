package bus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"weir/internal/config"
)

// openPort starts a bus with its port open and a few records in raw.syslog.
func openPort(t *testing.T, n int) (b *Bus, password string) {
	t.Helper()
	dir := t.TempDir()
	b = openBus(t, dir, func(c *config.Bus) { c.Embedded.KafkaListen = "127.0.0.1:0" })
	pass, err := os.ReadFile(filepath.Join(dir, "kafka.password"))
	if err != nil {
		t.Fatal(err)
	}
	ours := client(t, b, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for i := range n {
		if err := ours.ProduceSync(t.Context(), &kgo.Record{Topic: b.Topic(RawSyslog), Value: fmt.Append(nil, i)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	return b, string(pass)
}

// stranger makes a client of another program: it dials the port. What is refused closes its connection, which it takes
// for a fault that may pass, so it gives up early.
func stranger(t *testing.T, b *Bus, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(b.embedded.addr), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RequestRetries(0), kgo.MetadataMinAge(20 * time.Millisecond),
		kgo.RecordRetries(1), kgo.RetryTimeout(300 * time.Millisecond), kgo.RetryBackoffFn(func(int) time.Duration { return 10 * time.Millisecond }),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func as(password string) kgo.Opt {
	return kgo.SASL(plain.Auth{User: "weir", Pass: password}.AsMechanism())
}

func TestAnybodyWhoReachesThePortMayRead(t *testing.T) {
	b, _ := openPort(t, 5)
	for _, tc := range []struct {
		name string
		opts []kgo.Opt
	}{
		{"in a group of its own", []kgo.Opt{kgo.ConsumerGroup("kcat-test"), kgo.ConsumeTopics("weir.raw.syslog")}},
		{"without a group", []kgo.Opt{kgo.ConsumeTopics("weir.raw.syslog")}},
		{"from a place", []kgo.Opt{kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{"weir.raw.syslog": {0: kgo.NewOffset().At(0)}})}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := stranger(t, b, append(tc.opts, kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.RequestRetries(5), kgo.RetryTimeout(5*time.Second))...)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var got []string
			for len(got) < 5 {
				f := c.PollFetches(ctx)
				if err := f.Err(); err != nil {
					t.Fatalf("after %v: %v", got, err)
				}
				for _, r := range f.Records() {
					got = append(got, string(r.Value))
				}
			}
			if fmt.Sprint(got) != "[0 1 2 3 4]" {
				t.Errorf("read %v", got)
			}
			if strings.HasPrefix(tc.name, "in a group") {
				if err := c.CommitUncommittedOffsets(ctx); err != nil {
					t.Errorf("keeping its own place: %v", err)
				}
			}
		})
	}
	offsets, err := b.admin.FetchOffsets(t.Context(), "kcat-test")
	if o, ok := offsets.Lookup("weir.raw.syslog", 0); err != nil || !ok || o.At != 5 {
		t.Errorf("the reader's group stands at %v (%v)", o.At, err)
	}
}

func TestWritingNeedsThePassword(t *testing.T) {
	b, password := openPort(t, 1)
	produce := func(wait time.Duration, opts ...kgo.Opt) error {
		ctx, cancel := context.WithTimeout(t.Context(), 3*wait)
		defer cancel()
		c := stranger(t, b, append(opts, kgo.RecordDeliveryTimeout(wait))...)
		return c.ProduceSync(ctx, &kgo.Record{Topic: "weir.raw.syslog", Value: []byte("stranger")}).FirstErr()
	}
	for _, tc := range []struct {
		name string
		opts []kgo.Opt
		ok   bool
	}{
		{"no password", nil, false},
		{"no password, no sequence either", []kgo.Opt{kgo.DisableIdempotentWrite()}, false},
		{"wrong password", []kgo.Opt{as(password + "x")}, false},
		{"another user", []kgo.Opt{kgo.SASL(plain.Auth{User: "root", Pass: password}.AsMechanism())}, false},
		{"the password", []kgo.Opt{as(password)}, true},
		{"the password, no sequence", []kgo.Opt{as(password), kgo.DisableIdempotentWrite()}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before, err := b.Ends(t.Context(), RawSyslog)
			if err != nil {
				t.Fatal(err)
			}
			wait := time.Second
			if tc.ok { // however long it takes
				wait = time.Minute
			}
			if err := produce(wait, tc.opts...); (err == nil) != tc.ok {
				t.Errorf("producing: %v", err)
			}
			after, err := b.Ends(t.Context(), RawSyslog)
			if err != nil {
				t.Fatal(err)
			}
			if grown := after["weir.raw.syslog"][0] > before["weir.raw.syslog"][0]; grown != tc.ok {
				t.Errorf("the log grew: %v", grown)
			}
		})
	}
}

// TestWhatIsNotReadingIsRefused sends each request as itself, so that nothing of it reaches the broker by another way.
func TestWhatIsNotReadingIsRefused(t *testing.T) {
	b, password := openPort(t, 3)
	join := func(group string) kmsg.Request {
		r := kmsg.NewPtrJoinGroupRequest()
		r.Group, r.ProtocolType, r.SessionTimeoutMillis, r.RebalanceTimeoutMillis = group, "consumer", 10_000, 10_000
		p := kmsg.NewJoinGroupRequestProtocol()
		p.Name = "range"
		r.Protocols = append(r.Protocols, p)
		return r
	}
	commit := func(group string) kmsg.Request {
		r := kmsg.NewPtrOffsetCommitRequest()
		r.Group, r.Generation = group, -1
		topic, p := kmsg.NewOffsetCommitRequestTopic(), kmsg.NewOffsetCommitRequestTopicPartition()
		topic.Topic, p.Offset = "weir.raw.syslog", 3
		topic.Partitions = append(topic.Partitions, p)
		r.Topics = append(r.Topics, topic)
		return r
	}
	remove := kmsg.NewPtrDeleteRecordsRequest()
	rt, rp := kmsg.NewDeleteRecordsRequestTopic(), kmsg.NewDeleteRecordsRequestTopicPartition()
	rt.Topic, rp.Offset = "weir.raw.syslog", 2
	rt.Partitions = append(rt.Partitions, rp)
	remove.Topics = append(remove.Topics, rt)
	remove.TimeoutMillis = 1000
	create := kmsg.NewPtrCreateTopicsRequest()
	ct := kmsg.NewCreateTopicsRequestTopic()
	ct.Topic, ct.NumPartitions, ct.ReplicationFactor = "mine", 1, 1
	create.Topics = append(create.Topics, ct)
	create.TimeoutMillis = 1000
	drop := kmsg.NewPtrDeleteGroupsRequest()
	drop.Groups = []string{"weir.normalise"}

	for _, tc := range []struct {
		name string
		req  kmsg.Request
	}{
		{"deleting records", remove},
		{"making a topic", create},
		{"joining a group of weir", join("weir.normalise")},
		{"moving the offsets of weir", commit("weir.normalise")},
		{"joining no group at all", join("")},
		{"removing a group", drop},
		{"a producer id", kmsg.NewPtrInitProducerIDRequest()},
		{"a configuration", kmsg.NewPtrIncrementalAlterConfigsRequest()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			if resp, err := stranger(t, b).Request(ctx, tc.req); err == nil {
				t.Fatalf("answered with %+v", resp)
			}
			trusted := stranger(t, b, as(password))
			if err := trusted.Ping(t.Context()); err != nil {
				t.Errorf("afterwards nobody gets in: %v", err)
			}
		})
	}
	starts, err := b.admin.ListStartOffsets(t.Context(), "weir.raw.syslog")
	if o, _ := starts.Lookup("weir.raw.syslog", 0); err != nil || o.Offset != 0 {
		t.Errorf("records were deleted: the log begins at %d (%v)", o.Offset, err)
	}
	if topics, err := b.admin.ListTopics(t.Context()); err != nil || topics.Has("mine") {
		t.Errorf("a topic was made (%v)", err)
	}
	if offsets, err := b.admin.FetchOffsets(t.Context(), "weir.normalise"); err == nil {
		if o, ok := offsets.Lookup("weir.raw.syslog", 0); ok && o.At > 0 {
			t.Errorf("weir's group was moved to %d", o.At)
		}
	}
	// With the password all of it is the administrator's business.
	if _, err := kadm.NewClient(stranger(t, b, as(password))).CreateTopic(t.Context(), 1, 1, nil, "theirs"); err != nil {
		t.Errorf("making a topic with the password: %v", err)
	}
}

// frame puts the size before a request.
func frame(body []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

// encode writes a request as a client does.
func encode(req kmsg.Request, version int16) []byte {
	req.SetVersion(version)
	return kmsg.NewRequestFormatter(kmsg.FormatterClientID("test")).AppendRequest(nil, req, 77)
}

func TestBadFramesCloseTheirConnectionAndHarmNobody(t *testing.T) {
	b, _ := openPort(t, 1)
	bystander := stranger(t, b)
	if err := bystander.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	join := encode(kmsg.NewPtrJoinGroupRequest(), 5)
	for _, tc := range []struct {
		name string
		in   []byte
		half bool // the sender ends in the middle
	}{
		{name: "no size at all", in: []byte{0, 0}, half: true},
		{name: "an empty request", in: frame(nil)},
		{name: "less than a header", in: frame(make([]byte, 7))},
		{name: "larger than a reader needs", in: binary.BigEndian.AppendUint32(nil, maxReading+1)},
		{name: "larger than any request", in: binary.BigEndian.AppendUint32(nil, maxRequest+1)},
		{name: "a size below zero", in: []byte{0xff, 0xff, 0xff, 0xff}},
		{name: "another protocol", in: []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")},
		{name: "an unknown request", in: frame([]byte{0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff})},
		{name: "the client's name is cut off", in: frame([]byte{0, 3, 0, 5, 0, 0, 0, 1, 0, 99, 'a'})},
		{name: "a body that says nothing", in: frame(join[4:16])},
		{name: "a body that is cut off", in: frame(join[4 : len(join)-3])},
		{name: "more tags than bytes", in: frame([]byte{0, 3, 0, 9, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})},
		{name: "half a request", in: join[:len(join)-3], half: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := net.Dial("tcp", b.embedded.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := c.Write(tc.in); err != nil {
				t.Fatal(err)
			}
			if tc.half {
				_ = c.(*net.TCPConn).CloseWrite()
			}
			_ = c.SetReadDeadline(time.Now().Add(time.Minute))
			rest, err := io.ReadAll(c)
			if len(rest) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("answered %d bytes (%v) and stayed open", len(rest), err)
			}
			if err := bystander.Ping(t.Context()); err != nil {
				t.Errorf("another client is harmed: %v", err)
			}
		})
	}
}

// TestSASLIsAnsweredAtTheGate speaks the protocol by hand: clients never send what is odd here.
func TestSASLIsAnsweredAtTheGate(t *testing.T) {
	b, password := openPort(t, 0)
	shake := func(mechanism string) kmsg.Request {
		r := kmsg.NewPtrSASLHandshakeRequest()
		r.Mechanism = mechanism
		return r
	}
	login := func(token string) kmsg.Request {
		r := kmsg.NewPtrSASLAuthenticateRequest()
		r.SASLAuthBytes = []byte(token)
		return r
	}
	create := func() kmsg.Request { return kmsg.NewPtrCreateTopicsRequest() }
	right := "\x00weir\x00" + password
	type step struct {
		req     kmsg.Request
		version int16
		code    int16 // -1: the connection is closed instead
	}
	for _, tc := range []struct {
		name  string
		steps []step
	}{
		{"as it should be", []step{{shake("PLAIN"), 1, 0}, {login(right), 2, 0}, {create(), 4, 0}}},
		{"another version of the answer", []step{{shake("PLAIN"), 1, 0}, {login(right), 0, 0}, {create(), 4, 0}}},
		{"another mechanism", []step{{shake("SCRAM-SHA-256"), 1, 33}, {create(), 4, -1}}},
		{"the handshake whose password has no frame", []step{{shake("PLAIN"), 0, 33}}},
		{"wrong password, then a try to write", []step{{shake("PLAIN"), 1, 0}, {login("\x00weir\x00no"), 2, 58}, {create(), 4, -1}}},
		{"a second try", []step{{login("\x00weir\x00no"), 2, 58}, {login(right), 2, 0}, {create(), 4, 0}}},
		{"a login that fails takes away what another gave", []step{{login(right), 2, 0}, {login("x"), 2, 58}, {create(), 4, -1}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := net.Dial("tcp", b.embedded.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			for i, s := range tc.steps {
				if _, err := c.Write(encode(s.req, s.version)); err != nil {
					t.Fatal(err)
				}
				var size [4]byte
				_, err := io.ReadFull(c, size[:])
				if s.code < 0 {
					if err == nil {
						t.Errorf("step %d was answered", i)
					}
					return
				}
				if err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
				body := make([]byte, binary.BigEndian.Uint32(size[:]))
				if _, err := io.ReadFull(c, body); err != nil {
					t.Fatal(err)
				}
				if got := binary.BigEndian.Uint32(body); got != 77 {
					t.Errorf("step %d answers request %d", i, got)
				}
				body = body[4:]
				resp := s.req.ResponseKind()
				resp.SetVersion(s.version)
				if resp.IsFlexible() {
					body = body[1:] // the tags of the header
				}
				if err := resp.ReadFrom(body); err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
				var code int16
				switch r := resp.(type) {
				case *kmsg.SASLHandshakeResponse:
					if code = r.ErrorCode; fmt.Sprint(r.SupportedMechanisms) != "[PLAIN]" {
						t.Errorf("mechanisms %v", r.SupportedMechanisms)
					}
				case *kmsg.SASLAuthenticateResponse:
					code = r.ErrorCode
				}
				if code != s.code {
					t.Errorf("step %d: code %d, want %d", i, code, s.code)
				}
			}
		})
	}
}

// FuzzDecodeRequest holds the gate to this: whatever comes, what passes without a password is a request that only reads
// or belongs to a group of somebody else, and the broker, which reads the same bytes, takes it for the same request.
func FuzzDecodeRequest(f *testing.F) {
	group := func(name string) *kmsg.JoinGroupRequest {
		r := kmsg.NewPtrJoinGroupRequest()
		r.Group = name
		return r
	}
	beat := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	beat.Group = "weir.archive"
	for _, seed := range []struct {
		req     kmsg.Request
		version int16
	}{
		{group("kcat-test"), 0}, {group("weir.normalise"), 5}, {group("weir.normalise"), 9}, {beat, 0}, {kmsg.NewPtrProduceRequest(), 9},
		{kmsg.NewPtrFetchRequest(), 12}, {kmsg.NewPtrMetadataRequest(), 9}, {kmsg.NewPtrCreateTopicsRequest(), 5}, {kmsg.NewPtrSASLAuthenticateRequest(), 2},
		{kmsg.NewPtrOffsetCommitRequest(), 8}, {kmsg.NewPtrApiVersionsRequest(), 3}, {kmsg.NewPtrDeleteRecordsRequest(), 2},
	} {
		f.Add(encode(seed.req, seed.version)[4:])
	}
	f.Add([]byte("GET / HTTP/1.1"))
	f.Add([]byte("\x00D\x00\x01\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\x0fe")) // four thousand million tags
	g := &gate{prefix: "weir."}
	reading := map[kmsg.Key]bool{kmsg.Fetch: true, kmsg.ListOffsets: true, kmsg.Metadata: true, kmsg.OffsetFetch: true, kmsg.FindCoordinator: true,
		kmsg.DescribeGroups: true, kmsg.ListGroups: true, kmsg.ApiVersions: true, kmsg.OffsetForLeaderEpoch: true, kmsg.DescribeConfigs: true,
		kmsg.DescribeCluster: true, kmsg.DescribeTopicPartitions: true}
	f.Fuzz(func(t *testing.T, in []byte) {
		kept := bytes.Clone(in)
		req, correlation, err := decodeRequest(in)
		if !bytes.Equal(in, kept) {
			t.Fatal("decoding changed the bytes that the broker will read")
		}
		if err != nil {
			if req != nil {
				t.Fatalf("an error and a request: %v", err)
			}
			return
		}
		if key := int16(binary.BigEndian.Uint16(in)); req.Key() != key || uint32(correlation) != binary.BigEndian.Uint32(in[4:]) {
			t.Fatalf("%x was read as request %d, number %d", in, req.Key(), correlation)
		}
		passes := g.permits(req)
		if passes && !reading[kmsg.Key(req.Key())] && strings.HasPrefix(groupOf(req), "weir.") {
			t.Fatalf("%s of group %q passes", kmsg.NameForKey(req.Key()), groupOf(req))
		}
		if passes && !reading[kmsg.Key(req.Key())] && groupOf(req) == "" {
			t.Fatalf("%s passes", kmsg.NameForKey(req.Key()))
		}
		if v := req.GetVersion(); v < 0 || v > req.MaxVersion() {
			return // nobody can write what nobody has specified
		}
		again, _, err := decodeRequest(encode(req, req.GetVersion())[4:])
		if err != nil || again.Key() != req.Key() || g.permits(again) != passes || groupOf(again) != groupOf(req) {
			t.Fatalf("%x is another request when it is written again (%v)", in, err)
		}
	})
}

// groupOf returns the group that a request is about, "" for those of none.
func groupOf(req kmsg.Request) string {
	switch r := req.(type) {
	case *kmsg.JoinGroupRequest:
		return r.Group
	case *kmsg.SyncGroupRequest:
		return r.Group
	case *kmsg.HeartbeatRequest:
		return r.Group
	case *kmsg.LeaveGroupRequest:
		return r.Group
	case *kmsg.OffsetCommitRequest:
		return r.Group
	case *kmsg.ConsumerGroupHeartbeatRequest:
		return r.Group
	}
	return ""
}
