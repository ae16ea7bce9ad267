package redact

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The ways in which a value is taken out.
const (
	Mask    = "mask"    // asterisks, but for the last characters that the rule keeps; of an address the network stays
	Hash    = "hash"    // HMAC-SHA256 under the key: equal values stay equal, and nobody without the key can try values
	Encrypt = "encrypt" // AES-256-GCM under the key: who has the key can read it again (weir decrypt)
	Drop    = "drop"    // gone
)

// Prefixes of what a key made. What begins so is left alone: an event that is read again is not redacted twice.
const (
	hashPrefix   = "hash:"
	cipherPrefix = "enc:v1:"
)

// minKey is the shortest secret that is taken for a key.
const minKey = 16

// key makes hashes and cipher texts. Both keys come from the one secret, so that neither helps against the other.
type key struct {
	id   string // the first characters of a hash of the secret: which key it was
	mac  []byte
	aead cipher.AEAD
}

// newKey makes a key of a secret.
func newKey(secret string) (*key, error) {
	if len(secret) < minKey {
		return nil, fmt.Errorf("the key has %d characters, at least %d are needed (openssl rand -hex 32)", len(secret), minKey)
	}
	derive := func(purpose string) []byte {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte("weir redact " + purpose)) // a hash never fails
		return m.Sum(nil)
	}
	block, err := aes.NewCipher(derive("encrypt"))
	if err != nil {
		return nil, fmt.Errorf("making the cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("making the cipher: %w", err)
	}
	return &key{id: hex.EncodeToString(derive("id")[:4]), mac: derive("hash"), aead: aead}, nil
}

func (k *key) sum(s string) []byte {
	m := hmac.New(sha256.New, k.mac)
	m.Write([]byte(s)) // a hash never fails
	return m.Sum(nil)
}

// hash is the pseudonym of a value. That of an address is one too, of the unique local addresses (RFC 4193), so that rules
// and fields of addresses go on working.
func (k *key) hash(s string) string {
	sum := k.sum(s)
	if _, err := netip.ParseAddr(s); err == nil {
		b := [16]byte(sum[:16])
		b[0] = 0xfd
		return netip.AddrFrom16(b).String()
	}
	return hashPrefix + hex.EncodeToString(sum[:16])
}

// encrypt returns the cipher text with the id of its key.
func (k *key) encrypt(s string) string {
	nonce := make([]byte, k.aead.NonceSize())
	_, _ = rand.Read(nonce) // crypto/rand never fails: it ends the program
	sealed := k.aead.Seal(nonce, nonce, []byte(s), []byte(k.id))
	return cipherPrefix + k.id + ":" + base64.RawURLEncoding.EncodeToString(sealed)
}

// decrypt reads a cipher text of this key.
func (k *key) decrypt(s string) (string, error) {
	id, data, ok := strings.Cut(strings.TrimPrefix(s, cipherPrefix), ":")
	if !ok || id != k.id {
		return "", errOtherKey
	}
	raw, err := base64.RawURLEncoding.DecodeString(data)
	if err != nil || len(raw) < k.aead.NonceSize() {
		return "", errors.New("the cipher text is cut")
	}
	n := k.aead.NonceSize()
	plain, err := k.aead.Open(nil, raw[:n], raw[n:], []byte(id))
	if err != nil {
		return "", errors.New("the cipher text was changed")
	}
	return string(plain), nil
}

var errOtherKey = errors.New("it was made with another key")

// replace returns what stands in place of a value. ok is false where there is nothing to do.
func (r *Rules) replace(l *rule, s string) (string, bool) {
	if strings.HasPrefix(s, hashPrefix) || strings.HasPrefix(s, cipherPrefix) {
		return s, false
	}
	switch l.how {
	case Hash:
		if a, err := netip.ParseAddr(s); err == nil && a.Is6() && a.As16()[0] == 0xfd {
			return s, false // a pseudonym already
		}
		return r.key.hash(s), true
	case Encrypt:
		return r.key.encrypt(s), true
	case Drop:
		return "", true
	}
	return mask(s, l.keep), true
}

// mask hides a text but for its last keep characters. What is not longer than twice that is hidden whole.
func mask(s string, keep int) string {
	if a, err := netip.ParseAddr(s); err == nil {
		bits := 24
		if !a.Unmap().Is4() {
			bits = 48
		}
		if p, err := a.Unmap().WithZone("").Prefix(bits); err == nil {
			return p.Addr().String()
		}
	}
	n := utf8.RuneCountInString(s)
	if n <= 2*keep {
		keep = 0
	}
	var b strings.Builder
	i := 0
	for _, r := range s {
		if i < n-keep && r != '-' && r != ' ' && r != '@' && r != '.' {
			r = '*'
		}
		b.WriteRune(r)
		i++
	}
	return b.String()
}

// ciphers finds cipher texts within others.
var ciphers = regexp.MustCompile(regexp.QuoteMeta(cipherPrefix) + `[0-9a-f]{8}:[A-Za-z0-9_-]+`)

// Decrypt returns a text with all cipher texts of the key replaced by what they say, and how many there were and how many
// of them could not be read: they stay as they are.
func Decrypt(secret, text string) (plain string, read, unread int, err error) {
	k, err := newKey(secret)
	if err != nil {
		return "", 0, 0, err
	}
	plain = ciphers.ReplaceAllStringFunc(text, func(c string) string {
		s, err := k.decrypt(c)
		if err != nil {
			unread++
			return c
		}
		read++
		return s
	})
	return plain, read, unread, nil
}
