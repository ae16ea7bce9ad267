package relpclient

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// server is the least that can answer a client. Per connection it answers `answers` messages, the last with `last`,
// then closes without a word.
type server struct {
	ln      net.Listener
	wg      sync.WaitGroup
	mu      sync.Mutex
	got     []string
	closes  int
	answers func(connection int) (n int, last string)
}

func serve(t *testing.T, answers func(connection int) (int, string)) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{ln: ln, answers: answers}
	s.wg.Go(func() {
		for i := 0; ; i++ {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.session(c, i)
		}
	})
	t.Cleanup(func() {
		ln.Close()
		s.wg.Wait()
	})
	return s
}

func (s *server) session(c net.Conn, i int) {
	defer c.Close()
	in := bufio.NewReader(c)
	n, last := s.answers(i)
	for done := 0; done < n; {
		var txn, size int
		var command string
		if _, err := fmt.Fscanf(in, "%d %s %d", &txn, &command, &size); err != nil {
			return
		}
		data := make([]byte, size)
		_, _ = in.ReadByte() // a blank, or the line end where there is no data
		if _, err := io.ReadFull(in, data); err != nil {
			return
		}
		if size > 0 {
			_, _ = in.ReadByte()
		}
		switch command {
		case "syslog":
			s.mu.Lock()
			s.got = append(s.got, string(data))
			s.mu.Unlock()
			done++
		case "close":
			s.mu.Lock()
			s.closes++
			s.mu.Unlock()
			fmt.Fprintf(c, "%d rsp 0\n0 serverclose 0\n", txn)
			return
		}
		answer := "200 OK"
		if command == "open" {
			answer += "\nrelp_version=0\ncommands=syslog"
		} else if done == n && last != "" {
			answer = last
		}
		if command == "syslog" && done == n && last == "" {
			return // taken, and never answered
		}
		fmt.Fprintf(c, "%d rsp %d %s\n", txn, len(answer), answer)
	}
}

func send(t *testing.T, c *Client, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := c.Send(t.Context(), i, []byte("message "+strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAll_Acknowledged(t *testing.T) {
	s := serve(t, func(int) (int, string) { return 1 << 30, "" })
	c, err := Dial(t.Context(), s.ln.Addr().String(), 8)
	if err != nil {
		t.Fatal(err)
	}
	send(t, c, 0, 500)
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := c.Report()
	if r.Sent != 500 || r.Resent != 0 || r.Acked != 500 || r.Refused != 0 || len(r.Messages) != 500 {
		t.Errorf("%+v", r)
	}
	for i, m := range s.got {
		if want := "message " + strconv.Itoa(i); m != want {
			t.Fatalf("message %d is %q", i, m)
		}
	}
	if err := c.Send(t.Context(), 1, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("sending after Close: %v", err)
	}
}

func TestServerLost_ResendsAndCounts(t *testing.T) {
	for _, tt := range []struct {
		name, last string
		refused    bool
	}{{"taken and not answered", "", false}, {"refused", "500 no", true}} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(i int) (int, string) {
				if i < 5 {
					return 20, tt.last
				}
				return 1 << 30, ""
			})
			c, err := Dial(t.Context(), s.ln.Addr().String(), 16)
			if err != nil {
				t.Fatal(err)
			}
			send(t, c, 0, 300)
			if err := c.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			r := c.Report()
			copies := map[string]int{}
			for _, m := range s.got {
				copies[m]++
			}
			extra := 0
			for n, m := range r.Messages {
				got := copies["message "+strconv.Itoa(n)]
				if !m.Acked || got < 1 || got > m.Frames {
					t.Errorf("message %d: %+v, at the server %d times", n, m, got)
				}
				extra += m.Frames - 1
			}
			if r.Acked != 300 || r.Reconnects < 5 || extra != r.Resent || r.Sent != 300+r.Resent || r.Resent < 5 || (r.Refused > 0) != tt.refused {
				t.Errorf("sent %d, resent %d, acked %d, refused %d, reconnects %d; frames beyond the first %d", r.Sent, r.Resent, r.Acked, r.Refused, r.Reconnects, extra)
			}
		})
	}
}

func TestWindow_Blocks(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { // opens the session and answers nothing more
		c, err := silent.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		in := bufio.NewReader(c)
		_, _ = in.ReadString('\n')
		fmt.Fprint(c, "1 rsp 6 200 OK\n")
		_, _ = io.Copy(io.Discard, in)
	})
	c, err := Dial(t.Context(), silent.Addr().String(), 3)
	if err != nil {
		t.Fatal(err)
	}
	send(t, c, 0, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.Send(ctx, 3, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the fourth of a window of three: %v", err)
	}
	if err := c.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "3 acknowledgements") {
		t.Errorf("closing with three unacknowledged: %v", err)
	}
	if r := c.Report(); r.Acked != 0 || r.Sent != 3 {
		t.Errorf("%+v", r)
	}
}

func TestDial_NoServer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if _, err := Dial(t.Context(), ln.Addr().String(), 1); err == nil {
		t.Error("connected to nobody")
	}
	if _, err := Dial(t.Context(), ln.Addr().String(), 0); err == nil {
		t.Error("a window of nothing")
	}
}
