package syslog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/record"
	"weir/internal/testkit"
	"weir/internal/testkit/relpclient"
)

// talk writes frames on a session and returns the answers as text, all that come until the server closes or has
// answered n times.
func talk(t *testing.T, r *running, n int, frames ...string) (answers []string) {
	t.Helper()
	c := r.dial(t, "relp")
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	write(t, c, strings.Join(frames, ""))
	return listen(t, bufio.NewReader(c), n)
}

func listen(t *testing.T, in *bufio.Reader, n int) (answers []string) {
	t.Helper()
	for len(answers) < n {
		var txn, size int
		var command string
		if _, err := fmt.Fscanf(in, "%d %s %d", &txn, &command, &size); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Logf("reading an answer: %v", err)
			}
			return answers
		}
		data := make([]byte, size)
		_, err := in.ReadByte() // a blank, or the line end where there is no data
		if size > 0 {
			_, err2 := io.ReadFull(in, data)
			_, err3 := in.ReadByte()
			err = errors.Join(err, err2, err3)
		}
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, strings.TrimRight(fmt.Sprintf("%d %s %.6s", txn, command, data), " "))
	}
	return answers
}

const openFrame = "1 open 30 relp_version=0\ncommands=syslog\n"

func frameOf(txn int, data string) string {
	return fmt.Sprintf("%d syslog %d %s\n", txn, len(data), data)
}

func TestRELP_Session(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for _, tt := range []struct {
		name    string
		frames  []string
		answers []string
		values  []string
		log     string
	}{
		{"open, two, close", []string{openFrame, frameOf(2, "<13>a"), frameOf(3, "<13>b\n"), "4 close 0\n"},
			[]string{"1 rsp 200 OK", "2 rsp 200 OK", "3 rsp 200 OK", "4 rsp", "0 serverclose"}, []string{"<13>a", "<13>b"}, ""},
		{"line ends inside stay", []string{openFrame, frameOf(2, "<13>a\nb"), "3 close 0\n"}, []string{"1 rsp 200 OK", "2 rsp 200 OK", "3 rsp", "0 serverclose"}, []string{"<13>a\nb"}, ""},
		{"empty", []string{openFrame, "2 syslog 0\n", frameOf(3, "<13>a"), "4 close 0\n"}, []string{"1 rsp 200 OK", "2 rsp 200 OK", "3 rsp 200 OK", "4 rsp", "0 serverclose"}, []string{"<13>a"}, ""},
		{"too long: kept to the limit", []string{openFrame, frameOf(2, long), frameOf(3, "<13>a"), "4 close 0\n"},
			[]string{"1 rsp 200 OK", "2 rsp 200 OK", "3 rsp 200 OK", "4 rsp", "0 serverclose"}, []string{long[:64<<10], "<13>a"}, ""},
		{"unknown command", []string{openFrame, "2 starttls 0\n", frameOf(3, "<13>a"), "4 close 0\n"},
			[]string{"1 rsp 200 OK", "2 rsp 500 co", "3 rsp 200 OK", "4 rsp", "0 serverclose"}, []string{"<13>a"}, ""},
		{"before open", []string{frameOf(1, "<13>a")}, []string{"1 rsp 500 op", "0 serverclose"}, nil, "before the session is open"},
		{"offers that are none", []string{"1 open 14 relp_version=x\n"}, []string{"1 rsp 500 re", "0 serverclose"}, nil, "offers of open cannot be read"},
		{"malformed after a good one", []string{openFrame, frameOf(2, "<13>a"), "3 syslog 2 abc\n"}, []string{"1 rsp 200 OK", "2 rsp 200 OK", "0 serverclose"}, []string{"<13>a"}, "does not end with a line feed"},
		{"a syslog line", []string{"<13>hello\n"}, []string{"0 serverclose"}, nil, "does not begin with a transaction number"},
		{"transactions begin again", []string{openFrame, frameOf(999999999, "<13>a"), frameOf(1, "<13>b"), "2 close 0\n"},
			[]string{"1 rsp 200 OK", "999999999 rsp 200 OK", "1 rsp 200 OK", "2 rsp", "0 serverclose"}, []string{"<13>a", "<13>b"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, local())
			if got := talk(t, r, len(tt.answers)+1, tt.frames...); !slices.Equal(got, tt.answers) {
				t.Errorf("answers\n got %q\nwant %q", got, tt.answers)
			}
			if got := r.door.values("relp"); !slices.Equal(got, tt.values) {
				t.Errorf("%d records, want %d", len(got), len(tt.values))
			}
			if !strings.Contains(r.log.String(), tt.log) {
				t.Errorf("log: %s", r.log)
			}
			if raw := r.door.find(long[:64<<10]); raw != nil && !slices.Equal(raw.Tags, []string{record.TagTruncated}) {
				t.Errorf("tags %q", raw.Tags)
			}
		})
	}
}

func TestRELP_MalformedIsLoggedOncePerPeer(t *testing.T) {
	r := start(t, local())
	for range 5 {
		talk(t, r, 2, "garbage\n")
	}
	if n := strings.Count(r.log.String(), "cannot be read"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, r.log)
	}
	if n := r.Counts().Malformed; n != 5 {
		t.Errorf("counted %d times", n)
	}
}

func TestRELP_AnswersOnlyWhatIsDone(t *testing.T) {
	r := start(t, local())
	r.door.set(func(d *frontDoor) { d.hold = true })
	c := r.dial(t, "relp")
	in := bufio.NewReader(c)
	write(t, c, openFrame)
	if got := listen(t, in, 1); !slices.Equal(got, []string{"1 rsp 200 OK"}) {
		t.Fatalf("%q", got)
	}
	write(t, c, frameOf(2, "<13>a"))
	eventually(t, "the record is at the front door", func() bool { r.door.mu.Lock(); defer r.door.mu.Unlock(); return len(r.door.held) == 1 })
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Peek(1); !isTimeout(err) {
		t.Fatalf("answered before it was durable: %v", err)
	}
	r.door.release()
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := listen(t, in, 1); !slices.Equal(got, []string{"2 rsp 200 OK"}) {
		t.Errorf("%q", got)
	}
}

func TestRELP_RefusedAtTheFrontDoor(t *testing.T) {
	for name, change := range map[string]func(d *frontDoor){
		"not taken": func(d *frontDoor) { d.refuse = errors.New("full") }, "refused after all": func(d *frontDoor) { d.fail = errors.New("full") },
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, local())
			r.door.set(change)
			if got, want := talk(t, r, 5, openFrame, frameOf(2, "<13>a"), "3 close 0\n"), []string{"1 rsp 200 OK", "2 rsp 500 re", "3 rsp", "0 serverclose"}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestRELP_Rate(t *testing.T) {
	cfg := local()
	cfg.Limit = 0.001 // a first one, and for a long time none
	r := start(t, cfg)
	got := talk(t, r, 6, openFrame, frameOf(2, "<13>a"), frameOf(3, "<13>b"), frameOf(4, "<13>c"), "5 close 0\n")
	if want := []string{"1 rsp 200 OK", "2 rsp 200 OK", "3 rsp 500 re", "4 rsp 500 re", "5 rsp", "0 serverclose"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := r.counts.get(func(c *counts) int { return c.refused["syslog/127.0.0.1 rate"] }); n != 2 {
		t.Errorf("%d refused", n)
	}
}

func TestRELP_WindowStopsReading(t *testing.T) {
	cfg := local()
	cfg.RELP.Window = 7
	r := start(t, cfg)
	r.door.set(func(d *frontDoor) { d.hold = true })
	c, err := relpclient.Dial(t.Context(), r.addr("relp"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		if err := c.Send(t.Context(), i, fmt.Appendf(nil, "<13>number %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	held := func() int { return r.counts.get(func(c *counts) int { return c.received["syslog/127.0.0.1"] }) }
	eventually(t, "the window is full", func() bool { return held() == 7 })
	time.Sleep(30 * time.Millisecond)
	if n := held(); n != 7 {
		t.Errorf("%d frames were taken with a window of 7", n)
	}
	r.door.release()
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	rep := c.Report()
	if got := r.door.values("relp"); len(got) != 500 || rep.Acked != 500 || rep.Resent != 0 {
		t.Errorf("%d records, %+v", len(got), rep.Acked)
	}
}

func TestRELP_SenderGone(t *testing.T) {
	r := start(t, local())
	r.door.set(func(d *frontDoor) { d.hold = true })
	c := r.dial(t, "relp")
	write(t, c, openFrame+frameOf(2, "<13>a"))
	eventually(t, "the record is at the front door", func() bool { r.door.mu.Lock(); defer r.door.mu.Unlock(); return len(r.door.held) == 1 })
	c.Close()
	time.Sleep(10 * time.Millisecond)
	r.door.release()
	eventually(t, "the session ends", func() bool { return r.Counts().Connections == 0 })
	r.wantValues(t, "relp", "<13>a")
}

// TestRELP_Restarts stops and starts the source under a sender: every acknowledged message was stored, with no more
// copies than frames were re-sent.
func TestRELP_Restarts(t *testing.T) {
	cfg := local()
	slow := func() *running {
		r := start(t, cfg)
		r.door.set(func(d *frontDoor) { d.delay = 100 * time.Microsecond }) // so that there is something to interrupt
		return r
	}
	cfg.RELP.Listen = testkit.FreePort(t)
	r := slow()
	c, err := relpclient.Dial(t.Context(), cfg.RELP.Listen, 100)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	sent, enough := make(chan error, 1), make(chan struct{})
	go func() {
		for ; ; n++ {
			select {
			case <-enough:
				sent <- c.Close(t.Context())
				return
			default:
			}
			if err := c.Send(t.Context(), n, fmt.Appendf(nil, "<13>%d", n)); err != nil {
				sent <- err
				return
			}
		}
	}()
	copies := map[string]int{}
	collect := func() {
		for _, v := range r.door.values("relp") {
			copies[v]++
		}
	}
	for range 3 {
		eventually(t, "some came", func() bool { return len(r.door.values("relp")) > 300 })
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		collect()
		r = slow()
	}
	close(enough)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	collect()
	rep := c.Report()
	for i := range n {
		got := copies[fmt.Sprintf("<13>%d", i)]
		if m := rep.Messages[i]; !m.Acked || got < 1 || got > m.Frames {
			t.Fatalf("message %d: %+v, stored %d times", i, m, got)
		}
	}
	t.Logf("%d frames, %d re-sent, %d reconnects", rep.Sent, rep.Resent, rep.Reconnects)
	if rep.Reconnects < 3 {
		t.Errorf("the sender was interrupted %d times", rep.Reconnects)
	}
}
