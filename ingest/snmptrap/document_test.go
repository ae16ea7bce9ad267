package snmptrap

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
)

func TestVarbind(t *testing.T) {
	for _, tt := range []struct {
		name  string
		typ   gosnmp.Asn1BER
		value any
		want  string // behind the OID
	}{
		{"integer", gosnmp.Integer, -5, `"type":"integer","value":-5`},
		{"text", gosnmp.OctetString, []byte("Gi0/3"), `"type":"octets","value":"Gi0/3"`},
		{"Korean", gosnmp.OctetString, []byte("서울"), `"type":"octets","value":"서울"`},
		{"quotes and line ends", gosnmp.OctetString, []byte("a\"b\\c\td\r\n"), `"type":"octets","value":"a\"b\\c\td\r\n"`},
		{"empty", gosnmp.OctetString, []byte{}, `"type":"octets","value":""`},
		{"the end of a C string", gosnmp.OctetString, []byte("eth0\x00"), `"type":"octets","value":"eth0"`},
		{"octets", gosnmp.OctetString, []byte{0, 0x11, 0xff}, `"type":"octets","hex":"0011ff"`},
		{"a zero alone", gosnmp.OctetString, []byte{0}, `"type":"octets","hex":"00"`},
		{"an escape sequence is no text", gosnmp.OctetString, []byte("a\x1b[31m"), `"type":"octets","hex":"611b5b33316d"`},
		{"not UTF-8", gosnmp.OctetString, []byte("caf\xe9"), `"type":"octets","hex":"636166e9"`},
		{"OID", gosnmp.ObjectIdentifier, ".1.3.6.1", `"type":"oid","value":"1.3.6.1"`},
		{"address", gosnmp.IPAddress, "192.0.2.1", `"type":"ip","value":"192.0.2.1"`},
		{"no address", gosnmp.IPAddress, nil, `"type":"ip"`},
		{"counter", gosnmp.Counter32, uint(4294967295), `"type":"counter32","value":4294967295`},
		{"large counter", gosnmp.Counter64, uint64(math.MaxUint64), `"type":"counter64","value":18446744073709551615`},
		{"ticks", gosnmp.TimeTicks, uint32(7), `"type":"timeticks","value":7`},
		{"float", gosnmp.OpaqueFloat, float32(1.5), `"type":"float","value":1.5`},
		{"double", gosnmp.OpaqueDouble, 1e300, `"type":"double","value":1e+300`},
		{"no number", gosnmp.OpaqueDouble, math.NaN(), `"type":"double"`},
		{"infinite", gosnmp.OpaqueDouble, math.Inf(1), `"type":"double"`},
		{"opaque", gosnmp.Opaque, []byte{1, 2}, `"type":"opaque","hex":"0102"`},
		{"null", gosnmp.Null, nil, `"type":"null"`},
		{"nothing there", gosnmp.NoSuchObject, nil, `"type":"no-such-object"`},
		{"unknown", gosnmp.UnknownType, nil, `"type":"unknown"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := string(appendVarbind(nil, &gosnmp.SnmpPDU{Name: ".1.2.3", Type: tt.typ, Value: tt.value}))
			if want := `{"oid":"1.2.3",` + tt.want + "}"; got != want || !json.Valid([]byte(got)) {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

// TestDocument_OfAProxy: what a proxy adds (RFC 3584, 3.1) names the agent, and its community is not kept.
func TestDocument_OfAProxy(t *testing.T) {
	d := newTestDecoder(t, "communities: [right]\n")
	v := d.decode(message(t, gosnmp.Version2c, "right", gosnmp.SNMPv2Trap, func(p *gosnmp.SnmpPacket) {
		p.Variables = append(p.Variables,
			gosnmp.SnmpPDU{Name: "." + oidAddress, Type: gosnmp.IPAddress, Value: "198.51.100.9"},
			gosnmp.SnmpPDU{Name: "." + oidCommunity, Type: gosnmp.OctetString, Value: "agents-own-community"},
			gosnmp.SnmpPDU{Name: "." + oidEnterprise, Type: gosnmp.ObjectIdentifier, Value: ".1.3.6.1.4.1.9"})
	}), time.Now())
	var doc struct{ Agent, Enterprise string }
	if err := json.Unmarshal(v.doc, &doc); err != nil || doc.Agent != "198.51.100.9" || doc.Enterprise != "1.3.6.1.4.1.9" {
		t.Errorf("%+v, %v", doc, err)
	}
	if strings.Contains(string(v.doc), "agents-own-community") || !strings.Contains(string(v.doc), `"type":"secret"}`) {
		t.Errorf("%s", v.doc)
	}
}

func TestDocument_Security(t *testing.T) {
	d := newTestDecoder(t, "users: [{name: 'u\"1', auth: sha, auth_key: authauthauth, priv: des, priv_key: privprivpriv}]\n")
	v := d.decode(signedBy(t, remote, "u\"1", gosnmp.SHA, "authauthauth", gosnmp.DES, "privprivpriv", gosnmp.SNMPv2Trap, func(p *gosnmp.SnmpPacket, _ *gosnmp.UsmSecurityParameters) { p.ContextName = "vrf-1" }), time.Now())
	if want := `{"version":"v3","pdu":"trap","security":{"user":"u\"1","level":"authPriv","engine":"80001f8804746573742d656e67696e65","context":"vrf-1"},`; !strings.HasPrefix(string(v.doc), want) {
		t.Errorf("%s (%s %s), want %s", v.doc, v.reason, v.detail, want)
	}
}
