// Package pairs reads the key-value pairs that most appliances log: key=value, key="value", key:"value"; and their kin.
package pairs

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Options says how pairs are written. Of Pairs and PairsRegex one is set, and so of Values and ValuesRegex; without any,
// pairs are separated by a blank and keys from values by "=".
type Options struct {
	// Pairs separate one pair from the next. Several in a row count as one.
	Pairs []string
	// Values separate a key from its value: the first of them in a pair does.
	Values []string
	// PairsRegex and ValuesRegex are the same as patterns of RE2. They cost an allocation for each pair.
	PairsRegex, ValuesRegex string
	// Quote encloses values (and keys) in which separators are letters. 0: nothing does.
	Quote byte
	// Escape takes its meaning from a quote or from itself. 0: nothing does. Before other letters it is a letter.
	Escape byte
	// Trim lists the bytes that are cut off both ends of keys and of values without quotes.
	Trim string
	// Lazy lets a value without quotes go on over words that have no value of their own: msg=link is down port=3.
	Lazy bool
}

// ErrNone says that a text has not a single pair.
var ErrNone = errors.New("no key with a value in the text")

// Splitter reads pairs. It is immutable and safe for many goroutines.
type Splitter struct {
	pairs, values separator
	quote, escape byte
	trim          string
	lazy          bool
}

// Compile checks the options.
func Compile(o Options) (*Splitter, error) {
	s := &Splitter{quote: o.Quote, escape: o.Escape, trim: o.Trim, lazy: o.Lazy}
	var err error
	if s.pairs, err = separate(o.Pairs, o.PairsRegex, " "); err != nil {
		return nil, fmt.Errorf("reading the separator of pairs: %w", err)
	}
	if s.values, err = separate(o.Values, o.ValuesRegex, "="); err != nil {
		return nil, fmt.Errorf("reading the separator of values: %w", err)
	}
	// The escape would be read as the end of the value, or the end as an escape.
	if s.quote != 0 && s.quote == s.escape {
		return nil, fmt.Errorf("quote and escape are both %q: a doubled quote is read as one anyway", s.quote)
	}
	return s, nil
}

// separate makes one of the two separators.
func separate(texts []string, expr, otherwise string) (separator, error) {
	var p separator
	switch {
	case expr != "" && len(texts) > 0:
		return p, errors.New("a text and a pattern are both given")
	case expr != "":
		re, err := regexp.Compile(expr)
		if err != nil {
			return p, fmt.Errorf("compiling the pattern: %w", err)
		}
		// It would match at the same place for ever.
		if re.MatchString("") {
			return p, errors.New("the pattern matches a text without letters, so it would separate everywhere")
		}
		p.re = re
		if p.anchored, err = regexp.Compile(`^(?:` + expr + `)`); err != nil {
			return p, fmt.Errorf("compiling the pattern: %w", err)
		}
		return p, nil
	case len(texts) == 0:
		texts = []string{otherwise}
	}
	if slices.Contains(texts, "") {
		return p, errors.New("an empty text separates nothing")
	}
	// Short ones first, so that of two at one place the longer is found later, and stays.
	p.texts = slices.SortedFunc(slices.Values(texts), func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	if len(texts) == 1 && len(texts[0]) == 1 {
		p.single, p.one = true, texts[0][0]
	}
	return p, nil
}

// separator finds where one thing ends and the next begins.
type separator struct {
	single bool // the fast path: one byte
	one    byte
	texts  []string
	re     *regexp.Regexp
	// The same at the start of a text only: a search would go on to its end.
	anchored *regexp.Regexp
}

// find returns the first separator in s, -1 if there is none. Of several at one place it is the longest.
func (p *separator) find(s string) (at, length int) {
	if p.single {
		return strings.IndexByte(s, p.one), 1
	}
	if p.re != nil {
		if loc := p.re.FindStringIndex(s); loc != nil {
			return loc[0], loc[1] - loc[0]
		}
		return -1, 0
	}
	// In a window that grows: a text that is nowhere would be looked for to the end of the line, for each pair again.
	longest := len(p.texts[len(p.texts)-1])
	for window := 64; ; window *= 4 {
		part := s[:min(len(s), window+longest)]
		if at, length = p.first(part); at >= 0 && at <= window || len(part) == len(s) {
			return at, length
		}
	}
}

// first returns the first of the texts in s. Of several at one place it is the longest.
func (p *separator) first(s string) (at, length int) {
	at = -1
	for _, t := range p.texts {
		if i := strings.Index(s, t); i >= 0 && (at < 0 || i <= at) {
			at, length = i, len(t)
		}
	}
	return at, length
}

// start returns the length of the separator that s begins with, 0 if it begins with none.
func (p *separator) start(s string) int {
	if p.single {
		if s != "" && s[0] == p.one {
			return 1
		}
		return 0
	}
	if p.re != nil {
		if loc := p.anchored.FindStringIndex(s); loc != nil {
			return loc[1]
		}
		return 0
	}
	length := 0
	for _, t := range p.texts {
		if len(t) > length && strings.HasPrefix(s, t) {
			length = len(t)
		}
	}
	return length
}

// last returns where the last separator of s begins and ends, -1 if there is none.
func (p *separator) last(s string) (start, end int) {
	if p.single {
		i := strings.LastIndexByte(s, p.one)
		if i < 0 {
			return -1, -1
		}
		return i, i + 1
	}
	start, end = -1, -1
	if p.re != nil {
		for from := 0; ; from = end {
			loc := p.re.FindStringIndex(s[from:])
			if loc == nil {
				return start, end
			}
			start, end = from+loc[0], from+loc[1]
		}
	}
	for _, t := range p.texts {
		if i := strings.LastIndex(s, t); i >= 0 && i+len(t) > end {
			start, end = i, i+len(t)
		}
	}
	return start, end
}
