package translog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxNote bounds a checkpoint: four lines and some signatures.
const maxNote = 16 << 10

// Checkpoint is a size of the log and the hash of everything in it, as somebody signed it.
type Checkpoint struct {
	Origin string // name of the log
	Size   int64
	Root   tlog.Hash
	// Key is the verifier string by which the signature was checked; "": it was not.
	Key string
}

// Text is what is signed: c2sp.org/tlog-checkpoint.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
}

// sign makes a signed note of it.
func (c Checkpoint) sign(by note.Signer) ([]byte, error) {
	msg, err := note.Sign(&note.Note{Text: c.Text()}, by)
	if err != nil {
		return nil, fmt.Errorf("signing the log at size %d: %w", c.Size, err)
	}
	return msg, nil
}

// ParseCheckpoint reads a signed note without checking who signed it.
func ParseCheckpoint(msg []byte) (Checkpoint, error) {
	_, err := openNote(msg, nil)
	if unverified, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		return parseText(unverified.Note.Text)
	}
	return Checkpoint{}, err
}

// OpenCheckpoint reads a signed note that at least one of the keys must have signed, and says which: the first of those
// given. A signature by an unknown key beside it is passed over.
func OpenCheckpoint(msg []byte, verifiers ...string) (Checkpoint, error) {
	var list []note.Verifier
	for _, v := range verifiers {
		known, err := note.NewVerifier(v)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("reading a verifier key: %w", err)
		}
		list = append(list, known)
	}
	n, err := openNote(msg, list)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := parseText(n.Text)
	if err != nil {
		return c, err
	}
	for i, v := range list {
		// A key is good for the log of its name alone: one key for two logs could show each the other's checkpoint.
		if v.Name() != c.Origin {
			continue
		}
		for _, s := range n.Sigs {
			if s.Name == v.Name() && s.Hash == v.KeyHash() {
				c.Key = verifiers[i]
				return c, nil
			}
		}
	}
	return c, errors.New("the key that signed it has another name than the log")
}

// openNote opens a note of a bounded length.
func openNote(msg []byte, known []note.Verifier) (*note.Note, error) {
	if len(msg) > maxNote {
		return nil, fmt.Errorf("a checkpoint of %d bytes", len(msg))
	}
	n, err := note.Open(msg, note.VerifierList(known...))
	if err != nil {
		return nil, fmt.Errorf("reading a checkpoint: %w", err)
	}
	return n, nil
}

// parseText reads the signed lines: origin, size, root. Lines behind them belong to extensions and are passed over.
func parseText(text string) (c Checkpoint, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return c, errors.New("a checkpoint has three lines: origin, size and root")
	}
	c.Origin = lines[0]
	c.Size, err = strconv.ParseInt(lines[1], 10, 64)
	// One way to write a size, so that a text follows from what it says.
	if err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return c, fmt.Errorf("a checkpoint of the size %q", lines[1])
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil || c.Root.String() != lines[2] {
		return c, errors.New("a checkpoint whose root is no hash")
	}
	return c, nil
}
