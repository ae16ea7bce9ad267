package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// row is one line of the table.
type row struct {
	measure string
	got     string
	aim     string
	ceiling string
	over    bool    // the ceiling is passed: the run fails
	beside  bool    // the aim is missed
	worst   []sized // what to look at, largest first
}

// The sizes to hold.
const (
	aimFileMedian, aimFileP90, maxFile       = 140, 400, 800
	aimFuncMedian, aimFuncP90, maxFunc       = 9, 40, 100
	aimPackageP90, maxPackage                = 1500, 3000
	aimExported, maxExported                 = 6, 30
	aimTests, minTests                       = 1.0, 0.8
	aimComments, minComments                 = 15.0, 10.0
	aimDependencies, maxDependencies         = 35, 45
	formatRatio, formatShare, formatThree    = "%.2f", "%.1f %%", "%d / %d / %d"
	verdictOK, verdictBeside, verdictTooMuch = "ok", "over aim", "FAIL"
)

// rows puts the counts beside what they should be.
func (t *tree) rows() []row {
	return []row{
		three("file lines (non-test) median / p90 / max", t.files, aimFileMedian, aimFileP90, maxFile),
		three("function lines median / p90 / max", t.funcs, aimFuncMedian, aimFuncP90, maxFunc),
		t.packageRow(), t.exportedRow(), t.testRow(), t.commentRow(), t.namesRow(), t.dependencyRow(),
	}
}

// three is the row of a measure with a median, a ninth decile and a largest.
func three(measure string, all []sized, aimMedian, aimP90, ceiling int) row {
	med, p90, largest := quantile(all, 50), quantile(all, 90), quantile(all, 100)
	return row{
		measure: measure, got: fmt.Sprintf(formatThree, med, p90, largest),
		aim: fmt.Sprintf("%d / %d", aimMedian, aimP90), ceiling: fmt.Sprintf("%d for any one", ceiling),
		over: largest > ceiling, beside: med > aimMedian || p90 > aimP90, worst: largestFirst(all),
	}
}

func (t *tree) packageRow() row {
	p90, largest := quantile(t.packages, 90), quantile(t.packages, 100)
	return row{
		measure: "package lines p90 / max", got: fmt.Sprintf("%d / %d", p90, largest),
		aim: fmt.Sprint(aimPackageP90), ceiling: fmt.Sprint(maxPackage),
		over: largest > maxPackage, beside: p90 > aimPackageP90, worst: largestFirst(t.packages),
	}
}

func (t *tree) exportedRow() row {
	med, largest := quantile(t.exported, 50), quantile(t.exported, 100)
	return row{
		measure: "exported names per package median / max", got: fmt.Sprintf("%d / %d", med, largest),
		aim: fmt.Sprint(aimExported), ceiling: fmt.Sprint(maxExported),
		over: largest > maxExported, beside: med > aimExported, worst: largestFirst(t.exported),
	}
}

func (t *tree) testRow() row {
	ratio := share(t.test, t.code)
	return row{
		measure: "test : code", got: fmt.Sprintf(formatRatio, ratio),
		aim: fmt.Sprintf(formatRatio, aimTests), ceiling: fmt.Sprintf("not under "+formatRatio, minTests),
		over: ratio < minTests, beside: ratio < aimTests,
		worst: largestFirst(t.untested),
	}
}

func (t *tree) commentRow() row {
	percent := 100 * share(t.comments, t.code)
	return row{
		measure: "comment lines", got: fmt.Sprintf(formatShare, percent),
		aim: fmt.Sprintf(formatShare, aimComments), ceiling: fmt.Sprintf("not under "+formatShare, minComments),
		over: percent < minComments, beside: percent < aimComments, worst: largestFirst(t.silent),
	}
}

func (t *tree) namesRow() row {
	percent := 100.0
	if t.names > 0 {
		percent = 100 * share(t.names-len(t.uncommented), t.names)
	}
	return row{
		measure: "exported names with a comment", got: fmt.Sprintf(formatShare, percent),
		aim: "100 %", ceiling: "-", beside: len(t.uncommented) > 0, worst: t.uncommented,
	}
}

func (t *tree) dependencyRow() row {
	n := len(t.families)
	return row{
		measure: "direct dependencies by module family", got: fmt.Sprint(n),
		aim: fmt.Sprint(aimDependencies), ceiling: fmt.Sprint(maxDependencies),
		over: n > maxDependencies, beside: n > aimDependencies,
	}
}

// verdict is the last column.
func (r row) verdict() string {
	switch {
	case r.over:
		return verdictTooMuch
	case r.beside:
		return verdictBeside
	}
	return verdictOK
}

// printTable writes the verdict first, then the table, then the worst of what missed its aim. It tells whether every
// ceiling holds.
func printTable(w io.Writer, rows []row, top int) bool {
	over := 0
	cells := [][]string{{"MEASURE", "HERE", "AIM", "CEILING", ""}}
	for _, r := range rows {
		if r.over {
			over++
		}
		cells = append(cells, []string{r.measure, r.got, r.aim, r.ceiling, r.verdict()})
	}
	if over > 0 {
		fmt.Fprintf(w, "shape: %d of %d measures are over their ceiling\n", over, len(rows))
	} else {
		fmt.Fprintf(w, "shape: all %d ceilings hold\n", len(rows))
	}
	printCells(w, cells)
	for _, r := range rows {
		if r.verdict() == verdictOK || len(r.worst) == 0 || top <= 0 {
			continue
		}
		fmt.Fprintf(w, "\nlook at, for %s:\n", r.measure)
		for _, s := range r.worst[:min(top, len(r.worst))] {
			fmt.Fprintf(w, "  %s\n", s)
		}
		if rest := len(r.worst) - top; rest > 0 && r.over {
			fmt.Fprintf(w, "  (-top %d shows all)\n", len(r.worst))
		}
	}
	return over == 0
}

// String names the thing and, where it has one, its size.
func (s sized) String() string {
	if s.n == 0 {
		return s.where
	}
	return fmt.Sprintf("%5d  %s", s.n, s.where)
}

// printCells aligns columns with two blanks between them.
func printCells(w io.Writer, cells [][]string) {
	widths := make([]int, len(cells[0]))
	for _, line := range cells {
		for i, c := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	for _, line := range cells {
		var b strings.Builder
		for i, c := range line {
			fmt.Fprintf(&b, "%-*s  ", widths[i], c)
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

// quantile returns the smallest size that at least percent of all are not above (nearest rank); 0 of nothing.
func quantile(all []sized, percent int) int {
	if len(all) == 0 {
		return 0
	}
	sorted := largestFirst(all)
	slices.Reverse(sorted)
	rank := (len(sorted)*percent + 99) / 100
	return sorted[max(rank, 1)-1].n
}

// largestFirst returns a sorted copy.
func largestFirst(all []sized) []sized {
	out := slices.Clone(all)
	slices.SortFunc(out, func(a, b sized) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.where, b.where)) })
	return out
}

// share divides, and calls nothing of nothing a whole, so that an empty tree holds every floor.
func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}
