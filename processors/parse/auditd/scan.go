package auditd

import "strings"

// scanner goes through the fields of a record: key=value with blanks between them. A value stands in double quotes, in
// braces, or ends with the blank; the message of a program, msg='...', has fields of its own, which come as if they stood
// outside. Words that belong to no field are passed over, but for those that old programs wrote before a key (old auid=0)
// and behind an operation (op=adding user).
type scanner struct {
	s     string
	word  string // the last word that is no field
	inner bool   // within msg='...'
	paren bool   // within the brackets of the old form (hostname=x, addr=y)
}

// field is one field. A value in quotes is text as it is; one without may be encoded.
type field struct {
	key, value string
	quoted     bool
	before     string // the word in front of the key
}

// next returns the next field.
func (c *scanner) next(f *field) bool {
	for {
		c.s = strings.TrimLeft(c.s, " ,\t\r\n")
		if c.s == "" {
			return false
		}
		if c.s[0] == '(' {
			c.paren, c.s = true, c.s[1:]
			continue
		}
		n := keyEnd(c.s)
		if n == 0 || n == len(c.s) || c.s[n] != '=' {
			c.word, c.s = c.take(wordEnd(c.s))
			continue
		}
		f.key, f.before, c.word = c.s[:n], c.word, ""
		c.s = c.s[n+1:]
		if f.key == "msg" && strings.HasPrefix(c.s, "'") {
			c.inner, c.s = true, c.s[1:]
			continue
		}
		c.value(f)
		return true
	}
}

// value reads the value at the start of what is left.
func (c *scanner) value(f *field) {
	f.quoted = false
	switch {
	case strings.HasPrefix(c.s, "\""):
		f.quoted = true
		f.value, c.s, _ = strings.Cut(c.s[1:], "\"")
		return
	case strings.HasPrefix(c.s, "{"):
		if i := strings.IndexByte(c.s, '}'); i > 0 {
			f.value, c.s = c.take(i + 1)
			return
		}
	}
	n := wordEnd(c.s)
	if f.key == "op" && n > 0 {
		n = phraseEnd(c.s, n)
	}
	f.value, c.s = c.take(n)
	if c.paren {
		if strings.HasSuffix(f.value, ")'") || strings.HasSuffix(f.value, ")") {
			c.paren = false
		}
		f.value = strings.TrimRight(f.value, ",)'")
	}
	if c.inner && strings.TrimSpace(c.s) == "" {
		f.value = strings.TrimSuffix(f.value, "'")
	}
}

// phraseEnd returns where a value of several words ends: before the next field, or a colon or bracket by itself. n is the
// end of its first word.
func phraseEnd(s string, n int) int {
	for {
		rest := strings.TrimLeft(s[n:], " ")
		word := rest[:wordEnd(rest)]
		if word == "" || word[0] == '(' || word == ":" || strings.IndexByte(word, '=') >= 0 {
			return n
		}
		n = len(s) - len(rest) + len(word)
	}
}

// take cuts n bytes off.
func (c *scanner) take(n int) (head, rest string) { return c.s[:n], c.s[n:] }

// keyEnd returns the length of the key at the start of s, which may be none.
func keyEnd(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '[' || c == ']' || c == '.' {
			continue
		}
		return i
	}
	return len(s)
}

// wordEnd returns the length of the word at the start of s.
func wordEnd(s string) int {
	if i := strings.IndexByte(s, ' '); i >= 0 {
		return i
	}
	return len(s)
}
