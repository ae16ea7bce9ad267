package ebpf

import (
	"syscall"
	"testing"

	"weir/bpf"
)

// connOf makes a connection that went through states.
func connOf(flags bpf.Flags, errno syscall.Errno, states ...bpf.State) *bpf.Conn {
	c := &bpf.Conn{Flags: flags, Err: uint32(errno)}
	steps := make([]bpf.Step, len(states))
	for i, s := range states {
		steps[i] = bpf.Step{State: s}
	}
	c.Set(steps...)
	return c
}

func TestEnding(t *testing.T) {
	const established, finWait1, closeWait = bpf.State(1), bpf.State(4), bpf.State(8)
	for _, tc := range []struct {
		name     string
		conn     *bpf.Conn
		end, who string
	}{
		{"this end closed first", connOf(bpf.FINReceived, 0, bpf.SynSent, established, finWait1, bpf.FinWait2), endClosed, ""},
		{"the other end closed first", connOf(bpf.FINReceived, 0, bpf.SynRecv, established, closeWait, bpf.LastAck), endClosed, ""},
		{"both at once", connOf(bpf.FINReceived, 0, bpf.SynSent, established, finWait1, bpf.Closing), endClosed, ""},
		{"still open", connOf(bpf.StillOpen, 0, established), endOpen, ""},
		{"still open, and an error that passed", connOf(bpf.StillOpen, syscall.EHOSTUNREACH, established), endOpen, ""},
		{"nobody listens", connOf(bpf.ResetReceived, syscall.ECONNREFUSED, bpf.SynSent), endRefused, ""},
		{"no answer", connOf(0, syscall.ETIMEDOUT, bpf.SynSent), endTimedOut, ""},
		{"no answer any more", connOf(bpf.ResetSent, syscall.ETIMEDOUT, bpf.SynSent, established), endTimedOut, ""},
		{"no way", connOf(0, syscall.EHOSTUNREACH, bpf.SynSent), endUnreachable, ""},
		{"no network", connOf(0, syscall.ENETUNREACH, bpf.SynSent), endUnreachable, ""},
		{"gave up", connOf(0, 0, bpf.SynSent), endAbandoned, ""},
		{"reset by the other end", connOf(bpf.ResetReceived, syscall.ECONNRESET, bpf.SynSent, established), endReset, byRemote},
		{"reset while this end still wrote", connOf(bpf.ResetReceived, syscall.EPIPE, bpf.SynSent, established, closeWait), endReset, byRemote},
		{"reset, and the hook for it is missing", connOf(0, syscall.ECONNRESET, bpf.SynSent, established), endReset, byRemote},
		{"reset by this end", connOf(0, 0, bpf.SynSent, established), endReset, byLocal},
		{"reset by this end, with words", connOf(bpf.ResetSent, syscall.ECONNRESET, bpf.SynSent, established), endReset, byLocal},
		{"reset by this end after the other was done", connOf(bpf.FINReceived, 0, bpf.SynRecv, established, closeWait), endReset, byLocal},
		{"never accepted", connOf(0, 0, bpf.SynRecv), endReset, byLocal},
		{"forbidden", connOf(0, syscall.EACCES, bpf.SynSent), endFailed, ""},
		{"nothing was seen", connOf(bpf.OpenBefore, 0), endClosed, ""},
	} {
		if end, who := ending(tc.conn); end != tc.end || who != tc.who {
			t.Errorf("%s: %s by %q, want %s by %q", tc.name, end, who, tc.end, tc.who)
		}
	}
}

func TestErrorName(t *testing.T) {
	for errno, want := range map[syscall.Errno]string{0: "", syscall.ECONNREFUSED: "ECONNREFUSED", syscall.ETIMEDOUT: "ETIMEDOUT", syscall.EPIPE: "EPIPE", syscall.ENOENT: ""} {
		if got := errorName(uint32(errno)); got != want {
			t.Errorf("%d: %q, want %q", errno, got, want)
		}
	}
}
