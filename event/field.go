package event

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Field is the id of a known field path. Ids below the length of the built-in list are constants of this package;
// ids above it come from [Register]. An id is valid for the life of the process and never stored on disk.
type Field uint16

// Type is the ECS type of a field, folded to those that a value is checked against.
type Type uint8

// The types, with the Elasticsearch types that fold into each.
const (
	TypeKeyword   Type = iota // keyword, constant_keyword, wildcard
	TypeText                  // text, match_only_text
	TypeLong                  // long, integer, short
	TypeDouble                // double, float, scaled_float
	TypeDate                  // date
	TypeBoolean               // boolean
	TypeIP                    // ip
	TypeGeoPoint              // geo_point
	TypeNested                // object, nested: objects as a value
	TypeFlattened             // flattened: open keys below the field
)

// maxFields bounds the table: ids are 16 bits wide, and an event holds one index slot per field.
const maxFields = 16384

type spec struct {
	path  string
	typ   Type
	array bool
	since uint8 // first major version of ECS that has the field; 0: ours
}

// table is immutable once published. Register publishes a longer copy.
type table struct {
	specs []spec
	segs  [][]string       // path segments per field
	rank  []uint16         // place of a field in document order
	order []Field          // fields in document order
	nodes map[string]*node // every path and every prefix of a path
}

// node says what a path is: a field, the parent of fields, or both (dns.answers).
type node struct {
	field    Field
	isField  bool
	children bool
}

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

func newTable(specs []spec) *table {
	t := &table{specs: specs, segs: make([][]string, len(specs)), rank: make([]uint16, len(specs)), order: make([]Field, len(specs)), nodes: make(map[string]*node, 2*len(specs))}
	for i, s := range specs {
		t.segs[i] = strings.Split(s.path, ".")
		t.order[i] = Field(i)
		n := t.node(s.path)
		n.field, n.isField = Field(i), true
		for p := parent(s.path); p != ""; p = parent(p) {
			t.node(p).children = true
		}
	}
	slices.SortFunc(t.order, func(a, b Field) int { return ComparePaths(specs[a].path, specs[b].path) })
	for r, f := range t.order {
		t.rank[f] = uint16(r)
	}
	return t
}

func (t *table) node(path string) *node {
	n := t.nodes[path]
	if n == nil {
		n = &node{}
		t.nodes[path] = n
	}
	return n
}

// parent returns the path without its last segment, "" for a path of one segment.
func parent(path string) string {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)]
}

// ComparePaths orders paths as they stand in a document: segment by segment, so that all fields below one parent
// are neighbours ("a" < "a.b" < "a-b").
func ComparePaths(a, b string) int {
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

// Lookup returns the id of a path.
func Lookup(path string) (Field, bool) {
	n := load().nodes[path]
	if n == nil || !n.isField {
		return 0, false
	}
	return n.field, true
}

// Register makes a path known and returns its id; a path that is known already keeps its type. It is meant for load
// time (formats, rules): every call copies the table. It fails when the table is full or the path is empty or has an
// empty segment.
func Register(path string, typ Type) (Field, error) {
	if path == "" || strings.Contains("."+path+".", "..") {
		return 0, fmt.Errorf("field path %q has an empty part", path)
	}
	load()
	registerMu.Lock()
	defer registerMu.Unlock()
	t := fields.Load()
	if n := t.nodes[path]; n != nil && n.isField {
		return n.field, nil
	}
	if len(t.specs) == maxFields {
		return 0, fmt.Errorf("field %s: the table is full at %d fields", path, maxFields)
	}
	next := newTable(append(slices.Clip(t.specs), spec{path: path, typ: typ}))
	fields.Store(next)
	return Field(len(t.specs)), nil
}

// Fields returns every known field in document order.
func Fields() []Field { return slices.Clone(load().order) }

// Path returns the dotted path.
func (f Field) Path() string { return load().specs[f].path }

// String returns the dotted path.
func (f Field) String() string { return f.Path() }

// Type returns the type that values of the field must have.
func (f Field) Type() Type { return load().specs[f].typ }

// Array tells whether ECS asks for a list even where there is one value.
func (f Field) Array() bool { return load().specs[f].array }

// Since returns the first major version of ECS that has the field, 0 for fields of our own.
func (f Field) Since() int { return int(load().specs[f].since) }
