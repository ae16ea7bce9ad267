package index

import (
	"bytes"
	"errors"
	"strconv"
	"testing"
)

func filter(n int) []byte {
	hashes := make([]uint64, n)
	for i := range hashes {
		hashes[i] = hash("f", strconv.Itoa(i))
	}
	return buildBloom(hashes)
}

func TestBloom_NothingIsMissed(t *testing.T) {
	for _, n := range []int{0, 1, 100, 5000, 50000} {
		b := filter(n)
		r := bytes.NewReader(append([]byte("before"), b...))
		for i := range n {
			ok, err := inBloom(r, 6, len(b), hash("f", strconv.Itoa(i)))
			if !ok || err != nil {
				t.Fatalf("%d of %d: %v, %v", i, n, ok, err)
			}
		}
		wrong := 0
		for i := range 3000 {
			ok, err := inBloom(r, 6, len(b), hash("g", strconv.Itoa(i)))
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				wrong++
			}
		}
		if wrong > 90 { // three times what is aimed at
			t.Errorf("%d values: %d of 3000 others may be there", n, wrong)
		}
		if perValue := float64(len(b)) / float64(max(n, 100)); perValue > 1.5 {
			t.Errorf("%d values: %.1f bytes for each", n, perValue)
		}
	}
}

func TestBloom_FieldAndValueAreKeptApart(t *testing.T) {
	if hash("a", "b") == hash("b", "a") || hash("ab", "c") == hash("a", "bc") || hash("", "ab") == hash("a", "b") {
		t.Error("different pairs have one hash")
	}
}

func TestBloom_DamageIsNoticed(t *testing.T) {
	b := filter(3000)
	noticed := 0
	for at := 0; at < len(b); at += 7 {
		bad := bytes.Clone(b)
		bad[at] ^= 1
		for i := range 20 {
			ok, err := inBloom(bytes.NewReader(bad), 0, len(bad), hash("f", strconv.Itoa(i)))
			switch {
			case errors.Is(err, ErrDamaged):
				noticed++
			case err != nil || !ok:
				t.Fatalf("byte %d: value %d is said not to be there, %v", at, i, err)
			}
		}
	}
	if noticed == 0 {
		t.Error("no damage was noticed")
	}
	for _, size := range []int{0, 3, 35, len(b) - 10} {
		if _, err := inBloom(bytes.NewReader(b[:size]), 0, len(b), hash("f", "1")); size < 36 && !errors.Is(err, ErrDamaged) {
			t.Errorf("cut to %d: %v", size, err)
		}
		if _, err := inBloom(bytes.NewReader(b), 0, min(size, 3), hash("f", "1")); !errors.Is(err, ErrDamaged) {
			t.Errorf("size %d: %v", min(size, 3), err)
		}
	}
}

func BenchmarkBloom(b *testing.B) {
	f := filter(100_000)
	r := bytes.NewReader(f)
	h := hash("f", "not there")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := inBloom(r, 0, len(f), h); err != nil {
			b.Fatal(err)
		}
	}
}
