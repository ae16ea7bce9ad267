package cef

import (
	"testing"

	"weir/event"
	"weir/processors/parse/internal/role"
)

// Every key of the dictionary must do what it says: a value that fits sets a field.
func TestDictionary(t *testing.T) {
	values := []string{"5", "192.0.2.1", "00:11:22:33:44:55", "1543270652000", "580a783c1cb2b20613323f715d231a69", "success", "text", "tcp", "1"}
	names := map[string]string{}
	for key, x := range dictionary {
		if other, ok := names[x.name]; ok {
			t.Errorf("%s and %s are both %s", key, other, x.name)
		}
		names[x.name] = key
		if !x.hasRole {
			continue
		}
		ok := false
		for _, v := range values {
			var e event.Event
			ok = ok || x.key.Apply(&e, v) && e.Len() > 0
		}
		if !ok {
			t.Errorf("%s: no value fits", key)
		}
		if x.key.Role == role.Field && x.key.Field == 0 {
			t.Errorf("%s has no field", key)
		}
	}
	for _, n := range customNames {
		if _, ok := fullNames[n]; !ok && n != "flexNumber1" && n != "flexNumber2" {
			t.Errorf("%s is in no dictionary", n)
		}
	}
	for label := range labelKeys {
		if normal(label) != label {
			t.Errorf("label %q is not in its normal form", label)
		}
	}
}
