// Package xmltree reads an XML document into nested members, leniently and within bounds.
package xmltree

import (
	"errors"
	"fmt"
	"strings"

	"weir/event"
)

const (
	maxDepth = 100      // elements within elements
	maxSize  = 16 << 20 // bytes of a document
	maxNodes = 200_000  // elements and attributes: each becomes two values of 24 bytes
	// Holds the text of an element which has attributes or children too.
	textMember = "text"
)

// Parse reads a document. The result has one member, the root element. An element is a text if it has neither
// attributes nor children, else an object of both; text beside them is its member "text", and children of one name are a
// list in their order. Names lose their prefix (soap:Body is Body), and declarations of namespaces are dropped.
//
// White space around text is not kept; comments, processing instructions and what stands around the root element are
// passed over. A DTD is refused: only it can define entities, so no text grows by reading. The texts are parts of s
// unless they hold entities.
func Parse(s string) (event.Value, error) {
	if len(s) > maxSize {
		return event.Value{}, fmt.Errorf("reading XML: the document has %d bytes, more than %d", len(s), maxSize)
	}
	// The stack is made by its first use: many documents are small.
	p := parser{s: s}
	if err := p.prolog(); err != nil {
		return event.Value{}, fmt.Errorf("reading XML: byte %d: %w", p.i+1, err)
	}
	name, root, err := p.element(0)
	if err != nil {
		return event.Value{}, fmt.Errorf("reading XML: byte %d: %w", p.i+1, err)
	}
	return event.Members(event.Str(name), root), nil
}

// parser is the state of one document.
type parser struct {
	s string
	i int
	// Members of the elements that are open, innermost last: an element takes its own from the end when it is closed.
	stack []event.Value
	nodes int
}

var (
	errNoElement = errors.New("no element begins here")
	errCut       = errors.New("the document ends inside an element")
	errDTD       = errors.New("a DTD is not read: it could make a small document huge")
	errDepth     = errors.New("elements lie more than 100 deep")
	errNodes     = errors.New("more than 200000 elements and attributes")
)

// prolog passes over what stands before the root element.
func (p *parser) prolog() error {
	p.i += len(p.s[p.i:]) - len(strings.TrimPrefix(p.s[p.i:], "\ufeff"))
	// Declarations, comments and words in any order, up to the first element.
	for {
		p.blanks()
		rest := p.s[p.i:]
		switch {
		case strings.HasPrefix(rest, "<?"), strings.HasPrefix(rest, "<!--"):
			if err := p.aside(); err != nil {
				return err
			}
		case len(rest) > 9 && strings.EqualFold(rest[:9], "<!DOCTYPE"):
			return errDTD
		case strings.HasPrefix(rest, "<"):
			return nil
		default: // words before the document
			n := strings.IndexByte(rest, '<')
			if n < 0 {
				return errNoElement
			}
			p.i += n
		}
	}
}

// aside passes over a comment or a processing instruction.
func (p *parser) aside() error {
	end := "?>"
	if strings.HasPrefix(p.s[p.i:], "<!--") {
		end = "-->"
	}
	n := strings.Index(p.s[p.i:], end)
	if n < 0 {
		return errCut
	}
	p.i += n + len(end)
	return nil
}

// blanks passes over white space.
func (p *parser) blanks() {
	for p.i < len(p.s) && blank(p.s[p.i]) {
		p.i++
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// name reads a name, which ends where markup or white space begins, and drops its prefix. local is "" where no name begins.
func (p *parser) name() (prefix, local string) {
	start := p.i
	for p.i < len(p.s) && !blank(p.s[p.i]) && strings.IndexByte("<>/='\"&?!", p.s[p.i]) < 0 {
		p.i++
	}
	full := p.s[start:p.i]
	if before, after, ok := strings.Cut(full, ":"); ok && after != "" {
		return before, after
	}
	return "", full
}

// element reads the element that begins at <.
func (p *parser) element(depth int) (name string, v event.Value, err error) {
	if depth >= maxDepth {
		return "", v, errDepth
	}
	p.i++
	_, name = p.name()
	if name == "" {
		return "", v, errNoElement
	}
	// Counted before anything is kept of it.
	if p.nodes++; p.nodes > maxNodes {
		return "", v, errNodes
	}
	// What attributes and children leave on the stack from here on is this element's.
	base := len(p.stack)
	closed, err := p.attributes()
	if err != nil {
		return "", v, err
	}
	text := ""
	if !closed {
		if text, err = p.content(depth); err != nil {
			return "", v, err
		}
	}
	return name, p.take(base, text), nil
}

// attributes reads up to the end of the start tag. closed tells that it was the end tag as well.
func (p *parser) attributes() (closed bool, err error) {
	for {
		// Nothing needs to stand between attributes, though blanks should.
		p.blanks()
		if p.i >= len(p.s) {
			return false, errCut
		}
		switch p.s[p.i] {
		case '>':
			p.i++
			return false, nil
		case '/':
			if !strings.HasPrefix(p.s[p.i:], "/>") {
				return false, errors.New("a / in a tag that does not end")
			}
			p.i += 2
			return true, nil
		}
		if err := p.attribute(); err != nil {
			return false, err
		}
	}
}

// attribute reads name="value", or a name or a value without quotes, which is HTML but clear.
func (p *parser) attribute() error {
	prefix, name := p.name()
	if name == "" {
		return fmt.Errorf("%q in a tag", p.s[p.i])
	}
	p.blanks()
	value := ""
	if p.i < len(p.s) && p.s[p.i] == '=' {
		p.i++
		p.blanks()
		if p.i >= len(p.s) {
			return errCut
		}
		if q := p.s[p.i]; q == '"' || q == '\'' {
			n := strings.IndexByte(p.s[p.i+1:], q)
			if n < 0 {
				return errCut
			}
			// Line ends in values stay as they are: a log is not normalised.
			value = p.s[p.i+1 : p.i+1+n]
			p.i += n + 2
		} else {
			start := p.i
			for p.i < len(p.s) && !blank(p.s[p.i]) && p.s[p.i] != '>' {
				p.i++
			}
			value = p.s[start:p.i]
		}
	}
	// Which namespace a name is from is in no field of an event.
	if prefix == "xmlns" || prefix == "" && name == "xmlns" {
		return nil
	}
	if p.nodes++; p.nodes > maxNodes {
		return errNodes
	}
	p.stack = append(p.stack, event.Str(name), event.Str(unescape(value)))
	return nil
}

// content reads what is between the tags of an element, and its end tag. Children are left on the stack.
func (p *parser) content(depth int) (text string, err error) {
	var t pieces
	for {
		n := strings.IndexByte(p.s[p.i:], '<')
		if n < 0 {
			p.i = len(p.s)
			return "", errCut
		}
		t.add(unescape(strings.TrimSpace(p.s[p.i : p.i+n])))
		p.i += n
		rest := p.s[p.i:]
		switch {
		// The end of this element, whatever it calls itself.
		case strings.HasPrefix(rest, "</"):
			// Whose end it is is not asked: what else could be closed here.
			if n = strings.IndexByte(rest, '>'); n < 0 {
				return "", errCut
			}
			p.i += n + 1
			return t.text(), nil
		// Text in which markup is none; entities neither.
		case strings.HasPrefix(rest, "<![CDATA["):
			if n = strings.Index(rest, "]]>"); n < 0 {
				return "", errCut
			}
			t.add(strings.TrimSpace(rest[9:n]))
			p.i += n + 3
		case strings.HasPrefix(rest, "<!--"), strings.HasPrefix(rest, "<?"):
			if err = p.aside(); err != nil {
				return "", err
			}
		// Whatever else begins so declares something, which has no place inside of an element.
		case strings.HasPrefix(rest, "<!"):
			return "", errDTD
		default:
			name, v, err := p.element(depth + 1)
			if err != nil {
				return "", err
			}
			p.stack = append(p.stack, event.Str(name), v)
		}
	}
}

// pieces puts the pieces of the text of one element together, with blanks between them. Mostly there is one, which stays
// a part of the document.
type pieces struct {
	only string
	more []byte
}

func (t *pieces) add(s string) {
	switch {
	case s == "":
	case t.more != nil:
		t.more = append(append(t.more, ' '), s...)
	case t.only == "":
		t.only = s
	default:
		t.more = append(append([]byte(t.only), ' '), s...)
	}
}

func (t *pieces) text() string {
	if t.more != nil {
		return string(t.more)
	}
	return t.only
}
