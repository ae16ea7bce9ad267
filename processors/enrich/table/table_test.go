package table

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
)

var form = Form{Prefix: "things", File: "list of things", Row: "thing", Key: "some.key", Columns: []string{"name", "tags", "level", "valid_from", "valid_to"}}

// places writes the faults of a source in one line each.
func places(s *Source) string {
	var out []string
	for _, f := range s.Faults {
		out = append(out, strings.TrimPrefix(f.Error(), "t/"))
	}
	return strings.Join(out, ";")
}

func TestRead(t *testing.T) {
	for _, tt := range []struct{ name, file, text, rows, faults string }{
		{"CSV", "t/a.csv", "\ufeffName,tags\n# nobody\na,\"x y;z\"\n\"b, c\",\n", "a:x,y,z|b, c:", ""},
		{"YAML", "t/a.yaml", "- name: a\n  tags: [x y, z]\n- {name: 10}\n", "a:x,y,z|10:", ""},
		{"nothing", "t/a.csv", "", "", ""},
		{"no rows", "t/a.yml", "# nothing\n", "", ""},
		{"unknown column", "t/a.csv", "name,tag\na,x\n", "a:", `a.csv:1:6: unknown column "tag"`},
		{"unknown key", "t/a.yaml", "- name: a\n  zzz: 1\n", "a:", `a.yaml:2:3: unknown column "zzz"`},
		{"a row goes on after a bad one", "t/a.csv", "name\na,b\nc\n", "c:", "a.csv:2:3: the line has 2 values for 1 columns"},
		{"no first column", "t/a.csv", "tags\nx\n", ":x", "a.csv:1:1: there is no column name"},
		{"no list", "t/a.yaml", "name: a\n", "", "a.yaml:1:1: the list of things is not a list of things"},
		{"lists within lists", "t/a.yaml", "- name: a\n  tags: [[[[[[x]]]]]]\n", "a:", "a.yaml:2:13: lists within lists"},
		{"an alias", "t/a.yaml", "- name: &x a\n- name: *x\n", ":|:", "a.yaml:1:9: the value is not a text or a list of texts;a.yaml:2:9: the value is not a text or a list of texts"},
		{"another ending", "t/a.txt", "x", "", "a.txt: the list of things is a .txt file"},
		{"no ending", "t/a", "x", "", "a: the list of things is a nameless kind of file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src, rows := Read(form, tt.file, []byte(tt.text))
			var got []string
			for _, r := range rows {
				got = append(got, r["name"].Text()+":"+strings.Join(r["tags"].Words(), ","))
			}
			if strings.Join(got, "|") != tt.rows || places(src) != tt.faults {
				t.Errorf("rows %q\nfaults %q", strings.Join(got, "|"), places(src))
			}
			if (src.Err() == nil) != (tt.faults == "") {
				t.Errorf("%v", src.Err())
			}
		})
	}
}

// TestFault: a fault has the line, a caret under the value, and the name that was meant.
func TestFault(t *testing.T) {
	src, _ := Read(form, "a.csv", []byte("name,tgas\r\n"))
	f := src.Faults[0]
	if f.Code != "things-invalid" || f.Text != "name,tgas" || f.Mark != 6 || f.Width != 4 || f.Do != "did you mean `tags`?" {
		t.Errorf("%+v", f)
	}
	src, rows := Read(form, "a.csv", []byte("name,level\n서버,높음\n"))
	if src.OneOf(rows[0], "level", "low", "high"); len(src.Faults) != 1 || src.Faults[0].Mark != 4 || src.Faults[0].Width != 2 {
		t.Errorf("%+v", src.Faults)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	src, rows, err := Load(form, filepath.Join(dir, "none.csv"))
	if err != nil || len(rows) != 0 || src.Err() != nil {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, _, err = Load(form, dir); fault.Code(err) != "things-unreadable" {
		t.Errorf("a folder: %v", err)
	}
	path := filepath.Join(dir, "a.csv")
	if err := os.WriteFile(path, []byte("name\na\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, rows, err = Load(form, path); err != nil || len(rows) != 1 {
		t.Errorf("%v %v", rows, err)
	}
}

func TestValidity(t *testing.T) {
	seoul := time.FixedZone("", 9*3600)
	for _, tt := range []struct{ name, from, to, wantFrom, wantTo, faults string }{
		{"none", "", "", "", "", ""},
		{"days", "2024-05-01", "2024-05-31", "2024-04-30T15:00:00Z", "2024-05-31T15:00:00Z", ""},
		{"times", "2024-05-01T10:00:00Z", "2024-05-01T11:00:00+01:00", "2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z", "a.csv:2:26: it ends before it begins"},
		{"one day", "2024-05-01", "2024-05-01", "2024-04-30T15:00:00Z", "2024-05-01T15:00:00Z", ""},
		{"no date", "31.5.2024", "", "", "", `a.csv:2:5: "31.5.2024" is no date`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src, rows := Read(form, "a.csv", []byte("name,valid_from,valid_to\nabc,"+tt.from+","+tt.to+"\n"))
			from, to := src.Validity(rows[0], seoul)
			show := func(ns int64) string {
				if ns == 0 {
					return ""
				}
				return time.Unix(0, ns).UTC().Format(time.RFC3339)
			}
			if show(from) != tt.wantFrom || show(to) != tt.wantTo || places(src) != tt.faults {
				t.Errorf("%s to %s, %s", show(from), show(to), places(src))
			}
		})
	}
	for _, tt := range []struct {
		a, b, c, d int64
		want       bool
	}{{0, 0, 0, 0, true}, {0, 5, 5, 0, false}, {0, 6, 5, 0, true}, {5, 9, 1, 5, false}, {5, 9, 1, 6, true}, {5, 0, 1, 3, false}} {
		if Overlap(tt.a, tt.b, tt.c, tt.d) != tt.want || Overlap(tt.c, tt.d, tt.a, tt.b) != tt.want {
			t.Errorf("%+v", tt)
		}
	}
}
