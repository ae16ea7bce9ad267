package reviewing

import (
	"fmt"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/control/reviewing"
	"weir/internal/record"
)

// BenchmarkDraft drafts a month of 200,000 events, one in four of which is of a system that is reviewed.
func BenchmarkDraft(b *testing.B) {
	o := newOffice(b, slicesOf(month(b)))
	docs := month(b)
	var e event.Event
	const n = 200000
	rows := make([]archive.Row, 0, n)
	for i := range n {
		if err := e.Decode(docs[i%len(docs)]); err != nil {
			b.Fatal(err)
		}
		at := event.At(time.Date(2026, 10, 1+i*31/n, i%24, i%60, i%57, 0, seoul))
		e.Set(event.Timestamp, at)
		e.Set(event.WeirTime, at)
		e.SetStr(event.EventID, fmt.Sprint("b-", i))
		if i%4 != 0 {
			e.SetStr(event.HostName, "another")
			e.SetStr(event.EventDataset, "nginx.access")
			e.Delete(event.WeirPrivacySystem)
			e.Delete(event.WeirRightsSystem)
		}
		rows = append(rows, archive.Row{Doc: e.AppendJSON(nil), Account: "a", Consumed: record.Pos{Topic: "weir.events", Offset: int64(1<<40) + int64(i)}})
	}
	if err := o.ar.Append(b.Context(), rows, nil); err != nil {
		b.Fatal(err)
	}
	if err := o.ar.Seal(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		v := must[reviewing.View](b, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", Redraft: true})
		if v.Facts.Record.Events < n/5 {
			b.Fatal(v.Facts.Record.Events)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
