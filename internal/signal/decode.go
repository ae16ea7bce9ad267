package signal

import (
	"encoding/json"
	"fmt"
	"strings"
	"unsafe"
)

// Decode reads the value of a record of weir.signals into s, which is emptied first. Nothing of b is kept.
func Decode(b []byte, s *Signal) error {
	*s = Signal{}
	// One copy holds all texts of the signal: a signal is small, and whoever keeps one of its texts copies it.
	r := reader{in: string(b)}
	if r.signal(s) {
		if s.Packed != "" {
			s.Values = map[string]string{}
			Each(s.Packed, func(k, v string) { s.Values[k] = v })
			s.Packed = ""
		}
		return nil
	}
	return slow(b, s)
}

// Decoder reads signals one after the other into memory that it uses again. The zero Decoder is ready; it is for one
// goroutine at a time.
type Decoder struct {
	scratch []byte // texts that were written with escapes
}

// Decode reads the value of a record of weir.signals into s, which is emptied first but for the room of its Group. Values
// stays nil: they are in Packed. The texts of s are parts of b or of the decoder: they are good until b is changed or the
// decoder reads the next signal, and whoever keeps one copies it.
func (d *Decoder) Decode(b []byte, s *Signal) error {
	group := s.Group[:0]
	*s = Signal{Group: group}
	r := reader{in: unsafe.String(unsafe.SliceData(b), len(b)), scratch: d.scratch[:0]}
	ok := r.signal(s)
	d.scratch = r.scratch // it may have grown
	if ok {
		if len(s.Group) == 0 {
			s.Group = group
		}
		return nil
	}
	// What the other reader makes is its own memory, but looks the same to the caller.
	err := slow(b, s)
	if len(s.Values) > 0 {
		s.Packed = string(appendValues(nil, s.Values))
	}
	s.Values = nil
	return err
}

// slow reads whatever encoding/json reads: signals that another program wrote, and those with a fault, of which it says
// what it is.
func slow(b []byte, s *Signal) error {
	*s = Signal{}
	if err := json.Unmarshal(b, s); err != nil {
		return fmt.Errorf("reading a signal: %w", err)
	}
	switch s.Kind {
	case Match:
		if s.Rule == "" {
			return fmt.Errorf("reading a signal: a match names no rule")
		}
	case Watermark, Idle, Ruleset:
	default:
		return fmt.Errorf("reading a signal: kind %q is not known", s.Kind)
	}
	return nil
}

// reader reads signals as AppendTo writes them: members in its order, no blanks, no key twice. Of anything else its methods
// say false, and encoding/json, which is some ten times slower, reads the signal instead.
type reader struct {
	in      string
	at      int
	scratch []byte
}

// signal reads the whole of it.
func (r *reader) signal(s *Signal) bool {
	if !r.kind(s) || !r.text(`,"rule":"`, &s.Rule) || !r.text(`,"hash":"`, &s.Hash) || !r.text(`,"when":"`, &s.When) ||
		!r.group(s) || !r.text(`,"event_id":"`, &s.EventID) || !r.skip(`,"time":"`) {
		return false
	}
	t, n := instant(r.in[r.at:])
	if n == 0 {
		return false
	}
	s.Time = t
	r.at += n // with the quotation mark behind it
	if !r.text(`,"src":"`, &s.Src) || !r.text(`,"dataset":"`, &s.Dataset) {
		return false
	}
	s.Warm = r.skip(`,"warm":true`)
	return r.values(s) && r.skip("}") && r.at == len(r.in) && (s.Kind != Match || s.Rule != "")
}

// skip passes over what must come next.
func (r *reader) skip(what string) bool {
	if strings.HasPrefix(r.in[r.at:], what) {
		r.at += len(what)
		return true
	}
	return false
}

// kind reads the first member. Its text is that of the constant, so that it is good for ever.
func (r *reader) kind(s *Signal) bool {
	switch {
	case r.skip(`{"kind":"match"`):
		s.Kind = Match
	case r.skip(`{"kind":"watermark"`):
		s.Kind = Watermark
	case r.skip(`{"kind":"idle"`):
		s.Kind = Idle
	case r.skip(`{"kind":"ruleset"`):
		s.Kind = Ruleset
	default:
		return false
	}
	return true
}

// text reads a member that may be missing; key ends with the opening quotation mark.
func (r *reader) text(key string, to *string) bool {
	if !r.skip(key) {
		return true
	}
	var ok bool
	*to, ok = r.rest()
	return ok
}

// rest reads a text to its end, after its opening quotation mark.
func (r *reader) rest() (string, bool) {
	n, escapes := quoted(r.in[r.at:])
	if n < 0 {
		return "", false
	}
	raw := r.in[r.at : r.at+n]
	r.at += n + 1
	if !escapes {
		return raw, true
	}
	// Texts read before stay where they are, even where the room moves.
	begin := len(r.scratch)
	var ok bool
	r.scratch, ok = unescape(r.scratch, raw)
	done := r.scratch[begin:]
	return unsafe.String(unsafe.SliceData(done), len(done)), ok
}

// group reads the values of a group into the room that s has for them.
func (r *reader) group(s *Signal) bool {
	if !r.skip(`,"group":[`) {
		return true
	}
	for {
		if !r.skip(`"`) {
			return false
		}
		v, ok := r.rest()
		if !ok {
			return false
		}
		s.Group = append(s.Group, v)
		if r.skip("]") {
			return true
		}
		if !r.skip(",") {
			return false
		}
	}
}

// values checks the object of the values and keeps it as it is. Keys that do not ascend may be there twice, of which only
// the last one counts; keys with escapes may be equal though their texts are not: both are left to encoding/json.
func (r *reader) values(s *Signal) bool {
	if !r.skip(`,"values":{`) {
		return true
	}
	// The object is only looked through here: most signals are counted, and nobody asks for their values.
	begin := r.at - 1
	for last := ""; ; {
		if !r.skip(`"`) {
			return false
		}
		n, escapes := quoted(r.in[r.at:])
		if n < 0 || escapes {
			return false
		}
		key := r.in[r.at : r.at+n]
		if last >= key && r.at > begin+2 {
			return false
		}
		last = key
		r.at += n + 1
		if !r.skip(`:"`) {
			return false
		}
		if n, escapes = quoted(r.in[r.at:]); n < 0 || escapes && !plainEscapes(r.in[r.at:r.at+n]) {
			return false
		}
		r.at += n + 1
		if r.skip("}") {
			s.Packed = r.in[begin:r.at]
			return true
		}
		if !r.skip(",") {
			return false
		}
	}
}
