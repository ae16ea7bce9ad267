package snmptrap

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"weir/internal/testkit"
)

// linkDown are the variables of a trap that every device knows.
func linkDown() []gosnmp.SnmpPDU {
	return []gosnmp.SnmpPDU{
		{Name: "." + oidUptime, Type: gosnmp.TimeTicks, Value: uint32(4711)},
		{Name: "." + oidTrap, Type: gosnmp.ObjectIdentifier, Value: "." + oidSNMPTraps + ".3"},
		{Name: ".1.3.6.1.2.1.2.2.1.1.3", Type: gosnmp.Integer, Value: 3},
		{Name: ".1.3.6.1.2.1.2.2.1.2.3", Type: gosnmp.OctetString, Value: "Gi0/3"},
	}
}

// message makes a message of versions 1 and 2c.
func message(t testing.TB, version gosnmp.SnmpVersion, community string, kind gosnmp.PDUType, change func(*gosnmp.SnmpPacket)) []byte {
	t.Helper()
	p := &gosnmp.SnmpPacket{Version: version, Community: community, PDUType: kind, RequestID: 77, Variables: linkDown()}
	if kind == gosnmp.Trap {
		p.Variables = p.Variables[2:]
		p.SnmpTrap = gosnmp.SnmpTrap{Enterprise: ".1.3.6.1.4.1.9.1.1", AgentAddress: "192.0.2.7", GenericTrap: 2, Timestamp: 99}
	}
	if change != nil {
		change(p)
	}
	out, err := p.MarshalMsg()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// remote is an engine of tests.
const remote = "\x80\x00\x1f\x88\x04test-engine"

// signedBy makes a message of version 3. Its keys are made by the library from the passphrases, so that ours are
// compared with them.
func signedBy(t testing.TB, engine, user string, auth gosnmp.SnmpV3AuthProtocol, authKey string, priv gosnmp.SnmpV3PrivProtocol, privKey string, kind gosnmp.PDUType, change func(*gosnmp.SnmpPacket, *gosnmp.UsmSecurityParameters)) []byte {
	t.Helper()
	params := &gosnmp.UsmSecurityParameters{
		UserName: user, AuthoritativeEngineID: engine, AuthoritativeEngineBoots: 3, AuthoritativeEngineTime: 1000,
		AuthenticationProtocol: auth, AuthenticationPassphrase: authKey, PrivacyProtocol: priv, PrivacyPassphrase: privKey,
		PrivacyParameters: []byte("saltsalt"),
	}
	if err := params.InitSecurityKeys(); err != nil {
		t.Fatal(err)
	}
	p := &gosnmp.SnmpPacket{
		Version: gosnmp.Version3, MsgID: 55, MsgMaxSize: 65507, SecurityModel: gosnmp.UserSecurityModel, SecurityParameters: params,
		ContextEngineID: engine, PDUType: kind, RequestID: 78, Variables: linkDown(),
	}
	if auth > gosnmp.NoAuth {
		p.MsgFlags |= gosnmp.AuthNoPriv
	}
	if priv > gosnmp.NoPriv {
		p.MsgFlags |= gosnmp.AuthPriv
	}
	if kind == gosnmp.InformRequest {
		p.MsgFlags |= gosnmp.Reportable
	}
	if change != nil {
		change(p, params)
	}
	out, err := p.MarshalMsg()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// newTestDecoder makes a decoder of a file of credentials; "" for none.
func newTestDecoder(t testing.TB, file string) *decoder {
	t.Helper()
	creds := &credentials{any: true}
	if file != "" {
		name := filepath.Join(t.TempDir(), "snmp.yaml")
		if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		var err error
		if creds, err = loadCredentials(name); err != nil {
			t.Fatal(err)
		}
	}
	var e *engine
	if len(creds.users) > 0 {
		var err error
		if e, err = openEngine(t.TempDir(), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	return newDecoder(creds, e)
}

// realPackets are the messages of another project's tests.
func realPackets(t testing.TB) map[string][]byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testkit.Shared(t), "data", "snmp", "gosnmp-packets.json"))
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for name, text := range texts {
		if out[name], err = hex.DecodeString(text); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return out
}

// frames returns the frames of a capture: pcap or pcapng.
func frames(data []byte) (out [][]byte) {
	if order := binary.LittleEndian; order.Uint32(data) == 0x0a0d0d0a { // pcapng
		for at := 0; at+32 <= len(data); at += int(order.Uint32(data[at+4:])) {
			if order.Uint32(data[at:]) == 6 { // an enhanced packet
				out = append(out, data[at+28:][:order.Uint32(data[at+20:])])
			}
		}
		return out
	}
	var order binary.ByteOrder = binary.LittleEndian
	if strings.HasPrefix(string(data), "\xa1\xb2\xc3\xd4") {
		order = binary.BigEndian
	}
	for at := 24; at+16 <= len(data); {
		n := int(order.Uint32(data[at+8:]))
		out = append(out, data[at+16:min(at+16+n, len(data))])
		at += 16 + n
	}
	return out
}

// capture returns the payloads of the UDP datagrams to a port in a capture (Ethernet, IPv4).
func capture(t testing.TB, name string, ports ...uint16) [][]byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testkit.Shared(t), "data", "snmp", name))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, frame := range frames(data) {
		kind := 12
		if len(frame) > 16 && binary.BigEndian.Uint16(frame[12:]) == 0x8100 {
			kind = 16
		}
		if len(frame) < kind+2+28 || binary.BigEndian.Uint16(frame[kind:]) != 0x0800 {
			continue
		}
		ip := frame[kind+2:]
		head := int(ip[0]&15) * 4
		if ip[9] != 17 || len(ip) < head+8 {
			continue
		}
		udp := ip[head:]
		size := int(binary.BigEndian.Uint16(udp[4:]))
		for _, p := range ports {
			if binary.BigEndian.Uint16(udp[2:]) == p && size >= 8 && size <= len(udp) {
				out = append(out, udp[8:size])
			}
		}
	}
	return out
}
