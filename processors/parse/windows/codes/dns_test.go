package codes

import "testing"

func TestDNSType(t *testing.T) {
	for n, want := range map[int]string{
		1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 35: "NAPTR",
		43: "DS", 46: "RRSIG", 48: "DNSKEY", 52: "TLSA", 64: "SVCB", 65: "HTTPS", 252: "AXFR", 255: "ANY", 257: "CAA",
		65281: "WINS",
		0:     "", 40_000: "", 1 << 20: "",
	} {
		if got := DNSType(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// Results that a lookup has, and those of other parts of Windows.
func TestDNSStatus(t *testing.T) {
	for s, want := range map[string]string{
		"0":     "SUCCESS",
		"87":    "ERROR_INVALID_PARAMETER",
		"123":   "ERROR_INVALID_NAME",
		"1214":  "ERROR_INVALID_NETNAME",
		"1460":  "ERROR_TIMEOUT",
		"9001":  "DNS_ERROR_RCODE_FORMAT_ERROR",
		"9002":  "DNS_ERROR_RCODE_SERVER_FAILURE",
		"9003":  "DNS_ERROR_RCODE_NAME_ERROR",
		"9005":  "DNS_ERROR_RCODE_REFUSED",
		"9501":  "DNS_INFO_NO_RECORDS",
		"9560":  "DNS_ERROR_INVALID_NAME_CHAR",
		"9701":  "DNS_ERROR_RECORD_DOES_NOT_EXIST",
		"9852":  "DNS_ERROR_NO_DNS_SERVERS",
		"10054": "WSAECONNRESET",
		"10060": "WSAETIMEDOUT",
		"11001": "WSAHOST_NOT_FOUND",
		"2":     "",
		"0x0":   "",
		"":      "",
	} {
		if got := DNSStatus(s); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}
