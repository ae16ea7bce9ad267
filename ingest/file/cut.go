package file

import "bytes"

// line is one record of a file.
type line struct {
	bytes []byte
	at    int  // where it begins in what was read
	long  bool // only its first bytes
}

// cutter cuts what was read of a file into lines. It is made anew for each batch and holds no memory of its own: lines
// point into what was read. What it cuts depends on the bytes alone and not on how they were read, so that a second
// reading comes to the same lines at the same places.
type cutter struct {
	limit int
	skip  bool // in a line of which the first bytes were emitted
	end   bool // the file has no more bytes now
	final bool // and will have no more ever

	at     int // what is before here is cut off
	lineAt int // what is before here belongs to whole lines; 0 while the first one is unfinished
}

// next returns the next line; false where there is none, or only a part of one.
func (c *cutter) next(data []byte) (line, bool) {
	for {
		rest := data[c.at:]
		if c.skip {
			if !c.pass(rest) {
				return line{}, false
			}
			continue
		}
		if n := zeros(rest); n > 0 {
			// What a writer leaves that goes on at its old place after the file was cut off is a hole. Zeros at the end
			// may still be written over.
			if n == len(rest) && c.end {
				return line{}, false
			}
			c.at += n
			c.lineAt = c.at
			continue
		}
		n := bytes.IndexByte(rest, '\n')
		begin := c.at
		switch {
		case n > c.limit || n < 0 && len(rest) > c.limit:
			c.at += c.limit
			c.skip = true
			return line{rest[:c.limit:c.limit], begin, true}, true
		case n < 0 && c.final && len(rest) > 0:
			c.at += len(rest)
			c.lineAt = c.at
			text := trimCR(rest)
			return line{text, begin, false}, len(text) > 0
		case n < 0:
			return line{}, false
		}
		c.at += n + 1
		c.lineAt = c.at
		if text := trimCR(rest[:n:n]); len(text) > 0 {
			return line{text, begin, false}, true
		}
	}
}

// pass passes over the rest of a long line; false if its end is not there yet.
func (c *cutter) pass(rest []byte) bool {
	n := bytes.IndexByte(rest, '\n')
	if n < 0 {
		c.at += len(rest)
		if !c.final || !c.end {
			return false
		}
		c.lineAt, c.skip = c.at, false
		return true
	}
	c.at += n + 1
	c.lineAt, c.skip = c.at, false
	return true
}

// zeros counts the NUL bytes that b begins with.
func zeros(b []byte) int {
	if len(b) == 0 || b[0] != 0 {
		return 0
	}
	return len(b) - len(bytes.TrimLeft(b, "\x00"))
}

// trimCR takes the carriage return off the end of a line.
func trimCR(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\r' {
		return b[: n-1 : n-1]
	}
	return b
}
