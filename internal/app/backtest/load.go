package backtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/control/trial"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/nearest"
	"weir/rules"
	"weir/rules/pipelines"
)

// Place is what a process runs: its configuration and its rules.
type Place struct {
	Config config.Config
	Set    *rules.Set
	Lists  match.Lists
	Pipes  *pipelines.Set
}

// load finds the rules of a request: those that run, by id, and those of files. A rule that is switched off is tried all
// the same: that is what somebody wants to know before switching it on.
func (p Place) load(texts []trial.Source) (*rules.Set, fault.List, error) {
	out := &rules.Set{Exceptions: p.Set.Exceptions} // what live passes over, a backtest passes over
	if len(texts) == 0 {
		for _, r := range p.Set.Rules {
			if r.Enabled {
				out.Rules = append(out.Rules, r)
			}
		}
		return out, nil, nil
	}
	var warnings fault.List
	for _, text := range texts {
		list, faults, err := p.one(text)
		if err != nil {
			return nil, nil, err
		}
		warnings = append(warnings, faults...)
		for _, r := range list {
			if len(r.UsedBy) > 0 && text.ID != r.ID {
				continue // a part of a correlation of that file: live raises no alert by it alone
			}
			if !r.Enabled {
				on := *r // the set that runs is shared
				on.Enabled = true
				r = &on
			}
			out.Rules = append(out.Rules, r)
		}
	}
	return out, warnings, nil
}

// one finds the rule of an id, or reads a file.
func (p Place) one(text trial.Source) ([]*rules.Rule, fault.List, error) {
	if text.Text == "" {
		if r := p.Set.Rule(text.ID); r != nil {
			return []*rules.Rule{r}, nil, nil
		}
		return nil, nil, unknown(text.ID, p.Set)
	}
	folder := build.Within(p.Config, p.Config.Rules.Lists)
	list, faults := rules.Parse(text.File, []byte(text.Text), rules.Options{Lists: p.Lists, Pipelines: p.Pipes, Placeholders: rules.ListValues(folder), ListDir: folder})
	if text.ID != "" {
		for _, r := range list {
			if r.ID == text.ID {
				return []*rules.Rule{r}, nil, nil
			}
		}
	}
	if rules.HasErrors(faults) {
		return nil, nil, faults
	}
	if text.ID != "" || len(list) == 0 {
		what := "there is no rule in this file"
		if text.ID != "" {
			what = fmt.Sprintf("there is no rule `%s` in this file", text.ID)
		}
		return nil, nil, &fault.Error{Code: "rule-unknown", What: what, Where: text.File, Do: "name a file of rules, or an id: weir rules list", Exit: fault.ExitUsage}
	}
	return list, faults, nil
}

// unknown says that there is no rule of an id.
func unknown(id string, set *rules.Set) *fault.Error {
	ids := make([]string, len(set.Rules))
	for i, r := range set.Rules {
		ids[i] = r.ID
	}
	do := "all rules: weir rules list"
	if near := nearest.Name(id, ids); near != "" {
		do = fmt.Sprintf("did you mean `%s`?", near)
	}
	return &fault.Error{Code: "rule-unknown", What: fmt.Sprintf("no rule has the id `%s`", id), Why: "and there is no file of that name", Do: do, Exit: fault.ExitUsage}
}

// PlaceOf reads the rules that a configuration names.
func PlaceOf(cfg config.Config) (Place, error) {
	set, lists, pipes, err := build.Rules(cfg)
	if err != nil {
		return Place{}, err
	}
	return Place{Config: cfg, Set: set, Lists: lists, Pipes: pipes}, nil
}

// readRule reads a rule file; ok is false where there is none of that name.
func readRule(name string) (text trial.Source, ok bool, err error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return text, false, nil
	}
	bad := &fault.Error{Code: "rules-unreadable", What: "this rule file cannot be read", Where: name, Do: "name one rule file, or the id of a rule", Exit: fault.ExitUsage}
	switch {
	case err != nil:
		bad.Why, bad.Cause = fault.Innermost(err), err
		return text, false, bad
	case !info.Mode().IsRegular():
		bad.Why = "it is no file"
		return text, false, bad
	case info.Size() > maxRule:
		bad.Why = fmt.Sprintf("it is larger than %d MiB", maxRule>>20)
		return text, false, bad
	}
	b, err := os.ReadFile(name)
	if err != nil {
		bad.Why, bad.Cause = fault.Innermost(err), err
		return text, false, bad
	}
	return trial.Source{File: name, Text: string(b)}, true, nil
}
