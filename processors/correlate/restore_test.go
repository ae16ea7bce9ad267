package correlate

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"weir/internal/alert"
)

func TestRestore_Failure(t *testing.T) {
	en := engine(testRules()...)
	play(t, en, mixed(1, 60))
	var whole bytes.Buffer
	if err := en.Snapshot(&whole); err != nil {
		t.Fatal(err)
	}
	good := whole.Bytes()
	changed := bytes.Clone(good)
	changed[len(changed)/2]++
	other := sealed(stateMagic, stateVersion+1, good[len(stateMagic)+1:len(good)-4])
	cases := []struct {
		name string
		in   []byte
		why  string
	}{
		{"empty", nil, "does not begin"},
		{"something else", []byte("weir archive manifest, quite another file"), "does not begin"},
		{"cut", good[:len(good)-1], "checksum"},
		{"changed", changed, "checksum"},
		{"newer", other, "version 2"},
		{"short inside", sealed(stateMagic, stateVersion, good[len(stateMagic)+1:len(good)-40]), "fit together"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := string(en.encode())
			err := en.Restore(bytes.NewReader(c.in))
			if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("error %v, want one about %q", err, c.why)
			}
			if string(en.encode()) != before {
				t.Error("the engine was changed by a broken state")
			}
		})
	}
	if err := en.Restore(failing{}); err == nil {
		t.Error("a reader that fails")
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
	if len(next.rules) != 3 || len(next.rules["count"].folds) != 0 {
		t.Errorf("%d rules", len(next.rules))
	}
	if len(next.rules["single"].folds) != len(en.rules["single"].folds) {
		t.Error("the state of an unchanged rule is lost")
	}
	for _, d := range next.dirty {
		if next.rules[d.rs.rule.ID] != d.rs {
			t.Errorf("something is unsaid of %s, which does not run", d.rs.rule.ID)
		}
	}
}

// Whatever bytes are taken as a state, the engine runs on them without a fault and writes them back the same.
func FuzzRestore(f *testing.F) {
	en := engine(testRules()...)
	play(f, en, mixed(1, 12)[:60])
	f.Add(en.encode())
	f.Add(engine().encode())
	f.Add([]byte{})
	more := mixed(2, 6)
	f.Fuzz(func(t *testing.T, in []byte) {
		en := engine(testRules()...)
		if en.decode(in) != nil {
			return
		}
		written := en.encode()
		again := engine(testRules()...)
		if err := again.decode(written); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if !bytes.Equal(again.encode(), written) {
			t.Fatal("read and written again, it differs")
		}
		for _, s := range more {
			if err := en.Apply(s, func(*alert.Alert) {}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
