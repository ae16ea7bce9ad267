// Package syslog receives syslog over UDP, TCP, TLS and RELP. It cuts what arrives into records and stamps them with
// time and sender; reading the header is not its business, so no line is ever refused for its header.
//
// # Who runs what
//
// Run owns every goroutine: one for each UDP socket, one for each listener, one (RELP: two) for each connection, and
// one that looks after the kernel's drop counts. No two of them share anything that a slow sender could hold: a sender
// that is slow, silent or hostile costs its own goroutine and its own buffer, and both are bounded. Run returns when
// all of them have ended.
//
// # Memory
//
// Bytes are read into chunks (package arena) and records point into them; nothing is copied between the socket and the
// front door but datagrams, which are packed. A batch keeps its chunks until the front door calls done. A quiet
// connection costs 4 KiB; busy ones grow, together up to a budget. One that sends an endless line costs one record of
// the limit. Back-pressure is Emit that blocks: the goroutine stops reading, the kernel's buffer fills, and TCP stops
// the sender; for UDP the kernel drops, and its count of drops is reported.
//
// # What is counted
//
// Received comes before any limit, Refused for what a limit turned away, so that the ledger balances: received =
// handed over + refused. A connection that is refused counts as one frame received and refused. What the front door
// does not take, it counts itself. Records cut to the limit and wrong octet counts are in Counts, drops in Stats.
//
// # Stop
//
// When the context ends, listeners close first; connections read for another moment what has already been sent, hand
// over what they have, the unfinished last line too; UDP sockets are emptied. Then Run waits for the front door, so
// that RELP senders get their answers. A RELP frame of which a part has come is dropped: its sender has it still.
package syslog
