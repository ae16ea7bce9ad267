package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestQuantile(t *testing.T) {
	var ten []sized
	for i := range 10 {
		ten = append(ten, sized{fmt.Sprint(i), i + 1})
	}
	for _, tc := range []struct {
		name    string
		all     []sized
		percent int
		want    int
	}{
		{"nothing", nil, 50, 0},
		{"one", ten[4:5], 90, 5},
		{"median of ten", ten, 50, 5},
		{"p90 of ten", ten, 90, 9},
		{"largest", ten, 100, 10},
	} {
		if got := quantile(tc.all, tc.percent); got != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, got, tc.want)
		}
	}
}

// good is a tree in which every ceiling and every aim holds.
func good() *tree {
	return &tree{
		files: []sized{{"a/a.go", 100}}, funcs: []sized{{"a/a.go:3 F", 8}},
		packages: []sized{{"a", 100}}, exported: []sized{{"a", 4}},
		code: 100, test: 110, comments: 20, names: 4, families: []string{"golang.org/x"},
	}
}

func TestCeilings(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*tree)
		fails  string // the measure that must fail, "" if none
		beside string // the measure that must miss its aim
	}{
		{"all good", func(*tree) {}, "", ""},
		{"a file of 800", func(t *tree) { t.files = append(t.files, sized{"big.go", 800}) }, "", "file lines"},
		{"a file of 801", func(t *tree) { t.files = append(t.files, sized{"big.go", 801}) }, "file lines", ""},
		{"a function of 101", func(t *tree) { t.funcs[0].n = 101 }, "function lines", ""},
		{"a package of 3001", func(t *tree) { t.packages[0].n = 3001 }, "package lines", ""},
		{"31 exported names", func(t *tree) { t.exported[0].n = 31 }, "exported names per package", ""},
		{"too few tests", func(t *tree) { t.test = 79 }, "test : code", ""},
		{"just enough tests", func(t *tree) { t.test = 80 }, "", "test : code"},
		{"too few comments", func(t *tree) { t.comments = 9 }, "comment lines", ""},
		{"a name without comment", func(t *tree) { t.uncommented = []sized{{"a/a.go:3 F", 0}} }, "", "exported names with a comment"},
		{"46 dependencies", func(t *tree) { t.families = make([]string, 46) }, "direct dependencies", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tree := good()
			tc.change(tree)
			var out strings.Builder
			ok := printTable(&out, tree.rows(), 5)
			if ok != (tc.fails == "") {
				t.Errorf("ok is %v\n%s", ok, out.String())
			}
			for line := range strings.SplitSeq(out.String(), "\n") {
				if strings.HasSuffix(line, verdictTooMuch) != (tc.fails != "" && strings.HasPrefix(line, tc.fails)) {
					t.Errorf("wrong verdict in %q", line)
				}
				if tc.beside != "" && strings.HasPrefix(line, tc.beside+" ") && !strings.Contains(line, verdictBeside) {
					t.Errorf("the missed aim is not marked in %q", line)
				}
			}
		})
	}
}

func TestTableSaysVerdictFirstAndNamesTheWorst(t *testing.T) {
	tree := good()
	for i := range 7 {
		tree.funcs = append(tree.funcs, sized{fmt.Sprintf("a/a.go:%d Long", i), 101 + i})
	}
	var out strings.Builder
	printTable(&out, tree.rows(), 2)
	got := out.String()
	if !strings.HasPrefix(got, "shape: 1 of 8 measures are over their ceiling\n") {
		t.Errorf("the verdict is not first:\n%s", got)
	}
	for _, want := range []string{"  107  a/a.go:6 Long\n", "  106  a/a.go:5 Long\n", "(-top 8 shows all)"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "a/a.go:4 Long") {
		t.Errorf("more than two of the worst:\n%s", got)
	}
}
