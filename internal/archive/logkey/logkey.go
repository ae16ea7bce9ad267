// Package logkey keeps the key that signs the archive's transparency log: made once, kept outside the data folder,
// replaced by a change that both keys sign.
//
// The key is an Ed25519 signer as golang.org/x/mod/sumdb/note writes it. Whoever checks the archive needs only its
// verifier string. After a change of keys the new verifier follows from the old one by the leaves of the log, and the old
// one from the new one (Chain), so one string that was written down once is enough for good.
//
// # In the folder (0700)
//
//	log.key        the private key (0600)
//	log.key.next   the next one, from when a change was asked for until the log has signed behind it
//	log.pub        the verifier string of log.key, to be handed out
//	log.last       the last checkpoint that was signed: a log that is behind it, or differs, is not signed again
package logkey

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"weir/internal/fault"
	"weir/internal/keep"
)

// Names in the folder.
const (
	keyName  = "log.key"
	nextName = "log.key.next"
	lastName = "log.last"
	// PublicName is the file with the verifier string, in the folder and, for convenience, in the log.
	PublicName = "log.pub"
)

// maxKey bounds a key file: a note's key has less than 200 bytes beside its name.
const maxKey = 4 << 10

// Pair is a private key with what is known of it.
type pair struct {
	secret   string // PRIVATE+KEY+NAME+HASH+KEY
	verifier string // NAME+HASH+KEY
	signer   note.Signer
}

// Ring is the folder of keys, open. It is safe for many goroutines; one process has it.
type Ring struct {
	folder string

	mu   sync.Mutex
	key  pair
	next *pair // nil: no change is under way
}

// Load opens the folder of an existing key; the error is fs.ErrNotExist if there is none.
func Load(folder string) (*Ring, error) {
	key, err := readPair(filepath.Join(folder, keyName))
	if err != nil {
		return nil, err
	}
	r := &Ring{folder: folder, key: key}
	next, err := readPair(filepath.Join(folder, nextName))
	switch {
	case err == nil:
		r.next = &next
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	return r, nil
}

// Make makes a new key under a name, which becomes the origin of the log. A key that is there is never replaced.
func Make(folder, name string) (*Ring, error) {
	if _, err := os.Lstat(filepath.Join(folder, keyName)); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("making a key for the log in %s: one is there already, or cannot be looked at: %w", folder, errors.Join(err, fs.ErrExist))
	}
	key, err := newPair(name)
	if err != nil {
		return nil, err
	}
	r := &Ring{folder: folder, key: key}
	if err := r.write(keyName, key.secret); err != nil {
		return nil, err
	}
	if err := r.write(PublicName, key.verifier); err != nil {
		return nil, err
	}
	// The folder is new as a rule. Without its name on disk a power cut could leave a signed log and no key for it.
	return r, syncFolder(filepath.Dir(folder))
}

// syncFolder makes new names in a folder durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return keyFault(path, "the folder above the key of the archive's log cannot be opened", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// write writes a line into the folder, synced.
func (r *Ring) write(name, line string) error {
	if err := keep.WriteFile(filepath.Join(r.folder, name), []byte(line+"\n")); err != nil {
		return keyFault(filepath.Join(r.folder, name), "the key of the archive's log cannot be written", err)
	}
	return nil
}

// newPair makes a key of the system's randomness.
func newPair(name string) (pair, error) {
	secret, _, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return pair{}, fmt.Errorf("making a key: %w", err)
	}
	return parsePair(secret)
}

// readPair reads a key file.
func readPair(path string) (pair, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return pair{}, keyFault(path, "the key of the archive's log cannot be read", err)
	}
	if len(b) > maxKey {
		return pair{}, keyFault(path, "the key of the archive's log cannot be read", errors.New("the file is too long for a key"))
	}
	p, err := parsePair(strings.TrimSuffix(string(b), "\n"))
	if err != nil {
		return pair{}, keyFault(path, "the key of the archive's log cannot be read", err)
	}
	return p, nil
}

// parsePair reads a private key and works out its public one: the signer checks that the name's hash belongs to it.
func parsePair(secret string) (pair, error) {
	signer, err := note.NewSigner(secret)
	if err != nil {
		return pair{}, fmt.Errorf("reading a private key: %w", err)
	}
	verifier, err := verifierOf(secret)
	if err != nil {
		return pair{}, err
	}
	return pair{secret, verifier, signer}, nil
}

// keyFault says what is wrong with a key file. No part of the file is in it.
func keyFault(where, what string, err error) error {
	e := &fault.Error{Code: "archive-log-key", What: what, Where: where, Why: fault.Innermost(err),
		Do: "ls -ld " + filepath.Dir(where) + " " + where, Exit: fault.ExitMissing, Cause: err}
	if errors.Is(err, fs.ErrNotExist) {
		e.What, e.Do = "there is no key for the archive's log", "put the key file of this archive back, or name its folder as archive.log.key_folder"
	}
	return e
}

// Name is the name of the keys: the origin line of the log's checkpoints.
func (r *Ring) Name() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.key.signer.Name()
}

// Folder is where the keys are.
func (r *Ring) Folder() string { return r.folder }

// Verifier is the string by which signatures of the present key are checked.
func (r *Ring) Verifier() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.key.verifier
}

// Signer returns the private key that belongs to a verifier string, nil if this folder does not have it.
func (r *Ring) Signer(verifier string) note.Signer {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.key.verifier == verifier:
		return r.key.signer
	case r.next != nil && r.next.verifier == verifier:
		return r.next.signer
	}
	return nil
}

// SignerOf returns the private key that signed a checkpoint, nil if this folder does not have it.
func (r *Ring) SignerOf(checkpoint []byte) note.Signer {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range []*pair{&r.key, r.next} {
		if p == nil {
			continue
		}
		v, err := note.NewVerifier(p.verifier)
		if err != nil { // it was made from the private key
			continue
		}
		if _, err := note.Open(checkpoint, note.VerifierList(v)); err == nil {
			return p.signer
		}
	}
	return nil
}

// Settle makes the key of a verifier the only one, after the log was signed with it: the one before is overwritten, so
// that nobody can sign with it any more. It does nothing where that is so already.
func (r *Ring) Settle(verifier string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.key.verifier == verifier || r.next == nil || r.next.verifier != verifier {
		return nil
	}
	// The rename is the step that counts: before it Load finds both keys, after it the new one.
	if err := os.Rename(filepath.Join(r.folder, nextName), filepath.Join(r.folder, keyName)); err != nil {
		return keyFault(filepath.Join(r.folder, keyName), "the new key of the archive's log cannot be put in place", err)
	}
	// What was the old key's file is gone by name; its blocks may stay on the disk for a while, as docs/explanation/evidence.md
	// says.
	r.key, r.next = *r.next, nil
	return r.write(PublicName, r.key.verifier) // syncs the folder too
}

// Last returns the last checkpoint that was signed; nil if there is none.
func (r *Ring) Last() ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(r.folder, lastName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, keyFault(filepath.Join(r.folder, lastName), "what the log signed last cannot be read", err)
	}
	return b, nil
}

// SetLast notes what is about to be signed in public. It is durable when it returns.
func (r *Ring) SetLast(checkpoint []byte) error {
	if err := keep.WriteFile(filepath.Join(r.folder, lastName), checkpoint); err != nil {
		return keyFault(filepath.Join(r.folder, lastName), "what the log signs cannot be noted beside its key", err)
	}
	return nil
}
