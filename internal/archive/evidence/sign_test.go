package evidence

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
		}, "", `the package says: "no `},
		"made by an older weir": {func(t *testing.T, dir string) {
			remove(t, sig(dir))
			relist(t, dir, func(p *Package) { p.V = unsigned })
		}, "", `the package says: "an older weir made it"`},
		"a reason that looks like a verdict": {func(t *testing.T, dir string) {
			remove(t, sig(dir))
			relist(t, dir, func(p *Package) { p.Unsigned = `x"; it is signed by the log's key ` + strings.Repeat("9", 500) })
		}, "", `is not signed: whoever had the package`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := verifytest.Copy(t, clean)
			c.do(t, dir)
			v := verified(t, dir, a.Key)
			said, code := python(t, dir, a.First)
			if all := strings.Join(v.Notes, "\n") + said; strings.Contains(all, `says: "x"; it`) || strings.Contains(all, strings.Repeat("9", 200)) {
				t.Errorf("the package speaks for itself:\n%s\n%s", v.Notes, said)
			}
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

// TestSignature_LeftOut: a package that nobody signed may have fewer of the sealed files than the search would find, and still fit
// itself. Both verifiers say how many that could be; of a signed one, or where none is missing, they say nothing.
func TestSignature_LeftOut(t *testing.T) {
	a := world(t)
	const note = "sealed files whose times the search meets: "
	told := func(t *testing.T, dir string) (string, string) {
		t.Helper()
		v := verified(t, dir, a.Key)
		said, code := python(t, dir, a.Key)
		if !v.OK || code != 0 {
			t.Errorf("%s\nverify.py: %d\n%s", found(v), code, said)
		}
		return strings.Join(v.Notes, "\n"), said
	}
	whole := filepath.Join(t.TempDir(), "whole")
	o := options(a, whole)
	o.Query = "user.name: *"
	o.From, o.To = verifytest.Start.Add(2*time.Hour), verifytest.Start.Add(6*time.Hour)
	s := export(t, o)
	for _, said := range both(told(t, whole)) {
		if strings.Contains(said, note) || !strings.Contains(said, "is not signed") {
			t.Errorf("nothing is left out:\n%s", said)
		}
	}
	forged := verifytest.Copy(t, whole)
	taken := s.Segments[0]
	remove(t, filepath.Join(forged, "archive", taken))
	relist(t, forged, func(p *Package) {
		p.Segments = p.Segments[1:]
		p.Files = slices.DeleteFunc(p.Files, func(f File) bool { return f.Path == "archive/"+taken })
	})
	again(t, forged)
	for _, said := range both(told(t, forged)) {
		if want := fmt.Sprintf("%s%d; not in the package: 1,", note, s.Searched); !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	named := filepath.Join(t.TempDir(), "signed")
	o = signed(t, a, named)
	o.Query = "user.name: kim"
	if s = export(t, o); s.Searched == len(s.Segments) {
		t.Fatal("the search finds something in every file")
	}
	for _, said := range both(told(t, named)) {
		if strings.Contains(said, note) {
			t.Errorf("of a signed package:\n%s", said)
		}
	}
}

func both(x, y string) []string { return []string{x, y} }

// again makes the events of a package once more from the sealed files that it has, as a careful forger would.
func again(t *testing.T, dir string) {
	t.Helper()
	p, _, err := readList(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	list, err := readManifest(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	q, err := filterAt(p.Query, p.Made)
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{files: os.DirFS(dir), pkg: p, o: VerifyOptions{Folder: dir}}
	segments, done, err := c.unpack(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	var b []byte
	n := int64(0)
	for e, err := range events(t.Context(), segments, q, p.From, p.To) {
		if err != nil {
			t.Fatal(err)
		}
		b, n = append(e.AppendJSON(b), '\n'), n+1
	}
	put(t, dir, eventsName, b)
	relist(t, dir, func(p *Package) { p.Events = n })
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

// TestSignature_NoLog: without a log there is no key, and no paper says that anything is signed.
func TestSignature_NoLog(t *testing.T) {
	a := world(t)
	dir := verifytest.Copy(t, a.Folder)
	if err := os.RemoveAll(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "case")
	o := signed(t, a, out)
	o.Files, o.Keys = os.DirFS(dir), nil
	if s := export(t, o); s.Unsigned == "" || s.Log != (Log{}) {
		t.Errorf("%+v", s)
	}
	for file, say := range map[string]string{"README.txt": "Neither that list nor what is in archive/ is signed", "README.ko.txt": "모두 서명되지 않았습니다"} {
		text := string(verifytest.Read(t, filepath.Join(out, file)))
		if !strings.Contains(text, say) || strings.Contains(text, "What is in archive/ is.") || strings.Contains(text, "내용은 서명되어") {
			t.Errorf("%s says\n%s", file, text)
		}
	}
	if v := verified(t, out); !v.OK || !strings.Contains(strings.Join(v.Notes, "\n"), "is not signed") {
		t.Errorf("%v\n%s", v.Notes, found(v))
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
