package codes

import (
	"testing"
)

func TestNumber(t *testing.T) {
	for s, want := range map[string]uint64{"0": 0, "4624": 4624, "0x1F": 31, "0XfF": 255, "18446744073709551615": 1<<64 - 1} {
		if n, ok := Number(s); !ok || n != want {
			t.Errorf("%s is %d %t", s, n, ok)
		}
	}
	for _, s := range []string{"", "-", "-1", "0x", "x1", "1f", "0x10000000000000000", "1 "} {
		if n, ok := Number(s); ok {
			t.Errorf("%q is %d", s, n)
		}
	}
}

// Each table by a number of it, by one that is not in it, and by what is no number.
func TestWords(t *testing.T) {
	for name, c := range map[string]struct {
		of          func(string) string
		known, word string
	}{
		"logon types":      {LogonType, "10", "RemoteInteractive"},
		"statuses":         {Status, "0xC000006A", "User logon with misspelled or bad password"},
		"statuses, small":  {Status, "0xc0000234", "User logon with account locked"},
		"accounts":         {SID, "S-1-5-18", "Local System"},
		"trust types":      {TrustType, "2", "TRUST_TYPE_UPLEVEL"},
		"trust directions": {TrustDirection, "0", "TRUST_DIRECTION_DISABLED"},
		"trust attributes": {TrustAttribute, "8", "TRUST_ATTRIBUTE_FOREST_TRANSITIVE"},
		"service types":    {ServiceType, "0x10", "Win32 Own Process"},
		"encryption":       {Encryption, "0x17", "RC4-HMAC"},
		"Kerberos":         {Kerberos, "0x18", "KDC_ERR_PREAUTH_FAILED"},
		"DNS statuses":     {DNSStatus, "9003", "DNS_ERROR_RCODE_NAME_ERROR"},
	} {
		if got := c.of(c.known); got != c.word {
			t.Errorf("%s: %q, want %q", name, got, c.word)
		}
		for _, s := range []string{"0xfedcba98", "4000000000", "", "-", "none"} {
			if got := c.of(s); got != "" {
				t.Errorf("%s: %q is %q", name, s, got)
			}
		}
	}
	if DNSType(28) != "AAAA" || DNSType(-1) != "" {
		t.Error("types of records")
	}
}
