package pattern

import (
	"regexp"
	"strings"
	"sync"

	"weir/internal/match/regexguard"
)

// Capture is one name that a grok pattern fills.
type Capture struct {
	// Name is the place as the pattern has it, with [a][b] written a.b.
	Name string
	// Type is int, long, float, boolean or ip, or "" for text. "long" is kept as it is written.
	Type string
}

// Grok is a list of patterns, of which the first that fits counts. It is immutable and safe for many goroutines.
type Grok struct {
	tries    []try
	captures []Capture
	// Runs of machines that wait for the next text.
	runs sync.Pool
}

// try is one pattern of the list.
type try struct {
	re *regexp.Regexp
	// Does the same faster, nil for a pattern that needs re.
	fast *machine
	// What the text must begin with, if the pattern is anchored.
	prefix string
	// What must be in the text, in this order; of each list one.
	needs [][]string
	// The names by the number of the group, from 0 (group 1 of re).
	outs []int
}

// CompileGrok compiles patterns of RE2 in which %{NAME}, %{NAME:place} and %{NAME:place:type} stand for a named pattern
// and (?<place>...) names a group. defs come before the library. The error is an *Error of the pattern it is in.
func CompileGrok(patterns []string, defs map[string]string) (*Grok, error) {
	g := &Grok{}
	for _, src := range patterns {
		// Each pattern has its own groups; names that several have share one place in the list.
		x := expander{defs: defs}
		if err := x.pattern(src); err != nil {
			return nil, err
		}
		t, err := compile(src, x.out.String())
		if err != nil {
			return nil, err
		}
		for _, c := range x.captures {
			t.outs = append(t.outs, g.index(c))
		}
		g.tries = append(g.tries, t)
	}
	return g, nil
}

// index returns the place of a capture in the list, where it is put if it is new.
func (g *Grok) index(c Capture) int {
	// The same place with another type is another capture: which is meant, the pattern that fits decides.
	for i := range g.captures {
		if g.captures[i] == c {
			return i
		}
	}
	g.captures = append(g.captures, c)
	return len(g.captures) - 1
}

// compile makes the matcher of an expanded pattern.
func compile(src, expanded string) (try, error) {
	// The size is looked at before the package makes anything of the pattern.
	if err := bounded(src, expanded); err != nil {
		return try{}, err
	}
	re, err := regexp.Compile(expanded)
	if err != nil {
		return try{}, locate(src, err)
	}
	t := try{re: re, fast: build(expanded)}
	// Behind ^ the package does not tell the prefix, so that is found here.
	prefix, _ := re.LiteralPrefix()
	for _, clause := range regexguard.Necessary(expanded) {
		var texts []string
		for _, lit := range clause {
			if lit.Fold { // needs a folded text, which costs more than it spares
				texts = nil
				break
			}
			texts = append(texts, lit.Text)
		}
		if texts != nil {
			t.needs = append(t.needs, texts)
		}
	}
	if anchor, ok := strings.CutPrefix(expanded, "^"); ok && prefix == "" {
		t.prefix = plainStart(anchor)
	}
	return t, nil
}

// plainStart returns the letters at the start of a pattern that can only be themselves.
func plainStart(expr string) string {
	if strings.ContainsRune(expr, '|') {
		return "" // whose branch this is the start of takes a tree to tell
	}
	n := 0
	for n < len(expr) && !strings.ContainsRune(`\.+*?()|[]{}^$`, rune(expr[n])) && expr[n] < 0x80 {
		n++
	}
	if n > 0 && n < len(expr) && strings.IndexByte("*?{", expr[n]) >= 0 {
		n-- // the last of them may be absent
	}
	return expr[:n]
}

// Names returns what the patterns capture, all of them together, in the order of Match's out.
func (g *Grok) Names() []Capture { return g.captures }

// Match runs the patterns on s. It stores what the first that fits has captured in out, which has at least as many
// items as there are names, and returns its number. A name that captured nothing, or that another pattern has, is "".
// The texts are parts of s.
func (g *Grok) Match(s string, out []string) (which int, ok bool) {
	// A run belongs to this call until it is put back.
	r, _ := g.runs.Get().(*run)
	if r == nil {
		r = &run{}
	}
	which = -1
	for i := range g.tries {
		if t := &g.tries[i]; t.may(s) {
			if at, ok := t.find(r, s); ok {
				g.store(t, s, at, out)
				which = i
				break
			}
		}
	}
	// What waits in the pool must not keep a text alive.
	r.s, r.trail = "", r.trail[:0]
	g.runs.Put(r)
	return which, which >= 0
}

// find returns the places of the groups of the first match, two for each.
func (t *try) find(r *run, s string) (at []int, ok bool) {
	if t.fast != nil {
		r.trail = r.trail[:0]
		if v := t.fast.find(r, s); v != undecided {
			return r.at, v == yes
		}
	}
	if at = t.re.FindStringSubmatchIndex(s); at == nil {
		return nil, false
	}
	return at[2:], true // without the match itself
}

// store puts what a pattern captured into out.
func (g *Grok) store(t *try, s string, at []int, out []string) {
	for i := range g.captures {
		out[i] = ""
	}
	for i, name := range t.outs {
		// Of several groups of one name it is the first that has a text: they are mostly branches of an alternation.
		if start := at[2*i]; start >= 0 && out[name] == "" {
			out[name] = s[start:at[2*i+1]]
		}
	}
}

// may looks for what must be in the text, which is many times faster than the pattern.
func (t *try) may(s string) bool {
	if !strings.HasPrefix(s, t.prefix) {
		return false
	}
	for _, clause := range t.needs {
		end := -1
		for _, text := range clause {
			if i := strings.Index(s, text); i >= 0 && (end < 0 || i+len(text) < end) {
				end = i + len(text)
			}
		}
		if end < 0 {
			return false
		}
		s = s[end:]
	}
	return true
}
