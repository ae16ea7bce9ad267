package elastic

import (
	"testing"
)

func TestSink_EachDocumentOnce(t *testing.T) {
	k, f := newKafka(t), newFake(t)
	s, log := newSink(t, k, []string{f.URL})
	all := recs(0, 3000)
	if err := feed(t, s, all[:1000], all[1000:1500], all[1500:]); err != nil {
		t.Fatal(err, log)
	}
	if f.count() != 3000 {
		t.Errorf("%d documents, want 3000", f.count())
	}
	p := k.balance(t, 0, 1)
	if c := p.Sources()["syslog/192.0.2.1"]; c == nil || c.Indexed != 3000 || p.Taken() != 3000 {
		t.Errorf("the ledger says %+v up to %d", c, p.Taken())
	}
}
