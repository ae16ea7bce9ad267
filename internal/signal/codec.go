package signal

import (
	"encoding/json"
	"fmt"
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
func Encode(s *Signal) ([]byte, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("writing a signal: %w", err)
	}
	return b, nil
}
