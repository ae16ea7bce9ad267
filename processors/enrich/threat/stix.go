package threat

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// stixObject is what of an object of STIX 2.1 matters here (section 4.7, Indicator).
type stixObject struct {
	Type        string `json:"type"`
	Name        string `json:"name"`
	Pattern     string `json:"pattern"`
	PatternType string `json:"pattern_type"`
	ValidUntil  string `json:"valid_until"`
	Revoked     bool   `json:"revoked"`
	Confidence  *int   `json:"confidence"`
}

// readSTIX reads a bundle, or a list of objects as TAXII gives them.
//
// One object is in memory at a time; objects of other types, which are most of a bundle, cost their decoding and no more.
func (s *source) readSTIX(r io.Reader) error {
	dec := json.NewDecoder(r)
	return eachMember(dec, func(key string) error {
		if key != "objects" {
			return skip(dec)
		}
		return eachItem(dec, func() error {
			var o stixObject
			if err := decode(dec, &o); err != nil {
				return err
			}
			return s.stixObject(&o)
		})
	})
}

// stixObject takes the values of an indicator's pattern.
func (s *source) stixObject(o *stixObject) error {
	if o.Type != "indicator" {
		return nil
	}
	if o.Revoked || o.PatternType != "" && o.PatternType != "stix" {
		s.count.Skipped++
		return nil
	}
	values, err := stixPattern(o.Pattern)
	if err != nil {
		s.broken(fmt.Sprintf("pattern %s: %v", o.Pattern, err))
		return nil
	}
	if len(values) == 0 {
		s.count.Skipped++
		return nil
	}
	for _, i := range values {
		i.Description, i.Expires, i.Confidence = o.Name, readTime(o.ValidUntil), -1
		if o.ValidUntil == "" {
			i.Expires = readTime("")
		}
		if o.Confidence != nil {
			i.Confidence = *o.Confidence
		}
		if err := s.take(i); err != nil {
			return err
		}
	}
	return nil
}

// stixPaths are the kinds of object paths that events can be compared with.
var stixPaths = map[string]Kind{"ipv4-addr:value": IP, "ipv6-addr:value": IP, "domain-name:value": Domain, "url:value": URL}

// stixPattern returns the values of which one alone is enough (STIX 2.1, section 9). A pattern that asks for several things
// at once, for their order or for a time between them, has none: one value of it would be a false alarm. A comparison other
// than = and IN, or of what no event has, gives no value.
func stixPattern(pattern string) ([]Indicator, error) {
	p := stixScanner{rest: pattern}
	var out []Indicator
	for {
		tok := p.next()
		switch {
		case p.err != nil:
			return nil, p.err
		case tok == "":
			return out, nil
		case tok == "[" || tok == "]" || tok == "(" || tok == ")" || strings.EqualFold(tok, "OR"):
			continue
		case strings.EqualFold(tok, "AND"), strings.EqualFold(tok, "FOLLOWEDBY"), strings.EqualFold(tok, "WITHIN"), strings.EqualFold(tok, "REPEATS"):
			return nil, p.err
		case strings.EqualFold(tok, "NOT"):
			return nil, p.err
		}
		kind, known := stixKind(tok)
		values := p.comparison()
		if p.err != nil {
			return nil, p.err
		}
		for _, v := range values {
			if known {
				out = append(out, narrow(Indicator{Kind: kind, Value: v}))
			}
		}
	}
}

// stixKind tells what an object path is compared as.
func stixKind(path string) (Kind, bool) {
	if k, ok := stixPaths[path]; ok {
		return k, true
	}
	if strings.HasPrefix(path, "file:hashes.") || strings.HasPrefix(path, "artifact:hashes.") {
		return Hash, true
	}
	return 0, false
}

// stixScanner cuts a pattern into words.
type stixScanner struct {
	rest string
	err  error
}

// next returns the next word: a bracket, a sign, a name, or a text with its opening quotation mark.
func (p *stixScanner) next() string {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	if p.rest == "" {
		return ""
	}
	if strings.IndexByte("[](),", p.rest[0]) >= 0 {
		tok := p.rest[:1]
		p.rest = p.rest[1:]
		return tok
	}
	if p.rest[0] == '\'' {
		return p.text()
	}
	if n := len(p.rest) - len(strings.TrimLeft(p.rest, "=!<>")); n > 0 {
		tok := p.rest[:n]
		p.rest = p.rest[n:]
		return tok
	}
	quoted := false
	for i := range len(p.rest) {
		switch c := p.rest[i]; {
		case c == '\'':
			quoted = !quoted // file:hashes.'SHA-256'
		case !quoted && strings.IndexByte(" \t\r\n[](),=!<>", c) >= 0:
			tok := p.rest[:i]
			p.rest = p.rest[i:]
			return tok
		}
	}
	tok := p.rest
	p.rest = ""
	return tok
}

// text reads a text in single quotation marks, in which a backslash escapes.
//
// What comes has the quotation mark that opened it, so that a text is never taken for a name or a sign.
func (p *stixScanner) text() string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; c {
		case '\\':
			if i++; i < len(p.rest) {
				b.WriteByte(p.rest[i])
			}
		case '\'':
			p.rest = p.rest[i+1:]
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	p.err = fmt.Errorf("a text without its end")
	p.rest = ""
	return ""
}

// comparison reads sign and value behind an object path, and returns the values of which one must be equal.
//
// LIKE, MATCHES and the comparisons of sizes give none: nothing here searches by patterns, and half of a pattern would match too much.
func (p *stixScanner) comparison() []string {
	sign := p.next()
	if strings.EqualFold(sign, "NOT") {
		p.next()
		p.next()
		return nil
	}
	value := p.next()
	if value == "" && p.err == nil {
		p.err = fmt.Errorf("a comparison without a value")
	}
	if strings.EqualFold(sign, "IN") && value == "(" {
		var out []string
		for tok := p.next(); tok != ")" && tok != ""; tok = p.next() {
			if v, ok := strings.CutPrefix(tok, "'"); ok {
				out = append(out, v)
			}
		}
		return out
	}
	v, ok := strings.CutPrefix(value, "'")
	if (sign != "=" && sign != "==") || !ok {
		return nil
	}
	return []string{v}
}
