package bus

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"

	"weir/internal/keep"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// gate stands before the broker's TCP port: anybody who reaches the port may read, in groups that are not weir's own;
// everything else needs SASL PLAIN as user weir with the password in passwordFile.
//
// The port is on the loopback address. The gate keeps a program that was pointed at the wrong topic or group from doing
// harm; it is no defence against who can read the password file, or floods the port.
type gate struct {
	password string
	prefix   string
}

// What bounds a request that passes the gate. Requests that only read are small, and the broker needs many times a
// request's size to decode it, so those who have not shown the password get less.
const (
	maxRequest = 6 << 20
	maxReading = 256 << 10
)

var errGate = errors.New("request not permitted without a password")

func newGate(passwordFile, prefix string) (*gate, error) {
	pass, err := os.ReadFile(passwordFile)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	password := strings.TrimSpace(string(pass))
	if err == nil && password == "" { // none yet, or an empty one, which would let everybody in
		password = rand.Text()
		err = keep.WriteFile(passwordFile, []byte(password))
	}
	if err != nil {
		return nil, fmt.Errorf("password of the Kafka port: %w", err)
	}
	return &gate{password, prefix}, nil
}

func (g *gate) wrap(c net.Conn) net.Conn { return &gatedConn{Conn: c, gate: g} }

// gatedConn reads whole requests and lets through what the client may do. The broker reads from one goroutine and
// writes each response with one call, from another.
type gatedConn struct {
	net.Conn
	gate *gate
	// Set by a login, taken back by one that fails. Only the reading goroutine looks at it.
	trusted bool
	// The rest of the request under way. The broker reads a size, then as many bytes.
	pending []byte
	// Set by the reading goroutine, taken by the writing one.
	asked atomic.Pointer[asked]
}

// asked is a request for the broker's versions whose answer has not passed yet. Correlation numbers are the client's to
// choose; the broker answers a connection's requests in turn, so the first answer with this one is the one.
type asked struct {
	correlation int32
	version     int16
}

// Read returns bytes of permitted requests; SASL is answered here and never reaches the broker.
func (c *gatedConn) Read(p []byte) (int, error) {
	for len(c.pending) == 0 {
		frame, err := c.next()
		if err != nil {
			return 0, err
		}
		c.pending = frame
	}
	n := copy(p, c.pending)
	c.pending = c.pending[n:]
	return n, nil
}

// next reads one request; it returns nil for one that was answered here.
func (c *gatedConn) next() ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(c.Conn, size[:]); err != nil {
		return nil, err
	}
	n, most := binary.BigEndian.Uint32(size[:]), uint32(maxReading)
	if c.trusted {
		most = maxRequest
	}
	if n < 8 || n > most { // 8: the least that a header has
		return nil, fmt.Errorf("request of %d bytes", n)
	}
	frame := append(make([]byte, 0, 4+n), size[:]...)
	frame = frame[:4+n]
	if _, err := io.ReadFull(c.Conn, frame[4:]); err != nil {
		return nil, err
	}
	req, correlation, err := decodeRequest(frame[4:])
	if err != nil {
		return nil, err
	}
	switch r := req.(type) {
	case *kmsg.ApiVersionsRequest:
		c.asked.Store(&asked{correlation, r.GetVersion()})
	case *kmsg.SASLHandshakeRequest:
		resp := r.ResponseKind().(*kmsg.SASLHandshakeResponse)
		resp.SupportedMechanisms = []string{"PLAIN"}
		if r.Mechanism != "PLAIN" || r.GetVersion() == 0 { // after version 0 the password would come without a frame
			resp.ErrorCode = kerr.UnsupportedSaslMechanism.Code
		}
		return nil, c.answer(resp, correlation)
	case *kmsg.SASLAuthenticateRequest:
		resp := r.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		if c.trusted = c.gate.check(r.SASLAuthBytes); !c.trusted {
			resp.ErrorCode = kerr.SaslAuthenticationFailed.Code
		}
		return nil, c.answer(resp, correlation)
	}
	if !c.trusted && !c.gate.permits(req) {
		return nil, fmt.Errorf("%w: %s", errGate, kmsg.NameForKey(req.Key()))
	}
	return frame, nil
}

// Write passes a response on.
func (c *gatedConn) Write(p []byte) (int, error) {
	a := c.asked.Load()
	if a == nil || len(p) < 8 || binary.BigEndian.Uint32(p[4:]) != uint32(a.correlation) {
		return c.Conn.Write(p)
	}
	c.asked.Store(nil)
	if _, err := c.Conn.Write(widenVersions(p, a.version)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// widenVersions adds version 0 of the SASL handshake to what the broker says it can: librdkafka takes a broker that
// does not list it for one without SASL, although it then uses version 1, the only one that is answered here. What is
// no such list stays as it is.
func widenVersions(frame []byte, version int16) []byte {
	resp := kmsg.NewPtrApiVersionsResponse()
	resp.SetVersion(version)
	if err := resp.ReadFrom(frame[8:]); err != nil || resp.ErrorCode != 0 {
		return frame // refused, in the form of another version
	}
	for i := range resp.ApiKeys {
		if k := &resp.ApiKeys[i]; k.ApiKey == int16(kmsg.SASLHandshake) {
			k.MinVersion = 0
		}
	}
	out := resp.AppendTo(append(make([]byte, 0, len(frame)+8), frame[:8]...))
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out
}

// decodeRequest reads a request's header (versions 1 and 2, KIP-482) and of its body no more than what permits and SASL
// need, which is the first field of each. The rest is the broker's to read: a list of tags may claim four thousand
// million of them in five bytes, and the generated decoders count that far.
func decodeRequest(b []byte) (kmsg.Request, int32, error) {
	r := kbin.Reader{Src: b}
	key, version, correlation := r.Int16(), r.Int16(), r.Int32()
	req := kmsg.RequestForKey(key)
	if req == nil {
		return nil, 0, fmt.Errorf("request key %d is unknown", key)
	}
	// A version that we do not know is the broker's to refuse. It asks the same table whether that version is flexible.
	req.SetVersion(version)
	r.NullableString() // client id
	if req.IsFlexible() {
		for n := r.Uvarint(); n > 0; n-- {
			if len(r.Src) == 0 {
				return nil, 0, errors.New("request header: tags are missing")
			}
			r.Uvarint()
			r.Span(int(r.Uvarint()))
		}
	}
	text := r.String
	if req.IsFlexible() {
		text = r.CompactString
	}
	switch q := req.(type) {
	case *kmsg.JoinGroupRequest:
		q.Group = text()
	case *kmsg.SyncGroupRequest:
		q.Group = text()
	case *kmsg.HeartbeatRequest:
		q.Group = text()
	case *kmsg.LeaveGroupRequest:
		q.Group = text()
	case *kmsg.OffsetCommitRequest:
		q.Group = text()
	case *kmsg.ConsumerGroupHeartbeatRequest:
		q.Group = text()
	case *kmsg.SASLHandshakeRequest:
		q.Mechanism = text()
	case *kmsg.SASLAuthenticateRequest:
		token := r.Bytes
		if req.IsFlexible() {
			token = r.CompactBytes
		}
		q.SASLAuthBytes = token()
	}
	if err := r.Complete(); err != nil {
		return nil, 0, fmt.Errorf("request header: %w", err)
	}
	return req, correlation, nil
}

// answer writes a response. Only requests that a client waits for are answered here, so no write of the broker is
// under way.
func (c *gatedConn) answer(resp kmsg.Response, correlation int32) error {
	buf := make([]byte, 8, 64)
	if resp.IsFlexible() {
		buf = append(buf, 0)
	}
	buf = resp.AppendTo(buf)
	binary.BigEndian.PutUint32(buf, uint32(len(buf)-4))
	binary.BigEndian.PutUint32(buf[4:], uint32(correlation))
	_, err := c.Conn.Write(buf)
	return err
}

// check verifies a PLAIN token: authorisation NUL user NUL password (RFC 4616).
func (g *gate) check(token []byte) bool {
	parts := strings.Split(string(token), "\x00")
	return len(parts) == 3 && parts[1] == "weir" && subtle.ConstantTimeCompare([]byte(parts[2]), []byte(g.password)) == 1
}

// permits tells whether a client without a password may make the request.
func (g *gate) permits(req kmsg.Request) bool {
	foreign := func(group string) bool { return group != "" && !strings.HasPrefix(group, g.prefix) }
	switch r := req.(type) {
	case *kmsg.ApiVersionsRequest, *kmsg.MetadataRequest, *kmsg.FetchRequest, *kmsg.ListOffsetsRequest,
		*kmsg.FindCoordinatorRequest, *kmsg.OffsetForLeaderEpochRequest, *kmsg.DescribeConfigsRequest,
		*kmsg.DescribeClusterRequest, *kmsg.ListGroupsRequest, *kmsg.DescribeGroupsRequest, *kmsg.OffsetFetchRequest,
		*kmsg.DescribeTopicPartitionsRequest:
		return true
	case *kmsg.JoinGroupRequest:
		return foreign(r.Group)
	case *kmsg.SyncGroupRequest:
		return foreign(r.Group)
	case *kmsg.HeartbeatRequest:
		return foreign(r.Group)
	case *kmsg.LeaveGroupRequest:
		return foreign(r.Group)
	case *kmsg.OffsetCommitRequest:
		return foreign(r.Group)
	case *kmsg.ConsumerGroupHeartbeatRequest:
		return foreign(r.Group)
	}
	return false
}
