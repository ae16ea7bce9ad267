package control

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
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

// answers starts a server that answers every question with the same bytes and ends the connection: another version, a
// broken one, one that dies.
func answers(t *testing.T, text string) *Client {
	t.Helper()
	dir := t.TempDir()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := io.WriteString(w, text); err != nil {
			t.Error(err)
		}
	})}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }() // ends with Close below; waited for there
	t.Cleanup(func() {
		_ = srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestCall_answers: of all that a server may send, only a summary is an answer.
func TestCall_answers(t *testing.T) {
	const doc = `{"doc":{"a":1}}` + "\n"
	for _, x := range []struct {
		name, text string
		docs       int
		code, says string // of the error; says "": none
	}{
		{"summary", doc + doc + `{"summary":{"hits":2}}` + "\n", 2, "", ""},
		{"nothing", "", 0, "weir-gone", "went away"},
		{"documents without an end", doc + doc, 2, "weir-gone", "went away"},
		{"cut in the summary", doc + `{"summary":{"hits"`, 1, "weir-gone", "went away"},
		{"error after documents", doc + `{"error":{"code":"kql-syntax","message":"never closed","exit":2}}` + "\n", 1, "kql-syntax", "never closed"},
		{"no JSON", "<html>\n", 0, "", "reading the answer"},
		{"a summary of another form", `{"summary":[1]}` + "\n", 0, "", "reading the answer"},
		{"frames that are not known are passed over", `{"progress":1}` + "\n" + `{"summary":{}}` + "\n", 0, "", ""},
		{"what follows the summary is not read", `{"summary":{}}` + "\n" + doc, 0, "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			n := 0
			_, err := answers(t, x.text).Search(t.Context(), SearchRequest{}, func([]byte) error { n++; return nil })
			if n != x.docs || fault.Code(err) != x.code || (err == nil) != (x.says == "") || err != nil && !strings.Contains(err.Error(), x.says) {
				t.Errorf("%d documents, %v", n, err)
			}
			if x.code == "weir-gone" && (fault.Exit(err) != fault.ExitMissing || !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF)) {
				t.Errorf("exit %d, cause %v", fault.Exit(err), errors.Unwrap(err))
			}
		})
	}
}

// TestCall_serverStopped: the socket is there, the weir behind it is not any more.
func TestCall_serverStopped(t *testing.T) {
	dir := t.TempDir()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Status(t.Context()); fault.Code(err) != "weir-gone" || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Status(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after Ctrl-C: %v", err)
	}
}

// TestTail_serverDoesNotStop: a server that is asked to end the call and does not holds nobody.
func TestTail_serverDoesNotStop(t *testing.T) {
	dir := t.TempDir()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/stop" {
			w.WriteHeader(http.StatusInternalServerError) // and no frame at all
			return
		}
		_, _ = io.WriteString(w, `{"doc":{}}`+"\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }() // ends with Close below; waited for there
	defer func() {
		_ = srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serving ended with %v", err)
		}
	}()
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := c.Tail(ctx, TailRequest{}, func([]byte) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
