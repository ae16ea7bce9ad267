package chat_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/chat"
)

// TestTogether: messages of many channels at once each end with their own answer, and requests of others pass.
func TestTogether(t *testing.T) {
	other := channeltest.HTTP(t, nil, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/end", http.StatusFound) })
	var wg sync.WaitGroup
	for n := range 8 {
		code := 400 + n
		addr := channeltest.HTTP(t, nil, func(w http.ResponseWriter, r *http.Request) {
			select { // so that all are under way at once
			case <-time.After(50 * time.Millisecond):
			case <-r.Context().Done():
			}
			w.WriteHeader(code)
		})
		ch := start(t, chat.Config{URLs: []unit.Secret{generic(addr)}})
		wg.Go(func() {
			_, err := ch.Send(t.Context(), channeltest.Message())
			if e, ok := errors.AsType[*channel.Error](err); !ok || e.Status != 0 && e.Status != code || !strings.Contains(err.Error(), fmt.Sprint(code)) {
				t.Errorf("%d: %v", code, err)
			}
			// This goroutine is none of a message: its requests are what they always were.
			client := http.Client{Transport: http.DefaultClient.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			res, err := client.Get("http://" + other)
			if err != nil || res.StatusCode != http.StatusFound {
				t.Errorf("another's request: %v, %v", res, err)
				return
			}
			_ = res.Body.Close()
		})
	}
	wg.Wait()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}
