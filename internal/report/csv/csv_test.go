package csv

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/report/doc"
)

// unzip returns the files of an archive by name, and their names in order.
func unzip(t testing.TB, b []byte) (map[string]string, []string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var names []string
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !f.Modified.Equal(time.Date(2026, 12, 3, 8, 0, 0, 0, time.UTC)) {
			t.Errorf("%s is of %s", f.Name, f.Modified)
		}
		out[f.Name] = string(text)
		names = append(names, f.Name)
	}
	return out, names
}

// sample is a report with everything that tables can have.
func sample() *doc.Document {
	return &doc.Document{
		Kind: "sources", Lang: "ko", Title: "로그 소스", Period: "2026년 11월", Created: time.Date(2026, 12, 3, 8, 0, 1, 0, time.UTC), Meta: []doc.Pair{{Name: "작성", Value: "weir"}},
		Blocks: []doc.Block{
			{Heading: "1. 요약", Text: []string{"가, \"나\""}, Notes: []string{"checked: never"}, Table: &doc.Table{Name: "Sources of/all", Columns: []doc.Column{{Head: "소스"}, {Head: "건수"}},
				Rows: [][]doc.Cell{{{Text: "=cmd|' /C calc'!A0", Link: "https://x/?q=a"}, {Text: "-1,204", Mark: "warn"}}, {{Text: "김민수, \"a\"\n"}, {Text: "3", Mark: "bad"}}}}},
			{Table: &doc.Table{Name: "", Columns: []doc.Column{{Head: "a"}}, Empty: "none"}, Bars: &doc.Bars{Title: "일", Labels: []string{"1", "2"}, Values: []int64{7, 8}}},
		},
	}
}

// TestWrite: a file for each table, in the order of the report, that a spreadsheet reads as it was meant.
func TestWrite(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, sample(), Options{}); err != nil {
		t.Fatal(err)
	}
	files, names := unzip(t, b.Bytes())
	if want := []string{"00-report.csv", "01-sources-of-all.csv", "02-table.csv", "03-bars.csv"}; !slices.Equal(names, want) {
		t.Fatalf("files %v, want %v", names, want)
	}
	for name, want := range map[string]string{
		"00-report.csv":         "\ufefftitle,로그 소스\r\nperiod,2026년 11월\r\ncreated,2026-12-03T08:00:01Z\r\n작성,weir\r\nheading,1. 요약\r\ntext,\"가, \"\"나\"\"\"\r\nnote,checked: never\r\n",
		"01-sources-of-all.csv": "\ufeff소스,건수,mark,link\r\n'=cmd|' /C calc'!A0,\"-1,204\",warn,https://x/?q=a\r\n\"김민수, \"\"a\"\"\\n\",3,bad,\r\n",
		"02-table.csv":          "\ufeffa\r\n",
		"03-bars.csv":           "\ufefflabel,일\r\n1,7\r\n2,8\r\n",
	} {
		if files[name] != want {
			t.Errorf("%s:\n%q\nwant\n%q", name, files[name], want)
		}
	}
	var again bytes.Buffer
	if err := Write(&again, sample(), Options{}); err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) {
		t.Errorf("written again it is another file (%v)", err)
	}
	again.Reset()
	if err := Write(&again, sample(), Options{NoBOM: true}); err != nil {
		t.Fatal(err)
	}
	if files, _ := unzip(t, again.Bytes()); strings.Contains(files["03-bars.csv"], mark) {
		t.Error("the mark is there although nobody wants it")
	}
}

// full is a disk without room.
type full struct{ room int }

// Write implements io.Writer.
func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// TestWrite_error: at whatever byte the disk is full, it is said.
func TestWrite_error(t *testing.T) {
	for _, room := range []int{0, 40, 200, 500} {
		if err := Write(&full{room}, sample(), Options{}); err == nil {
			t.Errorf("%d bytes of room: no error", room)
		}
	}
}

// TestGuard: nothing that a spreadsheet would run, and everything else as it is.
func TestGuard(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "root": "root", "-": "-", "-5": "-5", "+1,204.5": "+1,204.5", "1,204": "1,204", "2026-11-03": "2026-11-03", "가=나": "가=나",
		"=1+1": "'=1+1", "+cmd": "'+cmd", "-2+3": "'-2+3", "@SUM(A1)": "'@SUM(A1)", "\t=1": `\t=1`, " =1": "' =1", "\u3000=1": "'\u3000=1", "＝1": "'＝1", "|x": "'|x", "%x": "'%x", "--": "'--", "\r=x": `\r=x`,
		"a\u202eb": `a\u202eb`, "\x00": `\x00`, strings.Repeat("a", maxCell+5): strings.Repeat("a", maxCell-1) + "…",
	} {
		if got := Guard(in); got != want {
			t.Errorf("%.20q: %.40q, want %.40q", in, got, want)
		}
	}
}

// FuzzWrite: whatever a cell holds, the file has as many rows and columns as the table, and no cell begins with what a
// spreadsheet works out.
func FuzzWrite(f *testing.F) {
	for _, s := range []string{"", "=1", "\"", "a,b\r\n", "\x00", "\xff", "김", "' =x", "-1", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := sample()
		d.Blocks[0].Table.Rows[0][0].Text, d.Blocks[0].Table.Columns[1].Head = s, s
		var b bytes.Buffer
		if err := Write(&b, d, Options{NoBOM: true}); err != nil {
			t.Fatal(err)
		}
		files, _ := unzip(t, b.Bytes())
		rows, err := csv.NewReader(strings.NewReader(files["01-sources-of-all.csv"])).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, row := range rows {
			for _, c := range row {
				if strings.ContainsAny(c, "\x00\r\n\t") || c != "" && strings.ContainsRune("=+@", []rune(c)[0]) && !number(c) {
					t.Errorf("cell %q", c)
				}
			}
		}
	})
}
