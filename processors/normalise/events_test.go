package normalise

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/bus/produce"
	"weir/internal/record"
)

// readHeaders takes encoded headers apart as Kafka's clients do.
func readHeaders(t *testing.T, b []byte) string {
	t.Helper()
	number := func() int {
		n, size := binary.Varint(b)
		if size <= 0 || n < 0 {
			t.Fatalf("no number at %q", b)
		}
		b = b[size:]
		return int(n)
	}
	text := func() string {
		n := number()
		s := string(b[:n])
		b = b[n:]
		return s
	}
	out := ""
	for range number() {
		key := text()
		out += key + "=" + text() + " "
	}
	if len(b) > 0 {
		t.Fatalf("%q is left", b)
	}
	return out
}

// TestSheet fills a sheet with records of changing senders, makes all of its memory grow, and reads what it hands out, for
// two batches: what is shared between records is that of the right one.
func TestSheet(t *testing.T) {
	raws := []*record.Raw{
		rawFrom("syslog", "192.0.2.1:5", "a", 1), rawFrom("syslog", "192.0.2.1:5", "a", 1), rawFrom("syslog", "192.0.2.1:6", "a", 1),
		rawFrom("syslog", "[2001:db8::1]:6", "a", 1), rawFrom("kafka", "", "", 0), rawFrom("file", "", "a", 1), rawFrom("file", "", "a", 1), rawFrom("syslog", "192.0.2.1:5", "a", 1),
	}
	raws[5].Origin, raws[6].Origin = "/var/log/a", "/var/log/b"
	shared := []string{
		"weir-input=syslog weir-peer=192.0.2.1:5 ", "weir-input=syslog weir-peer=192.0.2.1:5 ", "weir-input=syslog weir-peer=192.0.2.1:6 ",
		"weir-input=syslog weir-peer=[2001:db8::1]:6 ", "weir-input=kafka ", "weir-input=file weir-origin=/var/log/a ", "weir-input=file weir-origin=/var/log/b ",
		"weir-input=syslog weir-peer=192.0.2.1:5 ",
	}
	classes := []string{"standard", "audit", ""}
	days := []string{"2024-10-04", "2024-10-05"}
	var s sheet
	for range 2 {
		s.begin()
		const n = 400
		for i := range n {
			var e event.Event
			e.SetStr(event.Message, strings.Repeat("m", i)+fmt.Sprint(i))
			raw := *raws[i%len(raws)]
			raw.ID = fmt.Sprint("id-", i)
			var rev []byte
			if i%5 == 0 {
				rev = []byte("2")
			}
			s.add(s.encode(&e), fmt.Append(nil, "src-", i), fmt.Append(nil, "prev-", i), &raw, raw.ID, rev, classes[i%3], int64(20_000+i/7%2))
		}
		b := &batch{events: s.events}
		for i := range n {
			var r produce.Record
			b.Record(i, &r)
			var e event.Event
			if err := e.Decode(r.Value); err != nil || e.Str(event.Message) != strings.Repeat("m", i)+fmt.Sprint(i) {
				t.Fatalf("document %d is %s (%v)", i, r.Value, err)
			}
			want := fmt.Sprintf("weir-src=src-%d weir-prev=prev-%d weir-id=id-%d ", i, i, i)
			if i%5 == 0 {
				want += "weir-rev=2 "
			}
			want += shared[i%len(raws)]
			if class := classes[i%3]; class != "" {
				want += "weir-day=" + class + "/" + days[i/7%2] + " "
			}
			if got := readHeaders(t, r.Headers); got != want {
				t.Fatalf("headers of %d: %s, want %s", i, got, want)
			}
		}
	}
}

func TestSheet_LetsHugeDocumentsGo(t *testing.T) {
	s := sheet{docs: make([]byte, 0, maxSheet+1)}
	if s.begin(); s.docs != nil {
		t.Error("the memory of a huge batch is kept")
	}
}

// TestSettled: Kafka's yes counts, its no ends the run, and what the end of the worker gave up is neither.
func TestSettled(t *testing.T) {
	var answers []error
	b := newBatch([]*kgo.Record{{}}, nil, func(err error) { answers = append(answers, err) })
	b.left.Store(5)
	b.Settled(0, 2, nil)
	b.Settled(2, 3, produce.ErrClosed)
	if len(answers) != 0 || b.isAcked() {
		t.Fatalf("answers %v", answers)
	}
	b.Settled(3, 4, errors.New("too large"))
	b.Settled(4, 5, errors.New("too large too"))
	if len(answers) != 1 || answers[0] == nil || b.isAcked() {
		t.Fatalf("answers %v", answers)
	}
}

func BenchmarkSheet(b *testing.B) {
	raw := rawFrom("syslog", "192.0.2.1:5", "a", 1)
	raw.ID = "k3v9qhd2m4xw/7/12345"
	src := []byte("weir.raw.syslog/1/12345/0")
	var s sheet
	b.ReportAllocs()
	for i := range b.N {
		if i%1000 == 0 {
			s.begin()
		}
		s.add(nil, src, src, raw, raw.ID, nil, "standard", 20_000)
	}
}
