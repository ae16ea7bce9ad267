package ebpf

import (
	"syscall"

	"weir/bpf"
)

// How a connection ended. These words are part of the record.
const (
	endOpen        = "open"        // it did not: a report
	endClosed      = "closed"      // both ends said that they were done, or this one did and nobody objected
	endReset       = "reset"       // one end broke it off
	endRefused     = "refused"     // nobody listens there
	endTimedOut    = "timed_out"   // no answer
	endUnreachable = "unreachable" // a router, or this machine, knows no way
	endAbandoned   = "abandoned"   // this end gave up before there was an answer
	endFailed      = "failed"      // any other error
)

// Who reset it.
const (
	byLocal  = "local"
	byRemote = "remote"
)

// ending tells how a connection ended, and who reset it if somebody did. The kernel enters CLOSE before it sends a reset,
// so one by this end shows only by what did not happen: a connection that was established went to CLOSE without a FIN
// and without an error.
func ending(c *bpf.Conn) (end, resetBy string) {
	if c.Flags&bpf.StillOpen != 0 {
		return endOpen, ""
	}
	last := bpf.State(0)
	if steps := c.Steps(); len(steps) > 0 {
		last = steps[len(steps)-1].State
	}
	if c.Flags&bpf.ResetReceived != 0 && last != bpf.SynSent {
		return endReset, byRemote
	}
	switch syscall.Errno(c.Err) {
	case 0:
	case syscall.ECONNREFUSED:
		return endRefused, ""
	case syscall.ETIMEDOUT:
		return endTimedOut, ""
	case syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN:
		return endUnreachable, ""
	case syscall.ECONNRESET, syscall.EPIPE:
		if c.Flags&bpf.ResetSent != 0 {
			return endReset, byLocal
		}
		return endReset, byRemote
	default:
		return endFailed, ""
	}
	switch last {
	case bpf.SynSent:
		return endAbandoned, ""
	case bpf.FinWait2, bpf.LastAck, bpf.Closing, 0:
		return endClosed, ""
	}
	return endReset, byLocal
}

// errorName is the name of an error of a socket as manuals write it, "" for none and for those that say nothing here.
func errorName(n uint32) string {
	switch syscall.Errno(n) {
	case syscall.ECONNREFUSED:
		return "ECONNREFUSED"
	case syscall.ETIMEDOUT:
		return "ETIMEDOUT"
	case syscall.EHOSTUNREACH:
		return "EHOSTUNREACH"
	case syscall.ENETUNREACH:
		return "ENETUNREACH"
	case syscall.ENETDOWN:
		return "ENETDOWN"
	case syscall.EHOSTDOWN:
		return "EHOSTDOWN"
	case syscall.ECONNRESET:
		return "ECONNRESET"
	case syscall.EPIPE:
		return "EPIPE"
	case syscall.ECONNABORTED:
		return "ECONNABORTED"
	case syscall.EACCES:
		return "EACCES"
	case syscall.EPERM:
		return "EPERM"
	}
	return ""
}
