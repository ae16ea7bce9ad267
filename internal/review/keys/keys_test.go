package keys

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/fault"
)

var day = time.Date(2026, 11, 3, 1, 2, 3, 0, time.UTC)

// publicOf is a public key of its own for each number.
func publicOf(b byte) string {
	k := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, 32))
	return base64.StdEncoding.EncodeToString(k.Public().(ed25519.PublicKey))
}

func code(t *testing.T, err error, want string) {
	t.Helper()
	if fault.Code(err) != want {
		t.Errorf("%v (%s), want %s", err, fault.Code(err), want)
	}
}

func TestRegister(t *testing.T) {
	dir := t.TempDir()
	r := Open(dir)
	if list, err := r.List(); len(list) != 0 || err != nil {
		t.Fatalf("%v, %v", list, err)
	}
	park := Key{Name: "park", Public: publicOf(1), Accounts: []string{"park03", "park-adm"}, Added: day, AddedBy: "ana"}
	if err := r.Add(park); err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]Key{
		"the name again": {Name: "park", Public: publicOf(2)}, "the key again": {Name: "lee", Public: publicOf(1)}, "no key": {Name: "lee", Public: "x"}, "a short key": {Name: "lee", Public: "AAAA"},
		"no name": {Public: publicOf(2)}, "a path": {Name: "../lee", Public: publicOf(2)}, "dots": {Name: "a..b", Public: publicOf(2)}, "a line": {Name: "a\nb", Public: publicOf(2)},
	} {
		t.Run(name, func(t *testing.T) { code(t, r.Add(k), "review-key") })
	}
	// Another process sees it at once, and a Korean name is a name.
	if err := Open(dir).Add(Key{Name: "김민수", Public: publicOf(3)}); err != nil {
		t.Fatal(err)
	}
	k, err := r.Find("park")
	if err != nil || !k.Active() || !slices.Equal(k.Accounts, park.Accounts) {
		t.Errorf("%+v, %v", k, err)
	}
	if err := r.Revoke("park", "ana", "left", day); err != nil {
		t.Fatal(err)
	}
	if err := r.Revoke("park", "bob", "again", day.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if k, _ := r.Find("park"); k.Active() || k.RevokedBy != "ana" || k.Why != "left" || !k.Revoked.Equal(day) {
		t.Errorf("revoked twice: %+v", k)
	}
	code(t, r.Revoke("nobody", "ana", "", day), "review-key")
	_, err = r.Find("nobody")
	code(t, err, "review-key")
}

func TestRegister_Together(t *testing.T) {
	r := Open(t.TempDir())
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := r.Add(Key{Name: "k" + string(rune('a'+i)), Public: publicOf(byte(i + 1))}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if list, err := r.List(); len(list) != 20 || err != nil {
		t.Errorf("%d keys, %v", len(list), err)
	}
}

func TestRegister_Damaged(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "keys.json"), []byte(`{"keys":[{"na`), 0o600); err != nil {
		t.Fatal(err)
	}
	r := Open(dir)
	_, err := r.List()
	code(t, err, "review-store")
	code(t, r.Add(Key{Name: "park", Public: publicOf(1)}), "review-store")
}

func TestOwns(t *testing.T) {
	k := Key{Name: "park", Accounts: []string{"Park03"}}
	for account, want := range map[string]bool{"park03": true, "PARK": true, "park": true, "park0": false, "": false} {
		if k.Owns(account) != want {
			t.Errorf("%q: %v", account, !want)
		}
	}
}

func TestPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data.keys", "reviewers")
	public, err := Create(dir, "park", []byte("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "park.key")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v", err)
	}
	key, err := Load(dir, "park", public, []byte("correct horse"))
	if err != nil || base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)) != public {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(file)
	if bytes.Contains(b, key.Seed()) || strings.Contains(string(b), base64.StdEncoding.EncodeToString(key.Seed())) {
		t.Error("the file has the key in the clear")
	}
	if text, err := os.ReadFile(filepath.Join(dir, "park.pub")); err != nil || strings.TrimSpace(string(text)) != public {
		t.Errorf("%s, %v", text, err)
	}
	_, err = Load(dir, "park", public, []byte("wrong horse"))
	code(t, err, "review-passphrase")
	_, err = Load(dir, "park", publicOf(9), []byte("correct horse"))
	code(t, err, "review-key")
	_, err = Load(dir, "lee", public, nil)
	code(t, err, "review-key")
	_, err = Load(dir, "../park", public, nil)
	code(t, err, "review-key")
	_, err = Create(dir, "park", []byte("another passphrase"))
	code(t, err, "review-key")
	_, err = Create(dir, "lee", []byte("short"))
	code(t, err, "review-passphrase")
	_, err = Create(dir, "../../lee", []byte("long enough"))
	code(t, err, "review-key")
}

func TestOpen_MadeUp(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "no object": "[]", "another kdf": `{"v":1,"kdf":"none"}`,
		"too much work": `{"v":1,"kdf":"scrypt","n":1073741824,"r":8,"p":1,"salt":"AAAAAAAAAAAAAAAA","nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`,
		"no power of 2": `{"v":1,"kdf":"scrypt","n":3,"r":1,"p":1,"salt":"AAAAAAAAAAAAAAAA","nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`,
		"no box":        `{"v":1,"kdf":"scrypt","n":2,"r":1,"p":1,"salt":"AAAAAAAAAAAAAAAA","nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if k, err := open([]byte(text), []byte("x")); err == nil {
				t.Errorf("it opened: %v", k)
			}
		})
	}
}

// FuzzOpen: no file opens that Create did not write, and none takes more than the bound of work.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"v":1,"kdf":"scrypt","n":2,"r":1,"p":1,"salt":"AAAAAAAAAAAAAAAA","nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","box":"AAAA"}`))
	f.Add([]byte(`{"v":1,"kdf":"scrypt","n":-2,"r":-1,"p":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<12 || bytes.Contains(b, []byte("0000")) { // big costs make a slow test and no other one
			return
		}
		if _, err := open(b, []byte("passphrase")); err == nil {
			t.Error("a made-up file opened")
		}
	})
}
