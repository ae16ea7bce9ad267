package app

import (
	"slices"
	"testing"

	"weir/internal/bus"
)

// TestStages: the order in which stages are stopped follows the data, and no topic but the archive's is read twice.
func TestStages(t *testing.T) {
	if stages[archiveRow].name != "archive" {
		t.Errorf("row %d is %s", archiveRow, stages[archiveRow].name)
	}
	place := map[string]int{}
	readers := map[string][]string{}
	for i, st := range stages {
		if _, twice := place[st.name]; twice || st.make == nil || len(st.topics) == 0 {
			t.Errorf("row %d: %+v", i, st)
		}
		place[st.name] = i
		for _, topic := range st.topics {
			readers[topic] = append(readers[topic], st.name)
		}
	}
	for _, before := range [][2]string{
		{"normalise", "correlate"}, {"correlate", "alerts"}, {"normalise", "archive"}, {"correlate", "archive"}, {"normalise", "ledger"},
	} {
		if place[before[0]] >= place[before[1]] {
			t.Errorf("%s writes what %s reads, and is stopped after it", before[0], before[1])
		}
	}
	for _, topic := range append(bus.RawTopics(), bus.Events, bus.Signals, bus.Alerts, bus.DeadLetters, bus.LedgerTopic) {
		if len(readers[topic]) == 0 {
			t.Errorf("nobody reads %s", topic)
		}
		if len(readers[topic]) > 1 && !slices.Contains(readers[topic], "archive") {
			t.Errorf("%s is read by %v", topic, readers[topic])
		}
	}
}
