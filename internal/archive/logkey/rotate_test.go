package logkey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/fault"
)

func TestRotate(t *testing.T) {
	r := newRing(t)
	first := r.Verifier()
	var acted []manifest.Action
	act := func(_ context.Context, list []manifest.Action) (uint64, error) {
		acted = append(acted, list...)
		return 7, nil
	}
	out, err := r.Rotate(t.Context(), "kim", time.Now(), act)
	if err != nil || out.Old != first || out.New == first || out.Seq != 7 {
		t.Fatalf("%+v %v", out, err)
	}
	k, err := ParseKey(acted[0].Body)
	if err != nil || Check(k) != nil || acted[0].Kind != manifest.KindKey || acted[0].By != "kim" {
		t.Errorf("%+v %v %v", k, err, Check(k))
	}
	if r.Verifier() != first || r.Signer(out.New) == nil || r.Signer(first) == nil {
		t.Error("before the log is signed both keys must be here, and the old one counts")
	}
	again, err := Load(r.Folder())
	if err != nil || again.Verifier() != first || again.Signer(out.New) == nil {
		t.Errorf("a new process: %v", err)
	}
	if err := r.Settle(first); err != nil || r.Verifier() != first {
		t.Errorf("settling for the old key: %v", err)
	}
	if err := r.Settle(out.New); err != nil || r.Verifier() != out.New || r.Signer(first) != nil {
		t.Errorf("settled: %v", err)
	}
	if err := r.Settle(out.New); err != nil {
		t.Errorf("settled twice: %v", err)
	}
	entries, err := os.ReadDir(r.Folder())
	if err != nil || len(entries) != 2 {
		t.Errorf("files: %v %v", entries, err)
	}
	if b, err := os.ReadFile(filepath.Join(r.Folder(), PublicName)); err != nil || string(b) != out.New+"\n" {
		t.Errorf("%s %v", b, err)
	}
}

func TestRotate_TheLineCannotBeWritten(t *testing.T) {
	r := newRing(t)
	first := r.Verifier()
	_, err := r.Rotate(t.Context(), "kim", time.Now(), func(context.Context, []manifest.Action) (uint64, error) { return 0, errors.New("disk full") })
	if fault.Code(err) != "archive-log-key" || !strings.Contains(err.Error(), "disk full") || r.Verifier() != first {
		t.Errorf("%v", err)
	}
	// The next try is for the same key: the line may have been written after all.
	a, err := r.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Prepare()
	if err != nil || a.New != b.New {
		t.Errorf("another key: %v", err)
	}
}

func TestCheck_Failure(t *testing.T) {
	r := newRing(t)
	good, err := r.Prepare()
	if err != nil || Check(good) != nil {
		t.Fatal(err, Check(good))
	}
	other, err := newRing(t).Prepare()
	if err != nil {
		t.Fatal(err)
	}
	named, err := Make(filepath.Join(t.TempDir(), "k"), "weir.log/other")
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := named.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(k *manifest.Key){
		"nothing":               func(k *manifest.Key) { *k = manifest.Key{} },
		"no old signature":      func(k *manifest.Key) { k.OldSignature = nil },
		"no new signature":      func(k *manifest.Key) { k.NewSignature = nil },
		"a byte of one":         func(k *manifest.Key) { k.OldSignature = bytes.Clone(k.OldSignature); k.OldSignature[3] ^= 1 },
		"signatures exchanged":  func(k *manifest.Key) { k.OldSignature, k.NewSignature = k.NewSignature, k.OldSignature },
		"another new key":       func(k *manifest.Key) { k.New = other.New },
		"another's signature":   func(k *manifest.Key) { k.New, k.NewSignature = other.New, other.NewSignature },
		"the same key twice":    func(k *manifest.Key) { k.New, k.NewSignature = k.Old, k.OldSignature },
		"a key of another name": func(k *manifest.Key) { k.New, k.NewSignature = foreign.New, foreign.NewSignature },
		"no key":                func(k *manifest.Key) { k.New = "x" },
	} {
		t.Run(name, func(t *testing.T) {
			k := good
			if change(&k); Check(k) == nil {
				t.Error("accepted")
			}
		})
	}
}

// TestSettle_TheFileOfTheNextKeyIsGone: the log is signed with it already, so this process goes on with what it has in
// memory and says what is wrong.
func TestSettle_TheFileOfTheNextKeyIsGone(t *testing.T) {
	r := newRing(t)
	k, err := r.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(r.Folder(), "log.key.next")); err != nil {
		t.Fatal(err)
	}
	if err := r.Settle(k.New); fault.Code(err) != "archive-log-key" {
		t.Errorf("%v", err)
	}
	if r.Signer(k.New) == nil || r.Verifier() != k.Old {
		t.Error("the new key was thrown away")
	}
}

// TestRing_ManyAtOnce: commands ask while the keeper signs and settles.
func TestRing_ManyAtOnce(t *testing.T) {
	r := newRing(t)
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			for range 20 {
				k, err := r.Prepare()
				if err != nil || Check(k) != nil {
					t.Errorf("%v %v", err, Check(k))
					return
				}
				if r.Name() != "weir.log/test" {
					t.Error(r.Name())
				}
				if err := r.Settle(k.New); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
	if again, err := Load(r.Folder()); err != nil || again.Verifier() != r.Verifier() {
		t.Errorf("on disk is another key: %v", err)
	}
}

func TestParseKey(t *testing.T) {
	for _, in := range []string{"", "x", "[]", `"x"`, `{"old":1}`, `{"old_signature":"%"}`} {
		if k, err := ParseKey([]byte(in)); err == nil {
			t.Errorf("%q: %+v", in, k)
		}
	}
	if k, err := ParseKey([]byte(`{"old":"a","new":"b","old_signature":"AAE=","new_signature":null}`)); err != nil || k.Old != "a" || !bytes.Equal(k.OldSignature, []byte{0, 1}) || Check(k) == nil {
		t.Errorf("%+v %v", k, err)
	}
}

// FuzzParseKey: of what an outside line says, nothing is a change of keys but what both keys signed.
func FuzzParseKey(f *testing.F) {
	r, err := Make(filepath.Join(f.TempDir(), "keys"), "weir.log/test")
	if err != nil {
		f.Fatal(err)
	}
	good, err := r.Prepare()
	if err != nil {
		f.Fatal(err)
	}
	b, err := json.Marshal(good)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"old":"a","new":"b"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParseKey(b)
		if err != nil {
			return
		}
		c := NewChain(good.Old, []Change{{Leaf: 5, Key: k}})
		if at := c.At(6); at != good.Old && at != good.New {
			t.Fatalf("%s leads to %s", b, at)
		}
	})
}
