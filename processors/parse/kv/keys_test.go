package kv

import (
	"testing"

	"weir/event"
)

// Every key is in its normal form, and a value that fits sets a field.
func TestKeys(t *testing.T) {
	values := []string{"5", "192.0.2.1", "00:11:22:33:44:55", "580a783c1cb2b20613323f715d231a69", "success", "inbound", "text", "tcp"}
	for key, k := range keys {
		if got := string(normal(make([]byte, 0, maxKey), key)); got != key {
			t.Errorf("%s is not in its normal form, %s", key, got)
		}
		ok := false
		for _, v := range values {
			var e event.Event
			ok = ok || k.Apply(&e, v) && e.Len() > 0
		}
		if !ok {
			t.Errorf("%s: no value fits", key)
		}
	}
}

func TestNormal(t *testing.T) {
	tests := map[string]string{"SrcIP": "srcip", "src_ip": "srcip", "Src-Ip.": "srcip", "": "", "a1": "a1"}
	for key, want := range tests {
		if got := string(normal(make([]byte, 0, maxKey), key)); got != want {
			t.Errorf("%s: %s", key, got)
		}
	}
	if got := normal(make([]byte, 0, 2), "abc"); string(got) != "ab" {
		t.Errorf("beyond its room: %s", got)
	}
}
