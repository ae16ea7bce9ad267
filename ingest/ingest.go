// Package ingest is the contract between the sources and the front door: a source frames and stamps, nothing more.
package ingest

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"

	"weir/internal/record"
)

// ErrRefused means that the front door did not take the batch and counted it as refused: the sender may try again.
var ErrRefused = errors.New("refused")

// Emit hands a batch to the front door. It blocks while too much is in flight, which is how back-pressure reaches the
// sender; it returns an error only when ctx ends or the batch was not taken.
//
// When every record of the batch is durable (in Kafka or in the spool), done(nil) is called once, from another
// goroutine; done(err) when the batch was refused after all. done may be nil for senders that cannot be answered.
// Once Emit has returned nil the batch's memory (the slice, the values, the tags) belongs to the front door until done
// is called, and to nobody after it.
type Emit func(ctx context.Context, batch []record.Raw, done func(error)) error

// Source is one running input. What opens it binds its ports and checks its rights, so that what cannot work is said
// before anything begins; Run then moves records.
type Source interface {
	// Run receives until ctx ends, then closes its sockets, hands over what it has read and returns nil. It returns
	// an error only when it cannot run at all.
	Run(ctx context.Context, emit Emit) error
	// Listening returns the bound addresses, none for a source that fetches.
	Listening() []Listener
	// Close lets go of what opening took, for a source that was opened and never run, too. It may be called again.
	Close()
}

// Listener is one bound address.
type Listener struct {
	Proto string // udp, tcp, tls, relp
	Addr  netip.AddrPort
}

// Options are what every source needs beside its section of the configuration.
type Options struct {
	Log     *slog.Logger
	Counter Counter
	Dir     string // folder of what the source keeps for itself; made by the source when it needs it
	Data    string // the data folder: relative paths of the configuration lie in it
	Config  string // path of the section in the configuration, for errors: inputs.file
}

// Counter takes the counts of one source (record.Raw.Source). The ledger implements it; safe for many goroutines.
type Counter interface {
	// Received counts frames read from the wire and their bytes, before any limit.
	Received(source string, records, bytes int)
	// Refused counts frames that a limit or a full pipeline turned away, with the reason: rate, connections, full.
	// What is refused was received too: a connection that is turned away counts as one of each.
	Refused(source, reason string, records int)
	// KernelDrops counts datagrams that the kernel dropped before the input could read them.
	KernelDrops(input string, records int)
}
