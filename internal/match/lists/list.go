// Package lists holds sets of texts and networks, and reads addresses.
package lists

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
)

// List is a set of texts and networks. It is immutable and safe for many goroutines.
type List struct {
	texts map[string]struct{}
	nets  map[netip.Prefix]struct{}
	// Lengths that occur, longest first.
	bits []prefixLen
}

type prefixLen struct {
	bits int
	v6   bool
}

// maxListBytes bounds one list: a million addresses fit.
const maxListBytes = 64 << 20

// New makes a list of values: networks such as 10.0.0.0/8 match every address in them, all else matches itself.
func New(values ...string) *List {
	l := &List{texts: make(map[string]struct{}, len(values)), nets: map[netip.Prefix]struct{}{}}
	for _, v := range values {
		l.add(v)
	}
	return l
}

// Read reads a list: one value a line, # begins a comment, blanks around a value do not count.
func Read(r io.Reader) (*List, error) {
	l := New()
	// One byte more than a list may have tells one that just fits from one that was cut.
	lim := &io.LimitedReader{R: r, N: maxListBytes + 1}
	sc := bufio.NewScanner(lim)
	// A longer line is an error: half of a value would match something that nobody wrote.
	sc.Buffer(make([]byte, 0, 4096), 64<<10)
	for sc.Scan() {
		line, _, _ := strings.Cut(strings.TrimPrefix(sc.Text(), "\ufeff"), "#")
		if line = strings.TrimSpace(line); line != "" {
			l.add(line)
		}
	}
	// Half of a list is none: rules that name it keep the one from before, or are refused.
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("reading a list: %w", err)
	}
	if lim.N <= 0 {
		return nil, fmt.Errorf("reading a list: it is longer than %d MiB", maxListBytes>>20)
	}
	return l, nil
}

// add puts a value where Has will look for it: addresses in the one way in which parsers write them, networks by their
// length, all else as it is.
func (l *List) add(v string) {
	if !strings.Contains(v, "/") {
		if ip, err := netip.ParseAddr(v); err == nil {
			v = ip.Unmap().String()
		}
		l.texts[v] = struct{}{}
		return
	}
	p, err := ParsePrefix(v)
	if err != nil {
		l.texts[v] = struct{}{}
		return
	}
	l.addNet(p)
}

// addNet adds a network.
func (l *List) addNet(p netip.Prefix) {
	l.nets[p] = struct{}{}
	// Lists have few lengths and may have a million networks, so Has looks once for each length.
	n := prefixLen{p.Bits(), p.Addr().Is6()}
	if !slices.Contains(l.bits, n) {
		l.bits = append(l.bits, n)
		slices.SortFunc(l.bits, func(a, b prefixLen) int { return b.bits - a.bits })
	}
}

// Len returns how many values the list has.
func (l *List) Len() int { return len(l.texts) + len(l.nets) }

// Has tells whether the value is in the list, as itself or as an address in one of its networks.
func (l *List) Has(s string) bool {
	if _, ok := l.texts[s]; ok {
		return true
	}
	// Most values of a list field are no addresses, so the texts come first.
	return len(l.nets) > 0 && l.hasAddress(s)
}

// hasAddress tells whether the value is an address in one of the networks.
func (l *List) hasAddress(s string) bool {
	ip, ok := ParseAddr(s)
	if !ok {
		return false
	}
	for _, n := range l.bits {
		if n.v6 != ip.Is6() {
			continue
		}
		p, err := ip.Prefix(n.bits)
		if err != nil {
			continue
		}
		if _, ok := l.nets[p]; ok {
			return true
		}
	}
	return false
}
