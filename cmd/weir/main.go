// Command weir receives logs, turns them into ECS, raises alerts by rules, and keeps and finds everything.
package main

import (
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // devices name zones, and small containers have none of their own
)

// main connects the process: signals, streams, exit code. All else is in run, which tests call too.
func main() {
	// A reader that has seen enough (| head) is no fault: writes then fail with EPIPE, which ends the command quietly.
	signal.Ignore(syscall.SIGPIPE)
	// Taken before run, so that no signal falls between the start and the first command.
	ctx, stop := interruptible()
	code := run(ctx, os.Args[1:], process())
	stop()
	os.Exit(code)
}
