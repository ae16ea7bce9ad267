package sources_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"weir/internal/console/consoletest"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/reporting"
	"weir/internal/control/watching"
	"weir/internal/fault"
	facts "weir/internal/report/sources"
)

func weir() *consoletest.Weir {
	now := consoletest.Now
	w := &consoletest.Weir{
		LedgerIs: control.Ledger{Balanced: false, KernelDrops: 3, At: now, Rows: []control.LedgerRow{
			{Source: "syslog/192.0.2.1", Name: "syslog/fw-1", Received: 81204, Stored: 81190, Dead: 2, Filtered: 12, Last: now.Add(-2 * time.Second)},
			{Source: "file/nginx", Name: "file/nginx", Received: 12000, Stored: 11950, Difference: 50, Last: now.Add(-time.Minute)},
			{Source: "syslog/<script>", Received: 1, Stored: 1},
		}, Faults: []*fault.Error{{Code: "ledger-gap", What: "50 events of file/nginx are missing", Where: "source file/nginx", Do: "keep the folder as it is"}}},
		SourcesIs: watching.Sources{Rows: []watching.Source{
			{Source: "syslog/192.0.2.1", State: watching.Heard, Device: "fw-1"}, {Source: "file/nginx", State: watching.Silent, Quiet: int64(2 * time.Hour / time.Millisecond)}, {Device: "fw-9", State: watching.Never},
		}},
	}
	w.Named = question.Table{reporting.SourcesFacts: question.Typed(func(_ context.Context, q reporting.FactsRequest) (*facts.Facts, error) {
		f := &facts.Facts{From: q.From, To: q.To, Zone: "Asia/Seoul"}
		s := facts.Source{Source: "syslog/192.0.2.1", Skew: facts.Skew{Events: 10, MedianMS: -47 * 60_000, Ahead: 9}}
		s.Hours[16], s.Hours[15], s.Hours[17] = 100, 50, 10
		f.Sources = append(f.Sources, s, facts.Source{Source: "file/nginx", Skew: facts.Skew{Events: 1, MedianMS: 300}})
		return f, nil
	})}
	return w
}

func TestPage(t *testing.T) {
	s := consoletest.New(t, weir(), nil)
	page := s.Page("/sources")
	text := consoletest.Text(page)
	consoletest.Has(t, text, "NOT balanced", "3 in the kernel", "file/nginx silent 2 h 1 min ago", "300 ms", "missing 50", "fw-9 never heard", "syslog/fw-1 syslog/192.0.2.1 heard 2 s ago", "47 min ahead 81,204 0 81,190 0 2 0 12 0 0", "all 93,205 0 93,141", "nothing received", "[ledger-gap]")
	consoletest.Has(t, page, `id="gap-file-nginx"`, `href="#gap-file-nginx"`, `href="/search?from=-24h&amp;q=weir.input%3A&#43;%22syslog%22&#43;and&#43;log.source.address%3A&#43;%22192.0.2.1%22"`, `<b class="n bad"`)
	consoletest.Lacks(t, page, "<script>\"", "syslog/<script>")
	// What somebody should look at stands first.
	if a, b, c := strings.Index(text, "file/nginx silent"), strings.Index(text, "fw-9 never"), strings.Index(text, "syslog/fw-1"); !(a < b && b < c) {
		t.Errorf("the order is %d %d %d", a, b, c)
	}
	// The hour that runs is the last bar, the one before it beside it, and tomorrow's the first.
	spark := page[strings.LastIndex(page, `class="spark"`):]
	spark, _, _ = strings.Cut(spark, "</svg>")
	consoletest.Has(t, spark, `<rect x="92" y="0" width="3" height="18"/>`, `<rect x="88" y="9" width="3" height="9"/>`, `<rect x="0" y="16" width="3" height="2"/>`, "160 events in 24 hours, at most 100 in one")
}

func TestPage_missing(t *testing.T) {
	s := consoletest.New(t, weir(), nil)
	text := consoletest.Text(s.Page("/sources?missing=1"))
	consoletest.Has(t, text, "file/nginx", "fw-9")
	consoletest.Lacks(t, text, "fw-1")
	consoletest.Has(t, consoletest.Text(consoletest.New(t, &consoletest.Weir{}, nil).Page("/sources?missing=1")), "Every source is heard")
}

// TestPage_kept: the day of the sources is counted once for all who look.
func TestPage_kept(t *testing.T) {
	s := consoletest.New(t, weir(), nil)
	for range 3 {
		s.Page("/sources")
	}
	asked := s.Weir.Questions(reporting.SourcesFacts)
	if len(asked) != 1 {
		t.Fatalf("asked %d times", len(asked))
	}
	var q reporting.FactsRequest
	if err := json.Unmarshal([]byte(asked[0].Body.(string)), &q); err != nil || !q.To.Equal(consoletest.Now) || q.To.Sub(q.From) != 23*time.Hour+50*time.Minute {
		t.Errorf("asked for %+v: %v", q, err)
	}
}

// TestPage_slow: a day that takes long to count keeps nobody waiting: the page comes without it, and offers to wait.
func TestPage_slow(t *testing.T) {
	w := weir()
	w.Named = question.Table{reporting.SourcesFacts: question.Typed(func(ctx context.Context, _ reporting.FactsRequest) (*facts.Facts, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})}
	page := consoletest.New(t, w, nil).Page("/sources")
	consoletest.Has(t, page, `href="/sources?count=1"`, "81,204")
	consoletest.Lacks(t, page, "[internal]")
}

func TestPage_new(t *testing.T) {
	consoletest.Has(t, consoletest.Text(consoletest.New(t, &consoletest.Weir{}, nil).Page("/sources")), "Nothing was received yet", "weir up --demo")
}
