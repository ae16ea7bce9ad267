package match

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/internal/nearest"
)

// function is one of our functions. prepare checks the constants of one call, once, and returns the test of one text.
type function struct {
	usage string
	// Constants that it needs; -1: none allowed.
	least   int
	cost    int
	prepare func(args []string) (func(string) bool, error)
}

// functions are those that take a field and constants. exists, absent and in_list have forms of their own and are
// handled in call.
var functions = map[string]function{
	"cidr":        {usage: `cidr(source.ip, "10.0.0.0/8", ...)`, least: 1, cost: costCIDR, prepare: prepareCIDR},
	"ieq":         {usage: `ieq(user.name, "root", ...)`, least: 1, cost: costFold, prepare: folded(strings.EqualFold)},
	"icontains":   {usage: `icontains(message, "text", ...)`, least: 1, cost: costFold, prepare: folded(containsFold)},
	"istartswith": {usage: `istartswith(process.name, "text", ...)`, least: 1, cost: costFold, prepare: folded(prefixFold)},
	"iendswith":   {usage: `iendswith(file.path, "text", ...)`, least: 1, cost: costFold, prepare: folded(suffixFold)},
	"glob":        {usage: `glob(file.path, "/etc/*.d/*", ...)`, least: 1, cost: costFold, prepare: prepareGlob},
	"re":          {usage: `re(message, "^a+$", ...)`, least: 1, cost: costRegex, prepare: prepareRegex},
	"in_list":     {usage: `in_list(source.ip, "name")`, least: 1, cost: costCIDR},
	"exists":      {usage: `exists(user.name)`, least: -1, cost: costEqual},
	"absent":      {usage: `absent(user.name)`, least: -1, cost: costEqual},
}

// Functions returns the names of the functions that conditions may call beside those of expr.
func Functions() []string { return slices.Sorted(maps.Keys(functions)) }

// anyRelated are the fields that in_list("name") looks at when it is given no field.
var anyRelated = []string{"related.ip", "related.user", "related.hosts", "related.hash"}

// call lowers a call of one of our functions on a field. On anything else than a field it returns nil: expr's machine
// runs it there.
func (l *lowering) call(n *ast.CallNode) (*node, error) {
	name, f, err := l.function(n)
	if err != nil {
		return nil, err
	}
	args := n.Arguments
	// in_list("name") names no field: it means everybody and everything that the event is about.
	if _, ok := firstText(args); ok && name == "in_list" && len(args) == 1 {
		return l.inRelated(n)
	}
	if len(args) == 0 {
		return nil, l.misuse(n, f)
	}
	o, ok, err := l.operand(args[0])
	if err != nil {
		return nil, err
	}
	// Constants are checked before it is known who runs the call, so that a mistake is told at load in either case.
	test, err := l.prepared(n, name, f)
	if err != nil || !ok {
		return nil, err
	}
	leaf := &node{fields: []event.Ref{o.ref}, cost: f.cost}
	if name == "exists" || name == "absent" {
		if o.form != formPlain {
			return nil, l.misuse(n, f)
		}
		t := nilTest(map[string]string{"exists": "!=", "absent": "=="}[name], o)
		return t, nil
	}
	if o.form == formLen {
		return nil, l.misuse(n, f)
	}
	leaf.test = anyText(o, test)
	return leaf, nil
}

// function finds the callee, or says which is the nearest.
func (l *lowering) function(n *ast.CallNode) (string, function, error) {
	from, to := n.Location().From, n.Location().To
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return "", function{}, at(l.src, from, to, "expr-not-allowed", "methods cannot be called in a condition")
	}
	f, ok := functions[id.Value]
	if ok {
		return id.Value, f, nil
	}
	e := at(l.src, from, to, "expr-unknown-function", "unknown function `%s`", id.Value)
	if near := nearest.Name(id.Value, append(Functions(), machineFunctions()...)); near != "" {
		return "", f, e.do(fmt.Sprintf("did you mean `%s`?", near))
	}
	return "", f, e.do("there are: " + strings.Join(Functions(), ", "))
}

// prepared checks the constants of a call and returns its test of one text; nil for exists and absent.
func (l *lowering) prepared(n *ast.CallNode, name string, f function) (func(string) bool, error) {
	if f.least < 0 {
		if len(n.Arguments) != 1 {
			return nil, l.misuse(n, f)
		}
		return nil, nil
	}
	args, bad := texts(n.Arguments[1:])
	if bad != nil {
		from, to := span(bad)
		return nil, at(l.src, from, to, "expr-type", "%s takes texts after the field", name).do("write " + f.usage)
	}
	if len(args) < f.least || name == "in_list" && len(args) != 1 {
		return nil, l.misuse(n, f)
	}
	if name == "in_list" {
		list, err := l.list(n, args[0])
		if err != nil {
			return nil, err
		}
		return list.Has, nil
	}
	test, err := f.prepare(args)
	if err != nil {
		from, to := span(n)
		return nil, regexError(at(l.src, from, to, "expr-argument", "%s", err.Error()), err)
	}
	return test, nil
}

// misuse is the error for wrong numbers of arguments. It shows the form that is right.
func (l *lowering) misuse(n *ast.CallNode, f function) error {
	from, to := span(n)
	return at(l.src, from, to, "expr-argument", "wrong arguments").do("write " + f.usage)
}

// list finds the list of a name and notes that it is used.
func (l *lowering) list(n ast.Node, name string) (*List, error) {
	if list := l.lists[name]; list != nil {
		if !slices.Contains(l.used, name) {
			l.used = append(l.used, name)
		}
		return list, nil
	}
	from, to := span(n)
	// A rule without its list is refused and not run without it: it would match nothing, and silently.
	e := at(l.src, from, to, "rule-unknown-list", "there is no list `%s`", name)
	names := slices.Sorted(maps.Keys(l.lists))
	if near := nearest.Name(name, names); near != "" {
		return nil, e.do(fmt.Sprintf("did you mean `%s`?", near))
	}
	return nil, e.do("add " + name + ".txt to the folder of lists, one value a line")
}

// inRelated lowers in_list("name"): any address, user, host or hash that the event is about.
func (l *lowering) inRelated(n *ast.CallNode) (*node, error) {
	name, _ := firstText(n.Arguments)
	list, err := l.list(n, name)
	if err != nil {
		return nil, err
	}
	// Four fields are asked, of which most events have one or two.
	leaf := &node{cost: 2 * costCIDR}
	var tests []test
	for _, path := range anyRelated {
		ref, err := l.field(n, path)
		if err != nil {
			return nil, err
		}
		leaf.fields = append(leaf.fields, ref)
		tests = append(tests, anyText(operand{ref: ref}, list.Has))
	}
	leaf.test = oneOf(tests)
	return leaf, nil
}

// firstText returns the first argument if it is a text: in_list with a text alone has no field.
func firstText(args []ast.Node) (string, bool) {
	if len(args) == 0 {
		return "", false
	}
	s, ok := args[0].(*ast.StringNode)
	if !ok {
		return "", false
	}
	return s.Value, true
}

// texts returns the texts of constants, also of ["a", "b"]; bad is the first that is none.
func texts(args []ast.Node) (out []string, bad ast.Node) {
	for _, a := range args {
		switch a := a.(type) {
		case *ast.StringNode:
			out = append(out, a.Value)
		case *ast.ArrayNode:
			inner, bad := texts(a.Nodes)
			if bad != nil {
				return nil, bad
			}
			out = append(out, inner...)
		default:
			return nil, a
		}
	}
	return out, nil
}

// folded makes a prepare of a comparison that needs none.
func folded(op func(s, sub string) bool) func([]string) (func(string) bool, error) {
	return func(args []string) (func(string) bool, error) {
		if len(args) == 1 {
			sub := args[0]
			return func(s string) bool { return op(s, sub) }, nil
		}
		return func(s string) bool {
			// In the order of the rule: it is the author who knows which is the commonest.
			for _, sub := range args {
				if op(s, sub) {
					return true
				}
			}
			return false
		}, nil
	}
}

// prepareCIDR reads the networks once. An IPv4 address that is written as an IPv6 one is in the IPv4 network.
func prepareCIDR(args []string) (func(string) bool, error) {
	nets := make([]netip.Prefix, 0, len(args))
	for _, a := range args {
		p, err := parsePrefix(a)
		if err != nil {
			return nil, fmt.Errorf("%q is no network: write 10.0.0.0/8 or 2001:db8::/32", a)
		}
		nets = append(nets, p)
	}
	return func(s string) bool {
		ip, err := netip.ParseAddr(s)
		if err != nil {
			return false
		}
		// A zone names an interface of the sender's host. No network has one.
		ip = ip.Unmap().WithZone("")
		for _, n := range nets {
			if n.Contains(ip) {
				return true
			}
		}
		return false
	}, nil
}

// parsePrefix reads a network; an address alone is the network of that one address.
func parsePrefix(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("network %q: %w", s, err)
	}
	// A shorter one holds more than all of IPv4 and stays a network of IPv6.
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// prepareGlob needs no preparation beyond keeping the patterns: every text is a pattern.
func prepareGlob(args []string) (func(string) bool, error) {
	return folded(globMatch)(args)
}

// prepareRegex compiles the patterns once; any of them will do.
func prepareRegex(args []string) (func(string) bool, error) {
	// Compiled once at load. RE2 has no pattern whose time grows faster than the text.
	all := make([]*guarded, len(args))
	for i, a := range args {
		re, err := regexp.Compile(a)
		if err != nil {
			return nil, fmt.Errorf("the pattern cannot be used: %w", err)
		}
		all[i] = guard(re)
	}
	return func(s string) bool {
		for _, re := range all {
			if re.match(s) {
				return true
			}
		}
		return false
	}, nil
}
