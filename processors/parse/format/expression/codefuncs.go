package expression

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"weir/event"
)

// codeFunctions are those that write a value in another way, and read it again.
var codeFunctions = map[string]function{
	"hex":       {`hex(_kv.flags)`, 1, 1, ofOne(toHex)},
	"unhex":     {`unhex(_kv.argv)`, 1, 1, ofText(unhex)},
	"base64":    {`base64(_kv.name)`, 1, 1, ofText(func(s string) event.Value { return bounded(base64.StdEncoding.EncodeToString([]byte(s))) })},
	"unbase64":  {`unbase64(_kv.payload)`, 1, 1, ofText(unbase64)},
	"urldecode": {`urldecode(_kv.path)`, 1, 1, ofText(func(s string) event.Value { return event.Str(urldecode(s)) })},
	"unescape":  {`unescape(_kv.msg)`, 1, 1, ofText(func(s string) event.Value { return event.Str(unescape(s)) })},
	"sha256": {`sha256(_kv.payload)`, 1, 1, ofText(func(s string) event.Value {
		sum := sha256.Sum256([]byte(s))
		return event.Str(hex.EncodeToString(sum[:]))
	})},
}

// bounded is a text, unless it is too long.
func bounded(s string) event.Value {
	if len(s) > maxText {
		return event.Value{}
	}
	return event.Str(s)
}

// toHex writes a number in hexadecimal, and of a text its bytes.
func toHex(v event.Value) event.Value {
	switch v.Kind() {
	case event.Int:
		return event.Str(strconv.FormatInt(v.Int(), 16))
	case event.String:
		if len(v.Str()) > maxText/2 {
			return event.Value{}
		}
		return event.Str(hex.EncodeToString([]byte(v.Str())))
	}
	return event.Value{}
}

// unhex reads the bytes of a text from their hexadecimal digits. Zeros, as between the arguments of a command, become blanks.
func unhex(s string) event.Value {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X")
	b, err := hex.DecodeString(s)
	if err != nil {
		return event.Value{}
	}
	return readable(b)
}

// unbase64 reads base64 of both alphabets, with and without its padding.
func unbase64(s string) event.Value {
	s = strings.TrimRight(strings.TrimSpace(s), "=")
	enc := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.RawURLEncoding
	}
	b, err := enc.DecodeString(s)
	if err != nil {
		return event.Value{}
	}
	return readable(b)
}

// readable makes a text of bytes: zeros become blanks, and what is no UTF-8 its replacement.
func readable(b []byte) event.Value {
	for i, c := range b {
		if c == 0 {
			b[i] = ' '
		}
	}
	return event.Str(strings.ToValidUTF8(string(b), "\uFFFD"))
}

// urldecode reads %41 and, as in forms, + as a blank. What is no escape stays as it is.
func urldecode(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			out = append(out, ' ')
		case c == '%' && i+2 < len(s):
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				out = append(out, c)
				continue
			}
			out = append(out, byte(n))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

// escapes are the letters after a backslash that stand for another one.
var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', '0': 0, '"': '"', '\'': '\'', '/': '/', '\\': '\\'}

// unescape reads backslashes as JSON and C write them. What is no escape stays as it is, as in C:\dir.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		if c, ok := escapes[s[i+1]]; ok {
			out = append(out, c)
			i++
			continue
		}
		r, n := unicodeEscape(s[i:])
		if n == 0 {
			out = append(out, s[i])
			continue
		}
		out = utf8.AppendRune(out, r)
		i += n - 1
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

// unicodeEscape reads \x41, \u0041 and pairs of \u at the start of s and returns how many bytes they are, 0 for none.
func unicodeEscape(s string) (rune, int) {
	digits := 0
	switch s[1] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	}
	if digits == 0 || len(s) < 2+digits {
		return 0, 0
	}
	n, err := strconv.ParseUint(s[2:2+digits], 16, 32)
	if err != nil {
		return 0, 0
	}
	r := rune(n)
	if utf16.IsSurrogate(r) && len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		if low, err := strconv.ParseUint(s[8:12], 16, 32); err == nil {
			if both := utf16.DecodeRune(r, rune(low)); both != utf8.RuneError {
				return both, 12
			}
		}
	}
	return r, 2 + digits
}
