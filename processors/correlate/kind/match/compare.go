package match

import (
	"cmp"
	"math/bits"
	"strings"
)

// Compare orders matches: event time, number of the front door, source position, event id. The number and the position
// break ties of time as the source wrote them, which clocks of a second's grain make common; the id breaks what is left.
// It is the same order on every machine. One event that matched two conditions compares as equal. It allocates nothing.
func Compare(a, b *Match) int {
	switch {
	case a.T < b.T:
		return -1
	case a.T > b.T:
		return 1
	case a == b:
		return 0
	}
	// Texts that are the same need not be read: in a storm of one time that is most of the cost.
	same := a.ID == b.ID
	if !same {
		if c := compareDoor(a.ID, b.ID); c != 0 {
			return c
		}
	}
	if a.Src != b.Src {
		if c := comparePos(a.Src, b.Src); c != 0 {
			return c
		}
	}
	if same {
		return 0
	}
	return strings.Compare(a.ID, b.ID)
}

// Before is the order in which matches are kept: equal ones stand in the order of their steps.
func Before(a, b *Match) bool {
	return cmp.Or(Compare(a, b), cmp.Compare(a.Step, b.Step)) < 0
}

// compareDoor orders events of one time by the numbers that the front door gave them: a source whose stamps have no
// fractions keeps its order even where its records were spread over partitions. Ids that the front door did not make
// come last and are equal to one another here.
func compareDoor(a, b string) int {
	x, okX := doorOf(a)
	y, okY := doorOf(b)
	switch {
	case !okX && !okY:
		return 0
	case !okX:
		return 1
	case !okY:
		return -1
	case x.ingester != y.ingester:
		return strings.Compare(x.ingester, y.ingester)
	case x.start != y.start:
		return cmp.Compare(x.start, y.start)
	}
	return cmp.Compare(x.seq, y.seq)
}

// door is a record.Ing, read without making an error of what is none: the order is asked too often for that.
type door struct {
	ingester   string
	start, seq uint64
}

// doorOf reads an identity of the front door, without the number that an event of a split record has at its end.
func doorOf(id string) (d door, ok bool) {
	slash := strings.LastIndexByte(id, '/')
	if slash < 0 {
		return d, false
	}
	end := len(id)
	if i := strings.LastIndexByte(id, '-'); i > slash {
		end = i
	}
	if d.seq, ok = digits(id[slash+1:end], 1<<64-1); !ok {
		return d, false
	}
	id = id[:slash]
	if slash = strings.LastIndexByte(id, '/'); slash <= 0 {
		return d, false
	}
	if d.start, ok = digits(id[slash+1:], 1<<32-1); !ok {
		return d, false
	}
	d.ingester = id[:slash]
	return d, strings.IndexByte(d.ingester, '/') < 0
}

// position is a record.Pos, read in the same way.
type position struct {
	topic                  string
	partition, offset, sub uint64
}

// positionOf reads topic/partition/offset/sub. The topic may contain slashes.
func positionOf(s string) (p position, ok bool) {
	if p.sub, s, ok = lastNumber(s, 1<<31-1); !ok {
		return p, false
	}
	if p.offset, s, ok = lastNumber(s, 1<<63-1); !ok {
		return p, false
	}
	p.partition, p.topic, ok = lastNumber(s, 1<<31-1)
	return p, ok
}

// lastNumber cuts the number after the last slash off.
func lastNumber(s string, most uint64) (n uint64, rest string, ok bool) {
	i := strings.LastIndexByte(s, '/')
	if i <= 0 {
		return 0, "", false
	}
	n, ok = digits(s[i+1:], most)
	return n, s[:i], ok
}

// digits reads a number that is not greater than most.
func digits(s string, most uint64) (uint64, bool) {
	for len(s) > 19 && s[0] == '0' {
		s = s[1:]
	}
	if s == "" || len(s) > 20 {
		return 0, false
	}
	n, over := uint64(0), uint64(0)
	for i := range len(s) {
		d := uint64(s[i] - '0')
		if d > 9 {
			return 0, false
		}
		if i == 19 { // 20 digits may be too many for 64 bits
			var carry uint64
			over, n = bits.Mul64(n, 10)
			n, carry = bits.Add64(n, d, 0)
			over += carry
			break
		}
		n = n*10 + d
	}
	return n, over == 0 && n <= most
}

// comparePos compares offsets as numbers: as text, 10 comes before 9. What is no position comes after all that are.
func comparePos(a, b string) int {
	p, okP := positionOf(a)
	q, okQ := positionOf(b)
	switch {
	case !okP && !okQ:
		return strings.Compare(a, b)
	case !okP:
		return 1
	case !okQ:
		return -1
	case p.topic != q.topic:
		return strings.Compare(p.topic, q.topic)
	case p.partition != q.partition:
		return cmp.Compare(p.partition, q.partition)
	case p.offset != q.offset:
		return cmp.Compare(p.offset, q.offset)
	}
	return cmp.Compare(p.sub, q.sub)
}
