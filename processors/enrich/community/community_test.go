package community

import (
	"testing"

	"weir/event"
	"weir/processors/enrich/transport"
)

// The ids are those of the specification's own examples, with the default seed.
func TestSet(t *testing.T) {
	tests := []struct {
		name string
		flow Flow
		want string
	}{
		{"tcp", Flow{Source: "128.232.110.120", Destination: "66.35.250.204", SourcePort: 34855, DestinationPort: 80, Number: "6"}, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"tcp, answer", Flow{Source: "66.35.250.204", Destination: "128.232.110.120", SourcePort: 80, DestinationPort: 34855, Number: "6"}, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"udp", Flow{Source: "192.168.1.52", Destination: "8.8.8.8", SourcePort: 54585, DestinationPort: 53, Number: "17"}, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		{"sctp", Flow{Source: "192.168.170.8", Destination: "192.168.170.56", SourcePort: 7, DestinationPort: 80, Number: "132"}, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="},
		{"icmp echo", Flow{Source: "192.168.0.89", Destination: "192.168.0.1", ICMPType: 8, ICMPCode: 0, HasICMP: true, Number: "1"}, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{"icmp echo, answer", Flow{Source: "192.168.0.1", Destination: "192.168.0.89", ICMPType: 0, ICMPCode: 0, HasICMP: true, Number: "1"}, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{"icmp6 neighbour", Flow{Source: "fe80::200:86ff:fe05:80da", Destination: "fe80::260:97ff:fe07:69ea", ICMPType: 135, ICMPCode: 0, HasICMP: true, Number: "58"}, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			Set(&e, tt.flow)
			if got := e.Str(event.NetworkCommunityID); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSet_Incomplete(t *testing.T) {
	for _, f := range []Flow{
		{}, {Source: "192.0.2.1", Destination: "x", Number: "6"}, {Source: "192.0.2.1", Destination: "2001:db8::1", Number: "6"}, {Source: "192.0.2.1", Destination: "192.0.2.2"},
		{Source: "192.0.2.1", Destination: "192.0.2.2", Number: "256"}, {Source: "192.0.2.1", Destination: "192.0.2.2", Number: "1"},
	} {
		var e event.Event
		if Set(&e, f); e.Len() != 0 {
			t.Errorf("%+v: %s", f, e.AppendJSON(nil))
		}
	}
}

// A protocol without ports has an id of addresses and number, the same in both directions.
func TestSet_NoPorts(t *testing.T) {
	var a, b event.Event
	Set(&a, Flow{Source: "192.0.2.1", Destination: "192.0.2.2", Number: "47", SourcePort: 5})
	Set(&b, Flow{Source: "192.0.2.2", Destination: "192.0.2.1", Number: "47"})
	if a.Str(event.NetworkCommunityID) == "" || a.Str(event.NetworkCommunityID) != b.Str(event.NetworkCommunityID) {
		t.Errorf("%s, %s", a.Str(event.NetworkCommunityID), b.Str(event.NetworkCommunityID))
	}
}

func TestSetFrom(t *testing.T) {
	var e event.Event
	SetFrom(&e)
	e.SetStr(event.SourceIP, "128.232.110.120")
	e.SetStr(event.DestinationIP, "66.35.250.204")
	transport.Set(&e, "tcp")
	if SetFrom(&e); e.Has(event.NetworkCommunityID) {
		t.Error("an id without ports")
	}
	e.SetInt(event.SourcePort, 34855)
	e.SetInt(event.DestinationPort, 80)
	if SetFrom(&e); e.Str(event.NetworkCommunityID) != "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" {
		t.Errorf("%s", e.AppendJSON(nil))
	}
}

func BenchmarkSet(b *testing.B) {
	b.ReportAllocs()
	var e event.Event
	f := Flow{Source: "128.232.110.120", Destination: "66.35.250.204", SourcePort: 34855, DestinationPort: 80, Number: "6"}
	for b.Loop() {
		Set(&e, f)
	}
}

// TestAdd_Keeps: an id that the device gave stays, and ours comes beside it where it is another one.
func TestAdd_Keeps(t *testing.T) {
	e := tcp()
	e.SetStr(event.NetworkCommunityID, "1:own")
	for range 2 { // an id that is there already is not there twice
		if SetFrom(&e); e.Get(event.NetworkCommunityID).Text() != `["1:own","1:LQU9qZlK+B5F3KDmev6m5PMibrg="]` {
			t.Errorf("%s", e.AppendJSON(nil))
		}
	}
	e = tcp()
	e.SetStr(event.NetworkCommunityID, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")
	if SetFrom(&e); e.Get(event.NetworkCommunityID).Kind() != event.String {
		t.Errorf("the same id makes a list: %s", e.AppendJSON(nil))
	}
}

func tcp() (e event.Event) {
	e.SetStr(event.SourceIP, "128.232.110.120")
	e.SetStr(event.DestinationIP, "66.35.250.204")
	e.SetStr(event.NetworkIanaNumber, "6")
	e.SetInt(event.SourcePort, 34855)
	e.SetInt(event.DestinationPort, 80)
	return e
}

func TestICMP(t *testing.T) {
	for _, tt := range []struct {
		name, src, dst, number string
		typ, code              int64
		want                   string
	}{
		{"echo", "192.168.0.89", "192.168.0.1", "1", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{"the protocol follows from the addresses", "192.168.0.89", "192.168.0.1", "", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{"version 6", "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", "", 135, 0, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
		{"no address", "192.168.0.89", "x", "1", 8, 0, ""},
		{"no type", "192.168.0.89", "192.168.0.1", "1", 256, 0, ""},
		{"no code", "192.168.0.89", "192.168.0.1", "1", 8, -1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			e.SetStr(event.SourceIP, tt.src)
			e.SetStr(event.DestinationIP, tt.dst)
			e.SetStr(event.NetworkIanaNumber, tt.number)
			if ICMP(&e, tt.typ, tt.code); e.Str(event.NetworkCommunityID) != tt.want {
				t.Errorf("%s", e.AppendJSON(nil))
			}
		})
	}
}
