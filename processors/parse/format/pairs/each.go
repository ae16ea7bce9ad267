package pairs

import "strings"

// Each calls fn with each pair of s, in order, until fn returns false. Words that belong to no pair are passed over. Keys
// and values are parts of s; only a value in which something was escaped is a copy. The error is ErrNone where s has
// letters and no pair.
//
// It reads as far as it can: a quote that is never closed (a message cut by its transport) encloses all that is left, and
// one that no separator follows is a letter if a better one comes behind.
func (p *Splitter) Each(s string, fn func(key, value string) bool) error {
	found := false
	// Set when a quote was found to have no good end: then no later one has, and none is looked for again.
	hopeless := false
	for rest := s; rest != ""; {
		n := p.pairs.start(rest)
		if n > 0 {
			rest = rest[n:]
			continue
		}
		key, behind, ok := p.key(rest)
		if !ok {
			break
		}
		var value string
		value, rest = p.value(behind, &hopeless)
		found = true
		if !fn(key, value) {
			return nil
		}
	}
	if !found && strings.TrimSpace(s) != "" {
		return ErrNone
	}
	return nil
}

// key reads the next key and the separator behind it, past the words before it. It is false where s has no pair left.
func (p *Splitter) key(s string) (key, behind string, ok bool) {
	// A key in quotes may hold separators. A quote that does not end before a value is the start of some other word.
	if p.quote != 0 && s[0] == p.quote {
		if i := strings.IndexByte(s[1:], p.quote); i >= 0 {
			if n := p.values.start(s[i+2:]); n > 0 {
				return strings.Trim(s[1:i+1], p.trim), s[i+2+n:], true
			}
		}
	}
	at, n := p.values.find(s)
	if at < 0 {
		return "", "", false
	}
	key = s[:at]
	if _, end := p.pairs.last(key); end >= 0 {
		key = key[end:]
	}
	if p.trim != "" {
		key = strings.Trim(key, p.trim)
	}
	return key, s[at+n:], true
}

// value reads the value at the start of s. rest begins at the separator behind it.
func (p *Splitter) value(s string, hopeless *bool) (value, rest string) {
	if p.trim != "" {
		s = strings.TrimLeft(s, p.trim)
	}
	if p.quote != 0 && s != "" && s[0] == p.quote {
		return p.quoted(s[1:], hopeless)
	}
	end := p.end(s)
	value = s[:end]
	if p.trim != "" {
		value = strings.Trim(value, p.trim)
	}
	return value, s[end:]
}

// end returns where a value without quotes ends.
func (p *Splitter) end(s string) int {
	// Most values end at the next separator, and the last one at the end of the text.
	end, _ := p.pairs.find(s)
	switch {
	case end < 0:
		return len(s)
	case !p.lazy:
		return end
	}
	// The value goes on to the last separator before the next key.
	start, stop := -1, -1
	for from := end; ; {
		at, n := p.values.find(s[from:])
		if at < 0 {
			return len(s)
		}
		at += from
		if a, b := p.pairs.last(s[from:at]); a >= 0 {
			start, stop = from+a, from+b
		}
		if start >= 0 && wordlike(s[stop:at]) {
			return start
		}
		from = at + n
	}
}

// maxKey bounds the keys that a lazy value gives way to.
const maxKey = 128

// wordlike tells whether a text can be a key. In a value of many words much stands before a separator that is no key: a
// part of an address of the web, a sum.
func wordlike(s string) bool {
	if len(s) > maxKey {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z', c >= 0x80:
		case strings.IndexByte("_-./@$# ", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}

// quoted reads a value whose quote is open. rest begins behind its end.
func (p *Splitter) quoted(s string, hopeless *bool) (value, rest string) {
	first, last, escaped, doubled := -1, -1, false, false
	for i := 0; i < len(s); i++ {
		if p.escape != 0 && s[i] == p.escape {
			escaped = true
			i++
			continue
		}
		if s[i] != p.quote {
			continue
		}
		if p.ends(s[i+1:]) && !*hopeless {
			return p.unescape(s[:i], escaped || doubled), s[i+1:]
		}
		if s[i+1] == p.quote && i > 0 {
			// say "hello"" is two quotes, or the end behind one: what follows decides, as far as it can.
			if i++; p.ends(s[i+1:]) {
				if p.keyFollows(s[i+1:]) {
					return p.unescape(s[:i], escaped || doubled), s[i+1:]
				}
				if last < 0 {
					last = i
				}
			}
			doubled = true
			continue
		}
		if first < 0 {
			first = i
		}
		if *hopeless {
			break
		}
	}
	*hopeless = true
	// No good end: the best of what there is. A text is not thrown away for a quote too many.
	switch {
	case last >= 0:
		return p.unescape(s[:last], escaped || doubled), s[last+1:]
	case first >= 0:
		return p.unescape(s[:first], escaped || doubled), s[first+1:]
	}
	return p.unescape(s, escaped || doubled), ""
}

// keyFollows tells whether s goes on with separators and a key, or ends.
func (p *Splitter) keyFollows(s string) bool {
	s = s[p.pairs.start(s):]
	if s == "" {
		return true
	}
	at, _ := p.values.find(s[:min(len(s), maxKey)])
	if at <= 0 || !wordlike(s[:at]) {
		return false
	}
	sep, _ := p.pairs.find(s[:at])
	return sep < 0
}

// ends tells whether a quote before s can be the end of a value.
func (p *Splitter) ends(s string) bool { return s == "" || p.pairs.start(s) > 0 }

// unescape takes the escapes out of a value that has some.
func (p *Splitter) unescape(s string, some bool) string {
	if !some {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if i+1 < len(s) {
			next := s[i+1]
			if c == p.escape && p.escape != 0 && (next == p.quote || next == p.escape) || c == p.quote && next == p.quote {
				b = append(b, next)
				i++
				continue
			}
		}
		b = append(b, c)
	}
	return string(b)
}
