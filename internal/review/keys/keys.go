// Package keys keeps who may sign reviews: a register of public keys in the data folder, and, in a folder outside of it, the
// private keys, each encrypted with its owner's passphrase.
//
// The register is DATA/reviews/keys.json. A name is registered once; a key that is lost is revoked, and its owner registers
// another name. What was signed before a key was revoked stays signed. Every change of the register is recorded by the caller.
package keys

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/internal/fault"
	"weir/internal/keep"
)

// Key is a reviewer's key as it is registered.
type Key struct {
	Name   string `json:"name"`
	Public string `json:"public"` // Ed25519, base64
	// Accounts are those that its owner uses in the systems: nobody signs for a system that they themselves have access to.
	Accounts  []string  `json:"accounts,omitempty"`
	Added     time.Time `json:"added"`
	AddedBy   string    `json:"added_by"`
	Revoked   time.Time `json:"revoked,omitzero"`
	RevokedBy string    `json:"revoked_by,omitempty"`
	Why       string    `json:"why,omitempty"` // it was revoked
}

// Active tells whether the key may sign.
func (k *Key) Active() bool { return k.Revoked.IsZero() }

// Owns tells whether an account is the reviewer's own: one of the accounts, or the name of the key itself.
func (k *Key) Owns(account string) bool {
	return strings.EqualFold(account, k.Name) || slices.ContainsFunc(k.Accounts, func(a string) bool { return strings.EqualFold(a, account) })
}

// Register is the list of keys. Any goroutine may call its methods; the file is read each time, so that a command beside a
// running weir sees what that one has written.
type Register struct {
	file string
	mu   sync.Mutex // held while the file is read and written again
}

// Open opens the register of a folder of reviews, which need not be there.
func Open(folder string) *Register { return &Register{file: filepath.Join(folder, "keys.json")} }

var names = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,62}$`)

// registerFile is the form of the file.
type registerFile struct {
	V    int   `json:"v"`
	Keys []Key `json:"keys"`
}

// List returns the keys in the order in which they were added.
func (r *Register) List() ([]Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, err := r.read()
	return f.Keys, err
}

func (r *Register) read() (f registerFile, err error) {
	b, err := os.ReadFile(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return registerFile{V: 1}, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	if err != nil {
		return f, &fault.Error{Code: "review-store", What: "the register of reviewers' keys cannot be read", Where: r.file, Why: fault.Innermost(err), Do: "put the file back from a copy; without it nobody can sign", Exit: fault.ExitMissing, Cause: err}
	}
	return f, nil
}

// Find returns a key by its name.
func (r *Register) Find(name string) (Key, error) {
	list, err := r.List()
	if err != nil {
		return Key{}, err
	}
	for _, k := range list {
		if k.Name == name {
			return k, nil
		}
	}
	return Key{}, &fault.Error{Code: "review-key", What: "no key is registered as " + name, Where: r.file, Do: "weir keys list; a new one: weir keys add " + name, Exit: fault.ExitUsage}
}

// Add registers a key.
func (r *Register) Add(k Key) error {
	if err := k.check(); err != nil {
		return err
	}
	return r.change(func(f *registerFile) error {
		for _, have := range f.Keys {
			switch {
			case have.Name == k.Name:
				return &fault.Error{Code: "review-key", What: "a key is already registered as " + k.Name, Where: r.file, Why: "what was signed with it must stay checkable", Do: "take another name, such as " + k.Name + "-2; the old one: weir keys revoke " + k.Name, Exit: fault.ExitUsage}
			case have.Public == k.Public:
				return &fault.Error{Code: "review-key", What: "this key is already registered, as " + have.Name, Where: r.file, Do: "make a new one, without --public", Exit: fault.ExitUsage}
			}
		}
		f.Keys = append(f.Keys, k)
		return nil
	})
}

// check says what is wrong with a key that is to be registered.
func (k *Key) check() error {
	if !names.MatchString(k.Name) || strings.Contains(k.Name, "..") {
		return &fault.Error{Code: "review-key", What: fmt.Sprintf("%q is no name of a key", k.Name), Why: "a name has letters, digits, and . _ @ - between them", Do: "weir keys add kim", Exit: fault.ExitUsage}
	}
	if _, err := ParsePublic(k.Public); err != nil {
		return &fault.Error{Code: "review-key", What: "this is no public key", Where: k.Name, Why: err.Error(), Do: "hand over the file NAME.pub that `weir keys add` wrote", Exit: fault.ExitUsage}
	}
	return nil
}

// Revoke ends a key: it signs nothing from now on.
func (r *Register) Revoke(name, by, why string, at time.Time) error {
	return r.change(func(f *registerFile) error {
		i := slices.IndexFunc(f.Keys, func(k Key) bool { return k.Name == name })
		if i < 0 {
			return &fault.Error{Code: "review-key", What: "no key is registered as " + name, Where: r.file, Do: "weir keys list", Exit: fault.ExitUsage}
		}
		if k := &f.Keys[i]; k.Active() {
			k.Revoked, k.RevokedBy, k.Why = at.UTC(), by, why
		}
		return nil
	})
}

// change reads the file, lets f change it and writes it again.
func (r *Register) change(f func(*registerFile) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	file, err := r.read()
	if err != nil {
		return err
	}
	if err := f(&file); err != nil {
		return err
	}
	b, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return fmt.Errorf("writing the register of keys: %w", err)
	}
	if err := keep.WriteFile(r.file, append(b, '\n')); err != nil {
		return &fault.Error{Code: "review-store", What: "the register of reviewers' keys cannot be written", Where: r.file, Why: fault.Innermost(err), Exit: fault.ExitMissing, Cause: err}
	}
	return nil
}

// ParsePublic reads a public key: 32 bytes in base64. Blanks and a line end around it do not count.
func ParsePublic(s string) (ed25519.PublicKey, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	if err != nil {
		return nil, errors.New("it is not base64")
	}
	if len(b) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("it has %d bytes, and an Ed25519 key has %d", len(b), ed25519.PublicKeySize)
	}
	return b, nil
}
