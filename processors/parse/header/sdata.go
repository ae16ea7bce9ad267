package header

import (
	"strings"
	"unicode/utf8"
)

// maxName is the longest id or parameter name that RFC 5424 allows.
const maxName = 32

// maxMembers bounds elements of a line and parameters of an element: names are compared with all before them, which a
// hostile line must not make slow. What has more is text.
const maxMembers = 256

// elements reads structured data at the start of s into h.Data and returns its length, 0 if there is none. Strictly,
// it takes only what RFC 5424 allows and only values without escapes; the other way it takes long names, repeated ids
// and brackets in values too.
func (h *Header) elements(s string, strict bool) int {
	h.Data, h.params = h.Data[:0], h.params[:0]
	i := 0
	for i < len(s) && s[i] == '[' {
		n := h.element(s[i+1:], strict)
		if n == 0 {
			h.Data = h.Data[:0]
			return 0
		}
		i += 1 + n
	}
	if i < len(s) && !isBlank(s[i]) {
		h.Data = h.Data[:0]
		return 0
	}
	return i
}

// element reads one element behind its opening bracket and returns its length with the closing one, 0 if it is none.
func (h *Header) element(s string, strict bool) int {
	n := name(s, strict)
	if n == 0 || len(h.Data) == maxMembers || strict && h.hasID(s[:n]) {
		return 0
	}
	id, first := s[:n], len(h.params)
	for n < len(s) && s[n] == ' ' {
		k := name(s[n+1:], strict)
		at := n + 1 + k
		if k == 0 || len(h.params)-first == maxMembers || !strings.HasPrefix(s[at:], `="`) {
			return 0
		}
		v := value(s[at+2:], strict)
		if v < 0 {
			return 0
		}
		text := s[at+2 : at+2+v]
		if !strict {
			text = unescape(text)
		}
		h.params = put(h.params, first, Param{s[n+1 : at], text})
		n = at + 2 + v + 1
	}
	if n >= len(s) || s[n] != ']' {
		return 0
	}
	params := h.params[first:len(h.params):len(h.params)]
	for i := range h.Data {
		if h.Data[i].ID == id { // not strictly: one object cannot hold two, so the later one adds to the first
			for _, p := range params {
				h.Data[i].Params = put(h.Data[i].Params, 0, p)
			}
			return n + 1
		}
	}
	h.Data = append(h.Data, Element{ID: id, Params: params})
	return n + 1
}

// put adds a parameter to those from first on. A repeated name keeps its last value, as an object can hold one only.
func put(params []Param, first int, p Param) []Param {
	for i := first; i < len(params); i++ {
		if params[i].Name == p.Name {
			params[i].Value = p.Value
			return params
		}
	}
	return append(params, p)
}

// hasID tells whether an element before had the same id, which RFC 5424 forbids.
func (h *Header) hasID(id string) bool {
	for i := range h.Data {
		if h.Data[i].ID == id {
			return true
		}
	}
	return false
}

// name returns the length of the id or parameter name at the start of s. Printable ASCII without the four bytes that end
// a name; anything else, Korean too, makes the whole no structured data.
func name(s string, strict bool) int {
	n := 0
	for n < len(s) && s[n] > ' ' && s[n] < 0x7f && s[n] != '=' && s[n] != ']' && s[n] != '"' {
		n++
	}
	if strict && n > maxName {
		return 0
	}
	return n
}

// value returns the length of the value up to its closing quote, -1 if it has none or is not allowed.
func value(s string, strict bool) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			if strict && !utf8.ValidString(s[:i]) {
				return -1
			}
			return i
		case '\\':
			if strict {
				return -1
			}
			i++
		case ']':
			if strict {
				return -1
			}
		}
	}
	return -1
}

// unescape takes the backslash away before a quote, a backslash and a closing bracket; any other one stays.
func unescape(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	out := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' || s[i+1] == ']') {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}
