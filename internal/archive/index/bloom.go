package index

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// The filter is an array of 32-byte blocks, as in Parquet: a value sets one bit in each of the eight words of the one
// block that its hash chooses. Blocks stand in pages with a checksum each, so that a look-up reads one page.
const (
	bloomBlock    = 32
	bloomPage     = 127 * bloomBlock // with its checksum just under 4 KiB
	bitsPerValue  = 10               // about 1 % false hits
	bloomMaxBytes = 16 << 20
)

// salts are odd numbers that spread one 32-bit hash over eight words.
var salts = [8]uint32{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31}

// hash is FNV-1a over field, a zero byte and value, with a final mix: the blocks are chosen by the high bits, which FNV
// alone leaves poor.
func hash(field, value string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(field); i++ {
		h = (h ^ uint64(field[i])) * 1099511628211
	}
	h *= 1099511628211
	for i := 0; i < len(value); i++ {
		h = (h ^ uint64(value[i])) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// mask returns the bit of each word that a hash sets.
func mask(h uint64) (m [8]uint32) {
	for i, s := range salts {
		m[i] = 1 << (uint32(h) * s >> 27)
	}
	return m
}

// blockOf chooses the block by multiplication: as even as a remainder, and cheaper.
func blockOf(h uint64, blocks int) int {
	hi, _ := bits.Mul64(h, uint64(blocks))
	return int(hi)
}

// buildBloom returns the pages of a filter over the hashes.
func buildBloom(hashes []uint64) []byte {
	blocks := min(max((len(hashes)*bitsPerValue+255)/256, 1), bloomMaxBytes/bloomBlock)
	filter := make([]byte, blocks*bloomBlock)
	for _, h := range hashes {
		at := filter[blockOf(h, blocks)*bloomBlock:]
		for i, m := range mask(h) {
			binary.LittleEndian.PutUint32(at[4*i:], binary.LittleEndian.Uint32(at[4*i:])|m)
		}
	}
	var out []byte
	for len(filter) > 0 {
		n := min(len(filter), bloomPage)
		out = append(out, filter[:n]...)
		out = binary.LittleEndian.AppendUint32(out, checksum(filter[:n]))
		filter = filter[n:]
	}
	return out
}

// bloomBlocks returns the number of blocks of a filter of some bytes, checksums included.
func bloomBlocks(size int) int {
	pages := (size + bloomPage + 3) / (bloomPage + 4)
	return (size - 4*pages) / bloomBlock
}

// inBloom tells whether a hash may be in the filter that lies at off.
func inBloom(r io.ReaderAt, off int64, size int, h uint64) (bool, error) {
	blocks := bloomBlocks(size)
	if blocks <= 0 {
		return false, ErrDamaged
	}
	block := blockOf(h, blocks)
	page := block * bloomBlock / bloomPage
	start := page * (bloomPage + 4)
	n := min(bloomPage+4, size-start)
	if n < 4+bloomBlock {
		return false, ErrDamaged
	}
	buf := make([]byte, n)
	if _, err := r.ReadAt(buf, off+int64(start)); err != nil {
		return false, ErrDamaged
	}
	if checksum(buf[:n-4]) != binary.LittleEndian.Uint32(buf[n-4:]) {
		return false, ErrDamaged
	}
	at := block*bloomBlock - page*bloomPage
	if at+bloomBlock > n-4 {
		return false, ErrDamaged
	}
	for i, m := range mask(h) {
		if binary.LittleEndian.Uint32(buf[at+4*i:])&m == 0 {
			return false, nil
		}
	}
	return true, nil
}
