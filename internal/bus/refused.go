package bus

import (
	"errors"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"weir/internal/bus/dial"
)

// refusalEvery is how often the log says why Kafka refuses records; each of them is counted.
const refusalEvery = time.Minute

// refusals remembers when a reason was last said.
type refusals struct {
	mu   sync.Mutex
	said map[string]time.Time
}

// refusing says once in a while why Kafka refuses records of a topic, and what to do.
func (b *Bus) refusing(topic string, err error) {
	f := dial.Explain(err, b.cfg, topic)
	if f == nil {
		return
	}
	b.refused.mu.Lock()
	again := time.Since(b.refused.said[f.Code+topic]) < refusalEvery
	if !again {
		if b.refused.said == nil {
			b.refused.said = map[string]time.Time{}
		}
		b.refused.said[f.Code+topic] = time.Now()
	}
	b.refused.mu.Unlock()
	if !again {
		b.log.Error("a fault", "what", f.What, "component", "bus", "topic", topic, "why", f.Why, "do", f.Do)
	}
}

// reasonOf names in the ledger why Kafka would not take a record. The reasons are few, so that they can be summed.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge):
		return reasonKafka + ": too large"
	case errors.Is(err, kerr.InvalidTimestamp):
		return reasonKafka + ": clock"
	case errors.Is(err, kerr.TopicAuthorizationFailed) || errors.Is(err, kerr.ClusterAuthorizationFailed):
		return reasonKafka + ": not permitted"
	case errors.Is(err, kerr.InvalidRecord) || errors.Is(err, kerr.CorruptMessage):
		return reasonKafka + ": invalid"
	}
	return reasonKafka
}

// forGood tells whether an answer to a record will be the same again, so that whoever has the record must go on without
// it. Rights and topics are none of these: an operator can give them back.
func forGood(err error) bool {
	for _, is := range []error{kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord, kerr.InvalidTimestamp} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}
