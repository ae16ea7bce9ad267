package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"weir/internal/fault"
	"weir/internal/testkit"
	"weir/processors/parse"
	"weir/processors/parse/format"
	"weir/processors/parse/format/expression"
	"weir/processors/parse/formats"
	"weir/processors/parse/formattest"
)

// formatsPage is the page about formats.
func formatsPage(t *testing.T) page {
	t.Helper()
	const name = "docs/formats.md"
	text, err := os.ReadFile(filepath.Join(testkit.Root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return page{name, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")}
}

// loadBlock loads a block of YAML as what it is: a whole format, ways of being recognised, or steps.
func loadBlock(text string) (*format.Set, error) {
	const head = "dataset: corvid_gate.page\ntitle: A page\n"
	switch {
	case strings.HasPrefix(text, "dataset:"):
	case strings.HasPrefix(text, "- programs:"):
		text = head + "match:\n" + text
	default:
		text = head + "steps:\n" + text
	}
	set, faults := format.Load(format.Source{Name: "shipped", FS: formats.FS()}, format.Source{Name: "page", FS: fstest.MapFS{"page.yaml": {Data: []byte(text)}}})
	faults = slices.DeleteFunc(faults, func(e *fault.Error) bool { return !strings.Contains(e.Error(), "page/page.yaml") })
	if len(faults) > 0 {
		return set, faults
	}
	return set, nil
}

// checkFormat loads a block and runs its tests. It says how many whole formats it has.
func checkFormat(t *testing.T, b block) (whole int) {
	t.Helper()
	set, err := loadBlock(b.text)
	if err != nil {
		t.Errorf("%s: %v", b.where, err)
		return 0
	}
	for _, f := range set.Of("corvid_gate.log") {
		whole++
		r, err := formattest.New(parse.Options{Formats: set})
		if err != nil {
			t.Fatal(err)
		}
		for _, res := range r.Run(f) {
			if len(res.Problems) > 0 || res.Recognised != f.Dataset {
				t.Errorf("%s, test %q: %+v, recognised as %s", b.where, res.Name, res.Problems, res.Recognised)
			}
		}
	}
	return whole
}

// TestFormatsPage loads every block of YAML, and runs the tests of those that are whole formats.
func TestFormatsPage(t *testing.T) {
	p := formatsPage(t)
	whole := 0
	for _, b := range p.blocks() {
		if b.language == "yaml" {
			whole += checkFormat(t, b)
		}
	}
	if whole < 2 || !strings.HasPrefix(p.lines[2], "For ") {
		t.Errorf("%d whole formats on the page, which begins with %q", whole, p.lines[2])
	}
}

// TestFormatsPage_IsWhole: each kind of step has an example, and each function and key of a format is named.
func TestFormatsPage_IsWhole(t *testing.T) {
	p := formatsPage(t)
	examples := ""
	for _, b := range p.blocks() {
		if b.language == "yaml" {
			examples += b.text
		}
	}
	var steps []string
	for _, k := range format.Kinds() {
		if !regexp.MustCompile(`(?m)(^\s*- |^\s+|[{,] ?)`+k.Name+`: `).MatchString(examples) && !strings.Contains(examples, k.Name+":\n") {
			steps = append(steps, k.Name)
		}
	}
	if len(steps) > 0 {
		t.Errorf("steps without an example: %v", steps)
	}
	text := strings.Join(p.lines, "\n")
	for _, name := range expression.Functions() {
		if !strings.Contains(text, "`"+name+"(") && !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the function %s is not on the page", name)
		}
	}
	for _, key := range []string{"dataset", "id", "title", "observer", "root", "header", "match", "empty", "zone", "charset", "split", "keep_message", "steps", "tests"} {
		if !strings.Contains(text, "\n| `"+key+"` |") {
			t.Errorf("the key %s is not in the table of a file", key)
		}
	}
}
