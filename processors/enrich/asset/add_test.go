package asset

import (
	"encoding/json"
	"net/netip"
	"testing"

	"weir/event"
	"weir/processors/enrich/role"
	"weir/processors/enrich/table"
)

func TestEnrich(t *testing.T) {
	dev := &Device{Name: "fw1", Site: "seoul", Group: "firewalls", Service: "edge", Owner: "kim", Criticality: "high"}
	const labels = `"labels":{"criticality":"high","group":"firewalls","owner":"kim","service":"edge","site":"seoul"}`
	for _, c := range []struct {
		name string
		dev  *Device
		set  func(*event.Event)
		want string
	}{
		{"nothing known", dev, func(*event.Event) {}, `{"host":{"name":"fw1"},` + labels + `,"related":{"hosts":["fw1"]}}`},
		{"a name of its own stays", dev, func(e *event.Event) { e.SetStr(event.HostName, "fw1.example.com") },
			`{"host":{"name":"fw1.example.com"},` + labels + `,"related":{"hosts":["fw1"]}}`},
		{"an address gives way", dev, func(e *event.Event) { e.SetStr(event.HostName, "192.0.2.1") },
			`{"host":{"name":"fw1"},` + labels + `,"related":{"hosts":["fw1"]}}`},
		{"observer", dev, func(e *event.Event) { e.SetStr(event.ObserverType, "firewall") },
			`{` + labels + `,"observer":{"name":"fw1","type":"firewall"},"related":{"hosts":["fw1"]}}`},
		{"observer by address", dev, func(e *event.Event) { e.SetStr(event.ObserverName, "2001:db8::1") },
			`{` + labels + `,"observer":{"name":"fw1"},"related":{"hosts":["fw1"]}}`},
		{"labels of the sender stay", &Device{Name: "a", Site: "b"}, func(e *event.Event) { e.SetMember(event.Labels, "env", event.Str("prod")) },
			`{"host":{"name":"a"},"labels":{"env":"prod","site":"b"},"related":{"hosts":["a"]}}`},
		{"no device", nil, func(e *event.Event) { e.SetStr(event.Message, "x") }, `{"message":"x"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e event.Event
			c.set(&e)
			Enrich(&e, c.dev)
			e.Conform()
			got, want := canonical(t, e.AppendJSON(nil)), canonical(t, []byte(c.want))
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func BenchmarkEnrich(b *testing.B) {
	dev := &Device{Name: "fw1", Site: "seoul", Group: "firewalls", Service: "edge", Owner: "kim", Criticality: "high"}
	var e event.Event
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		Enrich(&e, dev)
	}
}

// canonical sorts the keys of a document.
func canonical(t *testing.T, doc []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const people = "name,addresses,mac,site,group,service,owner,criticality,valid_from,valid_to\n" +
	"old-laptop,10.1.0.20,,seoul,office,,kim,low,,2024-04-30\n" +
	"lab-pc,10.1.0.20,00:00:5e:00:53:23,seoul,lab,,lee,high,2024-05-01,\n" +
	"db-1,10.9.0.5,,seoul,servers,shop,ana,critical,,\n" +
	"office,10.1.0.0/16,,seoul,office,,helpdesk,low,,\n" +
	"relay,192.0.2.9,,busan,relays,,ops,low,,\n"

// TestAdd_Ends: both ends of a connection are named as the inventory had them at the time of the event.
func TestAdd_Ends(t *testing.T) {
	inv := load(t, "inventory.csv", people)
	for _, tt := range []struct {
		name, doc, want string
		found, missed   int
	}{
		{"in April", `{"@timestamp":"2024-04-30T23:59:59Z","source":{"ip":"10.1.0.20"},"destination":{"ip":"10.9.0.5"}}`,
			`{"destination":{"criticality":"critical","group":"servers","name":"db-1","owner":"ana","service":"shop","site":"seoul"},"source":{"criticality":"low","group":"office","name":"old-laptop","owner":"kim","site":"seoul"}}`, 2, 1},
		{"in May", `{"@timestamp":"2024-05-01T00:00:00Z","source":{"ip":"10.1.0.20"}}`, `{"source":{"criticality":"high","group":"lab","name":"lab-pc","owner":"lee","site":"seoul"}}`, 1, 1},
		{"weir.time wins", `{"@timestamp":"2001-05-01T00:00:00Z","weir":{"time":"2024-06-01T00:00:00Z"},"source":{"ip":"10.1.0.20"}}`, `{"source":{"criticality":"high","group":"lab","name":"lab-pc","owner":"lee","site":"seoul"}}`, 1, 1},
		{"a network", `{"@timestamp":"2024-05-01T00:00:00Z","destination":{"ip":"10.1.7.7"}}`, `{"destination":{"criticality":"low","group":"office","name":"office","owner":"helpdesk","site":"seoul"}}`, 1, 1},
		{"by name", `{"@timestamp":"2024-05-01T00:00:00Z","destination":{"domain":"DB-1"}}`, `{"destination":{"criticality":"critical","group":"servers","name":"db-1","owner":"ana","service":"shop","site":"seoul"}}`, 1, 1},
		{"by hardware address", `{"@timestamp":"2024-05-01T00:00:00Z","source":{"mac":"00-00-5E-00-53-23"}}`, `{"source":{"criticality":"high","group":"lab","name":"lab-pc","owner":"lee","site":"seoul"}}`, 1, 1},
		{"a hardware address before its time", `{"@timestamp":"2024-04-01T00:00:00Z","source":{"mac":"00-00-5E-00-53-23"}}`, `null`, 0, 2},
		{"unknown", `{"@timestamp":"2024-05-01T00:00:00Z","source":{"ip":"203.0.113.1"}}`, `null`, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := e.Decode([]byte(tt.doc)); err != nil {
				t.Fatal(err)
			}
			a := role.Read(&e)
			found, missed := inv.Add(&e, netip.Addr{}, &a)
			var doc struct {
				Weir struct{ Asset any }
			}
			if err := json.Unmarshal(e.AppendJSON(nil), &doc); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(doc.Weir.Asset)
			if err != nil || string(got) != tt.want || found != tt.found || missed != tt.missed {
				t.Errorf("%d found, %d missed\ngot  %s\nwant %s", found, missed, got, tt.want)
			}
		})
	}
}

// TestAdd_Sender: an agent's host comes before the socket of the relay, and a header before both.
func TestAdd_Sender(t *testing.T) {
	inv := load(t, "inventory.csv", people)
	relay := netip.MustParseAddr("192.0.2.9")
	for _, tt := range []struct{ name, doc, want string }{
		{"the socket", `{"message":"x"}`, "busan"},
		{"a host of its own by name", `{"host":{"name":"DB-1"}}`, "seoul"},
		{"by hostname", `{"host":{"name":"x","hostname":"db-1"}}`, "seoul"},
		{"by address", `{"host":{"name":"x","ip":["127.0.0.1","10.9.0.5"]}}`, "seoul"},
		{"by hardware address", `{"host":{"name":"x","mac":["02-00-00-00-00-01","00-00-5E-00-53-23"]}}`, "seoul"},
		{"an unknown host", `{"host":{"name":"x","ip":["203.0.113.1"]}}`, "busan"},
		{"a header", `{"host":{"name":"db-1"},"log":{"syslog":{"hostname":"relay"}}}`, "busan"},
		{"a host that an observer saw", `{"host":{"name":"db-1"},"observer":{"type":"ids"}}`, "busan"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := e.Decode([]byte(tt.doc)); err != nil {
				t.Fatal(err)
			}
			if inv.Add(&e, relay, &role.Addresses{}); e.GetPath("labels.site").Str() != tt.want {
				t.Errorf("%s", e.AppendJSON(nil))
			}
		})
	}
	empty, err := Load("none.csv")
	if err != nil {
		t.Fatal(err)
	}
	var e event.Event
	if found, missed := empty.Add(&e, relay, &role.Addresses{}); found+missed+e.Len() != 0 {
		t.Error("an empty inventory does something")
	}
}

func TestClass(t *testing.T) {
	inv := load(t, "i.csv", "name,addresses,class,valid_to\nfw,192.0.2.1,network,\nold,192.0.2.2,network,2024-04-30\nplain,192.0.2.3,,\n")
	for _, tt := range []struct{ peer, doc, want string }{
		{"192.0.2.1", `{"message":"x"}`, "network"}, {"192.0.2.3", `{"message":"x"}`, ""}, {"192.0.2.9", `{"message":"x"}`, ""},
		{"192.0.2.9", `{"log":{"syslog":{"hostname":"FW"}}}`, "network"},
		{"192.0.2.2", `{"@timestamp":"2024-04-30T23:00:00Z"}`, "network"}, {"192.0.2.2", `{"@timestamp":"2024-05-01T00:00:00Z"}`, ""},
	} {
		var e event.Event
		if err := e.Decode([]byte(tt.doc)); err != nil {
			t.Fatal(err)
		}
		if got := inv.Class(&e, netip.MustParseAddr(tt.peer)); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.peer, tt.doc, got, tt.want)
		}
	}
	var e event.Event
	if got := load(t, "i.csv", "name,addresses\nfw,192.0.2.1\n").Class(&e, netip.MustParseAddr("192.0.2.1")); got != "" {
		t.Error(got)
	}
}

func BenchmarkAdd(b *testing.B) {
	src, rows := table.Read(form, "i.csv", []byte(people))
	inv, err := build(src, rows)
	if err != nil {
		b.Fatal(err)
	}
	a := role.Addresses{netip.MustParseAddr("10.1.0.20"), netip.MustParseAddr("10.9.0.5")}
	peer := netip.MustParseAddr("192.0.2.9")
	var e event.Event
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		inv.Add(&e, peer, &a)
	}
}
