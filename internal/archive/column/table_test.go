package column_test

import (
	"bytes"
	"testing"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/sample"
)

// fill adds documents to a table as the archive does.
func fill(t testing.TB, docs [][]byte) *column.Table {
	t.Helper()
	var table column.Table
	var e event.Event
	var buf []byte
	for _, doc := range docs {
		ok := false
		if e.Decode(doc) == nil {
			ok, buf = column.Canonical(&e, doc, buf)
		}
		table.Add(&e, doc, ok)
	}
	return &table
}

func all(v *column.View) []*column.Column {
	var out []*column.Column
	for i := range v.Columns() {
		out = append(out, &v.Columns()[i])
	}
	return out
}

// rebuilt returns the document of a row.
func rebuilt(e *event.Event, cols []*column.Column, row int) []byte {
	if raw := column.Rebuild(e, cols, row); raw != nil {
		return raw
	}
	return e.AppendJSON(nil)
}

func TestRebuild_EveryByte(t *testing.T) {
	sets := map[string][][]byte{"generated": sample.Docs(1, 2000), "ugly": sample.Ugly()}
	if !testing.Short() {
		sets["real"] = nil
	}
	for name := range sets {
		t.Run(name, func(t *testing.T) {
			docs := sets[name]
			if name == "real" {
				docs = sample.Real(t, 6000)
			}
			v := fill(t, docs).View()
			cols := all(v)
			var e, want event.Event
			for i, doc := range docs {
				if got := rebuilt(&e, cols, i); !bytes.Equal(got, doc) {
					t.Fatalf("document %d\n got %s\nwant %s", i, got, doc)
				}
				_ = want.Decode(doc)
				if g, w := e.AppendJSON(nil), want.AppendJSON(nil); !bytes.Equal(g, w) {
					t.Fatalf("event %d\n got %s\nwant %s", i, g, w)
				}
			}
		})
	}
}

func TestTable_OriginalIsNotKeptTwice(t *testing.T) {
	docs := [][]byte{
		[]byte(`{"event":{"original":"<34>host app: hello"},"message":"hello"}`),
		[]byte(`{"event":{"original":"hello"},"message":"hello"}`),
		[]byte(`{"event":{"original":"other"},"message":"hello"}`),
	}
	v := fill(t, docs).View()
	head, _ := v.Load(column.HeadName, nil)
	orig, _ := v.Load("event.original", nil)
	for row, want := range []string{"<34>host app: ", "", "-"} {
		got, ok := head.Str(row)
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("row %d: head %q, want %q", row, got, want)
		}
	}
	if s, ok := orig.Str(2); !ok || s != "other" {
		t.Errorf("original of row 2: %q %v", s, ok)
	}
	if orig.Code(0) != 0 || orig.Code(1) != 0 {
		t.Error("the original is kept although it ends in the message")
	}
}

func TestView_StaysAsItWas(t *testing.T) {
	docs := sample.Docs(2, 600)
	var table column.Table
	var e event.Event
	add := func(docs [][]byte) {
		for _, d := range docs {
			if err := e.Decode(d); err != nil {
				t.Fatal(err)
			}
			table.Add(&e, d, true)
		}
	}
	add(docs[:100])
	v := table.View()
	add(docs[100:])
	if v.Rows() != 100 {
		t.Fatalf("the view grew to %d rows", v.Rows())
	}
	cols := all(v)
	for i := range 100 {
		if got := rebuilt(&e, cols, i); !bytes.Equal(got, docs[i]) {
			t.Fatalf("row %d changed: %s", i, got)
		}
	}
	if table.Rows() != 600 || table.View().Rows() != 600 {
		t.Fatalf("the table has %d rows", table.Rows())
	}
}

func TestSortTime(t *testing.T) {
	cases := map[string]struct {
		doc  string
		want int64
	}{
		"logged time":        {`{"@timestamp":"1970-01-01T00:00:02.000Z","weir":{"time":"1970-01-01T00:00:01.000Z"}}`, 2e9},
		"only weir.time":     {`{"weir":{"time":"1970-01-01T00:00:01.000Z"}}`, 1e9},
		"logged time a text": {`{"@timestamp":"soon","weir":{"time":"1970-01-01T00:00:01.000Z"}}`, 1e9},
		"none":               {`{}`, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			if err := e.Decode([]byte(c.doc)); err != nil {
				t.Fatal(err)
			}
			if got := column.SortTime(&e); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func FuzzRebuild(f *testing.F) {
	for _, d := range sample.Ugly() {
		f.Add(d)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		docs := [][]byte{doc, []byte(`{"message":"between"}`), doc}
		cols := all(fill(t, docs).View())
		var e event.Event
		for i := range docs {
			if got := rebuilt(&e, cols, i); !bytes.Equal(got, docs[i]) {
				t.Fatalf("row %d: got %q, want %q", i, got, docs[i])
			}
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	docs := sample.Docs(1, 4096)
	var table column.Table
	var e event.Event
	var buf []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%65536 == 0 {
			table = column.Table{}
		}
		doc := docs[i%len(docs)]
		if err := e.Decode(doc); err != nil {
			b.Fatal(err)
		}
		var ok bool
		ok, buf = column.Canonical(&e, doc, buf)
		table.Add(&e, doc, ok)
	}
}

func BenchmarkRebuild(b *testing.B) {
	docs := sample.Docs(1, 4096)
	cols := all(fill(b, docs).View())
	var e event.Event
	var buf []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		column.Rebuild(&e, cols, i%len(docs))
		buf = e.AppendJSON(buf[:0])
	}
}
