package enrich

import (
	"encoding/json"
	"testing"

	"weir/event"
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
