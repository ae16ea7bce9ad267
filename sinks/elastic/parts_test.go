package elastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"weir/internal/record"
)

// deleteBefore asks for the deletion of the records of partition 0 below an offset.
func deleteBefore(at int64) kadm.Offsets {
	o := kadm.Offsets{}
	o.Add(kadm.Offset{Topic: events, Partition: 0, At: at, LeaderEpoch: -1})
	return o
}

func TestPosition_RoundTrip(t *testing.T) {
	p := position{to: 7, high: marks{}, gaps: []gap{{1, 2}, {5, 90}}}
	p.high.raise(record.Pos{Topic: "weir.raw.syslog", Partition: 3, Offset: 9, Sub: 1})
	p.high.raise(record.Pos{Topic: "weir.raw.syslog", Partition: 3, Offset: 8, Sub: 2})
	p.high.raise(record.Pos{Topic: "a/b", Partition: 0, Offset: 1})
	q := parsePosition(7, p.text())
	if fmt.Sprint(p) != fmt.Sprint(q) || q.high["weir.raw.syslog/3"].Offset != 9 {
		t.Errorf("%+v became %+v", p, q)
	}
	for i := range 1000 {
		p.high.raise(record.Pos{Topic: "weir.raw.syslog", Partition: int32(i), Offset: 1 << 40})
	}
	if n := len(p.text()); n > maxMeta {
		t.Errorf("%d bytes of metadata", n)
	}
}

// FuzzParsePosition: what another program wrote to the group is read without harm, and what is read is written the same.
func FuzzParsePosition(f *testing.F) {
	f.Add("gap:1-2 weir.raw.syslog/0/1/0")
	f.Add("gap:-1-2 gap:9-1 gap: / a/b/c/d x/1/2/3 x/1/1/9")
	f.Fuzz(func(t *testing.T, text string) {
		p := parsePosition(1, text)
		for _, g := range p.gaps {
			if g.from < 0 || g.from >= g.to {
				t.Fatalf("gap %v", g)
			}
		}
		if once := p.text(); len(once) < maxMeta-200 {
			q := parsePosition(1, once)
			if q.text() != once {
				t.Fatalf("%q became %q", once, q.text())
			}
		}
	})
}

func TestOrder(t *testing.T) {
	o := order{high: marks{"weir.raw.syslog/1": {Topic: "weir.raw.syslog", Partition: 1, Offset: 50}}}
	for _, text := range []string{"weir.raw.syslog/1/60/0", "weir.raw.syslog/1/60/3", "weir.raw.file/1/7/0", "weir.raw.syslog/1/61/0", "weir.raw.syslog/10/5/0"} {
		pos, err := o.parse([]byte(text))
		if err != nil || pos.String() != text {
			t.Errorf("%s became %s, %v", text, pos, err)
		}
		o.pos, o.known = pos, true
	}
	got := o.snapshot()
	if len(got) != 3 || got["weir.raw.syslog/1"].Offset != 61 || got["weir.raw.file/1"].Offset != 7 || got["weir.raw.syslog/10"].Offset != 5 {
		t.Errorf("%v", got)
	}
	for _, text := range []string{"weir.raw.syslog/1/", "weir.raw.syslog/1/5", "weir.raw.syslog/1/5/", "weir.raw.syslog/1/x/0", "weir.raw.syslog/1/5/99999999999", "weir.raw.syslog/1/5/0/0"} {
		pos, err := o.parse([]byte(text))
		want, wantErr := record.ParsePos(text)
		if (err != nil) != (wantErr != nil) || err == nil && pos != want {
			t.Errorf("%s: %v %v, want %v %v", text, pos, err, want, wantErr)
		}
	}
}

func TestPeek(t *testing.T) {
	for _, tc := range []struct {
		name, doc string
		want      facts
		ok        bool
	}{
		{"an event", string(doc("i", "c", "2026-11-21", "m")), facts{id: "i", class: "c", time: "2026-11-21T10:00:00.000Z", input: "syslog", address: "192.0.2.1"}, true},
		{"forged below other objects", `{"labels":{"weir":{"class":"evil"},"event":{"id":"evil"}},"event":{"data":{"id":"evil"},"id":"i"},"weir":{"data":{"class":"evil"},"class":"c","src":"s"}}`,
			facts{id: "i", class: "c", src: "s"}, true},
		{"escapes", `{"event":{"id":"a\"b\\"},"message":"\\\"}{","weir":{"class":"c\u0041"}}`, facts{id: `a"b\`, class: "cA"}, true},
		{"blanks", "\n{ \"event\" : { \"id\" : \"i\" } , \"n\" : [ 1 , [ ] , { } ] }\n", facts{id: "i"}, true},
		{"other types", `{"event":"x","weir":[1],"log":null,"a":true}`, facts{}, true},
		{"an id that is a number", `{"event":{"id":5}}`, facts{}, true},
		{"empty", `{}`, facts{}, true},
		{"cut", `{"event":{"id":"i"`, facts{id: "i"}, false},
		{"a list", `[]`, facts{}, false},
		{"two documents", `{}{}`, facts{}, false},
		{"nothing", ``, facts{}, false},
		{"deep", `{"a":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}`, facts{}, false},
	} {
		if got, ok := peek([]byte(tc.doc)); got != tc.want || ok != tc.ok {
			t.Errorf("%s: %+v %v, want %+v %v", tc.name, got, ok, tc.want, tc.ok)
		}
	}
}

// FuzzPeek: for every document that encoding/json reads, the facts are the same.
func FuzzPeek(f *testing.F) {
	f.Add([]byte(`{"event":{"id":"x"},"weir":{"class":"c","time":"t"},"log":{"source":{"address":"a"}}}`))
	f.Add([]byte(`{"a":[1,{"b":"\"}"}],"weir":{"input":"\u00e9"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := peek(b)
		var want struct {
			Event struct{ ID json.RawMessage } `json:"event"`
		}
		if !json.Valid(b) || bytes.Count(b, []byte(`"id"`)) != 1 || bytes.Count(b, []byte(`"event"`)) != 1 || bytes.Count(b, []byte("\\")) > 0 || json.Unmarshal(b, &want) != nil {
			return
		}
		var id string
		if json.Unmarshal(want.Event.ID, &id) == nil && ok && got.id != id && bytes.HasPrefix(bytes.TrimSpace(b), []byte(`{"event"`)) {
			t.Fatalf("%s: id %q, want %q", b, got.id, id)
		}
	})
}

func TestSameDocument(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, true},
		{`{"a":1,"event":{"id":"x","ingested":"2026"}}`, `{"a":1,"event":{"id":"x","ingested":"2027"}}`, true},
		{`{"a":1}`, `{"a":2}`, false},
		{`{"a":1}`, `{"a":1.0}`, false},
		{`{"a":12345678901234567890}`, `{"a":12345678901234567891}`, false},
		{`{"a":1`, `{"a":1`, true},
		{`{"a":1`, `{"a":1}`, false},
	} {
		if got := sameDocument([]byte(tc.a), []byte(tc.b)); got != tc.want {
			t.Errorf("%s and %s: %v", tc.a, tc.b, got)
		}
	}
}

func BenchmarkTake(b *testing.B) {
	all := benchRecords(0, 1000)
	w := &worker{sink: &Sink{}, first: marks{}, days: map[string]string{}, order: order{high: marks{}}}
	batch := newBatch(0, 1000, nil)
	b.ReportAllocs()
	for b.Loop() {
		w.order = order{high: marks{}}
		for _, r := range all {
			w.head.read(r)
			if w.rowOf != batch || !w.head.sameSource(&w.last) {
				w.row, w.rowOf = batch.row(w.head.source(r.Topic)), batch
			}
			if _, _, err := w.check(r, &w.head); err != nil {
				b.Fatal(err)
			}
			w.last = w.head
			w.indexOf(w.head.day)
		}
	}
}
