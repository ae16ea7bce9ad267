package index

import (
	"encoding/binary"

	"weir/internal/archive/column"
)

// Postings of a term are its rows, in one of two forms, told apart by the first byte: differences as varints, or one
// bit a row where that is shorter.
const (
	formDeltas = 0
	formBits   = 1
)

// appendPostings appends rows, which ascend, for a segment of so many rows.
func appendPostings(dst []byte, rows []uint32, total int) []byte {
	if len(rows) > total/8 {
		set := column.NewBits(total)
		for _, r := range rows {
			set.Set(int(r))
		}
		dst = append(dst, formBits)
		for _, w := range set {
			dst = binary.LittleEndian.AppendUint64(dst, w)
		}
		return dst
	}
	dst = append(dst, formDeltas)
	last := uint32(0)
	for i, r := range rows {
		if i == 0 {
			dst = binary.AppendUvarint(dst, uint64(r))
		} else {
			dst = binary.AppendUvarint(dst, uint64(r-last))
		}
		last = r
	}
	return dst
}

// addPostings adds the rows of b to set, which is for total rows; false where b is not what appendPostings wrote.
func addPostings(set column.Bits, b []byte, total int) bool {
	if len(b) == 0 {
		return false
	}
	form, b := b[0], b[1:]
	switch form {
	case formBits:
		if len(b) != 8*len(set) {
			return false
		}
		for i := range set {
			w := binary.LittleEndian.Uint64(b[8*i:])
			if over := total - 64*i; over < 64 && w>>max(over, 0) != 0 {
				return false
			}
			set[i] |= w
		}
		return true
	case formDeltas:
		row := uint64(0)
		for first := true; len(b) > 0; first = false {
			d, n := binary.Uvarint(b)
			if n <= 0 || !first && d == 0 || d > uint64(total) {
				return false
			}
			row += d
			if row >= uint64(total) {
				return false
			}
			set.Set(int(row))
			b = b[n:]
		}
		return true
	}
	return false
}
