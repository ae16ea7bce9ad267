package settings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/rules/yamlfile"
	"weir/sinks/notify/routing"
)

// What routes do where the file says nothing.
const (
	defaultWait     = 10 * time.Second
	defaultInterval = 5 * time.Minute
	defaultRepeat   = 4 * time.Hour
)

// Bounds of times: a group that waits for hours, or is told every second, is a slip of the pen.
const (
	maxWait   = time.Hour
	minRepeat = time.Minute
	maxRepeat = 30 * 24 * time.Hour
)

// maxRoutes and maxDepth bound a tree. Each alert is asked of every route in the worst case.
const (
	maxRoutes = 1000
	maxDepth  = 16
)

// rootRoute reads the tree. The root has the defaults, and whatever is not said below it comes from there.
func (r *reader) rootRoute(n ast.Node) *routing.Route {
	at, _ := yamlfile.Extent(n)
	root := &routing.Route{Line: at.Line, Zone: r.out.Zone, Settings: routing.Settings{
		GroupBy: []string{"rule"}, Wait: defaultWait, Interval: defaultInterval, Repeat: defaultRepeat, Resolve: true, Lang: "en",
	}}
	t := &tree{reader: r, keys: map[string]int{}}
	t.route(n, root, 0)
	return root
}

// A route is found again by its key and not by its place in the file: what waits for a route is told by its settings also after
// somebody has sorted the file. Two routes that ask the same are told apart by their order.

// tree reads the routes of one file.
type tree struct {
	*reader
	// keys counts routes with the same key, so that each gets one of its own.
	keys map[string]int
	n    int
}

// route reads one route into node, which has its parent's settings, and those below it. Keys may come in any order; the
// routes below are read last, when all is known that they inherit.
func (t *tree) route(n ast.Node, node *routing.Route, depth int) {
	pairs, ok := yamlfile.Mapping(n)
	if !ok {
		t.file.Fail(n, "notify-value", "write `to: [mail]` and what else there is", "a route needs keys")
		return
	}
	if t.n++; t.n > maxRoutes || depth > maxDepth {
		if t.n <= maxRoutes+1 {
			t.file.Fail(n, "notify-value", "", "there are more than %d routes, or more than %d within each other", maxRoutes, maxDepth)
		}
		return
	}
	var routes, match ast.Node
	readers := map[string]func(ast.Node){
		"to":             func(n ast.Node) { node.To = t.names(n, "to") },
		"match":          func(n ast.Node) { match = n },
		"group_by":       func(n ast.Node) { node.GroupBy = t.groupBy(n) },
		"group_wait":     func(n ast.Node) { node.WaitSet = t.span(n, "group_wait", 0, maxWait, &node.Wait) },
		"group_interval": func(n ast.Node) { t.span(n, "group_interval", time.Second, 24*time.Hour, &node.Interval) },
		"repeat":         func(n ast.Node) { t.span(n, "repeat", minRepeat, maxRepeat, &node.Repeat) },
		"resolve":        func(n ast.Node) { t.truth(n, "resolve", &node.Resolve) },
		"lang":           func(n ast.Node) { t.lang(n, &node.Lang) },
		"escalate":       func(n ast.Node) { node.Escalate = t.escalate(n) },
		"continue":       func(n ast.Node) { t.truth(n, "continue", &node.Continue) },
		"routes":         func(n ast.Node) { routes = n },
	}
	t.reader.keys("a route", pairs, readers)
	// The root takes what is left: with a condition there would be alerts that nobody decides about.
	if match != nil && depth == 0 {
		t.file.Fail(match, "notify-value", "put it into a route below `routes:`", "the first route takes what no other does: it has no `match`")
	} else if match != nil {
		t.match(match, node)
	}
	// No mistake, since a route with continue is often written so; but most who write it have forgotten something.
	if depth > 0 && len(node.Match) == 0 && node.Hours.Empty() {
		at, width := yamlfile.Extent(n)
		t.file.Add(at, width, fault.Error{Code: "notify-match", What: "this route takes everything: what stands below it is never asked", Do: "give it a `match`, or `continue: true`", Warn: true})
	}
	t.keyed(node)
	if routes != nil {
		t.children(routes, node, depth)
	}
}

// keyed gives a route its key: what it asks, behind what its parents ask. The conditions are sorted, so that writing them in
// another order changes nothing.
func (t *tree) keyed(node *routing.Route) {
	own := make([]string, 0, len(node.Match)+1)
	for _, c := range node.Match {
		own = append(own, c.String())
	}
	slices.Sort(own)
	if !node.Hours.Empty() {
		own = append(own, "hours="+node.Hours.String())
	}
	node.Key += "/" + strings.Join(own, ",")
	if t.keys[node.Key]++; t.keys[node.Key] > 1 {
		node.Key += fmt.Sprintf("#%d", t.keys[node.Key])
	}
}

// children reads the routes below node. They inherit its settings, but not whom it matches nor when it continues; hours
// of a parent hold for its children, since they are asked only behind it.
func (t *tree) children(n ast.Node, node *routing.Route, depth int) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		t.file.Fail(n, "notify-value", "begin each with a dash: `- match: {level: high}`", "`routes` is a list of routes")
		return
	}
	for _, it := range seq.Values {
		at, _ := yamlfile.Extent(it)
		child := &routing.Route{Key: node.Key, Line: at.Line, Zone: node.Zone, Settings: node.Settings}
		t.route(it, child, depth+1)
		node.Routes = append(node.Routes, child)
	}
}

// names reads names of channels, each once. That there are such is looked at when all of the file was read.
func (t *tree) names(n ast.Node, key string) []string {
	if seq, ok := n.(*ast.SequenceNode); ok && len(seq.Values) == 0 {
		return []string{} // nobody, on purpose
	}
	list, nodes := t.texts(n, key)
	var out []string
	for i, name := range list {
		t.used = append(t.used, use{name, nodes[i]})
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// groupBy reads the names by which alerts are one message. An empty list is right: all of them are one.
func (t *tree) groupBy(n ast.Node) []string {
	out := []string{}
	if seq, ok := n.(*ast.SequenceNode); ok && len(seq.Values) == 0 {
		return out
	}
	list, nodes := t.texts(n, "group_by")
	for i, name := range list {
		if err := routing.Known(name); err != nil {
			t.wrong(nodes[i], err)
			continue
		}
		out = append(out, name)
	}
	return out
}

// wrong notes a fault that knows no place at a node of the file.
func (r *reader) wrong(n ast.Node, err error) {
	at, width := yamlfile.Extent(n)
	for _, e := range flatten(err) {
		r.file.Add(at, width, fault.Error{Code: e.Code, What: e.What, Why: e.Why, Do: e.Do, Cause: err})
	}
}

// lang reads a language. There are those in which alerts and messages are written.
func (t *tree) lang(n ast.Node, into *string) {
	s := ""
	if !t.text(n, "lang", &s) {
		return
	}
	if s != "en" && s != "ko" {
		t.file.Fail(n, "notify-value", "write en or ko", "messages cannot be written in `%s`", s)
		return
	}
	*into = s
}

// escalate reads the steps, which are put into the order of their times. A step without anybody to tell is a mistake and not
// an empty one: who wrote it counts on somebody.
func (t *tree) escalate(n ast.Node) []routing.Step {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		t.file.Fail(n, "notify-value", "write `escalate: [{after: 15m, to: [boss]}]`", "`escalate` is a list of steps")
		return nil
	}
	steps := []routing.Step{}
	for _, it := range seq.Values {
		pairs, ok := yamlfile.Mapping(it)
		if !ok {
			t.file.Fail(it, "notify-value", "write {after: 15m, to: [boss]}", "a step has `after` and `to`")
			continue
		}
		var s routing.Step
		t.reader.keys("a step", pairs, map[string]func(ast.Node){
			"after": func(n ast.Node) { t.span(n, "after", time.Second, maxRepeat, &s.After) },
			"to":    func(n ast.Node) { s.To = t.names(n, "to") },
		})
		if s.After == 0 || len(s.To) == 0 {
			t.file.Fail(it, "notify-value", "write {after: 15m, to: [boss]}", "a step has `after` and `to`")
			continue
		}
		steps = append(steps, s)
	}
	slices.SortStableFunc(steps, func(a, b routing.Step) int { return int(a.After/time.Second) - int(b.After/time.Second) })
	return steps
}

// match reads what alerts a route is for, and in which hours it counts.
func (t *tree) match(n ast.Node, node *routing.Route) {
	hours := map[string]func(ast.Node){
		"time_zone": func(n ast.Node) { node.Zone = t.zone(n, node.Zone) },
		"hours": func(n ast.Node) {
			list, nodes := t.texts(n, "hours")
			if len(list) == 0 {
				return
			}
			h, err := routing.ParseHours(strings.Join(list, ", "))
			if err != nil {
				t.file.Fail(nodes[0], "notify-value", "write Mon-Fri 09:00-18:00, several between commas", "`hours`: %v", err)
				return
			}
			node.Hours = h
		},
	}
	node.Match = t.conditions(n, hours)
}

// conditions reads a match. Keys that are not in own name what an alert has; labels stand in a table of their own.
func (r *reader) conditions(n ast.Node, own map[string]func(ast.Node)) (out []routing.Condition) {
	pairs, ok := yamlfile.Mapping(n)
	if !ok {
		r.file.Fail(n, "notify-value", "write `match: {level: high, rule: ssh-*}`", "`match` needs keys and values")
		return nil
	}
	// Any key that is not one of ours names something of an alert: what there is none of is refused by condition.
	seen := map[string]int{}
	for _, kv := range pairs {
		key := yamlfile.Key(kv)
		switch {
		case r.twice(kv, seen):
		case own[key] != nil:
			own[key](kv.Value)
		case key == "labels":
			labels, ok := yamlfile.Mapping(kv.Value)
			if !ok {
				r.file.Fail(kv.Value, "notify-value", "write labels: {team: net}", "`labels` needs names and values")
				continue
			}
			twice := map[string]int{}
			for _, l := range labels {
				if !r.twice(l, twice) {
					out = r.condition(out, l, "labels."+yamlfile.Key(l), l.Value)
				}
			}
		case key == "tags":
			out = r.condition(out, kv, "tag", kv.Value)
		default:
			out = r.condition(out, kv, key, kv.Value)
		}
	}
	return out
}

// condition reads one value or a list of which one has to fit. One level alone means this and above: that is what people
// mean by it; several mean exactly these.
func (r *reader) condition(out []routing.Condition, key ast.Node, name string, n ast.Node) []routing.Condition {
	if err := routing.Known(name); err != nil {
		r.wrong(key, err)
		return out
	}
	list, nodes := r.texts(n, name)
	if len(list) == 0 {
		return out
	}
	// Compared as text, but for one level alone.
	op := "="
	if name == "level" && len(list) == 1 {
		op = ">="
	}
	for i, v := range list {
		if name == "level" && routing.Rank(v) == 0 {
			_, err := routing.ParseCondition("level>=" + v)
			r.wrong(nodes[i], err)
			return out
		}
	}
	return append(out, routing.Condition{Name: name, Op: op, Patterns: list})
}
