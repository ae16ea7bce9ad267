package term

import "strings"

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
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
