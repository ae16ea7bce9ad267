package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/sample"
)

var docs = []string{
	`{"@timestamp":"2026-11-21T07:00:00.000Z","event":{"risk_score":47.5,"severity":3},"message":"line one\nline \"two\", with 한글","source":{"ip":"203.0.113.5","port":22},"tags":["a","b"],"user":{"name":"root"}}`,
	`{"@timestamp":"2026-11-21T07:00:01.500Z","labels":{"env":"prod"},"message":"=HYPERLINK(\"http://x\")","source":{"port":-5},"tags":[],"user":{"name":"@SUM(A1)"}}`,
	`{"@timestamp":"2026-11-21T07:00:02.000Z","dns":{"answers":[{"data":"x"},{"data":"y"}]},"my":{"own":{"k":1}},"user":{"name":["kim","lee"]}}`,
	`{"@timestamp":"not a time","message":""}`,
}

var columns = []string{"@timestamp", "user.name", "source.ip", "source.port", "event.risk_score", "tags", "message", "labels.env", "dns.answers.data"}

// write exports the documents and returns the file's bytes.
func write(t *testing.T, format string, table Table, docs ...string) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "out."+format)
	f, err := Create(name, format, table)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		if err := f.Add([]byte(d)); err != nil {
			t.Fatal(err)
		}
	}
	if f.Rows() != len(docs) {
		t.Errorf("%d rows", f.Rows())
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNDJSON_IsWhatIsStored(t *testing.T) {
	got := write(t, NDJSON, Table{}, append(docs, "{\n\"a\":1,\r\n \"b\":\"x\"}")...)
	want := strings.Join(docs, "\n") + "\n" + `{"a":1,"b":"x"}` + "\n"
	if string(got) != want {
		t.Errorf("got %s", got)
	}
}

func TestCSV(t *testing.T) {
	got, err := csv.NewReader(bytes.NewReader(write(t, CSV, Table{Columns: append([]string{"=evil"}, columns...)}, docs...))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		append([]string{"'=evil"}, columns...),
		{"", "2026-11-21T07:00:00.000Z", "root", "203.0.113.5", "22", "47.5", `["a","b"]`, "line one\nline \"two\", with 한글", "", ""},
		{"", "2026-11-21T07:00:01.500Z", "'@SUM(A1)", "", "-5", "", "[]", `'=HYPERLINK("http://x")`, "prod", ""},
		{"", "2026-11-21T07:00:02.000Z", `["kim","lee"]`, "", "", "", "", "", "", `["x","y"]`},
		{"", "not a time", "", "", "", "", "", "", "", ""},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestGuard(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "root": "root", "=1+1": "'=1+1", "+82-10": "'+82-10", "-5": "-5", "-5.5e3": "-5.5e3", "-rm": "'-rm", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx", " =1": "' =1",
		"＝1": "'＝1", "|calc": "'|calc", "a=b": "a=b", "-0x1p4": "'-0x1p4", "-Inf": "'-Inf", "\xff": "\uFFFD", "'x": "''x", "\u00a0=1": "'\u00a0=1",
	} {
		if got := Guard(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// rowsOf reads a Parquet file as another program would.
func rowsOf(t *testing.T, b []byte) []map[string]any {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	r := parquet.NewReader(f)
	defer r.Close()
	var out []map[string]any
	for range f.NumRows() {
		row := map[string]any{}
		if err := r.Read(&row); err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	return out
}

func TestParquet_TypesAndRest(t *testing.T) {
	got := rowsOf(t, write(t, Parquet, Table{Columns: columns, Rest: true}, docs...))
	if len(got) != 4 {
		t.Fatalf("%d rows", len(got))
	}
	for _, c := range []struct {
		row  int
		name string
		want string
	}{
		{0, "@timestamp", "1795244400000000000"}, {1, "@timestamp", "1795244401500000000"}, {0, "user.name", `"root"`}, {0, "source.port", "22"}, {1, "source.port", "-5"},
		{0, "event.risk_score", "47.5"}, {1, "message", `"=HYPERLINK(\"http://x\")"`}, {0, column.RestName, `"{\"event\":{\"severity\":3}}"`},
		{1, column.RestName, `"{\"labels\":{\"env\":\"prod\"},\"tags\":[]}"`},
		{2, column.RestName, `"{\"dns\":{\"answers\":[{\"data\":\"x\"},{\"data\":\"y\"}]},\"user\":{\"name\":[\"kim\",\"lee\"]},\"my\":{\"own\":{\"k\":1}}}"`},
		{3, "@timestamp", "null"}, {3, "message", `""`}, {3, column.RestName, `"{\"@timestamp\":\"not a time\"}"`},
	} {
		b, err := json.Marshal(got[c.row][c.name])
		if err != nil {
			t.Fatal(err)
		}
		if c.name == column.RestName && c.row == 2 { // the order of keys is the encoder's
			var a, w any
			text, _ := got[2][c.name].(string)
			if json.Unmarshal([]byte(text), &a) != nil || json.Unmarshal([]byte(`{"dns":{"answers":[{"data":"x"},{"data":"y"}]},"user":{"name":["kim","lee"]},"my":{"own":{"k":1}}}`), &w) != nil || !reflect.DeepEqual(a, w) {
				t.Errorf("row 2, the rest: %s", b)
			}
			continue
		}
		if string(b) != c.want {
			t.Errorf("row %d, %s: %s, want %s", c.row, c.name, b, c.want)
		}
	}
}

// Without the rest only what was asked for is there, and paths that no list knows are columns of text.
func TestParquet_OnlyTheColumnsAskedFor(t *testing.T) {
	got := rowsOf(t, write(t, Parquet, Table{Columns: []string{"labels.env", "user.name", "my.own.k"}}, docs...))
	if len(got[0]) != 3 || got[1]["labels.env"] != "prod" || got[2]["my.own.k"] != "1" || got[0]["user.name"] != "root" || got[2]["user.name"] != `["kim","lee"]` {
		t.Errorf("%v", got)
	}
}

// TestParquet_NothingIsLost puts every sample document together again from its row.
func TestParquet_NothingIsLost(t *testing.T) {
	list := sample.Docs(3, 1500)
	seen := map[string]bool{}
	var table Table
	var e event.Event
	for _, d := range list {
		if err := e.Decode(d); err != nil {
			t.Fatal(err)
		}
		e.Each(func(f event.Field, _ event.Value) bool {
			if !seen[f.Path()] {
				seen[f.Path()] = true
				table.Columns = append(table.Columns, f.Path())
			}
			return true
		})
	}
	table.Rest = true
	name := filepath.Join(t.TempDir(), "all.parquet")
	f, err := Create(name, Parquet, table)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rowsOf(t, b) {
		if err := e.Decode(list[i]); err != nil {
			t.Fatal(err)
		}
		e.Each(func(f event.Field, v event.Value) bool {
			if k, ok := column.KindOf(column.ID(f)); ok && k == column.Key && row[f.Path()] != v.Str() {
				t.Errorf("row %d, %s: %v, want %v", i, f.Path(), row[f.Path()], v)
			}
			return true
		})
		if rest, _ := row[column.RestName].(string); e.Get(event.Labels).Len() > 0 && !strings.Contains(rest, "labels") {
			t.Errorf("row %d lost its labels: %s", i, rest)
		}
	}
}

func TestFile_IsThereWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.ndjson")
	f, err := Create(name, NDJSON, Table{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Add([]byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); err == nil {
		t.Error("half a file has the final name")
	}
	f.Abort()
	f.Abort()
	if list, err := os.ReadDir(dir); err != nil || len(list) != 0 {
		t.Errorf("left behind: %v (%v)", list, err)
	}
	if f, err = Create(name, NDJSON, Table{}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err == nil {
		t.Error("a file that came meanwhile was replaced")
	}
	if _, err := Create(name, NDJSON, Table{}); err == nil {
		t.Error("a file that is there is replaced")
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "mine" {
		t.Errorf("%s (%v)", b, err)
	}
	if _, err := Create(filepath.Join(dir, "no", "x.csv"), CSV, Table{}); err == nil {
		t.Error("a folder that is not there")
	}
	if _, err := Create(filepath.Join(dir, "y"), "xlsx", Table{}); err == nil {
		t.Error("a format that is not there")
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("left behind: %v (%v)", list, err)
	}
}

func TestFormat(t *testing.T) {
	for name, want := range map[string]string{"a.ndjson": NDJSON, "b.JSONL": NDJSON, "c.csv": CSV, "d.tar.parquet": Parquet, "e": "", "f.xlsx": ""} {
		got, err := Format(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q (%v)", name, got, err)
		}
	}
}

// FuzzCSV holds that whatever a document holds, the file has one row of as many cells, none of which is a formula.
func FuzzCSV(f *testing.F) {
	for _, d := range docs {
		f.Add([]byte(d))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var b bytes.Buffer
		w, err := newCSV(&b, Table{Columns: columns})
		if err != nil {
			t.Fatal(err)
		}
		var e event.Event
		if err := w.add(&e, doc); err != nil {
			t.Fatal(err)
		}
		if err := w.close(); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows (%v)", len(rows), err)
		}
		for _, cell := range rows[1] {
			if cell != "" && strings.ContainsRune("=@\t", rune(cell[0])) {
				t.Fatalf("a formula: %q", cell)
			}
		}
	})
}

// FuzzParquet holds that any document makes one row that can be read.
func FuzzParquet(f *testing.F) {
	for _, d := range docs {
		f.Add([]byte(d))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var b bytes.Buffer
		w, err := newParquet(&b, Table{Columns: columns, Rest: true})
		if err != nil {
			t.Fatal(err)
		}
		var e event.Event
		if err := w.add(&e, doc); err != nil {
			t.Fatal(err)
		}
		if err := w.close(); err != nil {
			t.Fatal(err)
		}
		if n := len(rowsOf(t, b.Bytes())); n != 1 {
			t.Fatalf("%d rows", n)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	list := sample.Docs(4, 1000)
	for _, format := range []string{NDJSON, CSV, Parquet} {
		b.Run(format, func(b *testing.B) {
			f, err := Create(filepath.Join(b.TempDir(), "x"), format, Table{Columns: columns, Rest: true})
			if err != nil {
				b.Fatal(err)
			}
			defer f.Abort()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := f.Add(list[i%len(list)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
