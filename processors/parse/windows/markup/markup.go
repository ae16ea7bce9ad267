// Package markup reads Windows events as XML, as Windows renders them: every value goes to winlog.* under its own name.
//
// The scanner knows the elements of Windows and puts their values straight into an event, so there is no tree in between.
package markup

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"weir/event"
)

// Bounds of an event as XML. Windows' own are far below.
const (
	maxDepth  = 32   // elements in one another
	maxValues = 1000 // values of one event
	maxAttrs  = 64   // attributes of one element
)

// Errors in XML. They are told with the byte where the text is broken.
var (
	errEnd     = errors.New("the text ends before the event does")
	errDoctype = errors.New("a document type is not allowed")
	errTag     = errors.New("a broken tag")
	errClose   = errors.New("a tag that closes another one")
	errDeep    = fmt.Errorf("elements nested deeper than %d", maxDepth)
	errMany    = fmt.Errorf("more than %d values", maxValues)
	errEntity  = errors.New("an entity that XML does not have by itself")
	errEvent   = errors.New("the element is no Event")
	errMore    = errors.New("more text behind the event")
)

// Scanner reads one event after the other. Of XML it takes what Windows writes: elements, attributes, text, CDATA, comments,
// the five entities and numbered characters. There are no document types, hence no entities of one's own. It belongs to one
// goroutine; the texts of an event alias its source and the scanner's memory, until the next one is read.
type Scanner struct {
	e   *event.Event
	src string
	pos int
	// name, attrs and empty are those of the tag that was read last.
	name  string
	attrs []attr
	empty bool
	depth int
	n     int // values so far
	// buf holds texts that had entities: they only get shorter, so one buffer as long as the event is enough.
	buf []byte
	// members are keys and values of the event data that no list knows, params the values without a name.
	members []event.Value
	params  []event.Value
}

// attr is an attribute: its text is as it stands in the source.
type attr struct{ name, value string }

// Read reads one event, or the first one of Events. The error says at which byte the text is broken; what stood before it
// is in the event.
func (s *Scanner) Read(e *event.Event, src string) error {
	s.e, s.src, s.pos, s.depth, s.n = e, src, 0, 0, 0
	if cap(s.buf) > keepBuf && len(src) < keepBuf/4 {
		s.buf = nil
	}
	s.buf = s.buf[:0]
	err := s.event()
	s.flush()
	at := s.pos
	clear(s.members)
	clear(s.params)
	s.e, s.src, s.members, s.params = nil, "", s.members[:0], s.params[:0]
	if err != nil {
		return fmt.Errorf("%w (byte %d of %d)", err, at+1, len(src))
	}
	return nil
}

// keepBuf is the longest buffer that is kept from one event to the next.
const keepBuf = 1 << 20

// event reads the element of the event and all that must not stand around it.
func (s *Scanner) event() error {
	open, err := s.tag()
	if err == nil && open && s.name == "Events" && !s.empty {
		open, err = s.tag()
	}
	if err != nil {
		return err
	}
	if !open || s.name != "Event" {
		return errEvent
	}
	if err := s.children(s.part); err != nil {
		return err
	}
	if rest := strings.Trim(s.src[s.pos:], " \t\r\n\x00"); rest != "" && rest != "</Events>" {
		return errMore
	}
	return nil
}

// children calls fn for each element in the one whose tag was read last, until its end. fn reads the element to its end.
func (s *Scanner) children(fn func(name string) error) error {
	if s.empty {
		return nil
	}
	name := s.name
	if s.depth++; s.depth > maxDepth {
		return errDeep
	}
	for {
		open, err := s.tag()
		if err != nil {
			return err
		}
		if !open {
			if s.name != name {
				return errClose
			}
			s.depth--
			return nil
		}
		if err := fn(s.name); err != nil {
			return err
		}
	}
}

// tag goes over text, comments and instructions to the next tag and reads it. open tells whether it opens an element.
func (s *Scanner) tag() (open bool, err error) {
	for {
		at := strings.IndexByte(s.src[s.pos:], '<')
		if at < 0 {
			s.pos = len(s.src)
			return false, errEnd
		}
		s.pos += at
		rest := s.src[s.pos:]
		switch {
		case strings.HasPrefix(rest, "<!--"):
			err = s.over("-->")
		case strings.HasPrefix(rest, "<![CDATA["):
			err = s.over("]]>")
		case strings.HasPrefix(rest, "<?"):
			err = s.over("?>")
		case strings.HasPrefix(rest, "<!"):
			return false, errDoctype
		default:
			return s.element()
		}
		if err != nil {
			return false, err
		}
	}
}

// over goes behind the next end.
func (s *Scanner) over(end string) error {
	at := strings.Index(s.src[s.pos:], end)
	if at < 0 {
		s.pos = len(s.src)
		return errEnd
	}
	s.pos += at + len(end)
	return nil
}

// element reads a tag whose bracket is next.
func (s *Scanner) element() (open bool, err error) {
	i := s.pos + 1
	open = true
	if i < len(s.src) && s.src[i] == '/' {
		open = false
		i++
	}
	from := i
	for i < len(s.src) && isName(s.src[i]) {
		i++
	}
	if i == from {
		return false, s.broken(i)
	}
	s.name, s.attrs, s.empty = local(s.src[from:i]), s.attrs[:0], false
	for {
		for i < len(s.src) && isSpace(s.src[i]) {
			i++
		}
		switch {
		case i == len(s.src):
			return false, s.broken(i)
		case s.src[i] == '>':
			s.pos = i + 1
			return open, nil
		case s.src[i] == '/' && i+1 < len(s.src) && s.src[i+1] == '>' && open:
			s.pos, s.empty = i+2, true
			return true, nil
		}
		next, ok := s.attribute(i)
		if !ok || !open || len(s.attrs) > maxAttrs {
			return false, s.broken(next)
		}
		i = next
	}
}

// broken is the error of a tag that breaks off at i.
func (s *Scanner) broken(i int) error {
	if s.pos = i; i >= len(s.src) {
		return errEnd
	}
	return errTag
}

// attribute reads name="value" at i and returns where it ends.
func (s *Scanner) attribute(i int) (end int, ok bool) {
	from := i
	for i < len(s.src) && isName(s.src[i]) {
		i++
	}
	name := s.src[from:i]
	for i < len(s.src) && isSpace(s.src[i]) {
		i++
	}
	if name == "" || i == len(s.src) || s.src[i] != '=' {
		return i, false
	}
	for i++; i < len(s.src) && isSpace(s.src[i]); i++ {
	}
	if i == len(s.src) || s.src[i] != '"' && s.src[i] != '\'' {
		return i, false
	}
	at := strings.IndexByte(s.src[i+1:], s.src[i])
	if at < 0 {
		return len(s.src), false
	}
	if !strings.HasPrefix(name, "xmlns") {
		s.attrs = append(s.attrs, attr{local(name), s.src[i+1 : i+1+at]})
	}
	return i + at + 2, true
}

// text returns the text of the element whose tag was read last and goes over its end. Elements in it are gone over with
// their text: where text is wanted, Windows has none.
func (s *Scanner) text() (string, error) {
	if s.empty {
		return "", nil
	}
	name := s.name
	// The usual case: one run of text, then the end.
	at := strings.IndexByte(s.src[s.pos:], '<')
	if at < 0 {
		s.pos = len(s.src)
		return "", errEnd
	}
	raw := s.src[s.pos : s.pos+at]
	s.pos += at
	if end := s.src[s.pos:]; len(end) > len(name)+2 && end[1] == '/' && end[2:2+len(name)] == name && end[2+len(name)] == '>' {
		s.pos += len(name) + 3
		return s.plain(raw)
	}
	return s.mixed(name, raw)
}

// mixed is text for an element that has more than one run of text.
func (s *Scanner) mixed(name, raw string) (string, error) {
	out, err := s.plain(raw)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(out)
	for depth := 0; ; {
		at := strings.IndexByte(s.src[s.pos:], '<')
		if at < 0 {
			s.pos = len(s.src)
			return b.String(), errEnd
		}
		run := s.src[s.pos : s.pos+at]
		s.pos += at
		if run, err = s.plain(run); err != nil {
			return b.String(), err
		}
		b.WriteString(run)
		if rest := s.src[s.pos:]; strings.HasPrefix(rest, "<![CDATA[") {
			from := s.pos + len("<![CDATA[")
			if err := s.over("]]>"); err != nil {
				return b.String(), err
			}
			b.WriteString(s.src[from : s.pos-len("]]>")])
			continue
		} else if strings.HasPrefix(rest, "<!--") {
			if err := s.over("-->"); err != nil {
				return b.String(), err
			}
			continue
		}
		open, err := s.tag()
		switch {
		case err != nil:
			return b.String(), err
		case open && !s.empty:
			if depth++; s.depth+depth > maxDepth {
				return b.String(), errDeep
			}
		case !open && depth == 0:
			if s.name != name {
				return b.String(), errClose
			}
			return b.String(), nil
		case !open:
			depth--
		}
	}
}

// plain puts characters in the place of entities. Text without any is a part of the source.
func (s *Scanner) plain(raw string) (string, error) {
	at := strings.IndexByte(raw, '&')
	if at < 0 {
		return raw, nil
	}
	if cap(s.buf)-len(s.buf) < len(raw) {
		s.buf = make([]byte, 0, max(len(s.src), len(raw))) // texts in the old buffer stay there
	}
	from := len(s.buf)
	for {
		s.buf = append(s.buf, raw[:at]...)
		raw = raw[at:]
		end := strings.IndexByte(raw, ';')
		c := rune(-1)
		if end > 1 && end < 12 {
			c = entity(raw[1:end])
		}
		if c < 0 {
			return "", errEntity
		}
		s.buf = utf8.AppendRune(s.buf, c)
		raw = raw[end+1:]
		if at = strings.IndexByte(raw, '&'); at < 0 {
			if s.buf = append(s.buf, raw...); len(s.buf) == from {
				return "", nil
			}
			return unsafe.String(&s.buf[from], len(s.buf)-from), nil
		}
	}
}

// entity returns the character of one, -1 where there is none.
func entity(name string) rune {
	switch name {
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "amp":
		return '&'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return -1
	}
	radix := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, radix = hex, 16
	}
	n, err := strconv.ParseUint(digits, radix, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return -1
	}
	return rune(n)
}

// isName tells whether a byte may stand in a name. What is beyond ASCII may.
func isName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == ':' || c >= 0x80
}

// isSpace tells whether a byte is white space of XML.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// local takes the prefix of a name space off a name.
func local(name string) string { return name[strings.IndexByte(name, ':')+1:] }
