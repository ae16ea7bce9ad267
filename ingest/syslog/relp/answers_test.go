package relp

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
)

func replies(txns ...uint32) []Reply {
	out := make([]Reply, len(txns))
	for i, t := range txns {
		out[i] = Reply{t, OK}
	}
	return out
}

func TestAnswers_InOrder(t *testing.T) {
	a := NewAnswers(10)
	var out bytes.Buffer
	var wg sync.WaitGroup
	var err error
	wg.Go(func() { err = a.Write(&out) })
	g1, g2, g3 := a.Add(replies(1, 2)), a.Add(replies(3)), a.Add([]Reply{{4, OK}, {5, Refused}, {6, ""}})
	if a.Room() != 4 || a.Open() != 6 {
		t.Errorf("room %d, open %d", a.Room(), a.Open())
	}
	g3.Done(errors.New("disk full"))
	g2.Done(nil)
	if a.Open() != 6 {
		t.Error("an answer overtook one that was due before it")
	}
	a.Finish()
	g1.Done(nil)
	wg.Wait()
	refused := AppendReply(nil, Reply{4, Refused})
	want := "1 rsp 6 200 OK\n2 rsp 6 200 OK\n3 rsp 6 200 OK\n" + string(refused) + strings.Replace(string(refused), "4", "5", 1) + "6 rsp 0\n"
	if out.String() != want || err != nil {
		t.Errorf("%v\n got %q\nwant %q", err, out.String(), want)
	}
	if a.Room() != 10 || a.Broken() {
		t.Errorf("room %d, broken %v", a.Room(), a.Broken())
	}
}

func TestAnswers_FreesRoom(t *testing.T) {
	a := NewAnswers(1)
	r, w := io.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() { _ = a.Write(w) })
	defer wg.Wait()
	defer a.Finish()
	g := a.Add(replies(1))
	if a.Room() != 0 {
		t.Errorf("room %d", a.Room())
	}
	g.Done(nil)
	select {
	case <-a.Freed():
		t.Error("room was given before the answer was out")
	default:
	}
	if _, err := io.ReadFull(r, make([]byte, len("1 rsp 6 200 OK\n"))); err != nil {
		t.Fatal(err)
	}
	<-a.Freed()
	if a.Room() != 1 {
		t.Errorf("room %d after the answer", a.Room())
	}
}

func TestAnswers_Broken(t *testing.T) {
	t.Run("by the writer", func(t *testing.T) {
		a := NewAnswers(5)
		r, w := io.Pipe()
		r.Close()
		a.Add(replies(1)).Done(nil)
		a.Add(replies(2))
		if err := a.Write(w); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%v", err)
		}
		<-a.Freed()
		if !a.Broken() {
			t.Error("not broken")
		}
	})
	t.Run("by the caller", func(t *testing.T) {
		a := NewAnswers(5)
		late := a.Add(replies(1))
		a.Break()
		var out bytes.Buffer
		if err := a.Write(&out); err != nil || out.Len() > 0 {
			t.Errorf("%v, %q", err, out.String())
		}
		late.Done(nil) // the front door does not know
	})
}

func TestOpenReply(t *testing.T) {
	for _, tt := range []struct{ name, offers, version string }{
		{"librelp", "relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog", "0"},
		{"version 1", "relp_version=1\r\ncommands=syslog", "1"},
		{"a later version", "relp_version=7", "1"},
		{"nothing offered", "", "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := OpenReply([]byte(tt.offers), "weir")
			if want := "200 OK\nrelp_version=" + tt.version + "\nrelp_software=weir\ncommands=syslog"; !ok || got != want {
				t.Errorf("%v %q, want %q", ok, got, want)
			}
		})
	}
	if got, ok := OpenReply([]byte("relp_version=x"), "weir"); ok || !strings.HasPrefix(got, "500 ") {
		t.Errorf("%v %q", ok, got)
	}
}

func BenchmarkAnswers(b *testing.B) {
	a := NewAnswers(1024)
	r := replies(1, 2, 3, 4, 5, 6, 7, 8)
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		a.Add(r).Done(nil)
		var n int
		out, n, _ = a.collect(out[:0])
		a.answered(n)
	}
}
