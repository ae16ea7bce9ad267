package event

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"weir/event/ecs"
)

// Field is the id of a known field path. Ids below the length of the built-in list are constants of this package;
// ids above it come from [Register]. An id is valid for the life of the process and never stored on disk.
type Field uint16

// maxFields bounds the table, which names from outside could fill otherwise: ids are 16 bits wide, and an event holds one index slot per field.
const maxFields = 16384

// spec is one row of a field list.
type spec struct {
	path  string
	typ   ecs.Type
	array bool
	since uint8 // first major version of ECS that has the field; 0: ours; onlyAsked: nobody's
}

// onlyAsked is instead of a version in fields that only conditions name.
const onlyAsked = 255

// table is immutable once published, but for plans. Register publishes a longer copy.
type table struct {
	specs  []spec
	forms  []form   // how the encoder writes each field
	rank   []uint16 // place of a field in document order
	order  []Field  // fields in document order
	root   *node    // the tree of all paths
	nodes  []*node  // the place of each field in it
	quick  []uint16 // what Conform sees at one look, see quickOf
	uppers []Field  // fields that have other fields below them
	mixed  []Field  // those of uppers that take any key: known keys have slots, the others are members
	plans  *plans   // the one part that changes: what encoders found out about shapes
}

// form is what the encoder needs of a field.
type form struct {
	ids  []uint16 // the nodes from the top of the document to the field
	open []string // what to write before the value, by how many of those nodes are open already: "source":{"ip":
}

// node is one place in a document: a field, the parent of fields, or both (dns.answers).
type node struct {
	path    string
	name    string // last part of path
	parent  *node
	kids    map[string]*node
	id      uint16
	field   Field
	isField bool
	date    bool // a field of dates
}

// fields is read without a lock; registerMu is held by who makes the next table.
var (
	fields     atomic.Pointer[table]
	registerMu sync.Mutex
)

// load returns the current table and builds the first one on first use.
func load() *table {
	if t := fields.Load(); t != nil {
		return t
	}
	registerMu.Lock()
	defer registerMu.Unlock()
	if t := fields.Load(); t != nil {
		return t
	}
	t := newTable(builtin)
	fields.Store(t)
	return t
}

// newTable builds the tree of paths and all that follows from it. It takes about a millisecond.
func newTable(specs []spec) *table {
	t := &table{specs: specs, forms: make([]form, len(specs)), rank: make([]uint16, len(specs)), order: make([]Field, len(specs)), quick: make([]uint16, len(specs)), nodes: make([]*node, len(specs)), root: &node{}, plans: new(plans)}
	nodes := uint16(0)
	for i, s := range specs {
		t.order[i] = Field(i)
		n := t.root
		for part := range strings.SplitSeq(s.path, ".") {
			if n.kids[part] == nil {
				if n.kids == nil {
					n.kids = make(map[string]*node)
				}
				nodes++
				n.kids[part] = &node{path: join(n.path, part, n == t.root), name: part, parent: n, id: nodes}
			}
			n = n.kids[part]
		}
		n.field, n.isField, n.date = Field(i), true, s.typ == ecs.Date
		t.forms[i], t.nodes[i] = makeForm(n), n
		t.quick[i] = quickOf(&s)
	}
	for i, s := range specs {
		if t.find(s.path).kids != nil {
			t.uppers = append(t.uppers, Field(i))
			if s.typ == ecs.Flattened {
				t.mixed = append(t.mixed, Field(i))
				t.quick[i] |= quickMixed
			}
			t.quick[i] |= quickUpper
		}
	}
	slices.SortFunc(t.order, func(a, b Field) int { return comparePaths(specs[a].path, specs[b].path) })
	for r, f := range t.order {
		t.rank[f] = uint16(r)
	}
	return t
}

// join puts a part behind the path of its parent; the top of the document has no path.
func join(path, part string, top bool) string {
	if top {
		return part
	}
	return path + "." + part
}

// makeForm writes down how the field at n is encoded. What to write where a part of the path is open already is the
// end of what to write where none is.
func makeForm(n *node) form {
	depth := 0
	for up := n; up.parent != nil; up = up.parent {
		depth++
	}
	f := form{ids: make([]uint16, depth), open: make([]string, depth)}
	names := make([]string, depth)
	for i := depth - 1; n.parent != nil; i, n = i-1, n.parent {
		f.ids[i], names[i] = n.id, n.name
	}
	var buf [256]byte
	text := buf[:0]
	from := make([]int, depth)
	for i, name := range names {
		from[i] = len(text)
		text = append(appendString(text, name), ':')
		if i < depth-1 {
			text = append(text, '{')
		}
	}
	all := string(text)
	for i := range from {
		f.open[i] = all[from[i]:]
	}
	return f
}

// find returns the node of a path, nil if no field is there or below.
func (t *table) find(path string) *node {
	n := t.root
	for n != nil {
		part, rest, more := strings.Cut(path, ".")
		if n = n.kids[part]; !more {
			return n
		}
		path = rest
	}
	return nil
}

// lookup returns the field of a path.
func (t *table) lookup(path string) (Field, bool) {
	if n := t.find(path); n != nil && n.isField {
		return n.field, true
	}
	return 0, false
}

// comparePaths orders paths as they stand in a document: segment by segment, so that all fields below one parent
// are neighbours ("a" < "a.b" < "a-b").
func comparePaths(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			continue
		}
		switch {
		case a[i] == '.':
			return -1
		case b[i] == '.':
			return 1
		}
		return cmp.Compare(a[i], b[i])
	}
	return cmp.Compare(len(a), len(b))
}

// Lookup returns the id of a path. It walks the tree of paths; for many look-ups of one path keep the id.
func Lookup(path string) (Field, bool) {
	return load().lookup(path)
}

// Register makes paths known and returns the id of the first; a path that is known already keeps its type. It is meant for
// load time (formats, rules): a call that makes any known copies the table, so who has many gives them all at once. Those
// that can be are known afterwards; the error is about the first one that cannot, because the table is full or the path
// is empty or has an empty segment. The type ecs.Asked is of paths that only a condition names, until somebody makes them
// known with another.
func Register(typ ecs.Type, paths ...string) (Field, error) {
	load()
	registerMu.Lock()
	defer registerMu.Unlock()
	t := fields.Load()
	specs := slices.Clip(t.specs) // an older table is read meanwhile
	added := map[string]bool{}
	asked, since := typ == ecs.Asked, uint8(0)
	if asked {
		typ, since = ecs.Keyword, onlyAsked
	}
	var filled []Field
	var failed error
	for _, path := range paths {
		f, ok := t.lookup(path)
		if ok && !asked && specs[f].since == onlyAsked {
			filled = append(filled, f)
		}
		if ok || added[path] {
			continue
		}
		var err error
		switch {
		case path == "" || strings.Contains("."+path+".", ".."):
			err = fmt.Errorf("field path %q has an empty part", path)
		case len(specs) == maxFields:
			err = fmt.Errorf("field %s: the table is full at %d fields", path, maxFields)
		default:
			added[path] = true
			specs = append(specs, spec{path: path, typ: typ, since: since})
		}
		if failed == nil {
			failed = err
		}
	}
	if len(filled) > 0 {
		specs = slices.Clone(specs)
		for _, f := range filled {
			specs[f].since = 0
		}
	}
	if len(specs) > len(t.specs) || len(filled) > 0 {
		fields.Store(newTable(specs))
	}
	first, _ := Lookup(paths[0])
	return first, failed
}

// Fields returns every known field in document order, in a list of the caller's own.
func Fields() []Field { return slices.Clone(load().order) }

// Asked tells whether only conditions name the field: no list has it, and no format said that it fills it.
func (f Field) Asked() bool { return load().specs[f].since == onlyAsked }

// Path returns the dotted path.
func (f Field) Path() string { return load().specs[f].path }

// String returns the dotted path.
func (f Field) String() string { return f.Path() }

// Type returns the type that values of the field must have.
func (f Field) Type() ecs.Type { return load().specs[f].typ }

// Array tells whether ECS asks for a list even where there is one value.
func (f Field) Array() bool { return load().specs[f].array }

// Since returns the first major version of ECS that has the field, 0 for fields of our own.
func (f Field) Since() int {
	if f.Asked() {
		return 0
	}
	return int(load().specs[f].since)
}
