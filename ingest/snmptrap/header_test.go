package snmptrap

import (
	"bytes"
	"testing"

	"github.com/gosnmp/gosnmp"
)

func TestHeader_Version3(t *testing.T) {
	msg := signedBy(t, remote, "alice", gosnmp.SHA256, "key-of-alice", gosnmp.AES, "priv-of-alice", gosnmp.InformRequest, nil)
	h, ok := readHeader(msg)
	if !ok || h.version != version3 || h.id != 55 || h.flags != flagAuth|flagPriv|flagReportable || string(h.engine) != remote || h.boots != 3 || h.time != 1000 || string(h.user) != "alice" {
		t.Fatalf("%+v", h)
	}
	if len(h.digest) != 24 || !bytes.Equal(msg[h.digestAt:][:24], h.digest) || h.level() != "authPriv" || h.discovers() {
		t.Errorf("%+v", h)
	}
	if msg[h.pduAt] != tagOctets { // encrypted
		t.Errorf("the scoped PDU begins with %#x", msg[h.pduAt])
	}
}

func TestHeader_Version2c(t *testing.T) {
	msg := message(t, gosnmp.Version2c, "right", gosnmp.InformRequest, nil)
	h, ok := readHeader(msg)
	if !ok || h.version != version2c || string(h.community) != "right" || msg[h.pduAt] != byte(gosnmp.InformRequest) {
		t.Errorf("%+v", h)
	}
}

func TestHeader_Levels(t *testing.T) {
	for flags, want := range map[byte]string{0: "noAuthNoPriv", flagReportable: "noAuthNoPriv", flagAuth: "authNoPriv", flagAuth | flagPriv | flagReportable: "authPriv"} {
		if got := (&header{flags: flags}).level(); got != want {
			t.Errorf("%d: %s, want %s", flags, got, want)
		}
	}
}

// TestHeader_Cut: a message that is cut anywhere is none, and no cut is read beyond.
func TestHeader_Cut(t *testing.T) {
	for _, msg := range [][]byte{
		signedBy(t, remote, "alice", gosnmp.SHA256, "key-of-alice", gosnmp.AES, "priv-of-alice", gosnmp.SNMPv2Trap, nil),
		message(t, gosnmp.Version2c, "right", gosnmp.SNMPv2Trap, nil),
	} {
		for n := range msg {
			if _, ok := whole(msg[:n]); ok {
				t.Errorf("the first %d of %d bytes are a message", n, len(msg))
			}
			if _, ok := readHeader(msg[:n]); ok {
				t.Errorf("the first %d of %d bytes have a header", n, len(msg))
			}
		}
	}
}

func TestHeader_AnotherSecurityModel(t *testing.T) {
	msg := signedBy(t, remote, "erin", gosnmp.NoAuth, "", gosnmp.NoPriv, "", gosnmp.SNMPv2Trap, func(p *gosnmp.SnmpPacket, _ *gosnmp.UsmSecurityParameters) { p.SecurityModel = 4 })
	if _, ok := readHeader(msg); ok {
		t.Error("read")
	}
}
