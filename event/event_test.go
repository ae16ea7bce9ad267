package event

import (
	"slices"
	"strconv"
	"testing"

	"weir/event/ecs"
)

func TestSetGetDelete(t *testing.T) {
	var e Event
	e.Set(SourceIP, Str("192.0.2.1"))
	e.SetInt(SourcePort, 443)
	e.SetStr(Message, "")
	if e.Has(Message) {
		t.Error("an empty string was set")
	}
	if got := e.Str(SourceIP); got != "192.0.2.1" {
		t.Errorf("source.ip = %q", got)
	}
	if got := e.Get(SourcePort).Int(); got != 443 {
		t.Errorf("source.port = %d", got)
	}
	e.Set(SourceIP, Str("192.0.2.2"))
	if e.Len() != 2 || e.Str(SourceIP) != "192.0.2.2" {
		t.Errorf("a second Set did not replace the first: %d values, %q", e.Len(), e.Str(SourceIP))
	}
	e.Set(SourceIP, Value{})
	if e.Has(SourceIP) || e.Len() != 1 || e.Get(SourcePort).Int() != 443 {
		t.Error("setting Absent did not delete the one field")
	}
	e.Delete(SourceIP) // not there: nothing happens
	e.Reset()
	if e.Len() != 0 || e.Has(SourcePort) || e.Get(SourcePort).Kind() != Absent {
		t.Error("Reset left something")
	}
}

func TestDelete_KeepsOthers(t *testing.T) {
	var e Event
	fill(&e)
	before := e.Len()
	for i, f := range Fields() {
		if i%3 == 0 {
			e.Delete(f)
		}
	}
	left := 0
	e.Each(func(f Field, v Value) bool {
		left++
		if got := e.Get(f); got.Text() != v.Text() {
			t.Errorf("%s: slot says %q, entry %q", f, got.Text(), v.Text())
		}
		return true
	})
	if left == 0 || left >= before || left != e.Len() {
		t.Errorf("%d of %d left, Len says %d", left, before, e.Len())
	}
}

func TestAppend(t *testing.T) {
	tests := []struct {
		name  string
		first Value
		add   []string
		want  string
	}{
		{"to nothing", Value{}, []string{"a", "b"}, `["a","b"]`},
		{"the same again", Value{}, []string{"a", "b", "a"}, `["a","b"]`},
		{"nothing", Strs("a"), []string{""}, `["a"]`},
		{"to one value", Str("a"), []string{"b"}, `["a","b"]`},
		{"to the same value", Str("a"), []string{"a"}, `"a"`},
		{"to a number", Num(1), []string{"b"}, `[1,"b"]`},
		{"to a list of numbers", Items(Num(1)), []string{"1"}, `[1,"1"]`},
		{"many", Value{}, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, `["1","2","3","4","5","6","7","8","9"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e Event
			e.Set(RelatedIP, tt.first)
			for _, s := range tt.add {
				e.Append(RelatedIP, s)
			}
			if got := string(e.Get(RelatedIP).AppendJSON(nil)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// A list that several events share must not change when one of them appends to its own.
func TestAppend_SharedList(t *testing.T) {
	shared := Strs("network")
	var a, b Event
	a.Set(EventCategory, shared)
	b.Set(EventCategory, shared)
	a.Append(EventCategory, "session")
	if got := b.Get(EventCategory).Len(); got != 1 || shared.Len() != 1 {
		t.Errorf("the other event has %d items, the list %d", got, shared.Len())
	}
}

// Values that were set from another event must outlive it.
func TestSet_CopiesLists(t *testing.T) {
	var a, b, c Event
	a.Append(RelatedIP, "192.0.2.1")
	a.SetMember(Labels, "k", Items(Str("x"), Members(Str("deep"), Str("y"))))
	b.Set(RelatedIP, a.Get(RelatedIP))
	b.Set(Labels, a.Get(Labels))
	a.CopyTo(&c)
	a.Reset()
	a.Append(RelatedIP, "overwritten")
	want := `{"labels":{"k":["x",{"deep":"y"}]},"related":{"ip":["192.0.2.1"]}}`
	for name, e := range map[string]*Event{"Set": &b, "CopyTo": &c} {
		if got := string(e.AppendJSON(nil)); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestSetPath(t *testing.T) {
	tests := []struct {
		name, path, want string
	}{
		{"a field", "source.ip", `{"source":{"ip":"v"}}`},
		{"a key below an open field", "labels.env", `{"labels":{"env":"v"}}`},
		{"a key with dots below an open field", "weir.data.a.b", `{"weir":{"data":{"a.b":"v"}}}`},
		{"below a plain field", "message.x", `{"message":{"x":"v"}}`},
		{"unknown", "foo.bar", `{"foo":{"bar":"v"}}`},
		{"one part", "foo", `{"foo":"v"}`},
		{"a parent of fields", "source", `{"source":"v"}`},
		{"empty parts", "a..b", `{"a":{"":{"b":"v"}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e Event
			e.SetPath(tt.path, Str("first"))
			e.SetPath(tt.path, Str("v"))
			if got := string(e.AppendJSON(nil)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := e.GetPath(tt.path).Str(); got != "v" {
				t.Errorf("GetPath = %q", got)
			}
		})
	}
}

func TestAddMember(t *testing.T) {
	var e Event
	for _, v := range []string{"1", "2", "3", "4", "5", "6"} {
		e.AddMember(WeirData, "k", Str(v))
	}
	e.AddMember(WeirData, "other", Num(1))
	if got, want := string(e.Get(WeirData).AppendJSON(nil)), `{"k":["1","2","3","4","5","6"],"other":1}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestManyMembers(t *testing.T) {
	var e Event
	for range 3 { // twice on memory that was used before
		e.Reset()
		for i := range 1000 {
			e.SetMember(WeirData, "k"+strconv.Itoa(i), Num(int64(i)))
		}
		v := e.Get(WeirData)
		for i := range 1000 {
			if key, val := v.Member(i); key != "k"+strconv.Itoa(i) || val.Int() != int64(i) {
				t.Fatalf("member %d is %s = %s", i, key, val)
			}
		}
	}
}

func TestManyExtras(t *testing.T) {
	var e Event
	for i := range 500 {
		e.SetPath("x"+strconv.Itoa(i), Num(1))
		e.SetPath("x"+strconv.Itoa(i), Num(2))
	}
	n := 0
	e.EachExtra(func(_ string, v Value) bool {
		n += int(v.Int())
		return true
	})
	if n != 1000 || e.Len() != 500 {
		t.Errorf("sum %d of %d extras", n, e.Len())
	}
	e.SetPath("x7", Value{})
	stopped := 0
	e.EachExtra(func(string, Value) bool { stopped++; return false })
	if stopped != 1 || e.GetPath("x7").Kind() != Absent {
		t.Error("an absent extra is still there, or EachExtra did not stop")
	}
	if e.DropExtras(); e.Len() != 0 || e.GetPath("x8").Kind() != Absent {
		t.Error("DropExtras left something")
	}
}

func TestRef(t *testing.T) {
	var e Event
	if err := e.Decode([]byte(`{"source":{"ip":"192.0.2.1"},"labels":{"a":{"b":1},"c.d":2},"foo":{"bar":3},"dns":{"answers":[{"data":"x","type":"A"},{"data":"y"},{"ttl":1}]}}`)); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ path, want string }{
		{"source.ip", "192.0.2.1"}, {"labels.a.b", "1"}, {"labels.c.d", "2"}, {"labels.a", `{"b":1}`}, {"labels.none", ""}, {"labels.a.none", ""},
		{"foo.bar", "3"}, {"foo.none", ""}, {"destination.ip", ""}, {"labels.a.b.c", ""},
	}
	for _, tt := range tests {
		if got := MakeRef(tt.path).Of(&e).Text(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.path, got, tt.want)
		}
	}
	if got := e.Get(DNSAnswers).below("data"); string(got.AppendJSON(nil)) != `["x","y"]` {
		t.Errorf("members of a list of objects: %s", got.AppendJSON(nil))
	}
	if f, ok := MakeRef("source.ip").Field(); !ok || f != SourceIP {
		t.Error("a plain reference has no field")
	}
	if _, ok := MakeRef("labels.a").Field(); ok {
		t.Error("a key below an open field is said to be a field")
	}
	if got := MakeRef("foo.bar").Path(); got != "foo.bar" {
		t.Errorf("Path = %q", got)
	}
}

func TestStr_List(t *testing.T) {
	var e Event
	e.Set(HostIP, Strs("192.0.2.1", "192.0.2.2"))
	e.Set(Tags, Items())
	if e.Str(HostIP) != "192.0.2.1" || e.Str(Tags) != "" || e.Str(HostName) != "" {
		t.Errorf("got %q, %q, %q", e.Str(HostIP), e.Str(Tags), e.Str(HostName))
	}
}

func TestEach_Stops(t *testing.T) {
	var e Event
	fill(&e)
	n := 0
	e.Each(func(Field, Value) bool { n++; return n < 3 })
	if n != 3 {
		t.Errorf("called %d times", n)
	}
}

// A field that is registered later must have a slot in an event that is older.
func TestRegister_WhileEventLives(t *testing.T) {
	var e Event
	e.Set(Message, Str("m"))
	f, err := Register(ecs.Long, "test.registered.later")
	if err != nil {
		t.Fatal(err)
	}
	if e.Has(f) {
		t.Error("has a field that nobody set")
	}
	e.SetInt(f, 7)
	if got := string(e.AppendJSON(nil)); got != `{"message":"m","test":{"registered":{"later":7}}}` {
		t.Error(got)
	}
	var back Event
	if err := back.Decode(e.AppendJSON(nil)); err != nil || back.Get(f).Int() != 7 {
		t.Errorf("%v, %s", err, back.Get(f))
	}
	if !slices.Contains(Fields(), f) {
		t.Error("Fields does not have it")
	}
}

// A hostile document of very many names is read in a time that grows with its length: this test is slow otherwise.
func TestDecode_ManyNames(t *testing.T) {
	for _, prefix := range []string{"x", "labels.k"} {
		doc := []byte("{")
		for i := range 60000 {
			doc = append(doc, '"')
			doc = append(append(doc, prefix...), strconv.Itoa(i)...)
			doc = append(doc, `":1,`...)
		}
		doc[len(doc)-1] = '}'
		var e Event
		if err := e.Decode(doc); err != nil {
			t.Fatal(err)
		}
		if e.Len() == 0 || e.GetPath(prefix+"2047").Int() != 1 {
			t.Errorf("%s: %d values", prefix, e.Len())
		}
	}
}
