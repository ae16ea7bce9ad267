package snmptrap

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"weir/ingest"
	"weir/ingest/syslog/bind"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/testkit/frontdoor"
)

// running is a source that receives, and what its test looks at.
type running struct {
	*Source
	door  frontdoor.Door
	count frontdoor.Counter
	log   bytes.Buffer
	conn  net.Conn
	stop  func()
}

// start starts a source with a file of credentials, "" for none.
func start(t testing.TB, creds string, change func(*config.SNMPTrap)) *running {
	t.Helper()
	r := &running{}
	dir := t.TempDir()
	if creds != "" {
		if err := os.WriteFile(filepath.Join(dir, "snmp.yaml"), []byte(creds), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := config.SNMPTrap{Enabled: true, Listen: "127.0.0.1:0", Credentials: "snmp.yaml", ReceiveBuffer: 1 << 20}
	if change != nil {
		change(&cfg)
	}
	var err error
	r.Source, err = New(cfg, ingest.Options{Log: slog.New(slog.NewTextHandler(&r.log, nil)), Counter: &r.count, Data: dir, Dir: filepath.Join(dir, "own")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, r.door.Emit) }()
	r.stop = func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run returned %v", err)
			}
			done <- nil
		case <-time.After(time.Minute):
			t.Error("Run does not return")
		}
	}
	t.Cleanup(r.stop)
	if r.conn, err = net.Dial("udp", r.Listening()[0].Addr.String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.conn.Close() })
	return r
}

func (r *running) send(t testing.TB, data []byte) {
	t.Helper()
	if _, err := r.conn.Write(data); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for something that another goroutine does.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// answered tells whether a datagram came back within a moment.
func (r *running) answered(t testing.TB, within time.Duration) []byte {
	t.Helper()
	buf := make([]byte, 2048)
	if err := r.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	n, err := r.conn.Read(buf)
	if err != nil {
		return nil
	}
	return buf[:n]
}

const source = "snmptrap/127.0.0.1"

func TestSource_Receives(t *testing.T) {
	r := start(t, "communities: [right]\n", nil)
	good := message(t, gosnmp.Version2c, "right", gosnmp.SNMPv2Trap, nil)
	for _, d := range [][]byte{good, []byte("no SNMP"), message(t, gosnmp.Version2c, "wrong", gosnmp.SNMPv2Trap, nil), {}, good} {
		r.send(t, d)
	}
	eventually(t, "two records", func() bool { return len(r.door.Records()) == 2 })
	rec := r.door.Records()[0]
	if !strings.HasPrefix(string(rec.Value), `{"version":"v2c"`) || rec.Peer.String() != r.conn.LocalAddr().String() || rec.Proto != "udp" || rec.Input != Input || rec.Received.IsZero() {
		t.Errorf("%+v", rec)
	}
	r.stop()
	if got := r.count.Got(source); got != 5 {
		t.Errorf("%d received, want 5", got)
	}
	if m, c := r.count.Turned(source, reasonMalformed), r.count.Turned(source, reasonCommunity); m != 2 || c != 1 {
		t.Errorf("%d malformed, %d of a wrong community", m, c)
	}
	if log := r.log.String(); strings.Count(log, "why=malformed") != 1 || strings.Contains(log, "wrong") || strings.Contains(log, "right") {
		t.Errorf("the log:\n%s", log)
	}
}

// TestSource_AnswersInformsWhenKafkaHasThem: not before, and never what was not taken.
func TestSource_AnswersInformsWhenKafkaHasThem(t *testing.T) {
	r := start(t, "communities: [right]\n", nil)
	inform := message(t, gosnmp.Version2c, "right", gosnmp.InformRequest, nil)
	r.door.Hold()
	r.send(t, inform)
	eventually(t, "a batch at the door", func() bool { return r.door.Held() == 1 })
	if a := r.answered(t, 50*time.Millisecond); a != nil {
		t.Fatalf("answered before Kafka had it: %x", a)
	}
	r.door.Release(nil)
	if a := r.answered(t, time.Minute); a == nil || !bytes.Contains(a, []byte{byte(gosnmp.GetResponse)}) {
		t.Fatalf("answered %x", a)
	}
	r.door.Hold()
	r.send(t, inform)
	eventually(t, "a batch at the door", func() bool { return r.door.Held() == 1 })
	r.door.Release(errors.New("Kafka will not"))
	if a := r.answered(t, 50*time.Millisecond); a != nil {
		t.Fatalf("what was not taken is answered: %x", a)
	}
}

func TestSource_AnswersWhileItStops(t *testing.T) {
	r := start(t, "communities: [right]\n", nil)
	r.door.Hold()
	r.send(t, message(t, gosnmp.Version2c, "right", gosnmp.InformRequest, nil))
	eventually(t, "a batch at the door", func() bool { return r.door.Held() == 1 })
	time.AfterFunc(50*time.Millisecond, func() { r.door.Release(nil) })
	r.stop()
	if r.answered(t, time.Minute) == nil {
		t.Error("not answered")
	}
}

func TestSource_Limit(t *testing.T) {
	r, began := start(t, "", func(c *config.SNMPTrap) { c.Limit = 3 }), time.Now()
	good := message(t, gosnmp.Version2c, "any", gosnmp.SNMPv2Trap, nil)
	for range 50 {
		r.send(t, good)
	}
	eventually(t, "all of them are counted", func() bool { return r.count.Got(source) == 50 })
	r.stop()
	most := 3 * (2 + int(time.Since(began).Seconds())) // those of the first second, and of each one that has begun since
	refused := r.count.Turned(source, "rate")
	if n := len(r.door.Records()); n < 3 || n+refused != 50 || n > most {
		t.Errorf("%d taken of %d at the most, %d refused", n, most, refused)
	}
}

// TestSource_CountsWhatTheKernelDrops: with a small buffer and a door that is shut, datagrams are lost, and every one
// of them is counted.
func TestSource_CountsWhatTheKernelDrops(t *testing.T) {
	r := start(t, "", func(c *config.SNMPTrap) { c.ReceiveBuffer = 4096 })
	good := message(t, gosnmp.Version2c, "any", gosnmp.SNMPv2Trap, nil)
	const sent = 20_000
	for range sent {
		r.send(t, good)
	}
	eventually(t, "each is received or counted as dropped", func() bool { return r.count.Got(source)+r.count.Drops() == sent })
}

func TestSource_Version3(t *testing.T) {
	r := start(t, "users: [{name: alice, auth: sha512, auth_key: key-of-alice, priv: aes256, priv_key: priv-of-alice}]\n", nil)
	r.send(t, signedBy(t, remote, "alice", gosnmp.SHA512, "key-of-alice", gosnmp.AES256, "priv-of-alice", gosnmp.SNMPv2Trap, nil))
	eventually(t, "a record", func() bool { return len(r.door.Records()) == 1 })
	for _, secret := range []string{"key-of-alice", "priv-of-alice"} {
		if v := r.door.Records()[0].Value; bytes.Contains(v, []byte(secret)) {
			t.Errorf("%s", v)
		}
	}
	r.send(t, signedBy(t, "", "", gosnmp.NoAuth, "", gosnmp.NoPriv, "", gosnmp.GetRequest, func(p *gosnmp.SnmpPacket, _ *gosnmp.UsmSecurityParameters) {
		p.MsgFlags, p.Variables = gosnmp.Reportable, nil
	}))
	if r.answered(t, time.Minute) == nil {
		t.Error("discovery is not answered")
	}
	if got := r.count.Got(source); got != 1 {
		t.Errorf("%d received: discovery is no record", got)
	}
}

func TestNew_Failure(t *testing.T) {
	opts := ingest.Options{Log: slog.New(slog.DiscardHandler), Counter: &frontdoor.Counter{}, Data: t.TempDir(), Dir: t.TempDir()}
	taken, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = New(config.SNMPTrap{Listen: taken.LocalAddr().String(), Credentials: "none.yaml"}, opts)
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != bind.CodeInUse || !strings.Contains(f.Do, "WEIR_INPUTS_SNMPTRAP_LISTEN=") {
		t.Errorf("%v", err)
	}
	bad := filepath.Join(opts.Data, "bad.yaml")
	if err := os.WriteFile(bad, []byte("users: [{}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(config.SNMPTrap{Listen: "127.0.0.1:0", Credentials: bad}, opts); fault.Code(err) != CodeCredentials {
		t.Errorf("%v", err)
	}
}

func TestNew_SaysThatAnyCommunityIsLetIn(t *testing.T) {
	for listen, want := range map[string]bool{"127.0.0.1:0": false, "0.0.0.0:0": true} {
		var log bytes.Buffer
		s, err := New(config.SNMPTrap{Listen: listen, Credentials: "none.yaml"}, ingest.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Counter: &frontdoor.Counter{}, Data: t.TempDir(), Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		s.Close()
		if got := strings.Contains(log.String(), "any community"); got != want {
			t.Errorf("%s: %v\n%s", listen, got, &log)
		}
	}
}
