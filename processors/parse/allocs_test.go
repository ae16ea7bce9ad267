package parse

import (
	"net/netip"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
)

// TestParse_Allocations: what comes a thousand times a second must not keep the collector busy.
func TestParse_Allocations(t *testing.T) {
	p, err := New(Options{DefaultZone: time.UTC, History: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, line, dataset string
		most                float64
	}{
		{"Cisco ASA", "<166>Mar 10 2024 11:00:00 fw1 : %ASA-6-302013: Built outbound TCP connection 11757 for outside:198.51.100.9/443 (198.51.100.9/443) to inside:10.1.98.44/51772 (10.1.98.44/51772)", "cisco_asa.log", 5},
		{"sshd", "<38>Mar 10 11:00:00 web1 sshd[24200]: Failed password for invalid user webmaster from 198.51.100.186 port 38926 ssh2", "system.auth", 5},
		{"FortiGate", `<189>date=2024-03-10 time=11:00:00 devname="fw1" devid="FGT60F0000000001" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.1.100.11 srcport=54190 dstip=198.51.100.22 dstport=443 proto=6 action="close" policyid=1 service="HTTPS" duration=10 sentbyte=1500 rcvdbyte=9000`, "fortinet_fortigate.log", 8},
		{"PAN-OS", `<14>Mar 10 11:00:00 fw2 1,2024/03/10 11:00:00,001122334455,TRAFFIC,end,2305,2024/03/10 11:00:00,192.168.9.9,203.0.113.50,198.51.100.2,203.0.113.50,web,corp\kim,,ssl,vsys1,lan,wan,ethernet1/3,ethernet1/4,log,2024/03/10 11:00:00,4711,1,50123,443,22222,443,0x400019,tcp,allow,3000,1000,2000,30,2024/03/10 10:59:50,8,any,,99887766,0x0,10.0.0.0-10.255.255.255,Germany,,12,18,tcp-fin`, "panw.panos", 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := record.Raw{Value: []byte(c.line), Received: time.Date(2024, 3, 10, 12, 0, 0, 0, time.UTC), Input: "syslog", Peer: netip.MustParseAddrPort("192.0.2.1:514")}
			var e event.Event
			var doc []byte
			got := testing.AllocsPerRun(200, func() {
				if err := p.Parse(&raw, &e, func(e *event.Event) error { doc = e.AppendJSON(doc[:0]); return nil }); err != nil {
					t.Fatal(err)
				}
			})
			if e.Str(event.EventDataset) != c.dataset || e.Has(event.WeirParseErrors) {
				t.Fatalf("got %s", doc)
			}
			if got > c.most {
				t.Errorf("an event costs %v allocations, at most %v", got, c.most)
			}
		})
	}
}
