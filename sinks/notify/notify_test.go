package notify

import (
	"testing"
	"time"
)

func TestLife(t *testing.T) {
	w := newWorld(t, simple)
	w.comes(w.alert("a1", "ssh", "high", "web-1"))
	w.pass(9 * time.Second)
	w.want("mail")
	w.comes(w.alert("a2", "ssh", "high", "web-1"), w.alert("b1", "ssh", "low", "web-2"))
	w.pass(time.Second)
	w.want("mail", "firing rule=ssh host.name=web-1: a1 a2")
	w.pass(10 * time.Second)
	w.want("mail", "firing rule=ssh host.name=web-2: b1")
	w.comes(w.alert("a3", "ssh", "critical", "web-1"))
	w.pass(4 * time.Minute)
	w.want("mail")
	w.pass(time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a3 a1 a2")
	w.decides("b1", 1, "acknowledged")
	w.decides("a1", 1, "closed")
	w.pass(4 * time.Hour)
	w.want("mail", "repeat rule=ssh host.name=web-1: a3 a2")
	w.decides("a2", 1, "closed")
	w.decides("a3", 1, "closed")
	w.decides("b1", 2, "closed")
	w.pass(time.Minute)
	w.want("mail", "resolved rule=ssh host.name=web-1: a3/closed a1/closed a2/closed", "resolved rule=ssh host.name=web-2: b1/closed")
	w.pass(24 * time.Hour)
	w.want("mail")
}
