package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"weir/internal/review"
	"weir/internal/testkit"
)

// key makes a key that is the same in every run.
func key(b byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, 32)) }

func public(k ed25519.PrivateKey) string {
	return base64.StdEncoding.EncodeToString(k.Public().(ed25519.PublicKey))
}

var day = time.Date(2026, 11, 3, 1, 2, 3, 4, time.UTC)

// facts is a review of two systems with texts that are hard to write.
func facts() *review.Facts {
	return &review.Facts{
		V: 1, ID: "2026-10", Revision: 1, State: review.Open,
		Comments: []review.Comment{{Nr: 1, Text: "\"\\ \u2028 \u007f \x01 가 😀 <b>"}},
		Systems:  []review.System{{ID: "crm", Events: 12}, {ID: "hr", Accounts: []review.Account{{Name: "kim"}}}},
	}
}

// signed is a review that two people have signed, a system each.
func signed(t *testing.T) []byte {
	t.Helper()
	f := facts()
	for i, system := range []string{"crm", "hr"} {
		doc, err := Document(f)
		if err != nil {
			t.Fatal(err)
		}
		parts, err := Parts(doc)
		if err != nil {
			t.Fatal(err)
		}
		s := review.Signature{Key: "key-" + system, By: "ana", At: day, Parts: []review.Part{parts[0], parts[i+1]}}
		if parts[i+1].System != system {
			t.Fatalf("part %d is %s", i+1, parts[i+1].System)
		}
		f.Signatures = append(f.Signatures, Sign(f.ID, f.Revision, s, key(byte(i+1))))
	}
	f.State = review.Signed
	doc, err := Document(f)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func known(name string) (string, bool) {
	switch name {
	case "key-crm":
		return public(key(1)), true
	case "key-hr":
		return public(key(2)), true
	}
	return "", false
}

func TestVerify(t *testing.T) {
	r, err := Verify(signed(t), known)
	if err != nil || !r.OK || len(r.Signed) != 2 || !r.Signed[0].Known || r.Signed[1].Systems[0] != "hr" {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := Verify(signed(t), nil); err != nil || !r.OK || r.Signed[0].Known {
		t.Errorf("without keys: %+v, %v", r, err)
	}
}

// TestVerify_Changed: whatever is changed in a signed review, it is found.
func TestVerify_Changed(t *testing.T) {
	doc := signed(t)
	for _, x := range []struct{ name, old, new, want string }{
		{"a number", `"events":12`, `"events":13`, "the system crm was changed"},
		{"a name", `"name":"kim"`, `"name":"lee"`, "the system hr was changed"},
		{"a comment", `가`, `나`, "the head was changed"},
		{"the id", `"id":"2026-10"`, `"id":"2026-09"`, "does not hold"},
		{"the revision", `"revision":1`, `"revision":2`, "does not hold"},
		{"who signed", `"by":"ana"`, `"by":"bob"`, "does not hold"},
		{"when", `2026-11-03T01:02:03Z`, `2026-11-02T01:02:03Z`, "does not hold"},
		{"the key's name", `"key":"key-hr"`, `"key":"key-crm"`, "not registered by this name"},
		{"a system goes", `,{"accounts":[{`, `],"x":[{"accounts":[{`, "was changed"},
	} {
		t.Run(x.name, func(t *testing.T) {
			bad := bytes.Replace(doc, []byte(x.old), []byte(x.new), 1)
			if bytes.Equal(bad, doc) {
				t.Fatalf("%s is not in %s", x.old, doc)
			}
			r, err := Verify(bad, known)
			if err != nil {
				t.Fatal(err)
			}
			if r.OK || !strings.Contains(strings.Join(r.Problems, "; "), x.want) {
				t.Errorf("%+v, want %q", r, x.want)
			}
		})
	}
}

func TestVerify_Signatures(t *testing.T) {
	edit := func(f func(m map[string]any)) []byte {
		var m map[string]any
		if err := json.Unmarshal(signed(t), &m); err != nil {
			t.Fatal(err)
		}
		f(m)
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if b, err = Canonical(b); err != nil {
			t.Fatal(err)
		}
		return append(b, '\n')
	}
	for _, x := range []struct {
		name, want string
		doc        []byte
	}{
		{"one is taken away", "the system hr has no valid signature", edit(func(m map[string]any) { m["signatures"] = m["signatures"].([]any)[:1] })},
		{"all are taken away", "nobody has signed it", edit(func(m map[string]any) { delete(m, "signatures") })},
		{"one covers nothing", "does not cover", edit(func(m map[string]any) {
			m["signatures"].([]any)[0].(map[string]any)["parts"] = []any{}
		})},
		{"a system more", "the system new has no valid signature", edit(func(m map[string]any) { m["systems"] = append(m["systems"].([]any), map[string]any{"id": "new"}) })},
	} {
		t.Run(x.name, func(t *testing.T) {
			r, err := Verify(x.doc, known)
			if err != nil || r.OK || !strings.Contains(strings.Join(r.Problems, "; "), x.want) {
				t.Errorf("%+v, %v, want %q", r, err, x.want)
			}
		})
	}
	// One form only: a member that comes twice would be read by some programs as the first and by some as the last.
	doc := signed(t)
	for name, bad := range map[string][]byte{
		"a blank": append([]byte(" "), doc...), "a member twice": bytes.Replace(doc, []byte(`"events":12`), []byte(`"events":99,"events":12`), 1),
	} {
		if r, err := Verify(bad, known); err != nil || r.OK || !strings.Contains(strings.Join(r.Problems, ";"), "canonical form") {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestCanonical(t *testing.T) {
	for _, x := range []struct{ name, doc, want string }{
		{"order and blanks", ` { "b" : 1, "a" : [ true , null ] } `, `{"a":[true,null],"b":1}`},
		{"escapes", `"\u0041\/\u003c\u2028\u0001\b\f\n\r\t\"\\"`, "\"A/<\u2028\\u0001\\b\\f\\n\\r\\t\\\"\\\\\""},
		{"beyond the plane", `{"\uFB33":2,"\uD83D\uDE00":1}`, "{\"😀\":1,\"\uFB33\":2}"},
		{"numbers", `[0,-1,9223372036854775807]`, `[0,-1,9223372036854775807]`},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := Canonical([]byte(x.doc))
			if err != nil || string(got) != x.want {
				t.Errorf("%s, %v, want %s", got, err, x.want)
			}
		})
	}
	for _, bad := range []string{"", "{", "1.5", "1e3", "-0", "01", "{} {}", "\"\xff\"", strings.Repeat("[", 100) + strings.Repeat("]", 100)} {
		if got, err := Canonical([]byte(bad)); err == nil {
			t.Errorf("%q became %s", bad, got)
		}
	}
}

// TestCanonical_Python: another program comes to the same bytes.
func TestCanonical_Python(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		testkit.Skip(t, "python3", "another program reads what was written")
	}
	doc := signed(t)
	cmd := exec.Command(python, "-c", `import json,sys; sys.stdout.write(json.dumps(json.load(sys.stdin),sort_keys=True,separators=(",",":"),ensure_ascii=False)+"\n")`)
	cmd.Env = []string{"PYTHONIOENCODING=utf-8"}
	cmd.Stdin = bytes.NewReader(doc)
	out, err := cmd.Output()
	if err != nil || !bytes.Equal(out, doc) {
		t.Errorf("%v\n%s\n%s", err, out, doc)
	}
}

func TestMessage_NamesCannotBreakIt(t *testing.T) {
	s := review.Signature{Key: "a\npart * 00", By: "x\"y", At: day, Parts: []review.Part{{SHA256: "11"}, {System: "*", SHA256: "22"}}}
	got := string(Message("id", 1, s))
	if strings.Count(got, "\n") != 8 || !strings.Contains(got, "part * 11\npart \"*\" 22\n") {
		t.Errorf("%q", got)
	}
}

// FuzzVerify: no document verifies that is not made of the signed parts, whatever the bytes, and the canonical form is stable.
func FuzzVerify(f *testing.F) {
	f.Add([]byte(`{"id":"2026-10","systems":[{"id":"a"}],"signatures":[{"key":"k","public":"","parts":[{"system":"","sha256":""}]}]}`))
	f.Add([]byte(`{"systems":[{"id":"a"},{"id":"a"}]}`))
	f.Add([]byte(`[1.5]`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if r, err := Verify(doc, func(string) (string, bool) { return "", false }); err == nil && r.OK {
			t.Errorf("a document that no known key signed is fine: %+v", r)
		}
		once, err := Canonical(doc)
		if err != nil {
			return
		}
		if twice, err := Canonical(once); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%q became %q (%v)", once, twice, err)
		}
	})
}
