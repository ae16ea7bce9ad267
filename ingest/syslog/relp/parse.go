// Package relp is the server's side of the reliable event logging protocol as librelp speaks it, versions 0 and 1:
// frames, and answers in the order of their frames. It does no input itself.
package relp

import (
	"bytes"
	"errors"
)

// Limits of the protocol. A stream that passes one of them is not RELP, or out of step, and there is no way to find
// the next frame in it: frames have no mark of their own.
const (
	maxTxnDigits = 9
	maxCommand   = 32
	maxLenDigits = 9
	maxHead      = maxTxnDigits + 1 + maxCommand + 1 + maxLenDigits + 1
)

// Reasons why a frame is none. Each is a sentence for the log; after any of them the stream cannot be read on.
var (
	ErrTransaction = errors.New("a frame does not begin with a transaction number of 1 to 9 digits")
	ErrCommand     = errors.New("a frame's command is not 1 to 32 letters")
	ErrLength      = errors.New("a frame's data length is not 1 to 9 digits")
	ErrTrailer     = errors.New("a frame does not end with a line feed where its data length says")
)

// Frame is one frame.
type Frame struct {
	Txn       uint32
	Command   []byte // aliases the buffer, as Data does unless it is truncated
	Data      []byte
	Truncated bool // the data was longer than the limit; its front is kept
}

// Parser holds the place in one stream. One goroutine at a time. It keeps no bytes between two calls but those of an
// over-long frame.
type Parser struct {
	max  int
	left int // bytes of an over-long frame's data that are still to come
	long *Frame
}

// NewParser makes a parser for frames that keep at most limit bytes of data.
func NewParser(limit int) *Parser { return &Parser{max: limit} }

// Room is how many bytes a caller's buffer must be able to hold so that Next can always go on.
func (p *Parser) Room() int { return p.max + maxHead + 1 }

// Next takes the next frame off the front of buf and says how many bytes to consume, which may be more than 0 without
// a frame. An over-long frame is returned when all of it has come, because only then may it be answered; what is kept
// of it is copied.
func (p *Parser) Next(buf []byte) (f Frame, n int, ok bool, err error) {
	if p.long != nil {
		return p.rest(buf)
	}
	f, head, length, ok, err := parseHead(buf)
	if !ok || err != nil {
		return Frame{}, 0, false, err
	}
	if length > p.max {
		if len(buf) < head+p.max {
			return Frame{}, 0, false, nil
		}
		p.long = &Frame{Txn: f.Txn, Command: bytes.Clone(f.Command), Data: bytes.Clone(buf[head : head+p.max]), Truncated: true}
		p.left = length - p.max
		f, n, ok, err := p.rest(buf[head+p.max:])
		return f, head + p.max + n, ok, err
	}
	end := head + length
	if len(buf) <= end {
		return Frame{}, 0, false, nil
	}
	if buf[end] != '\n' {
		return Frame{}, 0, false, ErrTrailer
	}
	f.Data = buf[head:end:end]
	return f, end + 1, true, nil
}

// rest skips what is left of an over-long frame, exactly, so that the next frame is found.
func (p *Parser) rest(buf []byte) (Frame, int, bool, error) {
	n := min(p.left, len(buf))
	p.left -= n
	if p.left > 0 || n == len(buf) {
		return Frame{}, n, false, nil
	}
	if buf[n] != '\n' {
		return Frame{}, n, false, ErrTrailer
	}
	f := *p.long
	p.long = nil
	return f, n + 1, true, nil
}

// parseHead reads TXNR SP COMMAND SP DATALEN and, where data follows, the blank before it; ok is false while not all
// of that is there. Without data the trailer may follow at once or after a blank; both are in use. What is wrong is
// told as soon as it can be, without waiting for the rest of the head: a hostile sender never sends it.
func parseHead(buf []byte) (f Frame, head, length int, ok bool, err error) {
	txn, i, is := number(buf, 0, maxTxnDigits)
	if is != done || i < len(buf) && buf[i] != ' ' {
		return Frame{}, 0, 0, false, orMore(is, ErrTransaction)
	}
	i++
	from := i
	for i < len(buf) && (buf[i]|0x20) >= 'a' && (buf[i]|0x20) <= 'z' {
		i++
	}
	switch {
	case i-from > maxCommand:
		return Frame{}, 0, 0, false, ErrCommand
	case i >= len(buf):
		return Frame{}, 0, 0, false, nil
	case i == from || buf[i] != ' ':
		return Frame{}, 0, 0, false, ErrCommand
	}
	f = Frame{Txn: uint32(txn), Command: buf[from:i:i]}
	length, i, is = number(buf, i+1, maxLenDigits)
	switch {
	case is != done:
		return Frame{}, 0, 0, false, orMore(is, ErrLength)
	case buf[i] == ' ':
		return f, i + 1, length, true, nil
	case buf[i] == '\n' && length == 0:
		return f, i, 0, true, nil
	}
	return Frame{}, 0, 0, false, ErrLength
}

// state is how far a number could be read.
type state uint8

const (
	more state = iota // the bytes end before it can be told
	done
	bad
)

// orMore returns no error while the number may still become one.
func orMore(s state, err error) error {
	if s == more {
		return nil
	}
	return err
}

// number reads 1 to limit digits at buf[i:] and the byte behind them must be there.
func number(buf []byte, i, limit int) (value, end int, s state) {
	from := i
	for ; i < len(buf) && buf[i] >= '0' && buf[i] <= '9'; i++ {
		if i-from == limit {
			return 0, i, bad
		}
		value = value*10 + int(buf[i]-'0')
	}
	switch {
	case i >= len(buf):
		return 0, i, more
	case i == from:
		return 0, i, bad
	}
	return value, i, done
}
