package export

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/archive/sample"
	"weir/internal/record"
	"weir/internal/testkit"
)

// files makes an archive of documents and returns its folder, its sealed files, and the documents.
func files(t *testing.T) (dir string, list []string, docs [][]byte) {
	t.Helper()
	dir = t.TempDir()
	a, err := archive.Open(dir, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	docs = sample.Docs(21, 3000)
	for half := range 2 {
		var rows []archive.Row
		for i := half * 1500; i < (half+1)*1500; i++ {
			p := record.Pos{Topic: "weir.events", Offset: int64(i)}
			rows = append(rows, archive.Row{Doc: docs[i], Account: "syslog/192.0.2.1", Consumed: p, Source: record.Pos{Topic: "weir.raw.syslog", Offset: int64(i)}})
		}
		if err := a.Append(t.Context(), rows, func(error) {}); err != nil {
			t.Fatal(err)
		}
		if err := a.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	list, err = filepath.Glob(filepath.Join(dir, "class=*", "day=*", "*.parquet"))
	if err != nil || len(list) < 2 {
		t.Fatalf("sealed files: %v (%v)", list, err)
	}
	return dir, list, docs
}

// values are those of two fields of every document, sorted.
func values(t *testing.T, docs [][]byte) (users map[string]int, lines []string) {
	t.Helper()
	users = map[string]int{}
	var e event.Event
	for _, d := range docs {
		if err := e.Decode(d); err != nil {
			t.Fatal(err)
		}
		users[strings.Clone(e.Str(event.UserName))]++
		lines = append(lines, strings.Clone(e.Str(event.UserName)+"\t"+e.Str(event.Message)))
	}
	slices.Sort(lines)
	return users, lines
}

// TestReaders_PlainGo compiles the program of the documentation and reads the files with it.
func TestReaders_PlainGo(t *testing.T) {
	root := testkit.Root(t)
	page, err := os.ReadFile(filepath.Join(root, "docs", "archive-readers.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```go\n")
	program, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("the page has no program")
	}
	main := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(main, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	_, list, docs := files(t)
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", main}, list...)...)
	cmd.Dir = root // whose module has the library
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	slices.Sort(got)
	if _, want := values(t, docs); !slices.Equal(got, want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

// python returns an interpreter that has pyarrow and duckdb: WEIR_PYTHON, else one in a folder of its own with both
// installed, where readers are required.
func python(t *testing.T) string {
	t.Helper()
	if p := os.Getenv("WEIR_PYTHON"); p != "" {
		return p
	}
	if !testkit.Required(t, "readers") {
		testkit.Skip(t, "readers", "pyarrow and duckdb: set WEIR_PYTHON to a python that has them")
	}
	dir := filepath.Join(t.TempDir(), "venv")
	for _, c := range [][]string{{"python3", "-m", "venv", dir}, {filepath.Join(dir, "bin", "pip"), "install", "--quiet", "pyarrow", "duckdb"}} {
		if out, err := exec.CommandContext(t.Context(), c[0], c[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", c, err, out)
		}
	}
	return filepath.Join(dir, "bin", "python")
}

// script reads what it is told to with both libraries and says what it found.
const script = `
import collections, glob, json, sys
import duckdb, pyarrow.parquet as pq
how, where = sys.argv[1], sys.argv[2]
names = sorted(glob.glob(where)) if how == "files" else [where]
tables = [pq.read_table(n, partitioning=None) for n in names]
users = collections.Counter()
for t in tables:
    users.update("" if u is None else u for u in t.column("user.name").to_pylist())
first = min(x for t in tables for x in t.column("@timestamp").cast("int64").to_pylist() if x is not None)
q = "read_parquet(?, hive_partitioning=false, union_by_name=true)"
rows = duckdb.execute("select count(*) from " + q, [names]).fetchone()[0]
top = duckdb.execute('select coalesce("user.name", \'\'), count(*) from ' + q + " group by 1", [names]).fetchall()
least = duckdb.execute('select epoch_ns(min("@timestamp")) from ' + q, [names]).fetchone()[0]
tags = duckdb.execute('select count(*) from ' + q + " where len(tags) > 0", [names]).fetchone()[0]
print(json.dumps({"arrow": {"rows": sum(t.num_rows for t in tables), "users": users, "first": first}, "duck": {"rows": rows, "users": dict(top), "first": least}, "tags": tags}))
`

// seen is what a library found.
type seen struct {
	Rows  int
	Users map[string]int
	First int64
}

// TestReaders_Python: pyarrow and DuckDB read sealed files and exports, and find what was stored.
func TestReaders_Python(t *testing.T) {
	py := python(t)
	dir, _, docs := files(t)
	users, _ := values(t, docs)
	first, tagged := int64(0), 0
	columns := Table{Rest: true}
	var e event.Event
	for i, d := range docs {
		if err := e.Decode(d); err != nil {
			t.Fatal(err)
		}
		if at := e.Get(event.Timestamp).Time().UnixNano(); i == 0 || at < first {
			first = at
		}
		if e.Get(event.Tags).Len() > 0 {
			tagged++
		}
		e.Each(func(f event.Field, _ event.Value) bool {
			if !slices.Contains(columns.Columns, f.Path()) {
				columns.Columns = append(columns.Columns, f.Path())
			}
			return true
		})
	}
	exported := filepath.Join(t.TempDir(), "export.parquet")
	f, err := Create(exported, Parquet, columns)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{"sealed": {"files", filepath.Join(dir, "class=*", "day=*", "*.parquet")}, "exported": {"one", exported}} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), py, append([]string{"-c", script}, args...)...)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Arrow, Duck seen
				Tags        int
			}
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatalf("%s: %v", out, err)
			}
			want := seen{len(docs), users, first}
			for lib, s := range map[string]seen{"pyarrow": got.Arrow, "DuckDB": got.Duck} {
				if fmt.Sprint(s) != fmt.Sprint(want) {
					t.Errorf("%s finds %v\nwant %v", lib, s, want)
				}
			}
			if got.Tags != tagged {
				t.Errorf("%d rows with tags, want %d", got.Tags, tagged)
			}
		})
	}
}
