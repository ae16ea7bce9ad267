package settings

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/config/unit"
	"weir/internal/fault"
	"weir/rules/yamlfile"
)

// text reads one text. A number or a word such as true is taken as it is written; nothing at all is a mistake, since it is
// more often forgotten than meant.
func (r *reader) text(n ast.Node, key string, into *string) bool {
	s, ok := yamlfile.Text(n)
	if _, null := n.(*ast.NullNode); !ok || null {
		r.file.Fail(n, "notify-value", "", "`%s` needs one value", key)
		return false
	}
	*into = s
	return true
}

// texts reads a list of texts, with the nodes for places; one text alone is a list of one, and an empty list is a mistake.
func (r *reader) texts(n ast.Node, key string) (out []string, nodes []ast.Node) {
	items := []ast.Node{n}
	if seq, ok := n.(*ast.SequenceNode); ok && len(seq.Values) > 0 {
		items = seq.Values
	}
	for _, it := range items {
		s := ""
		if r.text(it, key, &s) {
			out, nodes = append(out, s), append(nodes, it)
		}
	}
	return out, nodes
}

// span reads a span of time. 0 is always right: it switches off, or means at once.
func (r *reader) span(n ast.Node, key string, least, most time.Duration, into *time.Duration) bool {
	s := ""
	if !r.text(n, key, &s) {
		return false
	}
	var d unit.Duration
	if err := d.UnmarshalText([]byte(s)); err != nil {
		r.file.Fail(n, "notify-value", "", "`%s`: %v", key, err)
		return false
	}
	// The bounds are told with the units that people write.
	if v := time.Duration(d); v != 0 && v < least || v > most {
		r.file.Fail(n, "notify-value", fmt.Sprintf("between %s and %s", unit.Duration(least), unit.Duration(most)), "`%s` cannot be %s", key, d)
		return false
	}
	*into = time.Duration(d)
	return true
}

// truth reads true or false. yes and on are texts: half of the programs that people know take them for something else.
func (r *reader) truth(n ast.Node, key string, into *bool) {
	if b, ok := n.(*ast.BoolNode); ok {
		*into = b.Value
		return
	}
	r.file.Fail(n, "notify-value", "write true or false", "`%s` is neither true nor false", key)
}

// whole reads a whole number. Underscores may part its digits, as in all files of weir.
func (r *reader) whole(n ast.Node, key string, least, most int, into *int) {
	s := ""
	if !r.text(n, key, &s) {
		return
	}
	v, err := strconv.Atoi(strings.ReplaceAll(s, "_", ""))
	if err != nil || v < least || v > most {
		r.file.Fail(n, "notify-value", fmt.Sprintf("a whole number between %d and %d", least, most), "`%s` cannot be `%s`", key, s)
		return
	}
	*into = v
}

// zone reads the name of a time zone. The library takes an empty name for UTC, which nobody means by it.
func (r *reader) zone(n ast.Node, otherwise *time.Location) *time.Location {
	s := ""
	if !r.text(n, "time_zone", &s) {
		return otherwise
	}
	if z, err := time.LoadLocation(s); err == nil && s != "" {
		return z
	}
	r.file.Fail(n, "notify-value", "write a name such as Asia/Seoul, Europe/Berlin or UTC", "there is no time zone `%s`", s)
	return otherwise
}

// decoder fills the configuration of a channel from the file, by the tags of its fields.
type decoder struct {
	*reader
	path string // of the section in the file, for places
}

// section reads pairs into a struct. A field without a name in the file cannot be set. own are keys of the same mapping that belong to somebody else.
func (d decoder) section(pairs []*ast.MappingValueNode, into reflect.Value, own map[string]func(ast.Node)) {
	// The struct decides which keys there are; reflection sees each once, when a file is read.
	readers := maps.Clone(own)
	if readers == nil {
		readers = map[string]func(ast.Node){}
	}
	for i := range into.NumField() {
		f, v := into.Type().Field(i), into.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue
		}
		readers[key] = func(n ast.Node) {
			d.value(n, v, key, f.Tag.Get("enum"))
		}
	}
	// Noted before anything is read: a channel may complain of a key that it has not been given.
	for _, kv := range pairs {
		d.places[d.path+"."+yamlfile.Key(kv)] = kv.Value
	}
	d.keys(strings.TrimPrefix(d.path, "channels."), pairs, readers)
}

// value reads one value of any type that configurations of channels have. What reads itself from text does, however many
// fields it has inside.
func (d decoder) value(n ast.Node, into reflect.Value, key, enum string) {
	if into.Kind() == reflect.Pointer {
		// Set at all is what a pointer tells; what it is set to is read like any other value.
		into.Set(reflect.New(into.Type().Elem()))
		d.value(n, into.Elem(), key, enum)
		return
	}
	if u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](into.Addr()); ok {
		s := ""
		if d.text(n, key, &s) {
			if err := u.UnmarshalText([]byte(s)); err != nil {
				d.file.Fail(n, "notify-value", "", "`%s`: %v", key, err)
			}
		}
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		if pairs, ok := yamlfile.Mapping(n); ok {
			decoder{d.reader, d.path + "." + key}.section(pairs, into, nil)
			return
		}
		d.file.Fail(n, "notify-value", "write keys and values", "`%s` is a group of keys", key)
	case reflect.Slice:
		d.list(n, into, key, enum)
	case reflect.Map:
		d.table(n, into, key)
	default:
		d.scalar(n, into, key, enum)
	}
}

// list reads a list; one value alone is a list of one, since most channels have one recipient.
func (d decoder) list(n ast.Node, into reflect.Value, key, enum string) {
	items := []ast.Node{n}
	if seq, ok := n.(*ast.SequenceNode); ok {
		items = seq.Values
	}
	// Each item has a place of its own, since a channel complains of the second recipient and not of the list.
	out := reflect.MakeSlice(into.Type(), 0, len(items))
	for i, it := range items {
		d.places[d.path+"."+key+"."+strconv.Itoa(i)] = it
		v := reflect.New(into.Type().Elem()).Elem()
		d.value(it, v, key, enum)
		out = reflect.Append(out, v)
	}
	into.Set(out)
}

// table reads names with values. The names are data, such as headers, so any is right; twice the same is not.
func (d decoder) table(n ast.Node, into reflect.Value, key string) {
	pairs, ok := yamlfile.Mapping(n)
	if !ok {
		d.file.Fail(n, "notify-value", "write names and values", "`%s` is a table of names", key)
		return
	}
	out := reflect.MakeMap(into.Type())
	seen := map[string]int{}
	for _, kv := range pairs {
		if d.twice(kv, seen) {
			continue
		}
		name := yamlfile.Key(kv)
		d.places[d.path+"."+key+"."+name] = kv.Value
		v := reflect.New(into.Type().Elem()).Elem()
		d.value(kv.Value, v, key+"."+name, "")
		out.SetMapIndex(reflect.ValueOf(name).Convert(into.Type().Key()), v)
	}
	into.Set(out)
}

// scalar reads a text, a number or a truth. What a channel must not be given it says itself; here only types are looked at.
func (d decoder) scalar(n ast.Node, into reflect.Value, key, enum string) {
	s := ""
	switch into.Kind() {
	case reflect.Bool:
		b := false
		d.truth(n, key, &b)
		into.SetBool(b)
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16:
		v := int(into.Int())
		d.whole(n, key, -1<<31, 1<<31-1, &v)
		into.SetInt(int64(v))
	case reflect.Uint16, reflect.Uint32, reflect.Uint8, reflect.Uint:
		v := int(into.Uint())
		d.whole(n, key, 0, 1<<(min(into.Type().Bits(), 31))-1, &v)
		into.SetUint(uint64(v))
	case reflect.Float64:
		if !d.text(n, key, &s) {
			return
		}
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			d.file.Fail(n, "notify-value", "write a number", "`%s` cannot be `%s`", key, s)
			return
		}
		into.SetFloat(f)
	case reflect.String:
		if !d.text(n, key, &s) {
			return
		}
		if enum != "" && !oneOf(s, enum) {
			d.file.Fail(n, "notify-value", "one of "+strings.ReplaceAll(enum, ",", ", "), "`%s` cannot be `%s`", key, s)
			return
		}
		into.SetString(s)
	default:
		at, width := yamlfile.Extent(n)
		d.file.Add(at, width, fault.Error{Code: "notify-value", What: fmt.Sprintf("`%s` cannot be configured: it is a %s", key, into.Type())})
	}
}

// oneOf tells whether a word is in a list with commas, as the tag of a field has it.
func oneOf(word, list string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if w == word {
			return true
		}
	}
	return false
}
