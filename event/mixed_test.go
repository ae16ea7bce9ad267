package event

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"

	"weir/event/ecs"
)

// lookup returns the field of a path that a list has.
func lookup(t testing.TB, path string) Field {
	t.Helper()
	f, ok := Lookup(path)
	if !ok {
		t.Fatalf("no list has %s", path)
	}
	return f
}

// Known and unknown names of one open field come out as one object, whichever way they came in.
func TestMixed_OneObject(t *testing.T) {
	user, hashes := lookup(t, "winlog.event_data.User"), lookup(t, "winlog.event_data.Hashes")
	const both = `{"host":{"name":"a"},"winlog":{"channel":"c","event_data":{"Contoso":"x","Hashes":"h","User":"u"},"task":"t"}}`
	ways := []struct {
		name string
		fill func(e *Event)
	}{
		{"decoded", func(e *Event) {
			if err := e.Decode([]byte(both)); err != nil {
				t.Fatal(err)
			}
		}},
		{"decoded from dotted keys", func(e *Event) {
			if err := e.Decode([]byte(`{"host.name":"a","winlog.channel":"c","winlog.event_data.Contoso":"x","winlog.event_data.Hashes":"h","winlog.event_data":{"User":"u"},"winlog.task":"t"}`)); err != nil {
				t.Fatal(err)
			}
		}},
		{"by paths", func(e *Event) {
			for path, v := range map[string]string{"host.name": "a", "winlog.channel": "c", "winlog.event_data.Contoso": "x", "winlog.event_data.Hashes": "h", "winlog.event_data.User": "u", "winlog.task": "t"} {
				e.SetPath(path, Str(v))
			}
		}},
		{"as members", func(e *Event) {
			e.SetStr(HostName, "a")
			e.SetStr(WinlogChannel, "c")
			e.SetStr(WinlogTask, "t")
			e.SetMember(WinlogEventData, "User", Str("u"))
			e.SetMember(WinlogEventData, "Contoso", Str("x"))
			e.AddMember(WinlogEventData, "Hashes", Str("h"))
		}},
		{"as a whole object", func(e *Event) {
			e.SetStr(HostName, "a")
			e.SetStr(WinlogChannel, "c")
			e.SetStr(WinlogTask, "t")
			e.Set(WinlogEventData, Members(Str("User"), Str("u"), Str("Contoso"), Str("x"), Str("Hashes"), Str("h")))
		}},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			var e Event
			for round := range 4 { // the third time a shape would have a plan
				e.Reset()
				way.fill(&e)
				e.Conform()
				if got := string(e.AppendJSON(nil)); got != both {
					t.Errorf("round %d:\n%s\nwant\n%s", round, got, both)
				}
			}
			if e.Str(user) != "u" || e.Str(hashes) != "h" || e.Has(WeirOther) || e.Has(Tags) {
				t.Errorf("%s", e.AppendJSON(nil))
			}
			if got := e.GetPath("winlog.event_data.Contoso").Text(); got != "x" {
				t.Errorf("the unknown name is %q", got)
			}
		})
	}
}

func TestMixed_Documents(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"known names alone", `{"winlog":{"event_data":{"User":"u"}}}`, ""},
		{"unknown names alone", `{"winlog":{"event_data":{"A":"u","B":["x","y"]}}}`, ""},
		{"an object below an unknown name", `{"winlog":{"event_data":{"A":{"B":"c"},"User":"u"}}}`, ""},
		{"fields before and behind", `{"winlog":{"channel":"c","event_data":{"A":"1"},"event_id":"4"}}`, ""},
		{"an unknown name at the end of the document", `{"message":"m","winlog":{"event_data":{"A":"1"}}}`, ""},
		{"two open fields", `{"winlog":{"event_data":{"A":"1","User":"u"},"user_data":{"X":"2"}}}`, ""},
		{"no object", `{"winlog":{"event_data":"text"}}`, `{"tags":["type-mismatch"],"weir":{"other":{"winlog.event_data":"text"}}}`},
		{"an object for a known name", `{"winlog":{"event_data":{"User":{"a":"b"}}}}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" {
				tt.want = tt.doc
			}
			var e Event
			if err := e.Decode([]byte(tt.doc)); err != nil {
				t.Fatal(err)
			}
			if tt.name == "an object for a known name" {
				// What has no list's name lies below a keyword: it is kept with the rest.
				e.Conform()
				if got := e.Get(WeirOther).Len(); got != 1 {
					t.Errorf("%s", e.AppendJSON(nil))
				}
				return
			}
			e.Conform()
			if got := string(e.AppendJSON(nil)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A name that comes twice keeps both values, as AddMember promises.
func TestMixed_Twice(t *testing.T) {
	var e Event
	e.AddMember(WinlogEventData, "User", Str("a"))
	e.AddMember(WinlogEventData, "User", Str("b"))
	e.AddMember(WinlogEventData, "Contoso", Str("a"))
	e.AddMember(WinlogEventData, "Contoso", Str("b"))
	if got, want := string(e.AppendJSON(nil)), `{"winlog":{"event_data":{"Contoso":["a","b"],"User":["a","b"]}}}`; got != want {
		t.Errorf("got %s", got)
	}
}

// A name that a list gets to know later says the same: an object that was kept whole is taken apart when it is set.
func TestMixed_KnownLater(t *testing.T) {
	const doc = `{"winlog":{"event_data":{"KnownLaterInEvent":"x","Never":"y"}}}`
	var before, after Event
	if err := before.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	f, err := Register(ecs.Keyword, "winlog.event_data.KnownLaterInEvent")
	if err != nil {
		t.Fatal(err)
	}
	after.Set(WinlogEventData, before.Get(WinlogEventData))
	if after.Str(f) != "x" {
		t.Errorf("the slot has %q", after.Str(f))
	}
	var got, want any
	for bytes, into := range map[string]*any{string(after.AppendJSON(nil)): &got, doc: &want} {
		if err := json.Unmarshal([]byte(bytes), into); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Whatever names an event has, its document is JSON, has every value once, and reads back as the same document.
func TestMixed_Random(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	names := []string{"User", "Hashes", "Contoso", "A", "Details", "b", "LogonId", "Zz"}
	var e, again Event
	for range 2000 {
		e.Reset()
		want := map[string]any{}
		for range rnd.IntN(6) {
			n := names[rnd.IntN(len(names))]
			if _, ok := want[n]; ok {
				continue
			}
			want[n] = n + "!"
			e.SetPath("winlog.event_data."+n, Str(n+"!"))
		}
		if rnd.IntN(2) == 0 {
			e.SetStr(WinlogTask, "t")
		}
		if rnd.IntN(2) == 0 {
			e.SetStr(WinlogChannel, "c")
		}
		e.Conform()
		doc := e.AppendJSON(nil)
		var got struct {
			Winlog struct {
				Data map[string]any `json:"event_data"`
			} `json:"winlog"`
		}
		if err := json.Unmarshal(doc, &got); err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		if len(want) != len(got.Winlog.Data) || len(want) > 0 && !reflect.DeepEqual(got.Winlog.Data, want) {
			t.Fatalf("%s: want %v", doc, want)
		}
		if err := again.Decode(doc); err != nil {
			t.Fatal(err)
		}
		if back := again.AppendJSON(nil); string(back) != string(doc) {
			t.Fatalf("read back: %s\nwas %s", back, doc)
		}
	}
}
