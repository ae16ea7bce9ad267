package auditd

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	tests := []struct{ name, s, want string }{
		{"a path", "2F746D702F61", "/tmp/a"},
		{"a word of small letters", "cafe", "cafe"},
		{"an odd number of digits", "2F7", "2F7"},
		{"one digit", "7", "7"},
		{"no digits", "bash", "bash"},
		{"Korean", "EAB080", "가"},
		{"bytes that are no text", "FF41", "\ufffdA"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := decode(tt.s); got != tt.want {
				t.Errorf("decode(%q) is %q, want %q", tt.s, got, tt.want)
			}
		})
	}
}

func TestTyped(t *testing.T) {
	for s, want := range map[string]string{"ls\r": "ls^M", "\x1b[A": "^[[A", "a\x7f": "a^?", "plain 가": "plain 가", "": ""} {
		if got := typed(s); got != want {
			t.Errorf("typed(%q) is %q, want %q", s, got, want)
		}
	}
}

func TestTitle(t *testing.T) {
	if got := title("sh\x00-c\x00x\x00"); got != "sh -c x" {
		t.Errorf("the title is %q", got)
	}
}

func TestSockaddr(t *testing.T) {
	tests := []struct {
		name, s string
		want    socket
		ok      bool
	}{
		{"IPv4", "020001BBC6336407", socket{family: "inet", address: "198.51.100.7", port: 443}, true},
		{"IPv4 of a machine of the other order", "000201BBC6336407", socket{family: "inet", address: "198.51.100.7", port: 443}, true},
		{"IPv6", "0A00003500000000" + strings.Repeat("0", 30) + "01" + "00000000", socket{family: "inet6", address: "::1", port: 53}, true},
		{"IPv4 within IPv6", "0A00003500000000" + "00000000000000000000FFFF" + "C6336407" + "00000000", socket{family: "inet6", address: "198.51.100.7", port: 53}, true},
		{"a path", "01002F72756E2F7800", socket{family: "local", path: "/run/x"}, true},
		{"a name in no file system", "0100007800", socket{family: "local", path: "@x"}, true},
		{"a socket without a name", "0100", socket{family: "local"}, true},
		{"netlink", "100000000000000000000000", socket{family: "netlink"}, true},
		{"another family", "260000000000", socket{family: "38"}, true},
		{"too short for its family", "0200", socket{family: "2"}, true},
		{"small letters", "0200005063336407"[:8] + "c6336407", socket{family: "inet", address: "198.51.100.7", port: 80}, true},
		{"no digits", "{ saddr_fam=inet }", socket{}, false},
		{"nothing", "", socket{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := sockaddr(tt.s)
			if got != tt.want || ok != tt.ok {
				t.Errorf("sockaddr is %+v %v, want %+v %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

// FuzzDecode holds that what was encoded as the kernel does it comes back.
func FuzzDecode(f *testing.F) {
	f.Add("/tmp/a b")
	f.Add("가\x00")
	f.Fuzz(func(t *testing.T, s string) {
		if got := decode(strings.ToUpper(hex.EncodeToString([]byte(s)))); got != strings.ToValidUTF8(s, "\ufffd") {
			t.Errorf("%q came back as %q", s, got)
		}
		sockaddr(s)
		typed(s)
	})
}
