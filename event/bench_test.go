package event

import "testing"

// fill makes an event of 40 fields, such as a firewall line becomes.
func fill(e *Event) {
	e.Set(Timestamp, Value{kind: Time, num: uint64(1732233600123 * 1e6)})
	e.Set(ECSVersion, Str("8.11.0"))
	e.Set(EventID, Str("d41d8cd98f00b204/1/4711"))
	e.Set(EventCreated, Value{kind: Time, num: uint64(1732233600223 * 1e6)})
	e.Set(EventIngested, Value{kind: Time, num: uint64(1732233600323 * 1e6)})
	e.Set(EventModule, Str("cisco_asa"))
	e.Set(EventDataset, Str("cisco_asa.log"))
	e.Set(EventKind, Str("event"))
	e.Set(EventCode, Str("302013"))
	e.SetInt(EventSeverity, 6)
	e.Set(EventAction, Str("flow-creation"))
	e.Set(EventCategory, network)
	e.Set(EventType, connection)
	e.Set(EventOutcome, Str("success"))
	e.Set(EventOriginal, Str(`<166>Nov 22 2024 00:00:00 fw1 : %ASA-6-302013: Built outbound TCP connection 11757 for outside:192.0.2.104/80 (192.0.2.104/80) to inside:198.51.100.44/1772 (198.51.100.44/1772)`))
	e.Set(Message, Str(`%ASA-6-302013: Built outbound TCP connection 11757 for outside:192.0.2.104/80 (192.0.2.104/80) to inside:198.51.100.44/1772 (198.51.100.44/1772)`))
	e.Set(LogLevel, Str("informational"))
	e.Set(ObserverVendor, Str("Cisco"))
	e.Set(ObserverProduct, Str("asa"))
	e.Set(ObserverType, Str("firewall"))
	e.Set(ObserverName, Str("fw1"))
	e.Set(ObserverIngressInterfaceName, Str("inside"))
	e.Set(ObserverEgressInterfaceName, Str("outside"))
	e.Set(SourceAddress, Str("198.51.100.44"))
	e.Set(SourceIP, Str("198.51.100.44"))
	e.SetInt(SourcePort, 1772)
	e.Set(DestinationAddress, Str("192.0.2.104"))
	e.Set(DestinationIP, Str("192.0.2.104"))
	e.SetInt(DestinationPort, 80)
	e.Set(NetworkTransport, Str("tcp"))
	e.Set(NetworkIanaNumber, Str("6"))
	e.Set(NetworkDirection, Str("outbound"))
	e.Set(CiscoASAConnectionID, Str("11757"))
	e.Set(CiscoASASourceInterface, Str("inside"))
	e.Set(CiscoASADestinationInterface, Str("outside"))
	e.Append(RelatedIP, "198.51.100.44")
	e.Append(RelatedIP, "192.0.2.104")
	e.Append(RelatedHosts, "fw1")
	e.Set(WeirClass, Str("default"))
	e.SetInt(WeirRevision, 1)
	e.Set(WeirInput, Str("syslog"))
}

var (
	network    = Strs("network")
	connection = Strs("connection", "start")
)

func BenchmarkSet(b *testing.B) {
	b.ReportAllocs()
	var e Event
	for b.Loop() {
		e.Reset()
		fill(&e)
	}
}

func BenchmarkGet(b *testing.B) {
	b.ReportAllocs()
	var e Event
	fill(&e)
	ref := MakeRef("source.ip")
	n := 0
	for b.Loop() {
		n += len(e.Str(SourceIP)) + len(ref.Of(&e).Str()) + int(e.Get(DestinationPort).Int())
	}
	if n == 0 {
		b.Fatal("nothing read")
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	b.ReportAllocs()
	var e Event
	fill(&e)
	var buf []byte
	for b.Loop() {
		buf = e.AppendJSON(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	var e Event
	fill(&e)
	doc := e.AppendJSON(nil)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if err := e.Decode(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConform(b *testing.B) {
	b.ReportAllocs()
	var e Event
	fill(&e)
	for b.Loop() {
		e.Conform()
	}
}
