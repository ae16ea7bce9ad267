package signal

import (
	"encoding/json"
	"fmt"
	"slices"

	"weir/event"
)

// Decode reads the value of a record of weir.signals into s, which is emptied first. Nothing of b is kept.
func Decode(b []byte, s *Signal) error {
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
	return append(appendValues(out, s.Values), '}'), nil
}

// appendValues appends the values in the order of their keys, so that equal signals give equal bytes.
func appendValues(dst []byte, values map[string]string) []byte {
	if len(values) == 0 {
		return dst
	}
	var buf [24]string // a rule shows few fields: mostly the list stays on the stack
	keys := buf[:0]
	for k := range values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	dst = append(dst, `,"values":{`...)
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
