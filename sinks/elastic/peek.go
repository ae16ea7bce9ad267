package elastic

import (
	"bytes"
	"encoding/json"
)

// facts are what the sink must know of a document whose record does not say it.
type facts struct {
	id, class, time, input, address, src string
	// Of an event that was read again: its number, and where its first revision is.
	revision             int64
	revised              bool
	firstClass, firstDay string
}

// version is the number by which a document replaces earlier revisions of its event; 0 where there are none. Alerts have
// revisions too, each under an id of its own.
func (f *facts) version() int64 {
	if !f.revised {
		return 0
	}
	return f.revision
}

// peek reads the facts out of a document without decoding the rest. ok is false where the value is no JSON object; what
// lies behind the last fact is not looked at, the server will.
func peek(doc []byte) (f facts, ok bool) {
	s := scanner{b: doc}
	ok = s.object(func(key []byte) bool {
		switch string(key) {
		case "event":
			return s.within(func(key []byte) bool { return s.pick(key, "id", &f.id) })
		case "log":
			return s.within(func(key []byte) bool {
				if string(key) != "source" {
					return s.skip()
				}
				return s.within(func(key []byte) bool { return s.pick(key, "address", &f.address) })
			})
		case "weir":
			return s.within(func(key []byte) bool {
				switch string(key) {
				case "class":
					return s.text(&f.class)
				case "time":
					return s.text(&f.time)
				case "input":
					return s.text(&f.input)
				case "revision":
					return s.whole(&f.revision)
				case "revised":
					return s.revised(&f)
				}
				return s.pick(key, "src", &f.src)
			})
		}
		return s.skip()
	})
	return f, ok && len(bytes.TrimSpace(s.b[s.at:])) == 0
}

// scanner walks over JSON text. It checks no more than it needs to find its way.
type scanner struct {
	b     []byte
	at    int
	depth int
}

// maxNesting bounds the depth of a document, which comes from outside.
const maxNesting = 500

// space passes over blanks.
func (s *scanner) space() {
	for s.at < len(s.b) && (s.b[s.at] == ' ' || s.b[s.at] == '\n' || s.b[s.at] == '\t' || s.b[s.at] == '\r') {
		s.at++
	}
}

// eat takes one character, blanks before it included.
func (s *scanner) eat(c byte) bool {
	s.space()
	if s.at >= len(s.b) || s.b[s.at] != c {
		return false
	}
	s.at++
	return true
}

// object calls member for each key; member must take the value.
func (s *scanner) object(member func(key []byte) bool) bool {
	if s.depth++; s.depth > maxNesting {
		return false
	}
	defer func() { s.depth-- }()
	if !s.eat('{') {
		return false
	}
	if s.eat('}') {
		return true
	}
	for {
		s.space()
		key, ok := s.quoted()
		if !ok || !s.eat(':') || !member(key) {
			return false
		}
		if s.eat('}') {
			return true
		}
		if !s.eat(',') {
			return false
		}
	}
}

// within is object where there is one, else the value is passed over.
func (s *scanner) within(member func(key []byte) bool) bool {
	s.space()
	if s.at < len(s.b) && s.b[s.at] == '{' {
		return s.object(member)
	}
	return s.skip()
}

// pick takes the value as text where the key is the wanted one.
func (s *scanner) pick(key []byte, want string, into *string) bool {
	if string(key) != want {
		return s.skip()
	}
	return s.text(into)
}

// text takes a value, and keeps it if it is a string.
func (s *scanner) text(into *string) bool {
	s.space()
	if s.at >= len(s.b) || s.b[s.at] != '"' {
		return s.skip()
	}
	from := s.at
	inside, ok := s.quoted()
	if !ok {
		return false
	}
	if bytes.IndexByte(inside, '\\') < 0 {
		*into = string(inside)
		return true
	}
	return json.Unmarshal(s.b[from:s.at], into) == nil
}

// whole takes a value, and keeps it if it is a number without a sign or a fraction.
func (s *scanner) whole(into *int64) bool {
	s.space()
	from := s.at
	if !s.skip() {
		return false
	}
	if n, rest, ok := number(s.b[from:s.at]); ok && len(rest) == 0 {
		*into = n
	}
	return true
}

// revised takes what a revision says of the first one.
func (s *scanner) revised(f *facts) bool {
	f.revised = true
	return s.within(func(key []byte) bool {
		if string(key) == "class" {
			return s.text(&f.firstClass)
		}
		return s.pick(key, "day", &f.firstDay)
	})
}

// quoted takes a string and returns its inside, escapes as they are.
func (s *scanner) quoted() ([]byte, bool) {
	if s.at >= len(s.b) || s.b[s.at] != '"' {
		return nil, false
	}
	from := s.at + 1
	for at := from; ; {
		i := bytes.IndexByte(s.b[at:], '"')
		if i < 0 {
			return nil, false
		}
		at += i
		slashes := 0
		for at-1-slashes >= from && s.b[at-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			s.at = at + 1
			return s.b[from:at], true
		}
		at++
	}
}

// skip passes over one value.
func (s *scanner) skip() bool {
	s.space()
	if s.at >= len(s.b) {
		return false
	}
	switch s.b[s.at] {
	case '"':
		_, ok := s.quoted()
		return ok
	case '{':
		return s.object(func([]byte) bool { return s.skip() })
	case '[':
		return s.list()
	}
	from := s.at
	for s.at < len(s.b) {
		switch s.b[s.at] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return s.at > from
		}
		s.at++
	}
	return s.at > from
}

// list passes over a list.
func (s *scanner) list() bool {
	if s.depth++; s.depth > maxNesting {
		return false
	}
	defer func() { s.depth-- }()
	s.at++
	if s.eat(']') {
		return true
	}
	for {
		if !s.skip() {
			return false
		}
		if s.eat(']') {
			return true
		}
		if !s.eat(',') {
			return false
		}
	}
}
