package store

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/internal/fault"
	"weir/internal/review"
	"weir/internal/review/keys"
	"weir/internal/review/seal"
)

var (
	day     = time.Date(2026, 11, 3, 1, 2, 3, 0, time.UTC)
	private = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	jung    = keys.Key{Name: "jung", Public: base64.StdEncoding.EncodeToString(private.Public().(ed25519.PublicKey)), Accounts: []string{"jung01"}}
)

// facts is a review of October with two systems and three downloads.
func facts() *review.Facts {
	return &review.Facts{
		V: 1, ID: "2026-10", Revision: 1, Drafted: review.Stamp{At: day, By: "ana"},
		Period: review.Period{Name: "2026-10", From: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Zone: "UTC"},
		Systems: []review.System{
			{ID: "crm", Accounts: []review.Account{{Name: "Kim01", Person: "Kim Min"}}, Findings: []review.Finding{{ID: "off-hours"}}, Downloads: []review.Handling{{Event: "aa1", Account: "kim01"}, {Event: "aa2", Account: "lee02", Reason: "audit"}}},
			{ID: "hr", Reviewers: []string{"park", "jung"}, Downloads: []review.Handling{{Event: "bb1"}}},
		},
	}
}

func newStore(t *testing.T) (*Store, View) {
	t.Helper()
	s := Open(filepath.Join(t.TempDir(), "reviews"))
	v, err := s.Put(facts())
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

func code(t *testing.T, err error, want string) {
	t.Helper()
	if fault.Code(err) != want {
		t.Errorf("%v (%s), want %s", err, fault.Code(err), want)
	}
}

func stamp(by string) review.Stamp { return review.Stamp{At: day, By: by} }

func TestID(t *testing.T) {
	for _, x := range []struct {
		period, system string
		revision       int
		want           string
	}{{"2026-10", "", 1, "2026-10"}, {"2026-10", "hr-db", 1, "2026-10-hr-db"}, {"2026-Q4", "crm", 3, "2026-Q4-crm.3"}, {"2026", "", 2, "2026.2"}} {
		if got := ID(x.period, x.system, x.revision); got != x.want || !ids.MatchString(got) {
			t.Errorf("%s, want %s", got, x.want)
		}
	}
	s := Open(t.TempDir())
	for _, id := range []string{"", "..", "../2026-10", "2026-10/..", "2026-13", "2026-10\x00", "2026-10-a/b", "keys.json", strings.Repeat("2", 300)} {
		_, err := s.Get(id)
		code(t, err, "review-unknown")
	}
}

// TestID_names: a name of other letters has an id that is a file name everywhere, and two names never have one.
func TestID_names(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"crm", "crm.kr", "crm-kr", "고객관리", "고객 관리", "HR DB", "hr/db", "..", strings.Repeat("가", 80), "a" + strings.Repeat("b", 70), "CRM", "crm_kr"} {
		id := ID("2026-10", name, 2)
		if !ids.MatchString(id) || strings.ContainsAny(id, "/ ") {
			t.Errorf("%s: %s", name, id)
		}
		if other, ok := seen[id]; ok {
			t.Errorf("%s and %s are both %s", name, other, id)
		}
		seen[id] = name
	}
	if id := ID("2026-10", "hr-db", 1); id != "2026-10-hr-db" {
		t.Errorf("a plain name became %s", id)
	}
}

func TestComment(t *testing.T) {
	s, v := newStore(t)
	v1, err := s.Comment("2026-10", v.Version, "crm", review.Comment{Stamp: stamp("ana"), Finding: "off-hours", Text: "월말 <b>\xff"})
	if err != nil || v1.Version <= v.Version || v1.Facts.State != review.Commented {
		t.Fatalf("%+v, %v", v1.Facts.State, err)
	}
	_, err = s.Comment("2026-10", v.Version, "", review.Comment{Stamp: stamp("bob"), Text: "second"})
	code(t, err, "review-changed")
	v2, err := s.Comment("2026-10", 0, "", review.Comment{Stamp: stamp("bob"), Text: "whole"})
	if err != nil || len(v2.Facts.Comments) != 1 || v2.Facts.Comments[0].Nr != 2 {
		t.Fatalf("%+v, %v", v2.Facts.Comments, err)
	}
	if c := v2.Facts.System("crm").Comments; len(c) != 1 || c[0].Text != "월말 <b>\uFFFD" || c[0].By != "ana" {
		t.Errorf("%+v", c)
	}
	for name, x := range map[string]struct {
		system string
		c      review.Comment
		code   string
	}{
		"no text":         {"", review.Comment{Text: " \n"}, "review-text"},
		"too long":        {"", review.Comment{Text: strings.Repeat("x", maxText+1)}, "review-text"},
		"no system":       {"web", review.Comment{Text: "x"}, "review-unknown"},
		"no finding":      {"hr", review.Comment{Text: "x", Finding: "off-hours"}, "review-unknown"},
		"finding of none": {"", review.Comment{Text: "x", Finding: "off-hours"}, "review-unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Comment("2026-10", 0, x.system, x.c)
			code(t, err, x.code)
		})
	}
	// What was written survives another draft, and another process reads it.
	again := facts()
	again.Systems[0].Events = 7
	if _, err := s.Put(again); err != nil {
		t.Fatal(err)
	}
	v3, err := Open(s.dir).Get("2026-10")
	if err != nil || v3.Facts.System("crm").Events != 7 || len(v3.Facts.System("crm").Comments) != 1 || v3.Version <= v2.Version {
		t.Errorf("%+v, %v", v3, err)
	}
}

// TestMark: every change of a review changes its mark, and nothing else does.
func TestMark(t *testing.T) {
	s, _ := newStore(t)
	last := s.Mark("2026-10")
	if last == "" || s.Mark("2026-10") != last || s.Mark("../x") != "" {
		t.Fatalf("%q", last)
	}
	for _, change := range []func() error{
		func() error {
			_, err := s.Comment("2026-10", 0, "", review.Comment{Text: "x"})
			return err
		},
		func() error {
			_, _, err := s.Decide("2026-10", 0, "bb1", review.Decision{Kind: "reason", Text: "x"})
			return err
		},
		func() error { _, err := s.Put(facts()); return err },
		func() error { _, err := signAs(t, s, jung, "ana"); return err },
		func() error { return s.Sealed("2026-10", Sealed{Seq: 1}) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		now := s.Mark("2026-10")
		if now == last {
			t.Error("a change that nobody sees")
		}
		last = now
	}
}

// TestComment_Together: of many who saw the same version one writes, and the others are told.
func TestComment_Together(t *testing.T) {
	s, v := newStore(t)
	var wg sync.WaitGroup
	var wrote, told atomic.Int32
	for i := range 20 {
		wg.Go(func() {
			switch _, err := s.Comment("2026-10", v.Version, "", review.Comment{Stamp: stamp("ana"), Text: fmt.Sprint(i)}); {
			case err == nil:
				wrote.Add(1)
			case fault.Code(err) == "review-changed":
				told.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wrote.Load() != 1 || told.Load() != 19 {
		t.Errorf("%d wrote, %d were told", wrote.Load(), told.Load())
	}
}

func TestDecide(t *testing.T) {
	s, _ := newStore(t)
	decide := func(by, event, kind, text, whom string) (string, error) {
		_, h, err := s.Decide("2026-10", 0, event, review.Decision{Stamp: stamp(by), Kind: kind, Text: text, Whom: whom})
		return h.Status(), err
	}
	for _, x := range []struct{ name, by, event, kind, text, whom, status, code string }{
		{"nothing to approve", "ana", "aa1", "approve", "", "", "", "review-decision"},
		{"nobody was asked", "ana", "aa1", "answer", "x", "", "", "review-decision"},
		{"a kind of one's own", "ana", "aa1", "delete", "x", "", "", "review-decision"},
		{"no text", "ana", "aa1", "reason", "", "", "", "review-text"},
		{"two begin so", "ana", "aa", "reason", "x", "", "", "review-unknown"},
		{"none begins so", "ana", "cc", "reason", "x", "", "", "review-unknown"},
		{"nothing named", "ana", "", "reason", "x", "", "", "review-unknown"},
		{"asked", "ana", "aa1", "ask", "", "kim01", "asked", ""},
		{"asked is no reason", "ana", "aa1", "approve", "", "", "", "review-decision"},
		{"answered", "ana", "aa1", "answer", "tax", "kim01", "answered", ""},
		{"one's own", "KIM01", "aa1", "approve", "", "", "", "review-decision"},
		{"approved", "ana", "aa1", "approve", "", "", "approved", ""},
		{"reason of the record", "ana", "aa2", "approve", "", "", "approved", ""},
		{"by its beginning", "ana", "b", "reason", "law", "", "entered", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			status, err := decide(x.by, x.event, x.kind, x.text, x.whom)
			if fault.Code(err) != x.code && !(x.code == "" && err == nil) {
				t.Fatalf("%v, want %q", err, x.code)
			}
			if err == nil && status != x.status {
				t.Errorf("%s, want %s", status, x.status)
			}
		})
	}
	v, err := s.Get("2026-10")
	if err != nil || len(v.Facts.System("crm").Downloads[0].Decisions) != 3 {
		t.Errorf("%+v, %v", v.Facts.System("crm").Downloads, err)
	}
}

// signAs prepares and signs.
func signAs(t *testing.T, s *Store, k keys.Key, by string, systems ...string) (View, error) {
	t.Helper()
	w, err := s.Prepare("2026-10", Reviewer{Key: k, By: by}, day, systems)
	if err != nil {
		return View{}, err
	}
	return s.Sign("2026-10", seal.Sign(w.ID, w.Revision, w.Signature, private), Reviewer{Key: k, By: by})
}

func TestPrepare_WhoMaySign(t *testing.T) {
	s, _ := newStore(t)
	for _, x := range []struct {
		name, by string
		accounts []string
		key      string
		systems  []string
		signs    []string
		code     string
	}{
		{name: "both", key: "jung", signs: []string{"crm", "hr"}},
		{name: "own account", key: "jung", accounts: []string{"KIM01"}, signs: []string{"hr"}},
		{name: "own name in the list of users", key: "jung", accounts: []string{"Kim Min"}, signs: []string{"hr"}},
		{name: "who asks has access", key: "jung", by: "kim01", signs: []string{"hr"}},
		{name: "no reviewer of hr", key: "lee", signs: []string{"crm"}},
		{name: "nothing left", key: "kim01", code: "review-own-access"},
		{name: "only one", key: "jung", systems: []string{"hr"}, signs: []string{"hr"}},
		{name: "no such system", key: "jung", systems: []string{"web"}, code: "review-unknown"},
	} {
		t.Run(x.name, func(t *testing.T) {
			w, err := s.Prepare("2026-10", Reviewer{Key: keys.Key{Name: x.key, Accounts: x.accounts}, By: "kim01", Person: x.by}, day, x.systems)
			if x.code != "" {
				code(t, err, x.code)
				return
			}
			var got []string
			for _, p := range w.Signature.Parts[1:] {
				got = append(got, p.System)
			}
			if err != nil || !slices.Equal(got, x.signs) || len(x.systems) == 0 && len(got)+len(w.Refused) != 2 {
				t.Errorf("%v, refused %v, %v", got, w.Refused, err)
			}
		})
	}
	_, err := s.Prepare("2026-10", Reviewer{Key: keys.Key{Name: "jung", Revoked: day}}, day, nil)
	code(t, err, "review-key")
}

func TestSign(t *testing.T) {
	s, _ := newStore(t)
	v, err := signAs(t, s, jung, "ana", "crm")
	if err != nil || !slices.Equal(v.Facts.Unsigned(), []string{"hr"}) {
		t.Fatalf("%v, %v", v.Facts, err)
	}
	_, err = signAs(t, s, jung, "ana", "crm")
	code(t, err, "review-own-access") // it is signed already
	_, err = s.Comment("2026-10", 0, "crm", review.Comment{Text: "late"})
	code(t, err, "review-signed")
	_, err = s.Comment("2026-10", 0, "", review.Comment{Text: "late"})
	code(t, err, "review-signed")
	_, _, err = s.Decide("2026-10", 0, "aa1", review.Decision{Kind: "reason", Text: "late"})
	code(t, err, "review-signed")
	_, err = s.Put(facts())
	code(t, err, "review-signed")
	// The other system is still open.
	if _, err = s.Comment("2026-10", 0, "hr", review.Comment{Stamp: stamp("lee"), Text: "in time"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Signed("2026-10"); err == nil {
		t.Error("half a signature makes a signed review")
	}
	if err := s.Sealed("2026-10", Sealed{}); err == nil {
		t.Error("sealed before it was signed")
	}
	if v, err = signAs(t, s, jung, "ana"); err != nil || v.Facts.State != review.Signed {
		t.Fatalf("%v, %v", v.Facts, err)
	}
	doc, err := s.Signed("2026-10")
	if err != nil {
		t.Fatal(err)
	}
	if r, err := seal.Verify(doc, func(string) (string, bool) { return jung.Public, true }); err != nil || !r.OK {
		t.Errorf("%+v, %v", r, err)
	}
	_, err = signAs(t, s, jung, "ana")
	code(t, err, "review-signed")
	if err := s.Sealed("2026-10", Sealed{Path: "reviews/2026-10.json", Seq: 9}); err != nil {
		t.Fatal(err)
	}
	if v, err := s.Get("2026-10"); err != nil || v.Sealed == nil || v.Sealed.Seq != 9 {
		t.Errorf("%+v, %v", v.Sealed, err)
	}
}

// TestSign_NotBelieved: what comes as a signature is checked as if its maker were the attacker.
func TestSign_NotBelieved(t *testing.T) {
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32))
	for name, x := range map[string]struct {
		change func(s *Store, w *ToSign)
		key    ed25519.PrivateKey
		by     string
		code   string
	}{
		"another key":           {func(*Store, *ToSign) {}, other, "ana", "review-key"},
		"another user":          {func(*Store, *ToSign) {}, private, "bob", "review-key"},
		"another hash":          {func(_ *Store, w *ToSign) { w.Signature.Parts[1].SHA256 = strings.Repeat("0", 64) }, private, "ana", "review-changed"},
		"no head":               {func(_ *Store, w *ToSign) { w.Signature.Parts = w.Signature.Parts[1:] }, private, "ana", "review-changed"},
		"no system":             {func(_ *Store, w *ToSign) { w.Signature.Parts = w.Signature.Parts[:1] }, private, "ana", "review-changed"},
		"a system twice":        {func(_ *Store, w *ToSign) { w.Signature.Parts = append(w.Signature.Parts, w.Signature.Parts[1]) }, private, "ana", "review-changed"},
		"a comment came before": {func(s *Store, _ *ToSign) { _, _ = s.Comment("2026-10", 0, "crm", review.Comment{Text: "x"}) }, private, "ana", "review-changed"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newStore(t)
			w, err := s.Prepare("2026-10", Reviewer{Key: jung, By: "ana"}, day, nil)
			if err != nil {
				t.Fatal(err)
			}
			x.change(s, &w)
			_, err = s.Sign("2026-10", seal.Sign(w.ID, w.Revision, w.Signature, x.key), Reviewer{Key: jung, By: x.by})
			code(t, err, x.code)
			if v, _ := s.Get("2026-10"); len(v.Facts.Signatures) != 0 {
				t.Error("it was taken all the same")
			}
		})
	}
}

func TestPrepare_Early(t *testing.T) {
	s := Open(t.TempDir())
	f := facts()
	f.Drafted.At = f.Period.To.Add(-time.Hour)
	if _, err := s.Put(f); err != nil {
		t.Fatal(err)
	}
	_, err := s.Prepare("2026-10", Reviewer{Key: jung}, day, nil)
	code(t, err, "review-early")
}

func TestList_AndDamage(t *testing.T) {
	s, _ := newStore(t)
	f := facts()
	f.ID = "2026-09"
	if _, err := s.Put(f); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "not a review"), 0o700); err != nil {
		t.Fatal(err)
	}
	if list, err := s.List(); err != nil || !slices.Equal(list, []string{"2026-09", "2026-10"}) {
		t.Errorf("%v, %v", list, err)
	}
	if list, err := Open(filepath.Join(t.TempDir(), "none")).List(); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	for file, text := range map[string]string{"draft.json": `{"id":`, "work.json": "[]"} {
		path := filepath.Join(s.dir, "2026-10", file)
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = s.Get("2026-10")
		code(t, err, "review-store")
		_ = os.WriteFile(path, was, 0o600)
	}
	// A draft of another review in this place is not taken for this one.
	b, _ := os.ReadFile(filepath.Join(s.dir, "2026-09", "draft.json"))
	_ = os.WriteFile(filepath.Join(s.dir, "2026-10", "draft.json"), b, 0o600)
	_, err := s.Get("2026-10")
	code(t, err, "review-store")
}
