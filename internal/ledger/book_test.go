package ledger_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"weir/internal/ledger"
)

// TestBook_ManyGoroutines counts from everywhere at once while records are made.
func TestBook_ManyGoroutines(t *testing.T) {
	book := ledger.NewBook(self, 100)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 500 {
				s := fmt.Sprintf("syslog/192.0.2.%d", (i+j)%5)
				book.Received(s, 2, 10)
				book.Refused(s, "rate", 1)
				book.Published(s, 1)
				book.KernelDrops("syslog", 1)
				if j%100 == 0 {
					book.Record(time.Now(), false)
				}
			}
		})
	}
	wg.Wait()
	received, refused, kernel := book.Totals()
	if received != 8000 || refused != 4000 || kernel != 4000 {
		t.Errorf("received %d, refused %d, kernel %d", received, refused, kernel)
	}
	var published, bytes int64
	for _, c := range book.Record(time.Now(), false).Sources {
		published += c.Published
		bytes += c.Bytes
	}
	if published != 4000 || bytes != 40_000 {
		t.Errorf("published %d, bytes %d", published, bytes)
	}
}

// TestBook_RecordIsACopy: what was published stays what it was.
func TestBook_RecordIsACopy(t *testing.T) {
	book := ledger.NewBook(self, 10)
	book.Received(src, 1, 5)
	book.Refused(src, "rate", 1)
	book.KernelDrops("syslog", 1)
	at := time.Unix(100, 0)
	r := book.Record(at, false)
	book.Received(src, 10, 50)
	book.Refused(src, "rate", 10)
	book.KernelDrops("syslog", 10)
	c := r.Sources[src]
	if c.Received != 1 || c.Bytes != 5 || c.Refused["rate"] != 1 || r.Kernel["syslog"] != 1 {
		t.Errorf("it became %+v, kernel %v", c, r.Kernel)
	}
	if r.Hop != ledger.HopIngest || r.Instance != "a" || r.Start != 1 || !r.At.Equal(at) || r.Clean {
		t.Errorf("record %+v", r)
	}
	if c.First.IsZero() || c.Last.Before(c.First) {
		t.Errorf("received from %s to %s", c.First, c.Last)
	}
}

// TestBook_KnownSourcesStay: a flood of new addresses does not take the rows of those that were there before.
func TestBook_KnownSourcesStay(t *testing.T) {
	book := ledger.NewBook(self, 2)
	book.Received("s/1", 1, 1)
	book.Received("s/2", 1, 1)
	for i := range 1000 {
		book.Received(fmt.Sprintf("forged/%d", i), 1, 1)
	}
	book.Received("s/1", 1, 1)
	got := book.Record(time.Now(), false).Sources
	if len(got) != 3 || got["s/1"].Received != 2 || got["s/2"].Received != 1 || got[ledger.Other].Received != 1000 {
		t.Errorf("%d sources: %+v", len(got), got)
	}
}

func BenchmarkBookReceived(b *testing.B) {
	b.ReportAllocs()
	book := ledger.NewBook(self, 100)
	for b.Loop() {
		book.Received(src, 100, 20_000)
	}
}

func TestBook_RefusedBy(t *testing.T) {
	book := ledger.NewBook(self, 10)
	if got := book.RefusedBy(); len(got) != 0 {
		t.Errorf("nothing was refused: %v", got)
	}
	book.Refused("syslog/192.0.2.1", "rate", 2)
	book.Refused("syslog/192.0.2.2", "rate", 3)
	book.Refused("syslog/192.0.2.2", "full", 1)
	got := book.RefusedBy()
	if len(got) != 2 || got["rate"] != 5 || got["full"] != 1 {
		t.Errorf("got %v", got)
	}
	got["rate"] = 99
	if again := book.RefusedBy(); again["rate"] != 5 {
		t.Errorf("who asked has changed the book: %v", again)
	}
}
