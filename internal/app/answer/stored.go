package answer

import (
	"strings"

	"weir/internal/archive"
	"weir/internal/ledger"
)

// StoredBySource returns the rows that came through the front door. What weir itself makes, alerts and dead letters,
// is in the archive too, under the name of its topic: it was never received.
func StoredBySource(ar *archive.Archive) map[string]int64 {
	out := map[string]int64{}
	for source, c := range ar.Counts() {
		if strings.Contains(source, "/") || source == ledger.Other {
			out[source] = int64(c.Stored)
		}
	}
	return out
}
