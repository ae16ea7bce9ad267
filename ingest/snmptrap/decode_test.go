package snmptrap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
)

func TestDecode_Versions(t *testing.T) {
	d := newTestDecoder(t, "communities: [right]\n")
	binds := `"varbinds":[{"oid":"1.3.6.1.2.1.2.2.1.1.3","type":"integer","value":3},{"oid":"1.3.6.1.2.1.2.2.1.2.3","type":"octets","value":"Gi0/3"}]}`
	for _, tt := range []struct {
		name string
		in   []byte
		want string
	}{
		{"v2c trap", message(t, gosnmp.Version2c, "right", gosnmp.SNMPv2Trap, nil),
			`{"version":"v2c","pdu":"trap","uptime":4711,"oid":"1.3.6.1.6.3.1.1.5.3",` + binds},
		{"v2c inform", message(t, gosnmp.Version2c, "right", gosnmp.InformRequest, nil),
			`{"version":"v2c","pdu":"inform","uptime":4711,"oid":"1.3.6.1.6.3.1.1.5.3",` + binds},
		{"padded by its sender", append(message(t, gosnmp.Version2c, "right", gosnmp.SNMPv2Trap, nil), 0, 0, 0),
			`{"version":"v2c","pdu":"trap","uptime":4711,"oid":"1.3.6.1.6.3.1.1.5.3",` + binds},
		{"v1 generic", message(t, gosnmp.Version1, "right", gosnmp.Trap, nil),
			`{"version":"v1","pdu":"trap","oid":"1.3.6.1.6.3.1.1.5.3","enterprise":"1.3.6.1.4.1.9.1.1","generic":2,"specific":0,"uptime":99,"agent":"192.0.2.7",` + binds},
		{"v1 specific", message(t, gosnmp.Version1, "right", gosnmp.Trap, func(p *gosnmp.SnmpPacket) { p.GenericTrap, p.SpecificTrap = 6, 42 }),
			`{"version":"v1","pdu":"trap","oid":"1.3.6.1.4.1.9.1.1.0.42","enterprise":"1.3.6.1.4.1.9.1.1","generic":6,"specific":42,"uptime":99,"agent":"192.0.2.7",` + binds},
		{"v1 without an agent", message(t, gosnmp.Version1, "right", gosnmp.Trap, func(p *gosnmp.SnmpPacket) { p.AgentAddress = "0.0.0.0" }),
			`{"version":"v1","pdu":"trap","oid":"1.3.6.1.6.3.1.1.5.3","enterprise":"1.3.6.1.4.1.9.1.1","generic":2,"specific":0,"uptime":99,` + binds},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := d.decode(tt.in, time.Now())
			if v.reason != "" || string(v.doc) != tt.want {
				t.Errorf("refused %q (%s)\ngot  %s\nwant %s", v.reason, v.detail, v.doc, tt.want)
			}
		})
	}
}

func TestDecode_AnswersInforms(t *testing.T) {
	d := newTestDecoder(t, "communities: [right]\n")
	v := d.decode(message(t, gosnmp.Version2c, "right", gosnmp.InformRequest, nil), time.Now())
	client := gosnmp.GoSNMP{Version: gosnmp.Version2c}
	p, err := client.SnmpDecodePacket(v.later)
	if err != nil || p.PDUType != gosnmp.GetResponse || p.RequestID != 77 || p.Error != gosnmp.NoError || p.Community != "right" || len(p.Variables) != 4 {
		t.Fatalf("%+v, %v", p, err)
	}
	if v := d.decode(message(t, gosnmp.Version2c, "right", gosnmp.SNMPv2Trap, nil), time.Now()); v.later != nil || v.now != nil {
		t.Error("a trap is answered")
	}
}

func TestDecode_Refuses(t *testing.T) {
	const user = "users:\n  - {name: alice, auth: sha256, auth_key: right-auth-key, priv: aes, priv_key: right-priv-key}\n  - {name: dave, auth: sha, auth_key: right-auth-key}\n  - {name: erin}\n"
	d := newTestDecoder(t, "communities: [right, also]\n"+user)
	alice := func(auth gosnmp.SnmpV3AuthProtocol, authKey string, priv gosnmp.SnmpV3PrivProtocol, privKey string) []byte {
		return signedBy(t, remote, "alice", auth, authKey, priv, privKey, gosnmp.SNMPv2Trap, nil)
	}
	ok := message(t, gosnmp.Version2c, "right", gosnmp.SNMPv2Trap, nil)
	for _, tt := range []struct {
		name string
		in   []byte
		want string
	}{
		{"let in", ok, ""},
		{"another community that is let in", message(t, gosnmp.Version2c, "also", gosnmp.SNMPv2Trap, nil), ""},
		{"wrong community", message(t, gosnmp.Version2c, "wrong", gosnmp.SNMPv2Trap, nil), reasonCommunity},
		{"wrong community, version 1", message(t, gosnmp.Version1, "Right", gosnmp.Trap, nil), reasonCommunity},
		{"empty community", message(t, gosnmp.Version2c, "", gosnmp.SNMPv2Trap, nil), reasonCommunity},
		{"a beginning of the community", message(t, gosnmp.Version2c, "righ", gosnmp.SNMPv2Trap, nil), reasonCommunity},
		{"a request", message(t, gosnmp.Version2c, "right", gosnmp.GetRequest, nil), reasonNoTrap},
		{"a response", message(t, gosnmp.Version2c, "right", gosnmp.GetResponse, nil), reasonNoTrap},
		{"a trap of version 2 in a message of version 1", message(t, gosnmp.Version1, "right", gosnmp.SNMPv2Trap, nil), reasonNoTrap},
		{"a trap of version 1 in a message of version 2", message(t, gosnmp.Version2c, "right", gosnmp.Trap, nil), reasonNoTrap},
		{"nothing", nil, reasonMalformed},
		{"text", []byte("<13>hello"), reasonMalformed},
		{"cut", ok[:len(ok)-3], reasonMalformed},
		{"version 2, which never was", bytes.Replace(ok, []byte{2, 1, 1}, []byte{2, 1, 2}, 1), reasonMalformed},
		{"a PDU that is none", bytes.Replace(ok, []byte{0xa7}, []byte{0xaf}, 1), reasonMalformed},
		{"user let in", alice(gosnmp.SHA256, "right-auth-key", gosnmp.AES, "right-priv-key"), ""},
		{"wrong key", alice(gosnmp.SHA256, "wrong-auth-key", gosnmp.AES, "right-priv-key"), reasonAuthentication},
		{"another hash", alice(gosnmp.SHA512, "right-auth-key", gosnmp.AES, "right-priv-key"), reasonAuthentication},
		{"wrong key of the cipher", alice(gosnmp.SHA256, "right-auth-key", gosnmp.AES, "wrong-priv-key"), reasonDecryption},
		{"not encrypted", alice(gosnmp.SHA256, "right-auth-key", gosnmp.NoPriv, ""), reasonLevel},
		{"not signed", alice(gosnmp.NoAuth, "", gosnmp.NoPriv, ""), reasonLevel},
		{"signed where no key is known", signedBy(t, remote, "erin", gosnmp.SHA, "right-auth-key", gosnmp.NoPriv, "", gosnmp.SNMPv2Trap, nil), reasonLevel},
		{"user without keys", signedBy(t, remote, "erin", gosnmp.NoAuth, "", gosnmp.NoPriv, "", gosnmp.SNMPv2Trap, nil), ""},
		{"unknown user", signedBy(t, remote, "mallory", gosnmp.NoAuth, "", gosnmp.NoPriv, "", gosnmp.SNMPv2Trap, nil), reasonUser},
		{"an engine id that cannot be", signedBy(t, "abc", "erin", gosnmp.NoAuth, "", gosnmp.NoPriv, "", gosnmp.SNMPv2Trap, nil), reasonMalformed},
		{"a bit changed on the way", flip(signedBy(t, remote, "dave", gosnmp.SHA, "right-auth-key", gosnmp.NoPriv, "", gosnmp.SNMPv2Trap, nil)), reasonAuthentication},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := d.decode(tt.in, time.Now())
			if v.reason != tt.want || (v.doc == nil) == (tt.want == "") {
				t.Errorf("refused for %q (%s), want %q; %s", v.reason, v.detail, tt.want, v.doc)
			}
			if strings.Contains(v.detail, "right") {
				t.Errorf("what is logged has the community in it: %s", v.detail)
			}
		})
	}
}

// flip changes the last byte, which belongs to a value.
func flip(b []byte) []byte {
	b[len(b)-1] ^= 1
	return b
}

func TestDecode_Version3WithoutAFile(t *testing.T) {
	d := newTestDecoder(t, "")
	if v := d.decode(signedBy(t, remote, "erin", gosnmp.NoAuth, "", gosnmp.NoPriv, "", gosnmp.SNMPv2Trap, nil), time.Now()); v.reason != reasonUser {
		t.Errorf("refused for %q", v.reason)
	}
	if v := d.decode(message(t, gosnmp.Version2c, "whatever", gosnmp.SNMPv2Trap, nil), time.Now()); v.reason != "" {
		t.Errorf("a community is refused: %q", v.reason)
	}
}

// TestDecode_EveryAlgorithm: what the library signs and encrypts with its own keys, this decoder reads with ours.
func TestDecode_EveryAlgorithm(t *testing.T) {
	for auth, hash := range authNames {
		for priv, cipher := range privNames {
			if auth == "" {
				continue
			}
			line := fmt.Sprintf("users: [{name: u, auth: %s, auth_key: authauthauth", auth)
			key := ""
			if priv != "" {
				key = "privprivpriv"
				line += fmt.Sprintf(", priv: %s, priv_key: %s", priv, key)
			}
			d := newTestDecoder(t, line+"}]\n")
			v := d.decode(signedBy(t, remote, "u", hash, "authauthauth", cipher, key, gosnmp.SNMPv2Trap, nil), time.Now())
			if v.reason != "" || !strings.Contains(string(v.doc), `"value":"Gi0/3"`) {
				t.Errorf("%s %s: refused for %q (%s), %s", auth, priv, v.reason, v.detail, v.doc)
			}
		}
	}
}

func TestDecode_UserOfAnEngine(t *testing.T) {
	d := newTestDecoder(t, fmt.Sprintf(`users:
  - {name: u, engine: 0x%x, auth: sha, auth_key: key-of-this-engine}
  - {name: u, auth: sha, auth_key: key-of-all-others}
  - {name: only, engine: %x}
`, remote, remote))
	other := "\x80\x00\x1f\x88\x04other"
	for _, tt := range []struct {
		name, engine, user, key, want string
	}{
		{"its own key", remote, "u", "key-of-this-engine", ""},
		{"the key of others", remote, "u", "key-of-all-others", reasonAuthentication},
		{"another engine", other, "u", "key-of-all-others", ""},
		{"another engine, the key of the first", other, "u", "key-of-this-engine", reasonAuthentication},
		{"a user of one engine", remote, "only", "", ""},
		{"a user of another engine", other, "only", "", reasonUser},
	} {
		auth := gosnmp.SHA
		if tt.key == "" {
			auth = gosnmp.NoAuth
		}
		if v := d.decode(signedBy(t, tt.engine, tt.user, auth, tt.key, gosnmp.NoPriv, "", gosnmp.SNMPv2Trap, nil), time.Now()); v.reason != tt.want {
			t.Errorf("%s: refused for %q, want %q", tt.name, v.reason, tt.want)
		}
	}
}

func TestDecode_RealMessages(t *testing.T) {
	packets := realPackets(t)
	d := newTestDecoder(t, "communities: [public]\nusers: [{name: myuser, auth: md5, auth_key: mypassword}, {name: myuser2, auth: md5, auth_key: mypassword2, priv: aes, priv_key: myprivacy2}]\n")
	v := d.decode(packets["trap1"], time.Now())
	if v.reason != "" || !json.Valid(v.doc) || !strings.Contains(string(v.doc), `"version":"v2c"`) {
		t.Errorf("trap1: %q %s, %s", v.reason, v.detail, v.doc)
	}
	v = d.decode(packets["snmpV3AuthPrivTrap"], time.Now())
	if v.reason != "" || !strings.Contains(string(v.doc), `"user":"myuser2","level":"authPriv","engine":"80001f88806b8fad3b07c2706500000000"`) {
		t.Errorf("snmpV3AuthPrivTrap: %q %s, %s", v.reason, v.detail, v.doc)
	}
	for name, p := range packets {
		if strings.HasPrefix(name, "panic") {
			if v := d.decode(p, time.Now()); v.reason == "" {
				t.Errorf("%s is taken: %s", name, v.doc)
			}
		}
	}
}

func TestDecode_RealCaptures(t *testing.T) {
	d := newTestDecoder(t, "")
	for _, tt := range []struct {
		file string
		want int // traps
	}{
		{"pcap-packetfence/trap2.pcap", 91},
		{"pcap-ndpi/snmp.pcap", 4},
		{"pcap-zeek/snmpv1_trap.pcap", 1},
	} {
		traps := 0
		for i, p := range capture(t, tt.file, 162) {
			v := d.decode(p, time.Now())
			if h, ok := readHeader(p); ok && h.version == version3 && v.reason == reasonUser {
				continue // no user is let in
			}
			if v.reason != "" || !json.Valid(v.doc) {
				t.Errorf("%s %d: %q %s, %s", tt.file, i, v.reason, v.detail, v.doc)
				continue
			}
			traps++
		}
		if traps != tt.want {
			t.Errorf("%s: %d traps, want %d", tt.file, traps, tt.want)
		}
	}
	for _, file := range []string{"pcap-zeek/snmp-crash-62790.pcap", "pcap-zeek/snmp-oid-subidentifier-too-long.pcap", "pcap-zeek/snmpv3_get_next.pcap", "pcap-zeek/snmpv1_set.pcap"} {
		for i, p := range capture(t, file, 161, 162) {
			if v := d.decode(p, time.Now()); v.reason == "" {
				t.Errorf("%s %d: %s", file, i, v.doc)
			}
		}
	}
}

// FuzzDecode holds the decoder to this: whatever comes, it is refused or a JSON document or a message of the protocol,
// and never with a community in it.
func FuzzDecode(f *testing.F) {
	const secret = "sEcReT-cOmMuNiTy"
	creds := "communities: [" + secret + "]\nusers: [{name: alice, auth: sha, auth_key: key-of-alice, priv: aes, priv_key: priv-of-alice}, {name: erin}]\n"
	f.Add(message(f, gosnmp.Version2c, secret, gosnmp.SNMPv2Trap, nil))
	f.Add(message(f, gosnmp.Version2c, secret, gosnmp.InformRequest, nil))
	f.Add(message(f, gosnmp.Version1, secret, gosnmp.Trap, nil))
	f.Add(message(f, gosnmp.Version2c, secret, gosnmp.SNMPv2Trap, func(p *gosnmp.SnmpPacket) {
		p.Variables = append(p.Variables, gosnmp.SnmpPDU{Name: "." + oidCommunity, Type: gosnmp.OctetString, Value: secret})
	}))
	f.Add(signedBy(f, remote, "alice", gosnmp.SHA, "key-of-alice", gosnmp.AES, "priv-of-alice", gosnmp.SNMPv2Trap, nil))
	f.Add(signedBy(f, remote, "erin", gosnmp.NoAuth, "", gosnmp.NoPriv, "", gosnmp.InformRequest, nil))
	f.Add(signedBy(f, "", "", gosnmp.NoAuth, "", gosnmp.NoPriv, "", gosnmp.GetRequest, func(p *gosnmp.SnmpPacket, _ *gosnmp.UsmSecurityParameters) { p.MsgFlags |= gosnmp.Reportable }))
	d := newTestDecoder(f, creds)
	f.Fuzz(func(t *testing.T, in []byte) {
		v := d.decode(in, time.Now())
		if (v.doc != nil) == (v.reason != "") && v.now == nil {
			t.Fatalf("neither a record nor refused: %+v", v)
		}
		if v.doc != nil && !json.Valid(v.doc) {
			t.Fatalf("no JSON: %s", v.doc)
		}
		if v.doc != nil && bytes.Contains(v.doc, []byte(secret)) {
			h, _ := readHeader(in) // what stands in another place than a password does is none
			if rest := bytes.Replace(in, h.community, nil, 1); !bytes.Contains(rest, []byte(secret)) {
				t.Fatalf("the community is in the record: %s", v.doc)
			}
		}
		if v.later != nil && v.doc == nil {
			t.Fatal("an answer without a record")
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	const creds = "communities: [right]\nusers: [{name: alice, auth: sha256, auth_key: right-auth-key, priv: aes, priv_key: right-priv-key}]\n"
	for name, in := range map[string][]byte{
		"v2c": message(b, gosnmp.Version2c, "right", gosnmp.SNMPv2Trap, nil),
		"v3":  signedBy(b, remote, "alice", gosnmp.SHA256, "right-auth-key", gosnmp.AES, "right-priv-key", gosnmp.SNMPv2Trap, nil),
	} {
		b.Run(name, func(b *testing.B) {
			d := newTestDecoder(b, creds)
			now := time.Now()
			b.ReportAllocs()
			for b.Loop() {
				if v := d.decode(in, now); v.reason != "" {
					b.Fatal(v.reason)
				}
			}
		})
	}
}
