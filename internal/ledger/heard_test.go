package ledger

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"weir/internal/record"
)

func TestHeard(t *testing.T) {
	s, err := OpenStore(filepath.Join(t.TempDir(), "ledger.json"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if at, by := s.Heard(); !at.IsZero() || len(by) != 0 {
		t.Errorf("of nobody: %s %v", at, by)
	}
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for i, rec := range []Record{
		{Hop: HopIngest, Instance: "a", Start: 1, At: noon, Sources: map[string]*Counts{"syslog/1": {Received: 5, Last: noon}, "syslog/2": {Received: 1, Last: noon}}},
		{Hop: HopIngest, Instance: "a", Start: 1, At: noon.Add(10 * time.Second), Sources: map[string]*Counts{"syslog/1": {Received: 7, Last: noon.Add(9 * time.Second)}, "syslog/2": {Received: 1, Last: noon}}},
		{Hop: HopIngest, Instance: "b", Start: 4, At: noon.Add(5 * time.Second), Sources: map[string]*Counts{"syslog/1": {Received: 3, Last: noon.Add(4 * time.Second)}}},
	} {
		value, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.fold.Apply(value); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
	}
	at, by := s.Heard()
	if !at.Equal(noon.Add(10*time.Second)) || by["syslog/1"].Received != 10 || !by["syslog/1"].Last.Equal(noon.Add(9*time.Second)) || by["syslog/2"].Received != 1 {
		t.Errorf("%s %+v", at, by)
	}
}

func TestKernel(t *testing.T) {
	b := NewBook(record.Ing{Ingester: "a", Start: 1}, 10)
	b.KernelDrops("syslog", 3)
	got := b.Kernel()
	got["syslog"] = 0
	if b.Kernel()["syslog"] != 3 {
		t.Errorf("%v", b.Kernel())
	}
}
