package event

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"weir/event/ecs"
)

func TestLookup(t *testing.T) {
	tests := []struct {
		path string
		ok   bool
	}{{"source.ip", true}, {"@timestamp", true}, {"source", false}, {"source.", false}, {"", false}, {"source.ip.x", false}, {"nope", false}, {".source.ip", false}}
	for _, tt := range tests {
		f, ok := Lookup(tt.path)
		if ok != tt.ok || ok && f.Path() != tt.path {
			t.Errorf("%q: %t, %s", tt.path, ok, f)
		}
	}
}

func TestField(t *testing.T) {
	if SourceIP.Path() != "source.ip" || SourceIP.String() != "source.ip" || SourceIP.Type() != ecs.IP || SourceIP.Array() || SourceIP.Since() != 8 {
		t.Error("source.ip is described wrongly")
	}
	if !Tags.Array() || WeirData.Type() != ecs.Flattened || WeirClass.Since() != 0 || Timestamp.Type() != ecs.Date {
		t.Error("the lists are read wrongly")
	}
}

func TestFields_InDocumentOrder(t *testing.T) {
	all := Fields()
	if !slices.IsSortedFunc(all, func(a, b Field) int { return comparePaths(a.Path(), b.Path()) }) {
		t.Error("not sorted")
	}
	if len(all) < 2000 {
		t.Errorf("%d fields", len(all))
	}
	first := all[0]
	all[0] = all[1]
	if Fields()[0] != first {
		t.Error("Fields shares its list")
	}
}

func TestComparePaths(t *testing.T) {
	order := []string{"", "a", "a.b", "a.b.c", "a.c", "a b", "a-b", "a0", "ab", "b"}
	for i, a := range order {
		for j, b := range order {
			if got := comparePaths(a, b); got < 0 != (i < j) || got == 0 != (i == j) {
				t.Errorf("%q, %q: %d", a, b, got)
			}
		}
	}
}

func TestRegister(t *testing.T) {
	a, err := Register(ecs.Long, "test.field.one")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Register(ecs.Keyword, "test.field.one"); err != nil || a != b || b.Type() != ecs.Long {
		t.Errorf("again: %s %d, %v", b, b.Type(), err)
	}
	if f, err := Register(ecs.Keyword, "source.ip"); err != nil || f != SourceIP {
		t.Errorf("a built-in field: %s, %v", f, err)
	}
	for _, path := range []string{"", ".", "a.", ".a", "a..b"} {
		if _, err := Register(ecs.Keyword, path); err == nil || !strings.Contains(err.Error(), "empty") {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// A path that only a condition names is text, and somebody's own once it is said who fills it.
func TestRegister_Asked(t *testing.T) {
	f, err := Register(ecs.Asked, "test.asked", "source.ip")
	if err != nil || !f.Asked() || f.Type() != ecs.Keyword || SourceIP.Asked() {
		t.Fatalf("%v %v %v", f.Asked(), f.Type(), err)
	}
	if again, err := Register(ecs.Asked, "test.asked"); err != nil || again != f || !f.Asked() {
		t.Errorf("asked again: %v", err)
	}
	var e Event
	if err := e.Decode([]byte(`{"test":{"asked":"v"}}`)); err != nil || e.Str(f) != "v" {
		t.Errorf("%v, %s", err, e.AppendJSON(nil))
	}
	if again, err := Register(ecs.Keyword, "test.asked"); err != nil || again != f || f.Asked() {
		t.Errorf("filled: %v", err)
	}
	if _, err := Register(ecs.Asked, "test.asked"); err != nil || f.Asked() {
		t.Errorf("asked once it is filled: %v", err)
	}
}

// Many paths are made known at once; what cannot be a path is told, and leaves the others alone.
func TestRegister_many(t *testing.T) {
	before := len(Fields())
	first, err := Register(ecs.Long, "test.all.a", "source.ip", "test.all.b", "bad..path", "test.all.a", "", "test.all.c")
	if err == nil || !strings.Contains(err.Error(), `"bad..path"`) {
		t.Errorf("got %v", err)
	}
	if f, ok := Lookup("test.all.a"); !ok || f != first {
		t.Errorf("%v is not the id of the first", first)
	}
	if n := len(Fields()) - before; n != 3 {
		t.Errorf("%d fields are new", n)
	}
	for _, path := range []string{"test.all.a", "test.all.b", "test.all.c"} {
		if f, ok := Lookup(path); !ok || f.Type() != ecs.Long || f.Path() != path {
			t.Errorf("%s: %v %v", path, f, ok)
		}
	}
	if f, _ := Lookup("source.ip"); f.Type() != ecs.IP {
		t.Error("a field that was known has another type")
	}
	table := fields.Load()
	if _, err := Register(ecs.Keyword, "test.all.a"); err != nil || fields.Load() != table {
		t.Errorf("nothing new makes a new table, %v", err)
	}
}

// Register may run while other goroutines look up, decode and encode.
func TestRegister_Concurrent(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			var e Event
			for j := range 20 {
				path := "test.concurrent." + string(rune('a'+i)) + string(rune('a'+j))
				f, err := Register(ecs.Keyword, path)
				if err != nil {
					t.Error(err)
					return
				}
				if err := e.Decode([]byte(`{"` + path + `":"v","message":"m"}`)); err != nil || e.Str(f) != "v" {
					t.Errorf("%s: %v, %s", path, err, e.AppendJSON(nil))
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkRegister(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newTable(builtin)
	}
}

// Every field is found by its own path, has its place in the document, and the built-in ones have a type that the lists
// know.
func TestFields_AreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Fields() {
		path := f.Path()
		if got, ok := Lookup(path); !ok || got != f || seen[path] {
			t.Errorf("%s is found as %s (%t), seen %t", path, got, ok, seen[path])
		}
		seen[path] = true
		if f.Type() > ecs.Flattened || f.Since() < 0 || f.Since() > 9 {
			t.Errorf("%s: type %d, since %d", path, f.Type(), f.Since())
		}
		var e Event
		e.Set(f, Str("v"))
		var back Event
		if err := back.Decode(e.AppendJSON(nil)); err != nil || back.Get(f).Kind() == Absent {
			t.Errorf("%s does not come back from %s: %v", path, e.AppendJSON(nil), err)
		}
	}
}

// A table that is full takes no more, and says so.
func TestRegister_Full(t *testing.T) {
	before := fields.Load()
	if before == nil {
		before = load()
	}
	full := *before
	full.specs = make([]spec, maxFields)
	copy(full.specs, before.specs)
	registerMu.Lock()
	fields.Store(&full)
	registerMu.Unlock()
	defer fields.Store(before)
	if _, err := Register(ecs.Keyword, "test.one.too.many"); err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("got %v", err)
	}
	if f, err := Register(ecs.Keyword, "source.ip"); err != nil || f != SourceIP {
		t.Errorf("one that is there: %s (%v)", f, err)
	}
}
