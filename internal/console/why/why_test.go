package why

import (
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/processors/parse"
)

// maker makes the parser that comes with weir.
func maker(tell func(*parse.Options)) (*parse.Parser, error) {
	o := parse.Options{DefaultZone: time.UTC, History: true}
	tell(&o)
	return parse.New(o)
}

// stored is a line as it is stored, with what weir and enrichment add.
func stored(t *testing.T, line string, change func(*event.Event)) []byte {
	t.Helper()
	p, err := maker(func(*parse.Options) {})
	if err != nil {
		t.Fatal(err)
	}
	raw := record.Raw{Value: []byte(line), Received: time.Date(2026, 11, 21, 7, 50, 0, 0, time.UTC), Input: "syslog", Proto: "udp", ID: "1/2/3"}
	var e event.Event
	var doc []byte
	if err := p.Parse(&raw, &e, func(e *event.Event) error {
		e.SetStr(event.EventID, "1/2/3")
		e.SetStr(event.WeirInput, "syslog")
		e.Set(event.WeirRevision, event.Num(1))
		if change != nil {
			change(e)
		}
		doc = e.AppendJSON(nil)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return doc
}

const line = "<86>Nov 21 07:49:08 web-1 sshd[4321]: Failed password for root from 203.0.113.5 port 40122 ssh2"

func field(t *testing.T, s *Story, path string) Field {
	t.Helper()
	for _, f := range s.Fields {
		if f.Path == path {
			return f
		}
	}
	t.Fatalf("no field %s", path)
	return Field{}
}

func TestExplain(t *testing.T) {
	added := func(e *event.Event) { e.SetPath("host.risk.static_level", event.Str("High")) }
	s, err := New(maker, added).Explain(stored(t, line, func(e *event.Event) {
		added(e)
		e.SetPath("labels.note", event.Str("by hand"))
		e.SetStr(event.UserName, "somebody else")
	}))
	if err != nil || s.Silent != "" {
		t.Fatalf("%v %q", err, s.Silent)
	}
	if s.Format == "" || !strings.HasSuffix(s.File, ".yaml") || !s.Header || s.What == "" || s.Original != line {
		t.Errorf("the record: %+v", s)
	}
	ip := field(t, s, "source.ip")
	if ip.Origin != Step || ip.Line == 0 || !strings.HasSuffix(ip.File, ".yaml") || line[ip.From:ip.To] != "203.0.113.5" || ip.Differs {
		t.Errorf("source.ip: %+v", ip)
	}
	if f := field(t, s, "event.id"); f.Origin != Weir {
		t.Errorf("event.id: %+v", f)
	}
	if f := field(t, s, "host.risk.static_level"); f.Origin != Added {
		t.Errorf("what follows the format: %+v", f)
	}
	if f := field(t, s, "labels.note"); f.Origin != Other || f.Differs {
		t.Errorf("what nobody makes today: %+v", f)
	}
	if f := field(t, s, "user.name"); !f.Differs || f.Now != "root" {
		t.Errorf("what was another value: %+v", f)
	}
}

// TestExplain_silent: an event whose record cannot be read again still shows where its values stand.
func TestExplain_silent(t *testing.T) {
	doc := []byte(`{"event":{"id":"1","original":"user root in","dataset":"x"},"user":{"name":"root"}}`)
	for name, x := range map[string]*Explainer{"nobody reads": nil, "a document of weir": New(maker, nil)} {
		s, err := x.Explain(doc)
		if err != nil || s.Silent == "" {
			t.Fatalf("%s: %v %+v", name, err, s)
		}
		if f := field(t, s, "user.name"); f.From != 5 || f.To != 9 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if _, err := New(maker, nil).Explain([]byte("no document")); err == nil {
		t.Error("what is no document is explained")
	}
}

func TestValues(t *testing.T) {
	var e event.Event
	if err := e.Decode([]byte(`{"a":{"b":[1,"x"],"c":{"d":true}},"labels":{"k":"v"},"o":[{"p":1}]}`)); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	Values(&e, func(path, value string) { got[path] = value })
	for path, want := range map[string]string{"a.b": "1, x", "a.c.d": "true", "labels.k": "v"} {
		if got[path] != want {
			t.Errorf("%s is %q, want %q", path, got[path], want)
		}
	}
}

// FuzzExplain: whatever document is stored, it is explained or refused, and each place that is named holds the value.
func FuzzExplain(f *testing.F) {
	f.Add([]byte(`{"event":{"id":"1","original":"user root in","dataset":"x"},"user":{"name":"root"},"weir":{"input":"syslog"}}`))
	f.Add([]byte(`{"weir":{"original_base64":"/wBh","input":"syslog"},"event":{"id":"2"},"x":["a"]}`))
	x := New(maker, nil)
	f.Fuzz(func(t *testing.T, doc []byte) {
		s, err := x.Explain(doc)
		if err != nil {
			return
		}
		for _, f := range s.Fields {
			if f.From >= 0 && (f.To > len(s.Original) || f.From >= f.To) {
				t.Fatalf("%s stands at %d to %d of %d bytes", f.Path, f.From, f.To, len(s.Original))
			}
		}
	})
}

func BenchmarkExplain(b *testing.B) {
	x := New(maker, nil)
	doc := []byte(`{"@timestamp":"2026-11-21T07:49:08Z","event":{"id":"1/2/3","dataset":"system.auth","original":"<86>Nov 21 07:49:08 web-1 sshd[4321]: Failed password for root from 203.0.113.5 port 40122 ssh2"},"weir":{"input":"syslog"},"source":{"ip":"203.0.113.5"}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Explain(doc); err != nil {
			b.Fatal(err)
		}
	}
}
