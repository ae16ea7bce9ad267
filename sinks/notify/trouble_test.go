package notify

import (
	"strings"
	"testing"
	"time"

	"weir/sinks/notify/store"
)

func TestFailure(t *testing.T) {
	dead := store.Trouble{Channel: "mail", Kind: troubleDead, Begun: noon, Last: noon.Add(time.Minute), Count: 3, Error: "550 no", Revision: 2}
	a := failure(dead)
	if a.Rule != RuleFailed || a.Revision != 2 || a.Count != 3 || !a.First.Equal(noon) || !a.Last.Equal(dead.Last) || a.What != "the channel mail refused 3 messages for good: 550 no" || !strings.Contains(a.WhatKo, "mail") || a.Ended != nil {
		t.Errorf("dead %+v", a)
	}
	down := dead
	down.Kind, down.Ended = troubleDown, noon.Add(time.Hour)
	b := failure(down)
	if b.ID == a.ID || b.Ended == nil || !b.Ended.Equal(down.Ended) || !strings.HasPrefix(b.What, "nothing arrives over the channel mail since 2026-11-21T12:00:00Z") {
		t.Errorf("down %+v", b)
	}
	later := dead
	later.Revision, later.Count = 5, 9
	if failure(later).ID != a.ID {
		t.Error("revisions of a trouble are of one alert")
	}
	other := dead
	other.Begun = noon.Add(time.Second)
	if failure(other).ID == a.ID {
		t.Error("another trouble is another alert")
	}
}
