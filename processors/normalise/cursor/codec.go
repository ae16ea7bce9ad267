package cursor

import (
	"encoding/binary"
	"errors"
)

// Keys in the store: one for the boundaries, one for each object.
const (
	boundsKey    = "boundaries"
	objectPrefix = "object/"
)

// version begins every value; other forms have other numbers.
const version = 1

var errBroken = errors.New("the value of a cursor is broken")

// encodeHistory writes the entries as differences: they lie close together.
func encodeHistory(history []entry) []byte {
	b := append(make([]byte, 0, 2+8*len(history)), version)
	var before entry
	for _, e := range history {
		b = binary.AppendVarint(b, e.line-before.line)
		b = binary.AppendVarint(b, e.upTo-before.upTo)
		b = binary.AppendVarint(b, e.seen-before.seen)
		before = e
	}
	return b
}

func decodeHistory(b []byte) ([]entry, error) {
	nums, err := decodeNumbers(b)
	if err != nil || len(nums)%3 != 0 {
		return nil, errBroken
	}
	out := make([]entry, 0, len(nums)/3)
	var e entry
	for i := 0; i < len(nums); i += 3 {
		if i > 0 && nums[i+1] <= 0 { // each is of a later checkpoint than the one before
			return nil, errBroken
		}
		e = entry{e.line + nums[i], e.upTo + nums[i+1], e.seen + nums[i+2]}
		out = append(out, e)
	}
	return out, nil
}

func encodeBounds(bounds []int64) []byte {
	b := append(make([]byte, 0, 2+4*len(bounds)), version)
	before := int64(0)
	for _, n := range bounds {
		b = binary.AppendVarint(b, n-before)
		before = n
	}
	return b
}

// decodeBounds returns nothing for what is no list of boundaries: every object then counts as new.
func decodeBounds(b []byte) []int64 {
	nums, err := decodeNumbers(b)
	if err != nil {
		return nil
	}
	for i := 1; i < len(nums); i++ {
		if nums[i] <= 0 {
			return nil
		}
		nums[i] += nums[i-1]
	}
	return nums
}

// decodeNumbers reads what follows the version.
func decodeNumbers(b []byte) ([]int64, error) {
	if len(b) == 0 || b[0] != version {
		return nil, errBroken
	}
	var out []int64
	for b = b[1:]; len(b) > 0; {
		n, size := binary.Varint(b)
		if size <= 0 {
			return nil, errBroken
		}
		out, b = append(out, n), b[size:]
	}
	return out, nil
}
