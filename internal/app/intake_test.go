package app

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"weir/internal/control/intake"
	"weir/internal/fault"
)

// importRows are rows of a file, in lines from 2.
func importRows(sha string, n int) []intake.Row {
	rows := make([]intake.Row, n)
	for i := range rows {
		rows[i] = intake.Row{Line: int64(i + 2), Doc: fmt.Appendf(nil, `{"import":{"by":"kim","file":"r.csv","sha256":%q,"line":%d,"time":"2026-11-20T00:00:00Z"},"row":{"actor":"admin7","action":"grant","target":"user%d","system":"crm","right":"read"}}`, sha, i+2, i)}
	}
	return rows
}

func TestImportBatch_Failure(t *testing.T) {
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
			if _, err := importBatch(r, time.Now()); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("the error is %v, want %s", err, tt.want)
			}
		})
	}
	batch, err := importBatch(good(), time.Unix(1, 0))
	if err != nil || batch[1].Key != "import/"+sha || batch[1].Line != 3 || batch[1].Input != inputImport {
		t.Errorf("%+v, %v", batch, err)
	}
}

func TestImport_NoDoor(t *testing.T) {
	a := &App{folder: &folder{path: t.TempDir()}}
	if _, err := (&live{a}).Import(t.Context(), intake.Request{}); fault.Code(err) != "stage-elsewhere" {
		t.Errorf("the error is %v", err)
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
