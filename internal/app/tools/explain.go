package tools

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"weir/event"
	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/match/fold"
	"weir/internal/match/tree"
	"weir/internal/nearest"
	"weir/internal/trace"
	"weir/rules"
	"weir/rules/correlation"
	"weir/rules/pipelines"
)

// Explanation says why a rule holds for an event, or why not, and where the values come from that decide it.
type Explanation struct {
	Rule *rules.Rule
	// EventID and Doc are the event's, Doc as one ECS document.
	EventID string
	Doc     []byte
	// Source is what log source the event is of, in words; "" if it is of none that is known. Tried tells whether the rule
	// is for such events: live, it is not even tried on others.
	Source string
	Tried  bool
	// Conditions are those of the rule, in its order.
	Conditions []ExplainedCondition
	// Record is where the event came from, as far as it says.
	Record trace.Record
	// Original is what was received, "" if it is not kept.
	Original string
	// Fields are those that decided, each once, in the order of the conditions.
	Fields []FieldOf
}

// Fires tells whether every condition that one event can satisfy by itself holds: for a rule without correlation this is an
// alert.
func (x *Explanation) Fires() bool {
	return x.Tried && slices.ContainsFunc(x.Conditions, func(c ExplainedCondition) bool { return c.Held })
}

// ExplainedCondition is one condition and what became of it.
type ExplainedCondition struct {
	Name, Expr string
	Held       bool
	// Parts are what held, or of one that did not hold, Misses is what it lacked of so many parts.
	Parts  []trace.Part
	Misses []match.Miss
	Of     int
	// Feeds says what the event counts for in a correlation; "" if the condition did not hold or stands alone.
	Feeds string
}

// FieldOf is the way of one value: from the bytes of the record to the field, and the names that the rule has for it.
type FieldOf struct {
	Field string `json:"field"`
	Value string `json:"value"`
	trace.Place
	// Sigma are the names by which a Sigma rule calls the field.
	Sigma []string `json:"sigma,omitempty"`
}

// ExplainOptions say what is explained.
type ExplainOptions struct {
	Config config.Config
	Rule   string
	// Paths are files and folders that the rule is in; none: the rules that run here.
	Paths []string
	// Input are lines in the form Form, of which each event is explained; nil: the event of ID is asked of Backend.
	Input   io.Reader
	Form    Form
	ID      string
	Backend control.Backend
	// LogSource is that of an event that names none itself.
	LogSource pipelines.LogSource
	Warn      func(*fault.Error)
}

// Explain calls each for every event that is explained; of a file that is every line. The explanation is the callee's.
func Explain(ctx context.Context, o ExplainOptions, each func(*Explanation) error) error {
	in, _, err := loadRules(o.Config, o.Paths)
	if err != nil {
		return err
	}
	rule := in.set.Rule(o.Rule)
	if rule == nil {
		return UnknownRule(o.Rule, in.set.Rules)
	}
	x, err := newExplainer(in, rule, o.LogSource)
	if err != nil {
		return err
	}
	if o.Input != nil {
		lines, err := NewLines(o.Config, in.pipes, o.Form)
		if err != nil {
			return err
		}
		return lines.Read(ctx, o.Input, func(_ int, e *event.Event) error { return each(x.explain(e)) }, o.Warn)
	}
	found := false
	query := `event.id: "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(o.ID) + `"`
	_, err = o.Backend.Search(ctx, control.SearchRequest{Query: query, Size: 1}, func(doc []byte) error {
		found = true
		var e event.Event
		if err := e.Decode(doc); err != nil {
			return fmt.Errorf("reading the event %s: %w", o.ID, err)
		}
		return each(x.explain(&e))
	})
	if err == nil && !found {
		return &fault.Error{Code: "event-unknown", What: "no event has this id", Where: o.ID, Why: "it is misspelt, belongs to another data folder, or its time to be kept is over",
			Do: "ids stand in event.id: weir search 'KQL' --fields event.id,message; a file or - is read as events", Exit: fault.ExitUsage}
	}
	return err
}

// UnknownRule says that no rule has the id, and which is nearest.
func UnknownRule(id string, list []*rules.Rule) error {
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.ID
	}
	do := "all rules: weir rules list"
	if near := nearest.Name(id, ids); near != "" {
		do = "did you mean `" + near + "`?"
	}
	return &fault.Error{Code: "rule-unknown", What: fmt.Sprintf("no rule has the id `%s`", id), Do: do, Exit: fault.ExitUsage}
}

// explainer explains events by one rule. It belongs to one goroutine.
type explainer struct {
	in     inputs
	rule   *rules.Rule
	source pipelines.LogSource
	conds  []*match.Cond
	sigma  map[string][]string // names of the rule by field
	view   fold.View
}

// newExplainer compiles the rule's conditions once more, apart from any engine.
func newExplainer(in inputs, rule *rules.Rule, source pipelines.LogSource) (*explainer, error) {
	x := &explainer{in: in, rule: rule, source: source, sigma: sigmaNames(rule, in.pipes)}
	for _, w := range rule.When {
		c, err := match.Compiler{Lists: in.lists}.Compile(w.Expr)
		if err != nil {
			return nil, fmt.Errorf("condition %s of %s: %w", w.Name, rule.ID, err)
		}
		x.conds = append(x.conds, c)
	}
	return x, nil
}

// explain explains one event. What is returned holds no memory of it.
func (x *explainer) explain(e *event.Event) *Explanation {
	out := &Explanation{Rule: x.rule, EventID: strings.Clone(e.Str(event.EventID)), Doc: e.AppendJSON(nil), Original: trace.Original(e), Record: trace.RecordOf(e)}
	out.Source, out.Tried = x.covered(e)
	x.view.Reset(e)
	defer x.view.Reset(nil)
	for i, w := range x.rule.When {
		c := ExplainedCondition{Name: w.Name, Expr: w.Expr, Held: x.covers(e, &w) && x.conds[i].Holds(&x.view)}
		if c.Held {
			c.Parts = trace.Parts(x.conds[i], &x.view)
			c.Feeds = feeds(x.rule, w.Name)
		} else {
			c.Misses, c.Of = x.conds[i].Explain(e)
		}
		out.Conditions = append(out.Conditions, c)
	}
	x.fields(out)
	return out
}

// covered says of what log source the event is, and whether the rule is for it.
func (x *explainer) covered(e *event.Event) (words string, tried bool) {
	class := x.class(e)
	if class == 0 {
		return "", true // an event of no known source is tried against every rule
	}
	words = x.in.pipes.Describe(class)
	// The conditions of a Sigma correlation are for the events of several log sources.
	return words, slices.ContainsFunc(x.rule.When, func(w rules.Condition) bool { return x.in.pipes.Covers(class, x.rule.Source(&w)) })
}

// covers tells whether a condition with a log source of its own is for the event; one without is as the rule is.
func (x *explainer) covers(e *event.Event, w *rules.Condition) bool {
	class := x.class(e)
	return w.LogSource == nil || class == 0 || x.in.pipes.Covers(class, *w.LogSource)
}

// class is the log source of the event.
func (x *explainer) class(e *event.Event) pipelines.Class {
	class := x.in.pipes.Classify(e)
	if class == 0 && !x.source.Empty() {
		class = x.in.pipes.Class(x.source.Product, x.source.Category, x.source.Service)
	}
	return class
}

// feeds says what a match of the condition counts for.
func feeds(r *rules.Rule, when string) string {
	if r.Correlate == nil {
		return ""
	}
	node := r.Correlate.NodeOf(when)
	if node == nil {
		return "counts for nothing: correlate does not name the condition"
	}
	of := ""
	if node.Name != "" {
		of = " of `" + node.Name + "`"
	}
	i := slices.IndexFunc(node.Steps, func(s rules.Step) bool { return s.When == when })
	switch node.Kind {
	case correlation.Count:
		if len(node.Bounds) == 1 && node.Bounds[0].Op == "gte" {
			return fmt.Sprintf("counts as one of the %s that are needed%s", strconv.FormatFloat(node.Bounds[0].Value, 'f', -1, 64), of)
		}
		return "counts as one" + of
	case correlation.AnyOrder, correlation.Sequence:
		if node.Steps[i].AtLeast == 1 {
			return fmt.Sprintf("is step %d of %d%s", i+1, len(node.Steps), of)
		}
		return fmt.Sprintf("is one of the %d of step %d of %d%s", node.Steps[i].AtLeast, i+1, len(node.Steps), of)
	case correlation.Absence:
		if i == 0 {
			return "begins the wait" + of
		}
		return "ends the wait" + of
	}
	return "counts with its " + strings.Join(node.Field, ", ") + of
}

// fields follows each value that decided back to the bytes.
func (x *explainer) fields(out *Explanation) {
	seen := map[string]bool{}
	add := func(p trace.Part) {
		if p.Field == "" || p.Field == tree.Any || p.Value == "" || seen[p.Field+"\x00"+p.Value] {
			return
		}
		seen[p.Field+"\x00"+p.Value] = true
		f := FieldOf{Field: p.Field, Value: p.Value, Place: trace.Find(out.Original, p), Sigma: x.sigma[p.Field]}
		out.Fields = append(out.Fields, f)
	}
	for _, c := range out.Conditions {
		for _, p := range c.Parts {
			add(p)
		}
		for _, m := range c.Misses {
			for _, v := range m.Values {
				add(trace.Part{Field: v.Field, Value: v.Value})
			}
		}
	}
}

// FieldNames returns what a Sigma rule of cfg calls its fields, by the fields that they are here; none for a native rule.
func FieldNames(cfg config.Config, r *rules.Rule) map[string][]string {
	pipes, _ := build.Pipelines(cfg) // what is wrong with a file is told by check
	return sigmaNames(r, pipes)
}

// sigmaNames returns what a Sigma rule calls its fields, by the fields that they are here: of a correlation in the events of
// each of its rules.
func sigmaNames(r *rules.Rule, pipes *pipelines.Set) map[string][]string {
	out := map[string][]string{}
	sources := []rules.LogSource{r.LogSource}
	for _, w := range r.When {
		if w.LogSource != nil && !slices.Contains(sources, *w.LogSource) {
			sources = append(sources, *w.LogSource)
		}
	}
	if len(sources) > 1 && r.LogSource.Empty() {
		sources = sources[1:]
	}
	for _, name := range slices.Sorted(slices.Values(r.Asks)) {
		for _, source := range sources {
			for _, path := range pipes.Paths(source, name) {
				if name != path && !slices.Contains(out[path], name) {
					out[path] = append(out[path], name)
				}
			}
		}
	}
	return out
}
