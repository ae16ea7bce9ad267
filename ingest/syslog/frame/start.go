package frame

import "bytes"

// answer is the result of a look at bytes that may not all be there yet.
type answer uint8

const (
	no answer = iota
	yes
	unsure // the bytes end before it can be told
)

// maxDigits bounds an octet count: 9,999,999 is far beyond any record, and longer numbers are something else.
const maxDigits = 7

// countHead tells whether buf starts with an octet count: digits without a leading zero, a blank, and a priority,
// with which every counted message begins. The priority is asked for because lines begin with numbers too: dates,
// sequence numbers, plain text. head is the length of digits and blank. A count that cannot hold the priority is none.
func countHead(buf []byte) (head, count int, is answer) {
	i := 0
	for ; i < len(buf) && buf[i] >= '0' && buf[i] <= '9'; i++ {
		if i == maxDigits || buf[0] == '0' {
			return 0, 0, no
		}
		count = count*10 + int(buf[i]-'0')
	}
	switch {
	case i == len(buf):
		return 0, 0, unsure
	case i == 0 || buf[i] != ' ':
		return 0, 0, no
	}
	head = i + 1
	length, is := priority(buf[head:])
	if is == yes && count < length {
		is = no
	}
	return head, count, is
}

// priority tells whether buf starts with <N> of one to three digits, and its length.
func priority(buf []byte) (length int, is answer) {
	if len(buf) == 0 {
		return 0, unsure
	}
	if buf[0] != '<' {
		return 0, no
	}
	i := 1
	for i < len(buf) && i < 4 && buf[i] >= '0' && buf[i] <= '9' {
		i++
	}
	switch {
	case i == len(buf):
		return 0, unsure
	case i == 1 || buf[i] != '>':
		return 0, no
	}
	return i + 1, yes
}

// startsRecord tells whether buf, the bytes behind a counted record, begin as such bytes do: a line end, a priority, or
// a count.
func startsRecord(buf []byte) answer {
	if len(buf) == 0 {
		return unsure
	}
	switch c := buf[0]; {
	case c == '\n', c == '\r', c == 0:
		return yes
	case c == '<':
		_, is := priority(buf)
		return is
	case c >= '1' && c <= '9':
		_, _, is := countHead(buf)
		return is
	}
	return no
}

// holdsStart tells whether body holds what looks like the start of a further record behind its own. It is asked once
// for each counted record and nearly always ends with the first search.
func holdsStart(body []byte) bool {
	for i := 1; i < len(body); i++ {
		at := bytes.IndexByte(body[i:], '<')
		if at < 0 {
			return false
		}
		i += at
		if _, is := priority(body[i:]); is != yes {
			continue
		}
		if c := body[i-1]; c == '\n' || c == 0 || c == ' ' && i > 1 && body[i-2] >= '0' && body[i-2] <= '9' {
			return true
		}
	}
	return false
}

// indexCount returns where in buf the first octet count with its priority begins, not before least; -1 if there is
// none. The search for the priority begins at from.
func indexCount(buf []byte, from, least int) int {
	for i := from; i < len(buf); i++ {
		at := bytes.IndexByte(buf[i:], '<')
		if at < 0 {
			return -1
		}
		i += at
		if i < 2 || buf[i-1] != ' ' {
			continue
		}
		start := i - 1
		for start > least && i-1-start < maxDigits && buf[start-1] >= '0' && buf[start-1] <= '9' {
			start--
		}
		for start < i-1 && buf[start] == '0' {
			start++
		}
		if _, _, is := countHead(buf[start:]); is == yes && start >= least {
			return start
		}
	}
	return -1
}

// indexEnd returns where the first LF or NUL at or behind from is, -1 if there is none. It looks for both in windows
// that grow, so that a stream with only one of them is not searched to its end for the other at every record.
func indexEnd(buf []byte, from int) int {
	for window := 256; from < len(buf); window *= 2 {
		part := buf[from:min(from+window, len(buf))]
		end := bytes.IndexByte(part, '\n')
		if end >= 0 {
			part = part[:end]
		}
		if zero := bytes.IndexByte(part, 0); zero >= 0 {
			end = zero
		}
		if end >= 0 {
			return from + end
		}
		from += len(part)
	}
	return -1
}
