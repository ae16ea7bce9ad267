package backtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
	"weir/internal/control/trial"
	"weir/internal/record"
)

// million makes an archive of 2^20 events in 16 segments, an hour or so of a busy site.
func million(b *testing.B) *archive.Archive {
	b.Helper()
	a, err := archive.Open(b.TempDir(), archive.Options{EpochRows: 1 << 30, EpochBytes: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.Close() })
	var e event.Event
	shift := time.Duration(0)
	for epoch := range 16 {
		docs := sample.Docs(uint64(epoch), 1<<16)
		rows := make([]archive.Row, len(docs))
		for i, doc := range docs {
			if err := e.Decode(doc); err != nil {
				b.Fatal(err)
			}
			for _, f := range []event.Field{event.Timestamp, event.WeirTime} {
				e.Set(f, event.At(e.Get(f).Time().Add(shift)))
			}
			id := epoch<<16 + i
			e.SetStr(event.EventID, fmt.Sprintf("q7f3kx2m/3/%d", id))
			rows[i] = archive.Row{Doc: e.AppendJSON(nil), Account: "a", Consumed: record.Pos{Topic: "weir.events", Offset: int64(id)}, Source: record.Pos{Topic: "weir.raw.syslog", Offset: int64(id)}}
		}
		shift += e.Get(event.Timestamp).Time().Sub(sample.Start)
		if err := a.Append(context.Background(), rows, nil); err != nil {
			b.Fatal(err)
		}
		if err := a.Seal(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	return a
}

// BenchmarkMillion reads an archive of a million events, in the ways in which it can be read.
func BenchmarkMillion(b *testing.B) {
	a := million(b)
	rules := []struct{ name, when string }{
		{"rare value", `event.dataset == "system.sshd" and user.name == "nobody has this"`},
		{"common values", `event.dataset == "system.sshd" and event.outcome == "failure" and user.name == "root"`},
		{"text", `icontains(message, "publickey for oracle")`},
		{"two columns and a text", `event.outcome == "success" and icontains(process.name, "sshd") and icontains(message, "publickey for oracle")`},
	}
	for _, r := range rules {
		for _, way := range []string{"columns", "no sieve", "whole events"} {
			b.Run(r.name+"/"+way, func(b *testing.B) {
				b.ReportAllocs()
				n, alerts := int64(0), int64(0)
				for b.Loop() {
					t := tried(b, a, "id: r\ntitle: R\nlevel: low\nwhen: "+r.when+"\nfold: {by: [source.ip]}\n", way)
					n += t.Events
					alerts = t.Rules[0].Alerts
				}
				b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric(float64(alerts), "alerts")
			})
		}
	}
	b.Run("scan", func(b *testing.B) {
		n := 0
		for b.Loop() {
			for _, err := range a.Scan(context.Background(), search.ScanOptions{}) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	})
}

// tried runs one rule over an archive.
func tried(b *testing.B, a *archive.Archive, file, way string) trial.Summary {
	b.Helper()
	p, err := PlaceOf(data(b, nil))
	if err != nil {
		b.Fatal(err)
	}
	t, err := New(p, trial.Request{Rules: []trial.Source{{File: "r.yaml", Text: file}}}, func(trial.Line) error { return nil })
	if err != nil {
		b.Fatal(err)
	}
	switch way {
	case "no sieve":
		t.sieve = nil
	case "whole events":
		t.sieve, t.columns, t.whole = nil, nil, nil
	}
	sum, err := t.Archive(context.Background(), a)
	if err != nil {
		b.Fatal(err)
	}
	return sum
}
