package logkey

import (
	"slices"

	"weir/internal/archive/manifest"
)

// Change is a leaf of the log that says which key signs from there on.
type Change struct {
	Leaf int64 // its number in the log, from 0
	Key  manifest.Key
}

// Span is one key and the smallest size of a log that it signs.
type Span struct {
	From     int64
	Verifier string
}

// Chain says which key signs the log at which size. It is not changed once made.
type Chain struct {
	spans []Span
	// Ignored are changes that lead neither to the trusted key nor away from it, or that not both keys signed. They
	// change nothing; an honest log has none, but for one that was asked for twice.
	Ignored []Change
}

// NewChain follows the changes from one trusted key in both directions: what it signed itself, and what was signed
// together with it. Nothing else in the log is believed. The changes are in the order of the log.
func NewChain(trusted string, changes []Change) *Chain {
	c := &Chain{spans: []Span{{0, trusted}}}
	used := make([]bool, len(changes))
	from := 0 // the first change behind the one that brought the trusted key
	for i, at := len(changes)-1, trusted; i >= 0; i-- {
		if k := changes[i].Key; k.New == at && !c.has(k.Old) && Check(k) == nil {
			c.spans[0].From = changes[i].Leaf + 1
			c.spans = slices.Insert(c.spans, 0, Span{0, k.Old})
			used[i] = true
			if at == trusted {
				from = i + 1
			}
			at = k.Old
		}
	}
	for i, at := from, trusted; i < len(changes); i++ {
		if k := changes[i].Key; k.Old == at && !c.has(k.New) && Check(k) == nil {
			c.spans = append(c.spans, Span{changes[i].Leaf + 1, k.New})
			used[i] = true
			at = k.New
		}
	}
	for i, u := range used {
		if !u {
			c.Ignored = append(c.Ignored, changes[i])
		}
	}
	return c
}

// has says whether a key is part of the chain: none comes twice.
func (c *Chain) has(verifier string) bool {
	return slices.ContainsFunc(c.spans, func(s Span) bool { return s.Verifier == verifier })
}

// At is the verifier string of the key that signs a log of a size.
func (c *Chain) At(size int64) string {
	v := c.spans[0].Verifier
	for _, s := range c.spans {
		if s.From <= size {
			v = s.Verifier
		}
	}
	return v
}

// Keys are the keys in their order.
func (c *Chain) Keys() []Span { return slices.Clone(c.spans) }
