package app

import (
	"fmt"

	"weir/internal/fault"
)

// stoppedWithoutKafka is what a process says that ends while Kafka is away: not everything is stored, and nothing is lost.
func stoppedWithoutKafka(cause error, spooled int64) error {
	f := &fault.Error{Code: "kafka-away", What: "stopped while Kafka does not answer: what it holds is stored at the next start",
		Why: fault.Innermost(cause), Do: "start Kafka, then weir", Exit: fault.ExitMissing, Cause: cause}
	if spooled > 0 {
		f.What = fmt.Sprintf("stopped while Kafka does not answer: %d records stay in the spool and go to Kafka at the next start", spooled)
	}
	return f
}
