package asa

import (
	"strings"
	"testing"
)

func TestKeyName(t *testing.T) {
	tests := []struct{ key, want string }{
		{"SrcIP", "src_ip"}, {"ACPolicy", "ac_policy"}, {"Prefilter Policy", "prefilter_policy"}, {"DNS_TTL", "dns_ttl"},
		{"SSLURLCategory", "sslurl_category"}, {"IPReputationSICategory", "ip_reputation_si_category"}, {"GID", "gid"},
		{"FileSHA256", "file_sha256"}, {"K10", "k10"}, {"HTTP Referer", "http_referer"}, {"A  B", "a_b"}, {"", ""},
	}
	for _, tt := range tests {
		if got := keyName(tt.key); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.key, got, tt.want)
		}
	}
}

// TestFieldOf: the table and the rule say the same, and the table saves the memory.
func TestFieldOf(t *testing.T) {
	for key := range strings.FieldsSeq(securityKeys) {
		if got := fieldOf(key); got != keyName(key) {
			t.Errorf("%s: %s", key, got)
		}
	}
	if n := testing.AllocsPerRun(100, func() { fieldOf("AccessControlRuleAction") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if got := fieldOf("Something New"); got != "something_new" {
		t.Errorf("got %s", got)
	}
}
