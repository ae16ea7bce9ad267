package page

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// grace is for readers under way when the process stops.
const grace = 2 * time.Second

// Serve answers on ln until ctx ends, then ends the requests under way, and returns nil. Requests have ctx, so that a live
// view ends with the process. An error is one of the listener.
func Serve(ctx context.Context, ln net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	// Serve returns as soon as Shutdown begins, and only the goroutine knows when the last reader is gone.
	gone := make(chan struct{})
	failed := make(chan struct{})
	go func() { // ends with ctx or with the listener; waited for below
		defer close(gone)
		select {
		case <-ctx.Done():
		case <-failed:
		}
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if err := srv.Shutdown(end); err != nil {
			_ = srv.Close() // whoever still reads has had two seconds
		}
	}()
	err := srv.Serve(ln)
	close(failed)
	<-gone
	if ctx.Err() == nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
