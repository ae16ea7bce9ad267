package state

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// How values stand in the compacted topic. Every key begins with NAME/PARTITION/. A value that fits one record is one
// record:
//
//	k KEY            -> 0, the value
//
// A larger one is cut into chunks. They have keys of their own, of one of two generations, and a head says which
// generation counts, how many chunks it has, and their checksum:
//
//	c G / N / KEY    -> 1, id of the save, the chunk N of generation G
//	k KEY            -> 2, id of the save, G, number of chunks, size, CRC-32C of the whole
//
// A save writes the chunks of the generation that does not count, and then the head, to one partition through one
// producer, so they come in this order or not at all. Before the head is there, the old head names the other generation,
// of which nothing was touched; so a crash, or compaction at any moment, leaves the old value or the new one whole.
// Chunks that a smaller value leaves over are deleted after the head.
const (
	kindInline = 0
	kindChunk  = 1
	kindHead   = 2

	// chunkSize is far below what a broker takes as one record, and above what any ordinary value has.
	chunkSize = 1 << 20

	headLen  = 1 + 8 + 1 + 4 + 8 + 4
	chunkPre = 1 + 8
)

// kept is what the topic holds of one key.
type kept struct {
	inline []byte
	// Of a value in chunks.
	parts []chunk
	size  uint64
	sum   uint32
	gen   int
	// How many chunk numbers of each generation are in use, whatever they belong to.
	used [2]int
}

// chunk is one chunk as it was read.
type chunk struct {
	id   uint64
	data []byte
}

// image is a partition of the topic as far as it was read.
type image struct {
	prefix string // NAME/PARTITION/
	keys   map[string]*kept
	chunks map[string]map[int]chunk // by key, then number*2+generation
	broken []string                 // heads that do not fit their chunks
}

func newImage(prefix string) *image {
	return &image{prefix: prefix, keys: map[string]*kept{}, chunks: map[string]map[int]chunk{}}
}

// apply takes one record of the topic. What belongs to others, or was written by somebody else, is passed over.
func (im *image) apply(key string, value []byte) {
	rest, ok := strings.CutPrefix(key, im.prefix)
	if !ok || rest == "" {
		return
	}
	switch rest[0] {
	case 'k':
		im.head(rest[1:], value)
	case 'c':
		g, rest, ok := strings.Cut(rest[1:], "/")
		number, name, ok2 := strings.Cut(rest, "/")
		n, err := strconv.Atoi(number)
		if !ok || !ok2 || err != nil || n < 0 || (g != "0" && g != "1") {
			return
		}
		im.chunk(name, int(g[0]-'0'), n, value)
	}
}

// chunk takes note of a chunk; nothing counts before its head.
func (im *image) chunk(key string, gen, n int, value []byte) {
	m := im.chunks[key]
	if m == nil {
		m = map[int]chunk{}
		im.chunks[key] = m
	}
	if len(value) < chunkPre || value[0] != kindChunk {
		delete(m, n*2+gen)
		return
	}
	m[n*2+gen] = chunk{binary.BigEndian.Uint64(value[1:]), value[chunkPre:]}
}

// head takes what counts for a key from here on. A head whose chunks are not all there changes nothing.
func (im *image) head(key string, value []byte) {
	switch {
	case len(value) == 0:
		delete(im.keys, key)
	case value[0] == kindInline:
		im.keys[key] = &kept{inline: value[1:len(value):len(value)]}
	case value[0] == kindHead && len(value) == headLen:
		id, gen, n := binary.BigEndian.Uint64(value[1:]), int(value[9]&1), binary.BigEndian.Uint32(value[10:])
		k := &kept{gen: gen, size: binary.BigEndian.Uint64(value[14:]), sum: binary.BigEndian.Uint32(value[22:])}
		for i := range int(n) {
			c, ok := im.chunks[key][i*2+gen]
			if !ok || c.id != id {
				im.broken = append(im.broken, key)
				return
			}
			k.parts = append(k.parts, c)
		}
		im.keys[key] = k
	}
}

// values joins the chunks and returns everything that counts.
func (im *image) values() (map[string][]byte, error) {
	out := make(map[string][]byte, len(im.keys))
	for key, k := range im.keys {
		if k.parts == nil {
			out[key] = k.inline
			continue
		}
		var v []byte
		for _, p := range k.parts {
			v = append(v, p.data...)
		}
		if uint64(len(v)) != k.size || crc32.Checksum(v, castagnoli) != k.sum {
			return nil, fmt.Errorf("%w: %s%s does not have the checksum that it was written with", errBroken, im.prefix, key)
		}
		out[key] = v
	}
	return out, nil
}

// layout is what a writer must know of the keys that are there: which generation counts and which chunks lie about.
func (im *image) layout() map[string]*kept {
	out := map[string]*kept{}
	for key, m := range im.chunks {
		l := &kept{gen: 1} // of a key without a head: the first save writes generation 0
		for at := range m {
			l.used[at%2] = max(l.used[at%2], at/2+1)
		}
		if k := im.keys[key]; k != nil && k.parts != nil {
			l.gen = k.gen
		}
		if l.used != [2]int{} {
			out[key] = l
		}
	}
	return out
}

// encodeChange makes the records of one change, in the order in which they must be written. layout is brought up to date.
func encodeChange(prefix string, c Change, layout map[string]*kept) []*kgo.Record {
	head := []byte(prefix + "k" + c.Key)
	l := layout[c.Key]
	if len(c.Value) < chunkSize {
		rec := &kgo.Record{Key: head}
		if c.Value != nil {
			rec.Value = append(make([]byte, 1, 1+len(c.Value)), c.Value...)
			rec.Value[0] = kindInline
		}
		out := []*kgo.Record{rec}
		if l != nil {
			out = append(out, drop(prefix, c.Key, 0, 0, l.used[0])...)
			out = append(out, drop(prefix, c.Key, 1, 0, l.used[1])...)
			delete(layout, c.Key)
		}
		return out
	}
	if l == nil {
		l = &kept{gen: 1}
		layout[c.Key] = l
	}
	id := rand.Uint64()
	l.gen = 1 - l.gen
	var out []*kgo.Record
	n := 0
	for at := 0; at < len(c.Value); at += chunkSize {
		data := c.Value[at:min(at+chunkSize, len(c.Value))]
		v := binary.BigEndian.AppendUint64(append(make([]byte, 0, chunkPre+len(data)), kindChunk), id)
		out = append(out, &kgo.Record{Key: chunkKey(prefix, c.Key, l.gen, n), Value: append(v, data...)})
		n++
	}
	v := binary.BigEndian.AppendUint64([]byte{kindHead}, id)
	v = binary.BigEndian.AppendUint32(append(v, byte(l.gen)), uint32(n))
	v = binary.BigEndian.AppendUint64(v, uint64(len(c.Value)))
	v = binary.BigEndian.AppendUint32(v, crc32.Checksum(c.Value, castagnoli))
	out = append(out, &kgo.Record{Key: head, Value: v})
	out = append(out, drop(prefix, c.Key, l.gen, n, l.used[l.gen])...)
	l.used[l.gen] = n
	return out
}

func chunkKey(prefix, key string, gen, n int) []byte {
	return []byte(prefix + "c" + strconv.Itoa(gen) + "/" + strconv.Itoa(n) + "/" + key)
}

// drop deletes chunks [from, to) of a generation.
func drop(prefix, key string, gen, from, to int) []*kgo.Record {
	var out []*kgo.Record
	for n := from; n < to; n++ {
		out = append(out, &kgo.Record{Key: chunkKey(prefix, key, gen, n)})
	}
	return out
}
