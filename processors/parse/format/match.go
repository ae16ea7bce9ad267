package format

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/processors/parse/format/expression"
	"weir/processors/parse/format/needles"
	"weir/processors/parse/format/step"
	"weir/processors/parse/header"
	"weir/rules/yamlfile"
)

// way is one way in which a format is recognised. All that it says must hold.
type way struct {
	input    string
	programs []string
	starts   []string
	contains [][]string // of one of them all
	when     *expression.Program
	whenText string
	gate     gate // of when
	number   int  // among those that a search may find
	looks    func(msg string) bool
	last     bool // asked when nothing else fits
	format   *Format
	// weight is the length of what must be there: of several the one that asks for most wins.
	weight int
	// rivals are the ways before this one in order that a message of this one's may fit just as well: they ask for all that this
	// one asks for and for more, or they are a user's.
	rivals []*way
}

// Limits of recognition.
const (
	// maxLook is how much of a message is searched.
	maxLook = 1024
	// minNeedle is the shortest text that is searched for.
	minNeedle = 3
)

// ways compiles match: one mapping, or a list of alternatives.
func (c *compiler) ways(n ast.Node) (out []way) {
	for _, it := range step.ListOf(n) {
		w := way{format: c.format}
		looks := ""
		c.Keys("match", it, map[string]func(ast.Node){
			"input": c.TextKey("input", &w.input), "programs": c.Texts("programs", &w.programs), "starts": c.Texts("starts", &w.starts),
			"contains": func(n ast.Node) { c.contains(n, &w) }, "last": c.Boolean("last", &w.last), "looks": c.TextKey("looks", &looks),
			"when": func(n ast.Node) { w.when = c.when(n); w.whenText, _ = yamlfile.Text(n); w.gate = newGate(w.whenText) },
		})
		if looks != "" {
			r, ok := c.l.readers[looks]
			if !ok || r.Looks == nil {
				c.Refuse(it, "", "no reader %s says how its messages look", looks)
			}
			w.looks = r.Looks
		}
		switch {
		case slices.Contains(w.starts, ""), slices.Contains(w.programs, ""):
			c.Refuse(it, "remove it, or write what it begins with", "an empty text fits every message")
		case w.input == "" && len(w.programs) == 0 && len(w.starts) == 0 && len(w.contains) == 0 && w.looks == nil && w.when == nil:
			c.Refuse(it, "name starts, programs or contains", "nothing says how a message is recognised")
		}
		w.weight = w.weigh()
		out = append(out, w)
	}
	return out
}

// contains reads texts, or lists of texts that must all be there.
func (c *compiler) contains(n ast.Node, w *way) {
	for _, it := range step.ListOf(n) {
		var all []string
		c.Texts("contains", &all)(it)
		for _, s := range all {
			if len(s) < minNeedle {
				c.Refuse(it, "write more of it", "`%s` is shorter than %d letters", s, minNeedle)
				return
			}
		}
		if len(all) > 0 {
			w.contains = append(w.contains, all)
		}
	}
}

// weigh returns how much a way asks for.
func (w *way) weigh() int {
	n, best := 0, 0
	for _, s := range w.starts {
		n = max(n, len(s))
	}
	for _, all := range w.contains {
		sum := 0
		for _, s := range all {
			sum += len(s)
		}
		best = max(best, sum)
	}
	if len(w.programs) > 0 {
		n += 8
	}
	if w.when != nil {
		n += 4
	}
	return n + best
}

// Look is what recognition may look at.
type Look struct {
	Input   string
	Line    string // the whole record
	Head    *header.Header
	Program string // of the header, without path

	whole bool     // `when` asks for a format whose message is the record
	asked []uint64 // which ways were asked already
	memo  *memo    // what was found before
}

// Places of a Look, for `when`.
var lookPlaces = []string{"message", step.RawPlace, "process.name", "log.syslog.appname", "log.syslog.hostname", "log.syslog.procid", "log.syslog.msgid", "log.syslog.priority", "log.syslog.version"}

// when compiles the last look, over message and header.
func (c *compiler) when(n ast.Node) *expression.Program {
	text, ok := yamlfile.Text(n)
	if !ok {
		c.Refuse(n, "", "`when` needs an expression")
		return nil
	}
	p, err := expression.Compile(text, func(path string) (int, error) {
		if i := slices.Index(lookPlaces, path); i >= 0 {
			return i, nil
		}
		return 0, fmt.Errorf("%s is not known before a message is recognised; there are: %s", path, strings.Join(lookPlaces, ", "))
	})
	if err != nil {
		c.ExprFault(n, text, err)
		return nil
	}
	return p
}

// Value gives `when` its places.
func (l *Look) Value(slot int) event.Value {
	s := ""
	switch slot {
	case 0:
		if s = l.Head.Message; l.whole {
			s = l.Line
		}
	case 1:
		s = l.Line
	case 2:
		s = l.Program
	case 3:
		s = l.Head.Program
	case 4:
		s = l.Head.Host
	case 5:
		s = l.Head.PID
	case 6:
		s = l.Head.MsgID
	case 7:
		if l.Head.Priority == header.NoPriority {
			return event.Value{}
		}
		return event.Num(int64(l.Head.Priority))
	case 8:
		s = l.Head.Version
	}
	if s == "" {
		return event.Value{}
	}
	return event.Str(s)
}

// text is what a way looks at: the message, or the whole record where that has no header.
func (l *Look) text(f *Format) string {
	if f.Whole {
		return l.Line
	}
	return l.Head.Message
}

// table finds the format of a message. It is made once and only read then. What a message costs does not grow with the
// number of formats: one look at its first byte, one at its program, one search for all needles together.
type table struct {
	inputs   map[string]*Format
	programs map[string][]*way
	starts   [256][]*way // by the first byte
	finder   *needles.Finder
	owners   [][]*way // of needles
	searched int      // how many ways the search may find
	looks    []*way   // with nothing but a look
	last     []*way
}

// newTable makes the table. The order of ways within each of its lists is the order in which they are asked, so it is made here, once.
func newTable(formats []*Format) *table {
	t := &table{inputs: map[string]*Format{}, programs: map[string][]*way{}}
	var ways []*way
	for _, f := range formats {
		for i := range f.ways {
			ways = append(ways, &f.ways[i])
		}
	}
	// Formats of users come first, then what asks for more; names make the order whole.
	slices.SortStableFunc(ways, func(a, b *way) int {
		return cmp.Or(cmpBool(a.format.Shipped, b.format.Shipped), cmp.Compare(b.weight, a.weight), strings.Compare(a.format.Name(), b.format.Name()))
	})
	var list []string
	index, uses := map[string]int{}, map[string]int{}
	for _, w := range ways {
		for _, all := range w.contains {
			for _, s := range all {
				uses[s]++
			}
		}
	}
	for _, w := range ways {
		switch {
		case w.input != "":
			if t.inputs[w.input] == nil {
				t.inputs[w.input] = w.format
			}
		case w.last:
			t.last = append(t.last, w)
		case len(w.starts) > 0:
			first := map[byte]bool{}
			for _, s := range w.starts {
				if !first[s[0]] {
					first[s[0]] = true
					t.starts[s[0]] = append(t.starts[s[0]], w)
				}
			}
		case len(w.programs) > 0:
			for _, p := range w.programs {
				t.programs[p] = append(t.programs[p], w)
			}
		case len(w.contains) > 0:
			w.number = t.searched
			t.searched++
			for _, all := range w.contains {
				key := rarest(all, uses)
				i, ok := index[key]
				if !ok {
					i = len(list)
					index[key] = i
					list = append(list, key)
					t.owners = append(t.owners, nil)
				}
				if !slices.Contains(t.owners[i], w) {
					t.owners[i] = append(t.owners[i], w)
				}
			}
		default:
			t.looks = append(t.looks, w)
		}
	}
	t.finder = needles.New(list)
	findRivals(ways)
	return t
}

// longEnough is the length above which a longer text is not found sooner.
const longEnough = 10

// rarest returns the one of several texts that must all be there which the fewest formats ask for, of these the longest: a
// message that has it is most likely of the format.
func rarest(all []string, uses map[string]int) string {
	return slices.MinFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(min(len(b), longEnough), min(len(a), longEnough)), cmp.Compare(uses[a], uses[b]), cmp.Compare(len(b), len(a)))
	})
}

// cmpBool orders false before true.
func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// Input returns the format of the records of an input that makes nothing else, nil if it has none.
func (s *Set) Input(name string) *Format { return s.table.inputs[name] }

// Recognise returns the format of a message, nil if none fits. It is safe for many goroutines, each with a Look of its own, and
// allocates nothing once that is warm. A start
// is asked before the program, as PAM writes under the name of any program.
func (s *Set) Recognise(l *Look) *Format {
	t := s.table
	if l.Line == "" {
		return nil
	}
	if w := l.begins(t, l.Head.Message); w != nil {
		return w.format
	}
	if len(l.Head.Message) != len(l.Line) {
		if w := l.begins(t, l.Line); w != nil && w.format.Whole {
			return w.format
		}
	}
	if l.Program != "" {
		for _, w := range t.programs[l.Program] {
			if w.fits(l) {
				return w.format
			}
		}
	}
	if f := l.remembered(t); f != nil {
		return f
	}
	for _, w := range t.looks {
		if w.fits(l) {
			return w.format
		}
	}
	for _, w := range t.last {
		if w.fits(l) {
			return w.format
		}
	}
	return nil
}

// begins returns the way whose start the text has.
//
// The ways of a byte are few, and each is asked whole: its other conditions count as well.
func (l *Look) begins(t *table, text string) *way {
	if text == "" {
		return nil
	}
	for _, w := range t.starts[text[0]] {
		if w.fits(l) {
			return w
		}
	}
	return nil
}

// found searches for all needles in one pass and returns the way that asks for most. alone tells that no other fits.
func (l *Look) found(t *table) (best *way, alone bool) {
	count := 0
	text := l.Line[:min(len(l.Line), maxLook)]
	l.begin(t.searched)
	t.finder.Each(text, func(id int) {
		for _, w := range t.owners[id] {
			bit := uint64(1) << (w.number & 63)
			if l.asked[w.number>>6]&bit != 0 {
				continue
			}
			l.asked[w.number>>6] |= bit
			if !w.fits(l) {
				continue
			}
			if count++; best == nil || before(w, best) {
				best = w
			}
		}
	})
	return best, count == 1
}

// begin forgets which ways were asked.
func (l *Look) begin(n int) {
	n = (n + 63) / 64
	if cap(l.asked) < n {
		l.asked = make([]uint64, n)
	}
	l.asked = l.asked[:n]
	clear(l.asked)
}

// before is the order of ways, see newTable.
func before(a, b *way) bool {
	return cmp.Or(cmpBool(b.format.Shipped, a.format.Shipped), cmp.Compare(a.weight, b.weight), strings.Compare(b.format.Name(), a.format.Name())) > 0
}

// fits tells whether all that a way says holds.
//
// It is asked by the search, the memory and Reason alike, so that none of them can know another answer.
func (w *way) fits(l *Look) bool {
	text := l.text(w.format)
	if !w.gate.open(text, l.Line) {
		return false
	}
	l.whole = w.format.Whole
	if len(w.starts) > 0 && !slices.ContainsFunc(w.starts, func(s string) bool { return strings.HasPrefix(text, s) }) {
		return false
	}
	if len(w.programs) > 0 && !slices.Contains(w.programs, l.Program) {
		return false
	}
	if len(w.contains) > 0 {
		head := text[:min(len(text), maxLook)]
		if !slices.ContainsFunc(w.contains, func(all []string) bool {
			for _, s := range all {
				if !strings.Contains(head, s) {
					return false
				}
			}
			return true
		}) {
			return false
		}
	}
	return (w.looks == nil || w.looks(text)) && (w.when == nil || w.when.Holds(l))
}

// Within returns the format of a dataset that a message fits, and where the message begins: a dataset that is known from
// elsewhere takes what it can find in the line. nil where the dataset has several formats and none of them fits.
func (s *Set) Within(dataset string, l *Look) (f *Format, at int) {
	list := s.by[dataset]
	if len(list) == 0 {
		return nil, 0
	}
	if f := s.Recognise(l); f != nil && f.Dataset == dataset {
		return f, 0
	}
	for _, f := range list {
		for i := range f.ways {
			if f.ways[i].input == "" && f.ways[i].fits(l) {
				return f, 0
			}
		}
	}
	for _, f := range list {
		if at := f.inside(l); at > 0 {
			return f, at
		}
	}
	for _, f := range list {
		if len(list) == 1 || f.ID == "" && len(f.ways) == 0 {
			return f, 0
		}
	}
	return s.unmarked(list), 0
}

// unmarked returns the one format of a dataset that has no id, nil if none or several have.
func (s *Set) unmarked(list []*Format) *Format {
	var only *Format
	for _, f := range list {
		if f.ID == "" {
			only = f
		}
	}
	return only
}

// inside returns where in a message the start of the format is.
func (f *Format) inside(l *Look) int {
	for i := range f.ways {
		w := &f.ways[i]
		if w.input != "" || w.when != nil || len(w.contains) > 0 {
			continue
		}
		for _, start := range w.starts {
			text := l.text(f)
			if at := strings.Index(text, start); at > 0 && (w.looks == nil || w.looks(text[at:])) {
				return at
			}
		}
	}
	return 0
}

// Ways says in words how the format is recognised, one line for each way.
func (f *Format) Ways() (out []string) {
	for i := range f.ways {
		out = append(out, f.ways[i].String())
	}
	return out
}

// Reason says in words which of its ways a message fits, "" if none.
func (f *Format) Reason(l *Look) string {
	for i := range f.ways {
		w := &f.ways[i]
		if w.input != "" && w.input == l.Input || w.input == "" && w.fits(l) {
			return w.String()
		}
	}
	return ""
}

// String says what a message must have.
func (w *way) String() string {
	var parts []string
	add := func(what string, list []string) {
		if len(list) > 0 {
			parts = append(parts, what+" "+strings.Join(list, ", "))
		}
	}
	if w.input != "" {
		add("input", []string{w.input})
	}
	add("program", w.programs)
	add("starts with", w.starts)
	var all []string
	for _, texts := range w.contains {
		all = append(all, strings.Join(texts, " and "))
	}
	if len(all) > 0 {
		parts = append(parts, "contains "+strings.Join(all, " or "))
	}
	if w.looks != nil {
		parts = append(parts, "a look at the text")
	}
	if w.whenText != "" {
		parts = append(parts, "when "+w.whenText)
	}
	if w.last {
		parts = append(parts, "where no other format fits")
	}
	return strings.Join(parts, "; ")
}
