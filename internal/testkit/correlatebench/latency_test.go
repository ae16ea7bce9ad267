package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestLatency_at(t *testing.T) {
	var l latency
	if l.at(99) != 0 {
		t.Error("nothing took some time")
	}
	for i := range 200 {
		l.list = append(l.list, time.Duration(i+1))
	}
	for percent, want := range map[int]time.Duration{50: 100, 99: 198, 100: 200, 0: 1} {
		if got := l.at(percent); got != want {
			t.Errorf("percentile %d is %d, want %d", percent, got, want)
		}
	}
}

func TestHook(t *testing.T) {
	h := &hook{seen: map[string]time.Time{}}
	post := func(body string) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
		return w.Code
	}
	if post(`{"alerts":[{"rule":"latency","group":{"source.ip":"198.18.0.1"}},{"rule":"other","group":{"source.ip":"198.18.0.2"}}]}`) != 200 || len(h.seen) != 1 {
		t.Errorf("%v", h.seen)
	}
	first := h.seen["198.18.0.1"]
	if post(`{"alerts":[{"rule":"latency","group":{"source.ip":"198.18.0.1"}}]}`); h.seen["198.18.0.1"] != first {
		t.Error("the second message counts")
	}
	if post(`no`) != 400 {
		t.Error("what is no JSON is taken")
	}
}

func TestSendLoad(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan int)
	go func() {
		n := 0
		defer func() { got <- n }()
		conn, err := l.Accept()
		if err != nil {
			return
		}
		buf := make([]byte, 1<<16)
		for {
			k, err := conn.Read(buf)
			n += strings.Count(string(buf[:k]), "Failed password")
			if err != nil {
				return
			}
		}
	}()
	sent, rate, err := sendLoad(t.Context(), l.Addr().String(), 300*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if n := <-got; len(sent) == 0 || n < 2*len(sent) || rate <= 0 { // a text may lie astride two reads
		t.Errorf("%d failures of %d addresses, %.0f events/s", n, len(sent), rate)
	}
	_ = l.Close()
}
