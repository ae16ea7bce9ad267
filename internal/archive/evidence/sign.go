package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
	"weir/internal/fault"
)

// signedText is what is signed of a package: the hash of package.json, which has those of all other files. Its first line is
// none that a checkpoint or a change of keys begins with, so that no signature can stand for another.
func signedText(list []byte) string { return "weir-package\n" + manifest.Hash(list) + "\n" }

// maxSig bounds package.sig.
const maxSig = 4 << 10

// maxWhy bounds what is quoted of why a package is not signed, in characters.
const maxWhy = 200

// signer is the key that signed the checkpoint in the package: whoever trusts the one trusts the other. Where it is not at
// hand why says so.
func (x *exporter) signer() (s note.Signer, why string) {
	switch {
	case x.cp == nil:
		return nil, "the archive has no transparency log, and so no key"
	case x.o.Sign == nil:
		return nil, "the key of the archive's log was not at hand where the package was made"
	}
	if s = x.o.Sign(x.signed); s == nil {
		return nil, "the key that was at hand where the package was made is not the one that signed the checkpoint"
	}
	return s, ""
}

// sign writes package.sig, where there is a key.
func (x *exporter) sign(list []byte) error {
	if x.signing == nil {
		return nil
	}
	sig, err := note.Sign(&note.Note{Text: signedText(list)}, x.signing)
	if err != nil {
		return writeFault(x.o.Out, err)
	}
	if err := os.WriteFile(x.path(sigName), sig, 0o600); err != nil {
		return writeFault(x.o.Out, err)
	}
	return nil
}

// signature holds package.json against its signature by the key that signed the checkpoint.
func (c *checker) signature() {
	text, err := readSmall(c.files, sigName, maxSig)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case missing && (c.pkg.V == unsigned || c.pkg.Unsigned != ""):
		c.notSigned()
		return
	case missing:
		c.find(PackageChanged, sigName, "it is missing, and "+listName+" says that it is signed")
		return
	case err != nil:
		c.find(PackageChanged, sigName, "it cannot be read: "+fault.Innermost(err))
		return
	case c.v.Key == "":
		c.find(PackageChanged, sigName, "no checkpoint says which key had to sign it")
		return
	}
	key, err := note.NewVerifier(c.v.Key)
	if err != nil { // a checkpoint was opened with it
		c.find(PackageChanged, sigName, err.Error())
		return
	}
	n, err := note.Open(text, note.VerifierList(key))
	switch {
	case err != nil:
		c.find(PackageChanged, sigName, "the key that signed the checkpoint did not sign it")
	case !strings.HasPrefix(n.Text, "weir-package\n"):
		c.find(PackageChanged, sigName, "it is the signature of something else")
	case n.Text != signedText(c.raw):
		c.find(PackageChanged, listName, "it is not the list of files that was signed")
	default:
		c.note("package.json, the list of files, is signed by the log's key " + logkey.Fingerprint(c.v.Key))
	}
}

// notSigned says what a package does not prove that nobody signed. Why it is not is its own word, and may be a forger's: it is
// quoted, and cut where nobody would read on.
func (c *checker) notSigned() {
	c.note("package.json, the list of files, is not signed: whoever had the package could have made another one of it, for another search or without some of the records; " +
		"the SHA-256 of package.json that was written down says which one is meant")
	if list, err := readManifest(c.files); err == nil { // else it was named already
		meet := candidates(list, c.pkg.From, c.pkg.To)
		here := map[string]bool{}
		for _, s := range c.pkg.Segments {
			here[s] = true
		}
		left := 0
		for _, s := range meet {
			if !here[s.Path] {
				left++
			}
		}
		if left > 0 {
			c.note(fmt.Sprintf("sealed files whose times the search meets: %d; not in the package: %d, and nobody signed that they have no such record", len(meet), left))
		}
	}
	why := c.pkg.Unsigned
	if c.pkg.V == unsigned {
		why = "an older weir made it"
	}
	if text := []rune(why); len(text) > maxWhy {
		why = string(text[:maxWhy])
	}
	c.note("the package says: " + strconv.Quote(why))
}

// note says what is no sign of tampering.
func (c *checker) note(text string) { c.v.Notes = append(c.v.Notes, text) }
