package ends

import (
	"strings"
	"testing"

	"weir/event"
)

func TestMAC(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"colons", "00:1b:2c:3d:4e:5f", "00-1B-2C-3D-4E-5F"},
		{"hyphens", "00-1B-2C-3D-4E-5F", "00-1B-2C-3D-4E-5F"},
		{"Cisco", "001b.2c3d.4e5f", "00-1B-2C-3D-4E-5F"},
		{"nothing between", "001b2c3d4e5f", "00-1B-2C-3D-4E-5F"},
		{"all letters", "aa:bb:cc:dd:ee:ff", "AA-BB-CC-DD-EE-FF"},
		{"too short", "00:1b:2c:3d:4e", ""},
		{"one digit short", "00:1b:2c:3d:4e:5", ""},
		{"EUI-64", "00:1b:2c:ff:fe:3d:4e:5f", ""},
		{"a word", "zz:1b:2c:3d:4e:5f", ""},
		{"blanks", "00 1b 2c 3d 4e 5f", ""},
		{"nothing", "", ""},
		{"only separators", "::::", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			ok := MAC(&e, event.SourceMAC, tt.in)
			if ok != (tt.want != "") || e.Str(event.SourceMAC) != tt.want {
				t.Errorf("%t, %q", ok, e.Str(event.SourceMAC))
			}
		})
	}
	var e event.Event
	MAC(&e, event.HostMAC, "001b2c3d4e5f")
	MAC(&e, event.HostMAC, "00:1B:2C:3D:4E:5F")
	MAC(&e, event.HostMAC, "001b2c3d4e60")
	if got := e.Get(event.HostMAC).Text(); got != `["00-1B-2C-3D-4E-5F","00-1B-2C-3D-4E-60"]` {
		t.Errorf("a list of them: %s", got)
	}
}

// FuzzMAC: whatever is taken has the form of ECS and the digits that were written.
func FuzzMAC(f *testing.F) {
	for _, s := range []string{"00:1b:2c:3d:4e:5f", "001b.2c3d.4e5f", "0:0:0", strings.Repeat("a", 12), strings.Repeat(":", 40)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var e event.Event
		if !MAC(&e, event.SourceMAC, s) {
			if e.Len() != 0 {
				t.Errorf("%q was refused and set", s)
			}
			return
		}
		digits := func(s string) string {
			return strings.ToUpper(strings.NewReplacer(":", "", "-", "", ".", "").Replace(s))
		}
		got := e.Str(event.SourceMAC)
		if len(got) != 17 || strings.Count(got, "-") != 5 || digits(got) != digits(s) {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func BenchmarkMAC(b *testing.B) {
	b.ReportAllocs()
	var e event.Event
	for b.Loop() {
		MAC(&e, event.SourceMAC, "00:1b:2c:3d:4e:5f")
	}
}
