// Package suffix takes domain names apart by the public suffix list: who may register a name below which other one.
package suffix

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Parts takes a name apart: www.example.co.uk is www, example.co.uk and co.uk. A name that is a suffix itself has only that;
// an address has nothing, nor has a name without a full stop. Letters stay as they are written.
func Parts(name string) (sub, registered, top string) {
	name = strings.TrimSuffix(name, ".")
	if strings.IndexByte(name, '.') <= 0 || strings.Contains(name, "..") || len(name) > 253 {
		return "", "", ""
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return "", "", ""
	}
	at := start(lower(name))
	top = name[at:]
	if at == 0 {
		return "", "", top
	}
	// One more label to the left can be registered.
	from := strings.LastIndexByte(name[:at-1], '.') + 1
	registered = name[from:]
	if from > 0 {
		sub = name[:from-1]
	}
	return sub, registered, top
}

// lower makes small letters of A to Z: those of other scripts may be of another length, and places would be others.
func lower(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' }) < 0 {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// start returns where the suffix of a name begins. Only the part of the list that is about registries (ICANN) counts: what
// companies let their customers have (github.io) is theirs all the same. So a company's suffix is asked for its own.
func start(name string) int {
	suffix, registry := publicsuffix.PublicSuffix(name)
	for !registry {
		_, above, ok := strings.Cut(suffix, ".")
		if !ok {
			break // a last label that no rule knows
		}
		suffix, registry = publicsuffix.PublicSuffix(above)
	}
	return len(name) - len(suffix)
}
