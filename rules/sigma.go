package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/match/tree"
	"weir/rules/pipelines"
	"weir/rules/sigma"
	"weir/rules/yamlfile"
)

// LogSource says which events a rule is for, in Sigma's words.
type LogSource = pipelines.LogSource

// sigmaRule reads a Sigma document. What its fields mean here is decided in finish, when all files were read.
func (f *source) sigmaRule(body *yamlfile.Body) {
	doc := f.sigma.Read(body)
	switch {
	case doc.Filter != nil:
		f.filters = append(f.filters, doc.Filter)
	case doc.Rule != nil:
		rule := f.sigmaHead(doc.Rule)
		rule.LogSource = doc.Rule.LogSource
		f.items = append(f.items, &item{rule: rule, sigma: doc.Rule})
	case doc.Correlation != nil:
		f.items = append(f.items, &item{rule: f.sigmaHead(doc.Correlation.Rule), correlation: doc.Correlation})
	case f.Refused():
		f.lost = append(f.lost, sigma.Peek(body)...)
	}
}

// sigmaHead is a rule with all that is said about it.
func (f *source) sigmaHead(r *sigma.Rule) *Rule {
	return &Rule{
		ID: r.ID, Name: r.Name, Title: r.Title, Level: Level(r.Level), Status: r.Status, Author: r.Author, License: r.License, Date: r.Date, Modified: r.Modified,
		Description: r.Description, Tags: r.Tags, References: r.References, FalsePositives: r.FalsePositives, Fields: r.Fields, Related: r.Related,
		Enabled: true, Sigma: true, Fold: Fold{For: time.Hour}, File: f.Name, Line: r.At.Line,
		// The title is shown with each alert, where {{ }} stands for a field: a title of somebody else has none.
		Explain: strings.ReplaceAll(r.Title, "{{", "{ {"),
	}
}

// applyFilters finds the rules that the filters of all files are for. A filter that is for none of them says so: a
// misspelt id would leave the rule unfiltered in silence.
func applyFilters(files []*source) {
	var all []*item
	byID := map[string][]*item{}
	for _, f := range files {
		for _, it := range f.items {
			all = append(all, it)
			byID[strings.ToLower(it.rule.ID)] = append(byID[strings.ToLower(it.rule.ID)], it)
			if it.rule.Name != "" && it.rule.Name != it.rule.ID {
				byID[it.rule.Name] = append(byID[it.rule.Name], it)
			}
		}
	}
	for _, f := range files {
		for _, filter := range f.filters {
			if filter.All {
				f.applyToAll(filter, all)
				continue
			}
			for _, name := range filter.Rules {
				found := byID[name]
				if len(found) == 0 {
					found = byID[strings.ToLower(name)]
				}
				f.apply(filter, name, found)
			}
		}
	}
}

// applyToAll adds a filter to every rule of its log source.
func (f *source) applyToAll(filter *sigma.Filter, all []*item) {
	used := false
	for _, it := range all {
		if it.sigma != nil && filter.Fits(it.sigma) {
			it.add(filter, f.Name)
			used = true
		}
	}
	if !used {
		f.filterFault(filter, "no rule is of the filter's log source "+filter.LogSource.String(), "")
	}
}

// apply adds a filter to the rules of one name.
func (f *source) apply(filter *sigma.Filter, name string, found []*item) {
	if len(found) == 0 {
		f.filterFault(filter, fmt.Sprintf("the filter names the rule `%s`, which is not there", name), "write the id or the name of a rule of the same folders")
	}
	for _, it := range found {
		switch {
		case it.correlation != nil:
			f.filterFault(filter, fmt.Sprintf("`%s` is a correlation, so the filter does not change it", name), "name the rules that it is made of")
		case it.sigma == nil:
			f.filterFault(filter, fmt.Sprintf("`%s` is no Sigma rule, so the filter does not change it", name), "put the exception into exceptions.yaml")
		case !filter.Fits(it.sigma):
			f.filterFault(filter, fmt.Sprintf("the filter is for %s and `%s` for %s: the rule is left as it is", filter.LogSource, name, it.sigma.LogSource), "correct the filter's `logsource`")
		default:
			it.add(filter, f.Name)
		}
	}
}

// add notes that a filter is for the rule.
func (it *item) add(filter *sigma.Filter, file string) {
	if !slices.Contains(it.filters, filter) {
		it.filters = append(it.filters, filter)
		it.rule.filtered = append(it.rule.filtered, file)
	}
}

// filterFault warns about a filter that does less than it says.
func (f *source) filterFault(filter *sigma.Filter, what, do string) {
	f.Add(filter.At, 1, fault.Error{Code: "sigma-filter", What: what, Do: do, Warn: true})
}

// fieldNames remembers what field names mean: thousands of rules share a few hundred of them.
type fieldNames struct {
	pipes *pipelines.Set
	mu    sync.Mutex
	known map[fieldName][]string
}

type fieldName struct {
	source LogSource
	name   string
}

func newFieldNames(pipes *pipelines.Set) *fieldNames {
	if pipes == nil {
		pipes = pipelines.Shipped()
	}
	return &fieldNames{pipes: pipes, known: map[fieldName][]string{}}
}

// paths returns the fields that a name means.
func (n *fieldNames) paths(ls LogSource, name string) []string {
	// What it costs to ask is little beside the parsing between two questions, so one lock will do.
	key := fieldName{ls, name}
	n.mu.Lock()
	defer n.mu.Unlock()
	paths, ok := n.known[key]
	if !ok {
		paths = n.pipes.Paths(ls, name)
		n.known[key] = paths
	}
	return paths
}

// mapFields turns the detections of the file into conditions over fields of events, and returns the fields that the table
// does not know.
func (f *source) mapFields(names *fieldNames) []string {
	// Each path as often as it is met: whoever registers them takes it once.
	var unknown []string
	for _, it := range f.items {
		if it.sigma == nil {
			continue
		}
		parts := []*tree.Node{it.sigma.Detection}
		for _, filter := range it.filters {
			parts = append(parts, filter.Keep)
		}
		// The fields of a filter are those of the rule's log source, whatever else the filter is for.
		n := sigma.Map(tree.AllOf(parts...), func(name string) []string {
			if !slices.Contains(it.rule.Asks, name) {
				it.rule.Asks = append(it.rule.Asks, name)
			}
			paths := names.paths(it.rule.LogSource, name)
			for _, path := range paths {
				if _, ok := event.Lookup(path); !ok {
					unknown = append(unknown, path)
				}
			}
			return paths
		})
		it.rule.When = []Condition{{Name: eventCondition, Tree: n.Flat(), Line: it.sigma.Condition.Line, Col: it.sigma.Condition.Col}}
	}
	return unknown
}

// register makes the fields of all rules known at once, in the order of files.
func register(fields [][]string) {
	var all []string
	for _, list := range fields {
		for _, path := range list {
			if !match.Known(path) {
				all = append(all, path)
			}
		}
	}
	if len(all) > 0 {
		_, _ = event.Register(ecs.Asked, all...) // what a full table leaves out is looked up among the values that no list knows
	}
}

// compile finds out whether the Sigma rules of the file can run, and prints their conditions.
func (f *source) compile() {
	for _, it := range f.items {
		if it.sigma == nil {
			continue
		}
		// Compiled to know that it runs, as native rules are; what runs is compiled by whoever runs it, with the lists of
		// that moment.
		c := &it.rule.When[0]
		c.Expr = c.Tree.String()
		cond, err := match.Compiler{Lists: f.opts.Lists}.CompileTree(c.Tree)
		if err != nil {
			f.treeFault(it, err)
			it.refused = true
			continue
		}
		for _, w := range cond.Warnings() {
			// Fields of others' rules were written for others' logs: what of them nothing fills here is a question for a check.
			if w.Code != "rule-unknown-field" {
				f.treeFault(it, w)
			}
		}
		it.rule.defaults()
	}
}

// treeFault tells about a mistake in what a Sigma rule became. Its place within the printed condition says nothing about
// the file, so the condition's does.
func (f *source) treeFault(it *item, err error) {
	e := fault.Error{Code: "rule-expr", What: err.Error()}
	if me, ok := errors.AsType[*match.Error](err); ok {
		e = fault.Error{Code: me.Code, What: me.Msg, Why: me.Why, Do: me.Do, Warn: me.Warn}
	}
	f.Add(it.sigma.Condition, 1, e)
}
