package bulk

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// FuzzStream: whatever the transport's buffer is, the same bytes come out, as many as were announced, and each document is
// one action line and one line.
func FuzzStream(f *testing.F) {
	f.Add([]byte("id"), []byte(`{"a":1}`), 7)
	f.Add([]byte("a/b\"\\\n"), []byte("{\n\"a\":\n\n1}"), 1)
	f.Add([]byte(""), []byte(""), 64)
	f.Add(bytes.Repeat([]byte("x"), 300), bytes.Repeat([]byte("y"), 9000), 100)
	f.Fuzz(func(t *testing.T, id, doc []byte, buffer int) {
		buffer = buffer&0xfff + 1
		docs := []Doc{Tidy(Doc{ID: id, JSON: doc}), Tidy(Doc{ID: []byte("2"), JSON: []byte("{}"), Version: 7}), Tidy(Doc{ID: id, JSON: doc})}
		places := []int32{2, 1, 0}
		s := &stream{docs: docs, places: places}
		length := s.length()
		var got []byte
		p := make([]byte, buffer)
		for {
			n, err := s.Read(p)
			got = append(got, p[:n]...)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || n == 0 {
				t.Fatalf("read %d bytes: %v", n, err)
			}
		}
		if int64(len(got)) != length {
			t.Fatalf("%d bytes, announced %d", len(got), length)
		}
		lines := bytes.Split(bytes.TrimSuffix(got, []byte("\n")), []byte("\n"))
		if len(lines) != 6 {
			t.Fatalf("%d lines of %q", len(lines), got)
		}
		if want := `{"index":{"_id":"2","version":7,"version_type":"external"}}`; string(lines[2]) != want {
			t.Fatalf("a revision is sent with %s, want %s", lines[2], want)
		}
		var action struct {
			Create struct {
				ID *string `json:"_id"`
			}
		}
		if err := json.Unmarshal(lines[0], &action); err != nil || action.Create.ID == nil {
			t.Fatalf("action %q: %v", lines[0], err)
		}
		if want := string(bytes.ToValidUTF8(id, []byte("\ufffd"))); json.Valid(lines[0]) && bytes.Equal(bytes.ToValidUTF8(id, nil), id) && *action.Create.ID != want {
			t.Fatalf("id %q became %q", id, *action.Create.ID)
		}
		if want := bytes.ReplaceAll(doc, []byte("\n"), []byte(" ")); !bytes.Equal(lines[1], want) {
			t.Fatalf("document %q became %q", doc, lines[1])
		}
	})
}

func TestStream_OneByteAtATime(t *testing.T) {
	docs := []Doc{{ID: []byte("a"), JSON: []byte(`{"x":1}`)}, Tidy(Doc{ID: []byte("c"), JSON: []byte(`{}`), Version: 12}), {ID: []byte("b"), JSON: []byte(`{}`)}}
	b, err := io.ReadAll(iotest.OneByteReader(&stream{docs: docs, places: []int32{0, 1, 2}}))
	want := "{\"create\":{\"_id\":\"a\"}}\n{\"x\":1}\n{\"index\":{\"_id\":\"c\",\"version\":12,\"version_type\":\"external\"}}\n{}\n{\"create\":{\"_id\":\"b\"}}\n{}\n"
	if err != nil || string(b) != want {
		t.Errorf("%q %v", b, err)
	}
}

func TestPacked_UsedAgain(t *testing.T) {
	p := &packed{}
	for _, text := range []string{`{"a":1}`, `{"b":"longer than the first"}`, `{}`} {
		s := &stream{docs: []Doc{{ID: []byte("a"), JSON: []byte(text)}}, places: []int32{0}}
		if err := p.fill(s); err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(p.out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if want := "{\"create\":{\"_id\":\"a\"}}\n" + text + "\n"; err != nil || string(got) != want {
			t.Errorf("%q %v, want %q", got, err, want)
		}
	}
}

func BenchmarkStream(b *testing.B) {
	doc := Doc{ID: []byte("a1b2c3d4e5f6/1/1234567"), JSON: bytes.Repeat([]byte("x"), 760)}
	docs, places := make([]Doc, 5000), make([]int32, 5000)
	for i := range docs {
		docs[i], places[i] = doc, int32(i)
	}
	p := make([]byte, 256<<10)
	b.ReportAllocs()
	b.SetBytes((&stream{docs: docs, places: places}).length())
	for b.Loop() {
		for s := (&stream{docs: docs, places: places}); ; {
			if _, err := s.Read(p); err != nil {
				break
			}
		}
	}
}
