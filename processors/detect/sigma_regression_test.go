package detect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
	"weir/rules"
)

// regressionCase is one case of SigmaHQ's regression data: events, and the rule that must find so many of them.
type regressionCase struct {
	rule   string // id
	folder string
	// atLeast is how many events the rule must match: the data counts too few in some cases, never too many.
	atLeast int
	lines   [][]byte
}

// regressionCases reads every case of the data.
func regressionCases(t testing.TB) []regressionCase {
	t.Helper()
	root := filepath.Join(testkit.Shared(t), "data", "sigma", "regression")
	index, err := os.ReadFile(filepath.Join(root, "index.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var out []regressionCase
	for line := range bytes.SplitSeq(bytes.TrimSpace(index), []byte("\n")) {
		var row struct {
			Case    string
			RuleIDs []string `json:"rule_ids"`
			Tests   []struct {
				Count int `json:"match_count"`
			}
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		for _, id := range row.RuleIDs {
			c := regressionCase{rule: id, folder: strings.TrimPrefix(row.Case, "regression_data/")}
			for _, test := range row.Tests {
				c.atLeast += max(test.Count, 1) // where nothing is said, one is the least
			}
			if c.lines, err = caseLines(filepath.Join(root, filepath.FromSlash(c.folder))); err != nil {
				t.Fatal(err)
			}
			out = append(out, c)
		}
	}
	return out
}

// caseLines returns the events of a case, one a line: .json files hold documents one after the other, .raw files lines.
func caseLines(folder string) ([][]byte, error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var lines [][]byte
	for _, f := range files {
		path := filepath.Join(folder, f.Name())
		switch filepath.Ext(path) {
		case ".json":
			err = documents(path, func(doc []byte) {
				var b bytes.Buffer
				if json.Compact(&b, doc) == nil {
					lines = append(lines, b.Bytes())
				}
			})
		case ".raw":
			var content []byte
			content, err = os.ReadFile(path)
			lines = append(lines, bytes.Split(bytes.TrimSpace(content), []byte("\n"))...)
		}
		if err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// TestSigma_Regression: in every case of SigmaHQ's regression data the rule of the case finds its events, with all rules
// loaded, and what else finds them is known and right.
func TestSigma_Regression(t *testing.T) {
	t.Parallel()
	en := realEngine(t, sigmaHQ(t))
	cases := regressionCases(t)
	if len(cases) < 114 {
		t.Fatalf("only %d cases", len(cases))
	}
	r, e := windowsReader(), new(event.Event)
	others := map[string]bool{}
	for _, c := range cases {
		found := map[string]int{}
		for i, line := range c.lines {
			if err := r.Read(line, e); err != nil {
				t.Errorf("%s, event %d: %v", c.folder, i+1, err)
				continue
			}
			en.Hits(e, func(rule *rules.Rule, _ string) { found[rule.ID]++ })
		}
		if found[c.rule] < c.atLeast {
			t.Errorf("%s: the rule %s finds %d of %d events, and should %d", c.folder, c.rule, found[c.rule], len(c.lines), c.atLeast)
		}
		for id, n := range found {
			if id != c.rule {
				others[fmt.Sprintf("%s\t%s\t%d", c.rule, id, n)] = true
			}
		}
	}
	sameRows(t, others, reviewed(t, "sigma-regression.tsv", "wider", "narrower", "beside", "general", "chance"))
}

// reviewed returns the rows of a table of matches without their last column, which says why a match is right, in one of
// the words given.
func reviewed(t *testing.T, name string, words ...string) map[string]bool {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		i := strings.LastIndexByte(line, '\t')
		if i < 0 || !slices.Contains(words, line[i+1:]) {
			t.Errorf("%s: no reason of %v in %q", name, words, line)
			continue
		}
		if out[line[:i]] {
			t.Errorf("%s: %q is there twice", name, line)
		}
		out[line[:i]] = true
	}
	return out
}

// sameRows tells which matches came that nobody has looked at, and which did not come.
func sameRows(t *testing.T, got, want map[string]bool) {
	t.Helper()
	for _, row := range slices.Sorted(maps.Keys(got)) {
		if !want[row] {
			t.Errorf("new, to be read by hand: %s", row)
		}
	}
	for _, row := range slices.Sorted(maps.Keys(want)) {
		if !got[row] {
			t.Errorf("did not come: %s", row)
		}
	}
}
