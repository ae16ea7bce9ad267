package relpclient

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// openTime bounds the first exchange of a session.
const openTime = 5 * time.Second

// maxAnswer is far beyond any answer.
const maxAnswer = 64 << 10

// link is one session. Writing is ordered by Client.sending; the expected answers are under Client.mu; answer is
// called by one goroutine.
type link struct {
	conn    net.Conn
	in      *bufio.Reader
	txn     int
	expects map[int]*message
	frame   []byte
}

// open connects and opens a session. The server may take openTime for its answer.
func open(ctx context.Context, addr string) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	l := &link{conn: conn, in: bufio.NewReader(conn), expects: map[int]*message{}}
	unhook := context.AfterFunc(ctx, l.close)
	defer unhook()
	l.command("open", []byte("relp_version=0\nrelp_software=relpclient\ncommands=syslog"))
	if _, ok, err := l.answer(); err != nil || !ok {
		l.close()
		return nil, fmt.Errorf("opening a session: accepted %v: %w", ok, err)
	}
	return l, nil
}

// close may be called from several goroutines; it makes a blocked answer return.
func (l *link) close() {
	_ = l.conn.Close() // closed before, or nothing to be done about it
}

// expect numbers the next frame, which carries m. Numbers begin anew with each session.
func (l *link) expect(m *message) int {
	l.txn++
	l.expects[l.txn] = m
	return l.txn
}

// answered returns the message that a transaction carried, nil if it was none.
func (l *link) answered(txn int) *message {
	m := l.expects[txn]
	delete(l.expects, txn)
	return m
}

// write puts a syslog frame on the connection, in one system call, so that a server that is killed has it or has not,
// most of the time.
func (l *link) write(txn int, data []byte) {
	l.frame = appendFrame(l.frame[:0], txn, "syslog", data)
	_, _ = l.conn.Write(l.frame) // a broken connection is seen by the reader of answers
}

// command sends any other frame.
func (l *link) command(name string, data []byte) {
	l.txn++
	_, _ = l.conn.Write(appendFrame(nil, l.txn, name, data)) // as in write
}

// appendFrame appends a frame as the protocol has it: no blank before data that is not there.
func appendFrame(dst []byte, txn int, command string, data []byte) []byte {
	dst = strconv.AppendInt(dst, int64(txn), 10)
	dst = append(append(append(dst, ' '), command...), ' ')
	dst = strconv.AppendInt(dst, int64(len(data)), 10)
	if len(data) > 0 {
		dst = append(append(dst, ' '), data...)
	}
	return append(dst, '\n')
}

// answer reads the next frame of the server. ok tells whether its data begins with 200. A server that closes the session
// is the end of the stream: what it did not answer, it did not take.
func (l *link) answer() (txn int, ok bool, err error) {
	head, err := l.word(9)
	if err != nil {
		return 0, false, err
	}
	if txn, err = strconv.Atoi(head); err != nil {
		return 0, false, fmt.Errorf("transaction number %q: %w", head, err)
	}
	command, err := l.word(32)
	if err != nil {
		return 0, false, err
	}
	if command != "rsp" && command != "serverclose" {
		return 0, false, fmt.Errorf("command %q from a server", command)
	}
	data, err := l.data()
	if err != nil {
		return 0, false, err
	}
	if command == "serverclose" {
		return 0, false, io.EOF
	}
	return txn, bytes.HasPrefix(data, []byte("200")), nil
}

// word reads up to a blank.
func (l *link) word(limit int) (string, error) {
	s, err := l.in.ReadString(' ')
	if err != nil {
		return "", err
	}
	if s = strings.TrimSuffix(s, " "); len(s) > limit || s == "" {
		return "", fmt.Errorf("%q in the head of an answer", s)
	}
	return s, nil
}

// data reads the length, the data and the line end. Without data the line end follows the length at once.
func (l *link) data() ([]byte, error) {
	n := 0
	for {
		c, err := l.in.ReadByte()
		if err != nil {
			return nil, err
		}
		if c == '\n' && n == 0 {
			return nil, nil
		}
		if c == ' ' {
			break
		}
		if c < '0' || c > '9' || n > maxAnswer {
			return nil, fmt.Errorf("%q in the length of an answer", c)
		}
		n = n*10 + int(c-'0')
	}
	data := make([]byte, n+1)
	if _, err := io.ReadFull(l.in, data); err != nil {
		return nil, err
	}
	if data[n] != '\n' {
		return nil, fmt.Errorf("an answer ends with %q", data[n])
	}
	return data[:n], nil
}
