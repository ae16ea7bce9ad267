package redact

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/text/encoding/korean"

	"weir/event"
)

const secret = "0123456789abcdef0123456789abcdef"

// rulesOf reads rules from YAML.
func rulesOf(t testing.TB, text string) *Rules {
	t.Helper()
	r, err := parse("redact.yaml", []byte(text), func(name string) (string, bool) { return secret, name == "KEY" })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// eventOf decodes a document; text that is not JSON fails the test.
func eventOf(t testing.TB, doc string) *event.Event {
	t.Helper()
	var e event.Event
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	return &e
}

func document(e *event.Event) string { return string(e.AppendJSON(nil)) }

func TestApply(t *testing.T) {
	for _, c := range []struct {
		name, rules, doc string
		absent, present  []string
	}{
		{
			"a mask covers original, message and related", "rules: [{name: u, fields: [user.name], how: mask, keep: 2}]",
			`{"user":{"name":"kimcs01"},"message":"login of kimcs01 (KIMCS01)","event":{"original":"<1>kimcs01 logged in, not kimcs011"},"related":{"user":["kimcs01","root"]},"acme":{"who":{"a":["kimcs01"]}}}`,
			[]string{`"kimcs01"`, "of kimcs01", ">kimcs01 ", "KIMCS01"}, []string{`"*****01"`, "of *****01 (*****01)", "not kimcs011", `"root"`, `"tags":["redacted"]`, `"user.name"`},
		},
		{
			"of an address the network stays", "rules: [{fields: [source.ip], how: mask}]",
			`{"source":{"ip":"203.0.113.77"},"message":"from 203.0.113.77:80 not 203.0.113.7"}`,
			[]string{"203.0.113.77"}, []string{`"ip":"203.0.113.0"`, "from 203.0.113.0:80 not 203.0.113.7"},
		},
		{
			"a hash is the same everywhere", "key: env:KEY\nrules: [{fields: [user.email, source.ip], how: hash}]",
			`{"user":{"email":"a@b.example"},"source":{"ip":"203.0.113.77"},"message":"a@b.example 203.0.113.77"}`,
			[]string{"a@b", "203.0"}, []string{`"email":"hash:`, `"message":"hash:`, `"ip":"fd`},
		},
		{
			"a field that is dropped", "rules: [{fields: [url.query], how: drop}]",
			`{"url":{"query":"token=s3cr3t-1"},"event":{"original":"GET /x?token=s3cr3t-1 HTTP"}}`,
			[]string{"s3cr3t"}, []string{"GET /x? HTTP", `"url.query"`},
		},
		{
			"a pattern anywhere", `rules: [{name: rrn, pattern: '\d{6}-[1-4]\d{6}', how: mask}]`,
			`{"message":"id 900101-1234567 ok","acme":{"id":"900101-1234567"},"labels":{"x":"n900101-1234567"}}`,
			[]string{"id 900101", `"900101-1234567"`}, []string{"id ******-******* ok"},
		},
		{
			"only in a class", "rules: [{fields: [user.name], classes: [privacy], how: drop}]",
			`{"user":{"name":"kim"},"weir":{"class":"standard"}}`, []string{"redacted"}, []string{`"kim"`},
		},
		{
			"only where a condition holds", `rules: [{fields: [user.name], when: event.dataset == "a.b", how: drop}]`,
			`{"user":{"name":"kim"},"event":{"dataset":"a.b"}}`, []string{`"kim"`}, []string{"redacted"},
		},
		{
			"numbers and lists", "rules: [{fields: [weir.privacy.subject.id], how: mask},{fields: [acme.card], how: mask, keep: 4}]",
			`{"acme":{"card":4111111111111111},"message":"paid by 4111111111111111","weir":{"privacy":{"subject":{"id":["A-17","B-22"]}}},"event":{"original":"A-17;B-22"}}`,
			[]string{"411111111111", "A-17", "B-22"}, []string{"************1111"},
		},
		{
			"as it stands in JSON and in URLs", "rules: [{fields: [user.full_name], how: mask}]",
			`{"user":{"full_name":"Ann \"X\" Öst"},"event":{"original":"{\"n\":\"Ann \\\"X\\\" Öst\"} /?n=Ann+%22X%22+%C3%96st"}}`,
			[]string{"Ann", "%96st", "Öst"}, nil,
		},
		{
			"a Korean name with its particle", "rules: [{fields: [user.full_name], how: mask}]",
			`{"user":{"full_name":"홍길동"},"message":"홍길동이 조회"}`, []string{"홍길동"}, []string{"***이 조회"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := eventOf(t, c.doc)
			r := rulesOf(t, c.rules)
			r.Apply(e)
			got := document(e)
			for _, s := range c.absent {
				if strings.Contains(got, s) {
					t.Errorf("%s is still in %s", s, got)
				}
			}
			for _, s := range c.present {
				if !strings.Contains(got, s) {
					t.Errorf("%s is not in %s", s, got)
				}
			}
			r.Apply(e)
			if again := document(e); again != got {
				t.Errorf("a second time changes it:\n%s\n%s", got, again)
			}
		})
	}
}

// The original of a record in CP949 is rewritten in its own bytes.
func TestApply_CP949(t *testing.T) {
	raw, err := korean.EUCKR.NewEncoder().String("홍길동 조회 900101-1234567")
	if err != nil {
		t.Fatal(err)
	}
	var e event.Event
	e.SetStr(event.UserFullName, "홍길동")
	e.SetStr(event.WeirOriginalBase64, base64.StdEncoding.EncodeToString([]byte(raw)))
	rulesOf(t, `rules: [{name: a, fields: [user.full_name], how: mask},{name: b, pattern: '\d{6}-[1-4]\d{6}', how: mask}]`).Apply(&e)
	b, err := base64.StdEncoding.DecodeString(e.Str(event.WeirOriginalBase64))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := korean.EUCKR.NewDecoder().String(string(b)); err != nil || got != "*** 조회 ******-*******" {
		t.Errorf("%v %q", err, got)
	}
}

func TestApply_Encrypt(t *testing.T) {
	e := eventOf(t, `{"user":{"name":"kim"},"source":{"port":4711},"message":"kim 4711"}`)
	rulesOf(t, "key: env:KEY\nrules: [{fields: [user.name, source.port], how: encrypt}]").Apply(e)
	doc := document(e)
	if strings.Contains(doc, "kim") || strings.Contains(doc, "4711") {
		t.Fatalf("still there: %s", doc)
	}
	if !e.Has(event.WeirOther) || e.Has(event.SourcePort) {
		t.Errorf("a port that is a cipher text belongs to weir.other: %s", doc)
	}
	if name := e.Str(event.UserName); !strings.Contains(e.Str(event.Message), name) {
		t.Errorf("the field has another cipher text than the message: %s", doc)
	}
	plain, read, unread, err := Decrypt(secret, doc)
	if err != nil || read != 4 || unread != 0 || !strings.Contains(plain, `"message":"kim 4711"`) {
		t.Errorf("%v, %d read, %d not: %s", err, read, unread, plain)
	}
	if _, read, unread, _ := Decrypt("another secret of some length", doc); read != 0 || unread != 4 {
		t.Errorf("with another key %d read, %d not", read, unread)
	}
	if _, _, _, err := Decrypt("short", doc); err == nil {
		t.Error("a short key is none")
	}
}

func TestDecrypt_Changed(t *testing.T) {
	k, err := newKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	c := k.encrypt("value")
	changed := c[:len(c)-3] + "AAA"
	if plain, _, unread, _ := Decrypt(secret, changed+" "+cipherPrefix+k.id+":AA"); unread != 2 || !strings.Contains(plain, changed) {
		t.Errorf("%d unread: %s", unread, plain)
	}
}

// What no rule is about costs nothing.
func TestApply_NoAllocation(t *testing.T) {
	e := eventOf(t, `{"message":"a line","source":{"ip":"10.0.0.1"}}`)
	r := rulesOf(t, "rules: [{fields: [user.name, user.email], how: mask}]")
	if n := testing.AllocsPerRun(100, func() { r.Apply(e) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	var none *Rules
	none.Apply(e)
	if none.Len() != 0 || r.Len() != 1 || r.Counts()["rule-1"] != 0 {
		t.Error("counts of rules that did nothing")
	}
}

func TestParse_Faults(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"no YAML":           {"rules: [", "cannot be read"},
		"an unknown key":    {"rules: [{feild: a}]", "feild"},
		"no way":            {"rules: [{fields: [a], how: hide}]", "mask, hash"},
		"no key":            {"rules: [{fields: [a], how: hash}]", "needs a key"},
		"a short key":       {"key: abc\nrules: []", "at least 16"},
		"no secret":         {"key: env:NOTHING\nrules: []", "NOTHING"},
		"nothing to take":   {"rules: [{how: mask}]", "either fields or a pattern"},
		"both":              {"rules: [{how: mask, fields: [a], pattern: b}]", "either fields or a pattern"},
		"a broken pattern":  {"rules: [{how: mask, pattern: '('}]", "pattern"},
		"an empty pattern":  {"rules: [{how: mask, pattern: 'a*'}]", "empty text"},
		"a broken when":     {"rules: [{how: mask, fields: [a], when: '1 +'}]", "when"},
		"weir's own":        {"rules: [{how: mask, fields: [event.id]}]", "weir needs it"},
		"weir's other own":  {"rules: [{how: mask, fields: [weir.class]}]", "weir needs it"},
		"the same twice":    {"rules: [{name: a, how: mask, fields: [b]},{name: a, how: mask, fields: [c]}]", "twice"},
		"keep without mask": {"rules: [{how: drop, fields: [b], keep: 2}]", "keep"},
	} {
		_, err := parse("redact.yaml", []byte(c.text), func(string) (string, bool) { return "", false })
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want one that says %q", name, err, c.says)
		}
		if err != nil && strings.Contains(err.Error(), "abc") {
			t.Errorf("%s: the key is in the error", name)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	if r, err := Load(filepath.Join(dir, "none.yaml")); err != nil || r.Len() != 0 {
		t.Errorf("no file: %v", err)
	}
	file := filepath.Join(dir, "redact.yaml")
	for name, text := range map[string]string{"redact.key": secret + "\n", "redact.yaml": "key: file:redact.key\nrules: [{fields: [user.name], how: hash}]"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := Load(file); err != nil || r.Len() != 1 {
		t.Errorf("%v", err)
	}
}

func TestMask(t *testing.T) {
	for _, c := range []struct {
		in   string
		keep int
		want string
	}{
		{"secret", 0, "******"}, {"4111-1111-1111-1111", 4, "****-****-****-1111"}, {"abc", 2, "***"}, {"a.kim@b.example", 0, "*.***@*.*******"},
		{"2001:db8:1:2::3", 0, "2001:db8:1::"},
	} {
		if got := mask(c.in, c.keep); got != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
	}
}

// Whatever the value and the text around it: where the value stands alone it is gone, and what is read again says the same.
func FuzzApply(f *testing.F) {
	f.Add("kim", "user kim, not kimchi")
	f.Add("a\"b", `{"x":"a\"b"}`)
	f.Add("1", "1 11 1")
	f.Add("홍", "홍이")
	f.Fuzz(func(t *testing.T, value, text string) {
		var e event.Event
		e.SetStr(event.UserName, value)
		e.SetStr(event.Message, "<"+value+">"+text)
		k, err := newKey(secret)
		if err != nil {
			t.Fatal(err)
		}
		r := &Rules{key: k, list: []rule{{name: "f", fields: []event.Ref{event.MakeRef("user.name")}, how: Hash, count: &atomic.Int64{}}}}
		r.Apply(&e)
		if value == "" || strings.HasPrefix(value, hashPrefix) || strings.HasPrefix(value, cipherPrefix) || strings.Contains(k.hash(value), value) {
			return
		}
		if strings.HasPrefix(e.Str(event.Message), "<"+value+">") && e.Str(event.UserName) != value {
			t.Fatalf("%q is still in %q", value, e.Str(event.Message))
		}
		first := document(&e)
		r.Apply(&e)
		if second := document(&e); first != second {
			t.Fatalf("a second time changes it:\n%s\n%s", first, second)
		}
	})
}

func BenchmarkApply(b *testing.B) {
	doc := `{"user":{"name":"kimcs01"},"message":"login of kimcs01 from 203.0.113.77 port 22","event":{"original":"<38>Mar  1 10:00:00 web1 sshd[77]: login of kimcs01 from 203.0.113.77 port 22"},"source":{"ip":"203.0.113.77"},"related":{"user":["kimcs01"],"ip":["203.0.113.77"]}}`
	r := rulesOf(b, "key: env:KEY\nrules: [{fields: [user.name], how: hash}]")
	b.ReportAllocs()
	for b.Loop() {
		e := eventOf(b, doc)
		r.Apply(e)
	}
}
