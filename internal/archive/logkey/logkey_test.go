package logkey

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"weir/internal/fault"
)

// newRing makes a key in a folder of its own.
func newRing(t testing.TB) *Ring {
	t.Helper()
	r, err := Make(filepath.Join(t.TempDir(), "keys"), "weir.log/test")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// opens says whether a signer made by the ring is accepted under a verifier.
func opens(t testing.TB, s note.Signer, verifier string) bool {
	t.Helper()
	v, err := note.NewVerifier(verifier)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := note.Sign(&note.Note{Text: "x\n"}, s)
	if err != nil {
		t.Fatal(err)
	}
	_, err = note.Open(msg, note.VerifierList(v))
	return err == nil
}

func TestMakeAndLoad(t *testing.T) {
	r := newRing(t)
	if r.Name() != "weir.log/test" || !opens(t, r.Signer(r.Verifier()), r.Verifier()) {
		t.Error("the key does not work")
	}
	again, err := Load(r.Folder())
	if err != nil || again.Verifier() != r.Verifier() || !opens(t, again.Signer(r.Verifier()), r.Verifier()) {
		t.Errorf("loaded: %v", err)
	}
	for path, want := range map[string]fs.FileMode{r.Folder(): 0o700, filepath.Join(r.Folder(), "log.key"): 0o600} {
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v %v", path, st.Mode(), err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(r.Folder(), PublicName)); err != nil || string(b) != r.Verifier()+"\n" || strings.Contains(string(b), "PRIVATE") {
		t.Errorf("%s %v", b, err)
	}
	if _, err := Make(r.Folder(), "weir.log/test"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made over a key: %v", err)
	}
	if r.Signer("weir.log/test+00000000+x") != nil {
		t.Error("a signer for a key that is not here")
	}
	if _, err := Make(filepath.Join(t.TempDir(), "k"), "a name+plus"); err == nil {
		t.Error("a key whose name cannot stand in a note")
	}
}

func TestLoad_Failure(t *testing.T) {
	r := newRing(t)
	secret, err := os.ReadFile(filepath.Join(r.Folder(), "log.key"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "a public key": r.Verifier() + "\n", "half": string(secret[:len(secret)/2]), "another hash": strings.Replace(string(secret), "test+", "tesT+", 1),
		"too long": strings.Repeat("x", maxKey+1), "two lines": string(secret) + string(secret), "zeros": string(make([]byte, 100)),
	} {
		t.Run(name, func(t *testing.T) {
			for _, file := range []string{"log.key", "log.key.next"} {
				dir := t.TempDir()
				if err := os.WriteFile(filepath.Join(dir, "log.key"), secret, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				_, err := Load(dir)
				if fault.Code(err) != "archive-log-key" || !strings.Contains(err.Error(), file) {
					t.Errorf("%s: %v", file, err)
				}
				if seed := string(secret[60:90]); strings.Contains(err.Error(), seed) {
					t.Error("a part of the key is in the message")
				}
			}
		})
	}
	if _, err := Load(t.TempDir()); !errors.Is(err, fs.ErrNotExist) || fault.Code(err) != "archive-log-key" {
		t.Errorf("nothing there: %v", err)
	}
}

func TestLast(t *testing.T) {
	r := newRing(t)
	if b, err := r.Last(); b != nil || err != nil {
		t.Errorf("%q %v", b, err)
	}
	for _, s := range []string{"one", "two"} {
		if err := r.SetLast([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if b, err := r.Last(); string(b) != s || err != nil {
			t.Errorf("%q %v", b, err)
		}
	}
	if err := os.RemoveAll(r.Folder()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.Folder(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.SetLast(nil); fault.Code(err) != "archive-log-key" {
		t.Errorf("%v", err)
	}
}

func FuzzKeyFile(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "keys")
	if _, err := Make(dir, "weir.log/test"); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "log.key"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(strings.TrimSpace(string(b)))
	f.Add("PRIVATE+KEY+a+00000000+AQ==")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePair(s)
		if err != nil {
			return
		}
		// A key that is read signs what its verifier accepts, and the verifier string is in its one form.
		if !opens(t, p.signer, p.verifier) {
			t.Fatalf("%q does not sign", s)
		}
		if v, err := ParseVerifier(p.verifier); err != nil || v != p.verifier {
			t.Fatalf("%q: %q %v", p.verifier, v, err)
		}
	})
}

// TestSignerOf: the key that signed a checkpoint is found, also while a change of keys is under way, and no other is taken for it.
func TestSignerOf(t *testing.T) {
	r, stranger := newRing(t), newRing(t)
	first := r.Verifier()
	k, err := r.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	for _, verifier := range []string{first, k.New} {
		text, err := note.Sign(&note.Note{Text: "log\n1\nroot\n"}, r.Signer(verifier))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.SignerOf(text); got == nil || got.KeyHash() != r.Signer(verifier).KeyHash() {
			t.Errorf("%s: %v", verifier, got)
		}
		if stranger.SignerOf(text) != nil || r.SignerOf(append([]byte("x"), text...)) != nil || r.SignerOf(nil) != nil {
			t.Error("a key is taken for one that did not sign")
		}
	}
}
