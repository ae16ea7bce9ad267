package archive

import (
	"context"
	"strconv"
	"syscall"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
	"weir/internal/query"
	"weir/internal/record"
)

// cpu returns the processor time of this process so far: the wall says little where others share the machine.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkIngest appends and seals one epoch of 65,536 events of about 1 KB: everything from JSON to synced files.
func BenchmarkIngest(b *testing.B) {
	docs := sample.Docs(1, 65536)
	a := open(b, b.TempDir(), Options{EpochRows: 1 << 30, EpochBytes: 1 << 40})
	size := 0
	for _, d := range docs {
		size += len(d)
	}
	b.ReportAllocs()
	b.SetBytes(int64(size))
	off := int64(0)
	var appending, sealing time.Duration
	for b.Loop() {
		start := cpu(b)
		for i := 0; i < len(docs); i += 512 {
			rows := make([]Row, 512)
			for j := range rows {
				rows[j] = Row{Doc: docs[i+j], Account: "syslog/192.0.2.1", Consumed: record.Pos{Topic: "weir.events", Offset: off}, Source: record.Pos{Topic: "weir.raw.syslog", Offset: off}}
				off++
			}
			if err := a.Append(context.Background(), rows, nil); err != nil {
				b.Fatal(err)
			}
		}
		mid := cpu(b)
		seal(b, a)
		appending += mid - start
		sealing += cpu(b) - mid
	}
	events := float64(b.N * len(docs))
	b.ReportMetric(float64(appending.Nanoseconds())/events, "cpu-ns/append")
	b.ReportMetric(float64(sealing.Nanoseconds())/events, "cpu-ns/seal")
	b.ReportMetric(float64(size)/float64(len(docs)), "JSON-B/event")
	b.ReportMetric(float64(a.Stats().Bytes)/events, "parquet-B/event")
}

// searches are the questions that people ask.
var searches = []struct {
	name string
	req  search.Request
	kql  string
}{
	{"needle", search.Request{Size: 100}, "zzzz9999"},
	{"needle-in-one-event", search.Request{Size: 100}, `event.id: "q7f3kx2m/3/777"`},
	{"common-token", search.Request{}, "failed"},
	{"field", search.Request{}, "user.name: oracle"},
	{"ip", search.Request{}, "source.ip: 203.0.3.77"},
	{"ip-free-text", search.Request{}, "203.0.3.77"},
	{"cidr", search.Request{}, "source.ip: 203.0.0.0/20"},
	{"prefix", search.Request{}, "user.name: adm*"},
	{"histogram", search.Request{Buckets: 60}, ""},
	{"top10", search.Request{Top: "source.ip"}, "event.outcome: failure"},
	{"newest100", search.Request{Size: 100}, "event.outcome: failure and user.name: root"},
}

func benchmarkSearch(b *testing.B, sealed bool) {
	const epochs = 4
	a := open(b, b.TempDir(), Options{EpochRows: 1 << 30, EpochBytes: 1 << 40})
	for i := range epochs {
		add(b, a, rowsOf(sample.Docs(uint64(i), 65536/epochs), int64(i*65536/epochs)))
		if sealed {
			seal(b, a)
		}
	}
	for _, s := range searches {
		b.Run(s.name, func(b *testing.B) {
			q, err := query.Parse(s.kql)
			if err != nil {
				b.Fatal(err)
			}
			s.req.Query = q
			b.ReportAllocs()
			total := 0
			start := cpu(b)
			for b.Loop() {
				sum, err := a.Search(context.Background(), s.req, func([]byte, *event.Event) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				total = sum.Total
			}
			b.ReportMetric(float64((cpu(b)-start).Microseconds())/float64(b.N)/1000, "cpu-ms/op")
			b.ReportMetric(float64(total), "hits")
		})
	}
	b.Run("scan-two-columns", func(b *testing.B) {
		opts := search.ScanOptions{Fields: []event.Field{event.Timestamp, event.UserName}}
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			for _, err := range a.Scan(context.Background(), opts) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
	})
}

// BenchmarkSearchTail asks 65,536 events in memory.
func BenchmarkSearchTail(b *testing.B) { benchmarkSearch(b, false) }

// BenchmarkSearchSegments asks the same events in four sealed segments.
func BenchmarkSearchSegments(b *testing.B) { benchmarkSearch(b, true) }

// BenchmarkSearchDay asks a day of 65,536 events in an archive that has as many other segments as 100 million events make.
func BenchmarkSearchDay(b *testing.B) {
	a := open(b, b.TempDir(), Options{EpochRows: 1 << 30, EpochBytes: 1 << 40})
	add(b, a, rowsOf(sample.Docs(1, 65536), 0))
	seal(b, a)
	day := a.segments[0]
	for _, others := range []int{0, 200, 10_000} {
		b.Run(strconv.Itoa(others), func(b *testing.B) {
			a.mu.Lock()
			a.segments = []*segmentFile{day}
			for i := range others {
				s := day.Segment
				s.Min, s.Max = s.Min.AddDate(0, 0, -i-2), s.Max.AddDate(0, 0, -i-2)
				a.segments = append(a.segments, newSegmentFile(a.dir, s))
			}
			a.mu.Unlock()
			q, err := query.Parse("zzzz9999")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				sum, err := a.Search(context.Background(), search.Request{Query: q, From: day.Min, To: day.Max}, nil)
				if err != nil || sum.Segments != others+1 {
					b.Fatal(sum, err)
				}
			}
		})
	}
}

func BenchmarkMark(b *testing.B) {
	a := open(b, b.TempDir(), Options{})
	for p := range 64 {
		for s := range 8 {
			row := Row{Consumed: record.Pos{Topic: "weir.events", Partition: int32(p), Offset: int64(s)}, Source: record.Pos{Topic: "raw" + strconv.Itoa(s), Partition: int32(p)}}
			if err := a.Append(context.Background(), []Row{row}, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		a.Mark(Partition{"weir.events", 7})
	}
}
