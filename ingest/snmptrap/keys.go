package snmptrap

import (
	"crypto"
	"crypto/hmac"
	"crypto/subtle"

	"github.com/gosnmp/gosnmp"
)

// maxKeys bounds the remembered engines: they can be forged. Making keys again costs microseconds.
const maxKeys = 4096

// masterKey makes of a passphrase what the keys of all engines are made of: the hash of its repetition up to a megabyte
// (RFC 3414, A.2).
func masterKey(hash gosnmp.SnmpV3AuthProtocol, secret string) []byte {
	h := hash.HashType().New()
	block := make([]byte, 0, 64+len(secret))
	for left, at := 1<<20, 0; left > 0; left -= 64 {
		block = block[:0]
		for len(block) < 64 {
			n := copy(block[len(block):64], secret[at:])
			block = block[:len(block)+n]
			at = (at + n) % len(secret)
		}
		h.Write(block)
	}
	return h.Sum(nil)
}

// localKey is the key of one engine (RFC 3414, 2.6), so that one engine that is broken into gives no other away.
func localKey(hash crypto.Hash, master []byte, engine string) []byte {
	h := hash.New()
	h.Write(master)
	h.Write([]byte(engine))
	h.Write(master)
	return h.Sum(nil)
}

// privKeySize is what each cipher needs.
var privKeySize = map[gosnmp.SnmpV3PrivProtocol]int{
	gosnmp.DES: 16, gosnmp.AES: 16, gosnmp.AES192: 24, gosnmp.AES192C: 24, gosnmp.AES256: 32, gosnmp.AES256C: 32,
}

// privKey is the key of the cipher for one engine. Where the hash is shorter than the key it is extended: by another
// round of the hash (Blumenthal), or by the password algorithm over the key (Reeder, which Cisco and others use). The
// second costs a megabyte of hashing, so nobody may ask for it who has not proved that he has the other key.
func (u *user) privKey(engine string) []byte {
	hash := u.auth.HashType()
	key := localKey(hash, u.privMaster, engine)
	size := privKeySize[u.priv]
	for len(key) < size {
		if u.priv == gosnmp.AES192C || u.priv == gosnmp.AES256C {
			key = append(key, localKey(hash, masterKey(u.auth, string(key)), engine)...)
			continue
		}
		h := hash.New()
		h.Write(key)
		key = append(key, h.Sum(nil)...)
	}
	return key[:size]
}

// digestSize is how much of the hash is sent (RFC 3414, RFC 7860).
var digestSize = map[gosnmp.SnmpV3AuthProtocol]int{
	gosnmp.MD5: 12, gosnmp.SHA: 12, gosnmp.SHA224: 16, gosnmp.SHA256: 24, gosnmp.SHA384: 32, gosnmp.SHA512: 48,
}

// signed tells whether the digest of a message is that of its bytes under the key. msg must be a copy of the caller's:
// the place of the digest is cleared while it is made.
func signed(u *user, key, msg []byte, h *header) bool {
	if len(h.digest) != digestSize[u.auth] {
		return false
	}
	sent := append(make([]byte, 0, 48), h.digest...)
	place := msg[h.digestAt : h.digestAt+len(sent)]
	clear(place)
	mac := hmac.New(u.auth.HashType().New, key)
	mac.Write(msg)
	got := mac.Sum(nil)[:len(sent)]
	copy(place, sent)
	return subtle.ConstantTimeCompare(got, sent) == 1
}

// session is a user at an engine: the keys, and the decoder that has them.
type session struct {
	user   *user
	engine string
	auth   []byte
	gosnmp *gosnmp.GoSNMP // nil until a message was authentic
}

// keyring remembers sessions. It belongs to the decoder's goroutine.
type keyring struct {
	sessions map[sessionKey]*session
}

type sessionKey struct {
	user   *user
	engine string
}

// session returns the session of a user at an engine.
func (k *keyring) session(u *user, engine string) *session {
	key := sessionKey{u, engine}
	if s, ok := k.sessions[key]; ok {
		return s
	}
	if k.sessions == nil || len(k.sessions) >= maxKeys {
		k.sessions = map[sessionKey]*session{}
	}
	s := &session{user: u, engine: engine}
	if u.auth > gosnmp.NoAuth {
		s.auth = localKey(u.auth.HashType(), u.authMaster, engine)
	}
	k.sessions[key] = s
	return s
}

// decoder returns the decoder of messages of the session, whose keys are given so that the library makes none.
func (s *session) decoder() *gosnmp.GoSNMP {
	if s.gosnmp != nil {
		return s.gosnmp
	}
	params := &gosnmp.UsmSecurityParameters{
		UserName: s.user.name, AuthoritativeEngineID: s.engine,
		AuthenticationProtocol: s.user.auth, PrivacyProtocol: s.user.priv, SecretKey: s.auth,
	}
	if s.user.priv > gosnmp.NoPriv {
		params.PrivacyKey = s.user.privKey(s.engine)
	}
	s.gosnmp = &gosnmp.GoSNMP{Version: gosnmp.Version3, SecurityModel: gosnmp.UserSecurityModel, MsgFlags: gosnmp.SnmpV3MsgFlags(s.user.flags()), SecurityParameters: params}
	return s.gosnmp
}
