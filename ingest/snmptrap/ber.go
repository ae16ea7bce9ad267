package snmptrap

// Tags of BER that the header is made of.
const (
	tagInteger  = 0x02
	tagOctets   = 0x04
	tagSequence = 0x30
)

// ber reads one element of BER after the other. What does not fit makes it fail for good: every later answer is empty,
// so that only the end asks. at is where rest begins in the whole message.
type ber struct {
	rest   []byte
	at     int
	failed bool
}

// next takes one element off and returns its tag, its content, and where the content begins in the message.
func (b *ber) next() (tag byte, content []byte, at int) {
	if b.failed || len(b.rest) < 2 {
		b.failed = true
		return 0, nil, 0
	}
	tag = b.rest[0]
	size, head := int(b.rest[1]), 2
	if size >= 0x80 {
		// SNMP forbids the indefinite form; four bytes are far more than a datagram needs.
		octets := size & 0x7f
		if octets == 0 || octets > 4 || len(b.rest) < 2+octets {
			b.failed = true
			return 0, nil, 0
		}
		size, head = 0, 2+octets
		for _, o := range b.rest[2:head] {
			size = size<<8 | int(o)
		}
	}
	if size < 0 || size > len(b.rest)-head {
		b.failed = true
		return 0, nil, 0
	}
	content, at = b.rest[head:head+size], b.at+head
	b.rest, b.at = b.rest[head+size:], at+size
	return tag, content, at
}

// take is next that fails for any other tag.
func (b *ber) take(want byte) (content []byte, at int) {
	tag, content, at := b.next()
	if tag != want {
		b.failed = true
		return nil, 0
	}
	return content, at
}

// enter returns a reader of the content of the sequence that comes next.
func (b *ber) enter() *ber {
	content, at := b.take(tagSequence)
	return &ber{rest: content, at: at, failed: b.failed}
}

// integer takes an integer of at most 32 bits; all integers of the header are that short.
func (b *ber) integer() int64 {
	content, _ := b.take(tagInteger)
	if len(content) == 0 || len(content) > 5 {
		b.failed = true
		return 0
	}
	n := int64(int8(content[0]))
	for _, o := range content[1:] {
		n = n<<8 | int64(o)
	}
	return n
}
