package translog

import (
	"encoding/hex"
	"regexp"
)

// noteWords are the words of a checkpoint with one Ed25519 signature, whatever stands between them.
var noteWords = regexp.MustCompile(`(\S+)\s+(\d{1,19})\s+([A-Za-z0-9+/]{43}=)\s+— (\S+)\s+([A-Za-z0-9+/]{90,92}={0,2})(?:\s|$)`)

// quoted is what a mail has instead of a letter, or of nothing at the end of a line that was cut (RFC 2045, 6.7).
var quoted = regexp.MustCompile(`=(?:\r?\n|[0-9A-F]{2})`)

// unquoted is the text of a mail that was kept as it came.
func unquoted(text []byte) []byte {
	return quoted.ReplaceAllFunc(text, func(q []byte) []byte {
		b, err := hex.DecodeString(string(q[1:]))
		if err != nil {
			return nil // the end of a line
		}
		return b
	})
}

// FindCheckpoint finds a checkpoint in a text that people handed on: a mail as it came or copied, a ticket, a chat, where
// lines were joined or indented. It returns it as the signed note that it was; what was not signed is not believed by that.
func FindCheckpoint(text []byte) (note []byte, ok bool) {
	if _, err := ParseCheckpoint(text); err == nil {
		return text, true
	}
	m := noteWords.FindSubmatch(text)
	if m == nil {
		m = noteWords.FindSubmatch(unquoted(text))
	}
	if m == nil {
		return nil, false
	}
	note = append(note, m[1]...)
	for i, sep := range []string{"\n", "\n", "\n\n— ", " "} {
		note = append(append(note, sep...), m[i+2]...)
	}
	note = append(note, '\n')
	if _, err := ParseCheckpoint(note); err != nil {
		return nil, false
	}
	return note, true
}
