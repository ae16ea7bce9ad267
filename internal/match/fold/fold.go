// Package fold makes texts comparable without regard to case, and shows an event to conditions as texts.
//
// Folding is Unicode's simple folding in one canonical form: two texts have the same fold exactly where
// strings.EqualFold says that they are equal. So folds are compared byte by byte, searched by bytes and hashed. ASCII
// letters become lower-case, KELVIN SIGN becomes k and LATIN SMALL LETTER LONG S becomes s; other letters become the
// first of those that fold to one another, which may be a capital. A byte that is no UTF-8 becomes U+FFFD, as EqualFold
// sees it.
package fold

import (
	"encoding/binary"
	"sync"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Constants of the tests of eight bytes at a time.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
	lows  = 0x7f7f7f7f7f7f7f7f
)

// upper has 0x80 in each byte of x that is an ASCII capital. No byte of x is 0x80 or above.
func upper(x uint64) uint64 {
	// Sums of seven bits never carry into the next byte.
	return ((x + (0x80-'A')*ones) ^ (x + (0x7f-'Z')*ones)) & highs
}

// String returns the fold of s: s itself where it is one already and ASCII, else a new string.
func String(s string) string {
	if plain(s) == len(s) {
		return s
	}
	buf := Append(make([]byte, 0, len(s)+8), s)
	return unsafe.String(unsafe.SliceData(buf), len(buf)) // nobody else has buf
}

// plain returns the length of a beginning of s that is ASCII without capitals; it is len(s) where all of s is.
func plain(s string) int {
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	i := 0
	for ; len(b)-i >= 8; i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		if x&highs|upper(x&lows) != 0 {
			return i
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return i
		}
	}
	return i
}

// Append appends the fold of s to dst and returns it. s must not lie in the room behind dst.
func Append(dst []byte, s string) []byte {
	for {
		n := 0
		dst, n = appendASCII(dst, s)
		if s = s[n:]; s == "" {
			return dst
		}
		dst, n = appendOther(dst, s)
		if s = s[n:]; s == "" {
			return dst
		}
	}
}

// appendASCII folds a beginning of s that is ASCII, and returns how long it is.
func appendASCII(dst []byte, s string) ([]byte, int) {
	from := len(dst)
	if need := from + len(s); need > cap(dst) {
		grown := make([]byte, from, max(need, 2*cap(dst)))
		copy(grown, dst)
		dst = grown
	}
	src := unsafe.Slice(unsafe.StringData(s), len(s))
	out := dst[from : from+len(s)]
	i := 0
	for ; len(src)-i >= 8; i += 8 {
		x := binary.LittleEndian.Uint64(src[i:])
		if x&highs != 0 {
			break
		}
		binary.LittleEndian.PutUint64(out[i:], x|upper(x)>>2)
	}
	for ; i < len(src); i++ {
		c := src[i]
		if c >= utf8.RuneSelf {
			break
		}
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		out[i] = c
	}
	return dst[:from+i], i
}

// appendOther folds the letters beyond ASCII at the beginning of s. Single blanks and the like between them are taken
// along, so that text in another script does not change between the two ways at every word.
func appendOther(dst []byte, s string) ([]byte, int) {
	i, ascii := 0, 0
	for i < len(s) && ascii < 8 {
		c := s[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c |= 0x20
			}
			dst = append(dst, c)
			i, ascii = i+1, ascii+1
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if f := Rune(r); f == r && n > 1 {
			dst = append(dst, s[i:i+n]...)
		} else {
			dst = utf8.AppendRune(dst, f)
		}
		i, ascii = i+n, 0
	}
	return dst, i
}

// tabled is the end of the runes that have a place in the table: all scripts with two cases but few are below it.
const tabled = 0x3000

// table has the folds of the runes below tabled. It takes 24 KiB and less than a millisecond to make.
var table = sync.OnceValue(func() *[tabled]uint16 {
	t := new([tabled]uint16)
	for r := range rune(tabled) {
		f := canon(r)
		if f >= tabled {
			f = 0 // the few whose fold has no room here are worked out each time
		}
		t[r] = uint16(f)
	}
	return t
})

// Rune returns the fold of one rune.
func Rune(r rune) rune {
	switch {
	case r < 0:
		return r
	case r < tabled:
		if f := table()[r]; f != 0 {
			return rune(f)
		}
	case r < 0xa640 || 0xac00 <= r && r < 0xff00:
		return r // the scripts of East Asia, which have one case
	}
	return canon(r)
}

// canon returns the one of the runes which fold to one another that stands for all of them: the first, in lower case if
// it is ASCII.
func canon(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}
