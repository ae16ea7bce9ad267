package control

import (
	"context"
	"io"
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
