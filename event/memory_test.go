package event

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// These tests are about who owns which memory: an event is reused for every record, and its values are handed on.

// TestReset_LetsGo: nothing of a record is reachable through an event that was reset, and a list that was taken from it
// before is not seen again in the next event.
func TestReset_LetsGo(t *testing.T) {
	var e Event
	if err := e.Decode([]byte(`{"tags":["a","b"],"labels":{"k":"v"},"nobody":{"knows":[1,2,3]},"message":"m"}`)); err != nil {
		t.Fatal(err)
	}
	e.Reset()
	if e.Len() != 0 || e.Has(Tags) || e.GetPath("nobody.knows").Kind() != Absent || e.GetPath("labels.k").Kind() != Absent {
		t.Errorf("something is left: %s", e.AppendJSON(nil))
	}
	for _, en := range e.entries[:cap(e.entries)] {
		if en.value.data != nil {
			t.Error("an entry still points somewhere")
		}
	}
	for _, x := range e.extras[:cap(e.extras)] {
		if x.path != "" || x.value.data != nil {
			t.Error("an unknown path still points somewhere")
		}
	}
	for _, b := range e.mem.blocks {
		for _, v := range b {
			if v.data != nil {
				t.Fatal("the arena still points somewhere")
			}
		}
	}
	if got := string(e.AppendJSON(nil)); got != `{}` {
		t.Errorf("an empty event is %s", got)
	}
}

// TestReset_IsCheap: an event is reused without asking for memory again.
func TestReset_IsCheap(t *testing.T) {
	var e Event
	work := func() {
		e.Reset()
		e.SetStr(Message, "m")
		e.Append(RelatedIP, "192.0.2.1")
		e.Append(RelatedIP, "192.0.2.2")
		e.SetMember(Labels, "k", Str("v"))
	}
	work()
	if n := testing.AllocsPerRun(100, work); n > 0 {
		t.Errorf("%g allocations", n)
	}
}

// TestCopyTo makes an event that lives on when the first is reset; strings stay those of the record.
func TestCopyTo(t *testing.T) {
	docs := []string{
		`{}`,
		`{"message":"m","source":{"ip":"192.0.2.1","port":80}}`,
		`{"tags":["a","b"],"labels":{"k":"v","l":"w"}}`,
		`{"dns":{"answers":[{"data":"x","ttl":1},{"data":"y"}]},"nobody":{"knows":[1,{"a":[true]}]}}`,
	}
	var dst Event
	for _, doc := range docs {
		var e Event
		if err := e.Decode([]byte(doc)); err != nil {
			t.Fatal(err)
		}
		want := string(e.AppendJSON(nil))
		e.CopyTo(&dst) // over what is there from the document before
		e.Append(Tags, "later")
		e.SetMember(Labels, "k", Str("changed"))
		e.Reset()
		e.Append(Tags, "another")
		if got := string(dst.AppendJSON(nil)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestSet_OfAnotherEvent: values may go from event to event.
func TestSet_OfAnotherEvent(t *testing.T) {
	var from, to Event
	if err := from.Decode([]byte(`{"dns":{"answers":[{"data":["x","y"]}]},"tags":["a"]}`)); err != nil {
		t.Fatal(err)
	}
	to.Set(DNSAnswers, from.Get(DNSAnswers))
	to.SetPath("tags", from.Get(Tags))
	to.SetMember(Labels, "list", from.Get(Tags))
	to.AddMember(WeirData, "list", from.Get(Tags))
	from.Reset()
	from.Set(Tags, Strs("1", "2", "3", "4"))
	want := `{"dns":{"answers":[{"data":["x","y"]}]},"labels":{"list":["a"]},"tags":["a"],"weir":{"data":{"list":["a"]}}}`
	if got := string(to.AppendJSON(nil)); got != want {
		t.Errorf("got %s", got)
	}
}

// TestDecode_Aliases: strings without escapes are those of the document, and strings with escapes are not.
func TestDecode_Aliases(t *testing.T) {
	doc := []byte(`{"message":"plain","user":{"name":"esc\u0061ped"}}`)
	var e Event
	if err := e.Decode(doc); err != nil {
		t.Fatal(err)
	}
	copied := strings.Clone(e.Str(Message))
	doc[len(`{"message":"`)] = 'P'
	if e.Str(Message) != "Plain" || copied != "plain" || e.Str(UserName) != "escaped" {
		t.Errorf("%q, %q, %q", e.Str(Message), copied, e.Str(UserName))
	}
}

// TestEvents_SideBySide: events share nothing but the table of fields.
func TestEvents_SideBySide(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			var e Event
			for j := range 200 {
				doc := fmt.Sprintf(`{"message":"%d/%d","tags":["t%d"],"source":{"port":%d},"odd":{"x%d":1}}`, i, j, j, j, i)
				if err := e.Decode([]byte(doc)); err != nil {
					t.Error(err)
					return
				}
				e.Conform()
				e.Append(Tags, "more")
				if got := e.Str(Message); got != fmt.Sprintf("%d/%d", i, j) || e.Get(Tags).Len() != 2 || e.Get(SourcePort).Int() != int64(j) {
					t.Errorf("%s became %s", doc, e.AppendJSON(nil))
				}
			}
		})
	}
	wg.Wait()
}

func TestRef_Field(t *testing.T) {
	tests := []struct {
		path string
		ok   bool
	}{{"source.ip", true}, {"labels.site", false}, {"labels", true}, {"no.such.path", false}, {"dns.answers.data", true}, {"weir.data.x.y", false}}
	for _, tt := range tests {
		r := MakeRef(tt.path)
		if f, ok := r.Field(); ok != tt.ok || ok && f.Path() != tt.path || r.Path() != tt.path {
			t.Errorf("%s: %s, %t", tt.path, f, ok)
		}
	}
}

// TestRef_Below looks through objects and lists of objects, and through keys that have full stops themselves.
func TestRef_Below(t *testing.T) {
	var e Event
	e.SetMember(WeirData, "a.b", Str("dotted"))
	e.SetMember(WeirData, "c", Members(Str("d"), Str("nested"), Str("e.f"), Num(5)))
	e.SetMember(WeirData, "l", Items(Members(Str("x"), Num(1)), Str("no object"), Members(Str("x"), Num(2)), Members(Str("y"), Num(3))))
	for path, want := range map[string]string{
		"weir.data.a.b": "dotted", "weir.data.c.d": "nested", "weir.data.c.e.f": "5", "weir.data.l.x": "[1,2]", "weir.data.l.y": "[3]",
		"weir.data.a": "", "weir.data.c.d.e": "", "weir.data.l.z": "", "weir.data.none": "",
	} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
}

// TestMembers_RepeatedKeys: a message that says a key twice has both.
func TestMembers_RepeatedKeys(t *testing.T) {
	var e Event
	for _, v := range []Value{Str("a"), Num(2), Items(Str("c"), Str("d")), Str("a")} {
		e.AddMember(WeirData, "k", v)
	}
	if got := e.Get(WeirData).Get("k").Text(); got != `["a",2,["c","d"],"a"]` {
		t.Errorf("got %s", got)
	}
	e.SetMember(WeirData, "k", Str("alone"))
	if got := e.Get(WeirData).Text(); got != `{"k":"alone"}` {
		t.Errorf("SetMember left %s", got)
	}
	e.Set(WeirData, Str("plain")) // what is no object has no members
	e.AddMember(WeirData, "x", Num(1))
	if got := e.Get(WeirData).Text(); got != `{"x":1}` {
		t.Errorf("got %s", got)
	}
}

// TestEachExtra sees each unknown path once, stops when it is told to, and none is left afterwards.
func TestEachExtra(t *testing.T) {
	var e Event
	for _, path := range []string{"x.a", "x.b", "x.c"} {
		e.SetPath(path, Str(path))
	}
	e.SetPath("x.b", Value{})
	var got []string
	e.EachExtra(func(path string, v Value) bool {
		got = append(got, path+"="+v.Text())
		return true
	})
	if !slices.Equal(got, []string{"x.a=x.a", "x.c=x.c"}) {
		t.Errorf("got %q", got)
	}
	n := 0
	if e.EachExtra(func(string, Value) bool { n++; return false }); n != 1 {
		t.Errorf("called %d times", n)
	}
	e.SetStr(Message, "m")
	if e.DropExtras(); e.Len() != 1 || e.Str(Message) != "m" {
		t.Errorf("left %s", e.AppendJSON(nil))
	}
}

// TestDocument_IsStable: whatever the order in which fields are set and taken away, equal events are equal bytes, and
// reading them back gives the same event.
func TestDocument_IsStable(t *testing.T) {
	fields := map[string]Value{
		"@timestamp": At(time.Date(2026, 1, 5, 1, 2, 3, 4000, time.UTC)), "source.ip": Str("192.0.2.1"), "source.port": Num(80), "event.duration": Num(5e9),
		"event.risk_score": Real(2), "process.interactive": Truth(true), "tags": Strs("a", "b"), "labels.site": Str("seoul"), "nobody.knows": Str("x"),
		"message": Str("quote \" slash \\ tab \t nul \x00 한글 \xff"),
	}
	paths := make([]string, 0, len(fields))
	for p := range fields { // in an order of its own each time
		paths = append(paths, p)
	}
	var first string
	for turn := range len(paths) {
		var e Event
		for i := range paths {
			p := paths[(i+turn)%len(paths)]
			e.SetPath(p, Str("to be replaced"))
			e.SetPath(p, fields[p])
		}
		e.SetInt(DestinationPort, 1)
		e.Delete(DestinationPort)
		doc := string(e.AppendJSON(nil))
		if first == "" {
			first = doc
		}
		if doc != first || !json.Valid([]byte(doc)) {
			t.Fatalf("turn %d: %s\nfirst: %s", turn, doc, first)
		}
	}
	var back Event
	if err := back.Decode([]byte(first)); err != nil {
		t.Fatal(err)
	}
	if again := string(back.AppendJSON(nil)); again != first {
		t.Errorf("read back it is\n%s\nit was\n%s", again, first)
	}
}
