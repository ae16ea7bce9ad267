package evidence

import (
	"errors"
	"io/fs"
	"os"
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
	case missing && c.pkg.V == unsigned:
		c.note("package.json, the list of files, is not signed: an older weir made the package")
		return
	case missing && c.pkg.Unsigned != "":
		c.note("package.json, the list of files, is not signed: " + c.pkg.Unsigned)
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

// note says what is no sign of tampering.
func (c *checker) note(text string) { c.v.Notes = append(c.v.Notes, text) }
