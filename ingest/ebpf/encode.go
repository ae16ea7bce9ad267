package ebpf

import (
	"net/netip"
	"strconv"
	"time"

	"weir/bpf"
	"weir/event"
)

// appendConn appends one connection as one JSON object: what travels on the raw topic. Keys are only ever added. What is
// not known is left out; bytes, segments and retransmits are always there.
func appendConn(dst []byte, c *bpf.Conn, p *process, now clock) []byte {
	end, resetBy := ending(c)
	w := writer{dst: append(dst, '{')}
	w.str("end", end)
	w.str("direction", direction(c.Flags))
	w.address("local", c.Local)
	w.address("remote", c.Remote)
	if c.Start != 0 {
		w.time("start", now.wall(c.Start))
	}
	w.time("time", now.wall(c.End))
	w.states(c.Steps())
	w.num("sent", c.Sent)
	w.num("received", c.Received)
	w.num("segments_out", uint64(c.SegsOut))
	w.num("segments_in", uint64(c.SegsIn))
	w.num("retransmits", uint64(c.Retransmits))
	w.num("resent", c.Resent)
	if c.RTT != 0 {
		w.num("rtt_us", uint64(c.RTT))
		w.num("rtt_var_us", uint64(c.RTTVar))
	}
	w.some("rtt_min_us", uint64(c.MinRTT))
	w.str("reset_by", resetBy)
	if w.str("error", errorName(c.Err)); end != endOpen {
		w.some("errno", uint64(c.Err))
	}
	w.owner(&c.Owner, p, c.Flags, now)
	w.some("cookie", c.Cookie)
	w.some("netns", uint64(c.Netns))
	w.some("cgroup", c.Cgroup)
	if c.Flags&bpf.OpenBefore != 0 {
		w.truth("partial")
	}
	return append(w.dst, '}')
}

// direction is the side that began it. The kernel side says one of the two for every connection; nothing is made up here.
func direction(f bpf.Flags) string {
	switch {
	case f&bpf.Inbound != 0:
		return "inbound"
	case f&bpf.Outbound != 0:
		return "outbound"
	}
	return ""
}

// writer appends members of one object. It is written by hand because every connection of the machine goes through it: no
// allocation, and the order of keys is that of a reader.
type writer struct{ dst []byte }

// key begins a member. Keys are ours and need no escape.
func (w *writer) key(k string) {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
	w.dst = append(append(append(w.dst, '"'), k...), '"', ':')
}

// str leaves an empty text out. Names and arguments are chosen by whoever runs a program: they may be any bytes.
func (w *writer) str(k, s string) {
	if s != "" {
		w.key(k)
		w.dst = event.Str(s).AppendJSON(w.dst)
	}
}

// num writes a count, 0 too: no retransmit is worth knowing.
func (w *writer) num(k string, n uint64) {
	w.key(k)
	w.dst = strconv.AppendUint(w.dst, n, 10)
}

// some leaves 0 out.
func (w *writer) some(k string, n uint64) {
	if n != 0 {
		w.num(k, n)
	}
}

// truth writes what is true; what is not is left out.
func (w *writer) truth(k string) {
	w.key(k)
	w.dst = append(w.dst, "true"...)
}

// time writes UTC, as exactly as the kernel measured.
func (w *writer) time(k string, t time.Time) {
	w.key(k)
	w.dst = append(t.AppendFormat(append(w.dst, '"'), time.RFC3339Nano), '"')
}

// address writes one end. A zone, which only means something on this machine, is none of it: the kernel gives none.
func (w *writer) address(k string, a netip.AddrPort) {
	w.key(k)
	w.dst = append(a.Addr().AppendTo(append(w.dst, `{"ip":"`...)), `","port":`...)
	w.dst = append(strconv.AppendUint(w.dst, uint64(a.Port()), 10), '}')
}

// states writes pairs of a state and its microseconds, in order.
func (w *writer) states(steps []bpf.Step) {
	if len(steps) == 0 {
		return
	}
	w.key("states")
	w.dst = append(w.dst, '[')
	for i, s := range steps {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.dst = append(append(append(w.dst, `["`...), s.State.String()...), `",`...)
		w.dst = append(strconv.AppendInt(w.dst, s.Spent.Microseconds(), 10), ']')
	}
	w.dst = append(w.dst, ']')
}

// owner writes the process. One that only listened is marked: who answered was not seen.
func (w *writer) owner(o *bpf.Owner, p *process, f bpf.Flags, now clock) {
	if o.PID == 0 {
		return
	}
	w.num("pid", uint64(o.PID))
	w.num("tid", uint64(o.TID))
	w.some("ppid", uint64(o.PPID))
	w.num("uid", uint64(o.UID))
	w.str("comm", o.Comm)
	if o.Start != 0 {
		w.time("process_start", now.wall(o.Start))
	}
	if f&bpf.Owned == 0 {
		w.truth("listener")
	}
	if p == nil {
		return
	}
	w.str("exe", p.exe)
	if len(p.args) > 0 {
		w.key("args")
		w.dst = append(w.dst, '[')
		for i, a := range p.args {
			if i > 0 {
				w.dst = append(w.dst, ',')
			}
			w.dst = event.Str(a).AppendJSON(w.dst)
		}
		w.dst = append(w.dst, ']')
	}
	w.str("container", p.container)
}
