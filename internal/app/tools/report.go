package tools

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/rules"
	"weir/rules/content"
	"weir/rules/lint"
)

// RuleReport is one rule of a file, or what would have been one (Rule nil).
type RuleReport struct {
	File string
	// Origin is shipped or yours.
	Origin string
	// Rule is nil if it was refused.
	Rule *rules.Rule
	// ID is as much as could be read of it.
	ID string
	// Exprs is what each condition became, where that differs from what is written.
	Exprs map[string]string
	// Faults are errors, with which the rule is refused, and warnings.
	Faults fault.List
}

// CheckRules reads rules from files and folders, all together, and says what is wrong with each and what is doubtful; an
// error only if a path cannot be read at all.
func CheckRules(cfg config.Config, paths []string) ([]RuleReport, error) {
	in, faults, err := loadRules(cfg, paths)
	if err != nil {
		return nil, err
	}
	return reportsOf(in, faults, true), nil
}

// Rules are those that cfg runs: the shipped ones and the user's folder, as they were read.
func Rules(cfg config.Config) ([]RuleReport, error) {
	in, faults, err := loadRules(cfg, nil)
	if err != nil {
		return nil, err
	}
	// What is wrong with exceptions is no rule's: check and exceptions say it.
	name := filepath.ToSlash(build.Within(cfg, cfg.Rules.Exceptions))
	faults = slices.DeleteFunc(slices.Clone(faults), func(f *fault.Error) bool { file, _ := placeOf(f.Where); return file == name })
	return reportsOf(in, faults, false), nil
}

// loadRules loads the rules of the paths, or those that cfg runs.
func loadRules(cfg config.Config, paths []string) (inputs, fault.List, error) {
	if len(paths) > 0 {
		return loadInputs(cfg, paths)
	}
	set, lists, pipes, err := build.Rules(cfg)
	if err != nil {
		return inputs{}, nil, err
	}
	return inputs{set, lists, pipes}, set.Faults, nil
}

// readRuleFile returns a file of rules by the name that messages call it.
func readRuleFile(name string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(name, content.Name+"/"); ok {
		return fs.ReadFile(content.FS(), rest)
	}
	return os.ReadFile(name)
}

// reportsOf lists the rules of a set, and beside them what was refused, by the names of the files and their lines.
func reportsOf(in inputs, faults fault.List, doubts bool) []RuleReport {
	byFile := map[string][]*RuleReport{}
	byRule := map[*rules.Rule]*RuleReport{}
	var all []*RuleReport
	add := func(r *RuleReport) {
		r.Origin = "yours"
		if strings.HasPrefix(r.File, content.Name+"/") {
			r.Origin = "shipped"
		}
		byFile[r.File] = append(byFile[r.File], r)
		all = append(all, r)
	}
	for _, r := range in.set.Rules {
		byRule[r] = &RuleReport{File: r.File, Rule: r, ID: r.ID}
		add(byRule[r])
	}
	loose := map[string]fault.List{}
	for _, f := range faults {
		file, _ := placeOf(f.Where)
		loose[file] = append(loose[file], f)
	}
	for file, list := range loose {
		assign(file, list, byFile[file], add)
	}
	if doubts {
		for _, f := range lint.Check(in.set.Rules, lint.Options{Lists: in.lists, Read: readRuleFile, Produced: produced(), Unfilled: unfilled(in)}) {
			// A misspelt field is told once, with the name that was meant.
			if r := byRule[f.Rule]; f.Code != "rule-unproduced-field" || !slices.ContainsFunc(r.Faults, func(e *fault.Error) bool { return e.Code == "rule-unknown-field" }) {
				r.Faults = append(r.Faults, f.Error)
			}
		}
	}
	out := make([]RuleReport, len(all))
	for i, r := range all {
		out[i] = *r
	}
	slices.SortStableFunc(out, func(a, b RuleReport) int { return strings.Compare(a.File, b.File) })
	return out
}

// assign gives the warnings of one file to its rules: to the one in whose document they are. Errors are reports of their own,
// one a document: a rule that runs has none.
func assign(file string, list fault.List, have []*RuleReport, add func(*RuleReport)) {
	docs := documentsOf(file)
	refused := map[int]*RuleReport{}
	for _, f := range list {
		_, line := placeOf(f.Where)
		n := docs.at(line)
		if r := docs.rule(n, have); r != nil && f.Warn {
			r.Faults = append(r.Faults, f)
			continue
		}
		if refused[n] == nil {
			refused[n] = &RuleReport{File: file, ID: docs.id(n)}
			add(refused[n])
		}
		refused[n].Faults = append(refused[n].Faults, f)
	}
}

// documents are the parts of a rule file between its lines of three dashes.
type documents struct {
	starts []int // first lines, from 1
	ids    []string
}

// idLine finds the id of a rule that was refused, so that a report can name it all the same.
var idLine = regexp.MustCompile(`(?m)^id:[ \t]*["']?([^\s"'#]+)`)

// documentsOf looks at a file again, roughly: only to tell whose fault is whose. One that cannot be read has one document.
func documentsOf(file string) documents {
	var d documents
	doc, _ := readRuleFile(file)
	line := 1
	for part := range bytes.SplitSeq(append([]byte("\n"), doc...), []byte("\n---")) {
		d.starts = append(d.starts, line)
		id := ""
		if m := idLine.FindSubmatch(part); m != nil {
			id = string(m[1])
		}
		d.ids = append(d.ids, id)
		line += bytes.Count(part, []byte("\n")) + 1
		if len(d.starts) == 1 {
			line-- // the first line end was put there here
		}
	}
	return d
}

// at returns which document a line is in.
func (d documents) at(line int) int {
	n := 0
	for i, start := range d.starts {
		if line >= start {
			n = i
		}
	}
	return n
}

// id returns the id of a document.
func (d documents) id(n int) string { return d.ids[n] }

// rule returns the rule that was read from a document, nil if there is none.
func (d documents) rule(n int, have []*RuleReport) *RuleReport {
	for _, r := range have {
		if r.Rule != nil && d.at(r.Rule.Line) == n {
			return r
		}
	}
	return nil
}

// placeOf takes file and line from file:line:column. A file may have a colon in its name, so only numbers at the end are
// taken off.
func placeOf(where string) (file string, line int) {
	file = where
	for range 2 {
		i := strings.LastIndexByte(file, ':')
		if i < 0 {
			break
		}
		n, err := strconv.Atoi(file[i+1:])
		if err != nil {
			break
		}
		file, line = file[:i], n
	}
	return file, line
}
