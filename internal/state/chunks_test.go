package state

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// fold reads records as a store does when it is loaded.
func fold(prefix string, recs []*kgo.Record) (*image, map[string][]byte, error) {
	im := newImage(prefix)
	for _, r := range recs {
		im.apply(string(r.Key), r.Value)
	}
	v, err := im.values()
	return im, v, err
}

// compact does what Kafka's cleaner may have done at any moment: of the records before some offset only the last of each key
// is left, and of the deletions none, or all.
func compact(recs []*kgo.Record, upTo int, tombstones bool) []*kgo.Record {
	last := map[string]int{}
	for i, r := range recs[:upTo] {
		last[string(r.Key)] = i
	}
	var out []*kgo.Record
	for i, r := range recs[:upTo] {
		if last[string(r.Key)] == i && (r.Value != nil || tombstones) {
			out = append(out, r)
		}
	}
	return append(out, recs[upTo:]...)
}

// TestTopic_CrashAndCompactionAtRandom writes values, some in chunks, with writers that crash in the middle of a save, and
// reads the log cut anywhere and compacted up to anywhere: each time every value is whole, and that of the last save whose
// head is in the log.
func TestTopic_CrashAndCompactionAtRandom(t *testing.T) {
	const prefix = "n/0/"
	for seed := range uint64(12) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		var log []*kgo.Record
		states := []map[string][]byte{{}} // states[i]: what counts when log[:i] is read
		value, layout := map[string][]byte{}, map[string]*kept{}
		for range 12 {
			c := Change{Key: fmt.Sprint("k", rnd.IntN(3))}
			if rnd.IntN(6) > 0 {
				c.Value = bytes.Repeat([]byte{byte(rnd.Uint32())}, []int{0, 10, chunkSize, 2*chunkSize + 5, 4 * chunkSize}[rnd.IntN(5)])
			}
			recs := encodeChange(prefix, c, layout)
			crash := len(recs)
			if rnd.IntN(3) == 0 {
				crash = rnd.IntN(len(recs) + 1)
			}
			for _, r := range recs[:crash] {
				log = append(log, r)
				if string(r.Key) == prefix+"k"+c.Key { // the head
					value = maps.Clone(value)
					if value[c.Key] = c.Value; c.Value == nil {
						delete(value, c.Key)
					}
				}
				states = append(states, value)
			}
			if crash < len(recs) || rnd.IntN(3) == 0 { // the next owner reads what is there, as compaction left it
				im, _, err := fold(prefix, compact(log, rnd.IntN(len(log)+1), rnd.IntN(2) == 0))
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				layout = im.layout()
			}
		}
		for range 60 {
			cut := rnd.IntN(len(log) + 1)
			// The cleaner never sees records that a crash kept from the log, and never those of the newest segment.
			im, got, err := fold(prefix, compact(log[:cut], rnd.IntN(cut+1), rnd.IntN(2) == 0))
			if err != nil || len(im.broken) > 0 {
				t.Fatalf("seed %d, cut at %d: %v, broken %v", seed, cut, err, im.broken)
			}
			if !maps.EqualFunc(got, states[cut], bytes.Equal) {
				t.Fatalf("seed %d, cut at %d: %v, want %v", seed, cut, sizes(got), sizes(states[cut]))
			}
		}
	}
}

func sizes(m map[string][]byte) map[string]int {
	out := map[string]int{}
	for k, v := range m {
		out[k] = len(v)
	}
	return out
}

// TestTopic_NothingIsLeftOver: of a value that became small or was forgotten no chunks stay in a compacted topic.
func TestTopic_NothingIsLeftOver(t *testing.T) {
	for _, end := range []struct {
		name  string
		value []byte
		left  int
	}{{"forgotten", nil, 0}, {"small", []byte("x"), 1}, {"as large", make([]byte, 3*chunkSize), 4 + 5}, {"less large", make([]byte, 2*chunkSize), 3 + 5}} {
		t.Run(end.name, func(t *testing.T) {
			var log []*kgo.Record
			layout := map[string]*kept{}
			for _, v := range [][]byte{make([]byte, 9*chunkSize), make([]byte, 5*chunkSize), end.value} {
				log = append(log, encodeChange("n/0/", Change{"k", v}, layout)...)
			}
			if got := compact(log, len(log), false); len(got) != end.left {
				t.Errorf("%d records are left, want %d", len(got), end.left)
			}
			if im, _, err := fold("n/0/", log); err != nil || len(im.layout()) != len(layout) {
				t.Errorf("%v; a reader knows %d keys in chunks, the writer %d", err, len(im.layout()), len(layout))
			}
		})
	}
}

func TestTopic_WhatIsNotOursIsPassedOver(t *testing.T) {
	recs := encodeChange("n/0/", Change{"k", make([]byte, 2*chunkSize)}, map[string]*kept{})
	good := len(recs)
	recs = append(recs,
		&kgo.Record{Key: []byte("n/0/")}, &kgo.Record{Key: []byte("n/1/kk"), Value: []byte{kindInline}}, &kgo.Record{Key: []byte("n/0/x"), Value: []byte("y")},
		&kgo.Record{Key: []byte("n/0/c0/x/k"), Value: []byte{1}}, &kgo.Record{Key: []byte("n/0/c2/0/k")}, &kgo.Record{Key: []byte("n/0/c0/-1/k")}, &kgo.Record{Key: []byte("n/0/c")},
		&kgo.Record{Key: []byte("n/0/kk"), Value: []byte{kindHead, 1}}, &kgo.Record{Key: []byte("n/0/kk"), Value: []byte{9}})
	if _, got, err := fold("n/0/", recs); err != nil || len(got["k"]) != 2*chunkSize || len(got) != 1 {
		t.Errorf("%v, %v", sizes(got), err)
	}
	head := *recs[good-1]
	head.Value = bytes.Clone(head.Value)
	head.Value[8] ^= 1 // of a save whose chunks are not there
	if im, got, err := fold("n/0/", append(recs, &head)); err != nil || len(im.broken) != 1 || len(got["k"]) != 2*chunkSize {
		t.Errorf("a head without its chunks: %v, %v, %v", im.broken, sizes(got), err)
	}
	head = *recs[good-1]
	head.Value = bytes.Clone(head.Value)
	head.Value[headLen-1] ^= 1
	if _, _, err := fold("n/0/", append(recs[:good-1:good-1], &head)); err == nil {
		t.Error("a wrong checksum is not seen")
	}
}

// FuzzImage: records of a topic may be anything; a reader never gives a value that it was not given whole.
func FuzzImage(f *testing.F) {
	for _, r := range encodeChange("n/0/", Change{"k", make([]byte, chunkSize)}, map[string]*kept{}) {
		f.Add(string(r.Key), r.Value[:min(len(r.Value), 40)], "n/0/kk", []byte{kindInline, 1})
	}
	f.Fuzz(func(t *testing.T, key1 string, value1 []byte, key2 string, value2 []byte) {
		recs := []*kgo.Record{{Key: []byte(key1), Value: value1}, {Key: []byte(key2), Value: value2}, {Key: []byte("n/0/kmine"), Value: []byte{kindInline, 'x'}}}
		_, got, err := fold("n/0/", recs)
		if err != nil {
			return
		}
		if string(got["mine"]) != "x" {
			t.Fatalf("%q", got)
		}
		for k, v := range got {
			whole := append(append(append([]byte{}, value1...), value2...), 'x')
			if !bytes.Contains(whole, v) {
				t.Fatalf("%q: %q was never given", k, v)
			}
		}
	})
}
