// Package docs_test holds the pages of this project to what they promise: links lead somewhere, blocks of YAML are valid
// for the program as it is, rules on a page pass their own tests, and commands exist with the flags that are shown.
package docs_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"weir/internal/config"
	"weir/internal/testkit"
	"weir/processors/ruletest"
	"weir/rules"
	runner "weir/rules/ruletest"
)

// page is one Markdown file.
type page struct {
	path  string // relative to the root
	lines []string
}

// block is one fenced block of a page.
type block struct {
	where    string // page:line
	language string
	text     string
}

// pages reads all pages but the generated reference, which its generator checks.
func pages(t *testing.T) []page {
	t.Helper()
	root := testkit.Root(t)
	names, err := filepath.Glob(filepath.Join(root, "docs", "*", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, top := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "DESIGN.md"} {
		names = append(names, filepath.Join(root, top))
	}
	return read(t, root, names)
}

// everyPage are the pages and those by topic, docs/*.md, whose YAML may be of any kind and which have a form of their own.
func everyPage(t *testing.T) []page {
	t.Helper()
	root := testkit.Root(t)
	names, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%d pages by topic, %v", len(names), err)
	}
	return append(pages(t), read(t, root, names)...)
}

// read reads pages; the generated reference is left out.
func read(t *testing.T, root string, names []string) []page {
	t.Helper()
	var out []page
	for _, name := range names {
		rel, err := filepath.Rel(root, name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(rel, "docs/reference/") {
			continue
		}
		text, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // links to it fail, and the fence misses it
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page{filepath.ToSlash(rel), strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")})
	}
	return out
}

// blocks returns the fenced blocks of a page.
func (p page) blocks() []block {
	var out []block
	open := -1
	for i, line := range p.lines {
		rest, fence := strings.CutPrefix(line, "```")
		switch {
		case !fence:
		case open < 0:
			open = i
			out = append(out, block{where: fmt.Sprintf("%s:%d", p.path, i+1), language: rest})
		default:
			out[len(out)-1].text = strings.Join(p.lines[open+1:i], "\n") + "\n"
			open = -1
		}
	}
	return out
}

func TestEveryPageSaysForWhomAndHowLong(t *testing.T) {
	for _, p := range pages(t) {
		if !strings.HasPrefix(p.path, "docs/") {
			continue
		}
		if len(p.lines) < 3 || !strings.HasPrefix(p.lines[0], "# ") || !strings.HasPrefix(p.lines[2], "For ") {
			t.Errorf("%s: under its title a page begins with whom it is for", p.path)
			continue
		}
		if !regexp.MustCompile(`\d+ minutes|one hour`).MatchString(p.lines[2]) {
			t.Errorf("%s: the first line does not say how long it takes: %s", p.path, p.lines[2])
		}
	}
}

func TestTasksEndWithACheck(t *testing.T) {
	for _, p := range pages(t) {
		if !strings.HasPrefix(p.path, "docs/how-to/") && !strings.HasPrefix(p.path, "docs/tutorial/") {
			continue
		}
		last := ""
		for _, line := range p.lines {
			if strings.HasPrefix(line, "## ") {
				last = line
			}
		}
		if last != "## Check" {
			t.Errorf("%s: ends with %q, want a check", p.path, last)
		}
	}
}

func TestTheReadmeIsShort(t *testing.T) {
	for _, p := range pages(t) {
		if p.path == "README.md" && len(p.lines) > 120 {
			t.Errorf("README.md has %d lines, at most 120", len(p.lines))
		}
	}
}

var link = regexp.MustCompile(`\[[^\]]+\]\(([^)\s]+)\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	root := testkit.Root(t)
	for _, p := range everyPage(t) {
		for i, line := range p.lines {
			for _, m := range link.FindAllStringSubmatch(line, -1) {
				target, _, _ := strings.Cut(m[1], "#")
				if target == "" || strings.Contains(target, "://") {
					continue
				}
				path := filepath.Join(root, filepath.Dir(p.path), target)
				if _, err := os.Stat(path); err != nil {
					t.Errorf("%s:%d: %s is not there", p.path, i+1, m[1])
				}
			}
		}
	}
}

// TestYAMLBlocksAreValid loads each block as what it is: rules and formats, which must pass their own tests, or configuration.
func TestYAMLBlocksAreValid(t *testing.T) {
	factory, err := ruletest.New(ruletest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, p := range pages(t) {
		for _, b := range p.blocks() {
			if b.language != "yaml" {
				continue
			}
			seen++
			t.Run(b.where, func(t *testing.T) {
				if strings.HasPrefix(b.text, "id:") {
					checkRules(t, b, factory)
				} else if strings.HasPrefix(b.text, "dataset:") {
					checkFormat(t, b)
				} else {
					checkConfig(t, b)
				}
			})
		}
	}
	if seen == 0 {
		t.Error("no block of YAML on any page: has the fence changed?")
	}
}

func checkRules(t *testing.T, b block, factory runner.Factory) {
	t.Helper()
	set, faults := rules.Parse(b.where, []byte(b.text), rules.Options{})
	for _, f := range faults {
		t.Errorf("%v; %s", f, f.Do)
	}
	for _, r := range set {
		if hits, misses := runner.Cases(r); hits == 0 || misses == 0 {
			t.Errorf("%s: an example has a hit and a miss", r.ID)
		}
		for _, res := range runner.Run(r, factory) {
			if !res.Passed {
				t.Errorf("%s, test %q: %v", r.ID, res.Name, res.Problems)
			}
		}
	}
}

func checkConfig(t *testing.T, b block) {
	t.Helper()
	var keys map[string]any
	if err := yaml.Unmarshal([]byte(b.text), &keys); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(path, []byte(b.text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(path, nil); err != nil {
		t.Error(err)
	}
}

func TestDeployedConfigurationIsValid(t *testing.T) {
	if _, err := config.Load(filepath.Join(testkit.Root(t), "deploy", "systemd", "weir.yaml"), nil); err != nil {
		t.Error(err)
	}
}

// command matches one use of weir in a line of a shell block.
var command = regexp.MustCompile(`(?:^|[|;&(] *|sudo )(?:\./weir|weir|go run \./cmd/weir) ([^|;&#<>)]*)`)

// uses returns the arguments of each use of weir in shell blocks and transcripts.
func uses(b block) [][]string {
	if b.language != "sh" && b.language != "text" {
		return nil
	}
	var out [][]string
	for line := range strings.SplitSeq(b.text, "\n") {
		line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		if b.language == "text" && !strings.HasPrefix(line, "weir ") && !strings.HasPrefix(line, "go run ./cmd/weir") {
			continue
		}
		for _, m := range command.FindAllStringSubmatch(line, -1) {
			args := strings.Fields(m[1])
			if len(args) > 0 && regexp.MustCompile(`^[a-z]+$`).MatchString(args[0]) {
				out = append(out, args)
			}
		}
	}
	return out
}

func TestUses(t *testing.T) {
	b := block{language: "sh", text: "weir up --demo   # comment\ncat x | weir parse --explain < y | weir detect --rules r/\n" +
		"sudo weir search --data /d\n./weir tail 'a: b'\nlogger weir test\n$ go run ./cmd/weir ledger\n"}
	var got []string
	for _, args := range uses(b) {
		got = append(got, strings.Join(args, " "))
	}
	want := []string{"up --demo", "parse --explain", "detect --rules r/", "search --data /d", "tail 'a: b'", "ledger"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestCommandsExist asks the program itself whether it has each command and flag that a page shows. It builds the
// program, so it runs only where long tests do.
func TestCommandsExist(t *testing.T) {
	if os.Getenv("WEIR_E2E") == "" && !testkit.Required(t, "servers") {
		t.Skip("builds weir: set WEIR_E2E=1")
	}
	bin := filepath.Join(t.TempDir(), "weir")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./cmd/weir")
	build.Dir = testkit.Root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building weir: %v\n%s", err, out)
	}
	help := map[string]string{}
	for _, p := range everyPage(t) {
		for _, b := range p.blocks() {
			for _, args := range uses(b) {
				checkUse(t, bin, b.where, args, help)
			}
		}
	}
}

// checkUse looks for the command and its flags in the command's own help.
func checkUse(t *testing.T, bin, where string, args []string, help map[string]string) {
	t.Helper()
	name := args[:1]
	if args[0] != "explain" && args[0] != "help" && len(args) > 1 && regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(args[1]) {
		name = args[:2]
	}
	if args[0] == "search" || args[0] == "tail" || args[0] == "completion" {
		name = args[:1] // what follows is a query or a shell
	}
	key := strings.Join(name, " ")
	text, known := help[key]
	if !known {
		cmd := exec.CommandContext(t.Context(), bin, append(slices.Clone(name), "--help")...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: weir %s: %v\n%s", where, key, err, out)
		}
		text = string(out)
		help[key] = text
	}
	for _, arg := range args {
		flag, _, _ := strings.Cut(arg, "=")
		if strings.HasPrefix(flag, "--") && !regexp.MustCompile(regexp.QuoteMeta(flag)+`\b`).MatchString(text) {
			t.Errorf("%s: weir %s has no %s", where, key, flag)
		}
	}
}
