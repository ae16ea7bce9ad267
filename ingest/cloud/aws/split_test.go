package aws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// splitAll returns all records and the error that ended them, nil at the end of the object.
func splitAll(r io.Reader) (recs []string, long int, rest string, err error) {
	sp := newSplitter(r)
	for {
		rec, whole, err := sp.next()
		switch {
		case errors.Is(err, io.EOF):
			return recs, long, "", nil
		case err != nil:
			return recs, long, string(sp.rest()), err
		case !whole:
			long++
		}
		recs = append(recs, string(rec))
	}
}

func TestSplit_Success(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"one", `{"Records":[{"a":1}]}`, `{"a":1}`},
		{"several", "{ \"Records\" :\n[ {\"a\":1} ,\n\t{\"b\":[1,{}]}\r\n] }\n", `{"a":1}|{"b":[1,{}]}`},
		{"none", `{"Records":[]}`, ``},
		{"other members around it", `{"x":{"Records":[1]},"y":[[]],"z":"Records","n":-1.5e3,"t":true,"Records":[{"a":1}],"after":null}`, `{"a":1}`},
		{"brackets and quotes in texts", `{"Records":[{"a":"}]\"{\\"},{"b":"]"}]}`, `{"a":"}]\"{\\"}|{"b":"]"}`},
		{"bytes as they are", `{"Records":[{ "a" : "é\u00e9" , "b":1.0 }]}`, `{ "a" : "é\u00e9" , "b":1.0 }`},
		{"documents one after the other", `{"Records":[{"a":1}]}` + "\n" + `{"Records":[{"a":2}]}`, `{"a":1}|{"a":2}`},
		{"what is no object", `{"Records":[5,"x",[1],null,{"a":1}]}`, `5|"x"|[1]|null|{"a":1}`},
		{"a list that is none", `{"Records":{"a":1},"Records":[2]}`, `2`},
		{"deep", `{"Records":[` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `]}`, strings.Repeat("[", 5000) + strings.Repeat("]", 5000)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{"at once": strings.NewReader(tc.in), "byte by byte": iotest.OneByteReader(strings.NewReader(tc.in)), "with its end": iotest.DataErrReader(strings.NewReader(tc.in))} {
				recs, long, _, err := splitAll(r)
				if got := strings.Join(recs, "|"); got != tc.want || long != 0 || err != nil {
					t.Errorf("%s: %q, %d too long, %v", how, got, long, err)
				}
			}
		})
	}
}

func TestSplit_Failure(t *testing.T) {
	for _, tc := range []struct{ name, in, reason, want, rest string }{
		{"empty", "", reasonUnknown, "", ""},
		{"text", "hello", reasonUnknown, "", "hello"},
		{"a list", `[{"a":1}]`, reasonUnknown, "", `[{"a":1}]`},
		{"no records", `{"configurationItems":[]}`, reasonUnknown, "", `{"configurationItems":[]}`},
		{"cut in a record", `{"Records":[{"a":1},{"b":"x`, reasonCut, `{"a":1}`, `{"b":"x`},
		{"cut after an escape", `{"Records":[{"a":1},{"b":"\`, reasonCut, `{"a":1}`, `{"b":"\`},
		{"cut after a comma", `{"Records":[{"a":1},`, reasonCut, `{"a":1}`, ""},
		{"cut before its last bracket", `{"Records":[{"a":1}]`, reasonCut, `{"a":1}`, ""},
		{"cut in a key", `{"Rec`, reasonCut, "", `{"Rec`},
		{"no key", `{"Records":[1],5}`, reasonDamaged, "1", "5}"},
		{"no colon", `{"Records" [1]}`, reasonDamaged, "", `{"Records" [1]}`},
		{"a bracket too many", `{"Records":[1]}}`, reasonDamaged, "1", "}"},
		{"no record", `{"Records":[1,:2]}`, reasonDamaged, "1", ":2]}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			recs, _, rest, err := splitAll(iotest.OneByteReader(strings.NewReader(tc.in)))
			bad, ok := errors.AsType[*badObject](err)
			if !ok || bad.reason != tc.reason || bad.detail == "" {
				t.Errorf("%v, want %s", err, tc.reason)
			}
			if got := strings.Join(recs, "|"); got != tc.want || rest != tc.rest {
				t.Errorf("records %q, rest %q", got, rest)
			}
		})
	}
}

func TestSplit_TheWayFails(t *testing.T) {
	broken := errors.New("connection reset")
	recs, _, _, err := splitAll(io.MultiReader(strings.NewReader(`{"Records":[{"a":1},{"b"`), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || len(recs) != 1 {
		t.Errorf("%v after %d records", err, len(recs))
	}
}

func TestSplit_Bounded(t *testing.T) {
	big := `{"x":"` + strings.Repeat("y", 3*maxRecord) + `"}`
	in := `{"` + strings.Repeat("k", 2*maxRecord) + `":1,"Records":[{"a":1},` + big + `,{"b":2}]}`
	sp := newSplitter(strings.NewReader(in))
	var got []string
	for {
		rec, whole, err := sp.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !whole {
			if len(rec) != maxRecord || string(rec) != big[:maxRecord] {
				t.Fatalf("%d bytes are kept of a record that is too long", len(rec))
			}
			rec = []byte("long")
		}
		got = append(got, string(rec))
	}
	if strings.Join(got, "|") != `{"a":1}|long|{"b":2}` {
		t.Errorf("%q", got)
	}
	if len(sp.buf) > 4*maxRecord {
		t.Errorf("the buffer has grown to %d bytes", len(sp.buf))
	}
	// What is left of an object that ends in such a record, or that is no JSON at all, is bounded too.
	if _, _, rest, err := splitAll(strings.NewReader(`{"Records":[` + big[:2*maxRecord])); err == nil || len(rest) != keptRest {
		t.Errorf("%d bytes are kept, %v", len(rest), err)
	}
	if _, _, rest, err := splitAll(strings.NewReader(strings.Repeat("x", 1<<20))); err == nil || len(rest) != window {
		t.Errorf("%d bytes are kept, %v", len(rest), err)
	}
}

// TestSplit_AgreesWithEncodingJSON compares with the standard library on documents made at random, read in pieces of any
// size, and cut anywhere: then what comes out is the beginning of what there is.
func TestSplit_AgreesWithEncodingJSON(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var want []json.RawMessage
		for range rnd.IntN(6) {
			b, err := json.Marshal(anything(rnd, 0))
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, b)
		}
		doc, err := json.Marshal(map[string]any{"A": anything(rnd, 0), "Records": append([]json.RawMessage{}, want...), "Z": anything(rnd, 0)})
		if err != nil {
			t.Fatal(err)
		}
		if rnd.IntN(2) == 0 {
			var b bytes.Buffer
			if err := json.Indent(&b, doc, "", " "); err != nil {
				t.Fatal(err)
			}
			doc = b.Bytes()
		}
		recs, _, _, err := splitAll(&pieces{rnd: rnd, r: bytes.NewReader(doc)})
		if err != nil || len(recs) != len(want) {
			t.Fatalf("seed %d: %d of %d records, %v in %s", seed, len(recs), len(want), err, doc)
		}
		for i := range want {
			var got bytes.Buffer
			if err := json.Compact(&got, []byte(recs[i])); err != nil || got.String() != string(want[i]) {
				t.Fatalf("seed %d: record %d is %s, want %s", seed, i, recs[i], want[i])
			}
		}
		cut, _, _, err := splitAll(&pieces{rnd: rnd, r: bytes.NewReader(doc[:rnd.IntN(len(doc))])})
		if err == nil || len(cut) > len(recs) {
			t.Fatalf("seed %d: a cut document gives %d of %d records and no error", seed, len(cut), len(recs))
		}
		for i := range cut {
			if cut[i] != recs[i] {
				t.Fatalf("seed %d: a cut document gives %s as record %d", seed, cut[i], i)
			}
		}
	}
}

// anything is a random value.
func anything(rnd *rand.Rand, depth int) any {
	switch n := rnd.IntN(7); {
	case n < 2 && depth < 4:
		m := map[string]any{}
		for range rnd.IntN(4) {
			m[fmt.Sprint(`k"\`, rnd.IntN(9))] = anything(rnd, depth+1)
		}
		return m
	case n == 2 && depth < 4:
		l := []any{}
		for range rnd.IntN(4) {
			l = append(l, anything(rnd, depth+1))
		}
		return l
	case n == 3:
		return rnd.IntN(1000)
	case n == 4:
		return nil
	}
	return strings.Repeat(`}]\"{[,:`, rnd.IntN(5))
}

// pieces reads in pieces of random sizes, also empty ones.
type pieces struct {
	rnd *rand.Rand
	r   io.Reader
}

func (p *pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(len(b), p.rnd.IntN(40))]) }

// FuzzSplit: an object may be anything. Records come out in their order, none is longer than the object, and reading in
// single bytes gives the same.
func FuzzSplit(f *testing.F) {
	f.Add([]byte(`{"Records":[{"a":1},{"b":"x\""}],"c":2}`))
	f.Add([]byte(`{"Records":[{"a":1},`))
	f.Add([]byte(`{"digestS3Object":"x"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		recs, _, rest, err := splitAll(bytes.NewReader(in))
		again, _, rest2, err2 := splitAll(iotest.OneByteReader(bytes.NewReader(in)))
		if fmt.Sprint(recs, err) != fmt.Sprint(again, err2) || rest != rest2 {
			t.Fatalf("%q, %q, %v; byte by byte %q, %q, %v", recs, rest, err, again, rest2, err2)
		}
		at := 0
		for _, r := range append(recs, rest) {
			i := bytes.Index(in[min(at, len(in)):], []byte(r))
			if r != rest && (i < 0 || r == "") || i < 0 && !bytes.Contains(in, []byte(r)) {
				t.Fatalf("%q is not in %q behind %d", r, in, at)
			}
			at += max(i, 0) + len(r)
		}
		var doc struct{ Records []json.RawMessage }
		if err == nil && json.Valid(in) && json.Unmarshal(in, &doc) == nil && bytes.Count(in, []byte("ecords")) == 1 && len(doc.Records) != len(recs) {
			t.Fatalf("%d records, encoding/json finds %d in %q", len(recs), len(doc.Records), in)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	one := `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/Alice"},"eventTime":"2020-01-10T16:06:40Z","eventName":"UploadSSHPublicKey","requestParameters":{"userName":"Alice"}}`
	doc := []byte(`{"Records":[` + strings.Repeat(one+",", 5000) + one + `]}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		sp := newSplitter(bytes.NewReader(doc))
		for {
			if _, _, err := sp.next(); err != nil {
				break
			}
		}
	}
}
