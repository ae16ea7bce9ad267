package term

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ShellWord makes a text one word of a shell, so that a printed command pastes as it is: it is quoted if it holds
// anything that a shell could read as its own.
// Single quotes are the one form in which no shell reads anything: a name that a log invented cannot run a command in the
// terminal of whoever pastes the line.
func ShellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("./_-:=@%+,", r))
	}) {
		return s
	}
	if strings.ContainsFunc(s, hostile) || !utf8.ValidString(s) {
		return spelled(s)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// spelled writes what a terminal would act on as octal numbers for printf, which every shell has: the line can be shown,
// and still names what was meant. Line ends at the end of the text are lost, as in every substitution.
func spelled(s string) string {
	var b strings.Builder
	b.WriteString(`"$(printf '`)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1, hostile(r), r == '\'', r == '\\':
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		case r == '%':
			b.WriteString("%%")
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	b.WriteString(`')"`)
	return b.String()
}
