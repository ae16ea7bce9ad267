package index

// MayHold is a quick look at a text before its tokens are compared: false is certain. Only plain ASCII texts are
// judged, because other letters may fold to ASCII ones.
func MayHold(s string, words []string, quoted bool) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return true
		}
	}
	for _, w := range words {
		if holdsFolded(s, w) != quoted {
			return !quoted
		}
	}
	return quoted
}

// holdsFolded tells whether w, which is folded, stands somewhere in s in any case.
func holdsFolded(s, w string) bool {
	first := w[0] | 0x20
	for i := 0; i+len(w) <= len(s); i++ {
		if s[i]|0x20 == first && equalFolded(s[i:i+len(w)], w) {
			return true
		}
	}
	return false
}

// equalFolded tells whether s, folded, is w. Both are ASCII and of one length.
func equalFolded(s, w string) bool {
	for i := 0; i < len(w); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != w[i] {
			return false
		}
	}
	return true
}
