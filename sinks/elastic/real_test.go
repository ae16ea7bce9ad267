package elastic

import (
	"testing"

	"weir/sinks/elastic/elastictest"
)

func TestReal_EachOnce(t *testing.T) {
	server := elastictest.Start(t, 0)
	k := newKafka(t)
	s, log := newSink(t, k, server.URLs)
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := recs(0, 5000)
	if err := feed(t, s, all[:2000], all[2000:]); err != nil {
		t.Fatal(err, log)
	}
	if n := server.Count(t, "logs-weir.standard"); n != 5000 {
		t.Fatalf("%d documents, want 5000\n%s", n, log)
	}
	p := k.balance(t, 0, 1)
	if c := p.Sources()["syslog/192.0.2.1"]; c == nil || c.Indexed != 5000 || p.Taken() != 5000 {
		t.Fatalf("the ledger says %+v up to %d", c, p.Taken())
	}
}
