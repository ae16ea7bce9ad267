package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/crypto/nacl/secretbox"
	"golang.org/x/crypto/scrypt"

	"weir/internal/fault"
	"weir/internal/keep"
)

// The cost of trying one passphrase: about a quarter of a second and 64 MiB, which nobody minds who signs once a month.
const (
	costN = 1 << 16
	costR = 8
	costP = 1
)

// minPassphrase is the shortest passphrase that is taken.
const minPassphrase = 8

// privateFile is the form of a private key on disk: the seed of the key, in a box of NaCl (XSalsa20 and Poly1305) whose key is
// scrypt of the passphrase.
type privateFile struct {
	V      int    `json:"v"`
	Name   string `json:"name"`
	Public string `json:"public"`
	KDF    string `json:"kdf"`
	N      int    `json:"n"`
	R      int    `json:"r"`
	P      int    `json:"p"`
	Salt   []byte `json:"salt"`
	Nonce  []byte `json:"nonce"`
	Box    []byte `json:"box"`
}

// Folder is where private keys are kept by default: beside the data folder, not in it, so that a copy of the data holds none.
func Folder(data string) string { return filepath.Clean(data) + ".keys/reviewers" }

// Create makes a key, writes it encrypted into the folder as NAME.key, and NAME.pub beside it, and returns the public part.
func Create(folder, name string, passphrase []byte) (public string, err error) {
	if !names.MatchString(name) {
		k := Key{Name: name}
		return "", k.check()
	}
	if len(passphrase) < minPassphrase {
		return "", &fault.Error{Code: "review-passphrase", What: fmt.Sprintf("the passphrase is shorter than %d characters", minPassphrase), Why: "who finds the file can try as many as they like", Do: "take a longer one", Exit: fault.ExitUsage}
	}
	file := filepath.Join(folder, name+".key")
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return "", &fault.Error{Code: "review-key", What: "there is a private key of this name already", Where: file, Why: "it would be lost", Do: "take another name, or move the file away", Exit: fault.ExitUsage}
	}
	pub, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("making a key: %w", err)
	}
	public = base64.StdEncoding.EncodeToString(pub)
	p := privateFile{V: 1, Name: name, Public: public, KDF: "scrypt", N: costN, R: costR, P: costP, Salt: make([]byte, 16), Nonce: make([]byte, 24)}
	for _, b := range [][]byte{p.Salt, p.Nonce} {
		_, _ = rand.Read(b) // never fails
	}
	box, err := p.key(passphrase)
	if err != nil {
		return "", fmt.Errorf("encrypting a key: %w", err)
	}
	p.Box = secretbox.Seal(nil, private.Seed(), (*[24]byte)(p.Nonce), box)
	b, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return "", fmt.Errorf("writing a key: %w", err)
	}
	for name, b := range map[string][]byte{file: append(b, '\n'), filepath.Join(folder, name+".pub"): []byte(public + "\n")} {
		if err := keep.WriteFile(name, b); err != nil {
			return "", &fault.Error{Code: "review-store", What: "the private key cannot be written", Where: name, Why: fault.Innermost(err), Do: "name a folder that you may write with --key-folder", Exit: fault.ExitMissing, Cause: err}
		}
	}
	return public, nil
}

// key makes the key of the box.
func (p *privateFile) key(passphrase []byte) (*[32]byte, error) {
	b, err := scrypt.Key(passphrase, p.Salt, p.N, p.R, p.P, 32)
	if err != nil {
		return nil, err
	}
	return (*[32]byte)(b), nil
}

// Load reads a private key and opens it. public must be that of the register: another key of the same name signs nothing.
func Load(folder, name, public string, passphrase []byte) (ed25519.PrivateKey, error) {
	if !names.MatchString(name) { // it becomes a part of a path
		k := Key{Name: name}
		return nil, k.check()
	}
	file := filepath.Join(folder, name+".key")
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, &fault.Error{Code: "review-key", What: "the private key cannot be read", Where: file, Why: fault.Innermost(err), Do: "name its folder with --key-folder", Exit: fault.ExitMissing, Cause: err}
	}
	key, err := open(b, passphrase)
	if err != nil {
		return nil, &fault.Error{Code: "review-passphrase", What: "the private key cannot be opened", Where: file, Why: err.Error(), Do: "try the passphrase again; a lost one cannot be found: weir keys revoke " + name, Exit: fault.ExitUsage, Cause: err}
	}
	if got := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)); got != public {
		return nil, &fault.Error{Code: "review-key", What: "the private key is not the one that is registered", Where: file, Why: "registered is " + public + ", the file has " + got, Do: "name the folder of the right one with --key-folder", Exit: fault.ExitUsage}
	}
	return key, nil
}

// open decrypts the bytes of a file. The file says how much work that is; a made-up one must not take all memory.
func open(b []byte, passphrase []byte) (ed25519.PrivateKey, error) {
	var p privateFile
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, errors.New("the file is no private key of a reviewer")
	}
	switch {
	case p.V != 1 || p.KDF != "scrypt" || len(p.Nonce) != 24 || len(p.Salt) < 8 || len(p.Salt) > 64:
		return nil, errors.New("the file is no private key of a reviewer, or of a newer weir")
	case p.N < 2 || p.N > 1<<20 || p.R < 1 || p.R > 32 || p.P < 1 || p.P > 16 || p.N*p.R > 1<<23:
		return nil, errors.New("the file asks for more work than any key needs")
	}
	box, err := p.key(passphrase)
	if err != nil {
		return nil, err
	}
	seed, ok := secretbox.Open(nil, p.Box, (*[24]byte)(p.Nonce), box)
	if !ok || len(seed) != ed25519.SeedSize {
		return nil, errors.New("the passphrase is not the right one, or the file was changed")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
