package relpclient

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAppendFrame(t *testing.T) {
	if got := string(appendFrame(nil, 7, "syslog", []byte("a b"))); got != "7 syslog 3 a b\n" {
		t.Errorf("%q", got)
	}
	if got := string(appendFrame(nil, 8, "close", nil)); got != "8 close 0\n" {
		t.Errorf("%q", got)
	}
}

func TestAnswer(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		txn      int
		ok       bool
		bad      bool
	}{
		{"ok", "3 rsp 6 200 OK\n", 3, true, false},
		{"ok with offers", "1 rsp 21 200 OK\nrelp_version=0\n", 1, true, false},
		{"refused", "3 rsp 6 500 no\n", 3, false, false},
		{"without data", "3 rsp 0\n", 3, false, false},
		{"server closes", "0 serverclose 0\n", 0, false, true},
		{"no number", "x rsp 0\n", 0, false, true},
		{"other command", "3 syslog 0\n", 0, false, true},
		{"length", "3 rsp x\n", 0, false, true},
		{"trailer", "3 rsp 1 ab\n", 0, false, true},
		{"cut off", "3 rsp 6 200", 0, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &link{in: bufio.NewReader(strings.NewReader(tt.in))}
			txn, ok, err := l.answer()
			if (err != nil) != tt.bad || !tt.bad && (txn != tt.txn || ok != tt.ok) {
				t.Errorf("%d, %v, %v", txn, ok, err)
			}
		})
	}
	l := &link{in: bufio.NewReader(strings.NewReader("0 serverclose 0\n"))}
	if _, _, err := l.answer(); !errors.Is(err, io.EOF) {
		t.Errorf("after serverclose: %v", err)
	}
}
