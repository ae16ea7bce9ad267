package doc

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// TestDocument: a document is plain data: it survives JSON, which is how it would leave the process, and a copy that is
// changed leaves the first as it was only where nothing is shared on purpose.
func TestDocument(t *testing.T) {
	d := Document{
		Kind: "sources", Lang: "ko", Title: "로그 소스", Period: "2026년 11월", Created: time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC),
		Meta: []Pair{{"작성", "weir"}},
		Blocks: []Block{{
			Heading: "a", Level: 1, Text: []string{"t"}, Notes: []string{"n"},
			Table: &Table{Name: "x", Columns: []Column{{Head: "h", Right: true, Width: 0.5}}, Rows: [][]Cell{{{Text: "1", Link: "https://x/", Mark: "bad"}}}, Empty: "none"},
			Bars:  &Bars{Title: "b", Labels: []string{"1"}, Values: []int64{2}},
		}},
		Footer: "f", Facts: map[string]any{"n": "1"},
	}
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var got Document
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, d) {
		t.Errorf("got\n%+v\nwant\n%+v", got, d)
	}
}

// TestTable_shape: every row that a builder makes has to have a cell a column; the zero table has neither.
func TestTable_shape(t *testing.T) {
	for _, c := range []struct {
		name string
		t    Table
		want bool
	}{
		{"nothing", Table{}, true},
		{"as many", Table{Columns: make([]Column, 2), Rows: [][]Cell{make([]Cell, 2)}}, true},
		{"too few", Table{Columns: make([]Column, 2), Rows: [][]Cell{make([]Cell, 2), make([]Cell, 1)}}, false},
		{"too many", Table{Columns: make([]Column, 1), Rows: [][]Cell{make([]Cell, 2)}}, false},
	} {
		if got := c.t.Whole(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
