package ebpf

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	if d := time.Until(newClock().wall(uint64(bootNow()))); d > time.Minute || d < -time.Minute {
		t.Errorf("now is %v off", d)
	}
}
