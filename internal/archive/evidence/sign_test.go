package evidence

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"weir/internal/archive/logkey"
	"weir/internal/archive/verify/verifytest"
	"weir/internal/testkit"
)

// signed are the options of an export where the key is at hand.
func signed(t testing.TB, a *verifytest.Archive, out string) Options {
	t.Helper()
	ring, err := logkey.Load(a.Keys)
	if err != nil {
		t.Fatal(err)
	}
	o := options(a, out)
	o.Sign = ring.SignerOf
	return o
}

// python runs the verifier of a package and returns what it says and its exit code.
func python(t testing.TB, dir, key string) (string, int) {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		testkit.Skip(t, "python3", "the verifier in a package is a Python program")
	}
	cmd := exec.Command(path, "-I", "-S", "verify.py", ".", "--key", key)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// another signs a list with a key of the log's name that is not the log's.
func another(t testing.TB, name, text string) []byte {
	t.Helper()
	secret, _, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	return signature(t, secret, text)
}

// signature signs a text with a private key.
func signature(t testing.TB, secret, text string) []byte {
	t.Helper()
	s, err := note.NewSigner(strings.TrimSpace(secret))
	if err != nil {
		t.Fatal(err)
	}
	b, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSignature: whatever is done to the list of files or to its signature, both verifiers name it.
func TestSignature(t *testing.T) {
	a := world(t)
	clean := filepath.Join(t.TempDir(), "case")
	s := export(t, signed(t, a, clean))
	if s.Unsigned != "" {
		t.Fatalf("it is not signed: %s", s.Unsigned)
	}
	secret := string(verifytest.Read(t, filepath.Join(a.Keys, "log.key")))
	sig := func(dir string) string { return filepath.Join(dir, sigName) }
	for name, c := range map[string]struct {
		do   func(t *testing.T, dir string)
		what string // empty: nothing is wrong
		note string // that both have to say
	}{
		"as it was made": {func(*testing.T, string) {}, "", "is signed by the log's key " + logkey.Fingerprint(a.Key)},
		"a hash in the list, and the file": {func(t *testing.T, dir string) {
			put(t, dir, "report.en.html", []byte("x"))
		}, listName, ""},
		"who made it":            {func(t *testing.T, dir string) { relist(t, dir, func(p *Package) { p.By = "bob" }) }, listName, ""},
		"the query and the form": {func(t *testing.T, dir string) { relist(t, dir, func(p *Package) { p.V, p.Reason = unsigned, "other" }) }, listName, ""},
		"a file taken out of package and list": {func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "README.txt"))
			relist(t, dir, func(p *Package) {
				p.Files = append(p.Files[:0:0], p.Files...)
				for i := range p.Files {
					if p.Files[i].Path == "README.txt" {
						p.Files = append(p.Files[:i], p.Files[i+1:]...)
						return
					}
				}
			})
		}, listName, ""},
		"blanks in the list": {func(t *testing.T, dir string) {
			write(t, dir, listName, append(verifytest.Read(t, filepath.Join(dir, listName)), ' '))
		}, listName, ""},
		"the signature taken away": {func(t *testing.T, dir string) { remove(t, sig(dir)) }, sigName, ""},
		"the signature empty":      {func(t *testing.T, dir string) { write(t, dir, sigName, nil) }, sigName, ""},
		"the signature a folder":   {func(t *testing.T, dir string) { remove(t, sig(dir)); mkdir(t, sig(dir)) }, sigName, ""},
		"a byte of the signature":  {func(t *testing.T, dir string) { flipSig(t, sig(dir)) }, sigName, ""},
		"the signature of a checkpoint": {func(t *testing.T, dir string) {
			write(t, dir, sigName, verifytest.Read(t, filepath.Join(dir, "archive/log/checkpoint")))
		}, sigName, ""},
		"signed by another key of this name": {func(t *testing.T, dir string) {
			write(t, dir, sigName, another(t, s.Log.Origin, signedText(verifytest.Read(t, filepath.Join(dir, listName)))))
		}, sigName, ""},
		"something else signed by the key": {func(t *testing.T, dir string) {
			write(t, dir, sigName, signature(t, secret, strings.Replace(signedText(verifytest.Read(t, filepath.Join(dir, listName))), "package", "parcel", 1)))
		}, sigName, ""},
		"signature and the word for it taken away": {func(t *testing.T, dir string) {
			remove(t, sig(dir))
			relist(t, dir, func(p *Package) { p.Unsigned = "no \x1b[2Jkey" })
		}, "", "is not signed: no "},
		"made by an older weir": {func(t *testing.T, dir string) {
			remove(t, sig(dir))
			relist(t, dir, func(p *Package) { p.V = unsigned })
		}, "", "is not signed: an older weir made the package"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := verifytest.Copy(t, clean)
			c.do(t, dir)
			v := verified(t, dir, a.Key)
			said, code := python(t, dir, a.First)
			if strings.Contains(said, "\x1b") || strings.Contains(said, "Traceback") {
				t.Errorf("verify.py says %q", said)
			}
			if c.what == "" {
				if !v.OK || !strings.Contains(strings.Join(v.Notes, "\n"), c.note) {
					t.Errorf("%s\n%s", found(v), v.Notes)
				}
				if code != 0 || !strings.Contains(said, c.note) {
					t.Errorf("verify.py: exit %d\n%s", code, said)
				}
				return
			}
			if want := PackageChanged + " " + c.what + ":"; !strings.Contains(found(v), want) {
				t.Errorf("no %s in\n%s", want, found(v))
			}
			if code != 1 || !strings.Contains(said, c.what+": ") {
				t.Errorf("verify.py: exit %d, no %s in\n%s", code, c.what, said)
			}
		})
	}
}

// TestSignature_NotAtHand: the package says that it is not signed, and why, wherever somebody may look.
func TestSignature_NotAtHand(t *testing.T) {
	a := world(t)
	for name, sign := range map[string]func([]byte) note.Signer{"no key": nil, "another key": func([]byte) note.Signer { return nil }} {
		out := filepath.Join(t.TempDir(), "case")
		o := options(a, out)
		o.Sign = sign
		if s := export(t, o); s.Unsigned == "" {
			t.Errorf("%s: it does not say that it is not signed", name)
		}
		if _, err := os.Lstat(filepath.Join(out, sigName)); err == nil {
			t.Errorf("%s: there is a signature", name)
		}
		for file, want := range map[string]string{"README.txt": "is not signed", "README.ko.txt": "서명되지", listName: "at hand"} {
			if !bytes.Contains(verifytest.Read(t, filepath.Join(out, file)), []byte(want)) {
				t.Errorf("%s: %s does not say %q", name, file, want)
			}
		}
	}
}

// FuzzSignature: only the text that the key signed is taken, whatever stands in the file.
func FuzzSignature(f *testing.F) {
	a := world(f)
	list := []byte(`{"v":2,"files":[]}`)
	secret := string(verifytest.Read(f, filepath.Join(a.Keys, "log.key")))
	good := signature(f, secret, signedText(list))
	f.Add(good)
	f.Add(bytes.Replace(good, []byte("package"), []byte("parcel"), 1))
	f.Add(verifytest.Read(f, filepath.Join(a.Folder, "log/checkpoint")))
	f.Fuzz(func(t *testing.T, sig []byte) {
		dir := t.TempDir()
		write(t, dir, sigName, sig)
		c := &checker{files: os.DirFS(dir), pkg: &Package{V: version}, raw: list, v: newVerified(a.Key)}
		c.signature()
		n, err := note.Open(sig, note.VerifierList(verifytest.Verifier(t, a.Key)))
		if fits := err == nil && n.Text == signedText(list); fits != (len(c.v.Findings) == 0) {
			t.Errorf("%q: %v", sig, c.v.Findings)
		}
	})
}

// flipSig changes a byte of a signature and leaves the form as it is.
func flipSig(t testing.TB, name string) {
	t.Helper()
	b := verifytest.Read(t, name)
	i := bytes.LastIndexByte(b, ' ') + 30
	if b[i] != 'A' {
		b[i] = 'A'
	} else {
		b[i] = 'B'
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t testing.TB, name string) {
	t.Helper()
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
}
