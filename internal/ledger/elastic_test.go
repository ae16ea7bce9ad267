package ledger_test

import (
	"testing"

	"weir/internal/ledger"
)

// sent is what became of [from, to) of a partition on the way to Elasticsearch.
func sent(topic string, from, to int64, c ledger.ElasticCounts) ledger.ElasticRecord {
	return ledger.ElasticRecord{Hop: ledger.HopElastic, Instance: "e", Start: 1, Topic: topic, From: from, To: to, Sources: map[string]*ledger.ElasticCounts{src: &c}}
}

// own is what became of documents that have no sender: they are counted under their topic.
func own(topic string, from, to int64, c ledger.ElasticCounts) ledger.ElasticRecord {
	r := sent(topic, from, to, c)
	r.Sources = map[string]*ledger.ElasticCounts{topic: &c}
	return r
}

func TestBalance_Elastic(t *testing.T) {
	const events, alerts = "weir.events", "weir.alerts"
	for _, tc := range []struct {
		name    string
		recs    []any
		waiting int64
		want    ledger.Elastic
		behind  int64 // of the source
		ok      bool
	}{
		{name: "nobody feeds one", ok: true},
		{name: "all there", recs: []any{sent(events, 0, 10, ledger.ElasticCounts{Indexed: 10})}, want: ledger.Elastic{On: true, Events: 10, Indexed: 10}, ok: true},
		{name: "some were there already, some are refused", recs: []any{sent(events, 0, 10, ledger.ElasticCounts{Indexed: 6, Conflicts: 3, Differing: 1, Dead: map[string]int64{"mapping": 1}})},
			want: ledger.Elastic{On: true, Events: 10, Indexed: 9, Dead: 1, Differing: 1}, ok: true},
		{name: "alerts are documents too, and were never received", recs: []any{sent(events, 0, 10, ledger.ElasticCounts{Indexed: 10}), sent(alerts, 0, 5, ledger.ElasticCounts{Indexed: 5})},
			want: ledger.Elastic{On: true, Events: 10, Indexed: 10}, ok: true},
		{name: "what weir writes of itself beside the events was never received", recs: []any{sent(events, 0, 10, ledger.ElasticCounts{Indexed: 10}), own(events, 10, 13, ledger.ElasticCounts{Indexed: 3})},
			want: ledger.Elastic{On: true, Events: 10, Indexed: 10}, ok: true},
		{name: "four wait", recs: []any{sent(events, 0, 6, ledger.ElasticCounts{Indexed: 6})}, waiting: 4, want: ledger.Elastic{On: true, Events: 10, Indexed: 6, Waiting: 4}, behind: 4, ok: true},
		{name: "four are gone although one waits", recs: []any{sent(events, 0, 6, ledger.ElasticCounts{Indexed: 6})}, waiting: 1,
			want: ledger.Elastic{On: true, Events: 10, Indexed: 6, Waiting: 1, Difference: 3}, behind: 4},
		{name: "a stretch that comes again after a crash counts once", recs: []any{sent(events, 0, 6, ledger.ElasticCounts{Indexed: 6}), sent(events, 0, 10, ledger.ElasticCounts{Indexed: 4, Conflicts: 6})},
			want: ledger.Elastic{On: true, Events: 10, Indexed: 10}, ok: true},
	} {
		f := fold(t, ingest(1, false, ledger.Counts{Received: 10}), stretch("a/1", 0, 10))
		for _, r := range tc.recs {
			if err := f.Apply(value(t, r)); err != nil {
				t.Fatal(err)
			}
		}
		b := f.Balance(ledger.State{Self: "a/1", Stored: map[string]int64{src: 10}, WaitingElastic: tc.waiting, Alerts: alerts})
		if b.Elastic != tc.want || b.OK != tc.ok || b.Rows[0].Unindexed != tc.behind {
			t.Errorf("%s: %+v, balanced %t, behind %d", tc.name, b.Elastic, b.OK, b.Rows[0].Unindexed)
		}
	}
}

// TestFold_TakenElastic: what Kafka no longer has and the archive has not given yet is still to come.
func TestFold_TakenElastic(t *testing.T) {
	f := ledger.NewFold()
	r := sent("weir.events", 100, 120, ledger.ElasticCounts{Indexed: 20})
	r.Open = [][2]int64{{0, 60}, {80, 100}}
	if err := f.Apply(value(t, r)); err != nil {
		t.Fatal(err)
	}
	if taken, open := f.TakenElastic(); taken["weir.events/0"] != 120 || open != 80 {
		t.Errorf("taken %v, open %d", taken, open)
	}
}

// TestBalance_DeadElastic: dead letters on the way to Elasticsearch are told by reason, those of alerts too.
func TestBalance_DeadElastic(t *testing.T) {
	f := ledger.NewFold()
	for _, r := range []ledger.ElasticRecord{
		sent("weir.events", 0, 10, ledger.ElasticCounts{Indexed: 7, Dead: map[string]int64{"mapping": 2, "size": 1}}),
		sent("weir.events", 10, 20, ledger.ElasticCounts{Indexed: 6, Dead: map[string]int64{"mapping": 4}}),
		sent("weir.alerts", 0, 1, ledger.ElasticCounts{Dead: map[string]int64{"mapping": 1}}),
	} {
		if err := f.Apply(value(t, r)); err != nil {
			t.Fatal(err)
		}
	}
	got := f.Balance(ledger.State{Alerts: "weir.alerts"}).DeadElastic
	if len(got) != 2 || got["mapping"] != 7 || got["size"] != 1 {
		t.Errorf("got %v", got)
	}
}

// TestBalance_Ring: what the ring of the kernel's probes lost is no datagram.
func TestBalance_Ring(t *testing.T) {
	rec := ingest(1, true, ledger.Counts{})
	rec.Kernel = map[string]int64{"syslog": 3, "ebpf": 5}
	if b := fold(t, rec).Balance(ledger.State{}); b.Kernel != 3 || b.Ring != 5 {
		t.Errorf("kernel %d, ring %d", b.Kernel, b.Ring)
	}
}
