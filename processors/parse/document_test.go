package parse

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/processors/parse/format"
	"weir/processors/parse/format/step"
	"weir/processors/parse/readers"
)

// docFormat reads a line of an agent and what stands beside it.
const docFormat = `dataset: doc.log
title: Doc
match: {starts: 'DOC '}
steps:
  - dissect: 'DOC %{user.name} %{_rest}'
    optional: true
  - copy: {_conf.note: doc.note, prometheus.x.y: doc.number, _doc.event.provider: doc.provider}
  - date: {from: _rest, layouts: ['yyyy-MM-dd HH:mm:ss']}
    optional: true
  - drop: true
    if: user.name == "noise"
`

// parsed parses a document by the format above and returns its events.
func parsed(t *testing.T, dataset, doc, line string) (out []*event.Event) {
	t.Helper()
	p := newParser(t, Options{Formats: formatsOf(t, nil, docFormat)})
	v := event.Value{}
	if doc != "" {
		var err error
		if v, err = event.ParseValue([]byte(doc)); err != nil {
			t.Fatal(err)
		}
	}
	raw := rawOf(line)
	emit := func(e *event.Event) error {
		kept := new(event.Event)
		if err := kept.Decode(e.AppendJSON(nil)); err != nil {
			t.Fatal(err)
		}
		out = append(out, kept)
		return nil
	}
	var err error
	if dataset == "" {
		err = p.Parse(&raw, new(event.Event), emit)
	} else {
		err = p.ParseDocument(dataset, v, &raw, new(event.Event), emit)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestParseDocument(t *testing.T) {
	for _, c := range []struct{ name, doc, line string }{
		{"fields and scratch", `{"_conf":{"note":"hi"},"tags":["a"],"event":{"provider":"p","timezone":"+02:00"},"source.ip":"192.0.2.9"}`, "DOC kim 2024-03-10 09:00:00"},
		{"the message is the document's", `{"message":"DOC kim 2024-03-10 09:00:00","event.timezone":"+02:00","tags":["a"],"source":{"ip":"192.0.2.9"},"event":{"provider":"p"},"_conf":{"note":"hi"}}`, "other"},
		{"the zone of a setting", `{"_conf":{"note":"hi","tz_offset":"+02:00"},"tags":["a"],"event":{"provider":"p"},"source":{"ip":"192.0.2.9"}}`, "DOC kim 2024-03-10 09:00:00"},
		{"with full stops", `{"_conf.note":"hi","_tmp.tz_offset":"+0200","tags":["a"],"event":{"provider":"p"},"source":{"ip":"192.0.2.9"}}`, "DOC kim 2024-03-10 09:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := parsed(t, "doc.log", c.doc, c.line)[0]
			for path, want := range map[string]string{"user.name": "kim", "doc.note": "hi", "doc.provider": "p", "event.provider": "p", "tags": `["a"]`, "source.ip": "192.0.2.9", "@timestamp": "2024-03-10T07:00:00.000Z", "event.original": c.line} {
				if got := e.GetPath(path).Text(); got != want {
					t.Errorf("%s is %q, want %q", path, got, want)
				}
			}
		})
	}
}

// TestParseDocument_Sealed: a document cannot say what only weir says, and what no list knows of it is kept, or read by the
// format.
func TestParseDocument_Sealed(t *testing.T) {
	e := parsed(t, "doc.log", `{"event":{"id":"x","original":"o","ingested":"i","dataset":"d","module":"m","created":"c"},"weir":{"class":"x","src":"s"},"ecs":{"version":"1"},"log":{"source":{"address":"liar"}},"odd":{"a":1},"prometheus":{"x":{"y":7}}}`, "DOC kim x")[0]
	for path, want := range map[string]string{"event.id": "", "event.original": "DOC kim x", "event.ingested": "", "event.dataset": "doc.log", "event.module": "doc", "weir.class": "", "weir.src": "", "ecs.version": "8.11.0", "log.source.address": "192.0.2.7", "doc.number": "7"} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if got := parsed(t, "system.syslog", `{"odd":{"a":1}}`, "x")[0].GetPath("weir.other").Text(); got != `{"odd.a":"1"}` {
		t.Errorf("weir.other is %s", got)
	}
	raw := rawOf("x")
	if err := newParser(t, Options{}).ParseDocument("nope.log", event.Value{}, &raw, new(event.Event), nil); err == nil {
		t.Error("an unknown dataset is taken")
	}
}

// TestParse_Agent: a JSON record that names a dataset and has a message is read by that format; one that does not is JSON.
func TestParse_Agent(t *testing.T) {
	doc := `{"@timestamp":"2020-01-01T00:00:00Z","message":"DOC kim 2024-03-10 09:00:00","event":{"dataset":"doc.log","timezone":"+02:00"},"host":{"name":"h7"},"weir":{"class":"x"}}`
	e := parsed(t, "", "", doc)[0]
	for path, want := range map[string]string{"event.dataset": "doc.log", "user.name": "kim", "host.name": "h7", "@timestamp": "2024-03-10T07:00:00.000Z", "event.original": doc, "weir.class": ""} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	for name, line := range map[string]string{
		"no such format": strings.Replace(doc, "doc.log", "nope.log", 1), "no message": strings.Replace(doc, "message", "massage", 1), "torn": doc[:len(doc)-2],
	} {
		if got := parsed(t, "", "", line)[0].Str(event.UserName); got != "" {
			t.Errorf("%s: user.name is %q", name, got)
		}
	}
	if got := parsed(t, "", "", `{"data_stream":{"dataset":"doc.log"},"event":{"original":"DOC lee x"}}`)[0].Str(event.UserName); got != "lee" {
		t.Errorf("data_stream and event.original: %q", got)
	}
}

// TestParse_Dropped: an event that its format filters makes no event, and is told in its place.
func TestParse_Dropped(t *testing.T) {
	p := newParser(t, Options{Formats: formatsOf(t, nil, docFormat+"split: {lines: true}\n")})
	var got []string
	p.OnDrop(func() { got = append(got, "dropped") })
	raw := rawOf("DOC kim x\nDOC noise x\nDOC lee x")
	if err := p.Parse(&raw, new(event.Event), func(e *event.Event) error { got = append(got, e.Str(event.UserName)); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []string{"kim", "dropped", "lee"}) {
		t.Errorf("got %v", got)
	}
	silent := newParser(t, Options{Formats: formatsOf(t, nil, docFormat)})
	raw = rawOf("DOC noise x")
	if err := silent.Parse(&raw, new(event.Event), func(*event.Event) error { return errors.New("emitted") }); err != nil {
		t.Error(err)
	}
}

// TestParse_Setting: what a setting or an inventory says goes before what the message looks like, unless no format has it.
func TestParse_Setting(t *testing.T) {
	set := formatsOf(t, nil, docFormat)
	for setting, want := range map[string]string{"": "json.log", "kv.log": "kv.log", "nope.log": "json.log"} {
		var told Recognised
		p := newParser(t, Options{Formats: set, Dataset: func(raw *record.Raw, host string) string { return setting }, Recognised: func(r Recognised) { told = r }})
		raw := rawOf(`{"a":"b=c"}`)
		got := ""
		if err := p.Parse(&raw, new(event.Event), func(e *event.Event) error { got = e.Str(event.EventDataset); return nil }); err != nil || got != want {
			t.Errorf("%q: %s, %v", setting, got, err)
		}
		if by := map[string]string{"": "content", "kv.log": "setting", "nope.log": "content"}[setting]; told.By != by || told.Format == nil || told.What == "" {
			t.Errorf("%q: recognised %+v", setting, told)
		}
	}
}

// TestParse_Live: formats that are put in place while a parser works count from the next record on; a trace tells each step.
func TestParse_Live(t *testing.T) {
	now := formatsOf(t, nil, docFormat)
	var kinds []string
	p := newParser(t, Options{Live: func() *format.Set { return now }, Trace: func(s step.Trace) { kinds = append(kinds, s.Kind+" "+s.Outcome) }})
	dataset := func() (got string) {
		raw := rawOf("DOC kim x")
		if err := p.Parse(&raw, new(event.Event), func(e *event.Event) error { got = e.Str(event.EventDataset); return nil }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := dataset(); got != "doc.log" || !slices.Equal(kinds, []string{"dissect ran", "copy ran", "date failed", "drop skipped"}) {
		t.Errorf("%s, %v", got, kinds)
	}
	now = formatsOf(t, nil)
	if got := dataset(); got != "system.syslog" {
		t.Errorf("after a change: %s", got)
	}
}

// TestParse_FormatZone: the zone of a format counts for its header too, and that of the header for its message.
func TestParse_FormatZone(t *testing.T) {
	set := formatsOf(t, map[string]readers.Reader{}, "dataset: z.log\ntitle: Z\nzone: Asia/Seoul\nmatch: {starts: 'Z '}\nsteps:\n  - dissect: 'Z %{_t}'\n  - date: {from: _t, to: event.start, layouts: ['yyyy-MM-dd HH:mm:ss']}",
		"dataset: y.log\ntitle: Y\nmatch: {starts: 'Y '}\nsteps:\n  - dissect: 'Y %{_t}'\n  - date: {from: _t, to: event.start, layouts: ['yyyy-MM-dd HH:mm:ss']}")
	p := newParser(t, Options{Formats: set})
	for line, want := range map[string]string{
		"<13>Mar 10 11:00:00 h Z 2024-03-10 11:00:00":                     "2024-03-10T02:00:00.000Z 2024-03-10T02:00:00.000Z +09:00",
		"<13>1 2024-03-10T11:00:00+02:00 h p - - - Y 2024-03-10 11:00:00": "2024-03-10T09:00:00.000Z 2024-03-10T09:00:00.000Z +02:00",
	} {
		raw, got := rawOf(line), ""
		raw.Received = time.Date(2024, 3, 10, 12, 0, 0, 0, time.UTC)
		if err := p.Parse(&raw, new(event.Event), func(e *event.Event) error {
			got = e.Get(event.Timestamp).Text() + " " + e.Get(event.EventStart).Text() + " " + e.Str(event.EventTimezone)
			return nil
		}); err != nil || got != want {
			t.Errorf("%s\ngot  %s\nwant %s, %v", line, got, want, err)
		}
	}
}
