package limit

import (
	"strconv"
	"testing"
	"time"
)

func TestNoted(t *testing.T) {
	var n Noted
	if !n.First("a") || n.First("a") || !n.First("b") {
		t.Error("the first time, and only the first, is to be logged")
	}
	n.seen["a"] = time.Now().Add(-2 * notedAgain)
	if !n.First("a") {
		t.Error("not logged again after an hour")
	}
	for i := range 3 * maxNoted {
		n.First(strconv.Itoa(i))
	}
	if len(n.seen) > maxNoted {
		t.Errorf("%d things are remembered", len(n.seen))
	}
}
