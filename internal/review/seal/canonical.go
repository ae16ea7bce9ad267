// Package seal makes of a review the bytes that are signed, signs them, and checks them again.
//
// # What is signed
//
// A review has parts: the head (period, law, policy, state of the record, comments on the whole) and each system. The hash of a
// part is the SHA-256 of its canonical JSON. A signature is Ed25519 (RFC 8032) over this text, lines ended by \n:
//
//	weir-review/1
//	review ID
//	revision N
//	key NAME PUBLIC
//	by USER
//	at TIME
//	part * SHA256          the head
//	part SYSTEM SHA256     each system that is signed
//
// PUBLIC is the key in base64, TIME is RFC 3339 in UTC with whole seconds. NAME, USER and SYSTEM are written as JSON texts.
//
// # Canonical JSON
//
// As RFC 8785 writes it: no blanks, members in the order of their names, texts with the shortest escapes, and only integers,
// whose decimal digits are their one form. The head is the review without `state` and `signatures`, and of each system only
// its `id`. So anybody can check a review with a JSON library, SHA-256 and Ed25519.
package seal

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"weir/internal/review"
)

// maxDepth bounds how deep a document may be nested; reviews have seven levels.
const maxDepth = 64

// Canonical rewrites a JSON document in its one form.
func Canonical(doc []byte) ([]byte, error) {
	v, err := read(doc)
	if err != nil {
		return nil, err
	}
	return appendValue(nil, v, 0)
}

// read reads one document and nothing behind it. Numbers stay as they are written.
func read(doc []byte) (any, error) {
	if !utf8.Valid(doc) {
		return nil, errors.New("it is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("reading JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something behind the document")
	}
	return v, nil
}

// appendValue writes a value.
func appendValue(b []byte, v any, depth int) (_ []byte, err error) {
	if depth > maxDepth {
		return nil, errors.New("it is nested too deep")
	}
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		if v {
			return append(b, "true"...), nil
		}
		return append(b, "false"...), nil
	case json.Number:
		if !integer(v.String()) {
			return nil, fmt.Errorf("the number %s: only integers have one form", v)
		}
		return append(b, v...), nil
	case string:
		return appendText(b, v), nil
	case []any:
		b = append(b, '[')
		for i, x := range v {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendValue(b, x, depth+1); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case map[string]any:
		b = append(b, '{')
		for i, k := range slices.SortedFunc(maps.Keys(v), byUnits) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, k), ':')
			if b, err = appendValue(b, v[k], depth+1); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	}
	return nil, fmt.Errorf("a value of type %T", v)
}

// integer tells whether a number is written as the one form of an integer.
func integer(s string) bool {
	if s == "0" {
		return true
	}
	if len(s) > 1 && s[0] == '-' {
		s = s[1:]
	}
	if s == "" || s[0] == '0' || len(s) > 19 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// byUnits orders names by their UTF-16 units, as RFC 8785 asks: it differs from the order of bytes beyond U+FFFF.
func byUnits(a, b string) int {
	return cmp.Or(slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b))), cmp.Compare(a, b))
}

const hexDigits = "0123456789abcdef"

// appendText writes a text with the shortest escapes.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= ' ':
			b = append(b, c)
		case c == '\b':
			b = append(b, `\b`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\f':
			b = append(b, `\f`...)
		case c == '\r':
			b = append(b, `\r`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(b, '"')
}

// Document is the whole review in its one form, with a line end: what is stored.
func Document(f *review.Facts) ([]byte, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("writing a review: %w", err)
	}
	if b, err = Canonical(b); err != nil {
		return nil, fmt.Errorf("writing a review: %w", err)
	}
	return append(b, '\n'), nil
}

// Parts returns the hashes of the head, which comes first, and of each system of a document.
func Parts(doc []byte) ([]review.Part, error) {
	v, err := read(doc)
	if err != nil {
		return nil, err
	}
	head, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("it is no review: no object")
	}
	systems, ok := head["systems"].([]any)
	if !ok {
		return nil, errors.New("it is no review: it has no systems")
	}
	delete(head, "state")
	delete(head, "signatures")
	parts := make([]review.Part, 1, len(systems)+1)
	ids := make([]any, 0, len(systems))
	for _, s := range systems {
		m, ok := s.(map[string]any)
		if !ok {
			return nil, errors.New("a system is no object")
		}
		id, ok := m["id"].(string)
		if !ok || id == "" || slices.ContainsFunc(parts, func(p review.Part) bool { return p.System == id }) {
			return nil, errors.New("a system has no id of its own")
		}
		sum, err := hash(m)
		if err != nil {
			return nil, err
		}
		parts = append(parts, review.Part{System: id, SHA256: sum})
		ids = append(ids, map[string]any{"id": id})
	}
	head["systems"] = ids
	parts[0].SHA256, err = hash(head)
	return parts, err
}

func hash(v any) (string, error) {
	b, err := appendValue(nil, v, 0)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}
