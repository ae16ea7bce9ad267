package main

import (
	"fmt"
	"io"
	"time"
)

// printSpeeds prints signals a second.
func printSpeeds(out io.Writer, list []speed) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%-26s %16s %16s %8s %9s\n", "kind", "signals/s", "from bytes", "ns", "bytes")
	for _, s := range list {
		fmt.Fprintf(out, "%-26s %16.0f %16.0f %8.0f %9d\n", s.Name, s.Decoded, s.Encoded, 1e9/s.Encoded, s.Bytes)
	}
	fmt.Fprintln(out, "of one second of CPU; signals/s: what the engine takes; from bytes: with the reading of the record; ns: of one signal, read and taken; bytes: of a record")
}

// printState prints what a million groups cost.
func printState(out io.Writer, s state) {
	const mb = 1e6
	fmt.Fprintf(out, "\n%d live groups, one core\n", s.Groups)
	fmt.Fprintf(out, "  heap                     %8.0f MB   %.0f bytes a group\n", float64(s.Heap)/mb, float64(s.Heap)/float64(s.Groups))
	fmt.Fprintf(out, "  resident                 %8.0f MB\n", float64(s.RSS)/mb)
	fmt.Fprintf(out, "  snapshot                 %8.0f MB   written in %s beside the stream\n", float64(s.Size)/mb, s.Saved.Round(time.Millisecond))
	fmt.Fprintf(out, "  longest hold             %8.1f ms   of %d signals, over %d batches while it was written; %.1f ms while none was\n",
		float64(s.Held)/1e6, sending, s.Batches, float64(s.HeldBefore)/1e6)
	fmt.Fprintf(out, "  restart                  %8.1f s    from its snapshot to the first batch; heap then %.0f MB\n", s.Restart.Seconds(), float64(s.RestartHeap)/mb)
}

// printPeers prints what events cost in each program.
func printPeers(out io.Writer, list []compared) {
	fmt.Fprintf(out, "\n%-24s", "kind, from ECS JSON")
	for _, head := range []string{"events/s", "ns a match"} {
		for _, name := range programs {
			fmt.Fprintf(out, " %12s", name)
		}
		fmt.Fprintf(out, " (%s)", head)
	}
	fmt.Fprintln(out, "  said")
	for _, c := range list {
		fmt.Fprintf(out, "%-24s", c.name)
		for _, d := range c.whole {
			fmt.Fprintf(out, " %12.0f", 1e9/float64(d))
		}
		fmt.Fprintf(out, " %10s", "")
		for _, d := range c.match {
			fmt.Fprintf(out, " %12d", d.Nanoseconds())
		}
		fmt.Fprintf(out, " %12s  %v\n", "", c.alerts)
	}
	fmt.Fprintln(out, "CPU time of whole programs on one core; events/s: each of them matches; ns a match: the match and its correlation, which is")
	fmt.Fprintln(out, "the whole less an event that matches nothing; refs: RSigma keeps which events are behind an alert, as weir does with their")
	fmt.Fprintln(out, "values; said: lines that say a correlation held: weir folds them into alerts, RSigma says each again")
}

// printLatency prints how long alerts took.
func printLatency(out io.Writer, l latency) {
	fmt.Fprintf(out, "\nfrom the socket to the webhook, %.0f events/s for %s: p50 %d ms, p90 %d ms, p99 %d ms, worst %d ms, of %d alerts; %d never came\n",
		l.rate, l.took.Round(time.Second), l.at(50).Milliseconds(), l.at(90).Milliseconds(), l.at(99).Milliseconds(), l.at(100).Milliseconds(), len(l.list), l.missing)
}
