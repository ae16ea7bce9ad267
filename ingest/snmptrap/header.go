package snmptrap

// Versions as they stand in a message.
const (
	version1  = 0
	version2c = 1
	version3  = 3
)

// Flags of a message of version 3.
const (
	flagAuth       = 1
	flagPriv       = 2
	flagReportable = 4
)

// usmModel is the one security model there is in practice.
const usmModel = 3

// header is what stands before the PDU. Its slices point into the message.
type header struct {
	version   int
	community []byte // versions 1 and 2c
	pduAt     int    // where the PDU begins; version 3: the scoped PDU

	// Version 3.
	id          uint32 // of the message
	flags       byte
	model       int64
	engine      []byte
	boots, time uint32
	user        []byte
	digest      []byte
	digestAt    int // where the digest begins in the message
}

// whole cuts a datagram to the message that it begins with: some senders pad.
func whole(datagram []byte) ([]byte, bool) {
	b := ber{rest: datagram}
	b.take(tagSequence)
	return datagram[:b.at], !b.failed
}

// readHeader reads the header of a message; false where it is none.
func readHeader(msg []byte) (header, bool) {
	outer := (&ber{rest: msg}).enter()
	h := header{version: int(outer.integer())}
	switch h.version {
	case version1, version2c:
		h.community, _ = outer.take(tagOctets)
	case version3:
		h.readGlobal(outer.enter())
		_, at := h.readSecurity(outer)
		h.digestAt = at
	default:
		return h, false
	}
	h.pduAt = outer.at
	return h, !outer.failed && len(outer.rest) > 0
}

// readGlobal reads msgGlobalData. A failure is carried to the outer reader by readSecurity's: an empty model is refused.
func (h *header) readGlobal(b *ber) {
	h.id = uint32(b.integer())
	b.integer() // the largest message that the sender takes; reports and answers are small
	if flags, _ := b.take(tagOctets); len(flags) == 1 {
		h.flags = flags[0]
	} else {
		b.failed = true
	}
	h.model = b.integer()
	if b.failed {
		h.model = -1
	}
}

// readSecurity reads msgSecurityParameters, which is a sequence within octets, and returns the digest and its place.
func (h *header) readSecurity(outer *ber) (digest []byte, at int) {
	content, from := outer.take(tagOctets)
	if outer.failed || h.model != usmModel {
		outer.failed = true
		return nil, 0
	}
	b := (&ber{rest: content, at: from}).enter()
	h.engine, _ = b.take(tagOctets)
	h.boots, h.time = uint32(b.integer()), uint32(b.integer())
	h.user, _ = b.take(tagOctets)
	h.digest, at = b.take(tagOctets)
	b.take(tagOctets) // salt of the encryption
	outer.failed = outer.failed || b.failed
	return h.digest, at
}

// level names the security level.
func (h *header) level() string { return levelName(h.flags) }

// levelName names what the flags of a message, or the keys of a user, amount to.
func levelName(flags byte) string {
	switch flags & (flagAuth | flagPriv) {
	case flagAuth | flagPriv:
		return "authPriv"
	case flagAuth:
		return "authNoPriv"
	}
	return "noAuthNoPriv"
}

// discovers tells whether the message asks who we are: no user, no engine, and it wants a report.
func (h *header) discovers() bool {
	return h.version == version3 && h.flags&flagReportable != 0 && (len(h.engine) == 0 || !validEngine(h.engine))
}

// validEngine tells whether an engine id has a length that it may have.
func validEngine(id []byte) bool { return len(id) >= 5 && len(id) <= 32 }
