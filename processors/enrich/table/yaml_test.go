package table

import (
	"slices"
	"strings"
	"testing"
)

func TestReadYAML_Scalars(t *testing.T) {
	src, rows := Read(form, "a.yaml", []byte("- name: true\n  tags: [1, 2.50, ~, 'x']\n  level:\n"))
	if len(src.Faults) != 0 || len(rows) != 1 {
		t.Fatal(src.Faults)
	}
	if got := rows[0]["name"].Text(); got != "true" {
		t.Errorf("a truth is %q", got)
	}
	if got := rows[0]["tags"].Values; !slices.Equal(got, []string{"1", "2.50", "x"}) {
		t.Errorf("numbers are %q", got)
	}
	if got := rows[0]["level"].Text(); got != "" {
		t.Errorf("nothing is %q", got)
	}
}

func TestReadYAML_Documents(t *testing.T) {
	_, rows := Read(form, "a.yaml", []byte("- name: a\n---\n- name: b\n"))
	if len(rows) != 2 {
		t.Errorf("%d rows", len(rows))
	}
}

// FuzzRead: every row has the first column, no value comes from nowhere, and every fault has a place in the file.
func FuzzRead(f *testing.F) {
	f.Add("name,tags\na,b\n", true)
	f.Add("- name: a\n  tags: [x, y]\n", false)
	f.Add("- {name: [[a]], tags: {}}", false)
	f.Add("name\n\"a\n", true)
	f.Fuzz(func(t *testing.T, text string, csv bool) {
		name := "a.yaml"
		if csv {
			name = "a.csv"
		}
		src, rows := Read(form, name, []byte(text))
		for _, r := range rows {
			if _, ok := r["name"]; !ok {
				t.Errorf("a row without its first column: %v", r)
			}
		}
		for _, x := range src.Faults {
			if x.Code != "things-invalid" || !strings.HasPrefix(x.Where, name) || x.What == "" || x.Do == "" {
				t.Errorf("%+v", x)
			}
			if x.Mark > len([]rune(x.Text))+1 {
				t.Errorf("the caret is behind the line: %+v", x)
			}
		}
	})
}
