package codes

import "testing"

// Results of the notes to the events 4768, 4769 and 4771.
func TestKerberos(t *testing.T) {
	for s, want := range map[string]string{
		"0x0":  "KDC_ERR_NONE",
		"0x6":  "KDC_ERR_C_PRINCIPAL_UNKNOWN",
		"6":    "KDC_ERR_C_PRINCIPAL_UNKNOWN",
		"0x7":  "KDC_ERR_S_PRINCIPAL_UNKNOWN",
		"0xC":  "KDC_ERR_POLICY",
		"0xe":  "KDC_ERR_ETYPE_NOTSUPP",
		"0x12": "KDC_ERR_CLIENT_REVOKED",
		"0x17": "KDC_ERR_KEY_EXPIRED",
		"0x18": "KDC_ERR_PREAUTH_FAILED",
		"0x19": "KDC_ERR_PREAUTH_REQUIRED",
		"0x1B": "KDC_ERR_MUST_USE_USER2USER",
		"0x1f": "KRB_AP_ERR_BAD_INTEGRITY",
		"0x20": "KRB_AP_ERR_TKT_EXPIRED",
		"0x22": "KRB_AP_ERR_REPEAT",
		"0x25": "KRB_AP_ERR_SKEW",
		"0x29": "KRB_AP_ERR_MODIFIED",
		"0x34": "KRB_ERR_RESPONSE_TOO_BIG",
		"0x3c": "KRB_ERR_GENERIC",
		"0x44": "KDC_ERR_WRONG_REALM",
		"0x1e": "", // never given out
		"0x45": "",
		"0x99": "",
		"-":    "",
	} {
		if got := Kerberos(s); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

func TestEncryption(t *testing.T) {
	for s, want := range map[string]string{
		"0x1":        "DES-CBC-CRC",
		"0x3":        "DES-CBC-MD5",
		"0x11":       "AES128-CTS-HMAC-SHA1-96",
		"0x12":       "AES256-CTS-HMAC-SHA1-96",
		"18":         "AES256-CTS-HMAC-SHA1-96",
		"0x17":       "RC4-HMAC",
		"0x18":       "RC4-HMAC-EXP",
		"0xffffffff": "FAIL",
		"0xFFFFFFFF": "FAIL",
		"0x2":        "",
		"":           "",
	} {
		if got := Encryption(s); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

// Bits are counted from the highest one, as in RFC 4120.
func TestTicketOptions_Bits(t *testing.T) {
	for i := range 32 {
		mask := "0x" + hex(1<<(31-i))
		words := TicketOptions(mask)
		if len(words) > 1 {
			t.Errorf("bit %d: %q", i, words)
		}
		switch name := map[int]string{1: "Forwardable", 8: "Renewable", 15: "Name-canonicalize", 27: "Renewable-ok", 30: "Renew", 31: "Validate"}[i]; {
		case name != "" && (len(words) != 1 || words[0] != name):
			t.Errorf("bit %d: %q, want %s", i, words, name)
		}
	}
}

// hex writes eight digits.
func hex(n uint32) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 8)
	for i := range out {
		out[7-i] = digits[n>>(4*i)&15]
	}
	return string(out)
}
