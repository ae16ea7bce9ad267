package canary

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// hear accepts one connection and hands it to talk.
func hear(t *testing.T, talk func(net.Conn)) (address string, wait func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		talk(c)
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String(), func() { <-done }
}

func TestSend(t *testing.T) {
	line := Line("K3V4Q2MB7XWZ5TPLC6YHNJDRAE", "log-1", at)
	t.Run("udp", func(t *testing.T) {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		from, err := Send(t.Context(), UDP, c.LocalAddr().String(), line)
		b := make([]byte, 1024)
		n, _, readErr := c.ReadFrom(b)
		if err != nil || readErr != nil || string(b[:n]) != string(line) || from.String() != "127.0.0.1" {
			t.Errorf("%q from %s, %v, %v", b[:n], from, err, readErr)
		}
	})
	t.Run("tcp", func(t *testing.T) {
		got := ""
		to, wait := hear(t, func(c net.Conn) { b, _ := io.ReadAll(c); got = string(b) })
		if _, err := Send(t.Context(), TCP, to, line); err != nil {
			t.Fatal(err)
		}
		if wait(); got != string(line)+"\n" {
			t.Errorf("%q", got)
		}
	})
	t.Run("tls", func(t *testing.T) {
		got := ""
		to, wait := hear(t, func(c net.Conn) {
			s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{pair(t)}})
			b, _ := io.ReadAll(s)
			got = string(b)
		})
		if _, err := Send(t.Context(), TLS, to, line); err != nil {
			t.Fatal(err)
		}
		if wait(); !strings.HasSuffix(got, " "+string(line)) || !strings.HasPrefix(got, "1") {
			t.Errorf("%q", got)
		}
	})
	t.Run("relp", func(t *testing.T) {
		var got []string
		to, wait := hear(t, func(c net.Conn) {
			r := bufio.NewReader(c)
			for _, answer := range []string{"1 rsp 21 200 OK\nrelp_version=0\n", "2 rsp 6 200 OK\n"} {
				frame, err := r.ReadString('\n')
				for strings.HasPrefix(frame, "1 open") && err == nil && strings.Count(frame, "\n") < 3 {
					more := ""
					more, err = r.ReadString('\n')
					frame += more
				}
				got = append(got, frame)
				if _, err := io.WriteString(c, answer); err != nil {
					return
				}
			}
			last, _ := r.ReadString('\n')
			got = append(got, last)
		})
		if _, err := Send(t.Context(), RELP, to, line); err != nil {
			t.Fatal(err)
		}
		if wait(); len(got) != 3 || !strings.HasPrefix(got[0], "1 open ") || !strings.HasSuffix(got[1], " "+string(line)+"\n") || !strings.HasPrefix(got[1], "2 syslog 1") || got[2] != "3 close 0\n" {
			t.Errorf("%q", got)
		}
	})
}

// pair makes a certificate for a listener.
func pair(t *testing.T) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Error(err)
		return tls.Certificate{}
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Error(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestSend_Failure(t *testing.T) {
	line := Line("K3V4Q2MB7XWZ5TPLC6YHNJDRAE", "log-1", at)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if _, err := Send(t.Context(), TCP, closed.Addr().String(), line); err == nil || !strings.Contains(err.Error(), "connecting to the front door") {
		t.Errorf("nobody listens: %v", err)
	}
	for _, tc := range []struct{ name, via, says, want string }{
		{"no TLS", TLS, "hello\n", "sending a canary by tls"},
		{"no RELP", RELP, "HTTP/1.1 400 Bad Request\r\n\r\n", "none of RELP"},
		{"a length that cannot be", RELP, "1 rsp 99999999 200 OK", "none of RELP"},
		{"a word without end", RELP, strings.Repeat("x", 300) + " ", "none of RELP"},
		{"refused", RELP, "1 rsp 11 500 go away\n", "500 go away"},
		{"gone", RELP, "", "answer to open"},
		{"no transport", "pigeon", "", "no transport pigeon"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			to, _ := hear(t, func(c net.Conn) {
				if tc.says != "" {
					_, _ = io.WriteString(c, tc.says) // who has heard enough hangs up
					_, _ = io.ReadAll(c)
				}
			})
			if _, err := Send(t.Context(), tc.via, to, line); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Send(ctx, TCP, "127.0.0.1:1", line); err == nil {
		t.Error("sent after the end")
	}
}

// FuzzAnswered: whatever a listener answers, it is an answer of RELP to this frame, or an error, and never more is read than
// an answer may have.
func FuzzAnswered(f *testing.F) {
	for _, s := range []string{"1 rsp 6 200 OK\n", "1 rsp 21 200 OK\nrelp_version=0\n", "1 rsp 11 500 go away\n", "\n1 rsp 6 200 OK", "HTTP/1.1 400", "1 rsp -1 x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := bufio.NewReader(strings.NewReader(s))
		if answered(r, 1) == nil && !strings.HasPrefix(strings.TrimLeft(s, "\n"), "1 rsp ") {
			t.Errorf("%q is taken", s)
		}
	})
}

func TestReach(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:5514": "127.0.0.1:5514", "0.0.0.0:514": "127.0.0.1:514", "[::]:514": "[::1]:514", "192.0.2.1:514": "192.0.2.1:514", "log.example.net:514": "log.example.net:514",
	} {
		if got := Reach(listen); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
}
