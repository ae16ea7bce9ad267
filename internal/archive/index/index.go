// Package index is the token index beside a sealed segment: which rows hold a token, and whether a value occurs at all.
// It is derived from the segment and can be rebuilt; it only says where to look. Every part that is read is covered by
// a checksum, so that a damaged index is refused and the segment is scanned instead.
//
// A file is: blocks of sorted terms, long postings, the bloom filter, the directory (the first term and the place of
// each block), and a trailer of fixed size. A term is a space byte and its text.
//
// Looking a term up reads the directory once, when the file is opened, then one block of about four kilobytes and, for
// a common term, its postings. Nothing else of the file is touched, so that a search over many segments stays cheap
// where most of them hold nothing.
//
// The index does not hold the words of fields other than message: those are compared whole, and the bloom filter says
// whether a segment has the value. It holds the words of what has no column, because there is nothing else to look at.
package index

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"net/netip"
	"strconv"
)

// Space is what a term is. It is the first byte of a term on disk.
type Space byte

// The spaces.
const (
	Message Space = 'm' // a folded token of message
	Other   Space = 'o' // a folded token of a text anywhere in Rest or Raw
	Number  Space = 'n' // a number anywhere in Rest or Raw, as NumberTerm writes it
	Path    Space = 'p' // a path that Rest or Raw has a value for
)

// ErrDamaged means that the index cannot be used; the segment is to be scanned, and the index rebuilt.
var ErrDamaged = errors.New("the index is damaged or of another segment")

const (
	magic       = "weirIDX1"
	trailerSize = 4 * 12 // see trailer
	blockSize   = 4 << 10
	inlineMax   = 64 // bytes of postings that stand in the block itself
)

// castagnoli is the polynomial that processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is CRC-32C.
func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// trailer is the end of the file: where directory and bloom filter are, the segment's rows and the first bytes of its
// SHA-256, and a checksum over all of that.
type trailer struct {
	dirOff, bloomOff uint64
	dirLen, bloomLen uint32
	rows             uint32
	segment          uint64
}

// append writes the trailer. Its own checksum does not cover the magic, which is compared as it is.
func (t trailer) append(dst []byte) []byte {
	start := len(dst)
	dst = binary.LittleEndian.AppendUint64(dst, t.dirOff)
	dst = binary.LittleEndian.AppendUint64(dst, t.bloomOff)
	dst = binary.LittleEndian.AppendUint32(dst, t.dirLen)
	dst = binary.LittleEndian.AppendUint32(dst, t.bloomLen)
	dst = binary.LittleEndian.AppendUint32(dst, t.rows)
	dst = binary.LittleEndian.AppendUint64(dst, t.segment)
	dst = binary.LittleEndian.AppendUint32(dst, checksum(dst[start:]))
	return append(dst, magic...)
}

// parseTrailer reads a trailer; ok is false for anything that append did not write.
func parseTrailer(b []byte) (t trailer, ok bool) {
	if len(b) != trailerSize || string(b[40:]) != magic || checksum(b[:36]) != binary.LittleEndian.Uint32(b[36:]) {
		return t, false
	}
	return trailer{
		dirOff: binary.LittleEndian.Uint64(b), bloomOff: binary.LittleEndian.Uint64(b[8:]),
		dirLen: binary.LittleEndian.Uint32(b[16:]), bloomLen: binary.LittleEndian.Uint32(b[20:]),
		rows: binary.LittleEndian.Uint32(b[24:]), segment: binary.LittleEndian.Uint64(b[28:]),
	}, true
}

// Of returns the part of a segment's SHA-256 that ties an index to it.
func Of(sha [32]byte) uint64 { return binary.LittleEndian.Uint64(sha[:]) }

// NumberTerm returns the one text of a number: 80, 80.0 and 8e1 are the same number.
func NumberTerm(f float64) string {
	if f == 0 {
		f = 0 // -0 is 0
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// ParseNumber reads a value as the number that a query would compare it as.
func ParseNumber(s string) (f float64, ok bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// AddrTerm returns the one text of an address, without its zone; ok is false for what is none.
func AddrTerm(s string) (string, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return "", false
	}
	return a.Unmap().WithZone("").String(), true
}

// V4 reads an IPv4 address in its one form; ok is false for anything else, which may be an address all the same.
func V4(s string) (addr uint32, ok bool) {
	part, digits, dots := uint32(0), 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9' && (digits == 0 || part > 0) && digits < 3:
			part = 10*part + uint32(c-'0')
			digits++
		case c == '.' && digits > 0 && part < 256 && dots < 3:
			addr = addr<<8 | part
			part, digits, dots = 0, 0, dots+1
		default:
			return 0, false
		}
	}
	return addr<<8 | part, dots == 3 && digits > 0 && part < 256
}
