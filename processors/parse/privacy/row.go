package privacy

import (
	"errors"
	"fmt"
	"strings"

	"weir/event"
	"weir/processors/parse/format/csvline"
	"weir/processors/parse/format/pairs"
)

// Bounds of one record.
const (
	maxOther = 256   // keys that are no item
	maxPairs = 1_000 // key=value
	maxDepth = 8     // objects within objects of JSON
	maxList  = 1_000 // data subjects, or rights, of one record
)

// listed separates the values of an item that came as a list.
const listed = "\x1f"

// Faults of a record as a whole.
var (
	errEmpty = errors.New("the record is empty")
	errRows  = errors.New("more than one row below the names of columns: one record has one row")
	errFew   = errors.New("a row of one cell: neither JSON, nor key=value, nor values between commas")
)

// row is a record, taken apart.
type row struct {
	kind   Kind
	values [items]string
	other  []other
	header bool // the record is but the names of columns
}

// other is what the record says beside the items.
type other struct {
	name  string
	value event.Value
}

// order is the order of columns where no header says another one.
var order = [2][]item{
	AccessRecord: {itemTime, itemID, itemAddress, itemSubject, itemAction, itemCount, itemSystem, itemReason, itemResult},
	RightsRecord: {itemTime, itemID, itemAction, itemTargetID, itemSystem, itemRight, itemOld, itemNew, itemApprover, itemReason},
}

// kv reads key=value. A value may go on over words without a sign, as people write times and reasons. Where there are more
// signs than a record can have pairs it may not: to look for the end of such a value costs as much as the text is long.
var kv, strictKV = splitter(true), splitter(false)

func splitter(lazy bool) *pairs.Splitter {
	s, err := pairs.Compile(pairs.Options{Pairs: []string{" ", "\t", "|"}, Values: []string{"="}, Quote: '"', Escape: '\\', Trim: ",;", Lazy: lazy})
	if err != nil {
		panic(err) // the options are constants
	}
	return s
}

// read takes a record apart in whichever of the three forms it is. A record may begin with the name of its dataset.
func (r *row) read(msg string) error {
	s := strings.Trim(msg, " \t\r\n\ufeff")
	for _, name := range []string{"privacy_access", "access_rights"} {
		if rest, ok := strings.CutPrefix(s, name); ok && rest != "" && strings.IndexByte(",: \t|", rest[0]) >= 0 {
			s = strings.TrimLeft(rest[1:], " \t")
		}
	}
	switch {
	case s == "":
		return errEmpty
	case s[0] == '{':
		return r.json(s)
	case isPairs(s):
		n, split := 0, kv
		if strings.Count(s, "=") > maxPairs {
			split = strictKV
		}
		return split.Each(s, func(key, value string) bool {
			r.add(key, event.Str(value))
			n++
			return n < maxPairs
		})
	}
	return r.csv(s)
}

// isPairs tells key=value from a row: its first sign of either sort is a "=" behind one word.
func isPairs(s string) bool {
	i := strings.IndexAny(s, "=,\"\n")
	return i > 0 && s[i] == '=' && !strings.Contains(strings.TrimSpace(s[:i]), " ")
}

// json reads an object.
func (r *row) json(s string) error {
	v, err := event.ParseValue([]byte(s))
	if err != nil {
		return fmt.Errorf("reading JSON: %w", err)
	}
	r.object("", v, 0)
	return nil
}

// object takes the members of an object; those of an object within it have both names: {"user": {"id": ...}} is userid.
func (r *row) object(above string, v event.Value, depth int) {
	for i := range v.Len() {
		name, m := v.Member(i)
		if above != "" {
			name = above + "." + name
		}
		if m.Kind() == event.Object && depth < maxDepth {
			r.object(name, m, depth+1)
			continue
		}
		r.add(name, m)
	}
}

// csv reads a row, or the names of columns and the row below them.
func (r *row) csv(s string) error {
	first, rest, _ := strings.Cut(s, "\n")
	sep := byte(',')
	if strings.Count(first, "\t") > strings.Count(first, ",") {
		sep = '\t'
	}
	cells, err := csvline.Split(nil, strings.TrimRight(first, "\r"), sep, '"', nil)
	if err != nil {
		return err
	}
	if len(cells) < 2 {
		return errFew
	}
	if !r.isHeader(cells) {
		for i, cell := range cells {
			if i < len(order[r.kind]) {
				r.set(order[r.kind][i], cell)
			} else {
				r.add(fmt.Sprintf("column%d", i+1), event.Str(cell))
			}
		}
		if strings.TrimSpace(rest) != "" {
			return errRows
		}
		return nil
	}
	second, more, _ := strings.Cut(rest, "\n")
	if r.header = strings.TrimSpace(second) == ""; r.header {
		return nil
	}
	values, err := csvline.Split(nil, strings.TrimRight(second, "\r"), sep, '"', nil)
	if err != nil {
		return err
	}
	for i, v := range values {
		if i < len(cells) {
			r.add(cells[i], event.Str(v))
		} else {
			r.add(fmt.Sprintf("column%d", i+1), event.Str(v))
		}
	}
	if strings.TrimSpace(more) != "" {
		return errRows
	}
	return nil
}

// isHeader tells the names of columns from a row: more than half of the cells are names that a record has.
func (r *row) isHeader(cells []string) bool {
	n := 0
	for _, name := range cells {
		if _, ok := r.kind.Item(name); ok {
			n++
		}
	}
	return 2*n > len(cells)
}

// add takes a value under its name.
func (r *row) add(name string, v event.Value) {
	it, ok := names[r.kind][plain(name)]
	if !ok {
		r.keep(name, v)
		return
	}
	if v.Kind() != event.List {
		if v.Kind() == event.Object || !r.set(it, v.Text()) {
			r.keep(name, v)
		}
		return
	}
	var texts []string
	for i := range min(v.Len(), maxList) {
		texts = append(texts, v.Item(i).Text())
	}
	r.set(it, strings.Join(texts, listed))
}

// set gives an item its value; the first one counts. It tells whether it did, or there was nothing to do.
func (r *row) set(it item, v string) bool {
	v = strings.TrimSpace(v)
	if nothing(v) || v == r.values[it] {
		return true
	}
	if r.values[it] != "" {
		return false
	}
	r.values[it] = v
	return true
}

// keep keeps what is no item.
func (r *row) keep(name string, v event.Value) {
	if name != "" && v.Kind() != event.Null && v.Text() != "" && len(r.other) < maxOther {
		r.other = append(r.other, other{name, v})
	}
}

// nothing tells whether a value says that there is none.
func nothing(v string) bool {
	switch v {
	case "", "-", "null", "NULL", "N/A", "n/a", "없음":
		return true
	}
	return false
}

// list returns the values of an item that may have several.
func list(v string) []string {
	sep := func(r rune) bool { return r == ';' || r == '|' || r == ',' }
	if strings.Contains(v, listed) {
		sep = func(r rune) bool { return r == '\x1f' }
	}
	var out []string
	for _, s := range strings.FieldsFunc(v, sep) {
		if s = strings.TrimSpace(s); s != "" && len(out) < maxList {
			out = append(out, s)
		}
	}
	return out
}
