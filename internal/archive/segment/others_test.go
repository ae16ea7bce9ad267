package segment_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/parquet-go/parquet-go"

	"weir/internal/archive/sample"
	"weir/internal/testkit"
)

// The files are plain Parquet: this is all that another program needs.
func TestOtherReaders_TenLines(t *testing.T) {
	path, order := write(t, sample.Docs(9, 500))
	type row struct {
		Message string `parquet:"message,optional"`
		Address string `parquet:"source.ip,optional"`
	}
	rows, err := parquet.ReadFile[row](path)
	if err != nil {
		t.Fatal(err)
	}
	docs := sample.Docs(9, 500)
	if len(rows) != len(docs) {
		t.Fatalf("%d rows, want %d", len(rows), len(docs))
	}
	for i, at := range order {
		var want struct {
			Message string `json:"message"`
			Source  struct {
				IP string `json:"ip"`
			} `json:"source"`
		}
		if err := json.Unmarshal(docs[at], &want); err != nil {
			t.Fatal(err)
		}
		if rows[i].Message != want.Message || rows[i].Address != want.Source.IP {
			t.Fatalf("row %d: %+v, want %+v", i, rows[i], want)
		}
	}
}

// readers are programs that print the number of rows, how many of them have an address, and the longest message.
var readers = map[string]string{
	"pyarrow": `
import sys, pyarrow.parquet as pq
t = pq.read_table(sys.argv[1])
m = [x for x in t["message"].to_pylist() if x is not None]
print(t.num_rows, t.num_rows - t["source.ip"].null_count, max(len(x.encode()) for x in m))`,
	"duckdb": `
import sys, duckdb
print(*duckdb.sql("select count(*), count(\"source.ip\"), max(strlen(message)) from read_parquet('" + sys.argv[1] + "')").fetchall()[0])`,
}

func TestOtherReaders_Python(t *testing.T) {
	python := os.Getenv("WEIR_PYTHON")
	if python == "" {
		python = "python3"
	}
	docs := sample.Docs(10, 3000)
	path, _ := write(t, docs)
	addresses, longest := 0, 0
	for _, d := range docs {
		var e struct {
			Message *string `json:"message"`
			Source  struct {
				IP any `json:"ip"`
			} `json:"source"`
		}
		if json.Unmarshal(d, &e) != nil {
			continue
		}
		if _, ok := e.Source.IP.(string); ok {
			addresses++
		}
		if e.Message != nil {
			longest = max(longest, len(*e.Message))
		}
	}
	var want bytes.Buffer
	_ = json.NewEncoder(&want).Encode([]int{len(docs), addresses, longest})
	for name, program := range readers {
		t.Run(name, func(t *testing.T) {
			if out, err := exec.Command(python, "-c", "import "+name).CombinedOutput(); err != nil {
				testkit.Skip(t, name, "python has no "+name+" (pip install "+name+"): "+string(bytes.TrimSpace(out)))
			}
			out, err := exec.Command(python, "-c", program, path).Output()
			if err != nil {
				t.Fatal(err)
			}
			got := "[" + string(bytes.ReplaceAll(bytes.TrimSpace(out), []byte(" "), []byte(","))) + "]\n"
			if got != want.String() {
				t.Errorf("got %swant %s", got, want.String())
			}
		})
	}
}
