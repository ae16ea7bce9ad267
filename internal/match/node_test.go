package match

import (
	"strings"
	"testing"

	"weir/internal/match/tree"
)

func TestNeeds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		src, field, want string
		ok               bool
	}{
		{`process.name == "sshd" and user.name == "x"`, "process.name", "sshd", true},
		{`process.name in ["su", "sudo"] and user.name == "x"`, "process.name", "su sudo", true},
		{`process.name == "a" or process.name == "b"`, "process.name", "a b", true},
		{`process.name == "a" or user.name == "b"`, "process.name", "", false},
		{`not (process.name == "a")`, "process.name", "", false},
		{`process.name != "a"`, "process.name", "", false},
		{`lower(process.name) == "a"`, "process.name", "", false},
		{`process.name in ["a", "b"] and process.name == "a"`, "process.name", "a", true},
		{`process.name == user.name`, "process.name", "", false},
		{`process.name contains "a"`, "process.name", "", false},
	}
	for _, tt := range tests {
		got, ok := mustCompile(t, tt.src).Needs(tt.field)
		if ok != tt.ok || strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v %v", tt.src, got, ok)
		}
	}
}

// TestGather: leaves of an or that ask the same of one field become one look-up; those that differ in anything stay.
func TestGather(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]int{
		strings.TrimSuffix(strings.Repeat(`user.name == "a" or `, 9), " or "):                                                                 1,
		`user.name == "a" or user.name == "b" or user.name == "c"`:                                                                            3,
		`user.name == "a" or user.name in ["b", "c"] or host.name == "x" or user.name == "d" or user.name == "e"`:                             2,
		`user.name == "a" or ieq(user.name, "b") or user.name == "c" or user.name == "d" or user.name == "e"`:                                 2,
		`user.name contains "a" or user.name contains "b" or user.name contains "c" or user.name contains "d"`:                                1,
		`user.name matches "a" or user.name matches "b" or user.name matches "c" or user.name matches "d"`:                                    4,
		`ieq(user.name, host.name) or ieq(user.name, user.id) or ieq(user.name, source.ip) or ieq(user.name, host.id) or ieq(user.name, "x")`: 5,
		`hour(@) == 1 or hour(@) == 2 or minute(@) == 3 or hour(@) == 4`:                                                                      4,
		`cidr(source.ip, "10.0.0.0/8") or cidr(source.ip, "11.0.0.0/8") or cidr(source.ip, "12.0.0.0/8") or cidr(source.ip, "13.0.0.0/8")`:    1,
	} {
		src = strings.ReplaceAll(src, "@", "weir.time")
		c := mustCompile(t, src)
		out, err := newLowering("", nil).gather(c.root.kids)
		if err != nil || len(out) != want {
			t.Errorf("%s: %d parts, want %d: %v", src, len(out), want, err)
		}
		if c.root.op != tree.Or || len(c.root.kids) != len(c.Tree().Kids) {
			t.Errorf("%s: what is explained is not what is written", src)
		}
	}
}
