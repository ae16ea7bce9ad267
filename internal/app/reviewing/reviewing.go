// Package reviewing answers the questions about reviews of access: it drafts them from the archive, keeps what reviewers
// write, takes their signatures, and seals what is signed into the archive. Every question is recorded with who asked.
package reviewing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/internal/app/auditing"
	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/retention/policy"
	"weir/internal/review"
	"weir/internal/review/draft"
	"weir/internal/review/keys"
	"weir/internal/review/seal"
	"weir/internal/review/store"
	"weir/processors/enrich/users"
)

// Deps is what the answers are made from.
type Deps struct {
	// Archive returns the archive, or why this process has none. A reader's archive serves for everything but sealing.
	Archive func() (*archive.Archive, error)
	// Data is the data folder: reviews and keys are in DATA/reviews, one's own searches in DATA/review.
	Data string
	// Policy returns the policy in force, with the systems that hold personal data.
	Policy func() (*policy.Policy, error)
	// Users returns the list of users. May be nil, and so may the list.
	Users func() *users.List
	// Ledger says how the counts stand now; nil where another process has them.
	Ledger func(ctx context.Context) (control.Ledger, error)
	// KeyFolder is where private keys of reviewers lie that sign on this machine; "" is keys.Folder(Data).
	KeyFolder string
	// Note records what somebody did. It is called once for each question.
	Note func(ctx context.Context, l auditing.Look)
	Log  *slog.Logger
	Now  func() time.Time // nil: time.Now
}

// Desk is where reviews are worked on. Any goroutine may call its methods.
type Desk struct {
	d     Deps
	store *store.Store
	keys  *keys.Register
	// drafting is held by the one draft that runs: two at a time would only be slower.
	drafting sync.Mutex
	// sealing is held while signed reviews are put into the archive, so that none gets two leaves.
	sealing sync.Mutex

	mu        sync.Mutex
	summaries map[string]summed // by review
}

// New makes a desk. Nothing is read before somebody asks.
func New(d Deps) *Desk {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.KeyFolder == "" {
		d.KeyFolder = keys.Folder(d.Data)
	}
	dir := filepath.Join(d.Data, "reviews")
	return &Desk{d: d, store: store.Open(dir), keys: keys.Open(dir), summaries: map[string]summed{}}
}

// Questions are the questions that this package answers.
func Questions(k *Desk) question.Table {
	return question.Table{
		reviewing.AskOpen:    question.Streamed(k.open),
		reviewing.AskShow:    question.Typed(k.show),
		reviewing.AskStatus:  question.Typed(k.status),
		reviewing.AskComment: question.Typed(k.comment),
		reviewing.AskExplain: question.Typed(k.explain),
		reviewing.AskPrepare: question.Typed(k.prepare),
		reviewing.AskSign:    question.Typed(k.sign),
		reviewing.AskHere:    question.Typed(k.here),
		reviewing.AskKeyAdd:  question.Typed(k.keyAdd),
		reviewing.AskKeys:    question.Typed(k.keyList),
		reviewing.AskRevoke:  question.Typed(k.keyRevoke),
	}
}

// who is who asks, by name.
func who(ctx context.Context) string {
	if name := question.Who(ctx); name != "" {
		return name
	}
	return auditing.Self()
}

// reviewer is who signs with a key: a person where somebody signed in by name.
func reviewer(ctx context.Context, key keys.Key) store.Reviewer {
	return store.Reviewer{Key: key, By: who(ctx), Person: question.Who(ctx)}
}

// note records an act, whatever came of it.
func (k *Desk) note(ctx context.Context, action, what, reason string, err error) {
	if k.d.Note != nil {
		k.d.Note(ctx, auditing.Look{Who: question.Who(ctx), Action: action, Query: what, Reason: reason, Err: err})
	}
}

// view adds to a review what follows from the time and the archive.
func (k *Desk) view(v store.View) (reviewing.View, error) {
	out := reviewing.View{View: v}
	if v.Facts.State != review.Signed {
		out.Overdue = !k.d.Now().Before(v.Facts.Policy.Due)
		return out, nil
	}
	check, err := k.verify(v)
	out.Check = &check
	return out, err
}

// verify checks a signed review: the bytes that the archive has where it has them, the keys by the register, and that the leaf
// is of these bytes.
func (k *Desk) verify(v store.View) (seal.Result, error) {
	doc, err := k.store.Signed(v.Facts.ID)
	if err != nil {
		return seal.Result{}, err
	}
	list, err := k.keys.List()
	if err != nil {
		return seal.Result{}, err
	}
	check, err := seal.Verify(doc, func(name string) (string, bool) {
		i := slices.IndexFunc(list, func(x keys.Key) bool { return x.Name == name })
		if i < 0 {
			return "", false
		}
		return list[i].Public, true
	})
	if err != nil {
		check = seal.Result{ID: v.Facts.ID, Problems: []string{err.Error()}}
	}
	check.Problems = append(check.Problems, k.inArchive(v, doc)...)
	check.OK = check.OK && len(check.Problems) == 0
	return check, nil
}

// inArchive says what is wrong with the archive's copy of a signed review and its leaf.
func (k *Desk) inArchive(v store.View, doc []byte) []string {
	ar, err := k.d.Archive()
	if err != nil {
		return []string{"the archive cannot be asked whether it has the review: " + err.Error()}
	}
	leaf, ok := leafOf(ar, v.Facts.ID)
	if !ok {
		return []string{"the archive has no leaf of it yet: it is sealed when weir runs"}
	}
	var out []string
	if sum := sumOf(doc); leaf.SHA256 != sum {
		out = append(out, fmt.Sprintf("the leaf is of other bytes: it says %s, the review has %s", leaf.SHA256, sum))
	}
	b, err := os.ReadFile(filepath.Join(ar.Folder(), filepath.FromSlash(path.Clean("/"+leaf.Path))))
	switch {
	case err != nil:
		out = append(out, "the archive's copy cannot be read: "+fault.Innermost(err))
	case sumOf(b) != leaf.SHA256:
		out = append(out, "the archive's copy was changed: it is not what its leaf says")
	}
	return out
}

// leafOf returns the leaf of a review.
func leafOf(ar *archive.Archive, id string) (f manifest.File, ok bool) {
	for _, a := range ar.Actions() {
		if a.Kind != manifest.KindReview {
			continue
		}
		if json.Unmarshal(a.Body, &f) == nil && f.ID == id {
			return f, true
		}
	}
	return manifest.File{}, false
}

// show answers AskShow.
func (k *Desk) show(ctx context.Context, r reviewing.ShowRequest) (reviewing.View, error) {
	v, err := k.store.Get(r.ID)
	k.note(ctx, "review-show", r.ID, "", err)
	if err != nil {
		return reviewing.View{}, err
	}
	return k.view(v)
}

// comment answers AskComment.
func (k *Desk) comment(ctx context.Context, r reviewing.CommentRequest) (reviewing.View, error) {
	system, err := k.systemOf(r.ID, r.System, r.Finding)
	var v store.View
	if err == nil {
		v, err = k.store.Comment(r.ID, r.Version, system, review.Comment{Stamp: k.stamp(ctx), Finding: r.Finding, Text: r.Text})
	}
	k.note(ctx, "review-comment", strings.TrimSpace(r.ID+" "+system+" "+r.Finding), r.Text, err)
	if err != nil {
		return reviewing.View{}, err
	}
	return k.view(v)
}

// systemOf is the system that a finding is of, where only one is in the review.
func (k *Desk) systemOf(id, system, finding string) (string, error) {
	if system != "" || finding == "" {
		return system, nil
	}
	v, err := k.store.Get(id)
	if err != nil {
		return "", err
	}
	if len(v.Facts.Systems) != 1 {
		return "", &fault.Error{Code: "review-unknown", What: "of which system the finding is, is not said", Where: id, Do: "name it with --system", Exit: fault.ExitUsage}
	}
	return v.Facts.Systems[0].ID, nil
}

func (k *Desk) stamp(ctx context.Context) review.Stamp {
	return review.Stamp{At: k.d.Now().UTC().Truncate(time.Second), By: who(ctx)}
}

// explain answers AskExplain.
func (k *Desk) explain(ctx context.Context, r reviewing.ExplainRequest) (reviewing.View, error) {
	d := review.Decision{Stamp: k.stamp(ctx), Kind: r.Kind, Text: strings.ToValidUTF8(r.Text, "\uFFFD"), Whom: strings.ToValidUTF8(r.Whom, "\uFFFD")}
	v, h, err := k.store.Decide(r.ID, r.Version, r.Download, d)
	k.note(ctx, "review-"+r.Kind, strings.TrimSpace(r.ID+" "+h.Event), strings.TrimSpace(r.Whom+" "+r.Text), err)
	if err != nil {
		return reviewing.View{}, err
	}
	out, err := k.view(v)
	out.Download = h.Event
	return out, err
}

// prepare answers AskPrepare.
func (k *Desk) prepare(ctx context.Context, r reviewing.PrepareRequest) (store.ToSign, error) {
	key, err := k.keys.Find(r.Key)
	if err != nil {
		return store.ToSign{}, err
	}
	return k.store.Prepare(r.ID, reviewer(ctx, key), k.d.Now(), r.Systems)
}

// clockSkew is how far the time of a signature may be from the time at which it comes.
const clockSkew = 10 * time.Minute

// sign answers AskSign.
func (k *Desk) sign(ctx context.Context, r reviewing.SignRequest) (reviewing.View, error) {
	v, err := k.take(ctx, r)
	k.note(ctx, "review-sign", strings.TrimSpace(r.ID+" "+r.Signature.Key), "", err)
	if err != nil {
		return reviewing.View{}, err
	}
	return k.view(v)
}

// take takes a signature and seals the review where it was the last that was missing.
func (k *Desk) take(ctx context.Context, r reviewing.SignRequest) (store.View, error) {
	key, err := k.keys.Find(r.Signature.Key)
	if err != nil {
		return store.View{}, err
	}
	if d := k.d.Now().Sub(r.Signature.At); d > clockSkew || d < -clockSkew {
		return store.View{}, &fault.Error{Code: "review-changed", What: "the signature says another time than it is", Where: r.ID, Why: "it says " + r.Signature.At.Format(time.RFC3339), Do: "sign again", Exit: fault.ExitFound}
	}
	v, err := k.store.Sign(r.ID, r.Signature, reviewer(ctx, key))
	if err != nil || v.Facts.State != review.Signed {
		return v, err
	}
	// What is signed stays signed where the archive cannot be written now: Seal is tried again.
	if _, err := k.Seal(ctx); err != nil && !errors.Is(err, archive.ErrReader) {
		k.d.Log.Warn("a signed review is not in the archive yet; it is tried again", "review", r.ID, "err", err)
	}
	return k.store.Get(r.ID)
}

// here answers AskHere.
func (k *Desk) here(ctx context.Context, r reviewing.HereRequest) (reviewing.View, error) {
	v, err := k.signHere(ctx, r)
	k.note(ctx, "review-sign", strings.TrimSpace(r.ID+" "+r.Key), "", err)
	if err != nil {
		return reviewing.View{}, err
	}
	return k.view(v)
}

func (k *Desk) signHere(ctx context.Context, r reviewing.HereRequest) (store.View, error) {
	key, err := k.keys.Find(r.Key)
	if err != nil {
		return store.View{}, err
	}
	want, err := k.store.Prepare(r.ID, reviewer(ctx, key), k.d.Now(), r.Systems)
	if err != nil {
		return store.View{}, err
	}
	if r.Version != 0 && r.Version != want.Version {
		return store.View{}, &fault.Error{Code: "review-changed", What: "somebody else changed the review meanwhile", Where: r.ID, Do: "look at it again, then sign: weir review show " + r.ID, Exit: fault.ExitFound}
	}
	private, err := keys.Load(k.d.KeyFolder, key.Name, key.Public, []byte(r.Passphrase))
	if err != nil {
		return store.View{}, err
	}
	return k.take(ctx, reviewing.SignRequest{ID: r.ID, Signature: seal.Sign(want.ID, want.Revision, want.Signature, private)})
}

// Seal puts signed reviews into the archive that are not in it yet, and returns how many. It is called after a signature and
// when weir starts: what was signed while no weir ran, or before a crash, gets its leaf then.
func (k *Desk) Seal(ctx context.Context) (n int, err error) {
	k.sealing.Lock()
	defer k.sealing.Unlock()
	ids, err := k.store.List()
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		row, e := k.summary(id)
		if e == nil && (row.State != review.Signed || row.Sealed) {
			continue
		}
		var v store.View
		if e == nil {
			v, e = k.store.Get(id)
		}
		if e == nil {
			e = k.sealOne(ctx, v)
		}
		if e != nil {
			err = errors.Join(err, fmt.Errorf("sealing the review %s: %w", id, e))
			continue
		}
		n++
	}
	return n, err
}

// sealOne writes the file first and then the leaf: a leaf never names what is not there. Both are left as they are where a
// crash came between them and the note of it.
func (k *Desk) sealOne(ctx context.Context, v store.View) error {
	ar, err := k.d.Archive()
	if err != nil {
		return err
	}
	doc, err := k.store.Signed(v.Facts.ID)
	if err != nil {
		return err
	}
	f := manifest.File{ID: v.Facts.ID, Path: "reviews/" + v.Facts.ID + ".json", SHA256: sumOf(doc), Bytes: int64(len(doc)), Note: "signed by " + strings.Join(signers(v.Facts), ", ")}
	now := k.d.Now()
	leaf, ok := leafOf(ar, f.ID)
	var seq uint64
	switch {
	case ok && leaf.SHA256 != f.SHA256:
		return errors.New("the archive has a leaf of other bytes by this name")
	case !ok:
		if err := ar.PutFile(ctx, f.Path, doc); err != nil {
			return err
		}
		a, err := manifest.NewAction(manifest.KindReview, v.Facts.Signatures[len(v.Facts.Signatures)-1].By, now, f)
		if err != nil {
			return err
		}
		if seq, err = ar.Act(ctx, []manifest.Action{a}); err != nil {
			return err
		}
	}
	return k.store.Sealed(f.ID, store.Sealed{At: now.UTC(), Path: f.Path, SHA256: f.SHA256, Seq: seq})
}

// signers are the keys that signed, each once.
func signers(f *review.Facts) []string {
	var out []string
	for _, s := range f.Signatures {
		if !slices.Contains(out, s.Key) {
			out = append(out, s.Key)
		}
	}
	return out
}

// keyAdd answers AskKeyAdd.
func (k *Desk) keyAdd(ctx context.Context, r reviewing.KeyAddRequest) (keys.Key, error) {
	s := k.stamp(ctx)
	key := keys.Key{Name: r.Name, Public: strings.TrimSpace(r.Public), Accounts: r.Accounts, Added: s.At, AddedBy: s.By}
	err := k.keys.Add(key)
	k.note(ctx, "key-add", r.Name, strings.Join(r.Accounts, ","), err)
	return key, err
}

// keyList answers AskKeys.
func (k *Desk) keyList(context.Context, struct{}) (reviewing.Keys, error) {
	list, err := k.keys.List()
	return reviewing.Keys{Keys: list}, err
}

// keyRevoke answers AskRevoke.
func (k *Desk) keyRevoke(ctx context.Context, r reviewing.RevokeRequest) (keys.Key, error) {
	err := k.keys.Revoke(r.Name, who(ctx), r.Why, k.d.Now())
	k.note(ctx, "key-revoke", r.Name, r.Why, err)
	if err != nil {
		return keys.Key{}, err
	}
	return k.keys.Find(r.Name)
}

var _ draft.Source = (*archive.Archive)(nil)
