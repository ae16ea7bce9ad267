package snmptrap_test

import (
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/snmptrap"
)

// TestEnd: Close and the context end an inform that nobody answers.
func TestEnd(t *testing.T) {
	s := start(t, snmptrap.Config{Address: datagrams(t), Community: "x", Inform: true, Timeout: unit.Duration(time.Hour)}, channel.Deps{})
	result := make(chan error, 1)
	go func() {
		_, err := s.Send(t.Context(), channeltest.Message())
		result <- err
	}()
	time.Sleep(20 * time.Millisecond) // most likely it waits by now; if not, Close is just as right
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; err == nil {
		t.Error("it says that it was sent")
	}
}

// values are a packet's variables by their number in the MIB.
func values(p *gosnmp.SnmpPacket) map[string]string {
	out := map[string]string{}
	for _, v := range p.Variables {
		name := strings.TrimPrefix(v.Name, ".1.3.6.1.4.1.32473.1.1.")
		switch value := v.Value.(type) {
		case []byte:
			out[name] = string(value)
		case string:
			out[name] = value
		default:
			out[name] = strconv.FormatInt(gosnmp.ToBigInt(value).Int64(), 10)
		}
	}
	return out
}

// TestSend: what arrives, in each version, as trap and as inform.
func TestSend(t *testing.T) {
	three := snmptrap.Config{Version: "3", User: "weir", AuthKey: authKey, PrivKey: privKey, EngineID: "0x" + engine}
	two := snmptrap.Config{Community: "cOmMuNiTy"}
	for _, tc := range []struct {
		name   string
		c      snmptrap.Config
		params *gosnmp.GoSNMP
		inform bool
	}{{"2c trap", two, plain(), false}, {"2c inform", two, plain(), true}, {"3 trap", three, usm(), false}} {
		t.Run(tc.name, func(t *testing.T) {
			r := listen(t, tc.params)
			c := tc.c
			c.Address, c.Inform = r.addr, tc.inform
			m := channeltest.Message()
			receipt, err := start(t, c, channel.Deps{}).Send(t.Context(), m)
			if err != nil || !strings.HasPrefix(receipt.Said, "2 ") {
				t.Fatalf("%+v, %v", receipt, err)
			}
			got := r.packets(t, 2)
			first := values(got[0])
			for name, want := range map[string]string{
				".1.3.6.1.6.3.1.1.4.1.0": ".1.3.6.1.4.1.32473.1.0.1", "1.0": m.Alerts[0].ID, "2.0": "ssh-brute-force", "4.0": "4", "5.0": m.Alerts[0].What, "6.0": "1", "7.0": "17",
				"8.0": "\x07\xea\x0b\x15\x10\x32\x03\x01+\x09\x00", "10.0": "source.ip=203.0.113.5 user.name=root", "11.0": "m-0001", "12.0": "team=soc", "13.0": m.URL, "14.0": "", "15.0": "",
			} {
				if first[name] != want {
					t.Errorf("%s is %q, want %q", name, first[name], want)
				}
			}
			if second := values(got[1]); second["1.0"] != m.Alerts[1].ID || second["15.0"] != "김민수" || second["6.0"] != "2" {
				t.Errorf("the second: %v", second)
			}
			if tc.c.Version == "3" {
				p := got[0].SecurityParameters.(*gosnmp.UsmSecurityParameters)
				if got[0].MsgFlags&gosnmp.AuthPriv != gosnmp.AuthPriv || hex.EncodeToString([]byte(p.AuthoritativeEngineID)) != engine || p.AuthoritativeEngineBoots < 90_000_000 {
					t.Errorf("security: %v %v", got[0].MsgFlags, p.SafeString())
				}
			}
		})
	}
}

// TestKinds: each kind is a notification of its own, and a digest about no alert is one.
func TestKinds(t *testing.T) {
	r := listen(t, plain())
	c := start(t, snmptrap.Config{Address: r.addr, Community: "x", Enterprise: ".1.3.6.1.4.1.99999.7"}, channel.Deps{})
	for i, kind := range []channel.Kind{channel.Firing, channel.Repeat, channel.Escalation, channel.Resolved, channel.Digest, channel.Test, "another"} {
		m := channeltest.Message()
		m.Kind, m.Alerts = kind, m.Alerts[:1]
		number := strconv.Itoa(i + 1)
		if kind == channel.Digest {
			m.Group, m.Alerts = "1,200 folded", nil
		}
		if kind == "another" {
			number = "1"
		}
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := r.packets(t, i+1)[i]
		if id := got.Variables[1].Value; id != ".1.3.6.1.4.1.99999.7.1.0."+number {
			t.Errorf("%s: %v", kind, id)
		}
		if what := string(got.Variables[6].Value.([]byte)); kind == channel.Digest && what != "[digest] 1,200 folded" {
			t.Errorf("%s: %q", kind, what)
		}
	}
}

// TestGrows: a sender that was started again has a higher number of starts, and its time grows.
func TestGrows(t *testing.T) {
	now := time.Date(2026, 11, 21, 7, 50, 0, 0, time.UTC)
	r := listen(t, usm())
	var last uint32
	for i, step := range []struct {
		begun, sent time.Duration
		time        uint32
	}{{0, 0, 0}, {0, 90 * time.Second, 90}, {2 * time.Hour, 2 * time.Hour, 0}} {
		at := now.Add(step.begun)
		s := start(t, snmptrap.Config{Address: r.addr, Version: "3", User: "weir", AuthKey: authKey, PrivKey: privKey, EngineID: engine}, channel.Deps{Now: func() time.Time { return at }})
		at = now.Add(step.sent)
		m := channeltest.Message()
		m.Alerts = m.Alerts[:1]
		if _, err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		p := r.packets(t, i+1)[i].SecurityParameters.(*gosnmp.UsmSecurityParameters)
		if p.AuthoritativeEngineTime != step.time || p.AuthoritativeEngineBoots < last || i == 2 && p.AuthoritativeEngineBoots == last {
			t.Errorf("step %d: boots %d, time %d", i, p.AuthoritativeEngineBoots, p.AuthoritativeEngineTime)
		}
		last = p.AuthoritativeEngineBoots
	}
}
