package cursor

import (
	"math"
	"slices"
	"testing"
)

func TestCodec(t *testing.T) {
	for _, history := range [][]entry{nil, {{-1, 0, 0}}, {{5, 1, 9}, {3, 2, 8}, {math.MaxInt32, 1 << 50, 1 << 40}}} {
		if got, err := decodeHistory(encodeHistory(history)); err != nil || !slices.Equal(got, history) {
			t.Errorf("%v became %v, %v", history, got, err)
		}
	}
	for _, bounds := range [][]int64{nil, {0}, {7}, {1, 2, 1 << 60}} {
		if got := decodeBounds(encodeBounds(bounds)); !slices.Equal(got, bounds) {
			t.Errorf("%v became %v", bounds, got)
		}
	}
}

func TestCodec_Refused(t *testing.T) {
	for name, b := range map[string][]byte{"empty": {}, "another version": {2, 2, 2, 2}, "not whole": {1, 2, 2}, "a number that does not end": {1, 2, 2, 0x80}, "not ascending": {1, 2, 2, 2, 2, 0, 2}} {
		if got, err := decodeHistory(b); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
	for name, b := range map[string][]byte{"empty": {}, "another version": {2, 2}, "not ascending": {1, 8, 0}} {
		if got := decodeBounds(b); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// FuzzCodec: values come from a topic that others can write to. What is read ascends, and is written as it was read.
func FuzzCodec(f *testing.F) {
	f.Add(encodeHistory([]entry{{5, 1, 9}, {3, 2, 8}}))
	f.Add(encodeBounds([]int64{1, 9}))
	f.Fuzz(func(t *testing.T, in []byte) {
		if h, err := decodeHistory(in); err == nil {
			again, err := decodeHistory(encodeHistory(h))
			if err != nil || !slices.Equal(h, again) {
				t.Fatalf("%v became %v, %v", h, again, err)
			}
		}
		if b := decodeBounds(in); !slices.IsSorted(b) || !slices.Equal(b, decodeBounds(encodeBounds(b))) {
			t.Fatalf("boundaries %v", b)
		}
	})
}
