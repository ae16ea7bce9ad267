package bus

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
)

// TestReader_RemembersNothingWrong reads records of changing senders with one Reader: each must be what a new Reader makes
// of it.
func TestReader_RemembersNothingWrong(t *testing.T) {
	rec := func(headers ...string) *kgo.Record {
		r := &kgo.Record{Topic: "t", Value: []byte("v")}
		for i := 0; i < len(headers); i += 2 {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: headers[i], Value: []byte(headers[i+1])})
		}
		return r
	}
	var one Reader
	for i, r := range []*kgo.Record{
		rec(record.HeaderIng, "a/1/5", record.HeaderPeer, "192.0.2.1:5", record.HeaderRecv, "1700000000123456789"),
		rec(record.HeaderIng, "a/1/6", record.HeaderPeer, "192.0.2.1:5"),
		rec(record.HeaderIng, "a/2/6", record.HeaderPeer, "192.0.2.1:6"),
		rec(record.HeaderIng, "a/2/", record.HeaderPeer, ""),
		rec(record.HeaderIng, "a/2/x", record.HeaderPeer, "nonsense"),
		rec(record.HeaderIng, "a/2/+7", record.HeaderPeer, "192.0.2.1:6"),
		rec(record.HeaderIng, "a/2/18446744073709551615", record.HeaderRecv, "-5"),
		rec(record.HeaderIng, "a/2/18446744073709551616", record.HeaderRecv, "9223372036854775807"),
		rec(record.HeaderIng, "b/2/7", record.HeaderRecv, "9223372036854775808"),
		rec(record.HeaderIng, "b/2/8", record.HeaderRecv, "9999999999999999999"),
		rec(record.HeaderIng, "b/2/0007", record.HeaderRecv, ""),
		rec(),
		rec(record.HeaderIng, "", record.HeaderPeer, "[2001:db8::1]:514", record.HeaderRecv, "12 "),
	} {
		var got, want record.Raw
		err1, err2 := one.Read(r, &got), ReadRaw(r, &want)
		for j := range r.Headers { // what is remembered is no part of a record
			clear(r.Headers[j].Value)
		}
		if fmt.Sprint(got.Peer, got.Ing.Start, got.Ing.Seq, got.Received.UnixNano(), err1) != fmt.Sprint(want.Peer, want.Ing.Start, want.Ing.Seq, want.Received.UnixNano(), err2) {
			t.Errorf("record %d: %+v (%v), not %+v (%v)", i, got, err1, want, err2)
		}
	}
	var got record.Raw
	if err := one.Read(rec(record.HeaderIng, "b/2/9", record.HeaderPeer, "[2001:db8::1]:514"), &got); err != nil || got.Ing != (record.Ing{Ingester: "b", Start: 2, Seq: 9}) || got.Peer.String() != "[2001:db8::1]:514" {
		t.Errorf("%+v (%v)", got, err)
	}
}
