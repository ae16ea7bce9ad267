package signal

import (
	"fmt"
	"slices"

	"weir/event"
)

// Encode returns the value of a record of weir.signals.
func Encode(s *Signal) ([]byte, error) { return AppendTo(nil, s) }

// AppendTo appends what Encode returns. It is written by hand: a signal is made for every event that a rule may need, and
// encoding/json looks at the type and sorts the map anew for each. An error leaves dst as it was.
func AppendTo(dst []byte, s *Signal) ([]byte, error) {
	out := member(append(dst, '{'), "kind", string(s.Kind))
	for _, m := range [...]struct{ key, value string }{{"rule", s.Rule}, {"hash", s.Hash}, {"when", s.When}} {
		if m.value != "" {
			out = member(append(out, ','), m.key, m.value)
		}
	}
	if len(s.Group) > 0 {
		out = append(out, `,"group":[`...)
		for i, g := range s.Group {
			if i > 0 {
				out = append(out, ',')
			}
			out = event.Str(g).AppendJSON(out)
		}
		out = append(out, ']')
	}
	if s.EventID != "" {
		out = member(append(out, ','), "event_id", s.EventID)
	}
	out, err := s.Time.AppendText(append(out, `,"time":"`...))
	if err != nil {
		return dst, fmt.Errorf("writing a signal: %w", err)
	}
	out = member(append(out, `",`...), "src", s.Src)
	if s.Dataset != "" {
		out = member(append(out, ','), "dataset", s.Dataset)
	}
	if s.Warm {
		out = append(out, `,"warm":true`...)
	}
	switch {
	case len(s.Values) > 0:
		out = appendValues(append(out, `,"values":`...), s.Values)
	case s.Packed != "":
		out = append(append(out, `,"values":`...), s.Packed...)
	}
	return append(out, '}'), nil
}

// appendValues appends the values as an object in the order of their keys, so that equal signals give equal bytes.
func appendValues(dst []byte, values map[string]string) []byte {
	var buf [24]string // a rule shows few fields: mostly the list stays on the stack
	keys := buf[:0]
	for k := range values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = member(dst, k, values[k])
	}
	return append(dst, '}')
}

// member appends one key and its text.
func member(dst []byte, key, value string) []byte {
	dst = append(event.Str(key).AppendJSON(dst), ':')
	return event.Str(value).AppendJSON(dst)
}
