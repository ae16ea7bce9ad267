package segment_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"weir/event"
	"weir/internal/archive/sample"
	"weir/internal/archive/segment"
)

// A golden segment of every version of the schema stays here for ever: archives are kept for years, and are read by the
// weir of their last day. After a change of segment.Schema: go test ./internal/archive/segment -run Golden -golden.
var golden = flag.Bool("golden", false, "write the golden segment of the present schema")

// goldenName returns the files of one version: the segment, and its documents in the order of its rows.
func goldenName(version int) (file, docs string) {
	base := filepath.Join("testdata", "schema-"+strconv.Itoa(version))
	return base + ".parquet", base + ".ndjson"
}

// goldenDocs returns documents of every kind that the archive meets.
func goldenDocs() [][]byte { return slices.Concat(sample.Docs(2026, 120), sample.Ugly()) }

func TestGolden_EveryVersionIsRead(t *testing.T) {
	if *golden {
		writeGolden(t)
	}
	for version := 1; version <= segment.Schema; version++ {
		t.Run(strconv.Itoa(version), func(t *testing.T) {
			file, docs := goldenName(version)
			want, err := os.ReadFile(docs)
			if err != nil {
				t.Fatalf("schema %d has no golden segment: %v (see the top of this file)", version, err)
			}
			r := open(t, file)
			lines := bytes.SplitAfter(want, []byte("\n"))
			lines = lines[:len(lines)-1]
			if r.Rows() != len(lines) {
				t.Fatalf("%d rows, want %d", r.Rows(), len(lines))
			}
			cols := columns(t, r, nil)
			var e event.Event
			for i, line := range lines {
				if got := doc(&e, cols, i); string(got)+"\n" != string(line) {
					t.Fatalf("row %d\n got %s\nwant %s", i, got, line)
				}
			}
			if got := schemaOf(t, file); got != strconv.Itoa(version) {
				t.Errorf("the file says that its schema is %q", got)
			}
		})
	}
}

// A column that is written otherwise than under this schema's number before would be read wrongly by an older weir of
// the same number: it needs a new one, and a new golden segment.
func TestGolden_TheSchemaIsWhatItWas(t *testing.T) {
	file, docs := goldenName(segment.Schema)
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatalf("schema %d has no golden segment: %v (see the top of the file)", segment.Schema, err)
	}
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	path, _ := write(t, lines)
	was, is := forms(t, file), forms(t, path)
	for name, form := range was {
		if is[name] != form {
			t.Errorf("column %s was %s, and is %s now: change segment.Schema", name, form, is[name])
		}
	}
}

// writeGolden writes the golden segment of the present schema; one that is there stays.
func writeGolden(t *testing.T) {
	file, docs := goldenName(segment.Schema)
	if _, err := os.Stat(file); err == nil {
		t.Fatalf("%s is there, and is never written again", file)
	}
	path, order := write(t, goldenDocs())
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []byte
	for _, row := range order {
		lines = append(append(lines, goldenDocs()[row]...), '\n')
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{file: b, docs: lines} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// parquetFile opens a file as any other program would.
func parquetFile(t *testing.T, path string) *parquet.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	pf, err := parquet.OpenFile(f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	return pf
}

// schemaOf returns the version that a file names.
func schemaOf(t *testing.T, path string) string {
	t.Helper()
	v, _ := parquetFile(t, path).Lookup("weir.schema")
	return v
}

// forms returns how each column is typed, without its encoding: that follows what a column holds.
func forms(t *testing.T, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range parquetFile(t, path).Schema().Fields() {
		out[f.Name()] = strings.Join(strings.Fields(fmt.Sprint(f)), " ")
	}
	return out
}

// Columns of a later version that this one does not understand do not hide the others.
func TestGolden_ColumnsOfALaterVersion(t *testing.T) {
	group := parquet.Group{
		"@timestamp": parquet.Optional(parquet.Timestamp(parquet.Nanosecond)),
		"message":    parquet.Optional(parquet.String()),
		"geometry":   parquet.Optional(parquet.Leaf(parquet.FixedLenByteArrayType(16))),
		"size":       parquet.Optional(parquet.Leaf(parquet.Int32Type)),
	}
	path := filepath.Join(t.TempDir(), "later.parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := parquet.NewWriter(f, parquet.NewSchema("event", group))
	if err := w.Write(map[string]any{"@timestamp": int64(1), "message": "hello", "geometry": [16]byte{1}, "size": int32(7)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	r := open(t, path)
	c, err := r.Load("message", nil)
	if err != nil || c == nil || len(c.Strs) != 1 || c.Strs[0] != "hello" {
		t.Errorf("%+v %v", c, err)
	}
	if c, err := r.Load("geometry", nil); c != nil || err != nil {
		t.Errorf("a column of an unknown form was read: %v %v", c, err)
	}
}
