package show

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"weir/internal/term"
)

func TestDoc(t *testing.T) {
	d, err := Parse([]byte(`{"@timestamp":"2026-11-21T07:50:08.412Z","event":{"dataset":"sshd","code":12345678901234567890},"source.ip":"203.0.113.5",
		"user":{"name":["a","b"],"group.name":"wheel"},"labels":{"x":true},"log":{"source":{"address":"192.0.2.1"}},"event.original":"raw"}`))
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"event.dataset": "sshd", "event.code": "12345678901234567890", "source.ip": "203.0.113.5", "user.name": "a, b", "user.group.name": "wheel",
		"labels.x": "true", "labels": `{"x":true}`, "user.nothing": "", "event.dataset.x": "", "": "",
	} {
		if got := d.Text(field); got != want {
			t.Errorf("%s = %q, want %q", field, got, want)
		}
	}
	if d.Host() != "192.0.2.1" || d.Message() != "raw" || !d.Time().Equal(time.Date(2026, 11, 21, 7, 50, 8, 412e6, time.UTC)) {
		t.Errorf("%q %q %v", d.Host(), d.Message(), d.Time())
	}
	if _, err := Parse([]byte(`[1]`)); err == nil {
		t.Error("a list is a document")
	}
	if !(Doc{"@timestamp": "soon"}).Time().IsZero() {
		t.Error("a time out of nothing")
	}
}

// FuzzParse: any document can be shown, as one line.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":{"b":1}}`, `{"a.b":null}`, `{"message":"\u001b[31m"}`, `{"a":[[{}]]}`, `{"":{"":1}}`} {
		f.Add([]byte(s), "a.b")
	}
	f.Fuzz(func(t *testing.T, raw []byte, field string) {
		d, err := Parse(raw)
		if err != nil {
			return
		}
		var b bytes.Buffer
		rows := NewRows(&term.Face{W: &b, Zone: time.UTC, Now: time.Now}, []string{field, "message"})
		if err := rows.Add(d); err != nil {
			t.Fatal(err)
		}
		if err := rows.Flush(); err != nil {
			t.Fatal(err)
		}
		if strings.Count(b.String(), "\n") != 1 || strings.Count(b.String(), "\t") != 2 || strings.ContainsRune(b.String(), '\x1b') {
			t.Errorf("got %q", b.String())
		}
	})
}

// TestDoc_Host: whose event it is, in the order in which that is most likely known.
func TestDoc_Host(t *testing.T) {
	for want, raw := range map[string]string{
		"web-1":     `{"host":{"name":"web-1","hostname":"w"},"observer":{"name":"fw-1"}}`,
		"fw-1":      `{"host":{"hostname":"w"},"observer":{"name":"fw-1"},"log":{"source":{"address":"192.0.2.1"}}}`,
		"w":         `{"host":{"hostname":"w"},"observer":{"hostname":"f"}}`,
		"f":         `{"observer":{"hostname":"f"},"log":{"source":{"address":"192.0.2.1"}}}`,
		"192.0.2.1": `{"log.source.address":"192.0.2.1"}`,
		"":          `{"host":{}}`,
	} {
		d, err := Parse([]byte(raw))
		if err != nil || d.Host() != want {
			t.Errorf("%s: %q, %v, want %q", raw, d.Host(), err, want)
		}
	}
}

// TestFlat: every kind of value is text on one line.
func TestFlat(t *testing.T) {
	for raw, want := range map[string]string{
		`{"x":"a b"}`: "a b", `{"x":1.50}`: "1.50", `{"x":-0}`: "-0", `{"x":true}`: "true", `{"x":null}`: "", `{"x":[]}`: "", `{"x":["a",1,null,[2,3]]}`: "a, 1, , 2, 3",
		`{"x":{"b":1,"a":[true]}}`: `{"a":[true],"b":1}`, `{"x":1e400}`: "1e400", `{"x":[{"a":1},{"a":2}]}`: `{"a":1}, {"a":2}`,
	} {
		d, err := Parse([]byte(raw))
		if err != nil || d.Text("x") != want {
			t.Errorf("%s: %q, %v, want %q", raw, d.Text("x"), err, want)
		}
	}
}
