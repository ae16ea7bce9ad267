package auth

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/fault"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

func newKeeper() (*Keeper, *clock) {
	c := &clock{t: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	return NewKeeper(c.now), c
}

func mint(t *testing.T, k *Keeper, name string) string {
	t.Helper()
	token, _, err := k.Mint(name)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestToken_once(t *testing.T) {
	k, _ := newKeeper()
	token := mint(t, k, "ana")
	if name, ok := k.Holds(token); !ok || name != "ana" {
		t.Fatalf("the token is not held: %q %v", name, ok)
	}
	if _, ok := k.Holds(token); !ok {
		t.Fatal("a look used the token up")
	}
	secret, s, ok := k.SignIn(token)
	if !ok || s.Name != "ana" || s.CSRF == "" {
		t.Fatalf("no session: %+v %v", s, ok)
	}
	if _, _, ok := k.SignIn(token); ok {
		t.Error("the token was good twice")
	}
	got, ok := k.Session(secret)
	if !ok || got.Name != "ana" || got.CSRF != s.CSRF {
		t.Errorf("the session is not known: %+v %v", got, ok)
	}
}

// TestToken_once_race: of many who use a token at once, one gets in.
func TestToken_once_race(t *testing.T) {
	k, _ := newKeeper()
	token := mint(t, k, "ana")
	var wg sync.WaitGroup
	in := make(chan bool, 32)
	for range 32 {
		wg.Go(func() { _, _, ok := k.SignIn(token); in <- ok })
	}
	wg.Wait()
	close(in)
	n := 0
	for ok := range in {
		if ok {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d got in", n)
	}
}

func TestToken_life(t *testing.T) {
	k, c := newKeeper()
	token := mint(t, k, "ana")
	c.add(TokenLife - time.Second)
	if _, ok := k.Holds(token); !ok {
		t.Error("gone before its time")
	}
	c.add(time.Second)
	if _, _, ok := k.SignIn(token); ok {
		t.Error("good beyond its time")
	}
}

// TestToken_forms: what people copy is forgiven, what nobody made is not.
func TestToken_forms(t *testing.T) {
	k, _ := newKeeper()
	token := mint(t, k, "ana")
	for _, form := range []string{strings.ToUpper(token), strings.ReplaceAll(token, "-", ""), token} {
		if _, ok := k.Holds(form); !ok {
			t.Errorf("%q is not taken", form)
		}
	}
	for _, form := range []string{"", "-", token[:len(token)-1], token + "0", strings.Repeat("a", 10_000), "aaaa-aaaa-aaaa-aaaa"} {
		if _, ok := k.Holds(form); ok {
			t.Errorf("%.40q is taken", form)
		}
	}
}

func TestToken_bound(t *testing.T) {
	k, c := newKeeper()
	first := mint(t, k, "ana")
	for range maxTokens {
		c.add(time.Millisecond)
		mint(t, k, "ana")
	}
	if len(k.tokens) != maxTokens {
		t.Errorf("%d tokens are kept", len(k.tokens))
	}
	if _, ok := k.Holds(first); ok {
		t.Error("the oldest did not go")
	}
}

func TestSession_life(t *testing.T) {
	k, c := newKeeper()
	idle, _, _ := k.SignIn(mint(t, k, "ana"))
	c.add(SessionIdle - time.Minute)
	if _, ok := k.Session(idle); !ok {
		t.Fatal("gone before its time")
	}
	for range 30 { // looked at all day
		c.add(time.Hour)
		k.Session(idle)
	}
	if _, ok := k.Session(idle); ok {
		t.Error("a session lives for longer than a day")
	}
	other, _, _ := k.SignIn(mint(t, k, "ben"))
	c.add(SessionIdle)
	if _, ok := k.Session(other); ok {
		t.Error("an idle session lives on")
	}
}

// TestPeek: what a page asks for by itself finds its session, and keeps nobody signed in.
func TestPeek(t *testing.T) {
	k, c := newKeeper()
	secret, s, _ := k.SignIn(mint(t, k, "ana"))
	for range 7 {
		c.add(time.Hour)
		if got, ok := k.Peek(secret); !ok || got.Name != "ana" || got.CSRF != s.CSRF {
			t.Fatalf("got %+v, %v", got, ok)
		}
	}
	c.add(time.Hour)
	if _, ok := k.Peek(secret); ok {
		t.Error("an idle session lives on")
	}
}

// TestAlive: who only asks whether a session is there does not keep it from falling idle.
func TestAlive(t *testing.T) {
	k, c := newKeeper()
	secret, s, _ := k.SignIn(mint(t, k, "ana"))
	c.add(SessionIdle - time.Second)
	if !k.Alive(s) {
		t.Fatal("gone before its time")
	}
	c.add(time.Second)
	if k.Alive(s) {
		t.Error("kept alive by being asked for")
	}
	if _, ok := k.Session(secret); ok {
		t.Error("an idle session lives on")
	}
}

func TestSignOut(t *testing.T) {
	k, _ := newKeeper()
	one, s, _ := k.SignIn(mint(t, k, "ana"))
	two, _, _ := k.SignIn(mint(t, k, "ana"))
	k.SignOut(s)
	if _, ok := k.Session(one); ok {
		t.Error("the session goes on")
	}
	if _, ok := k.Session(two); !ok {
		t.Error("another session of the same person ended")
	}
}

// TestSession_bounds: one person cannot push the others out.
func TestSession_bounds(t *testing.T) {
	k, c := newKeeper()
	ben, _, _ := k.SignIn(mint(t, k, "ben"))
	first, _, _ := k.SignIn(mint(t, k, "ana"))
	for range maxPerName {
		c.add(time.Second)
		k.SignIn(mint(t, k, "ana"))
	}
	if _, ok := k.Session(first); ok {
		t.Error("the session that was idle longest did not go")
	}
	if _, ok := k.Session(ben); !ok {
		t.Error("that of somebody else went")
	}
	for i := range maxSessions + 10 {
		c.add(time.Millisecond)
		k.SignIn(mint(t, k, fmt.Sprintf("p%d", i)))
	}
	if len(k.sessions) > maxSessions {
		t.Errorf("%d sessions are kept", len(k.sessions))
	}
}

// TestSecrets_hashed: nothing that lets somebody in is kept as it is.
func TestSecrets_hashed(t *testing.T) {
	k, _ := newKeeper()
	token := mint(t, k, "ana")
	secret, _, _ := k.SignIn(mint(t, k, "ben"))
	if text := fmt.Sprintf("%v", k.tokens) + fmt.Sprintf("%v", k.sessions); strings.Contains(text, token) || strings.Contains(text, secret) {
		t.Error("a secret is kept as it is")
	}
	if len(secret) < 40 {
		t.Errorf("a secret of %d characters", len(secret))
	}
}

func TestGenuine(t *testing.T) {
	s := Session{CSRF: "abc"}
	for csrf, want := range map[string]bool{"abc": true, "": false, "ab": false, "abd": false, "abcd": false} {
		if s.Genuine(csrf) != want {
			t.Errorf("%q: %v", csrf, !want)
		}
	}
	if (Session{}).Genuine("") {
		t.Error("a session without a secret takes a form without one")
	}
}

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"ana": true, "김민수": true, "Ana Lee": true, "": false, " ana": false, "a\x00b": false, "a\u202eb": false, "a\nb": false, strings.Repeat("a", 65): false, "\xff": false, "a\u200bb": false,
	} {
		if err := CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		} else if err != nil && fault.Code(err) != "name-unusable" {
			t.Errorf("%q: code %q", name, fault.Code(err))
		}
	}
}

// FuzzHolds: nothing but a token that was made is one, whatever is asked for.
func FuzzHolds(f *testing.F) {
	f.Add("7q2m-x4kd-0000-0000")
	f.Add("../../etc/passwd")
	k, _ := newKeeper()
	token, _, err := k.Mint("ana")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, ok := k.Holds(s)
		if want := plain(s) == plain(token); ok != want {
			t.Fatalf("%q: %v", s, ok)
		}
	})
}
