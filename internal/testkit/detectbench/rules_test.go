package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"weir/rules"
)

const rule = `title: T
id: 11111111-2222-4333-8444-555555555555
status: test
level: low
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: '\powershell.exe'
    CommandLine|contains|all: [' -EncodedCommand ', 'bypass']
    EventID: 1
    ParentCommandLine|re: 'a.*powershell'
    SourceIp|cidr: 10.0.0.0/8
  filter:
    User: null
    Short: abc
  condition: selection and not filter
`

// write puts a file into a new folder.
func write(t *testing.T, name, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := writeFile(filepath.Join(dir, name), []byte(text)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestMutant(t *testing.T) {
	seen := map[string]int{}
	for c := 1; c < copies; c++ {
		text, err := mutant([]byte(rule), c)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			ID        string
			Detection map[string]any
		}
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		sel := doc.Detection["selection"].(map[string]any)
		image := sel["Image|endswith"].(string)
		if len(image) != len(`\powershell.exe`) || image[0] != '\\' || image[11] != '.' {
			t.Errorf("copy %d looks for %q", c, image)
		}
		if sel["ParentCommandLine|re"] != "a.*powershell" || sel["SourceIp|cidr"] != "10.0.0.0/8" || doc.Detection["condition"] != "selection and not filter" {
			t.Errorf("copy %d has another regex, network or condition:\n%s", c, text)
		}
		if filter := doc.Detection["filter"].(map[string]any); filter["User"] != nil || filter["Short"] != "abc" {
			t.Errorf("copy %d has another filter: %v", c, filter)
		}
		for _, text := range []string{doc.ID, image, sel["CommandLine|contains|all"].([]any)[0].(string)} {
			if seen[text]++; seen[text] > 1 {
				t.Errorf("%q comes twice", text)
			}
		}
		if strings.Contains(string(text), "powershell.exe") {
			t.Errorf("copy %d looks for the same", c)
		}
		if got, faults := rules.Parse("x.yml", text, rules.Options{}); len(got) != 1 {
			t.Errorf("copy %d does not load: %v", c, faults)
		}
	}
	for _, bad := range []string{"title: x\n", "id: short\n", "id: [", ""} {
		if _, err := mutant([]byte(bad), 1); err == nil {
			t.Errorf("a copy of %q", bad)
		}
	}
}

func TestMutate(t *testing.T) {
	from := &ruleDir{path: write(t, "a/b.yml", rule), rules: 1}
	to := filepath.Join(t.TempDir(), "many")
	many, err := mutate(from, to, copies)
	if err != nil || many.rules != copies || many.path != to {
		t.Fatalf("%+v, %v", many, err)
	}
	first, err := os.ReadFile(filepath.Join(to, "0", "a", "b.yml"))
	if err != nil || string(first) != rule {
		t.Errorf("the first copy is not the rule itself: %v", err)
	}
	set, err := rules.LoadDir(to, rules.Options{})
	if err != nil || len(set.Rules) != copies {
		t.Errorf("%d of %d copies load: %v, %v", len(set.Rules), copies, err, set.Faults)
	}
}

func TestKeepLoaded(t *testing.T) {
	dir := write(t, "good.yml", rule)
	for name, text := range map[string]string{"bad.yml": "title: x\n", "copy.yml": rule} { // good.yml comes later, so the copy wins
		if err := writeFile(filepath.Join(dir, name), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	kept, err := keepLoaded(dir, &out)
	if err != nil || kept.rules != 1 || !strings.Contains(out.String(), "1 run in both engines; 2 files") {
		t.Errorf("%+v, %v, %s", kept, err, out.String())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 || filepath.Base(left[0]) != "copy.yml" {
		t.Errorf("left are %v", left)
	}
}
