package control

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestTail_EndsWithCounts(t *testing.T) {
	f := &fake{docs: []string{`{"n":1}`, `{"n":2}`}, ended: make(chan struct{})}
	c, _ := serve(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	sum, err := c.Tail(ctx, TailRequest{Query: "x"}, func([]byte) error {
		if n++; n == 2 {
			cancel()
		}
		return nil
	})
	if err != nil || sum.Matched != 4 || sum.Dropped != 2 || n != 2 {
		t.Errorf("%d documents, %+v, %v", n, sum, err)
	}
	<-f.ended
}

func TestServerGone_IsAFault(t *testing.T) {
	f := &fake{docs: []string{`{}`, strings.Repeat(" ", 8<<10)}, forever: true, ended: make(chan struct{})}
	dir := t.TempDir()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, f) }()
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Search(t.Context(), SearchRequest{}, func([]byte) error { stop(); return nil })
	if fault.Code(err) != "weir-gone" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("an answer without its end: %v", err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// FuzzReadFrames: whatever a server sends is documents, an answer or an error, and never a summary out of nothing.
func FuzzReadFrames(f *testing.F) {
	for _, s := range []string{"{\"doc\":{}}\n{\"summary\":{\"hits\":1}}\n", "{\"error\":{\"message\":\"x\",\"more\":[{}]}}\n", "{\"fault\":{}}\n", "\n", "{\"doc\":", "null\n", "{\"summary\":[]}\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var sum SearchSummary
		docs := 0
		_, err := readFrames(strings.NewReader(string(data)), call{answer: &sum, each: func(d []byte) error {
			if docs++; strings.ContainsRune(string(d), '\n') {
				t.Error("a document of two lines")
			}
			return nil
		}})
		if err == nil && !strings.Contains(strings.ToLower(string(data)), `"summary"`) && !strings.Contains(string(data), `\u`) {
			t.Errorf("an answer without a summary: %q", data)
		}
	})
}

func BenchmarkReadFrames(b *testing.B) {
	line := docHead + `{"@timestamp":"2026-11-21T07:50:08.412Z","message":"Failed password for root from 203.0.113.5 port 40122 ssh2","source":{"ip":"203.0.113.5"}}` + docTail + "\n"
	data := strings.Repeat(line, 1000) + `{"summary":{}}` + "\n"
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var sum SearchSummary
		if _, err := readFrames(strings.NewReader(data), call{answer: &sum, each: func([]byte) error { return nil }}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestReadLine: lines of every length around the buffer's arrive whole, and an end in the middle is seen.
func TestReadLine(t *testing.T) {
	const size = 64
	for _, n := range []int{0, 1, size - 2, size - 1, size, size + 1, 3 * size} {
		line := strings.Repeat("x", n)
		r := bufio.NewReaderSize(strings.NewReader(line+"\nnext\n"), size)
		var long []byte
		got, err := readLine(r, &long)
		if err != nil || string(got) != line {
			t.Errorf("%d: %d bytes, %v", n, len(got), err)
		}
		if got, err = readLine(r, &long); err != nil || string(got) != "next" {
			t.Errorf("%d: then %q, %v", n, got, err)
		}
		if _, err = readLine(r, &long); !errors.Is(err, io.EOF) {
			t.Errorf("%d: then %v", n, err)
		}
		r = bufio.NewReaderSize(strings.NewReader(line+"cut"), size)
		if _, err = readLine(r, &long); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d cut off: %v", n, err)
		}
	}
}

// TestReadFrames_Order: documents are handed on as they come, faults are kept, the summary ends the answer.
func TestReadFrames_Order(t *testing.T) {
	for name, x := range map[string]struct {
		text   string
		docs   int
		beside int
		fail   string
	}{
		"whole":            {`{"doc":{}}` + "\n" + `{"fault":{"message":"w"}}` + "\n" + `{"summary":{"hits":1}}` + "\n", 1, 1, ""},
		"nothing":          {"", 0, 0, "the answer ended early"},
		"no end":           {`{"doc":{}}` + "\n", 1, 0, "the answer ended early"},
		"error at the end": {`{"doc":{}}` + "\n" + `{"error":{"message":"broken"}}` + "\n", 1, 0, "broken"},
		"not json":         {"hello\n", 0, 0, "reading the answer"},
		"wrong summary":    {`{"summary":[]}` + "\n", 0, 0, "reading the answer"},
		"unknown frames":   {`{"later":1}` + "\n" + `{"summary":{}}` + "\n", 0, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var sum SearchSummary
			docs := 0
			beside, err := readFrames(strings.NewReader(x.text), call{answer: &sum, each: func([]byte) error { docs++; return nil }})
			if docs != x.docs || len(beside) != x.beside || (err == nil) != (x.fail == "") || err != nil && !strings.Contains(err.Error(), x.fail) {
				t.Errorf("%d documents, %v, %v", docs, beside, err)
			}
		})
	}
}
