package syslog

import (
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/internal/record"
)

// TestHostileClients lets each hostile client do its worst while a healthy one sends beside it. The healthy one loses
// nothing, and what the hostile one sent is kept as far as it can be.
func TestHostileClients(t *testing.T) {
	garbage := make([]byte, 300<<10)
	rnd := rand.NewChaCha8([32]byte{1})
	_, _ = rnd.Read(garbage)
	for _, tt := range []struct {
		name  string
		proto string
		do    func(t *testing.T, c net.Conn)
		check func(t *testing.T, r *running, theirs []string)
	}{
		{"byte by byte", "tcp", func(t *testing.T, c net.Conn) {
			for _, b := range []byte("<13>slow") {
				write(t, c, string(b))
				time.Sleep(5 * time.Millisecond)
			}
			write(t, c, "\n")
		}, func(t *testing.T, _ *running, theirs []string) {
			if !slices.Equal(theirs, []string{"<13>slow"}) {
				t.Errorf("%q", theirs)
			}
		}},
		{"endless line", "tcp", func(t *testing.T, c net.Conn) {
			for range 100 {
				write(t, c, strings.Repeat("x", 64<<10))
			}
		}, func(t *testing.T, r *running, theirs []string) {
			if len(theirs) != 1 || len(theirs[0]) != 64<<10 {
				t.Errorf("%d records", len(theirs))
			}
			if c := r.Counts(); c.Truncated != 1 || c.Skipped != 99*64<<10 {
				t.Errorf("%+v", c)
			}
		}},
		{"10 MB line and a good one", "tcp", func(t *testing.T, c net.Conn) {
			write(t, c, strings.Repeat("x", 10_000_000)+"\n<13>good\n")
		}, func(t *testing.T, r *running, theirs []string) {
			if len(theirs) != 2 || len(theirs[0]) != 64<<10 || theirs[1] != "<13>good" {
				t.Errorf("%d records", len(theirs))
			}
			if raw := r.door.find(theirs[0]); raw == nil || !slices.Equal(raw.Tags, []string{record.TagTruncated}) {
				t.Error("the long one is not tagged")
			}
		}},
		{"10 MB counted and a good one", "tcp", func(t *testing.T, c net.Conn) {
			write(t, c, "9999999 <13>"+strings.Repeat("x", 9_999_999-4)+"8 <13>good")
		}, func(t *testing.T, _ *running, theirs []string) {
			if len(theirs) != 2 || len(theirs[0]) != 64<<10 || theirs[1] != "<13>good" {
				t.Errorf("%d records", len(theirs))
			}
		}},
		{"wrong octet counts", "tcp", func(t *testing.T, c net.Conn) {
			write(t, c, "500 <13>one\n<13>two\n9 <13>three<13>four\n3 <13>five\n")
		}, func(t *testing.T, r *running, theirs []string) {
			if want := []string{"<13>one", "<13>two", "<13>three", "<13>four", "3 <13>five"}; !slices.Equal(theirs, want) {
				t.Errorf("got %q, want %q", theirs, want)
			}
			if r.Counts().WrongCounts != 1 {
				t.Errorf("%+v", r.Counts())
			}
		}},
		{"garbage", "tcp", func(t *testing.T, c net.Conn) { write(t, c, string(garbage)) }, func(t *testing.T, r *running, theirs []string) {
			n := 0
			for _, v := range theirs {
				n += len(v)
			}
			ends := strings.Count(string(garbage), "\n") + strings.Count(string(garbage), "\x00") + strings.Count(string(garbage), "\r\n")
			if n < len(garbage)-ends-64 {
				t.Errorf("%d of %d bytes", n, len(garbage))
			}
		}},
		{"garbage to TLS", "tls", func(t *testing.T, c net.Conn) { _, _ = c.Write(garbage) }, nil},
		{"half-open TLS", "tls", func(t *testing.T, c net.Conn) { write(t, c, "\x16\x03\x01") }, nil},
		{"silent TLS", "tls", func(t *testing.T, c net.Conn) {}, nil},
		{"garbage to RELP", "relp", func(t *testing.T, c net.Conn) { _, _ = c.Write(garbage) }, func(t *testing.T, r *running, _ []string) {
			eventually(t, "the session is counted", func() bool { return r.Counts().Malformed == 1 })
		}},
		{"NUL bytes", "tcp", func(t *testing.T, c net.Conn) {
			write(t, c, strings.Repeat("\x00", 100_000)+"<13>a\x00b\n")
		}, func(t *testing.T, r *running, theirs []string) {
			if !slices.Equal(theirs, []string{"<13>a", "b"}) || r.Counts().Empty != 100_000 {
				t.Errorf("%q, %+v", theirs, r.Counts())
			}
		}},
		{"not UTF-8", "tcp", func(t *testing.T, c net.Conn) { write(t, c, "<13>\xff\xfe \xe9\n") }, func(t *testing.T, _ *running, theirs []string) {
			if !slices.Equal(theirs, []string{"<13>\xff\xfe \xe9"}) {
				t.Errorf("%q", theirs)
			}
		}},
		{"hangs up in the middle", "tcp", func(t *testing.T, c net.Conn) {
			write(t, c, "<13>a\n<13>b")
		}, func(t *testing.T, _ *running, theirs []string) {
			if !slices.Equal(theirs, []string{"<13>a", "<13>b"}) {
				t.Errorf("%q", theirs)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, local(), func(s *Source) { s.times = times{200 * time.Millisecond, 100 * time.Millisecond} })
			const healthy = 2000
			var wg sync.WaitGroup
			good, bad := r.dial(t, "tcp"), r.dial(t, tt.proto)
			wg.Go(func() {
				for i := range healthy {
					fmt.Fprintf(good, "<14>healthy %d\n", i)
				}
			})
			tt.do(t, bad)
			if strings.Contains(tt.name, "TLS") {
				eventually(t, "the half-open connection is given up", func() bool { return r.Counts().Handshakes == 1 })
			}
			bad.Close()
			wg.Wait()
			good.Close()
			eventually(t, "both connections have ended", func() bool { c := r.Counts(); return c.Accepted == 2 && c.Connections == 0 })
			r.door.wg.Wait()
			var theirs []string
			next := map[int]bool{}
			for _, v := range r.door.values("") {
				var n int
				if _, err := fmt.Sscanf(v, "<14>healthy %d", &n); err == nil {
					next[n] = true
				} else {
					theirs = append(theirs, v)
				}
			}
			if len(next) != healthy {
				t.Errorf("%d of %d healthy records", len(next), healthy)
			}
			if tt.check != nil {
				tt.check(t, r, theirs)
			}
		})
	}
}

func TestWrongCount_DoesNotWaitForEver(t *testing.T) {
	r := start(t, local(), func(s *Source) { s.times.settle = 50 * time.Millisecond })
	c := r.dial(t, "tcp")
	write(t, c, "5000 <13>one\n<13>two\n<13>three")
	r.wantValues(t, "tcp", "<13>one", "<13>two") // the connection stays open
	write(t, c, " end\n")
	r.wantValues(t, "tcp", "<13>one", "<13>two", "<13>three end")
}

func TestIdle_Closes(t *testing.T) {
	cfg := local()
	cfg.IdleTimeout = unit.Duration(100 * time.Millisecond)
	r := start(t, cfg)
	for _, proto := range []string{"tcp", "relp"} {
		c := r.dial(t, proto)
		if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := c.Read(make([]byte, 100)); err != nil {
				if isTimeout(err) {
					t.Errorf("%s: an idle connection is still open", proto)
				}
				break
			}
		}
	}
	eventually(t, "both are gone", func() bool { return r.Counts().Connections == 0 })
}

func TestPressure_SlowsOneSenderAndNotOthers(t *testing.T) {
	r := start(t, local())
	block := make(chan struct{})
	r.door.set(func(d *frontDoor) { d.block = block })
	c := r.dial(t, "tcp")
	if err := c.SetWriteDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := []byte(strings.Repeat("<13>filler ", 1000) + "\n"); ; n++ {
		if _, err := c.Write(line); err != nil {
			break // the kernel's buffers are full: nothing more is read
		}
		if n > 10_000 {
			t.Fatal("110 MB went somewhere")
		}
	}
	if out := r.pool.Large(); out > 1<<20 {
		t.Errorf("%d bytes for one connection", out)
	}
	close(block)
	eventually(t, "all whole lines came", func() bool { return len(r.door.values("tcp")) >= n })
}

func TestTLS_ClientCertificate(t *testing.T) {
	ca := newCA(t)
	cfg := local()
	cfg.TLS.ClientCA = ca.file
	r := start(t, cfg)
	good := tls.Client(r.dial(t, "tls"), &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{ca.issue(t, "fw-1.example.net")}})
	write(t, good, "<13>known\n")
	r.wantValues(t, "tls", "<13>known")
	if raw := r.door.find("<13>known"); raw.TLSName != "fw-1.example.net" {
		t.Errorf("name %q", raw.TLSName)
	}
	for name, certs := range map[string][]tls.Certificate{"none": nil, "of another CA": {newCA(t).issue(t, "fw-2")}} {
		c := tls.Client(r.dial(t, "tls"), &tls.Config{InsecureSkipVerify: true, Certificates: certs})
		_, err := c.Write([]byte("<13>stranger\n"))
		if err == nil { // TLS 1.3: the client hears of it with its first read
			_, err = c.Read(make([]byte, 1))
		}
		if err == nil || isTimeout(err) {
			t.Errorf("certificate %s: %v", name, err)
		}
	}
	eventually(t, "both are counted", func() bool { return r.Counts().Handshakes == 2 })
	if r.door.find("<13>stranger") != nil {
		t.Error("a stranger's record was taken")
	}
}

func TestRate_PerSource(t *testing.T) {
	cfg := local()
	cfg.Limit = 10
	r := start(t, cfg)
	c := r.dial(t, "tcp")
	write(t, c, strings.Repeat("<13>x\n", 500))
	c.Close()
	read := func() int { return r.counts.get(func(c *counts) int { return c.received["syslog/127.0.0.1"] }) }
	eventually(t, "all are read", func() bool { return read() == 500 && r.Counts().Connections == 0 })
	r.door.wg.Wait()
	refused := r.counts.get(func(c *counts) int { return c.refused["syslog/127.0.0.1 rate"] })
	if kept := len(r.door.values("tcp")); kept+refused != 500 || kept < 10 || kept > 100 {
		t.Errorf("%d kept, %d refused", kept, refused)
	}
	other, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).Dial("tcp", r.addr("tcp"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	write(t, other, "<13>other\n")
	eventually(t, "another source is not limited by the first", func() bool { return r.door.find("<13>other") != nil })
}
