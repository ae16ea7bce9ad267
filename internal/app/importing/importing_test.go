package importing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"weir/internal/control/intake"
	"weir/internal/fault"
	"weir/internal/record"
)

// importRows are rows of a file, in lines from 2.
func importRows(sha string, n int) []intake.Row {
	rows := make([]intake.Row, n)
	for i := range rows {
		rows[i] = intake.Row{Line: int64(i + 2), Doc: fmt.Appendf(nil, `{"import":{"by":"kim","file":"r.csv","sha256":%q,"line":%d,"time":"2026-11-20T00:00:00Z"},"row":{"actor":"admin7","action":"grant","target":"user%d","system":"crm","right":"read"}}`, sha, i+2, i)}
	}
	return rows
}

func TestRowsOf_Failure(t *testing.T) {
	sha := strings.Repeat("ab", 32)
	good := func() intake.Request { return intake.Request{File: "r.csv", SHA256: sha, Rows: importRows(sha, 2)} }
	tests := []struct {
		name string
		do   func(*intake.Request)
		want string
	}{
		{"no hash", func(r *intake.Request) { r.SHA256 = "../../etc/passwd" }, "the hash is none of SHA-256"},
		{"half a hash", func(r *intake.Request) { r.SHA256 = "ab" }, "the hash is none of SHA-256"},
		{"no rows", func(r *intake.Request) { r.Rows = nil }, "0 rows at once"},
		{"too many", func(r *intake.Request) { r.Rows = importRows(sha, intake.MaxRows+1) }, "2001 rows at once"},
		{"a line twice", func(r *intake.Request) { r.Rows[1].Line = 2 }, "line 2 after line 2"},
		{"no JSON", func(r *intake.Request) { r.Rows[1].Doc = []byte("{") }, "line 3 after line 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := good()
			tt.do(&r)
			if _, err := rowsOf(r, time.Now()); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("the error is %v, want %s", err, tt.want)
			}
		})
	}
	batch, err := rowsOf(good(), time.Unix(1, 0))
	if err != nil || batch[1].Key != "import/"+sha || batch[1].Line != 3 || batch[1].Input != inputImport {
		t.Errorf("%+v, %v", batch, err)
	}
}

func TestReadBefore(t *testing.T) {
	name := t.TempDir() + "/imports/x.json"
	if b, err := readBefore(name); b != nil || err != nil {
		t.Errorf("nothing was imported: %v, %v", b, err)
	}
	want := intake.Before{By: "kim", At: time.Unix(1, 0).UTC(), File: "r.csv", Rows: 3}
	if err := writeBefore(name, want); err != nil {
		t.Fatal(err)
	}
	if b, err := readBefore(name); err != nil || b == nil || *b != want {
		t.Errorf("%+v, %v", b, err)
	}
	if err := os.WriteFile(name, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := readBefore(name); b != nil || err != nil {
		t.Errorf("half a file: %v, %v", b, err)
	}
}

// TestImport: only a file of which every row was taken is written down as done, and then it is answered without its rows.
func TestImport(t *testing.T) {
	sha := strings.Repeat("cd", 32)
	var took, told int
	full := errors.New("full")
	var failing error
	p := Place{Folder: t.TempDir(), Emit: func(_ context.Context, batch []record.Raw) error {
		if failing == nil {
			took += len(batch)
		}
		return failing
	}, Done: func(context.Context, intake.Request) { told++ }}
	ask := func(first, last bool) (intake.Summary, error) {
		return p.Import(t.Context(), intake.Request{File: "r.csv", By: "kim", SHA256: sha, Rows: importRows(sha, 2), First: first, Last: last, Total: 4})
	}
	if _, err := p.Import(t.Context(), intake.Request{File: "r.csv"}); fault.Code(err) != "bad-request" {
		t.Errorf("a request without rows: %v", err)
	}
	if sum, err := ask(true, false); err != nil || sum.Stored != 2 || sum.Before != nil {
		t.Errorf("the first part: %+v, %v", sum, err)
	}
	failing = full
	if _, err := ask(false, true); !errors.Is(err, full) {
		t.Errorf("a part that was not taken: %v", err)
	}
	failing = nil
	if sum, err := ask(true, false); err != nil || sum.Before != nil {
		t.Errorf("after a part that was not taken the file is done: %+v, %v", sum, err)
	}
	if _, err := ask(false, true); err != nil {
		t.Error(err)
	}
	if sum, err := ask(true, true); err != nil || sum.Before == nil || sum.Before.By != "kim" || sum.Before.Rows != 4 {
		t.Errorf("the same file again: %+v, %v", sum, err)
	}
	if took != 6 || told != 1 {
		t.Errorf("%d rows were taken, told %d times", took, told)
	}
}
