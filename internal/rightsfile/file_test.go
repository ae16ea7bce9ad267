package rightsfile

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"

	"weir/internal/fault"
)

var seoul = time.FixedZone("KST", 9*3600)

// options are those of a test: an importer, a zone and a time.
func options() Options {
	return Options{By: "kim", Zone: seoul, Now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
}

// cp949 is a text as Korean Windows writes it.
func cp949(t *testing.T, s string) []byte {
	t.Helper()
	b, err := korean.EUCKR.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParse_Success(t *testing.T) {
	tests := []struct {
		name string
		b    []byte
		o    func(*Options)
		want []string // documents
	}{
		{"changes", []byte("time,actor,action,target,system,right,note\n2026-11-19 10:00,admin7,grant,lee,crm,\"read; \"\"export\"\"\",n1\n"), nil,
			[]string{`{"import":{"by":"kim","file":"r.csv","sha256":"*","line":2,"time":"2026-11-19T10:00:00+09:00"},"row":{"action":"grant","actor":"admin7","note":"n1","right":"read; \"export\"","system":"crm","target":"lee","time":"2026-11-19 10:00"}}`}},
		{"a list of who holds what", []byte("user;system;role\r\nlee;crm;viewer\r\n\r\npark;crm;editor\r\n"), nil,
			[]string{`{"import":{"by":"kim","file":"r.csv","sha256":"*","line":2,"time":"2026-11-20T00:00:00Z","snapshot":true},"row":{"role":"viewer","system":"crm","user":"lee"}}`,
				`{"import":{"by":"kim","file":"r.csv","sha256":"*","line":4,"time":"2026-11-20T00:00:00Z","snapshot":true},"row":{"role":"editor","system":"crm","user":"park"}}`}},
		{"the system of all", []byte("user\trole\nlee\tviewer"), func(o *Options) { o.System = "erp" },
			[]string{`{"import":{"by":"kim","file":"r.csv","sha256":"*","line":2,"time":"2026-11-20T00:00:00Z","snapshot":true},"row":{"role":"viewer","system":"erp","user":"lee"}}`}},
		{"a list although it has an action", []byte("user,system,role,action\nlee,crm,viewer,x\n"), func(o *Options) { o.Snapshot = true },
			[]string{`{"import":{"by":"kim","file":"r.csv","sha256":"*","line":2,"time":"2026-11-20T00:00:00Z","snapshot":true},"row":{"action":"x","role":"viewer","system":"crm","user":"lee"}}`}},
		{"Korean, with a mark before it", []byte("\ufeff변경일시,처리자,구분,사용자,시스템,권한\n2026. 11. 19. 오후 3:00:00,관리자,부여,이,고객,조회\n"), nil,
			[]string{`{"import":{"by":"kim","file":"r.csv","sha256":"*","line":2,"time":"2026-11-19T15:00:00+09:00"},"row":{"구분":"부여","권한":"조회","변경일시":"2026. 11. 19. 오후 3:00:00","사용자":"이","시스템":"고객","처리자":"관리자"}}`}},
		{"two columns of one meaning", []byte("대상자,account,system,role\nlee,lee2,crm,viewer\n"), nil,
			[]string{`{"import":{"by":"kim","file":"r.csv","sha256":"*","line":2,"time":"2026-11-20T00:00:00Z","snapshot":true},"row":{"account":"lee2","role":"viewer","system":"crm","대상자":"lee"}}`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options()
			if tt.o != nil {
				tt.o(&o)
			}
			f, faults := Parse("/tmp/r.csv", tt.b, o)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			if len(f.Rows) != len(tt.want) {
				t.Fatalf("%d rows, want %d", len(f.Rows), len(tt.want))
			}
			for i, w := range tt.want {
				if w = strings.Replace(w, "*", f.SHA256, 1); string(f.Rows[i].Doc) != w {
					t.Errorf("row %d is %s\nwant %s", i+1, f.Rows[i].Doc, w)
				}
			}
		})
	}
}

func TestParse_CP949(t *testing.T) {
	text := "변경일시,처리자,구분,사용자,시스템,권한\n2026-11-19 10:00,관리자,부여,이순신,고객,조회\n"
	f, faults := Parse("r.csv", cp949(t, text), options())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	u, faults := Parse("r.csv", []byte(text), options())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if f.Charset != "cp949" || u.Charset != "utf-8" || f.SHA256 == u.SHA256 {
		t.Errorf("the files are %s and %s", f.Charset, u.Charset)
	}
	var a, b struct{ Row map[string]string }
	if json.Unmarshal(f.Rows[0].Doc, &a) != nil || json.Unmarshal(u.Rows[0].Doc, &b) != nil || fmt.Sprint(a.Row) != fmt.Sprint(b.Row) {
		t.Errorf("the rows differ: %v %v", a.Row, b.Row)
	}
}

func TestParse_Failure(t *testing.T) {
	tests := []struct {
		name string
		b    []byte
		want []string // where and what of each fault
	}{
		{"nothing", nil, []string{"r.csv: the file is empty"}},
		{"no rows", []byte("user,system,role\n"), []string{"r.csv: the file has no rows"}},
		{"no such columns", []byte("a,b\n1,2\n"), []string{"r.csv:1:1: no column says whose rights these are", "r.csv:1:1: no column says which right it is", "r.csv:1:1: no column says which system the rights are for"}},
		{"changes without a time", []byte("user,system,old,new\nlee,crm,a,b\n"), []string{"r.csv:1:1: no column says when the rights were changed"}},
		{"a column without a name", []byte("user,system,,role\nlee,crm,x,viewer\n"), []string{"r.csv:1:13: a column without a name"}},
		{"a cell too many", []byte("user,system,role\nlee,crm,viewer,x\n"), []string{"r.csv:2:16: the row has 4 cells and there are 3 columns"}},
		{"empty cells", []byte("user,system,role\n,crm,viewer\nlee,crm,\n"), []string{"r.csv:2:1: the row does not say whose right it is", "r.csv:3:9: the row does not say which right it is"}},
		{"no time", []byte("time,user,system,role,action\nsoon,lee,crm,viewer,grant\n,lee,crm,viewer,grant\n"), []string{"r.csv:2:1: the cell is no time", "r.csv:3:1: the row does not say when the right was changed"}},
		{"a quote that is open", []byte("user,system,role\nlee,\"crm,viewer\npark,x,y\n"), []string{"r.csv:2:5: a quote is never closed"}},
		{"text behind a quote", []byte("user,system,role\nlee,\"cr\"m,viewer\n"), []string{"r.csv:2:5: there is text behind the closing quote of a cell"}},
		{"no charset of ours", []byte("user,system,role\nlee,crm,\xff\xff\n"), []string{"r.csv:2: the file is neither UTF-8 nor CP949"}},
		{"columns in characters", []byte("사용자,시스템,권한,변경일시,구분\n이순신,고객,조회,언젠가,부여\n"), []string{"r.csv:2:11: the cell is no time"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, faults := Parse("r.csv", tt.b, options())
			if f != nil {
				t.Error("a file with mistakes is no file")
			}
			var got []string
			for _, e := range faults {
				got = append(got, e.Where+": "+e.What)
				if e.Exit != fault.ExitUsage || e.Mark > utf8.RuneCountInString(e.Text)+1 || e.Text != "" && e.Mark < 1 {
					t.Errorf("the fault points at %d+%d of %q", e.Mark, e.Width, e.Text)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("the faults are %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestParse_ManyFaults(t *testing.T) {
	_, faults := Parse("r.csv", []byte("user,system,role\n"+strings.Repeat("lee,crm,\n", 1000)), options())
	if len(faults) != maxFaults+1 {
		t.Errorf("%d faults, want %d and a last one", len(faults), maxFaults)
	}
}

func TestRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "r.csv")
	if _, faults := Read(name, options()); len(faults) != 1 || faults[0].Code != "rights-file" || faults[0].Why != "no such file or directory" {
		t.Errorf("a file that is not there: %v", faults)
	}
	if err := os.WriteFile(name, []byte("user,system,role,비고\nlee,crm,viewer,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, faults := Read(name, options())
	if len(faults) > 0 || f.Name != "r.csv" || len(f.Rows) != 1 || fmt.Sprint(f.Unknown) != "[비고]" || !f.Snapshot {
		t.Errorf("the file is %+v %v", f, faults)
	}
	if _, faults := Read(filepath.Dir(name), options()); len(faults) != 1 {
		t.Errorf("a folder: %v", faults)
	}
}

// FuzzParse holds that every file is taken or refused with places inside of it, and that of a file that is taken every row
// is a document, in the order of the lines.
func FuzzParse(f *testing.F) {
	f.Add([]byte("time,actor,action,target,system,right\n2026-11-19 10:00,a,grant,lee,crm,\"x\ny\"\n"))
	f.Add([]byte("user;system;role\r\nlee;crm;viewer"))
	f.Add([]byte("\xb1\xe8,a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, faults := Parse("r.csv", b, options())
		if (file == nil) == (len(faults) == 0) {
			t.Fatal("neither a file nor a fault, or both")
		}
		for _, e := range faults {
			if n := utf8.RuneCountInString(e.Text); e.Mark > n+1 || e.Mark < 0 {
				t.Fatalf("the fault points at %d of %q", e.Mark, e.Text)
			}
		}
		last := int64(0)
		if file != nil {
			for _, row := range file.Rows {
				if !json.Valid(row.Doc) || row.Line <= last {
					t.Fatalf("line %d after %d: %s", row.Line, last, row.Doc)
				}
				last = row.Line
			}
		}
	})
}
