package expression

import (
	"github.com/expr-lang/expr/ast"

	"weir/event"
)

// loopTable has the functions whose second argument is evaluated once for each item of the first: # is the item, .name its
// member. It is keyed as expr's parser knows them.
var loopTable = map[string]func(over loopOver) code{
	"any": func(o loopOver) code {
		return ofTest(func(f frame) bool {
			n := 0
			o.each(f, func(in frame) bool { n += count(o.body.test(in)); return n == 0 })
			return n > 0
		})
	},
	"all": func(o loopOver) code {
		return ofTest(func(f frame) bool {
			ok := true
			o.each(f, func(in frame) bool { ok = o.body.test(in); return ok })
			return ok
		})
	},
	"none": func(o loopOver) code {
		return ofTest(func(f frame) bool {
			ok := true
			o.each(f, func(in frame) bool { ok = !o.body.test(in); return ok })
			return ok
		})
	},
	"count": func(o loopOver) code {
		return ofValue(func(f frame) event.Value {
			n := 0
			o.each(f, func(in frame) bool { n += count(o.body.test(in)); return true })
			return event.Num(int64(n))
		})
	},
	"filter": func(o loopOver) code {
		return ofValue(func(f frame) event.Value {
			var out []event.Value
			o.each(f, func(in frame) bool {
				if o.body.test(in) {
					out = append(out, *in.item)
				}
				return true
			})
			return someItems(out)
		})
	},
	"map": func(o loopOver) code {
		return ofValue(func(f frame) event.Value {
			var out []event.Value
			made := 0
			o.each(f, func(in frame) bool {
				if v := o.body.value(in); !missing(v) {
					if made = weight(v, made); made > maxMade {
						return false
					}
					out = append(out, v)
				}
				return true
			})
			return someItems(out)
		})
	},
}

// count is 1 for what holds.
func count(ok bool) int {
	if ok {
		return 1
	}
	return 0
}

// someItems makes a list; an empty one is absent, so that nothing is written.
func someItems(items []event.Value) event.Value {
	if len(items) == 0 {
		return event.Value{}
	}
	return event.Items(items...)
}

// weight adds the memory of a value to that of others, and stops counting beyond what is allowed.
func weight(v event.Value, sum int) int {
	switch sum += 24; v.Kind() {
	case event.String:
		sum += len(v.Str())
	case event.List:
		for i := 0; i < v.Len() && sum <= maxMade; i++ {
			sum = weight(v.Item(i), sum)
		}
	case event.Object:
		for i := 0; i < v.Len() && sum <= maxMade; i++ {
			name, m := v.Member(i)
			sum = weight(m, sum+len(name))
		}
	}
	return sum
}

// loopOver is one loop of an expression: what it goes over, what it evaluates for each item, and how many of them.
type loopOver struct {
	list, body code
	most       int
}

// each calls fn with a frame for each item of the list until it returns false. A single value is a list of one; an absent one
// has no items.
func (o loopOver) each(f frame, fn func(frame) bool) {
	v := o.list.value(f)
	if missing(v) {
		return
	}
	// One variable for all items: a frame is not kept.
	var item event.Value
	in := frame{env: f.env, item: &item}
	if v.Kind() != event.List {
		item = v
		fn(in)
		return
	}
	for i := range min(v.Len(), o.most) {
		item = v.Item(i)
		if !fn(in) {
			return
		}
	}
}

// loop lowers one of loopTable.
func (l *lowering) loop(n ast.Node, name string, make func(loopOver) code, args []ast.Node) (code, error) {
	if len(args) != 2 {
		return code{}, l.fail(n, "expr-arguments", "%s is called with %d arguments", name, len(args)).Advise("write " + name + `(_json.items, .type == "x")`)
	}
	body, ok := args[1].(*ast.PredicateNode)
	if !ok {
		return code{}, l.fail(n, "expr-arguments", "%s needs a condition over #", name)
	}
	list, err := l.lower(args[0])
	if err != nil {
		return code{}, err
	}
	if l.loops++; l.loops > maxLoops {
		return code{}, l.fail(n, "expr-too-deep", "more than %d loops stand within one another", maxLoops).Advise("use the step foreach")
	}
	defer func() { l.loops-- }()
	b, err := l.lower(body.Node)
	if err != nil {
		return code{}, err
	}
	most := maxItems
	if l.loops > 1 {
		most = maxInner
	}
	return make(loopOver{list: list, body: b, most: most}), nil
}

// pointer lowers # and what stands for it before .name.
func (l *lowering) pointer(n *ast.PointerNode) (code, error) {
	if n.Name != "" || l.loops == 0 {
		return code{}, l.fail(n, "expr-not-allowed", "`#%s` has no meaning here", n.Name).Advise("# is the item within any, all, none, count, filter and map")
	}
	return ofValue(func(f frame) event.Value {
		if f.item == nil {
			return event.Value{}
		}
		return *f.item
	}), nil
}
