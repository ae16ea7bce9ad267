package writing

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/processors/parse/format/convert"
	"weir/processors/parse/format/step"
	"weir/processors/parse/format/suffix"
	"weir/rules/yamlfile"
)

// uriOp is the step uri.
type uriOp struct {
	from                                                                                 *step.Place
	domain, path, query, fragment, scheme, port, extension, username, password, original *step.Place
}

// compileURI resolves all parts, also those that few URLs have: a root without a field for one of them is a mistake in the format.
// compileURI compiles the step uri. All places below its target are made now, so that they are among the fields that the format can fill.
func compileURI(c *step.Compiler, n ast.Node) step.Op {
	o := &uriOp{}
	to := "url"
	c.Keys("uri", n, map[string]func(ast.Node){"from": func(n ast.Node) { o.from = c.Reads(n) }, "to": c.TextKey("to", &to)})
	if o.from == nil {
		if !c.Refused() {
			c.Refuse(n, "add `from: place`", "`uri` does not say what is read")
		}
		return nil
	}
	for _, p := range []struct {
		into **step.Place
		name string
	}{{&o.domain, "domain"}, {&o.path, "path"}, {&o.query, "query"}, {&o.fragment, "fragment"}, {&o.scheme, "scheme"}, {&o.port, "port"},
		{&o.extension, "extension"}, {&o.username, "username"}, {&o.password, "password"}, {&o.original, "original"}} {
		*p.into = c.Below(n, to, p.name)
	}
	if c.Refused() {
		return nil
	}
	return o
}

// Run takes the URL apart by its delimiters: what devices log is often cut off or has letters that no URL may have, and is
// still worth its parts.
func (o *uriOp) Run(m *step.Machine) error {
	s, ok := m.TextOf(o.from)
	if !ok || m.Nothing(s) {
		return nil
	}
	decode := validURI(s)
	if o.from != o.original {
		m.PutText(o.original, s)
	}
	rest, fragment, _ := strings.Cut(s, "#")
	rest, query, _ := strings.Cut(rest, "?")
	m.PutText(o.fragment, unescape(fragment, decode))
	m.PutText(o.query, unescape(query, decode))
	scheme, after, hasScheme := cutScheme(rest)
	if hasScheme {
		m.PutText(o.scheme, scheme)
		rest = after
	}
	if authority, ok := strings.CutPrefix(rest, "//"); ok {
		host, path := authority, ""
		if i := strings.IndexByte(authority, '/'); i >= 0 {
			host, path = authority[:i], authority[i:]
		}
		o.authority(m, host)
		rest = path
	}
	path := unescape(rest, decode)
	m.PutText(o.path, path)
	last := path[strings.LastIndexByte(path, '/')+1:]
	if i := strings.LastIndexByte(last, '.'); i >= 0 && strings.IndexByte(last[i:], ':') < 0 { // a.example:443 has none
		m.PutText(o.extension, last[i+1:])
	}
	return nil
}

// authority reads user:password@host:port.
//
// The last @ counts: passwords that have one are seen, names of hosts never have one.
func (o *uriOp) authority(m *step.Machine, s string) {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		user, password, _ := strings.Cut(s[:i], ":")
		m.PutText(o.username, user)
		m.PutText(o.password, password)
		s = s[i+1:]
	}
	host, port := hostPort(s)
	m.PutText(o.domain, host)
	if port >= 0 {
		m.Put(o.port, event.Num(int64(port)))
	}
}

// cutScheme cuts off what stands before :// or, without one, before a colon that no port follows.
func cutScheme(s string) (scheme, rest string, ok bool) {
	i := strings.IndexByte(s, ':')
	if i <= 0 {
		return "", s, false
	}
	for j := range i {
		c := s[j]
		if letter := c|0x20 >= 'a' && c|0x20 <= 'z'; !letter && (j == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return "", s, false
		}
	}
	// host:443 has no scheme.
	if !strings.HasPrefix(s[i+1:], "//") && (strings.IndexByte(s[:i], '.') >= 0 || i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9') {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}

// validURI tells whether a text holds only letters that a URI may have: only then is a % an escape for sure.
func validURI(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%':
			if i+2 >= len(s) || convert.HexDigit(s[i+1]) < 0 || convert.HexDigit(s[i+2]) < 0 {
				return false
			}
		case c <= ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' || c == '{' || c == '|' || c == '}' || c == 0x7f:
			return false
		}
	}
	return true
}

// unescape decodes %XX where it is meant.
func unescape(s string, decode bool) string {
	if !decode || strings.IndexByte(s, '%') < 0 {
		return s
	}
	if out, err := url.PathUnescape(s); err == nil {
		return strings.ToValidUTF8(out, "\ufffd")
	}
	return s
}

// hostPort parts host:port and [v6]:port; port is -1 where there is none.
func hostPort(s string) (host string, port int) {
	at := strings.LastIndexByte(s, ':')
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return s, -1
		}
		host = s[1:end]
		if end+1 == len(s) || s[end+1] != ':' {
			return host, -1
		}
		at = end + 1
	} else if at < 0 || strings.IndexByte(s, ':') != at {
		return s, -1 // none, or an address of version 6
	} else {
		host = s[:at]
	}
	n, err := strconv.ParseUint(s[at+1:], 10, 16)
	if err != nil {
		if s[at+1:] == "" {
			return host, -1
		}
		return s, -1
	}
	return host, int(n)
}

// domainOp is the step domain.
type domainOp struct{ from, registered, top, sub *step.Place }

// compileDomain resolves the three parts below the target.
// compileDomain compiles the step domain.
func compileDomain(c *step.Compiler, n ast.Node) step.Op {
	o := &domainOp{}
	to := ""
	c.Keys("domain", n, map[string]func(ast.Node){"from": func(n ast.Node) { o.from = c.Reads(n) }, "to": c.TextKey("to", &to)})
	if o.from == nil || to == "" {
		if !c.Refused() {
			c.Refuse(n, "write domain: {from: dns.question.name, to: dns.question}", "`domain` needs from and to")
		}
		return nil
	}
	o.registered, o.top, o.sub = c.Below(n, to, "registered_domain"), c.Below(n, to, "top_level_domain"), c.Below(n, to, "subdomain")
	return o
}

// Run writes the parts that the name has. An address or a name without a full stop has none, which is no failure.
// Run writes the parts of a name. A name without a full stop and an address have none, which is no failure.
func (o *domainOp) Run(m *step.Machine) error {
	s, ok := m.TextOf(o.from)
	if !ok {
		return nil
	}
	sub, registered, top := suffix.Parts(s)
	m.PutText(o.registered, registered)
	m.PutText(o.top, top)
	m.PutText(o.sub, sub)
	return nil
}

// addressOp is the step address.
type addressOp struct{ list []addressing }

// addressing is one source and the places below its target.
type addressing struct{ from, address, ip, domain, port *step.Place }

// compileAddress resolves address, ip, domain and port below each target, so the target must be an end of a flow as ECS has them.
// compileAddress compiles the step address.
func compileAddress(c *step.Compiler, n ast.Node) step.Op {
	o := &addressOp{}
	c.Map("address", n, func(kv *ast.MappingValueNode) {
		a := addressing{from: c.At(kv.Key, yamlfile.Key(kv))}
		to, ok := yamlfile.Text(kv.Value)
		if !ok {
			c.Refuse(kv.Value, "write _src: source", "`address` needs the place below which it writes")
			return
		}
		a.address, a.ip, a.domain, a.port = c.Below(kv.Value, to, "address"), c.Below(kv.Value, to, "ip"), c.Below(kv.Value, to, "domain"), c.Below(kv.Value, to, "port")
		if a.from != nil && a.address != nil && a.ip != nil && a.domain != nil && a.port != nil {
			o.list = append(o.list, a)
		}
	})
	return o
}

// Run tells an address from a name by reading it: a network such as 192.0.2.0/24 is neither, and stays the address alone.
// Run writes what is known of an address. A network is neither an address nor a domain: it is only kept as what the device wrote.
func (o *addressOp) Run(m *step.Machine) error {
	for i := range o.list {
		a := &o.list[i]
		s, ok := m.TextOf(a.from)
		if s = strings.TrimSpace(s); !ok || m.Nothing(s) {
			continue
		}
		host, port := hostPort(s)
		if m.Nothing(host) {
			continue
		}
		m.PutText(a.address, host)
		if v, isIP := convert.IP(host); isIP {
			m.Put(a.ip, v)
		} else if _, err := netip.ParsePrefix(host); err != nil {
			m.PutText(a.domain, host)
		}
		if port >= 0 {
			m.Put(a.port, event.Num(int64(port)))
		}
	}
	return nil
}

// dumpOp is the step dump.
type dumpOp struct {
	from, to *step.Place
	names    func(string) string
	except   [][]string
	state    int
}

// compileDump cuts the paths that are left out into names, which are those of the tree, not as they will be written.
// compileDump compiles the step dump. Names that it leaves out are those of the tree, before they are written in another way.
func compileDump(c *step.Compiler, n ast.Node) step.Op {
	o := &dumpOp{}
	naming := "asis"
	c.Keys("dump", n, map[string]func(ast.Node){
		"from": func(n ast.Node) { o.from = c.Reads(n) }, "to": func(n ast.Node) { o.to = c.Writes(n); c.Open(n, o.to) },
		"names": c.OneOf("names", &naming, "asis", "lower", "snake"),
		"except": func(n ast.Node) {
			for _, it := range step.ListOf(n) {
				s, _ := yamlfile.Text(it)
				names, ok := step.ParsePath(s)
				if !ok {
					c.Refuse(it, "", "`%s` is no path", s)
					continue
				}
				o.except = append(o.except, names)
			}
		},
	})
	if o.from == nil || o.to == nil {
		if !c.Refused() {
			c.Refuse(n, "write dump: {from: _json, to: the root}", "`dump` needs from and to")
		}
		return nil
	}
	o.names, o.state = convert.Naming(naming), c.KeepsState()
	return o
}

// Run copies the tree with its names as they should be, and hands it to the target in one go: thousands of members then cost no
// search through those before.
// Run writes the tree. Its objects are made anew in the memory of the event, so that the tree itself, which other steps may read, stays.
// Names of keys are remembered by the machine: those of one kind of message are always the same.
func (o *dumpOp) Run(m *step.Machine) error {
	v := m.Get(o.from)
	if v.Kind() != event.Object {
		return nil
	}
	state := m.State(o.state)
	st, _ := (*state).(*convert.Names)
	if st == nil {
		st = &convert.Names{Naming: o.names}
		*state = st
	}
	if out := o.tree(m, st, v, o.except, 0); out.Len() > 0 {
		list := m.Take(2 * out.Len())
		for i := range out.Len() {
			key, val := out.Member(i)
			list = append(list, event.Str(key), val)
		}
		m.Members(o.to, list)
	}
	return nil
}

// maxTree bounds how deep dump goes; what is deeper stays as it is.
const maxTree = 32

// tree returns an object with its names written as they should be, without what is left out or means nothing. An empty
// object is what is left of one without members.
func (o *dumpOp) tree(m *step.Machine, st *convert.Names, v event.Value, except [][]string, depth int) event.Value {
	switch {
	case depth > maxTree:
		return v
	case v.Kind() == event.List:
		list := m.Take(v.Len())
		for i := range v.Len() {
			if it := o.tree(m, st, v.Item(i), except, depth+1); o.says(m, it) {
				list = append(list, it)
			}
		}
		return event.Items(list...)
	case v.Kind() != event.Object:
		return v
	}
	list := m.Take(2 * v.Len())
	for i := range v.Len() {
		key, val := v.Member(i)
		below, out := except, false
		if len(except) > 0 {
			below, out = within(except, key)
		}
		if out || key == "" {
			continue
		}
		name := st.Of(key)
		if val = o.tree(m, st, val, below, depth+1); name == "" || !o.says(m, val) {
			continue
		}
		list = append(list, event.Str(name), val)
	}
	return event.Members(list...)
}

// says tells whether a value means something.
func (o *dumpOp) says(m *step.Machine, v event.Value) bool {
	switch v.Kind() {
	case event.Absent, event.Null:
		return false
	case event.String:
		return !m.Nothing(v.Str())
	case event.List, event.Object:
		return v.Len() > 0
	}
	return true
}

// within returns the paths that go on below a key, and whether the key itself is one.
func within(paths [][]string, key string) (below [][]string, is bool) {
	for _, p := range paths {
		if p[0] != key {
			continue
		}
		if len(p) == 1 {
			return nil, true
		}
		below = append(slices.Clip(below), p[1:])
	}
	return below, false
}
