// Package snmptrap sends alerts as SNMP notifications of WEIR-MIB, v2c or v3, as traps or informs.
package snmptrap

import (
	"encoding/hex"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/life"
)

// Config is what notify.yaml says of a receiver of traps.
type Config struct {
	Address    string        `yaml:"address" doc:"host:port of the receiver; port 162 where none is written"`
	Version    string        `yaml:"version" doc:"2c (default) or 3" enum:"2c,3"`
	Inform     bool          `yaml:"inform" doc:"send informs, which the receiver answers; a trap may be lost without a word"`
	Community  unit.Secret   `yaml:"community" doc:"community of version 2c: file:PATH, env:NAME, or itself"`
	User       string        `yaml:"user" doc:"user of version 3"`
	Auth       string        `yaml:"auth" doc:"sha256 (default), sha384, sha512, sha224, sha or md5" enum:"sha256,sha384,sha512,sha224,sha,md5"`
	AuthKey    unit.Secret   `yaml:"auth_key" doc:"pass phrase of authentication, at least 8 characters; empty: none"`
	Priv       string        `yaml:"priv" doc:"aes (default), aes192, aes256 or des" enum:"aes,aes192,aes256,des"`
	PrivKey    unit.Secret   `yaml:"priv_key" doc:"pass phrase of encryption, at least 8 characters; empty: none"`
	EngineID   string        `yaml:"engine_id" doc:"this sender's engine, 5 to 32 bytes in hexadecimal, which a receiver of v3 traps must know (default: made of enterprise and host name)"`
	Enterprise string        `yaml:"enterprise" doc:"arc under which WEIR-MIB stands (default 1.3.6.1.4.1.32473, the number for examples: weir has none registered)"`
	Timeout    unit.Duration `yaml:"timeout" doc:"how long a message may take, with an inform's answer (default 10s)"`
}

// enterprise is the private enterprise number that is set aside for documentation (RFC 5612).
const enterprise = "1.3.6.1.4.1.32473"

// shortestKey is what SNMP asks of a pass phrase. Net-SNMP refuses shorter ones too, so they could
// never be the receiver's.
const shortestKey = 8

// sender sends to one receiver. It never changes after New; each Send has a socket and a client of the
// library of its own.
type sender struct {
	host       string
	port       uint16
	inform     bool
	version    gosnmp.SnmpVersion
	community  string
	flags      gosnmp.SnmpV3MsgFlags
	user       user
	engine     string
	enterprise string
	hidden     []string
	begun      time.Time
	timeout    time.Duration
	now        func() time.Time
	sends      life.Sends
}

// user is who weir is to a receiver of version 3. The keys are pass phrases; the library makes keys of
// them for each engine.
type user struct {
	name             string
	auth             gosnmp.SnmpV3AuthProtocol
	priv             gosnmp.SnmpV3PrivProtocol
	authKey, privKey string
}

// New makes a channel to a receiver of traps.
func New(c Config, d channel.Deps) (channel.Channel, error) {
	d = d.Ready()
	s := &sender{inform: c.Inform, enterprise: strings.TrimPrefix(c.Enterprise, "."), timeout: channel.Span(c.Timeout), now: d.Now, begun: d.Now()}
	if err := s.place(c.Address); err != nil {
		return nil, err
	}
	if s.enterprise == "" {
		s.enterprise = enterprise
	}
	if !arcs.MatchString(s.enterprise) {
		return nil, channel.Bad("enterprise", "is no arc below 1.3.6.1.4.1", "write it as 1.3.6.1.4.1.NUMBER")
	}
	if err := s.engineID(c.EngineID); err != nil {
		return nil, err
	}
	switch c.Version {
	case "", "2c":
		return s.plain(c, d)
	case "3":
		return s.secure(c, d)
	}
	return nil, channel.Bad("version", "is none of 2c, 3", "leave it out for 2c")
}

// arcs are object identifiers of enterprises. A deeper arc than the enterprise's own is fine: large
// ones hand out parts of theirs.
var arcs = regexp.MustCompile(`^1\.3\.6\.1\.4\.1(\.(0|[1-9][0-9]{0,9})){1,20}$`)

// place reads the address. It stays a name until a message is sent: receivers move.
func (s *sender) place(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port, err = net.SplitHostPort(address + ":162")
	}
	n, e := strconv.ParseUint(port, 10, 16)
	if err != nil || e != nil || n == 0 || host == "" {
		return channel.Bad("address", "is no host:port", "write it as nms.example.com:162")
	}
	s.host, s.port = host, uint16(n)
	return nil
}

// engineID is the name of this sender as an engine. Receivers of v3 traps keep keys by it, so it must
// not change: of the host name, which changes less often than addresses do.
func (s *sender) engineID(written string) error {
	if written != "" {
		id, err := hex.DecodeString(strings.TrimPrefix(strings.ToLower(written), "0x"))
		if err != nil || len(id) < 5 || len(id) > 32 {
			return channel.Bad("engine_id", "is no engine", "write 5 to 32 bytes in hexadecimal: 80007ed904776569722d31")
		}
		s.engine = string(id)
		return nil
	}
	number, _, _ := strings.Cut(strings.TrimPrefix(s.enterprise, "1.3.6.1.4.1."), ".")
	n, err := strconv.ParseUint(number, 10, 31)
	if err != nil {
		return channel.Bad("enterprise", "has a number that is too large", "write it as 1.3.6.1.4.1.NUMBER")
	}
	host, _ := os.Hostname() // without one the engine is that of any weir
	const text = 4           // of RFC 3411: what follows is text
	id := []byte{0x80 | byte(n>>24), byte(n >> 16), byte(n >> 8), byte(n), text}
	id = append(id, "weir-"+host...)
	s.engine = string(id[:min(len(id), 32)])
	return nil
}

// plain is a sender of version 2c. Its community goes over the network in the clear, as that version
// has it.
func (s *sender) plain(c Config, d channel.Deps) (channel.Channel, error) {
	if c.User != "" || c.AuthKey != "" || c.PrivKey != "" {
		return nil, channel.Bad("user", "is for version 3", "write version: \"3\", or remove it")
	}
	var err error
	if s.community, err = d.Reveal("community", c.Community); err != nil {
		return nil, err
	}
	if s.community == "" {
		return nil, channel.Bad("community", "is missing", "write community: env:NAME or file:PATH")
	}
	s.version, s.hidden = gosnmp.Version2c, []string{s.community}
	return s, nil
}

// auths and privs are the names of the configuration.
var (
	auths = map[string]gosnmp.SnmpV3AuthProtocol{
		"": gosnmp.SHA256, "sha256": gosnmp.SHA256, "sha384": gosnmp.SHA384, "sha512": gosnmp.SHA512, "sha224": gosnmp.SHA224, "sha": gosnmp.SHA, "md5": gosnmp.MD5,
	}
	privs = map[string]gosnmp.SnmpV3PrivProtocol{
		"": gosnmp.AES, "aes": gosnmp.AES, "aes192": gosnmp.AES192, "aes256": gosnmp.AES256, "des": gosnmp.DES,
	}
)

// secure is a sender of version 3, as secure as the keys that there are make it: with none of them it
// is no more than a user's name, which some receivers want.
func (s *sender) secure(c Config, d channel.Deps) (channel.Channel, error) {
	if c.User == "" || len(c.User) > 32 {
		return nil, channel.Bad("user", "has no name of 1 to 32 bytes", "write the user that the receiver knows")
	}
	if c.Community != "" {
		return nil, channel.Bad("community", "is for version 2c", "remove it")
	}
	auth, priv := auths[c.Auth], privs[c.Priv]
	if auth == 0 || priv == 0 {
		return nil, channel.Bad("auth", "or `priv` is none that is known", "leave them out for sha256 and aes")
	}
	authKey, err := d.Reveal("auth_key", c.AuthKey)
	if err != nil {
		return nil, err
	}
	privKey, err := d.Reveal("priv_key", c.PrivKey)
	if err != nil {
		return nil, err
	}
	s.version, s.flags = gosnmp.Version3, gosnmp.NoAuthNoPriv
	s.user = user{name: c.User, auth: gosnmp.NoAuth, priv: gosnmp.NoPriv}
	for key, text := range map[string]string{"auth_key": authKey, "priv_key": privKey} {
		if text != "" && len(text) < shortestKey {
			return nil, channel.Bad(key, "is shorter than 8 characters", "SNMP asks for at least 8")
		}
		s.hidden = append(s.hidden, text)
	}
	if privKey != "" && authKey == "" {
		return nil, channel.Bad("auth_key", "is missing beside `priv_key`", "SNMP encrypts only what is authenticated")
	}
	if authKey != "" {
		s.flags, s.user.auth, s.user.authKey = gosnmp.AuthNoPriv, auth, authKey
	}
	if privKey != "" {
		s.flags, s.user.priv, s.user.privKey = gosnmp.AuthPriv, priv, privKey
	}
	return s, nil
}

// MaxAlerts tells that each alert is a notification of its own.
func (s *sender) MaxAlerts() int { return 100 }

// Close implements channel.Channel.
func (s *sender) Close() error { return s.sends.Close() }
