package segment_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/sample"
	"weir/internal/archive/segment"
)

func table(t testing.TB, docs [][]byte) *column.View {
	t.Helper()
	var tb column.Table
	var e event.Event
	var buf []byte
	for _, doc := range docs {
		ok := false
		if e.Decode(doc) == nil {
			ok, buf = column.Canonical(&e, doc, buf)
		}
		tb.Add(&e, doc, ok)
	}
	return tb.View()
}

// write writes the documents as a segment and returns its path and the order of its rows.
func write(t testing.TB, docs [][]byte) (path string, order []int) {
	t.Helper()
	v := table(t, docs)
	order = segment.Order(v)
	var b bytes.Buffer
	if err := segment.Write(&b, v, order, "default", "2026-11-21"); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "s.parquet")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, order
}

func open(t testing.TB, path string) *segment.Reader {
	t.Helper()
	r, err := segment.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func columns(t testing.TB, r *segment.Reader, within column.Bits) []*column.Column {
	t.Helper()
	var out []*column.Column
	for _, m := range r.Columns() {
		c, err := r.Load(m.Name, within)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func doc(e *event.Event, cols []*column.Column, row int) []byte {
	if raw := column.Rebuild(e, cols, row); raw != nil {
		return raw
	}
	return e.AppendJSON(nil)
}

func TestRoundTrip(t *testing.T) {
	sets := map[string]func(t *testing.T) [][]byte{
		"generated": func(*testing.T) [][]byte { return sample.Docs(1, 9000) },
		"ugly":      func(*testing.T) [][]byte { return sample.Ugly() },
		"real":      func(t *testing.T) [][]byte { return sample.Real(t, 8000) },
		"one":       func(*testing.T) [][]byte { return sample.Docs(1, 1) },
	}
	for name, make := range sets {
		t.Run(name, func(t *testing.T) {
			docs := make(t)
			path, order := write(t, docs)
			r := open(t, path)
			if r.Rows() != len(docs) {
				t.Fatalf("%d rows, want %d", r.Rows(), len(docs))
			}
			cols := columns(t, r, nil)
			times, err := r.Times()
			if err != nil {
				t.Fatal(err)
			}
			var e event.Event
			for i, row := range order {
				if got := doc(&e, cols, i); !bytes.Equal(got, docs[row]) {
					t.Fatalf("row %d\n got %s\nwant %s", i, got, docs[row])
				}
				_ = e.Decode(docs[row])
				if times[i] != column.SortTime(&e) {
					t.Fatalf("row %d: time %d, want %d", i, times[i], column.SortTime(&e))
				}
				if i > 0 && times[i] < times[i-1] {
					t.Fatalf("row %d is out of order", i)
				}
			}
		})
	}
}

func TestLoad_OnlyThePagesThatHoldTheRows(t *testing.T) {
	docs := sample.Docs(1, 20000)
	path, order := write(t, docs)
	r := open(t, path)
	within := column.NewBits(len(docs))
	rows := []int{0, 7, 9999, 19999}
	for _, row := range rows {
		within.Set(row)
	}
	cols := columns(t, r, within)
	var e event.Event
	for _, row := range rows {
		if got := doc(&e, cols, row); !bytes.Equal(got, docs[order[row]]) {
			t.Errorf("row %d\n got %s\nwant %s", row, got, docs[order[row]])
		}
	}
	msg, err := r.Load("message", within)
	if err != nil {
		t.Fatal(err)
	}
	have := 0
	for _, code := range msg.Codes {
		if code != 0 {
			have++
		}
	}
	if have == 0 || have > len(docs)*3/4 {
		t.Errorf("%d of %d messages were read for %d rows", have, len(docs), len(rows))
	}
}

// Files written before a column was thought of, and files with columns that this version does not know, stay readable.
func TestOpen_OtherColumns(t *testing.T) {
	path, _ := write(t, [][]byte{[]byte(`{"message":"few columns"}`)})
	r := open(t, path)
	if c, err := r.Load("source.ip", nil); c != nil || err != nil {
		t.Errorf("a column that is not there: %v, %v", c, err)
	}
	var e event.Event
	if got := doc(&e, columns(t, r, nil), 0); string(got) != `{"message":"few columns"}` {
		t.Errorf("got %s", got)
	}

	type later struct {
		Message string `parquet:"message,optional"`
		New     string `parquet:"not.known.yet,optional"`
		Count   int64  `parquet:"not.known.count,optional"`
		Small   int32  `parquet:"of_a_later_form"`
	}
	path = filepath.Join(t.TempDir(), "later.parquet")
	if err := parquet.WriteFile(path, []later{{"hello", "value", 7, 1}}); err != nil {
		t.Fatal(err)
	}
	r = open(t, path)
	want := `{"message":"hello","not":{"known":{"count":7,"yet":"value"}}}`
	if got := doc(&e, columns(t, r, nil), 0); string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOpen_Damaged(t *testing.T) {
	path, _ := write(t, sample.Docs(1, 300))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.parquet")
	for at := 0; at < len(whole); at += 1 + len(whole)/400 {
		b := bytes.Clone(whole)
		b[at] ^= 0x55
		if err := os.WriteFile(bad, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := segment.Open(bad)
		if err != nil {
			continue
		}
		for _, m := range r.Columns() {
			c, err := r.Load(m.Name, nil)
			if err != nil || c == nil {
				continue
			}
			for row := range r.Rows() { // whatever was read can be used
				if code := c.Code(row); code != 0 {
					c.Value(code)
				}
			}
		}
		r.Close()
	}
}

// The file is plain Parquet: a reader that knows nothing of weir finds names, types and values.
func TestWrite_PlainParquet(t *testing.T) {
	path, _ := write(t, [][]byte{
		[]byte(`{"@timestamp":"2026-11-21T07:00:01.000Z","event":{"original":"<1>hello"},"message":"hello","source":{"ip":"10.0.0.1","port":80},"tags":["a","b"]}`),
		[]byte(`{"@timestamp":"2026-11-21T07:00:02.000Z","message":"","weir":{"data":{"k":1}}}`),
	})
	type row struct {
		Time    int64    `parquet:"@timestamp,optional"`
		Message *string  `parquet:"message,optional"`
		Head    *string  `parquet:"weir.original_head,optional"`
		IP      *string  `parquet:"source.ip,optional"`
		Port    *int64   `parquet:"source.port,optional"`
		Tags    []string `parquet:"tags,optional,list"`
		Rest    *string  `parquet:"weir.rest,optional"`
	}
	rows, err := parquet.ReadFile[row](path)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Time != 1795244401000000000 || *rows[0].Head+*rows[0].Message != "<1>hello" || *rows[0].IP != "10.0.0.1" ||
		*rows[0].Port != 80 || len(rows[0].Tags) != 2 || rows[0].Rest != nil {
		t.Errorf("row 0: %+v", rows[0])
	}
	if rows[1].Message == nil || *rows[1].Message != "" || rows[1].IP != nil || rows[1].Tags != nil || *rows[1].Rest != `{"weir":{"data":{"k":1}}}` {
		t.Errorf("row 1: %+v", rows[1])
	}
}

func BenchmarkWrite(b *testing.B) {
	docs := sample.Docs(1, 65536)
	v := table(b, docs)
	order := segment.Order(v)
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		var out bytes.Buffer
		if err := segment.Write(&out, v, order, "default", "2026-11-21"); err != nil {
			b.Fatal(err)
		}
		size = out.Len()
	}
	b.ReportMetric(float64(size)/float64(len(docs)), "B/event")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(docs)), "ns/event")
}

func BenchmarkOpen(b *testing.B) {
	path, _ := write(b, sample.Docs(1, 4096))
	b.ReportAllocs()
	for b.Loop() {
		r, err := segment.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}

func BenchmarkLoad(b *testing.B) {
	path, _ := write(b, sample.Docs(1, 65536))
	r := open(b, path)
	for _, name := range []string{"source.ip", "message", "@timestamp", "event.id", "related.ip"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Load(name, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestWrite_Bounds reads the bounds of every page as engines do that skip pages by them, such as Trino: they must hold for each value
// of the page, or rows are missed without a word.
func TestWrite_Bounds(t *testing.T) {
	docs := append(append(sample.Docs(7, 3000), sample.Ugly()...),
		[]byte(`{"@timestamp":"2026-11-21T10:00:00Z","user":{"name":"ÿ􏿿􏿿􏿿􏿿􏿿"},"tags":["","z"]}`),
		[]byte(`{"@timestamp":"2026-11-21T10:00:01Z","user":{"name":""},"message":"`+strings.Repeat("m", 1000)+`"}`))
	path, _ := write(t, docs)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	pf, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]int{}
	for _, group := range pf.RowGroups() {
		for _, chunk := range group.ColumnChunks() {
			name, typ := strings.Join(pf.Schema().Columns()[chunk.Column()], "."), chunk.Type()
			index, err := chunk.ColumnIndex()
			if err != nil {
				t.Fatal(name, err)
			}
			pages := chunk.Pages()
			for i := 0; ; i++ {
				page, err := pages.ReadPage()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(name, err)
				}
				values := make([]parquet.Value, page.NumValues())
				if n, err := page.Values().ReadValues(values); n < len(values) {
					t.Fatal(name, n, err)
				}
				for _, v := range values {
					if v.IsNull() {
						continue
					}
					if held[name]++; index.NullPage(i) || typ.Compare(index.MinValue(i), v) > 0 || typ.Compare(index.MaxValue(i), v) < 0 {
						t.Fatalf("page %d of %s has the bounds %q and %q (no values: %t), and %q is in it", i, name, index.MinValue(i), index.MaxValue(i), index.NullPage(i), v)
					}
				}
			}
			if err := pages.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	for _, name := range []string{"@timestamp", "user.name", "message", "source.ip", "related.ip.list.element"} {
		if held[name] == 0 {
			t.Errorf("no value of %s was held against bounds", name)
		}
	}
}
