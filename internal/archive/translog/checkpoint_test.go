package translog

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// signed makes a checkpoint with the key of a seed.
func signed(t testing.TB, c Checkpoint, seed byte) (msg []byte, verifier string) {
	t.Helper()
	secret, verifier, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 64)), c.Origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	msg, err = c.sign(s)
	if err != nil {
		t.Fatal(err)
	}
	return msg, verifier
}

var head = Checkpoint{Origin: "weir.log/office", Size: 70000, Root: sha256.Sum256([]byte("root"))}

func TestCheckpoint_Success(t *testing.T) {
	msg, key := signed(t, head, 1)
	_, other := signed(t, head, 2)
	for _, keys := range [][]string{{key}, {other, key}, {key, other}} {
		c, err := OpenCheckpoint(msg, keys...)
		if err != nil || c.Key != key || c.Size != head.Size || c.Root != head.Root || c.Origin != head.Origin {
			t.Errorf("%+v %v", c, err)
		}
	}
	c, err := ParseCheckpoint(msg)
	if err != nil || c != head {
		t.Errorf("%+v %v", c, err)
	}
	if want := "weir.log/office\n70000\n" + head.Root.String() + "\n"; c.Text() != want || !strings.HasPrefix(string(msg), want+"\n— weir.log/office ") {
		t.Errorf("text %q in %q", c.Text(), msg)
	}
}

func TestCheckpoint_Failure(t *testing.T) {
	msg, key := signed(t, head, 1)
	_, other := signed(t, head, 2)
	foreign, foreignKey := signed(t, Checkpoint{Origin: "weir.log/b", Size: 1}, 3)
	edit := func(old, new string) []byte { return bytes.Replace(msg, []byte(old), []byte(new), 1) }
	for name, tc := range map[string]struct {
		msg  []byte
		keys []string
	}{
		"no key":                 {msg, nil},
		"another key":            {msg, []string{other}},
		"no verifier":            {msg, []string{"x"}},
		"another size":           {edit("70000", "70001"), []string{key}},
		"another origin":         {edit("weir.log/office\n7", "weir.log/offic\n7"), []string{key}},
		"a key of another name":  {append(bytes.TrimSuffix(bytes.SplitAfter(msg, []byte("\n\n"))[0], nil), bytes.SplitAfter(foreign, []byte("\n\n"))[1]...), []string{foreignKey}},
		"nothing":                {nil, []string{key}},
		"too long":               {append(bytes.Repeat([]byte("x\n"), maxNote), msg...), []string{key}},
		"without its last end":   {msg[:len(msg)-1], []string{key}},
		"a blank before a line":  {edit("70000", " 70000"), []string{key}},
		"a leading zero":         {edit("70000", "070000"), []string{key}},
		"no signature line":      {bytes.SplitAfter(msg, []byte("\n\n"))[0], []string{key}},
		"only text":              {[]byte(head.Text()), []string{key}},
		"a root that is no hash": {edit(head.Root.String(), "AAAA"), []string{key}},
	} {
		t.Run(name, func(t *testing.T) {
			if c, err := OpenCheckpoint(tc.msg, tc.keys...); err == nil {
				t.Errorf("accepted: %+v", c)
			}
		})
	}
	// Signed well, and still no checkpoint.
	secret, verifier, err := note.GenerateKey(nil, "weir.log/office")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"weir.log/office\n1\n", "weir.log/office\n-1\n" + head.Root.String() + "\n", "weir.log/office\n01\n" + head.Root.String() + "\n",
		"weir.log/office\n1\nxx\n", "\n1\n" + head.Root.String() + "\n", "weir-log-key\na\nb\n"} {
		b, err := note.Sign(&note.Note{Text: text}, s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenCheckpoint(b, verifier); err == nil {
			t.Errorf("accepted %q", text)
		}
	}
}

func FuzzCheckpoint(f *testing.F) {
	msg, key := signed(f, head, 1)
	f.Add(msg)
	f.Add([]byte(strings.Join(strings.Fields(string(msg)), " ")))
	f.Add([]byte("a\n1\n" + tlog.Hash{}.String() + "\n\n— a AAAAAAA=\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := OpenCheckpoint(b, key); err == nil {
			// Only what the key signed is opened, and the key signed one text.
			if c.Size != head.Size || c.Root != head.Root || c.Origin != head.Origin {
				t.Fatalf("%q opened as %+v", b, c)
			}
		}
		if c, err := ParseCheckpoint(b); err == nil && !strings.HasPrefix(string(b), c.Text()) {
			t.Fatalf("%q read as %q", b, c.Text())
		}
		if found, ok := FindCheckpoint(b); ok {
			if _, err := ParseCheckpoint(found); err != nil {
				t.Fatalf("%q: found %q: %v", b, found, err)
			}
		}
	})
}
