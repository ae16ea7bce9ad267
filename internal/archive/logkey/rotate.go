package logkey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

	"weir/internal/archive/manifest"
	"weir/internal/fault"
)

// changeText is what both keys sign. It holds both keys, so that a signature fits one change alone; its first line is
// none that a checkpoint begins with.
func changeText(older, newer string) []byte {
	return []byte("weir-log-key\n" + older + "\n" + newer + "\n")
}

// Check checks a change of keys by itself: two different keys of one name, and both signed it.
func Check(k manifest.Key) error {
	older, err := note.NewVerifier(k.Old)
	if err != nil {
		return fmt.Errorf("the old key: %w", err)
	}
	newer, err := note.NewVerifier(k.New)
	if err != nil {
		return fmt.Errorf("the new key: %w", err)
	}
	text := changeText(k.Old, k.New)
	switch {
	case k.Old == k.New:
		return errors.New("the new key is the old one")
	case older.Name() != newer.Name():
		return errors.New("the two keys have different names")
	case !older.Verify(text, k.OldSignature):
		return errors.New("the old key did not sign it")
	case !newer.Verify(text, k.NewSignature):
		return errors.New("the new key did not sign it")
	}
	return nil
}

// Prepare makes the next key, or takes the one of a change that is under way: its leaf may be on disk already, and with
// another key the log could not go on behind it. It returns the change signed by both.
func (r *Ring) Prepare() (manifest.Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.replaceable(); err != nil {
		return manifest.Key{}, err
	}
	if r.next == nil {
		next, err := newPair(r.key.signer.Name())
		if err != nil {
			return manifest.Key{}, err
		}
		if err := r.write(nextName, next.secret); err != nil {
			return manifest.Key{}, err
		}
		r.next = &next
	}
	text := changeText(r.key.verifier, r.next.verifier)
	older, err1 := r.key.signer.Sign(text)
	newer, err2 := r.next.signer.Sign(text)
	if err := errors.Join(err1, err2); err != nil {
		return manifest.Key{}, fmt.Errorf("signing a change of keys: %w", err)
	}
	return manifest.Key{Old: r.key.verifier, New: r.next.verifier, OldSignature: older, NewSignature: newer}, nil
}

// replaceable tells whether the key's file can be exchanged: one that is mounted from elsewhere, as a Kubernetes Secret is,
// cannot, and behind a link the old key would stay. That must be known before the log has an entry that names another key.
func (r *Ring) replaceable() error {
	name := filepath.Join(r.folder, keyName)
	st, err := os.Lstat(name)
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New("it is a link to a file elsewhere")
	}
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(name, os.O_WRONLY, 0); err == nil {
			err = f.Close()
		}
	}
	if err == nil {
		return nil
	}
	return &fault.Error{Code: "archive-log-key", What: "the key of the archive's log is given to weir from outside and cannot be changed by it", Where: name, Why: fault.Innermost(err),
		Do:   "stop weir, copy the folder of keys to where it can be written, weir archive rotate-key with archive.log.key_folder naming the copy, and put the new log.key where the old one came from",
		Exit: fault.ExitMissing, Cause: err}
}

// RotateRequest asks for a new key.
type RotateRequest struct{}

// Rotated is what came of it.
type Rotated struct {
	Seq    uint64 `json:"seq"` // of the manifest's line with the change
	Old    string `json:"old"` // verifier strings
	New    string `json:"new"`
	Folder string `json:"folder"` // where the keys are
}

// Rotate changes the key: the change becomes a leaf of the log, and what is signed behind it is signed by the new key.
// act appends the action to the manifest and returns when it is durable.
func (r *Ring) Rotate(ctx context.Context, by string, now time.Time, act func(context.Context, []manifest.Action) (uint64, error)) (Rotated, error) {
	k, err := r.Prepare()
	if err != nil {
		return Rotated{}, err
	}
	a, err := manifest.NewAction(manifest.KindKey, by, now, k)
	if err != nil {
		return Rotated{}, err
	}
	seq, err := act(ctx, []manifest.Action{a})
	if err != nil {
		return Rotated{}, &fault.Error{Code: "archive-log-key", What: "the change of keys could not be written; the old key goes on", Where: r.folder,
			Why: fault.Innermost(err), Do: "weir archive rotate-key", Exit: fault.ExitMissing, Cause: err}
	}
	return Rotated{Seq: seq, Old: k.Old, New: k.New, Folder: r.folder}, nil
}

// Fingerprint is a key's number in eight hexadecimal digits, as a note's signature line carries it, for people to compare.
func Fingerprint(verifier string) string {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%08x", v.KeyHash())
}

// ParseKey reads the body of an action that changes the key. Whether it is one is for Check to say.
func ParseKey(body []byte) (k manifest.Key, err error) {
	if err := json.Unmarshal(body, &k); err != nil {
		return k, fmt.Errorf("reading a change of keys: %w", err)
	}
	return k, nil
}
