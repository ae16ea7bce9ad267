package correlate

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/processors/correlate/keep"
)

// frames makes a snapshot of some frames.
func frames(t testing.TB, parts ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := keep.NewWriter(&b)
	for _, p := range parts {
		if err == nil {
			err = w.Frame(p)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// whole returns the snapshot of an engine, and its frames in one.
func snapshotOf(t testing.TB, en *Engine) (file, body []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := en.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	r, err := keep.NewReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for {
		part, err := r.Next()
		if errors.Is(err, io.EOF) {
			return b.Bytes(), body
		}
		if err != nil {
			t.Fatal(err)
		}
		body = append(body, part...)
	}
}

func TestRestore_Failure(t *testing.T) {
	en := engine(testRules()...)
	play(t, en, mixed(1, 60))
	good, body := snapshotOf(t, en)
	changed := bytes.Clone(good)
	changed[len(changed)/2]++
	old := bytes.Clone(good)
	old[bytes.IndexByte(old, '\n')+1] = 1
	cases := []struct {
		name string
		in   []byte
		why  string
		is   error
	}{
		{"empty", nil, "cut off", keep.ErrBroken},
		{"something else", []byte("weir archive manifest, quite another file"), "does not begin", keep.ErrBroken},
		{"cut", good[:len(good)-1], "cut off", keep.ErrBroken},
		{"changed", changed, "checksum", keep.ErrBroken},
		{"of another version", old, "its form is 1", keep.ErrVersion},
		{"short inside", frames(t, body[:len(body)-40]), "fit together", keep.ErrBroken},
		{"nothing inside", frames(t), "nothing in it", keep.ErrBroken},
		{"a group twice", frames(t, body, body[len(body)-len(body)/3:]), "fit together", keep.ErrBroken},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, before := snapshotOf(t, en)
			err := en.Restore(bytes.NewReader(c.in))
			if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("error %v, want one about %q", err, c.why)
			}
			if _, after := snapshotOf(t, en); !bytes.Equal(after, before) {
				t.Error("the engine was changed by a broken state")
			}
		})
	}
	if err := en.Restore(failing{}); err == nil || errors.Is(err, keep.ErrBroken) {
		t.Errorf("a reader that fails: %v", err)
	}
	if err := en.Snapshot(failing{}); err == nil {
		t.Error("a writer that fails")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error)  { return 0, errors.New("disk") }
func (failing) Write([]byte) (int, error) { return 0, errors.New("disk") }

// State of rules that do not run any more, or changed, is left out; that of the others stays.
func TestRestore_otherRules(t *testing.T) {
	en := engine(testRules()...)
	play(t, en, mixed(1, 60))
	var b bytes.Buffer
	if err := en.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	set := testRules()[:3]
	changed := *set[1]
	changed.Hash = "2"
	set[1] = &changed
	next := engine(set...)
	if err := next.Restore(&b); err != nil {
		t.Fatal(err)
	}
	if len(next.rules) != 3 || next.rules["count"].book.Len() != 0 {
		t.Errorf("%d rules", len(next.rules))
	}
	if next.rules["single"].book.Len() != en.rules["single"].book.Len() {
		t.Error("the state of an unchanged rule is lost")
	}
	for _, a := range play(t, next, []*signal.Signal{mark(signal.Idle, base.Add(time.Hour), 1)}) {
		if a.Rule == "count" || next.rules[a.Rule] == nil {
			t.Errorf("something was unsaid of %s, which does not run", a.Rule)
		}
	}
}

// Whatever bytes are taken as a state, the engine runs on them without a fault and writes them back the same.
func FuzzRestore(f *testing.F) {
	en := engine(testRules()...)
	play(f, en, mixed(1, 12)[:60])
	_, body := snapshotOf(f, en)
	f.Add(body)
	_, body = snapshotOf(f, engine())
	f.Add(body)
	f.Add([]byte{})
	more := mixed(2, 6)
	f.Fuzz(func(t *testing.T, in []byte) {
		en := engine(testRules()...)
		if en.Restore(bytes.NewReader(frames(t, in))) != nil {
			return
		}
		written, body := snapshotOf(t, en)
		again := engine(testRules()...)
		if err := again.Restore(bytes.NewReader(written)); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if _, got := snapshotOf(t, again); !bytes.Equal(got, body) {
			t.Fatal("read and written again, it differs")
		}
		for _, s := range more {
			if err := en.Apply(s, func(*alert.Alert) {}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
