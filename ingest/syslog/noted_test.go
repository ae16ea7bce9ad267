package syslog

import (
	"strconv"
	"testing"
	"time"
)

func TestNoted(t *testing.T) {
	var n noted
	if !n.first("a") || n.first("a") || !n.first("b") {
		t.Error("the first time, and only the first, is to be logged")
	}
	n.seen["a"] = time.Now().Add(-2 * notedAgain)
	if !n.first("a") {
		t.Error("not logged again after an hour")
	}
	for i := range 3 * maxNoted {
		n.first(strconv.Itoa(i))
	}
	if len(n.seen) > maxNoted {
		t.Errorf("%d things are remembered", len(n.seen))
	}
}
