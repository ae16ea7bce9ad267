package snmptrap

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/gosnmp/gosnmp"

	"weir/internal/keep"
)

// Kinds of reports, by which a sender learns what is wrong with its message (RFC 3414, 5).
const (
	reportLevel      = ".1.3.6.1.6.3.15.1.1.1.0"
	reportWindow     = ".1.3.6.1.6.3.15.1.1.2.0"
	reportUser       = ".1.3.6.1.6.3.15.1.1.3.0"
	reportEngine     = ".1.3.6.1.6.3.15.1.1.4.0"
	reportDigest     = ".1.3.6.1.6.3.15.1.1.5.0"
	reportDecryption = ".1.3.6.1.6.3.15.1.1.6.0"
)

// window is how far the clocks of two engines may be apart (RFC 3414, 2.2.3).
const window = 150 * time.Second

// engine is this receiver as an SNMP engine: INFORMs are addressed to it. Safe for many goroutines: answers are made
// where the front door is done.
type engine struct {
	id      string // in bytes
	boots   uint32
	begun   time.Time
	reports atomic.Uint32
}

// engineFile is what is kept of it.
type engineFile struct {
	Engine string `json:"engine"`
	Boots  uint32 `json:"boots"`
}

// openEngine reads the engine's id and counts this start, which is written down before anything is signed with it: a
// message of an earlier start can then never be taken for one of this.
func openEngine(dir string, now time.Time) (*engine, error) {
	file := filepath.Join(dir, "engine.json")
	var st engineFile
	data, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// Enterprise 0 with eight octets of our choice (RFC 3411, SnmpEngineID).
		id := append([]byte{0x80, 0, 0, 0, 5}, make([]byte, 8)...)
		_, _ = rand.Read(id[5:]) // never fails
		st.Engine = hex.EncodeToString(id)
	case err != nil:
		return nil, fmt.Errorf("reading the SNMP engine's identity: %w", err)
	default:
		if err := json.Unmarshal(data, &st); err != nil {
			return nil, fmt.Errorf("reading the SNMP engine's identity from %s: %w", file, err)
		}
	}
	id, err := hex.DecodeString(st.Engine)
	if err != nil || !validEngine(id) {
		return nil, fmt.Errorf("the SNMP engine's identity in %s is not readable", file)
	}
	st.Boots++
	if data, err = json.Marshal(st); err == nil {
		err = keep.WriteFile(file, data)
	}
	if err != nil {
		return nil, fmt.Errorf("keeping the SNMP engine's identity: %w", err)
	}
	return &engine{id: string(id), boots: st.Boots, begun: now}, nil
}

// clock is the engine's time: seconds since its start.
func (e *engine) clock(now time.Time) uint32 { return uint32(now.Sub(e.begun) / time.Second) }

// inWindow tells whether a message for this engine was made now.
func (e *engine) inWindow(h *header, now time.Time) bool {
	apart := time.Duration(int64(h.time)-int64(e.clock(now))) * time.Second
	return h.boots == e.boots && apart <= window && apart >= -window
}

// report makes the report on a message. It is signed where the sender has proved who it is, as its clock is set by it;
// nil where none can be made.
func (e *engine) report(kind string, h *header, msg []byte, s *session, now time.Time) []byte {
	params := &gosnmp.UsmSecurityParameters{
		AuthoritativeEngineID: e.id, AuthoritativeEngineBoots: e.boots, AuthoritativeEngineTime: e.clock(now), UserName: string(h.user),
		AuthenticationProtocol: gosnmp.NoAuth, PrivacyProtocol: gosnmp.NoPriv,
	}
	flags := gosnmp.NoAuthNoPriv
	if s != nil {
		params.AuthenticationProtocol, params.SecretKey = s.user.auth, s.auth
		flags = gosnmp.AuthNoPriv
	}
	p := &gosnmp.SnmpPacket{
		Version: gosnmp.Version3, MsgID: h.id, MsgMaxSize: maxDatagram, MsgFlags: flags, SecurityModel: gosnmp.UserSecurityModel, SecurityParameters: params,
		ContextEngineID: e.id, PDUType: gosnmp.Report, RequestID: requestID(h, msg),
		Variables: []gosnmp.SnmpPDU{{Name: kind, Type: gosnmp.Counter32, Value: e.reports.Add(1)}},
	}
	out, err := p.MarshalMsg()
	if err != nil {
		return nil
	}
	return out
}

// requestID reads the request's number from a message that is not encrypted, 0 from any other.
func requestID(h *header, msg []byte) uint32 {
	if h.flags&flagPriv != 0 {
		return 0
	}
	scoped := (&ber{rest: msg[h.pduAt:], at: h.pduAt}).enter()
	scoped.take(tagOctets)
	scoped.take(tagOctets)
	_, pdu, _ := scoped.next()
	return uint32((&ber{rest: pdu, failed: scoped.failed}).integer())
}

// answer makes the response to an INFORM of version 3; nil where none can be made. p is the decoded message, and is
// changed.
func (e *engine) answer(p *gosnmp.SnmpPacket, now time.Time) []byte {
	params, ok := p.SecurityParameters.(*gosnmp.UsmSecurityParameters)
	if !ok {
		return nil
	}
	if params.AuthoritativeEngineID == e.id {
		params.AuthoritativeEngineBoots, params.AuthoritativeEngineTime = e.boots, e.clock(now)
	}
	if p.MsgFlags&gosnmp.AuthPriv == gosnmp.AuthPriv {
		params.PrivacyParameters = make([]byte, 8)
		_, _ = rand.Read(params.PrivacyParameters) // never fails
	}
	p.PDUType, p.MsgFlags, p.MsgMaxSize = gosnmp.GetResponse, p.MsgFlags&^gosnmp.Reportable, maxDatagram
	p.Error, p.ErrorIndex = gosnmp.NoError, 0
	out, err := p.MarshalMsg()
	if err != nil {
		// A type that can be read and not written: senders look at the number and the status, not at the variables.
		p.Variables = nil
		if out, err = p.MarshalMsg(); err != nil {
			return nil
		}
	}
	return out
}

// clocks remembers the newest time of each engine that has signed a message, to find messages that come again.
type clocks struct {
	engines map[string]engineClock
}

type engineClock struct {
	boots, time uint32
	at          time.Time
}

// behind tells whether a signed message is older than it can be by its engine's clock: sent again by somebody, or by
// an engine that forgot how often it was started.
func (c *clocks) behind(h *header, now time.Time) bool {
	id := string(h.engine)
	last, known := c.engines[id]
	if known {
		expected := int64(last.time) + int64(now.Sub(last.at)/time.Second)
		if h.boots < last.boots || h.boots == last.boots && int64(h.time)+int64(window/time.Second) < expected {
			return true
		}
		if h.boots == last.boots && h.time <= last.time {
			return false
		}
	}
	if c.engines == nil || len(c.engines) >= maxKeys && !known {
		c.engines = map[string]engineClock{}
	}
	c.engines[id] = engineClock{h.boots, h.time, now}
	return false
}
