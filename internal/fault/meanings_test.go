package fault_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weir/internal/fault"
	"weir/internal/testkit"
)

// codePatterns find codes where faults are made.
var codePatterns = []*regexp.Regexp{
	regexp.MustCompile(`\bCode:\s*"([a-z0-9-]+)"`),
	regexp.MustCompile(`\.Code(?:, \w+(?:\.\w+)?)* = "([a-z0-9-]+)"`),
	// Helpers that take the code as an argument: all codes of rules and expressions begin alike.
	regexp.MustCompile(`"((?:rule|rules|expr|kql|list|config|port|disk|archive|bus|alert|format|inventory)-[a-z]+(?:-[a-z]+)*)"`),
}

// notCodes look like codes to the last pattern and are none.
var notCodes = []string{"rule-set", "archive-sink", "archive-export", "archive-verify"}

// TestMeanings_Complete: every code that is used anywhere is explained.
func TestMeanings_Complete(t *testing.T) {
	known := map[string]bool{}
	for _, m := range fault.Meanings() {
		known[m.Code] = true
	}
	used := map[string]string{}
	root := testkit.Root(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && strings.HasPrefix(name, ".") || name == "testdata" || name == "testkit" || name == "tools" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "fields_gen.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i, p := range codePatterns {
			if i == len(codePatterns)-1 && !strings.Contains(string(src), "fault.") {
				continue
			}
			for _, m := range p.FindAllStringSubmatch(string(src), -1) {
				if !slices.Contains(notCodes, m[1]) {
					used[m[1]] = path
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for code, path := range used {
		if !known[code] {
			t.Errorf("%s of %s has no entry in internal/fault/meanings.go", code, path)
		}
	}
	if len(used) < 30 {
		t.Errorf("only %d codes found: the patterns are stale", len(used))
	}
}

func TestMeanings_WellFormed(t *testing.T) {
	last := ""
	for _, m := range fault.Meanings() {
		if m.Code <= last {
			t.Errorf("%s twice or out of order", m.Code)
		}
		last = m.Code
		if m.Short == "" || m.Why == "" || m.Do == "" || strings.HasSuffix(m.Short, ".") || strings.HasSuffix(m.Why, ".") {
			t.Errorf("%s: incomplete or with a full stop: %+v", m.Code, m)
		}
		if m.Exit < fault.ExitOK || m.Exit > fault.ExitMissing {
			t.Errorf("%s: exit %d", m.Code, m.Exit)
		}
	}
}

// TestMeanings_voice: a code is an address and a sentence is plain: lower case, no shouting, no Go in it.
func TestMeanings_voice(t *testing.T) {
	slug := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, m := range fault.Meanings() {
		if !slug.MatchString(m.Code) {
			t.Errorf("%q is no slug", m.Code)
		}
		for _, text := range []string{m.Short, m.Why, m.Do} {
			if strings.ContainsAny(text, "!\n\t") || strings.Contains(text, "%") || strings.Contains(text, "err") && !strings.Contains(text, "error") {
				t.Errorf("%s: %q", m.Code, text)
			}
		}
		name, _, _ := strings.Cut(m.Short, " ")
		if first := m.Short[:1]; first != strings.ToLower(first) && !slices.Contains([]string{"AWS", "Elasticsearch", "Kafka", "Kibana"}, name) {
			t.Errorf("%s: %q begins with a capital", m.Code, m.Short)
		}
	}
}
