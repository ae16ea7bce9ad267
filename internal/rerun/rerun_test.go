package rerun

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
)

const stored = `{"@timestamp":"2026-11-21T07:00:01.000Z","event":{"created":"2026-11-21T07:00:03.000Z","dataset":"system.auth","id":"ing/1/7","ingested":"2026-11-21T07:00:04.000Z","original":"<13>x: hello"},
"log":{"source":{"address":"192.0.2.1"},"syslog":{"hostname":"web-1"}},"message":"hello","tags":["truncated","vpn"],"host":{"name":"web-1"},
"weir":{"class":"standard","input":"syslog","revision":2,"revised":{"at":["2026-11-20T07:00:01Z"],"class":"privacy","day":"2026-11-20"},"rules":["a","b"],"time":"2026-11-21T07:00:01.000Z","transport":"udp"}}`

const letter = `{"@timestamp":"2026-11-21T07:00:03.000Z","event":{"created":"2026-11-21T07:00:03.000Z","dataset":"weir.deadletter","id":"bucket/key/0-3"},"error":{"message":"it ends early"},
"log":{"source":{"address":"s3://bucket"}},"tags":"unusable","weir":{"class":"deadletters","deadletter":{"reason":"object-cut","stage":"normalise"},"input":"aws","original_base64":"/w==","time":"2026-11-21T07:00:03.000Z"}}`

func TestOf(t *testing.T) {
	var e event.Event
	o, original, err := Of([]byte(stored), &e)
	if err != nil || string(original) != "<13>x: hello" {
		t.Fatal(string(original), err)
	}
	at := time.Date(2026, 11, 20, 7, 0, 1, 0, time.UTC).UnixNano()
	want := Order{By: InputReparse, ID: "ing/1/7", Revision: 2, Sum: o.Sum, At: []int64{at, at + int64(24*time.Hour)}, Class: "privacy", Day: "2026-11-20", Rules: []string{"a", "b"},
		Received: at + int64(24*time.Hour+2*time.Second), Input: "syslog", Peer: "192.0.2.1", Proto: "udp", Tags: []string{"truncated"}, Was: "system.auth", Keep: o.Keep}
	if !reflect.DeepEqual(o, want) {
		t.Errorf("got  %+v\nwant %+v", o, want)
	}
	if len(o.Sum) != 22 || !strings.Contains(string(o.Keep), "web-1") {
		t.Errorf("sum %q, kept %s", o.Sum, o.Keep)
	}
	raw := o.Raw(original)
	if raw.ID != "ing/1/7" || raw.Peer.String() != "192.0.2.1:0" || raw.Received.UnixNano() != o.Received || string(raw.Value) != "<13>x: hello" || raw.Input != "syslog" {
		t.Errorf("the record: %+v", raw)
	}

	if o, _, err = Of([]byte(strings.Replace(stored, "ing/1/7", "file/h/9/120-2", 1)), &e); err != nil || o.Was != "system.auth" || !o.Part {
		t.Errorf("a part of a record: %+v, %v", o, err)
	}
	if raw := o.Raw(nil); raw.Key != "file/h/9" || raw.Line != 120 {
		t.Errorf("its place: %s %d", raw.Key, raw.Line)
	}

	o, original, err = Of([]byte(letter), &e)
	if err != nil || !bytes.Equal(original, []byte{0xff}) {
		t.Fatal(original, err)
	}
	if o.By != InputRedrive || o.Base != "bucket/key/0" || o.Skip != 3 || o.Revision != 1 || o.Day != "" || o.Reason != "object-cut" || o.Origin != "s3://bucket" {
		t.Errorf("a dead letter: %+v", o)
	}
	raw = o.Raw(original)
	if reason, detail, ok := raw.Unusable(); !ok || reason != "object-cut" || detail != "it ends early" {
		t.Errorf("a record that its input gave up is one no more: %v", raw.Tags)
	}
	if raw.ID != "bucket/key/0" || raw.Key != "bucket/key" || raw.Line != 0 || raw.Origin != "s3://bucket" {
		t.Errorf("the record: %+v", raw)
	}
}

func TestOf_WhatCannotBeReadAgain(t *testing.T) {
	for _, tc := range []struct {
		name, doc string
		want      error // nil: another one
	}{
		{"no document", `{`, nil},
		{"of weir itself", `{"event":{"dataset":"weir.audit","id":"a","original":"x"},"weir":{"input":"audit"}}`, ErrOwn},
		{"an alert has no input", `{"event":{"dataset":"alerts","id":"a","original":"x"}}`, ErrOwn},
		{"a dead letter of another stage", `{"event":{"dataset":"weir.deadletter","id":"a","original":"x"},"weir":{"input":"syslog","deadletter":{"stage":"elastic"}}}`, ErrElsewhere},
		{"no original", `{"event":{"dataset":"x.y","id":"a"},"weir":{"input":"syslog"}}`, ErrNoOriginal},
		{"an original that is no base64", `{"event":{"dataset":"x.y","id":"a"},"weir":{"input":"syslog","original_base64":"!"}}`, nil},
		{"no id", `{"event":{"dataset":"x.y","original":"x"},"weir":{"input":"syslog"}}`, ErrNoOriginal},
	} {
		var e event.Event
		if _, _, err := Of([]byte(tc.doc), &e); err == nil || tc.want != nil && !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestBase(t *testing.T) {
	for id, want := range map[string]string{
		"ing/1/7": "ing/1/7 0", "ing/1/7-2": "ing/1/7 2", "ing/1/7-0": "ing/1/7-0 0", "ing/1/7-x2": "ing/1/7-x2 0", "a-1/b/7": "a-1/b/7 0", "": " 0", "-1": "-1 0",
		"key-5/12-1": "key-5/12 1", "a/b-1": "a/b-1 0", "a/1--1": "a/1--1 0", "a/1-99999999999": "a/1-99999999999 0",
	} {
		got, n := base(id)
		if fmt.Sprint(got, " ", n) != want {
			t.Errorf("%q: %q %d, want %q", id, got, n, want)
		}
	}
}

func TestRecordOf(t *testing.T) {
	for id, want := range map[string]string{"ing/1/7": "ing/1/7", "ing/1/7-2": "ing/1/7", "ing/1/7-x2": "ing/1/7", "ing/1/7-2-x1": "ing/1/7", "a-xb/1": "a-xb/1", "": "", "-x1": "-x1", "a/1-x0": "a/1-x0"} {
		if got := recordOf(id); got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}

// TestSum: bookkeeping is no difference, anything else is.
func TestSum(t *testing.T) {
	sum := func(doc string) string {
		var e event.Event
		if err := e.Decode([]byte(doc)); err != nil {
			t.Fatal(err)
		}
		return Sum(&e)
	}
	for _, tc := range []struct {
		old, new string
		same     bool
	}{
		{`"revision":2`, `"revision":9`, true}, {`"ingested":"2026`, `"ingested":"2025`, true}, {`"rules":["a","b"]`, `"rules":[]`, true},
		{`"day":"2026-11-20"`, `"run":"x"`, true}, {`"class":"standard"`, `"class":"privacy"`, false}, {`"message":"hello"`, `"message":"Hello"`, false},
		{`"vpn"`, `"vpn","b"`, false}, {`"name":"web-1"`, `"name":"web-1","x":1`, false}, {`"created":"2026`, `"created":"2025`, false},
	} {
		changed := strings.Replace(stored, tc.old, tc.new, 1)
		if changed == stored {
			t.Fatalf("%s is not there", tc.old)
		}
		if got := sum(changed) == sum(stored); got != tc.same {
			t.Errorf("%s for %s: same is %v", tc.new, tc.old, got)
		}
	}
}

// TestRestore: parts of a record have its header again; an original with a header of its own needs nothing.
func TestRestore(t *testing.T) {
	received := time.Date(2026, 11, 21, 7, 0, 3, 0, time.UTC)
	keep := `{"@timestamp":"2026-11-21T07:00:01.000Z","host":{"hostname":"web-1","name":"web-1"},"log":{"syslog":{"hostname":"web-1","priority":13}},"process":{"name":"app"}}`
	for _, tc := range []struct{ name, keep, doc, want string }{
		{"all of it is missing", keep, `{"@timestamp":"2026-11-21T07:00:03.000Z","host":{"name":"192.0.2.1"}}`,
			`{"@timestamp":"2026-11-21T07:00:01.000Z","host":{"hostname":"web-1","name":"web-1"},"log":{"syslog":{"hostname":"web-1","priority":13}},"process":{"name":"app"}}`},
		{"a time and a process of its own", keep, `{"@timestamp":"2026-11-21T06:00:00.000Z","process":{"name":"own"}}`,
			`{"@timestamp":"2026-11-21T06:00:00.000Z","host":{"hostname":"web-1","name":"web-1"},"log":{"syslog":{"hostname":"web-1","priority":13}},"process":{"name":"own"}}`},
		{"a header of its own", keep, `{"log":{"syslog":{"appname":"x"}}}`, `{"log":{"syslog":{"appname":"x"}}}`},
		{"a device that watches others", `{"log":{"syslog":{"hostname":"fw-1"}},"observer":{"hostname":"fw-1","name":"fw-1"}}`, `{"observer":{"name":"192.0.2.1"}}`,
			`{"log":{"syslog":{"hostname":"fw-1"}},"observer":{"hostname":"fw-1","name":"fw-1"}}`},
		{"the sender's address is not that of the header's host", `{"log":{"syslog":{"hostname":"gw7"}},"host":{"name":"gw7","hostname":"gw7"}}`, `{"host":{"ip":["127.0.0.1"],"name":"127.0.0.1"}}`,
			`{"host":{"hostname":"gw7","name":"gw7"},"log":{"syslog":{"hostname":"gw7"}}}`},
		{"an address that the message says stays", `{"log":{"syslog":{"hostname":"gw7"}},"host":{"name":"gw7","hostname":"gw7"}}`, `{"host":{"ip":["192.0.2.9"],"name":"127.0.0.1"}}`,
			`{"host":{"hostname":"gw7","ip":["192.0.2.9"],"name":"gw7"},"log":{"syslog":{"hostname":"gw7"}}}`},
		{"nothing was kept", ``, `{"message":"x"}`, `{"message":"x"}`},
		{"what was kept is broken", `{`, `{"message":"x"}`, `{"message":"x"}`},
	} {
		var e, scratch event.Event
		if err := e.Decode([]byte(tc.doc)); err != nil {
			t.Fatal(err)
		}
		o := Order{Received: received.UnixNano(), Keep: []byte(tc.keep)}
		o.Restore(&e, &scratch)
		if got := string(e.AppendJSON(nil)); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

func TestParse_Refuses(t *testing.T) {
	for _, value := range []string{"", "x", "{}\n", "[]\n", `{"by":"redrive","id":"a"}` + "\n", `{"by":"other","id":"a","revision":1}` + "\n", `{"by":"redrive","revision":1}` + "\n", `{"by":"redrive","id":"a","revision":1}`} {
		if _, _, err := Parse([]byte(value)); !errors.Is(err, errOrder) {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestCarrier(t *testing.T) {
	for by, want := range map[string]string{InputRedrive: "redrive/deadletters", InputReparse: "reparse/events"} {
		raw := Carrier(by, []byte("v"), time.Now())
		if raw.Source() != want || Source(by) != want || (&Order{By: by}).Source() != want || raw.Key != "" {
			t.Errorf("%s: %s, %s", by, raw.Source(), Source(by))
		}
	}
}

// FuzzParse holds orders to this: what is read is written so that it is read as the same again, and the original is never
// changed.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"by":"redrive","id":"a/1/2-3","revision":2,"at":[1,-1],"received":5,"tags":["a"]}` + "\nraw\nbytes\xff"))
	f.Add([]byte(`{"by":"reparse","id":"a","revision":1,"keep":{"host":{"name":"x"}}}` + "\n"))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, value []byte) {
		o, original, err := Parse(value)
		if err != nil {
			return
		}
		if !bytes.HasSuffix(value, original) {
			t.Fatalf("the original of %q is %q", value, original)
		}
		raw := o.Raw(original)
		if !bytes.Equal(raw.Value, original) || raw.ID == "" {
			t.Fatalf("the record: %+v", raw)
		}
		var e, scratch event.Event
		o.Restore(&e, &scratch)
		written, err := o.Append(nil, original)
		if err != nil {
			t.Fatal(err)
		}
		again, same, err := Parse(written)
		if err != nil || !bytes.Equal(same, original) {
			t.Fatalf("%q, then %q (%v)", original, same, err)
		}
		twice, err := again.Append(nil, same)
		if err != nil || !bytes.Equal(written, twice) {
			t.Fatalf("written as %q, then as %q (%v)", written, twice, err)
		}
	})
}

// FuzzOf makes orders of any document: an order that is made can be followed.
func FuzzOf(f *testing.F) {
	f.Add([]byte(stored))
	f.Add([]byte(letter))
	f.Fuzz(func(t *testing.T, doc []byte) {
		var e event.Event
		o, original, err := Of(doc, &e)
		if err != nil {
			return
		}
		value, err := o.Append(nil, original)
		if err != nil {
			t.Fatal(err)
		}
		back, same, err := Parse(value)
		if err != nil || !bytes.Equal(same, original) || back.ID != o.ID && !strings.Contains(back.ID, "\ufffd") {
			t.Fatalf("%q: %v", value, err)
		}
		if !slices.Equal(back.At, o.At) || back.Revision != o.Revision || back.Received != o.Received {
			t.Fatalf("%+v became %+v", o, back)
		}
	})
}

func BenchmarkOf(b *testing.B) {
	var e event.Event
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Of([]byte(stored), &e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSum(b *testing.B) {
	var e event.Event
	b.ReportAllocs()
	for b.Loop() {
		if e.Decode([]byte(stored)) != nil || Sum(&e) == "" {
			b.Fatal("no sum")
		}
	}
}
