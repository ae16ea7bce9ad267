package correlate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/internal/fault"
	"weir/internal/record"
	"weir/processors/correlate/keep"
)

// positions knows, per source topic and partition, the highest position of which a record was taken. It is part of the
// snapshot. Without it a restart would take the copies that normalise writes after its own restart for new.
type positions map[string]record.Pos

// take decides what a record with these headers is: fresh, or one that came before. A record that names a position
// before it which never came is an error: something is missing between them. A source that was never seen is taken
// from where it stands, as what came before may have been trimmed.
func (p positions) take(src, prev string) (fresh bool, err error) {
	if src == "" {
		return true, nil // a foreign producer's record carries no position
	}
	pos, err := record.ParsePos(src)
	if err != nil {
		return false, fmt.Errorf("source position of a record: %w", err)
	}
	key := workerOf(src)
	seen, known := p[key]
	if known && pos.Compare(seen) <= 0 {
		return false, nil
	}
	if known && prev != "" {
		before, err := record.ParsePos(prev)
		if err != nil {
			return false, fmt.Errorf("position before a record: %w", err)
		}
		if before.Compare(seen) > 0 {
			return false, &fault.Error{Code: "stream-hole", What: "signals are missing", Where: "between " + seen.String() + " and " + src,
				Why: "the record names " + prev + " as the one before it, which never came", Do: "keep the folder as it is, and report it with the output of weir doctor: this is a fault of weir"}
		}
	}
	pos.Topic = strings.Clone(pos.Topic) // the text belongs to the record
	p[key] = pos
	return true, nil
}

// appendTo writes them in one order.
func (p positions) appendTo(e *keep.Encoder) {
	e.Count(len(p))
	for _, key := range slices.Sorted(maps.Keys(p)) {
		e.Text(p[key].String())
	}
}

// readPositions reads what appendTo wrote.
func readPositions(d *keep.Decoder) positions {
	p := positions{}
	for range d.Count() {
		text := d.Text()
		pos, err := record.ParsePos(text)
		if err != nil {
			d.Fail()
			return p
		}
		p[workerOf(text)] = pos
	}
	return p
}
