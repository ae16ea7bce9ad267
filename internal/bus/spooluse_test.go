package bus_test

import (
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/bus"
)

// TestDoor_Spool: what Kafka does not have is in the spool, by topic, and gone from it when Kafka has it.
func TestDoor_Spool(t *testing.T) {
	dir, k := t.TempDir(), startKafka(t)
	b := open(t, filepath.Join(dir, "bus"), k.use(nil))
	defer b.Close()
	s := newSending(t, b, dir)
	used := func() (of bus.SpoolUse, other int64) {
		for _, u := range s.door.Spool() {
			if u.MaxBytes <= 0 {
				t.Errorf("%s has no bound", u.Topic)
			}
			if strings.HasSuffix(u.Topic, "raw.syslog") {
				of = u
			} else {
				other += u.Bytes
			}
		}
		return of, other
	}
	if u, other := used(); u.Bytes != 0 || u.Used != 0 || other != 0 || u.Topic == "" {
		t.Errorf("while Kafka is there: %+v, others %d", u, other)
	}
	k.stop()
	s.mustSend(t, 500)
	eventually(t, "the spool has everything", func() bool { return s.acked.Load() == 500 })
	u, other := used()
	if u.Bytes < 500 || u.Bytes > u.MaxBytes || other != 0 {
		t.Errorf("while Kafka is away: %+v, others %d", u, other)
	}
	if mean := float64(u.Bytes) / float64(u.MaxBytes); u.Used < mean || u.Used > 1 {
		t.Errorf("the fullest partition has %v, all together %v", u.Used, mean)
	}
	k.start()
	eventually(t, "the spool is empty", func() bool { return s.door.Waiting() == 0 })
	if u, _ := used(); u.Bytes != 0 || u.Used != 0 {
		t.Errorf("after it was forwarded: %+v", u)
	}
	s.close(t)
}

// TestDoor_SpoolEmbedded: before the embedded broker there is none.
func TestDoor_SpoolEmbedded(t *testing.T) {
	dir := t.TempDir()
	b := open(t, filepath.Join(dir, "bus"), nil)
	defer b.Close()
	s := newSending(t, b, dir)
	s.mustSend(t, 10)
	if got := s.door.Spool(); got != nil {
		t.Errorf("got %+v", got)
	}
	ends, err := b.Ends(t.Context(), bus.RawSyslog)
	if err != nil {
		t.Fatal(err)
	}
	starts, err := b.Starts(t.Context(), bus.RawSyslog)
	if err != nil || len(starts[b.Topic(bus.RawSyslog)]) != len(ends[b.Topic(bus.RawSyslog)]) {
		t.Errorf("starts %v, ends %v (%v)", starts, ends, err)
	}
	s.close(t)
}
