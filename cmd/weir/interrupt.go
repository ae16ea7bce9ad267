package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// exitInterrupted is what a shell expects of a program that Ctrl-C ended.
const exitInterrupted = 130

// interruptible returns a context that ends with the first Ctrl-C or SIGTERM: the command then ends in order. A second
// Ctrl-C ends the process at once. stop ends the goroutine that waits for them.
//
// The channel has room for two signals: the handler may be busy with the first while the second comes, and that one
// must not be lost. A second SIGTERM is left alone, because service managers repeat it while they wait. os.Exit in a
// goroutine is the one place outside of main that ends the process; nothing is written there that has to be whole: what
// is on disk is what was synced before.
func interruptible() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	over := make(chan struct{})
	done := make(chan struct{})
	go func() { // ended and waited for by stop
		defer close(done)
		for {
			select {
			case <-over:
				return
			case s := <-signals:
				if ctx.Err() != nil && s == os.Interrupt {
					os.Exit(exitInterrupted)
				}
				cancel()
			}
		}
	}()
	stopped := false
	return ctx, func() {
		if stopped {
			return
		}
		stopped = true
		signal.Stop(signals)
		close(over)
		<-done
		cancel()
	}
}
