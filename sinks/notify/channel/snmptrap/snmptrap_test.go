package snmptrap_test

import (
	"encoding/hex"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"weir/internal/config/unit"
	"weir/internal/testkit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/snmptrap"
)

const (
	authKey = "aUtH-kEy-91bc"
	privKey = "pRiV-kEy-44de"
	engine  = "80007ed904776569722d31"
)

// receiver is the library's receiver of traps, which checks and answers as the configuration of usm says.
type receiver struct {
	mu   sync.Mutex
	got  []*gosnmp.SnmpPacket
	addr string
}

// listen starts it.
func listen(t testing.TB, params *gosnmp.GoSNMP) *receiver {
	t.Helper()
	r := &receiver{addr: testkit.FreePort(t)}
	l := gosnmp.NewTrapListener()
	l.Params = params
	l.OnNewTrap = func(p *gosnmp.SnmpPacket, _ *net.UDPAddr) {
		r.mu.Lock()
		r.got = append(r.got, p)
		r.mu.Unlock()
	}
	ended := make(chan struct{})
	go func() {
		_ = l.Listen(r.addr) // ends with Close
		close(ended)
	}()
	<-l.Listening()
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	return r
}

// packets waits for n of them.
func (r *receiver) packets(t testing.TB, n int) []*gosnmp.SnmpPacket {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		r.mu.Lock()
		got := append([]*gosnmp.SnmpPacket(nil), r.got...)
		r.mu.Unlock()
		if len(got) >= n {
			return got
		}
		if time.Now().After(end) {
			t.Fatalf("%d packets, want %d", len(got), n)
		}
	}
}

// usm is the receiver's knowledge of the user.
func usm() *gosnmp.GoSNMP {
	id, _ := hex.DecodeString(engine)
	return &gosnmp.GoSNMP{
		Version: gosnmp.Version3, SecurityModel: gosnmp.UserSecurityModel, MsgFlags: gosnmp.AuthPriv,
		SecurityParameters: &gosnmp.UsmSecurityParameters{
			UserName: "weir", AuthenticationProtocol: gosnmp.SHA256, AuthenticationPassphrase: authKey, PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: privKey,
			AuthoritativeEngineID: string(id),
		},
	}
}

// plain is a receiver of version 2c.
func plain() *gosnmp.GoSNMP { return &gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: "cOmMuNiTy"} }

// start makes a channel that ends with the test.
func start(t testing.TB, c snmptrap.Config, d channel.Deps) channel.Channel {
	t.Helper()
	s, err := snmptrap.New(c, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// datagrams is a port that takes everything and answers nothing.
func datagrams(t testing.TB) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.LocalAddr().String()
}

// suite is what both kinds have in common. The suite's silent server speaks TCP; this one has its own.
func suite(t *testing.T, inform bool) {
	channeltest.Run(t, channeltest.Subject{
		Plain: true, Unheard: !inform, Secrets: []string{"cOmMuNiTy"},
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			address := to.Addr
			if timeout < time.Second { // the silent one
				address = datagrams(t)
			}
			return start(t, snmptrap.Config{Address: address, Community: "cOmMuNiTy", Inform: inform, Timeout: unit.Duration(timeout)}, d)
		},
		Good: func(t testing.TB, _ *channeltest.CA, _ time.Duration) channeltest.Target {
			return channeltest.Target{Addr: listen(t, plain()).addr}
		},
		NoConnection: true,
	})
}

// TestSuite_Trap holds traps to what every channel must do, as far as they can.
func TestSuite_Trap(t *testing.T) { suite(t, false) }

// TestSuite_Inform holds informs to it.
func TestSuite_Inform(t *testing.T) { suite(t, true) }

func TestNew_Failure(t *testing.T) {
	for _, tc := range []struct {
		name, key string
		c         snmptrap.Config
	}{
		{"no address", "address", snmptrap.Config{Community: "x"}},
		{"no such port", "address", snmptrap.Config{Address: "nms:99999", Community: "x"}},
		{"no community", "community", snmptrap.Config{Address: "nms"}},
		{"community not there", "community", snmptrap.Config{Address: "nms", Community: "env:NOT_THERE_AT_ALL"}},
		{"version 1", "version", snmptrap.Config{Address: "nms", Community: "x", Version: "1"}},
		{"a user with 2c", "user", snmptrap.Config{Address: "nms", Community: "x", User: "weir"}},
		{"no user with 3", "user", snmptrap.Config{Address: "nms", Version: "3"}},
		{"a community with 3", "community", snmptrap.Config{Address: "nms", Version: "3", User: "weir", Community: "x"}},
		{"a short key", "auth_key", snmptrap.Config{Address: "nms", Version: "3", User: "weir", AuthKey: "short"}},
		{"encryption without authentication", "auth_key", snmptrap.Config{Address: "nms", Version: "3", User: "weir", PrivKey: privKey}},
		{"no such authentication", "auth", snmptrap.Config{Address: "nms", Version: "3", User: "weir", Auth: "crc32"}},
		{"a key that is not there", "priv_key", snmptrap.Config{Address: "nms", Version: "3", User: "weir", AuthKey: authKey, PrivKey: "env:NOT_THERE_AT_ALL"}},
		{"no engine", "engine_id", snmptrap.Config{Address: "nms", Community: "x", EngineID: "80"}},
		{"no arc", "enterprise", snmptrap.Config{Address: "nms", Community: "x", Enterprise: "1.3.6.1.2.1"}},
		{"a number that is too large", "enterprise", snmptrap.Config{Address: "nms", Community: "x", Enterprise: "1.3.6.1.4.1.9999999999"}},
	} {
		_, err := snmptrap.New(tc.c, channel.Deps{})
		if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Key != tc.key {
			t.Errorf("%s: %#v", tc.name, err)
		}
	}
	if n, ok := start(t, snmptrap.Config{Address: "nms", Community: "x"}, channel.Deps{}).(interface{ MaxAlerts() int }); !ok || n.MaxAlerts() < 100 {
		t.Error("it does not say that it takes many alerts")
	}
}
