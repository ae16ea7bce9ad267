package step

import (
	"slices"
	"time"
)

// Program is the compiled steps of one format. It is immutable and safe for many goroutines.
type Program struct {
	// Dataset stands before errors.
	Dataset string
	// Root and Module are the paths below which the format may have fields of its own.
	Root, Module string
	// Zone is the fixed zone of its times, nil if it has none.
	Zone *time.Location
	// Keep tells that message stays as it is unless a step writes it.
	Keep bool
	// Empty are the texts that mean nothing.
	Empty Words

	steps []Step
	// slots and hints are how much scratch memory a machine needs for it, states how many steps keep something; names are the
	// scratch places by name.
	slots, hints, states int
	names                map[string]int
	places               []*Place
	filled               map[string]bool
	calls                []string // names of the readers that steps run
	icmp                 int      // slot of what the machine makes an id of, -1 without any
}

// Calls returns the names of the readers in Go that the steps run, each once.
func (p *Program) Calls() []string { return slices.Clone(p.calls) }

// Fields returns the paths that the steps can fill, in no order; one that ends in .* stands for any below.
func (p *Program) Fields() []string {
	out := make([]string, 0, len(p.filled))
	for path := range p.filled {
		out = append(out, path)
	}
	slices.Sort(out)
	return out
}

// Words are texts that mean nothing. The lengths are asked first: nearly no value has one of them.
type Words struct {
	list    []string
	lengths uint64
}

// NewWords makes Words.
func NewWords(list []string) Words {
	w := Words{list: list}
	for _, s := range list {
		w.lengths |= 1 << min(len(s), 63)
	}
	return w
}

// Has tells whether s means nothing.
func (w *Words) Has(s string) bool {
	return s == "" || w.lengths&(1<<min(len(s), 63)) != 0 && slices.Contains(w.list, s)
}
