// Package recall keeps decoded columns of sealed segments in memory, up to a number of bytes, so that who asks for the same days
// again does not unpack them again. What it gives back is shared, and nobody changes it.
//
// What goes when there is no room is chosen by chance: a search over more than fits asks for everything once, and the
// one used longest ago would always be the next that it needs.
package recall

import (
	"sync"
	"unsafe"

	"weir/internal/archive/column"
)

// key names a column of a segment; the times of its rows have no name.
type key struct {
	of   any
	name string
}

// kept is one of the two.
type kept struct {
	col   *column.Column
	times []int64
	bytes int
}

// Cache is what is kept. It is safe for many goroutines.
type Cache struct {
	mu   sync.Mutex
	most int
	used int
	kept map[key]kept
}

// Most is how many bytes an archive keeps: the columns that are asked about of some weeks, of some ten thousand events a day.
const Most = 64 << 20

// New returns a cache that holds at most so many bytes.
func New(most int) *Cache { return &Cache{most: most, kept: map[key]kept{}} }

// Column returns a column of a segment, nil where there is none. It is loaded if it is not here, and kept if it was loaded with
// all of its rows.
func (c *Cache) Column(of any, name string, within column.Bits, load func(string, column.Bits) (*column.Column, error)) (*column.Column, error) {
	at := key{of, name}
	c.mu.Lock()
	have, ok := c.kept[at]
	c.mu.Unlock()
	if ok {
		return have.col, nil
	}
	col, err := load(name, within)
	if err == nil && col != nil && within == nil {
		c.keep(at, kept{col: col, bytes: size(col)})
	}
	return col, err
}

// Times returns the sort times of a segment's rows, which are loaded if they are not here.
func (c *Cache) Times(of any, load func() ([]int64, error)) ([]int64, error) {
	c.mu.Lock()
	k, ok := c.kept[key{of: of}]
	c.mu.Unlock()
	if ok {
		return k.times, nil
	}
	times, err := load()
	if err == nil {
		c.keep(key{of: of}, kept{times: times, bytes: 8 * len(times)})
	}
	return times, err
}

// keep takes something in. What is much of all that fits is not worth what would have to go for it.
func (c *Cache) keep(at key, k kept) {
	k.bytes += int(unsafe.Sizeof(key{}) + unsafe.Sizeof(kept{}) + unsafe.Sizeof(column.Column{}))
	if k.bytes > c.most/16 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.kept[at]; ok {
		return // somebody else was quicker
	}
	for old, have := range c.kept { // in no order
		if c.used+k.bytes <= c.most {
			break
		}
		delete(c.kept, old)
		c.used -= have.bytes
	}
	c.kept[at] = k
	c.used += k.bytes
}

// Drop forgets a segment.
func (c *Cache) Drop(of any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for at, k := range c.kept {
		if at.of == of {
			delete(c.kept, at)
			c.used -= k.bytes
		}
	}
}

// size is about how many bytes a column takes.
func size(c *column.Column) int {
	n := 4*len(c.Codes) + 8*len(c.Nums) + int(unsafe.Sizeof(column.Span{}))*len(c.Spans) + 4*len(c.Items) + int(unsafe.Sizeof(""))*len(c.Strs)
	for _, s := range c.Strs {
		n += len(s)
	}
	return n
}
