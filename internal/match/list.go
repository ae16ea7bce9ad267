package match

import (
	"io"

	"weir/internal/match/lists"
)

// Lists are the named lists that in_list looks into.
type Lists map[string]*List

// List is a set of texts and networks. It is immutable and safe for many goroutines.
type List = lists.List

// NewList makes a list of values: networks such as 10.0.0.0/8 match every address in them, all else matches itself.
func NewList(values ...string) *List { return lists.New(values...) }

// ReadList reads a list: one value a line, # begins a comment, blanks around a value do not count.
func ReadList(r io.Reader) (*List, error) { return lists.Read(r) }
