package logkey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sys/unix"

	"weir/internal/archive/manifest"
	"weir/internal/fault"
	"weir/internal/keep"
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

// replaceable makes sure that the key's file can be exchanged: one that is mounted from elsewhere, as a Kubernetes Secret is,
// cannot, and behind a link the old key would stay. That must be known before the log has an entry that names another key, and
// nothing but the step itself tells for certain, so it is taken with the key that is there: a crash on the way leaves the same
// bytes under the same name.
func (r *Ring) replaceable() error {
	name := filepath.Join(r.folder, keyName)
	st, err := os.Lstat(name)
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New("it is a link to a file elsewhere")
	} else if err == nil && mounted(name) { // known without a copy of the key on a disk that it was kept away from
		err = errors.New("it is mounted from elsewhere")
	}
	if err != nil {
		return given(name, err)
	}
	return exchange(name)
}

// exchange exchanges the key's file for a copy of it.
func exchange(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return given(name, err)
	}
	if err = keep.WriteFile(name, b); err == nil {
		return nil
	}
	_ = os.Remove(name + ".tmp") // of a rename that was refused; where it cannot be removed it was not written
	for _, no := range []error{syscall.EBUSY, syscall.EROFS, syscall.EXDEV, fs.ErrPermission} {
		if errors.Is(err, no) {
			return given(name, err)
		}
	}
	return keyFault(name, "the key of the archive's log cannot be written", err)
}

// mounted tells whether a file is a mount point, as far as the kernel says.
func mounted(name string) bool {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, name, unix.AT_SYMLINK_NOFOLLOW, 0, &st)
	return err == nil && st.Attributes&st.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0
}

// given says that a key is not weir's to change, and how it is changed all the same: the log is signed by the new one when
// the command has answered, and only then is the copy's key the new one.
func given(name string, err error) error {
	return &fault.Error{Code: "archive-log-key", What: "the key of the archive's log is given to weir from outside and cannot be changed by it", Where: name, Why: fault.Innermost(err),
		Do: "stop weir; copy the folder of keys to where weir can write; start weir with archive.log.key_folder naming the copy; weir archive rotate-key; " +
			"when it has answered, stop weir, put the copy's log.key, log.pub and log.last where the old ones came from, start weir with them, and remove the copy",
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
