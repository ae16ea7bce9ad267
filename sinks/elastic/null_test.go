package elastic

import (
	"fmt"
	"github.com/twmb/franz-go/pkg/kgo"
	"os"
	"testing"
	"time"
)

func TestNull(t *testing.T) {
	url := os.Getenv("NULL_URL")
	if url == "" {
		t.Skip()
	}
	k := newKafka(t)
	n := 400000
	parts := [][]*kgo.Record{benchRecords(0, n/2), benchRecords(1, n-n/2)}
	for run := range 2 {
		for _, compression := range []string{"none", "gzip"} {
			if c := os.Getenv("COMP"); c != "" && c != compression {
				continue
			}
			s, _ := newSink(t, k, []string{url}, func(o *Options) {
				o.Config.Compression, o.Group = compression, fmt.Sprint("g", run, compression)
			})
			before, start := cpu(), time.Now()
			load(t, s, parts...)
			t.Logf("%s %.2f CPU-s/M %.0f/s", compression, (cpu()-before).Seconds()/float64(n)*1e6, float64(n)/time.Since(start).Seconds())
			s.Close()
		}
	}
}
