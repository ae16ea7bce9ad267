package watchdog

import (
	"strings"
	"testing"
	"time"
)

func TestCanaryLost(t *testing.T) {
	var list []Canary
	s := newSite(t, func(o *Options) { o.Reading.Canaries = func() []Canary { return list } })
	s.look(time.Minute)
	list = []Canary{{Via: "tcp", Answered: s.now}, {Via: "udp", Sent: s.now, Lost: 2, Hop: "stored", Forged: 1204}}
	s.look(time.Minute)
	if len(s.raised) != 1 || !strings.HasPrefix(s.raised[0].What, "2 by udp did not come out in a row; the last one was seen: stored; 1,204 canary lines came that weir never sent") {
		t.Fatalf("%+v", s.raised)
	}
	s.said()
	list[1].Lost = 0
	s.look(time.Minute)
	if got := s.said(); got != "weir-canary-lost/2 over" {
		t.Errorf("%s", got)
	}
	list[0] = Canary{Via: "tcp", Lost: 1, Hop: "send"}
	s.look(time.Minute)
	if len(s.raised) != 1 || !strings.Contains(s.raised[0].What, "was seen: nowhere") {
		t.Errorf("%+v", s.raised)
	}
}
