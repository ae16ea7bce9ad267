package step

import (
	"slices"
	"strings"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/nearest"
	"weir/schemas"
)

// Schema is what is known of fields when formats are loaded: those that come with weir, with their types. What rules or formats
// made known in this process is not among them: what a format means must not depend on what was loaded before it.
type Schema struct {
	types map[string]string
	ecs   map[string]bool // the first names of those of ECS
}

// NewSchema reads the lists of fields.
func NewSchema() *Schema {
	s := &Schema{ecs: map[string]bool{}}
	s.types, _ = schemas.Types() // the lists are embedded, and a test reads them
	for _, f := range event.Fields() {
		if f.Since() > 0 {
			top, _, _ := strings.Cut(f.Path(), ".")
			s.ecs[top] = true
		}
	}
	return s
}

// Roots makes the roots of formats known as open fields and returns those that are. A root below which weir has fields with
// Roots that count to a store stays what it is, an object of fields; so does a part of ECS.
func (s *Schema) Roots(all []string) []string {
	var out []string
	for _, root := range all {
		if !s.typedBelow(root) && s.types[root] == "" && !s.ecsTop(root) && !slices.Contains(out, root) {
			out = append(out, root)
		}
	}
	slices.Sort(out)
	// Of two roots one of which lies below the other the upper one is enough: the lower is a key in it.
	out = slices.DeleteFunc(out, func(root string) bool {
		return slices.ContainsFunc(out, func(other string) bool { return strings.HasPrefix(root, other+".") })
	})
	if len(out) > 0 {
		_, _ = event.Register(ecs.Flattened, out...) // a full table leaves a root among the values that no list knows
	}
	return out
}

// typedBelow tells whether weir has fields below a path whose types count to a store: then it cannot be one flattened field.
// Keywords, numbers and booleans are found in one too.
func (s *Schema) typedBelow(path string) bool {
	for p, typ := range s.types {
		if strings.HasPrefix(p, path) && len(p) > len(path) && p[len(path)] == '.' && (typ == "ip" || typ == "date") {
			return true
		}
	}
	return false
}

// ecsTop tells whether the first name of a path is one of ECS, below which no vendor keeps its own.
func (s *Schema) ecsTop(path string) bool {
	top, _, _ := strings.Cut(path, ".")
	return s.ecs[top]
}

// field resolves a path outside of scratch: a known field, a key below an open one, or below the vendor's root.
func (s *Schema) field(f *Program, p *Place) *noPlace {
	if id, ok := event.Lookup(p.Path); ok {
		p.kind, p.field, p.array, p.ref = atField, id, id.Array(), event.MakeRef(p.Path)
		return nil
	}
	p.ref = event.MakeRef(p.Path)
	if upper, key, ok := openAbove(p.Path); ok {
		p.kind, p.field, p.key = atMember, upper, key
		return nil
	}
	if !under(p.Path, f.Root) && !under(p.Path, f.Module) {
		if event.MakeRef(p.Path).Upper() {
			p.kind = atGroup
			for name := range strings.SplitSeq(p.Path, ".") {
				p.segs = append(p.segs, seg{name: name, item: itemOf(name), hint: f.hints})
				f.hints++
			}
			return nil
		}
		return unknownField(p.Path, f.Root)
	}
	// Below a root with typed fields (cisco.asa) what they are not is known as a keyword, and what lies deeper as an open
	// object.
	names := strings.Split(p.Path, ".")
	for i := 1; i <= len(names); i++ {
		upper := strings.Join(names[:i], ".")
		if i < len(names) && (s.typedBelow(upper) || event.MakeRef(upper).Upper()) {
			continue // other fields are known below it
		}
		if i < len(names) {
			if _, known := event.Lookup(upper); known {
				return &noPlace{what: p.Path + " cannot be", why: upper + " has one value, so nothing lies below it", do: "write another name"}
			}
		}
		typ := ecs.Keyword
		if i < len(names) {
			typ = ecs.Flattened
		}
		if _, err := event.Register(typ, upper); err != nil {
			return &noPlace{what: p.Path + " cannot be", why: err.Error()}
		}
		return s.field(f, p)
	}
	return unknownField(p.Path, f.Root)
}

// Unknown says what to write in place of a path that an event of the format cannot have, "" for one that it can.
func (s *Schema) Unknown(f *Program, path string) string {
	ref := event.MakeRef(path)
	if _, known := ref.Field(); known || ref.Upper() || under(path, f.Root) || under(path, f.Module) {
		return ""
	}
	if _, _, open := openAbove(path); open {
		return ""
	}
	return unknownField(path, f.Root).do
}

// under tells whether a path is upper or lies below it.
func under(path, upper string) bool {
	return strings.HasPrefix(path, upper) && (len(path) == len(upper) || path[len(upper)] == '.')
}

// openAbove returns the nearest field above a path that takes any key.
func openAbove(path string) (f event.Field, key string, ok bool) {
	for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
		if f, ok := event.Lookup(path[:i]); ok && isOpen(f) {
			return f, path[i+1:], true
		}
	}
	return 0, "", false
}

// isOpen tells whether a field takes any key.
func isOpen(f event.Field) bool { return f.Type() == ecs.Flattened || f.Type() == ecs.Nested }

// unknownField says that no list knows a path.
func unknownField(path, root string) *noPlace {
	why := &noPlace{what: "no field is called " + path, do: "write a field of ECS, a name below " + root + ", or scratch such as _x"}
	var names []string
	for _, f := range event.Fields() {
		names = append(names, f.Path())
	}
	if near := nearest.Name(path, names); near != "" {
		why.near, why.do = true, "did you mean "+near+"?"
	}
	return why
}

// own are the fields that only weir sets.
var own = []string{"event.ingested", "event.original", "ecs.version", "log.source.address", "weir"}

// open are those below weir that formats may set.
var ours = []string{"weir.data", "weir.tcp", "weir.parse_errors", "weir.rights", "weir.privacy"}

// sealed tells whether a format may not write a path.
func sealed(path string) bool {
	if slices.ContainsFunc(ours, func(p string) bool { return under(path, p) }) {
		return false
	}
	return slices.ContainsFunc(own, func(p string) bool { return under(path, p) })
}
