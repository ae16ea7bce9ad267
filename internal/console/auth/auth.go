// Package auth keeps the one-time tokens and the sessions of the web console.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"weir/internal/fault"
)

// All of it is in memory: a weir that is started again asks everybody to sign in anew, and no file holds what lets
// somebody in. Of tokens and sessions only hashes are kept, so that a look into the memory of the process, a core or a log
// of a debugger gives nobody a session.

// Bounds of what is kept, and for how long.
const (
	TokenLife   = 10 * time.Minute // from printing to signing in
	SessionIdle = 8 * time.Hour    // without a look at the console
	SessionLife = 24 * time.Hour   // at the longest
	maxTokens   = 64               // the oldest goes
	maxSessions = 256              // of all people
	maxPerName  = 16               // of one person: the one longest idle goes
	maxName     = 64               // runes of a name
)

// Session is one person at one browser.
type Session struct {
	Name  string
	CSRF  string // what every form of the session carries
	Until time.Time
	id    hash
}

type hash [sha256.Size]byte

type token struct {
	name string
	made time.Time
}

type session struct {
	name       string
	csrf       string
	made, seen time.Time
}

// Keeper hands out tokens and remembers sessions. Its methods may be called from many goroutines; it starts none itself:
// what is over goes when somebody asks next.
type Keeper struct {
	now func() time.Time

	mu       sync.Mutex
	tokens   map[hash]token
	sessions map[hash]session
}

// NewKeeper returns a keeper without anybody. now is time.Now but in tests.
func NewKeeper(now func() time.Time) *Keeper {
	return &Keeper{now: now, tokens: map[hash]token{}, sessions: map[hash]session{}}
}

// alphabet leaves out what people mix up when they copy by hand.
var alphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Mint makes a token for a person. It can be used once, within TokenLife.
func (k *Keeper) Mint(name string) (text string, until time.Time, err error) {
	if err := CheckName(name); err != nil {
		return "", time.Time{}, err
	}
	var b [10]byte
	_, _ = rand.Read(b[:]) // it never fails: the program would end
	s := alphabet.EncodeToString(b[:])
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sweep(now)
	if len(k.tokens) >= maxTokens {
		k.dropOldest()
	}
	k.tokens[sum(s)] = token{name, now}
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:], now.Add(TokenLife), nil
}

// CheckName refuses names that cannot stand in a record as what they are: too long, or with characters that are not seen.
func CheckName(name string) error {
	bad := ""
	switch {
	case name == "":
		bad = "it is empty"
	case !utf8.ValidString(name):
		bad = "it is not UTF-8"
	case utf8.RuneCountInString(name) > maxName:
		bad = "it is longer than 64 characters"
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) }):
		bad = "it has characters that are not seen"
	case strings.TrimSpace(name) != name:
		bad = "it begins or ends with a blank"
	}
	if bad == "" {
		return nil
	}
	return &fault.Error{Code: "name-unusable", What: "this is no name for a person", Where: name, Why: bad, Do: "weir console open --name ana", Exit: fault.ExitUsage}
}

// Holds tells whether a token could sign in, and for whom, without using it up.
func (k *Keeper) Holds(text string) (name string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sweep(k.now())
	t, ok := k.tokens[sum(plain(text))]
	return t.name, ok
}

// SignIn uses a token up. secret is the cookie of the session that begins.
func (k *Keeper) SignIn(text string) (secret string, s Session, ok bool) {
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sweep(now)
	h := sum(plain(text))
	t, ok := k.tokens[h]
	if !ok {
		return "", Session{}, false
	}
	delete(k.tokens, h)
	k.makeRoom(t.name)
	secret = random()
	kept := session{name: t.name, csrf: random(), made: now, seen: now}
	id := sum(secret)
	k.sessions[id] = kept
	return secret, Session{Name: kept.name, CSRF: kept.csrf, Until: until(kept), id: id}, true
}

// Session returns the session of a cookie, and keeps it from falling idle.
func (k *Keeper) Session(secret string) (Session, bool) { return k.find(secret, true) }

// Peek is Session for what a page asks for by itself: one that nobody looks at any more falls idle all the same.
func (k *Keeper) Peek(secret string) (Session, bool) { return k.find(secret, false) }

func (k *Keeper) find(secret string, look bool) (Session, bool) {
	if secret == "" || len(secret) > 128 {
		return Session{}, false
	}
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sweep(now)
	id := sum(secret)
	s, ok := k.sessions[id]
	if !ok {
		return Session{}, false
	}
	if look {
		s.seen = now
		k.sessions[id] = s
	}
	return Session{Name: s.name, CSRF: s.csrf, Until: until(s), id: id}, true
}

// SignOut ends a session.
func (k *Keeper) SignOut(s Session) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.sessions, s.id)
}

// Genuine compares what a form carries with what the session has, in constant time.
func (s Session) Genuine(csrf string) bool {
	return s.CSRF != "" && subtle.ConstantTimeCompare([]byte(s.CSRF), []byte(csrf)) == 1
}

// sweep takes away what is over. k.mu is held.
func (k *Keeper) sweep(now time.Time) {
	for h, t := range k.tokens {
		if now.Sub(t.made) >= TokenLife {
			delete(k.tokens, h)
		}
	}
	for h, s := range k.sessions {
		if !now.Before(until(s)) {
			delete(k.sessions, h)
		}
	}
}

// until is when a session ends if nobody looks any more.
func until(s session) time.Time {
	end := s.made.Add(SessionLife)
	if idle := s.seen.Add(SessionIdle); idle.Before(end) {
		return idle
	}
	return end
}

// dropOldest takes the oldest token away. k.mu is held.
func (k *Keeper) dropOldest() {
	var oldest hash
	var at time.Time
	for h, t := range k.tokens {
		if at.IsZero() || t.made.Before(at) {
			oldest, at = h, t.made
		}
	}
	delete(k.tokens, oldest)
}

// makeRoom ends the session that was idle longest, of the person if they have too many, else of all. k.mu is held.
func (k *Keeper) makeRoom(name string) {
	own := 0
	for _, s := range k.sessions {
		if s.name == name {
			own++
		}
	}
	if own < maxPerName && len(k.sessions) < maxSessions {
		return
	}
	var victim hash
	var at time.Time
	for h, s := range k.sessions {
		if (own < maxPerName || s.name == name) && (at.IsZero() || s.seen.Before(at)) {
			victim, at = h, s.seen
		}
	}
	delete(k.sessions, victim)
}

// sum is what is kept of a secret. Looking it up in a map compares hashes of it: how long that takes says nothing about
// the secret.
func sum(s string) hash { return sha256.Sum256([]byte(s)) }

// plain takes away what stands in a token for the eye alone, and forgives capitals.
func plain(text string) string {
	if len(text) > 64 {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(text, "-", ""))
}

// random is a secret of 256 bits.
func random() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Alive tells whether a session has not ended, without keeping it from falling idle.
func (k *Keeper) Alive(s Session) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sweep(k.now())
	_, ok := k.sessions[s.id]
	return ok
}
