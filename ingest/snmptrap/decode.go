package snmptrap

import (
	"fmt"
	"time"

	"github.com/gosnmp/gosnmp"
)

// Reasons for which a datagram is refused, as they stand in the ledger.
const (
	reasonMalformed      = "malformed"
	reasonCommunity      = "community"      // not one that is let in
	reasonUser           = "user"           // unknown, or unknown at this engine
	reasonLevel          = "level"          // less, or other, than the user's keys allow
	reasonAuthentication = "authentication" // the digest is not that of the user's key
	reasonDecryption     = "decryption"
	reasonNoTrap         = "no-trap" // a request or a response: SNMP, and not for a receiver of traps
)

// verdict is what became of a datagram. Where it is neither a record nor refused, it was a message of the protocol.
type verdict struct {
	doc    []byte // the record, valid until the next call
	reason string // why it is refused, "" if it is not
	detail string // what is wrong with a malformed one; never with a secret in it
	now    []byte // datagram to answer with at once
	later  []byte // datagram to answer with when Kafka has the record
}

// decoder turns datagrams into records. It belongs to one goroutine and keeps memory between datagrams.
type decoder struct {
	creds   *credentials
	engine  *engine // nil where there is no user
	keys    keyring
	clocks  clocks
	plain   gosnmp.GoSNMP
	message []byte // the datagram in hand; its decoding changes it
	doc     []byte
}

func newDecoder(c *credentials, e *engine) *decoder {
	return &decoder{creds: c, engine: e, plain: gosnmp.GoSNMP{Version: gosnmp.Version2c}}
}

// decode judges a datagram. It never panics: what makes the library fail in a way that it must not is malformed.
func (d *decoder) decode(datagram []byte, now time.Time) (v verdict) {
	defer func() {
		if r := recover(); r != nil {
			v = verdict{reason: reasonMalformed, detail: "the decoder stumbled over it"}
		}
	}()
	msg, ok := whole(datagram)
	if !ok {
		return verdict{reason: reasonMalformed, detail: "it is no whole BER sequence"}
	}
	d.message = append(d.message[:0], msg...)
	h, ok := readHeader(d.message)
	if !ok {
		return verdict{reason: reasonMalformed, detail: fmt.Sprintf("the header of a message of version %d cannot be read", h.version)}
	}
	if h.version == version3 {
		return d.secured(&h, now)
	}
	if !d.creds.admits(h.community) {
		return verdict{reason: reasonCommunity}
	}
	p, err := d.plain.UnmarshalTrap(d.message, false)
	if err != nil {
		return verdict{reason: reasonMalformed, detail: kindOf(err)}
	}
	return d.record(&h, p, "", now)
}

// secured judges a message of version 3 in the order of RFC 3414, 3.2.
func (d *decoder) secured(h *header, now time.Time) verdict {
	if d.engine == nil {
		return verdict{reason: reasonUser}
	}
	if h.discovers() {
		return verdict{now: d.engine.report(reportEngine, h, d.message, nil, now)}
	}
	if !validEngine(h.engine) || h.flags&flagPriv != 0 && h.flags&flagAuth == 0 {
		return verdict{reason: reasonMalformed, detail: "its engine or its flags cannot be"}
	}
	u := d.creds.find(string(h.user), string(h.engine))
	if u == nil {
		return d.refuse(reasonUser, reportUser, h, now)
	}
	if h.flags&(flagAuth|flagPriv) != u.flags() {
		return d.refuse(reasonLevel, reportLevel, h, now)
	}
	s := d.keys.session(u, string(h.engine))
	late := ""
	if u.auth > gosnmp.NoAuth {
		if !signed(u, s.auth, d.message, h) {
			return d.refuse(reasonAuthentication, reportDigest, h, now)
		}
		if string(h.engine) != d.engine.id {
			if d.clocks.behind(h, now) {
				late = "behind"
			}
		} else if !d.engine.inWindow(h, now) {
			if h.flags&flagReportable != 0 {
				return verdict{now: d.engine.report(reportWindow, h, d.message, s, now)}
			}
			late = "behind"
		}
	}
	p, err := s.decoder().UnmarshalTrap(d.message, true)
	switch {
	case err != nil && h.flags&flagPriv != 0:
		return d.refuse(reasonDecryption, reportDecryption, h, now)
	case err != nil:
		return verdict{reason: reasonMalformed, detail: kindOf(err)}
	}
	return d.record(h, p, late, now)
}

// refuse refuses a message, and tells its sender why where that asks to be told.
func (d *decoder) refuse(reason, report string, h *header, now time.Time) verdict {
	v := verdict{reason: reason}
	if h.flags&flagReportable != 0 {
		v.now = d.engine.report(report, h, d.message, nil, now)
	}
	return v
}

// record makes the record of a decoded message, and the answer to it.
func (d *decoder) record(h *header, p *gosnmp.SnmpPacket, late string, now time.Time) verdict {
	switch {
	case p.PDUType == gosnmp.Trap && h.version == version1:
	case (p.PDUType == gosnmp.SNMPv2Trap || p.PDUType == gosnmp.InformRequest) && h.version != version1:
	default:
		return verdict{reason: reasonNoTrap}
	}
	d.doc = appendDocument(d.doc[:0], h, p, late)
	v := verdict{doc: d.doc}
	if p.PDUType != gosnmp.InformRequest {
		return v
	}
	if h.version == version3 {
		v.later = d.engine.answer(p, now)
		return v
	}
	// The response is the request with another tag: its error status is 0 already (RFC 3416, 4.2.7).
	v.later = append([]byte(nil), d.message...)
	v.later[h.pduAt] = byte(gosnmp.GetResponse)
	return v
}

// kindOf describes an error of the library by its first words: the rest quotes bytes of the message.
func kindOf(err error) string {
	text := err.Error()
	for i, r := range text {
		if r == ':' || r == '(' || r == '|' {
			return text[:i]
		}
	}
	return text
}
