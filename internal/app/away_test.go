package app

import (
	"errors"
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestStoppedWithoutKafka(t *testing.T) {
	cause := errors.New("refused")
	for _, tc := range []struct {
		name    string
		spooled int64
		want    string
	}{
		{"nothing spooled", 0, "what it holds is stored at the next start"},
		{"records in the spool", 1204, "1204 records stay in the spool and go to Kafka at the next start"},
	} {
		err := stoppedWithoutKafka(cause, tc.spooled)
		if fault.Code(err) != "kafka-away" || fault.Exit(err) != fault.ExitMissing || !strings.Contains(err.Error(), tc.want) || !errors.Is(err, cause) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}
