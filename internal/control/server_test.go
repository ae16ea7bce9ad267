package control

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestSearch_Documents(t *testing.T) {
	long := `{"message":"` + strings.Repeat("x", 300_000) + `"}`
	f := &fake{docs: []string{`{"a":"}"}`, "{\n  \"b\": \"two\\nlines\"\n}", long, `{"doc":{"c":1}}`}}
	c, _ := serve(t, f)
	var got []string
	if _, err := c.Search(t.Context(), SearchRequest{}, func(d []byte) error { got = append(got, string(d)); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []string{`{"a":"}"}`, `{"b":"two\nlines"}`, long, `{"doc":{"c":1}}`}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %.200q", got)
	}
}

func TestPanic_EndsOneAnswer(t *testing.T) {
	f := &fake{panics: true}
	c, _ := serve(t, f)
	if _, err := c.Search(t.Context(), SearchRequest{}, nil); fault.Code(err) != "internal" || !strings.Contains(err.Error(), "a bug") {
		t.Errorf("got %v", err)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Errorf("the service is gone: %v", err)
	}
}

func TestClientGone_CancelsServer(t *testing.T) {
	for name, leave := range map[string]func(cancel func()) error{
		"cancelled":  func(cancel func()) error { cancel(); return nil },
		"each fails": func(func()) error { return io.ErrClosedPipe },
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{docs: []string{`{}`}, forever: true, ended: make(chan struct{})}
			c, _ := serve(t, f)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			f.docs = append(f.docs, strings.Repeat(" ", 8<<10)) // more than the server's buffer holds, so that something arrives
			_, err := c.Search(ctx, SearchRequest{}, func([]byte) error { return leave(cancel) })
			if err == nil {
				t.Error("no error")
			}
			<-f.ended
		})
	}
}

// TestManyCallsAtOnce: answers of calls that run together are not mixed.
func TestManyCallsAtOnce(t *testing.T) {
	docs := make([]string, 200)
	for i := range docs {
		docs[i] = fmt.Sprintf(`{"n":%d}`, i)
	}
	c, _ := serve(t, &fake{docs: docs})
	errs := make(chan error, 16)
	for range cap(errs) {
		go func() { // waited for through errs
			n := 0
			_, err := c.Search(t.Context(), SearchRequest{}, func(d []byte) error {
				if string(d) != docs[n] {
					return fmt.Errorf("document %d is %s", n, d)
				}
				n++
				return nil
			})
			if err == nil && n != len(docs) {
				err = fmt.Errorf("%d documents", n)
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestServe_ListenerFails: a socket that breaks is an error of the service, not a silent end.
func TestServe_ListenerFails(t *testing.T) {
	l, err := Listen(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), l, &fake{}); err == nil || !strings.Contains(err.Error(), "serving the control socket") {
		t.Errorf("got %v", err)
	}
}

// TestServe_StopsRunningCalls: a tail does not keep weir from stopping.
func TestServe_StopsRunningCalls(t *testing.T) {
	dir := t.TempDir()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, &fake{docs: []string{`{}`}}) }()
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sum, err := c.Tail(t.Context(), TailRequest{}, func([]byte) error { stop(); return nil })
	if err != nil || sum.Matched != 3 {
		t.Errorf("%+v, %v", sum, err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestOtherMethods: the service answers questions and nothing else.
func TestOtherMethods(t *testing.T) {
	c, _ := serve(t, &fake{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://weir/v1/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("status %d", resp.StatusCode)
	}
}
