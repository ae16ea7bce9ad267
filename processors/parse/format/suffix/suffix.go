// Package suffix takes domain names apart by the public suffix list: who may register a name below which other one.
package suffix

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"net/netip"
	"strings"
	"sync"
)

// The part of the list of publicsuffix.org that is about registries (ICANN), without its comments, one rule a line, under the
// Mozilla Public License 2.0. What companies let their customers have (github.io) is theirs all the same.
//
//go:embed list.txt.gz
var packed []byte

// Kinds of rules.
const (
	exact    = 1 << iota // co.uk
	wildcard             // *.ck: any name below is a suffix
	except               // !www.ck: but not this one
)

// rules returns the list by name. It is unpacked when it is asked for the first time, which takes some milliseconds.
var rules = sync.OnceValue(func() map[string]uint8 {
	out := make(map[string]uint8, 10_000)
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return out // a test reads the list
	}
	for lines := bufio.NewScanner(z); lines.Scan(); {
		rule := lines.Text()
		switch {
		case strings.HasPrefix(rule, "*."):
			out[rule[2:]] |= wildcard
		case strings.HasPrefix(rule, "!"):
			out[rule[1:]] |= except
		default:
			out[rule] |= exact
		}
	}
	return out
})

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

// start returns where the suffix of a name begins: the longest rule counts, the last label where no rule fits.
func start(name string) int {
	list := rules()
	last := strings.LastIndexByte(name, '.') + 1
	below := -1 // where the label to the left begins
	for at := 0; ; {
		kind := list[name[at:]]
		next := strings.IndexByte(name[at:], '.')
		switch {
		case kind&except != 0:
			return at + next + 1 // the suffix is what is above
		case kind&wildcard != 0 && below >= 0:
			return below
		case kind&exact != 0:
			return at
		}
		if next < 0 {
			return last
		}
		below, at = at, at+next+1
	}
}
