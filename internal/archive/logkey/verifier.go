package logkey

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// algorithm is the first byte of a note's key: Ed25519.
const algorithm = 1

// verifierOf works out the verifier string of a private key, whose form note.NewSigner has checked.
func verifierOf(secret string) (string, error) {
	f := strings.SplitN(secret, "+", 5)
	if len(f) != 5 {
		return "", errors.New("a private key has five parts")
	}
	b, err := base64.StdEncoding.DecodeString(f[4])
	if err != nil || len(b) != 1+ed25519.SeedSize || b[0] != algorithm {
		return "", errors.New("the private key is none of Ed25519")
	}
	public, ok := ed25519.NewKeyFromSeed(b[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("the private key has no public one")
	}
	return note.NewEd25519VerifierKey(f[2], public)
}

// ParseVerifier reads a verifier string as a file or a person gives it: spaces around it and lines of comment that begin
// with # are passed over. What it returns is in the one form that can be compared.
func ParseVerifier(text string) (string, error) {
	found := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if found != "" {
			return "", errors.New("more than one key: name the one that is trusted")
		}
		found = line
	}
	if strings.HasPrefix(found, "PRIVATE+KEY+") {
		return "", errors.New("this is a private key: the public one is in " + PublicName)
	}
	v, err := note.NewVerifier(found)
	if err != nil {
		return "", fmt.Errorf("reading a verifier key: %w", err)
	}
	// A key can be written in more than one way, with the hash in upper case for instance.
	parts := strings.SplitN(found, "+", 3)
	b, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(b) != 1+ed25519.PublicKeySize {
		return "", errors.New("the key is none of Ed25519")
	}
	return note.NewEd25519VerifierKey(v.Name(), ed25519.PublicKey(b[1:]))
}
