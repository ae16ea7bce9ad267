package match

import (
	"strings"
	"testing"
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
