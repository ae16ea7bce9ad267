package snmp

import (
	"encoding/json"
	"strings"
	"testing"

	"weir/event"
)

// fields checks path=value pairs; a value of "" means that the field must be absent.
func fields(t *testing.T, e *event.Event, want map[string]string) {
	t.Helper()
	for path, w := range want {
		v := e.GetPath(path)
		if w == "" && v.Kind() != event.Absent || v.Text() != w {
			t.Errorf("%s: got %q, want %q", path, v.Text(), w)
		}
	}
}

// doc makes a record with variables.
func doc(head string, binds ...string) string {
	return `{"version":"v2c","pdu":"trap",` + head + `,"varbinds":[` + strings.Join(binds, ",") + `]}`
}

func bind(oid, kind, value string) string {
	return `{"oid":"` + oid + `","type":"` + kind + `",` + value + `}`
}

func TestParse_Success(t *testing.T) {
	index := bind("1.3.6.1.2.1.2.2.1.1.3", "integer", `"value":3`)
	descr := bind("1.3.6.1.2.1.2.2.1.2.3", "octets", `"value":"Gi0/3"`)
	down := bind("1.3.6.1.2.1.2.2.1.8.3", "integer", `"value":2`)
	for _, tt := range []struct {
		name, msg string
		want      map[string]string
	}{
		{"link down", doc(`"oid":"1.3.6.1.6.3.1.1.5.3","uptime":4711`, index, descr, down), map[string]string{
			"message":      "IF-MIB::linkDown ifIndex=3 ifDescr=Gi0/3 ifOperStatus=down",
			"event.action": "linkDown", "event.code": "1.3.6.1.6.3.1.1.5.3", "event.category": `["network"]`, "event.type": `["end"]`,
			"observer.ingress.interface.id": "3", "observer.ingress.interface.name": "Gi0/3",
			"snmp.version": "v2c", "snmp.pdu": "trap", "snmp.trap.name": "linkDown", "snmp.trap.oid": "1.3.6.1.6.3.1.1.5.3", "snmp.trap.uptime": "4711",
			"snmp.trap.varbinds.ifIndex": "3", "snmp.trap.varbinds.ifOperStatus": "down", "snmp.trap.generic": "", "snmp.trap.agent": "",
		}},
		{"link up, by its name and alias", doc(`"oid":"1.3.6.1.6.3.1.1.5.4"`, index, descr, bind("1.3.6.1.2.1.31.1.1.1.1.3", "octets", `"value":"ge-0/0/3"`), bind("1.3.6.1.2.1.31.1.1.1.18.3", "octets", `"value":"to the core"`)), map[string]string{
			"event.type": `["start"]`, "observer.ingress.interface.name": "ge-0/0/3", "observer.ingress.interface.alias": "to the core",
			"message": `IF-MIB::linkUp ifIndex=3 ifDescr=Gi0/3 ifName=ge-0/0/3 ifAlias="to the core"`,
		}},
		{"cold start", doc(`"oid":"1.3.6.1.6.3.1.1.5.1"`), map[string]string{"message": "SNMPv2-MIB::coldStart", "event.category": `["host"]`, "event.type": `["start"]`}},
		{"wrong password at a device", doc(`"oid":"1.3.6.1.6.3.1.1.5.5"`), map[string]string{"event.category": `["authentication"]`, "event.outcome": "failure", "event.action": "authenticationFailure"}},
		{"version 1 of a vendor", `{"version":"v1","pdu":"trap","oid":"1.3.6.1.4.1.9.1.1.0.42","enterprise":"1.3.6.1.4.1.9.1.1","generic":6,"specific":42,"uptime":99,"agent":"192.0.2.7","varbinds":[` + bind("1.3.6.1.4.1.9.2.1", "octets", `"value":"a b"`) + `]}`, map[string]string{
			"message": `1.3.6.1.4.1.9.1.1.0.42 1.3.6.1.4.1.9.2.1="a b"`, "event.action": "", "event.category": "", "snmp.trap.name": "",
			"snmp.trap.enterprise": "1.3.6.1.4.1.9.1.1", "snmp.trap.generic": "6", "snmp.trap.specific": "42", "snmp.trap.agent": "192.0.2.7",
			"observer.ip": `["192.0.2.7"]`, "observer.name": "192.0.2.7", "related.ip": `["192.0.2.7"]`, "snmp.trap.varbinds.1.3.6.1.4.1.9.2.1": "a b",
		}},
		{"a device with a name", doc(`"oid":"1.3.6.1.6.3.1.1.5.1"`, bind("1.3.6.1.2.1.1.5.0", "octets", `"value":"core-1"`)), map[string]string{"observer.name": "core-1", "observer.hostname": "core-1"}},
		{"version 3", `{"version":"v3","pdu":"inform","security":{"user":"alice","level":"authPriv","engine":"8000","context":"vrf"},"oid":"1.3.6.1.6.3.1.1.5.2","varbinds":[]}`, map[string]string{
			"snmp.security.user": "alice", "snmp.security.level": "authPriv", "snmp.security.engine": "8000", "snmp.security.context": "vrf", "snmp.pdu": "inform", "tags": "",
		}},
		{"a clock that ran backwards", `{"version":"v3","pdu":"trap","security":{"user":"alice","clock":"behind"},"oid":"1.3.6.1.6.3.1.1.5.2","varbinds":[]}`, map[string]string{"tags": `["` + TagClock + `"]`}},
		{"values", doc(`"oid":"1.2.3"`,
			bind("1.1", "counter64", `"value":18446744073709551615`), bind("1.2", "timeticks", `"value":4711`), bind("1.3", "oid", `"value":"1.3.6.1.2.1.2.2.1.1.7"`),
			bind("1.4", "octets", `"hex":"0011ff"`), `{"oid":"1.5","type":"secret"}`, bind("1.3.6.1.2.1.2.2.1.6.1", "octets", `"hex":"001a2bff0010"`), bind("1.3.6.1.2.1.2.2.1.6.2", "octets", `"value":"ABCDEF"`),
			bind("1.3.6.1.2.1.2.2.1.6.3", "octets", `"hex":"00"`), bind("1.6", "ip", `"value":"198.51.100.4"`), bind("1.7", "float", `"value":1.5`)), map[string]string{
			"snmp.trap.varbinds.1.1": "18446744073709551615", "snmp.trap.varbinds.1.2": "00:00:47.11", "snmp.trap.varbinds.1.3": "IF-MIB::ifIndex.7", "snmp.trap.varbinds.1.4": "0x0011ff",
			"snmp.trap.varbinds.1.5": "secret", "snmp.trap.varbinds.ifPhysAddress": `["00-1A-2B-FF-00-10","41-42-43-44-45-46","0x00"]`, "related.ip": `["198.51.100.4"]`, "snmp.trap.varbinds.1.7": "1.5",
		}},
		{"a value outside of its enumeration", doc(`"oid":"1.2.3"`, bind("1.3.6.1.2.1.2.2.1.8.3", "integer", `"value":99`)), map[string]string{"snmp.trap.varbinds.ifOperStatus": "99"}},
		{"one variable for two interfaces", doc(`"oid":"1.2.3"`, index, bind("1.3.6.1.2.1.2.2.1.1.4", "integer", `"value":4`)), map[string]string{"snmp.trap.varbinds.ifIndex": `["3","4"]`}},
		{"an agent that is no address", doc(`"oid":"1.2.3","agent":"nonsense"`), map[string]string{"observer.ip": "", "snmp.trap.agent": ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := Parse(&e, tt.msg); err != nil {
				t.Fatal(err)
			}
			fields(t, &e, tt.want)
		})
	}
}

func TestParse_LongTraps(t *testing.T) {
	var binds []string
	for range 100 {
		binds = append(binds, bind("1.9", "octets", `"value":"`+strings.Repeat("서", 500)+`"`))
	}
	var e event.Event
	if err := Parse(&e, doc(`"oid":"1.2.3"`, binds...)); err != nil {
		t.Fatal(err)
	}
	if msg := e.Str(event.Message); len(msg) > maxWords*(maxWord+20)+100 || !strings.HasSuffix(msg, "and 68 more") {
		t.Errorf("a message of %d bytes: %.100s", len(msg), msg)
	}
	if v := e.GetPath("snmp.trap.varbinds.1.9"); v.Len() != 100 || len(v.Item(0).Str()) != 1500 {
		t.Errorf("%d values", v.Len())
	}
}

func TestParse_Failure(t *testing.T) {
	for name, msg := range map[string]string{
		"nothing": "", "text": "<13>hello", "cut": `{"version":"v2c"`, "no trap": `{"version":"v2c","varbinds":[]}`, "a list": "[]", "two": `{"oid":"1.2"}{"oid":"1.2"}`,
		"another type": `{"oid":5}`, "variables that are none": `{"oid":"1.2","varbinds":[5]}`,
	} {
		var e event.Event
		if err := Parse(&e, msg); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// FuzzParse holds the reader to this: what it reads has a message, and every variable is found by a name.
func FuzzParse(f *testing.F) {
	f.Add(doc(`"oid":"1.3.6.1.6.3.1.1.5.3","uptime":1,"generic":2,"specific":0,"agent":"192.0.2.1","security":{"user":"a","clock":"behind"}`, bind("1.3.6.1.2.1.2.2.1.1.3", "integer", `"value":3`), bind("1.3.6.1.2.1.2.2.1.6.1", "octets", `"hex":"001a2bff0010"`)))
	f.Add(doc(`"oid":"1.2.3"`, bind("", "x", `"value":{"a":[1,null,"b"]}`), bind("1.3.6.1.2.1.2.2.1.6.1", "octets", `"hex":"zz"`), bind("1.1", "timeticks", `"value":-5`), bind("1.1", "timeticks", `"value":1e99`)))
	f.Add("{}")
	f.Fuzz(func(t *testing.T, msg string) {
		var e event.Event
		if Parse(&e, msg) != nil {
			return
		}
		var in struct {
			Varbinds []json.RawMessage
		}
		_ = json.Unmarshal([]byte(msg), &in)
		n := 0
		if binds := e.Get(event.SnmpTrapVarbinds); binds.Kind() == event.Object {
			for i := range binds.Len() {
				key, v := binds.Member(i)
				if key == "" {
					t.Fatal("a variable without a name")
				}
				n += v.Len()
			}
		}
		if n != len(in.Varbinds) && in.Varbinds != nil {
			t.Fatalf("%d of %d variables", n, len(in.Varbinds))
		}
		if !e.Has(event.Message) && e.Has(event.SnmpTrapOid) {
			t.Fatal("no message")
		}
		if out := e.AppendJSON(nil); !json.Valid(out) {
			t.Fatalf("%s", out)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	msg := doc(`"oid":"1.3.6.1.6.3.1.1.5.3","uptime":4711`, bind("1.3.6.1.2.1.2.2.1.1.3", "integer", `"value":3`), bind("1.3.6.1.2.1.2.2.1.2.3", "octets", `"value":"Gi0/3"`), bind("1.3.6.1.2.1.2.2.1.8.3", "integer", `"value":2`))
	var e event.Event
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		if err := Parse(&e, msg); err != nil {
			b.Fatal(err)
		}
	}
}
